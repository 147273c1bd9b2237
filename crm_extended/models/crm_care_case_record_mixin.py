from functools import partial

from odoo import api, fields, models
from odoo.fields import Domain


class CrmCareCaseRecordMixin(models.AbstractModel):
    """What belongs to a case, and is seen by whoever sees the case."""

    _name = "crm.care.case.record.mixin"
    _description = "Record of a Service Case"

    case_id = fields.Many2one(
        "crm.care.case", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True)

    @api.model
    def _search(
        self,
        domain,
        offset=0,
        limit=None,
        order=None,
        *,
        active_test=True,
        bypass_access=False,
    ):
        if not (self.env.su or bypass_access):
            domain = Domain(domain) & Domain("case_id", "any", Domain.TRUE)
        return super()._search(
            domain,
            offset,
            limit,
            order,
            active_test=active_test,
            bypass_access=bypass_access,
        )

    def _check_access(self, operation):
        denied = super()._check_access(operation)
        forbidden = denied[0] if denied else self.browse()
        allowed = self - forbidden
        # sudo: only to learn whose they are, the user's own right to see those cases is
        # checked next.
        cases = allowed.sudo().case_id.sudo(False)
        hidden = cases - cases._filtered_access("read")
        if not hidden:
            return denied
        # sudo: as above.
        forbidden += (
            allowed.sudo()
            .filtered(lambda record: record.case_id.sudo(False) in hidden)
            .sudo(False)
        )
        make_error = self.env["ir.rule"]._make_access_error
        return forbidden, partial(make_error, operation, forbidden)
