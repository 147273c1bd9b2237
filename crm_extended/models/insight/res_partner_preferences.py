from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import format_list, formatLang

from ..common.formats import format_day, format_share

# Products and categories that the customer page names.
NAMED = 3


class ResPartner(models.Model):
    """Contacts show what their customer prefers to buy, and what customers like them also
    bought, once they are unfolded."""

    _inherit = "res.partner"

    # -- What customers like them also bought

    def _also_bought_figure(self):
        """The recommended products in one line, for the forms of leads."""
        rows = self._also_bought_rows()
        return (
            {
                "label": self.env._("Customers like this also bought"),
                "text": " · ".join(row["text"] for row in rows),
            }
            if rows
            else None
        )

    def _also_bought_rows(self):
        recommendation = self.env["crm.product.recommendation"]
        return [
            {
                "label": "",
                "text": self.env._(
                    "%(product)s, because they bought %(because)s",
                    product=found.name,
                    because=found.because_name,
                ),
                "res_model": found.product._name,
                "res_id": found.product.id,
            }
            for found in recommendation._recommend(self, self.env.company)
        ]

    # -- What they prefer to buy

    def action_preferences(self):
        """Open what the customer of the contact buys, product by product."""
        self.ensure_one()
        self.check_access("read")
        products = self.env["crm.customer.product"]
        return products._preferences_action(self.commercial_partner_id)

    def action_preference_categories(self):
        """Open the same by category."""
        self.ensure_one()
        self.check_access("read")
        categories = self.env["crm.customer.category"]
        return categories._preferences_action(self.commercial_partner_id)

    def _preferences_rows(self):
        """What they spend most on, what they buy most often, and what they need again."""
        products = self.env["crm.customer.product"]
        mine = [
            ("partner_id", "=", self.commercial_partner_id.id),
            ("company_id", "=", self.env.company.id),
        ]
        best = products.search(mine, order="amount desc, id", limit=NAMED)
        if not best:
            return []
        today = fields.Date.context_today(self)
        often = products.search(
            [*mine, ("purchase_days", ">", 1)],
            order="purchase_days desc, amount desc, id",
            limit=NAMED,
        )
        due = products.search(
            products._due_domain(today) & Domain(mine),
            # Not by when it is due: PostgreSQL would read what is due of all customers.
            order="due_until, id",
            limit=NAMED,
        )
        rows = [
            self._categories_row(mine),
            self._preferences_row(
                self.env._("Highest Revenue"),
                best.filtered("amount"),
                self._with_revenue,
            ),
            self._preferences_row(self.env._("Most Often"), often, self._with_interval),
            self._preferences_row(self.env._("Due Again"), due, self._with_due_date),
        ]
        return [row for row in rows if row]

    def _preferences_row(self, label, products, describe):
        if not products:
            return None
        text = format_list(self.env, [describe(row) for row in products])
        return {"label": label, "text": text, "method": "action_preferences"}

    def _categories_row(self, mine):
        """The categories with the highest revenue, each with its share."""
        categories = self.env["crm.customer.category"].with_context(
            preferences_of=self.commercial_partner_id.id
        )
        found = categories.search_fetch(mine, ["categ_id", "amount"])
        total = sum(row.amount for row in found if row.amount > 0)
        names = [
            self.env._(
                "%(category)s (%(share)s)",
                category=row.categ_id.display_name or self.env._("Without Category"),
                share=format_share(self.env, row.amount / total),
            )
            for row in found[:NAMED]
            if row.amount > 0
        ]
        if not names:
            return None
        return {
            "label": self.env._("Categories"),
            "text": format_list(self.env, names),
            "method": "action_preference_categories",
        }

    def _with_revenue(self, row):
        revenue = formatLang(self.env, row.amount, currency_obj=row.currency_id)
        return f"{row.product_tmpl_id.name} ({revenue})"

    def _with_interval(self, row):
        name = row.product_tmpl_id.name
        if not row.interval_days:
            return self.env._(
                "%(product)s (%(times)s times)", product=name, times=row.purchase_days
            )
        return self.env._(
            "%(product)s (%(times)s times, every %(days)s days)",
            product=name,
            times=row.purchase_days,
            days=f"{row.interval_days:g}",
        )

    def _with_due_date(self, row):
        return self.env._(
            "%(product)s (since %(date)s)",
            product=row.product_tmpl_id.name,
            date=format_day(self.env, row.due_date),
        )
