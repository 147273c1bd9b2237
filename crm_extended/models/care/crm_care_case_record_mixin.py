from odoo import fields, models


class CrmCareCaseRecordMixin(models.AbstractModel):
    """A record of a case, seen by all users who see the case."""

    _name = "crm.care.case.record.mixin"
    _inherit = "crm.parent.access.mixin"
    _description = "Service Case Document"
    _seen_with = "case_id"

    case_id = fields.Many2one(
        "crm.care.case", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True)
