from odoo import api, models

from ..rfm.first_steps import FirstStep, button


class OnboardingOnboardingStep(models.Model):
    """The step of the first hour that switches service care on."""

    _inherit = "onboarding.onboarding.step"

    @api.model
    def _first_steps(self):
        model = type(self)
        return {
            **super()._first_steps(),
            "action_first_step_care": FirstStep(
                model._is_care_set_up, model._describe_care
            ),
        }

    def _is_care_set_up(self):
        return self.env["crm.feature"]._is_on("care") and self._has_care_team()

    def _has_care_team(self) -> bool:
        # sudo: only whether the company has a team, for users who see no care.
        teams = self.env["crm.care.team"].sudo()
        return bool(
            teams.search_count([("company_id", "=", self.env.company.id)], limit=1)
        )

    def _describe_care(self):
        if self._is_care_set_up():
            return {"facts": [self.env._("Cases are in the Care app.")]}
        if not self._may_switch():
            return {"refusal": self._ask_administrator()}
        return {
            "facts": [
                self.env._(
                    "Service care is switched on for all companies of this database, "
                    "with a team for %s.",
                    self.env.company.display_name,
                )
            ],
            "buttons": [
                button(
                    self.env._("Set Up Service Care"),
                    "action_first_step_care",
                    is_primary=True,
                )
            ],
        }

    @api.model
    def action_first_step_care(self):
        """Ask what the first team needs to know, with answers that suit most."""
        self._check_may_switch()
        return self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended.crm_care_setup_wizard_action"
        )
