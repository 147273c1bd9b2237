from odoo import api, models


class CrmRecheckedRecordMixin(models.AbstractModel):
    """Service cases are owners of records, and records are attached to them."""

    _inherit = "crm.rechecked.record.mixin"

    @api.model
    def _owner_fields(self):
        return super()._owner_fields() | ({"case_id"} & self._fields.keys())

    @api.model
    def _attached_to(self):
        return super()._attached_to() | {"crm.care.case"}
