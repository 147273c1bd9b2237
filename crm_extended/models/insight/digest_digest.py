from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError

from .groups import MANAGE_INSIGHT

KPIS = ("kpi_insight_customers", "kpi_insight_revenue")


class DigestDigest(models.Model):
    """Customers and revenue of the dashboard of the month, for managers."""

    _inherit = "digest.digest"

    kpi_insight_customers = fields.Boolean(
        "Customers", help="Customers who are not Lost at the end of the period."
    )
    kpi_insight_customers_value = fields.Integer(
        compute="_compute_kpi_insight_customers_value"
    )
    kpi_insight_revenue = fields.Boolean(
        "Revenue of Customers",
        help="Purchases and refunds whose document is of the period, untaxed.",
    )
    kpi_insight_revenue_value = fields.Monetary(
        compute="_compute_kpi_insight_revenue_value"
    )

    def _check_kpi_insight(self):
        if not self.env.user.has_group(MANAGE_INSIGHT):
            raise AccessError(
                self.env._("Do not have access, skip this data for user's digest email")
            )

    def _get_kpi_days(self):
        """First and last day of the period, and the companies; no days outside a
        digest."""
        start, end, companies = self._get_kpi_compute_parameters()
        if not start or not end:
            return None, None, companies
        last = fields.Date.to_date(end) - timedelta(days=1)
        return fields.Date.to_date(start), last, companies

    @api.depends_context("uid", "company", "start_datetime", "end_datetime")
    def _compute_kpi_insight_customers_value(self):
        self._check_kpi_insight()
        _start, last, companies = self._get_kpi_days()
        domain = [("company_id", "in", companies.ids)]
        domain += [("date", "=", last and last.replace(day=1))]
        self._set_kpi_insight("customers", "crm.insight.month", domain, "after:sum")

    @api.depends_context("uid", "company", "start_datetime", "end_datetime")
    def _compute_kpi_insight_revenue_value(self):
        self._check_kpi_insight()
        start, last, companies = self._get_kpi_days()
        domain = [("company_id", "in", companies.ids)]
        domain += [("posted_date", ">=", start), ("posted_date", "<=", last)]
        domain += [("date", "<=", last)]
        model = "crm.customer.transaction"
        self._set_kpi_insight("revenue", model, domain if start else [(0, "=", 1)])

    def _set_kpi_insight(self, name, model, domain, aggregate="amount:sum"):
        found = self.env[model]._read_group(domain, ["company_id"], [aggregate])
        values = {company.id: value for company, value in found}
        for digest in self:
            company = digest.company_id or self.env.company
            digest[f"kpi_insight_{name}_value"] = values.get(company.id, 0)

    @api.model
    def _get_month_link(self) -> str:
        """The action behind the figures, after ``/odoo/action-``: the hook of the
        dashboard."""
        menu = self.env.ref("crm.crm_menu_root").id
        return f"crm_extended.crm_insight_month_action?menu_id={menu}"

    def _compute_kpis_actions(self, company, user):
        actions = super()._compute_kpis_actions(company, user)
        if user.has_group(MANAGE_INSIGHT):
            actions |= dict.fromkeys(KPIS, self._get_month_link())
        return actions
