from odoo import api, fields, models


class CrmRfmMovement(models.Model):
    _inherit = "crm.rfm.movement"

    last_contact_date = fields.Date(
        string="Last Contact",
        compute="_compute_last_contact_date",
        help="The last day on which the customer and the company had to do with each "
        "other, as on the contact.",
    )

    @api.depends("partner_id", "company_id")
    @api.depends_context("tz")
    def _compute_last_contact_date(self):
        for company, movements in self.grouped("company_id").items():
            # All at once, so that it is one query.
            partners = movements.partner_id.with_company(company)
            last = {partner.id: partner.last_contact_date for partner in partners}
            for movement in movements:
                movement.last_contact_date = last.get(movement.partner_id.id)
