from dataclasses import replace

from odoo import api, models

from .groups import USE_PLANS


class CrmCustomerAgenda(models.AbstractModel):
    """Activities of a care plan say so; customers of the list are enrolled."""

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

    @api.model
    def _agenda_actions(self):
        actions = super()._agenda_actions()
        if not self.env.user.has_group(USE_PLANS):
            return actions
        return [
            *actions,
            {
                "name": "enroll",
                "label": self.env._("Care Plan"),
                "title": self.env._("Enroll in a Care Plan"),
                "action": "crm_extended.crm_care_plan_enroll_wizard_action",
            },
        ]


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
