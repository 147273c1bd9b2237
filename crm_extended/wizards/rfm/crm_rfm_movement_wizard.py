from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...models.common.formats import format_day


class CrmRfmMovementWizard(models.TransientModel):
    """Asks for the two days between which the customers' scores are compared."""

    _name = "crm.rfm.movement.wizard"
    _description = "Compare Two Days"

    date_from = fields.Date(
        string="From",
        required=True,
        default=lambda self: self.env["crm.rfm.movement"]._dates()[0],
    )
    date_to = fields.Date(
        string="To",
        required=True,
        default=lambda self: self.env["crm.rfm.movement"]._dates()[1],
    )

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for wizard in self:
            if wizard.date_from >= wizard.date_to:
                raise ValidationError(
                    self.env._("The first day must be before the second day.")
                )

    def action_show_matrix(self):
        return self._action("crm_extended.crm_rfm_movement_action")

    def action_show_watch_list(self):
        return self._action("crm_extended.crm_rfm_watch_list_action")

    def action_show_trend(self):
        return self._action("crm_extended.crm_rfm_segment_trend_action")

    def _action(self, xml_id):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(xml_id)
        action["display_name"] = self.env._(
            "%(action)s: %(date_from)s – %(date_to)s",
            action=action["name"],
            date_from=format_day(self.env, self.date_from),
            date_to=format_day(self.env, self.date_to),
        )
        action["context"] = {
            **literal_eval(action["context"] or "{}"),
            "rfm_date_from": fields.Date.to_string(self.date_from),
            "rfm_date_to": fields.Date.to_string(self.date_to),
        }
        return action
