from odoo import api, fields, models
from odoo.exceptions import UserError


class ReportCustomerPage(models.AbstractModel):
    """The customer page on paper: what the reader sees, and nothing else."""

    _name = "report.crm_extended.report_customer_page"
    _description = "Customer Page"

    @api.model
    def _get_report_values(self, docids, data=None):
        partners = self.env["res.partner"].browse(docids).exists()
        partners.check_access("read")
        if not partners:
            raise UserError(self.env._("Choose the customers whose page to print."))
        return {
            "pages": [(partner, partner.get_customer_page()) for partner in partners],
            "today": fields.Date.context_today(self),
            "company": self.env.company,
        }
