from odoo import api, models

# In the context while several questions are asked at one moment: a dictionary, which could
# not come from outside.
KEPT = "crm_agenda_rules"


class CrmContactPolicy(models.AbstractModel):
    """Several purposes and channels are asked about at once."""

    _inherit = "crm.contact.policy"

    @api.model
    def _with_rules_kept(self):
        """This model, reading the company's rules once for all questions of a moment."""
        return self.with_context(**{KEPT: _Kept()})

    @api.model
    def _get_rules(self, moment):
        kept = self.env.context.get(KEPT)
        if not isinstance(kept, _Kept):
            return super()._get_rules(moment)
        key = self.env.company.id, moment
        if key not in kept:
            kept[key] = super()._get_rules(moment)
        return kept[key]


class _Kept(dict):
    """Rules by company and moment."""

    # A context is part of the key of environments.
    __hash__ = object.__hash__
    __eq__ = object.__eq__
