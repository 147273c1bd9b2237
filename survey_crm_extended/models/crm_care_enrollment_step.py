from odoo import fields, models


class CrmCareEnrollmentStep(models.Model):
    _inherit = "crm.care.enrollment.step"

    reason = fields.Selection(
        selection_add=[("asked", "Asked for feedback in the last 12 months")]
    )
