from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from .transaction_file import columns_of

# Who may take data out of Odoo at all.
MAY_EXPORT = "base.group_allow_export"


class CrmCustomerTransaction(models.Model):
    """Purchases can be taken out for analysis, as their reader may see them."""

    _inherit = "crm.customer.transaction"

    @api.model
    def _get_view_cache_key(self, view_id=None, view_type="form", **options):
        key = super()._get_view_cache_key(view_id, view_type, **options)
        return (*key, self.env.user.has_group(MAY_EXPORT))

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """The button needs the group of exports, too: ``groups`` of a view cannot ask for
        two."""
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type == "list" and not self.env.user.has_group(MAY_EXPORT):
            for button in arch.xpath("//button[@name='action_export_for_analysis']"):
                button.getparent().remove(button)
        return arch, view

    @api.model
    def _check_export(self):
        """
        :raise AccessError: for users who may not export, or not read purchases
        """
        self.check_access("read")
        if not self.env.user.has_group(MAY_EXPORT):
            raise AccessError(self.env._("You are not allowed to export data."))

    def action_export_for_analysis(self):
        """Ask for the kind of file.

        The list gives its rows: those of its search (``active_domain`` in the context), or
        the selected ones, which are ``self``.
        """
        self._check_export()
        wizard = self.env["crm.insight.export.wizard"].create(
            {
                "search_domain": self.env.context.get("active_domain") or [],
                "selected_ids": self.ids,
                "selected_count": len(self),
                "company_list": self.env.companies.ids,
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Export for Analysis"),
            "res_model": wizard._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }

    @api.model
    def _export_query(self, domain: Domain, harmless: bool = True) -> SQL:
        """Purchases as they are exported, a row for each, by customer and day.

        :param domain: of purchases
        :param harmless: for spreadsheets, which take some names for formulas
        :return: a query, with the columns of ``transaction_file.py``
        :raise AccessError: for users who may not export, or not read purchases
        :raise ValueError: if the domain is none
        """
        self._check_export()
        query = self._search(domain)
        table = query.table
        partner = query.left_join(
            table, "partner_id", "res_partner", "id", "export_partner"
        )
        company = query.left_join(
            table, "company_id", "res_company", "id", "export_company"
        )
        currency = query.left_join(
            company, "currency_id", "res_currency", "id", "export_currency"
        )
        values = {
            "customer_id": self._field_to_sql(table, "partner_id", query),
            # The user can see these customers, or would not see their purchases.
            "customer": self.env["res.partner"]._field_to_sql(partner, "name"),
            "currency": self.env["res.currency"]._field_to_sql(currency, "name"),
            "company": self.env["res.company"]._field_to_sql(company, "name"),
        }
        for name in (
            "date",
            "amount",
            "company_id",
            "is_refund",
            "source",
            "purchase_key",
            "posted_date",
            "reference",
        ):
            values[name] = self._field_to_sql(table, name, query)
        query.order = SQL(
            "%s, %s, %s",
            values["customer_id"],
            values["date"],
            SQL.identifier(table, "id"),
        )
        return query.select(*columns_of(values, harmless))
