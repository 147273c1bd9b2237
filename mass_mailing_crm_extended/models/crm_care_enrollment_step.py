from odoo import fields, models


class CrmCareEnrollmentStep(models.Model):
    _inherit = "crm.care.enrollment.step"

    mailing_trace_id = fields.Many2one(
        "mailing.trace",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        groups="mass_mailing.group_mass_mailing_user",
    )
