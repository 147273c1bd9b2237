from functools import partial

from odoo import api, models
from odoo.fields import Domain


class CrmParentAccessMixin(models.AbstractModel):
    """A record that is visible only to users who can see the record it belongs to.

    Record rules are evaluated as superuser, so they cannot say "of the partners this
    user may read". The two overrides below do, whatever rules an administrator adds to
    partners.
    """

    _name = "crm.parent.access.mixin"
    _inherit = "crm.rechecked.record.mixin"
    _description = "Access by Parent Record"

    # The many2one field that leads to the other record.
    _seen_with = None

    @api.model
    def _search(self, domain, *args, bypass_access=False, **kwargs):
        if not (self.env.su or bypass_access):
            domain = Domain(domain) & self._readable_domain()
        return super()._search(domain, *args, bypass_access=bypass_access, **kwargs)

    def _check_access(self, operation):
        denied = super()._check_access(operation)
        if not self:
            return denied
        forbidden = denied[0] if denied else self.browse()
        allowed = self - forbidden
        hidden = allowed._hidden_records()
        if not hidden:
            return denied
        forbidden += hidden
        make_error = self.env["ir.rule"]._make_access_error
        return forbidden, partial(make_error, operation, forbidden)

    @api.model
    def _readable_domain(self) -> Domain:
        """Records that belong to a record the user may read."""
        return Domain(self._seen_with, "any", Domain.TRUE)

    def _hidden_records(self):
        """The records that belong to a record the user may not read."""
        # sudo: only to learn what they belong to, the user's own right to see that is
        # checked next.
        others = self.sudo()[self._seen_with].sudo(False)
        hidden = others - others._filtered_access("read")
        if not hidden:
            return self.browse()
        # sudo: as above.
        return (
            self.sudo()
            .filtered(lambda record: record[self._seen_with].sudo(False) in hidden)
            .sudo(False)
        )
