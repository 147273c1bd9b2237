from odoo import api, fields, models

from .res_partner import SEES_CASES


class CrmCareCase(models.Model):
    """Contacts that were logged on a case."""

    _inherit = "crm.care.case"

    interaction_ids = fields.One2many(
        "crm.interaction", "case_id", string="Logged Contacts", groups=SEES_CASES
    )
    interaction_count = fields.Integer(
        string="Number of Logged Contacts",
        compute="_compute_interaction_count",
        groups=SEES_CASES,
    )

    @api.depends("interaction_ids")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_interaction_count(self):
        counts = dict(
            self.env["crm.interaction"]._read_group(
                [("case_id", "in", self._origin.ids)], ["case_id"], ["__count"]
            )
        )
        for case in self:
            case.interaction_count = counts.get(case._origin, 0)

    def action_interactions(self):
        """Open the contacts that were logged on the case."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended.crm_interaction_action"
        )
        action["domain"] = [("case_id", "=", self.id)]
        action["context"] = {
            "default_case_id": self.id,
            "default_partner_id": self.partner_id.id,
        }
        return action
