from dataclasses import replace

from odoo import api, models


class CrmCustomerAgenda(models.AbstractModel):
    """Activities of a care plan say so."""

    _inherit = "crm.customer.agenda"

    @api.model
    def _agenda_sources(self):
        sources = super()._agenda_sources()
        activity = sources.get("activity")
        if not activity or not self.env["crm.feature"]._is_on("plans"):
            return sources

        def sentences(scope, reasons):
            return _with_plans(scope, reasons, activity.sentences(scope, reasons))

        return {**sources, "activity": replace(activity, sentences=sentences)}


def _with_plans(scope, reasons, said: list[str]) -> list[str]:
    """The sentences about activities, with the care plans that made them."""
    lines = scope.env["crm.care.enrollment.step"].search_fetch(
        [("activity_id", "in", [reason.res_id for reason in reasons])],
        ["activity_id", "plan_id"],
    )
    plans = {line.activity_id.id: line.plan_id.name for line in lines}
    return [
        scope.env._(
            "%(reason)s (care plan “%(plan)s”)",
            reason=sentence,
            plan=plans[reason.res_id],
        )
        if reason.res_id in plans
        else sentence
        for reason, sentence in zip(reasons, said, strict=True)
    ]
