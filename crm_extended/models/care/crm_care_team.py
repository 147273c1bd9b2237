from ast import literal_eval
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..common.shared_company import check_company_domain_of_shared

# Within how many hours a target that is not missed yet is due soon.
SOON_HOURS = 4


class CrmCareTeam(models.Model):
    """People who answer cases, when they work, and how cases come to them."""

    _name = "crm.care.team"
    _inherit = ["crm.rechecked.record.mixin", "mail.alias.mixin", "mail.thread"]
    _description = "Care Team"
    _order = "sequence, name, id"
    _check_company_auto = True
    _check_company_domain = check_company_domain_of_shared

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    color = fields.Integer()
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Team Leader",
        check_company=True,
        domain=[("share", "=", False)],
        tracking=True,
    )
    member_ids = fields.Many2many(
        "res.users",
        "crm_care_team_member_rel",
        "team_id",
        "user_id",
        string="Members",
        check_company=True,
        domain=[("share", "=", False)],
    )
    resource_calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working Hours",
        check_company=True,
        index="btree_not_null",
        compute="_compute_resource_calendar_id",
        store=True,
        precompute=True,
        readonly=False,
        help="Service targets count these hours, without public holidays. Empty: "
        "targets count day and night.",
    )
    calendar_warning = fields.Char(compute="_compute_calendar_warning")
    alias_id = fields.Many2one(help="Mails to this address become cases of the team.")
    assignment = fields.Selection(
        [
            ("manual", "By hand"),
            ("turn", "In turn"),
            ("balanced", "To whom has fewest open cases"),
        ],
        required=True,
        default="manual",
        help="Who gets a new case.",
    )
    assign_working_only = fields.Boolean(
        string="Only Who Works Now",
        help="A case that comes while nobody works waits until somebody does.",
    )
    use_portal = fields.Boolean(
        string="Portal",
        default=True,
        help="Customers see their cases in the portal, and open new ones there and by "
        "forms of the website.",
    )
    default_sla_ids = fields.Many2many(
        "crm.care.sla",
        "crm_care_team_sla_rel",
        "team_id",
        "sla_id",
        string="Default Targets",
        check_company=True,
        help="For cases of the team that no other target is meant for.",
    )
    stage_ids = fields.Many2many(
        "crm.care.stage",
        "crm_care_stage_team_rel",
        "team_id",
        "stage_id",
        string="Own Stages",
        check_company=True,
    )
    acknowledge_template_id = fields.Many2one(
        "mail.template",
        string="Acknowledgement",
        domain=[("model", "=", "crm.care.case")],
        default=lambda self: self.env.ref(
            "crm_extended.mail_template_care_acknowledgement", raise_if_not_found=False
        ),
        help="Sent in their language to customers who open a case by mail, in the "
        "portal or by a form of the website. Empty: none.",
    )
    reopen_days = fields.Integer(
        string="Reopen Within",
        default=14,
        help="An answer to a closed case opens it again within so many days; after "
        "that it becomes a new case, linked to the old one. 0: always a new one.",
    )
    thanks_keep_closed = fields.Boolean(
        string="Ignore Thanks",
        default=True,
        help="A short mail that only thanks, within a day after the case was solved, "
        "stays on the case and does not reopen it.",
    )
    remind_days = fields.Integer(
        string="Remind After",
        help="Days after which a customer whose answer is awaited is reminded. 0: not.",
    )
    close_days = fields.Integer(
        string="Close After",
        help="Days after which a case that waits for the customer is closed. 0: not.",
    )
    complaint_guard = fields.Boolean(
        string="Complaints Need Cause and Action",
        help="A complaint is closed as solved only when its cause and what was done "
        "about it are filled in.",
    )
    case_ids = fields.One2many("crm.care.case", "team_id")
    open_count = fields.Integer(string="Open Cases", compute="_compute_counts")
    unassigned_count = fields.Integer(
        string="Unassigned Cases", compute="_compute_counts"
    )
    due_soon_count = fields.Integer(string="Cases Due Soon", compute="_compute_counts")
    missed_count = fields.Integer(string="Missed Cases", compute="_compute_counts")

    @api.constrains("reopen_days", "remind_days", "close_days")
    def _check_days(self):
        for team in self:
            if min(team.reopen_days, team.remind_days, team.close_days) < 0:
                raise ValidationError(
                    self.env._("Team “%s”: days cannot be negative.", team.name)
                )
            if 0 < team.close_days <= team.remind_days:
                raise ValidationError(
                    self.env._(
                        "Team “%s”: a case must be closed later than its customer is "
                        "reminded.",
                        team.name,
                    )
                )

    @api.depends("company_id")
    def _compute_resource_calendar_id(self):
        for team in self:
            if team.resource_calendar_id.company_id != team.company_id:
                team.resource_calendar_id = team.company_id.resource_calendar_id

    @api.depends(
        "company_id",
        "resource_calendar_id.attendance_ids",
        "resource_calendar_id.flexible_hours",
        "resource_calendar_id.full_time_required_hours",
        "resource_calendar_id.hours_per_day",
    )
    def _compute_calendar_warning(self):
        for team in self:
            calendar = team.resource_calendar_id
            team.calendar_warning = (
                calendar._care_closed_warning(team.company_id) if calendar else False
            )

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_counts(self):
        now = fields.Datetime.now()
        soon = now + timedelta(hours=SOON_HOURS)
        going = Domain("outcome", "in", ("open", "waiting"))
        for name, domain in (
            ("open_count", going),
            ("unassigned_count", going & Domain("user_id", "=", False)),
            (
                "due_soon_count",
                Domain("sla_state", "=", "ongoing")
                & Domain("sla_deadline", "<=", soon),
            ),
            ("missed_count", going & Domain("sla_state", "=", "failed")),
        ):
            counts = dict(
                self.env["crm.care.case"]._read_group(
                    domain & Domain("team_id", "in", self.ids), ["team_id"], ["__count"]
                )
            )
            for team in self:
                team[name] = counts.get(team, 0)

    # -- Mail

    def _alias_get_creation_values(self):
        values = super()._alias_get_creation_values()
        values["alias_model_id"] = self.env["ir.model"]._get_id("crm.care.case")
        if self.id:
            defaults = literal_eval(self.alias_defaults or "{}")
            values["alias_defaults"] = {**defaults, "team_id": self.id}
        return values

    # -- Changes that move targets

    def write(self, vals):
        defaults = {team: team.default_sla_ids for team in self}
        result = super().write(vals)
        if {"resource_calendar_id", "company_id"} & vals.keys():
            self._follow_hours()
        if "default_sla_ids" in vals:
            changed = self.default_sla_ids.browse()
            for team, before in defaults.items():
                changed |= (before | team.default_sla_ids) - (
                    before & team.default_sla_ids
                )
            # sudo: targets are everybody's, also of cases that are not on their desk.
            self.sudo()._open_cases()._apply_targets(corrected=changed)
        return result

    def _follow_hours(self):
        """Reckon anew what is open in these teams, whose working time has changed."""
        if self:
            # sudo: targets are everybody's, also of cases that are not on their desk.
            self.sudo()._open_cases()._apply_targets()

    def _open_cases(self):
        """All cases of these teams that are not closed, also those put away: they may
        come back."""
        cases = self.env["crm.care.case"].with_context(active_test=False)
        return cases.search(
            [("team_id", "in", self.ids), ("outcome", "in", ("open", "waiting"))]
        )

    def _care_time(self, start):
        """The working time of a team from a moment on; that of a clock for no team.

        :param datetime start: UTC
        """
        # sudo: the hours of a team are no secret.
        team = self.sudo()
        return team.resource_calendar_id._care_time(start, team.company_id)

    # -- Buttons

    def action_open_cases(self):
        """Open the desk of the team; a filter of its search can be chosen with
        ``care_filter`` in the context."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended.crm_care_case_action"
        )
        action["display_name"] = self.name
        action["context"] = {
            "search_default_team_id": self.id,
            "default_team_id": self.id,
            f"search_default_{self.env.context.get('care_filter', 'open')}": 1,
        }
        return action
