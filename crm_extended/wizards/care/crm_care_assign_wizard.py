from odoo import Command, api, fields, models


class CrmCareAssignWizard(models.TransientModel):
    """Assign many cases to a user, or to another team."""

    _name = "crm.care.assign.wizard"
    _description = "Assign Cases"

    case_ids = fields.Many2many("crm.care.case", string="Cases", required=True)
    team_id = fields.Many2one("crm.care.team", help="Left as it is where empty.")
    user_id = fields.Many2one(
        "res.users",
        string="Assign to",
        domain=[("share", "=", False)],
        help="Leave empty to use the team's assignment method.",
    )

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        if self.env.context.get("active_model") == "crm.care.case":
            values["case_ids"] = [Command.set(self.env.context.get("active_ids", []))]
        return values

    def action_assign(self):
        """Assign the cases."""
        self.ensure_one()
        values = {"user_id": self.user_id.id}
        if self.team_id:
            values["team_id"] = self.team_id.id
        self.case_ids.write(values)
        if not self.user_id:
            for team, cases in self.case_ids.grouped("team_id").items():
                if team:
                    team._assign(cases)
        return {"type": "ir.actions.act_window_close"}
