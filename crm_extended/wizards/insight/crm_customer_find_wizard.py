from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...models.insight.res_partner import CUSTOMERS


class CrmCustomerFindWizard(models.TransientModel):
    """Finds customers by what they bought, and what they never bought."""

    _name = "crm.customer.find.wizard"
    _description = "Find Customers by Products"

    bought_product_ids = fields.Many2many(
        "product.template",
        "crm_customer_find_bought_product_rel",
        string="Bought Products",
    )
    bought_categ_ids = fields.Many2many(
        "product.category",
        "crm_customer_find_bought_categ_rel",
        string="Bought Categories",
        help="With the categories below them.",
    )
    bought_match = fields.Selection(
        [("any", "Any of them"), ("all", "All of them")],
        string="Match",
        required=True,
        default="any",
    )
    since = fields.Date(
        string="Last Bought Since",
        help="Only customers who bought it on this day or later. Empty: ever.",
    )
    never_product_ids = fields.Many2many(
        "product.template",
        "crm_customer_find_never_product_rel",
        string="Never Bought Products",
    )
    never_categ_ids = fields.Many2many(
        "product.category",
        "crm_customer_find_never_categ_rel",
        string="Never Bought Categories",
        help="With the categories below them.",
    )
    is_replenishment_due = fields.Boolean(
        string="Due for Replenishment",
        help="They usually buy a product again by now, and have not done so.",
    )
    bought_last_year_only = fields.Boolean(
        string="Bought Last Year, Not This",
        help="Their last purchase was in the last calendar year.",
    )

    # -- The filter, as a customer list keeps it

    def _get_filter(self) -> Domain:
        """The filter on contacts.

        :raise UserError: where nothing is asked for
        """
        self.ensure_one()
        bought = self._bought_filters()
        match = Domain.AND if self.bought_match == "all" else Domain.OR
        found = [match(bought)] if bought else []
        if self.never_product_ids:
            never = Domain("bought_product_ids", "not in", self.never_product_ids.ids)
            found.append(never)
        if self.never_categ_ids:
            never = Domain("bought_categ_ids", "not in", self.never_categ_ids.ids)
            found.append(never)
        found += [
            Domain(name, "=", True)
            for name in ("is_replenishment_due", "bought_last_year_only")
            if self[name]
        ]
        if not found:
            raise UserError(self.env._("Choose what they bought, or never bought."))
        return Domain.AND(found)

    def _bought_filters(self) -> list[Domain]:
        """What they bought: a filter for all of it, or one for each of them if they must
        have bought each."""
        by_name = {
            "bought_product_ids": self.bought_product_ids.ids,
            "bought_categ_ids": self.bought_categ_ids.ids,
        }
        if self.bought_match == "all":
            found = [(name, [id_]) for name, ids in by_name.items() for id_ in ids]
        else:
            found = [(name, ids) for name, ids in by_name.items() if ids]
        if not self.since:
            return [Domain(name, "in", ids) for name, ids in found]
        since = Domain("last_date", ">=", fields.Date.to_string(self.since))
        ways = {
            "bought_product_ids": ("product_tmpl_id", "in"),
            "bought_categ_ids": ("categ_id", "child_of"),
        }
        # Without a product, whoever bought anything since.
        bought = [Domain(*ways[name], ids) for name, ids in found] or [Domain.TRUE]
        return [Domain("bought_ids", "any", list(each & since)) for each in bought]

    # -- Buttons

    def action_find(self):
        """Open the customers."""
        self.check_access("read")
        return self._open_customers(self._get_filter())

    @api.model
    def _open_customers(self, domain) -> dict:
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended.crm_customer_found_action"
        )
        return {**action, "domain": list(CUSTOMERS & domain)}

    @api.model
    def _action_bought_not(self, domain, bought, other) -> dict:
        """Open the customers who bought one thing and not another: for buttons on pairs.

        :param domain: on contacts
        :param bought: a product, a variant or a category
        :param other: the same
        """
        self.check_access("create")
        names = [
            # Products without their codes.
            item.with_context(display_default_code=False).display_name
            if item._name == "product.product"
            else item.name
            for item in (bought, other)
        ]
        title = self.env._(
            "Bought %(bought)s, Not %(other)s", bought=names[0], other=names[1]
        )
        action = self._open_customers(domain)
        return {**action, "name": title, "display_name": title}
