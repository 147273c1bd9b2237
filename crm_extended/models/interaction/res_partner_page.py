from odoo import models

from ..common.formats import format_day
from .groups import USE_TIMELINE


class ResPartner(models.Model):
    """What forms and the customer page say about interactions."""

    _inherit = "res.partner"

    # -- Figures in forms

    def _get_customer_figures(self):
        figures = super()._get_customer_figures()
        if not self.env.user.has_group(USE_TIMELINE):
            return figures
        return figures | {
            "last_interaction": self._last_interaction_figure,
            "interactions": self._interactions_figure,
        }

    def _last_interaction_figure(self):
        label = self.env._("Last Interaction")
        if not self.last_contact_date:
            return {"label": label, "text": self.env._("never")}
        days = self.days_of_silence
        texts = {0: self.env._("today"), 1: self.env._("yesterday")}
        return {
            "label": label,
            "text": texts.get(days) or self.env._("%s days ago", days),
            "title": format_day(self.env, self.last_contact_date),
        }

    def _interactions_figure(self):
        # As the list that the button opens.
        return self.env["crm.interaction"]._count_figure(
            [("partner_id", "child_of", self.id)]
        )

    def _get_customer_blocks(self):
        blocks = super()._get_customer_blocks()
        if not self.env.user.has_group(USE_TIMELINE):
            return blocks
        return blocks | {
            "interactions": {
                "title": self.env._("Interactions"),
                "sequence": 50,
                "rows": self._interaction_rows,
            }
        }

    def _interaction_rows(self):
        method = "action_interactions"
        rows = self._rows_of_figures(
            {"last_interaction": method, "interactions": method}
        )
        if self.preferred_channel:
            field = self._fields["preferred_channel"]
            channels = dict(field._description_selection(self.env))
            rows.append(
                {
                    "label": self.env._("Preferred Channel"),
                    "text": channels.get(self.preferred_channel, ""),
                }
            )
        return rows

    def action_interactions(self):
        """Open the interactions with the contact, and with those of a company."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended.crm_interaction_action_of_partner"
        )
        return {
            **action,
            "domain": [("partner_id", "child_of", self.id)],
            "context": {"default_partner_id": self.id},
        }
