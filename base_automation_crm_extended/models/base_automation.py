from odoo import api, fields, models
from odoo.fields import Domain


class BaseAutomation(models.Model):
    """Rules on models of a feature are kept while it is off, but do nothing, and no new
    ones are offered."""

    _inherit = "base.automation"

    model_id = fields.Many2one(domain=lambda self: self._get_offered_models())

    @api.model
    def _get_offered_models(self) -> Domain:
        """As in Odoo, without the models of features that are off."""
        off = sorted(filter(self._is_off, self.env.registry))
        return Domain("abstract", "=", False) & Domain("model", "not in", off)

    @api.model
    def _is_off(self, model_name: str) -> bool:
        """Whether a model belongs to a feature that is off."""
        features = self.env["crm.feature"]
        key = features._get_feature_of(model_name)
        return key is not None and not features._is_on(key)

    def _get_actions(self, records, triggers):
        """Rules do not react to what follows from a changed definition of purchases, such
        as the pricelists of a thousand customers in one night."""
        rules = super()._get_actions(records, triggers)
        quiet = records.env["crm.change.event.mixin"]._is_quiet()
        if self.env.context.get("care_plan_tags"):
            # Care plans write tags untracked; what rules change because of it is tracked.
            rules = rules.with_context(mail_notrack=False)
        return rules.browse() if quiet or self._is_off(records._name) else rules

    def _filter_post(self, records, feedback=False):
        # Rules on changes in a form ask nothing else.
        records = super()._filter_post(records, feedback=feedback)
        return records.browse() if self._is_off(records._name) else records

    def _process(self, records, domain_post=None):
        # Rules on dates and webhooks are found in other ways.
        if self._is_off(records._name):
            return None
        return super()._process(records, domain_post=domain_post)
