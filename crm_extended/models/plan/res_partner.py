from odoo import fields, models

from .crm_care_plan import OPEN
from .groups import USE_PLANS


class ResPartner(models.Model):
    _inherit = "res.partner"

    care_enrollment_ids = fields.One2many(
        "crm.care.enrollment",
        "partner_id",
        string="Care Plans",
        groups=USE_PLANS,
    )

    def write(self, vals):
        result = super().write(vals)
        if vals.get("active") is False:
            # sudo: whoever archives a contact.
            enrollments = self.env["crm.care.enrollment"].sudo()
            enrollments.search(
                [("partner_id", "in", self.ids), ("state", "in", OPEN)]
            )._exit("archived")
        return result
