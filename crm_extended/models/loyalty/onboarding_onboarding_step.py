from odoo import api, models

from ..common.client_actions import notification
from ..rfm.first_steps import FirstStep, button


class OnboardingOnboardingStep(models.Model):
    """The step of the first hour that switches tiers on."""

    _inherit = "onboarding.onboarding.step"

    @api.model
    def _first_steps(self):
        model = type(self)
        return {
            **super()._first_steps(),
            "action_first_step_tiers": FirstStep(
                model._are_tiers_on, model._describe_tiers
            ),
        }

    def _are_tiers_on(self):
        return self.env["crm.feature"]._is_on("loyalty")

    def _describe_tiers(self):
        tiers = self.env["crm.loyalty.tier"]
        if self._are_tiers_on():
            return {
                "buttons": [
                    button(self.env._("Tier Overview"), "action_first_step_tiers")
                ]
            }
        preview = tiers.get_program_preview()
        may_switch = self._may_switch()
        buttons = [
            button(self.env._("Adjust Thresholds"), "action_first_step_thresholds")
        ]
        if may_switch:
            buttons.insert(
                0,
                button(
                    self.env._("Switch On Tiers"),
                    "action_first_step_tiers",
                    is_primary=True,
                    wait=self.env._("Giving customers their tiers…"),
                ),
            )
        return {
            "facts": [
                self.env._(
                    "For all companies of this database. Customers get an email only if "
                    "tier emails are on in the settings, and prices change only once a "
                    "tier has a pricelist."
                )
            ],
            "table": self._tabulate(preview),
            "buttons": buttons,
            "refusal": "" if may_switch else self._ask_administrator(),
        }

    def _tabulate(self, preview):
        rows = [
            {
                "label": level["name"],
                "color": level["color"],
                "cells": [level["rise"], self._number(level["customers"])],
            }
            for level in preview["levels"]
        ]
        rows.append(
            {
                "label": self.env._("No tier"),
                "color": False,
                "cells": ["", self._number(preview["without"])],
            }
        )
        return {
            "head": [
                self.env._("Tier"),
                self.env._("To reach it"),
                self.env._("Customers today"),
            ],
            "rows": rows,
        }

    @api.model
    def action_first_step_tiers(self):
        """Switch tiers on for the whole database, and give the customers of the current
        company theirs; where they are on, open the overview."""
        self._check_first_steps()
        if self._are_tiers_on():
            return self.env["ir.actions.actions"]._for_xml_id(
                "crm_extended.crm_loyalty_ladder_action"
            )
        self._check_may_switch()
        self.env["crm.feature"]._switch(loyalty=True)
        assessment = self.env["crm.loyalty.membership"]._assess(self.env.company)
        return notification(
            assessment._describe(),
            title=self.env._("Tiers are switched on"),
            # The menus, too.
            next={"type": "ir.actions.client", "tag": "reload"},
        )

    @api.model
    def action_first_step_thresholds(self):
        """Open the tiers, whose thresholds can be changed before they are switched on."""
        self._check_first_steps()
        return self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended.crm_loyalty_tier_action"
        )
