from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..common.shared_company import check_company_domain_of_shared

OUTCOMES = [
    ("open", "Open"),
    ("waiting", "Waiting for the Customer"),
    ("solved", "Solved"),
    ("cancelled", "Cancelled"),
]
OPEN = ("open", "waiting")
CLOSED = ("solved", "cancelled")

# Fields that a stage may require: those people enter, not those Odoo computes.
ASKABLE = [
    ("model", "=", "crm.care.case"),
    ("store", "=", True),
    ("readonly", "=", False),
    ("ttype", "not in", ("boolean", "one2many", "json", "binary")),
]


class CrmCareStage(models.Model):
    """A column of the desk. Its outcome says what it means, never its position."""

    _name = "crm.care.stage"
    _inherit = "crm.rechecked.record.mixin"
    _description = "Care Stage"
    _order = "sequence, id"
    _check_company_auto = True
    _check_company_domain = check_company_domain_of_shared

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index="btree_not_null", ondelete="cascade"
    )
    team_ids = fields.Many2many(
        "crm.care.team",
        "crm_care_stage_team_rel",
        "stage_id",
        "team_id",
        string="Teams",
        check_company=True,
        help="Only these teams use the stage. Leave empty for all teams.",
    )
    outcome = fields.Selection(
        OUTCOMES,
        required=True,
        default="open",
        help="What the stage means for SLA targets, emails and reports. SLA targets "
        "are paused while a case is waiting for the customer.",
    )
    fold = fields.Boolean(string="Folded in Kanban")
    template_id = fields.Many2one(
        "mail.template",
        string="Email Template",
        domain=[("model", "=", "crm.care.case")],
        help="Sent to the customer when a case enters the stage.",
    )
    required_field_ids = fields.Many2many(
        "ir.model.fields",
        "crm_care_stage_required_field_rel",
        "stage_id",
        "field_id",
        string="Required Fields",
        domain=ASKABLE,
        help="These fields must be filled in before a case can enter the stage.",
    )

    @api.model
    def _of_team(self, team) -> Domain:
        """The stages a team uses, its own and the shared ones."""
        # sudo: all users who see the team's cases may know its stages.
        company = team.sudo().company_id
        return Domain("team_ids", "in", [*team.ids, False]) & Domain(
            "company_id", "in", [company.id, False]
        )

    @api.model
    def _first(self, team, outcome):
        """The first stage of a team that has an outcome; none where there is none."""
        return self.search(
            self._of_team(team) & Domain("outcome", "=", outcome), limit=1
        )

    @api.model
    def _first_two_open(self, team):
        """The first open stage of a team and the one after it; empty where there is
        none."""
        stages = self.search(
            self._of_team(team) & Domain("outcome", "=", "open"), limit=2
        )
        return stages[:1], stages[1:]

    def _required_names(self) -> list[str]:
        """Names of the fields that must be filled in before entering."""
        # sudo: fields are read by administrators only, their names are no secret.
        return self.sudo().required_field_ids.mapped("name")

    def write(self, vals):
        if "outcome" not in vals:
            return super().write(vals)
        changing = self.filtered(lambda stage: stage.outcome != vals["outcome"])
        # sudo: what the stage means changes for all its cases, also those the manager
        # cannot see.
        cases = self.env["crm.care.case"].sudo().with_context(active_test=False)
        cases = cases.search([("stage_id", "in", changing.ids)])
        before = {case: case.outcome for case in cases}
        result = super().write(vals)
        cases._apply_outcomes(before)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        # sudo: cases the user does not see stand in the stage, too.
        cases = self.env["crm.care.case"].sudo().with_context(active_test=False)
        used = cases.search([("stage_id", "in", self.ids)], limit=1)
        if used:
            raise UserError(
                self.env._(
                    "Stage “%s” still contains cases. Move them to another stage "
                    "first, or archive the stage.",
                    used.stage_id.name,
                )
            )
