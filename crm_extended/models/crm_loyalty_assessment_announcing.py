from odoo import api, models
from odoo.fields import Domain


class CrmLoyaltyAssessment(models.Model):
    """An assessment announces the changes of tiers it has recorded."""

    _name = "crm.loyalty.assessment"
    _inherit = ["crm.loyalty.assessment", "crm.announcing.mixin"]
    _announced_model = "crm.loyalty.change"
    _announce_cron = "crm_extended.ir_cron_loyalty_announce"

    @api.model
    def _recorded_by_runs(self, company):
        # Changes by hand are created, at the same time perhaps, and whoever waits for
        # that has heard of them.
        return super()._recorded_by_runs(company) & Domain("reason", "!=", "by_hand")

    @api.model
    def _run(self, company, as_of):
        # sudo: nothing is handed on but ids.
        changes = self.env["crm.loyalty.change"].sudo()
        if not changes._get_listeners(company):
            return super()._run(company, as_of)
        # The company is locked, so what its assessments have recorded after this is
        # what this one records, whatever ids others take meanwhile.
        last_id = changes.search([], order="id desc", limit=1).id or 0
        assessment = super()._run(company, as_of)
        [[count, first_id, last_id]] = changes._read_group(
            self._recorded_by_runs(company) & Domain("id", ">", last_id),
            [],
            ["__count", "id:min", "id:max"],
        )
        if count:
            assessment.write({"first_change_id": first_id, "last_change_id": last_id})
            assessment._announce_or_schedule(count)
        return assessment
