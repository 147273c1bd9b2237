from ast import literal_eval
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ...analytics.care.assignment import least_busy, next_in_turn
from ..common.shared_company import check_company_domain_of_shared
from .crm_care_stage import OPEN
from .empty_help import team_help

# A target that is not missed yet is due soon within this many hours.
SOON_HOURS = 4
# How many cases are assigned in one transaction.
BATCH = 100

SLIGHTLY = timedelta(microseconds=1)


class CrmCareTeam(models.Model):
    """People who answer cases, their working hours, how cases are assigned to them, and
    what customers are asked once a case is solved."""

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
        string="Team Members",
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
        help="SLA targets count these hours, excluding public holidays. Leave empty "
        "to count around the clock.",
    )
    calendar_warning = fields.Char(compute="_compute_calendar_warning")
    alias_id = fields.Many2one(help="Emails to this address become cases of the team.")
    assignment = fields.Selection(
        [
            ("manual", "Manual"),
            ("turn", "Round robin"),
            ("balanced", "Fewest open cases"),
        ],
        required=True,
        default="manual",
        help="How new cases are assigned.",
    )
    assign_working_only = fields.Boolean(
        string="Only members on shift",
        help="Cases that arrive outside working hours wait until a member is on shift.",
    )
    use_portal = fields.Boolean(
        string="Portal",
        default=True,
        help="Customers see their cases in the portal, and open new ones there and "
        "through website forms.",
    )
    default_sla_ids = fields.Many2many(
        "crm.care.sla",
        "crm_care_team_sla_rel",
        "team_id",
        "sla_id",
        string="Default SLA Targets",
        check_company=True,
        help="Used for cases of the team that match no other SLA target.",
    )
    stage_ids = fields.Many2many(
        "crm.care.stage",
        "crm_care_stage_team_rel",
        "team_id",
        "stage_id",
        string="Team Stages",
        check_company=True,
    )
    acknowledge_template_id = fields.Many2one(
        "mail.template",
        string="Acknowledgement",
        domain=[("model", "=", "crm.care.case")],
        default=lambda self: self.env.ref(
            "crm_extended.mail_template_care_acknowledgement", raise_if_not_found=False
        ),
        help="Sent in the customer's language when they open a case by email, in the "
        "portal or through a website form. Leave empty to send none.",
    )
    reopen_days = fields.Integer(
        string="Reopen If Answered Within",
        default=14,
        help="Replies to a closed case reopen it within this number of days; later "
        "replies open a new case linked to the old one. 0: always open a new case.",
    )
    thanks_keep_closed = fields.Boolean(
        string="Ignore Thank-you Emails",
        default=True,
        help="A short thank-you email received within a day after the case was solved "
        "is added to the case without reopening it.",
    )
    remind_days = fields.Integer(
        string="Remind After",
        help="Customers are reminded after this number of days without a reply. 0: "
        "never.",
    )
    close_days = fields.Integer(
        string="Auto-close After",
        help="Cases waiting for the customer are closed after this number of days. 0: "
        "never.",
    )
    take_on_answer = fields.Boolean(
        string="Take Cases When Answering",
        default=True,
        help="Answering an unassigned case assigns it to the agent who answers. A case "
        "in the first open stage moves on to the next open stage, unless fields that "
        "this stage requires are empty.",
    )
    complaint_guard = fields.Boolean(
        string="Require Cause and Action for Complaints",
        help="A complaint can only be closed as solved once its cause and corrective "
        "action are filled in.",
    )
    case_ids = fields.One2many("crm.care.case", "team_id")
    open_count = fields.Integer(string="Open Cases", compute="_compute_counts")
    unassigned_count = fields.Integer(
        string="Unassigned Cases", compute="_compute_counts"
    )
    due_soon_count = fields.Integer(string="Cases Due Soon", compute="_compute_counts")
    missed_count = fields.Integer(string="Missed Cases", compute="_compute_counts")

    ask_rating = fields.Boolean(
        string="Ask for a Rating",
        help="Customers whose case is solved receive an email with three faces, and "
        "find the same form in the portal. No email is sent to customers who "
        "have no email address, are on the blacklist, were asked within the last "
        "day, or did not reply while the case was waiting for them.",
    )
    rating_template_id = fields.Many2one(
        "mail.template",
        string="Rating Email Template",
        domain=[("model", "=", "crm.care.case")],
        default=lambda self: self.env.ref(
            "crm_extended.mail_template_care_rating", raise_if_not_found=False
        ),
        help="Sent in the customer's language. Leave empty to ask only in the portal.",
    )
    ask_expectation = fields.Boolean(
        string="Ask What Customers Expected and Perceived",
        default=True,
        help="Both on a scale from 1 to 10. Perceived divided by expected: below 0.9 is "
        "dissatisfied, 0.9 to 1.1 fairly satisfied, above 1.1 exceeded.",
    )
    ask_nps = fields.Boolean(
        string="Ask Whether Customers Would Recommend Us",
        help="On a scale from 0 to 10, at most once in 90 days for each contact and "
        "email address.",
    )
    satisfaction_average = fields.Float(
        string="Satisfaction",
        compute="_compute_satisfaction_average",
        help="Average rating, 1 unhappy to 5 happy, of the team's answers that you are "
        "allowed to see.",
    )

    @api.constrains("reopen_days", "remind_days", "close_days")
    def _check_days(self):
        for team in self:
            if min(team.reopen_days, team.remind_days, team.close_days) < 0:
                raise ValidationError(
                    self.env._(
                        "Team “%s”: the number of days cannot be negative.", team.name
                    )
                )
            if 0 < team.close_days <= team.remind_days:
                raise ValidationError(
                    self.env._(
                        "Team “%s”: cases must be closed later than the customer is "
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
        going = Domain("outcome", "in", OPEN)
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

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_satisfaction_average(self):
        averages = dict(
            self.env["crm.care.satisfaction"]._read_group(
                [("team_id", "in", self.ids)], ["team_id"], ["rating:avg"]
            )
        )
        for team in self:
            team.satisfaction_average = averages.get(team) or 0

    # -- Mail

    def _alias_get_creation_values(self):
        values = super()._alias_get_creation_values()
        values["alias_model_id"] = self.env["ir.model"]._get_id("crm.care.case")
        if self.id:
            defaults = literal_eval(self.alias_defaults or "{}")
            values["alias_defaults"] = {**defaults, "team_id": self.id}
        return values

    @api.model
    def _give_rating_template(self):
        """Give the template of the rating mail to teams made before it existed; teams it
        was removed from stay without it as long as another team has it."""
        template = self.env.ref(
            "crm_extended.mail_template_care_rating", raise_if_not_found=False
        )
        teams = self.with_context(active_test=False)
        if template and not teams.search_count(
            [("rating_template_id", "!=", False)], limit=1
        ):
            teams = teams.search([("rating_template_id", "=", False)])
            teams.rating_template_id = template

    # -- Changes that move targets

    def write(self, vals):
        defaults = {team: team.default_sla_ids for team in self}
        result = super().write(vals)
        if {"resource_calendar_id", "company_id"} & vals.keys():
            self._update_deadlines()
        if "default_sla_ids" in vals:
            changed = self.default_sla_ids.browse()
            for team, before in defaults.items():
                changed |= (before | team.default_sla_ids) - (
                    before & team.default_sla_ids
                )
            # sudo: targets apply to all cases, also those the user cannot see.
            self.sudo()._open_cases()._apply_targets(corrected=changed)
        return result

    def _update_deadlines(self):
        """Recompute the targets of open cases after a change of the working hours."""
        if self:
            # sudo: targets apply to all cases, also those the user cannot see.
            self.sudo()._open_cases()._apply_targets()

    def _open_cases(self):
        """All cases of these teams that are not closed, also archived ones, which may be
        restored."""
        cases = self.env["crm.care.case"].with_context(active_test=False)
        return cases.search([("team_id", "in", self.ids), ("outcome", "in", OPEN)])

    def _care_time(self, start):
        """The working time of a team from a moment on; round the clock without a team.

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

    def action_view_satisfaction(self):
        """Open the answers of the team's customers."""
        self.ensure_one()
        return self.env["crm.care.satisfaction"]._action_of(
            [("team_id", "=", self.id)], self.display_name
        )

    # -- Assignment

    def _assign(self, cases):
        """Assign the team's unassigned cases using its assignment method.

        One query for the whole batch.
        """
        self.ensure_one()
        # sudo: the companies of the members.
        members = self.sudo().member_ids._care_of(self.sudo().company_id)
        if self.assign_working_only:
            members = self._working(members)
        if self.assignment == "manual" or not members:
            return
        members = members.sorted("id")
        by_turn = self.assignment == "turn"
        known = self._last_given(members) if by_turn else self._open_counts(members)
        now = fields.Datetime.now()
        for case in cases:
            if by_turn:
                member = next_in_turn(members.ids, known)
                # Later than all others, also within the same moment.
                known[member] = now = max([now, *known.values()]) + SLIGHTLY
            else:
                member = least_busy(members.ids, known)
                known[member] = known.get(member, 0) + 1
            # sudo: the team assigns the case regardless of who opened it.
            case.sudo().write({"user_id": member, "assigned_date": now})

    def _last_given(self, members):
        """When each member was last assigned a case of the team, by id."""
        self.env["crm.care.case"].flush_model(["user_id", "team_id", "assigned_date"])
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT member.id, last.assigned_date
                      FROM unnest(%s::int[]) AS member (id)
                CROSS JOIN LATERAL (
                            SELECT assigned_date FROM crm_care_case
                             WHERE team_id = %s AND user_id = member.id
                               AND assigned_date IS NOT NULL
                          ORDER BY assigned_date DESC
                             LIMIT 1
                           ) AS last
                    """,
                    members.ids,
                    self.id,
                )
            )
        )

    @api.model
    def _open_counts(self, members):
        """How many open cases each member has, over all teams, by id."""
        # sudo: the workload of a colleague does not depend on the current user.
        counts = self.env["crm.care.case"].sudo()
        counts = counts._read_group(
            [("user_id", "in", members.ids), ("outcome", "=", "open")],
            ["user_id"],
            ["__count"],
        )
        return {user.id: count for user, count in counts}

    def _working(self, members):
        """The members who are at work now: by their own working hours and time off, or by
        the team's hours for members who have none."""
        self.ensure_one()
        now = fields.Datetime.now()
        # sudo: working hours of colleagues, to know whether they can answer.
        team = self.sudo()
        resource_of = {
            member: member.sudo()
            .resource_ids.filtered(
                lambda resource: (
                    resource.company_id in (team.company_id, team.company_id.browse())
                )
            )
            .sorted(lambda resource: (not resource.company_id, resource.id))[:1]
            for member in members
        }
        away = team._away(resource_of.values(), now)
        opens = {}
        working = members.browse()
        for member, resource in resource_of.items():
            own = resource.calendar_id
            hours = (own or team.resource_calendar_id, own and resource.tz)
            if hours not in opens:
                opens[hours] = team._is_open(*hours, now)
            if opens[hours] and resource not in away:
                working += member
        return working

    def _is_open(self, calendar, tz, now) -> bool:
        """Whether a calendar is open at this moment; always true without a calendar."""
        until = now + timedelta(seconds=1)
        return not calendar or any(
            calendar._care_intervals(now, until, self.company_id, tz)
        )

    def _away(self, resources, now):
        """The resources that have time off at this moment.

        A resource shared by several companies may have time off from another one only.
        """
        resources = self.env["resource.resource"].union(*resources)
        leaves = self.env["resource.calendar.leaves"].search(
            [
                ("resource_id", "in", resources.ids),
                ("time_type", "=", "leave"),
                ("date_from", "<=", now),
                ("date_to", ">", now),
            ]
        )
        return leaves.filtered(
            lambda leave: (
                leave.resource_id.company_id
                or leave.company_id in (self.company_id, leave.company_id.browse())
            )
        ).resource_id

    @api.model
    def _cron_assign(self):
        """Assign the cases that came outside of working hours."""
        if not self.env["crm.feature"]._is_on("care"):
            return
        progress = self.env["ir.cron"]
        teams = self.search([("assignment", "!=", "manual")])
        for team in teams:
            # sudo: whichever user the administrator lets the job run as.
            cases = (
                self.env["crm.care.case"]
                .sudo()
                .search(
                    [
                        ("team_id", "=", team.id),
                        ("user_id", "=", False),
                        ("outcome", "=", "open"),
                        ("opened_by_machine", "=", False),
                    ],
                    order="id",
                )
            )
            for start in range(0, len(cases), BATCH):
                batch = cases[start : start + BATCH].try_lock_for_update()
                team._assign(batch)
                if not progress._commit_progress(len(batch)):
                    return

    @api.model
    def get_empty_list_help(self, help_message):
        help_message = super().get_empty_list_help(help_message)
        found = team_help(self.env, help_message)
        return help_message if found is None else found
