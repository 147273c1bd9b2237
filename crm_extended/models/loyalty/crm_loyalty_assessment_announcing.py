from odoo import SUPERUSER_ID, api, models
from odoo.fields import Domain


class CrmLoyaltyAssessment(models.Model):
    """An assessment announces the changes of tiers it has recorded."""

    _name = "crm.loyalty.assessment"
    _inherit = ["crm.loyalty.assessment", "crm.event.dispatch.mixin"]
    _event_model = "crm.loyalty.change"
    _dispatch_cron = "crm_extended.ir_cron_loyalty_announce"

    @api.model
    def _recorded_by_runs(self, company):
        # Changes by hand are created, at the same time perhaps, and whoever waits for
        # that has heard of them.
        return super()._recorded_by_runs(company) & Domain("reason", "!=", "by_hand")

    @api.model
    def _last_id(self, company, quiet: bool) -> int | None:
        """The last change there is, or ``None`` where nobody listens.

        :param quiet: whether changes follow from another definition

        The company is locked, so what its assessments record after this is what the one
        records that is about to begin, whatever ids others take meanwhile.
        """
        # sudo: nothing is handed on but an id.
        changes = self.env["crm.loyalty.change"].sudo()
        if not changes._get_subscribers_to(company, quiet):
            return None
        return changes.search([], order="id desc", limit=1).id or 0

    @api.model
    def _run(self, company, as_of):
        last_id = self._last_id(company, company.loyalty_definition_changed)
        assessment = super()._run(company, as_of)
        if last_id is None:
            return assessment
        # sudo: as above.
        changes = self.env["crm.loyalty.change"].sudo()
        [[count, first_id, last_id]] = changes._read_group(
            self._recorded_by_runs(company) & Domain("id", ">", last_id),
            [],
            ["__count", "id:min", "id:max"],
        )
        if count:
            assessment.write({"first_change_id": first_id, "last_change_id": last_id})
            assessment._dispatch_or_schedule(count)
        return assessment

    @api.model
    def _run_for(self, company, customers):
        last_id = self._last_id(company, quiet=False)
        super()._run_for(company, customers)
        if last_id is None:
            return
        # As a tier set by hand, which is created: at once for all of them.
        changes = self.env["crm.loyalty.change"].with_user(SUPERUSER_ID)
        changes.search(
            self._recorded_by_runs(company) & Domain("id", ">", last_id), order="id"
        )._dispatch()
