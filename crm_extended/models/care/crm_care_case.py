from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.models import LOG_ACCESS_COLUMNS
from odoo.tools import email_normalize

from ...analytics.interaction.mail_characters import one_line
from ..interaction.crm_interaction import CHANNELS as INTERACTION_CHANNELS
from ..interaction.groups import USE_TIMELINE
from .crm_care_stage import CLOSED, OPEN, OUTCOMES
from .empty_help import cases_help
from .groups import AGENT, MANAGER

TYPES = [
    ("request", "Request"),
    ("complaint", "Complaint"),
    ("suggestion", "Suggestion"),
    ("repair", "Repair"),
    ("return", "Return"),
]
# The channels of interactions, and one that interactions do not have.
CHANNELS = [*INTERACTION_CHANNELS, ("portal", "Portal")]
PRIORITIES = [("0", "Normal"), ("1", "Important"), ("2", "High"), ("3", "Urgent")]

# The fields that a complaint needs before it is closed, where the team wants them.
CAUSE_AND_ACTION = ("cause", "corrective_action")
# What a manager may import with the cases of a former system.
IMPORTED = ("first_response_date", "closed_date")
# What Odoo keeps itself, and leaves out of what is written.
MAGIC = ("id", *LOG_ACCESS_COLUMNS)

# Context marker: the stage is set automatically, so required fields are not checked. An
# object, because RPC callers can only send JSON.
AUTOMATIC = object()


class CrmCareCase(models.Model):
    """Something a customer asks for, from the question until it is done.

    The head holds the record itself, its stages and what a complaint brought. Its
    ``create`` and ``write`` call the steps of all parts, in the order in which they are
    written there; no part overrides methods of the ORM. The parts:

    - ``crm_care_case_answer.py``: what an answer of staff brings; reopening
    - ``crm_care_case_customer.py``: the customer, their tier and segment, unknown senders
    - ``crm_care_case_form.py``: what the form and the countdown show beside its fields
    - ``crm_care_case_gateway.py``: notes of the mail gateway, and how many mails it takes
    - ``crm_care_case_mail.py``: cases opened by mail, acknowledgements, answers, reminders
    - ``crm_care_case_merge.py``: merged, linked and follow-up cases
    - ``crm_care_case_portal.py``: what customers see and do, and the forms they send
    - ``crm_care_case_rating.py``: satisfaction
    - ``crm_care_case_sender.py``: whose address it is, and what the sender is to a case
    - ``crm_care_case_sla.py``: targets, pauses, working hours, recomputed targets
    """

    _name = "crm.care.case"
    _inherit = [
        "crm.customer.record.mixin",
        "crm.customer.join.mixin",
        "portal.mixin",
        "mail.thread.cc",
        "rating.mixin",
        "mail.activity.mixin",
        "mail.tracking.duration.mixin",
    ]
    _description = "Service Case"
    _order = "sla_deadline, priority desc, id desc"
    _rec_names_search = ["number", "name"]
    _primary_email = "email_from"
    _track_duration_field = "stage_id"
    # Reading is not enough to write to the customer in the name of the company. Users of
    # the portal or a link get in by `_get_thread_with_access`.
    _mail_post_access = "write"
    _check_company_auto = True

    name = fields.Char(string="Subject", required=True, tracking=True, index="trigram")
    number = fields.Char(readonly=True, copy=False)
    active = fields.Boolean(default=True)
    description = fields.Html(sanitize_attributes=False)
    opened_date = fields.Datetime(
        string="Opened On",
        required=True,
        default=fields.Datetime.now,
        copy=False,
        help="When the customer made the request. SLA targets are counted from this "
        "date.",
    )
    type = fields.Selection(TYPES, required=True, default="request", tracking=True)
    category_id = fields.Many2one(
        "crm.care.category", index="btree_not_null", check_company=True, tracking=True
    )
    priority = fields.Selection(PRIORITIES, default="0", required=True, tracking=True)
    channel = fields.Selection(CHANNELS, default="phone", required=True)
    color = fields.Integer()

    company_id = fields.Many2one(
        compute="_compute_company_id",
        store=True,
        precompute=True,
        readonly=False,
        index=True,
    )
    team_id = fields.Many2one(
        "crm.care.team",
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
        default=lambda self: self._default_team(),
        tracking=True,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Assigned to",
        check_company=True,
        index="btree_not_null",
        domain=[("share", "=", False)],
        copy=False,
        tracking=True,
    )
    assigned_date = fields.Datetime(readonly=True, copy=False)
    stage_id = fields.Many2one(
        "crm.care.stage",
        compute="_compute_stage_id",
        store=True,
        precompute=True,
        readonly=False,
        index=True,
        ondelete="restrict",
        domain="[('company_id', 'in', [company_id, False]),"
        " '|', ('team_ids', '=', False), ('team_ids', '=', team_id)]",
        group_expand="_group_expand_stage_id",
        copy=False,
        tracking=True,
    )
    outcome = fields.Selection(related="stage_id.outcome", store=True)
    # Where it goes back to when the customer answers.
    open_stage_id = fields.Many2one("crm.care.stage", readonly=True, copy=False)
    closed_date = fields.Datetime(string="Closed On", readonly=True, copy=False)
    reopen_count = fields.Integer(
        string="Reopened", readonly=True, copy=False, aggregator="sum"
    )

    order_id = fields.Many2one(
        "sale.order", string="Sales Order", check_company=True, index="btree_not_null"
    )
    invoice_id = fields.Many2one(
        "account.move",
        check_company=True,
        domain=[("move_type", "in", ("out_invoice", "out_refund"))],
        index="btree_not_null",
    )
    product_id = fields.Many2one(
        "product.product", check_company=True, index="btree_not_null"
    )
    lead_id = fields.Many2one("crm.lead", check_company=True, index="btree_not_null")

    # -- Complaints

    cause = fields.Text(help="Why it happened.")
    corrective_action = fields.Text(help="What was done for this customer.")
    preventive_action = fields.Text(
        help="What was done to prevent it from happening again."
    )
    action_user_id = fields.Many2one(
        "res.users",
        string="Responsible for the Action",
        domain=[("share", "=", False)],
        index="btree_not_null",
    )
    action_deadline = fields.Date()
    compensation = fields.Selection(
        [
            ("none", "None"),
            ("credit_note", "Credit Note"),
            ("coupon", "Coupon"),
            ("goods", "Goods"),
            ("amount", "Amount"),
        ],
        help="What the customer was given.",
    )
    compensation_move_id = fields.Many2one(
        "account.move",
        string="Credit Note",
        check_company=True,
        domain=[("move_type", "=", "out_refund")],
        index="btree_not_null",
    )
    compensation_amount = fields.Monetary(
        currency_field="currency_id", help="Value of the compensation, excluding taxes."
    )
    compensation_note = fields.Char(
        string="Compensation Given", help="Which goods, which coupon."
    )
    currency_id = fields.Many2one(related="company_id.currency_id")

    # -- Records about the case

    interaction_ids = fields.One2many(
        "crm.interaction", "case_id", string="Interactions", groups=USE_TIMELINE
    )
    interaction_count = fields.Integer(
        string="Number of Interactions",
        compute="_compute_interaction_count",
        groups=USE_TIMELINE,
    )
    escalation_log_ids = fields.One2many(
        "crm.care.escalation.log",
        "case_id",
        readonly=True,
        groups=AGENT,
    )

    _unique_number = models.Constraint(
        "UNIQUE (company_id, number)", "A case with this number already exists."
    )
    # The columns of the desk, as it sorts them.
    _stage_index = models.Index("(stage_id, sla_deadline, priority DESC, id DESC)")
    _open_index = models.Index(
        "(team_id, user_id) WHERE outcome IN ('open', 'waiting')"
    )
    _order_index = models.Index("(sla_deadline, priority DESC, id DESC)")
    _turn_index = models.Index("(team_id, user_id, assigned_date DESC)")
    _waiting_index = models.Index(
        "(sla_paused_since) WHERE sla_paused_since IS NOT NULL"
    )

    # -- Defaults

    @api.model
    def _default_team(self):
        """The user's own team before any other one of the company."""
        teams = self.env["crm.care.team"]
        own = Domain("company_id", "=", self.env.company.id)
        return teams.search(
            own & Domain("member_ids", "in", self.env.uid), limit=1
        ) or teams.search(own, limit=1)

    @api.depends("team_id")
    def _compute_company_id(self):
        for case in self:
            # sudo: a team's company is no secret, and mails come from outside.
            case.company_id = (
                case.team_id.sudo().company_id or case.company_id or self.env.company
            )

    @api.depends("team_id")
    def _compute_stage_id(self):
        stages = self.env["crm.care.stage"]
        for case in self:
            stage = case.stage_id
            if stage and (not stage.team_ids or case.team_id in stage.team_ids):
                continue
            case.stage_id = stages._first(case.team_id, stage.outcome or "open")

    @api.depends("number", "name")
    def _compute_display_name(self):
        for case in self:
            case.display_name = (
                f"[{case.number}] {case.name}" if case.number else case.name
            )

    def _compute_access_url(self):
        for case in self:
            case.access_url = f"/my/cases/{case.id}"

    @api.model
    def _group_expand_stage_id(self, stages, domain):
        team = self.env["crm.care.team"].browse(
            self.env.context.get("default_team_id") or []
        )
        if team.exists():
            shown = stages._of_team(team)
        else:
            shown = Domain("company_id", "in", [*self.env.companies.ids, False])
            shown &= Domain("team_ids", "=", False)
        return self._in_order(stages | stages.search(shown))

    # -- Create and write

    @api.model_create_multi
    def create(self, vals_list):
        """Open cases. What that brings is done in the order of these lines."""
        vals_list = [self._on_one_line(vals) for vals in vals_list]
        imported = self._take_imported(vals_list)
        cases = super().create(vals_list)
        cases._write_imported(imported)
        cases._date_assignment()
        cases._number()
        cases._check_entering()
        cases._apply_outcomes(dict.fromkeys(cases, "open"))
        cases.filtered(lambda case: case.outcome in OPEN)._apply_targets()
        cases._assign_by_team()
        cases._note_unknown_senders()
        cases.filtered("linked_ids")._link_back()
        cases._notify_counters()
        return cases

    def write(self, vals):
        """Change cases. What the change brings is done in the order of these lines; what
        has to be compared with the state before is read first."""
        self._check_opened_date(vals)
        vals = self._on_one_line(vals)
        counted_users = self._counted_users(vals)
        unsolved = self._unsolved(vals)
        customers = self._customers_before(vals)
        stages = self._stages_before(vals)
        result = super().write(vals)
        self._update_assigned_date(vals)
        self._apply_stages(stages)
        self._update_escalations(vals)
        self._update_targets(vals)
        self._apply_customers(vals, customers)
        if "linked_ids" in vals:
            self._link_back()
        unsolved._ask_if_solved()
        if counted_users is not None:
            self._notify_counters(counted_users)
        return result

    @api.model
    def _on_one_line(self, vals):
        """A copy of the values of a case; a subject with line breaks could not be sent."""
        vals = dict(vals)
        if isinstance(vals.get("name"), str):
            vals["name"] = one_line(vals["name"])
        return vals

    # -- Create and write: what the system records

    @api.model
    def _check_opened_date(self, vals):
        """:raise AccessError: if the user may not change when a case was opened"""
        if "opened_date" in vals and not (
            self.env.su or self.env.user.has_group(MANAGER)
        ):
            raise AccessError(
                self.env._(
                    "Only administrators of Service Care can change when a case was "
                    "opened."
                )
            )

    @api.model
    def _take_imported(self, vals_list) -> list[dict]:
        """Take out of the values of new cases what only managers may give them.

        :return: what was taken out, in the same order
        """
        if self.env.su or not self.env.user.has_group(MANAGER):
            return [{} for _vals in vals_list]
        return [
            {name: vals.pop(name) for name in IMPORTED if name in vals}
            for vals in vals_list
        ]

    def _write_imported(self, imported):
        # sudo: managers may say when cases of a former system were answered and closed.
        for case, values in zip(self.sudo(), imported, strict=True):
            if values:
                case.write(values)

    def _date_assignment(self):
        # sudo: what the system records.
        self.sudo().filtered("user_id").assigned_date = fields.Datetime.now()

    def _update_assigned_date(self, vals):
        if "user_id" in vals and "assigned_date" not in vals:
            # sudo: what the system records.
            self.sudo().assigned_date = vals["user_id"] and fields.Datetime.now()

    def _number(self):
        """Give numbers out of the sequences of the companies."""
        for company, cases in (
            self.filtered(lambda case: not case.number).grouped("company_id").items()
        ):
            # sudo: every user who opens a case takes a number.
            sequences = self.env["ir.sequence"].sudo().with_company(company)
            for case in cases.sudo():
                case.number = sequences.next_by_code("crm.care.case")
                if not case.number:
                    # The company was created before this addon was loaded.
                    company._make_care_sequences()
                    case.number = sequences.next_by_code("crm.care.case")

    # -- Create and write: stages, assignment, counters

    def _stages_before(self, vals) -> dict:
        """Outcome and stage of each case, where the values may change them."""
        if vals.keys().isdisjoint({"stage_id", "team_id"}):
            return {}
        return {case: (case.outcome, case.stage_id) for case in self}

    def _apply_stages(self, before):
        """Check the stages that cases entered, and do what a changed outcome brings.

        :param dict before: see `_stages_before`
        """
        if not before:
            return
        self.filtered(lambda case: case.stage_id != before[case][1])._check_entering()
        self._apply_outcomes({case: outcome for case, (outcome, _) in before.items()})

    def _assign_by_team(self):
        """Let the teams assign new cases, as they are set up to."""
        unassigned = self.filtered(
            lambda case: (
                not case.user_id
                and case.outcome == "open"
                and not case.opened_by_machine
            )
        )
        for team, cases in unassigned.grouped("team_id").items():
            # sudo: how a team assigns its cases is no secret, and mails come from
            # outside.
            if team and team.sudo().assignment != "manual":
                team._assign(cases)

    def _counted_users(self, vals):
        """The users whose counters of due cases the values may change; None if none are
        changed."""
        counted = {"user_id", "stage_id", "active"} | self._targets_depend_on()
        return None if counted.isdisjoint(vals) else self.user_id

    def _notify_counters(self, users=None):
        """Let browsers fetch the counters of due cases again.

        :param users: who were assigned before, beside those who are now
        """
        # sudo: what a colleague wants to see at the top of their page.
        (self.user_id | (users or self.user_id)).sudo()._update_care_counters()

    # -- Access: what a search, a column or a form may show or change

    def _has_field_access(self, field, operation):
        """What the system records about a case, and reports count, is entered by no user:
        neither in a form nor by an import or a remote call.

        It is written as superuser, by the code that knows what has happened. A key of the
        context could come from outside.
        """
        if (
            operation == "write"
            and not self.env.su
            and field.readonly
            and field.store
            and field.name not in MAGIC
        ):
            return False
        return (
            super()._has_field_access(field, operation)
            and self._is_open_to_customers(field, operation)
            and not self._is_said_by_customer(field, operation)
        )

    @api.model
    def _search(self, domain, *args, bypass_access=False, **kwargs):
        # Odoo follows fields that lead to others as superuser, without asking for the
        # first: customers could find out what they cannot read.
        if not bypass_access:
            for condition in Domain(domain).iter_conditions():
                self._check_customer_asks(condition.field_expr)
        return super()._search(domain, *args, bypass_access=bypass_access, **kwargs)

    def _field_to_sql(self, alias, field_expr, query=None):
        # Before any answer.
        self._check_customer_asks(field_expr)
        if field_expr == "sla_state":
            return self._sla_state_to_sql(alias, query)
        return super()._field_to_sql(alias, field_expr, query)

    def _read_group_select(self, aggregate_spec, query):
        average = self._satisfaction_average(aggregate_spec, query)
        return average or super()._read_group_select(aggregate_spec, query)

    @api.model
    def _owner_fields(self):
        # The company is that of the team.
        return super()._owner_fields() | {"team_id"}

    def _check_new_owner(self, vals):
        if vals.keys().isdisjoint({"team_id", "user_id"}):
            return super()._check_new_owner(vals)
        # Users who hand a case over to another team or to a colleague need not see it
        # afterwards.
        self._check_rules_for_all()
        if hidden := self._hidden_records():
            raise self.env["ir.rule"]._make_access_error("write", hidden)

    # -- Entering a stage

    def _check_entering(self):
        """Refuse stages whose required fields are empty, and complaints closed without
        cause and action where the team wants them.

        :raise UserError: naming what is missing
        """
        if self._is_automatic():
            return
        for case in self:
            missing = case._missing_for(case.stage_id)
            missing += [name for name in case._guarded_names() if not case[name]]
            if missing:
                described = self.fields_get(missing, ["string"])
                raise UserError(
                    self.env._(
                        "Fill in the following before case “%(case)s” can enter "
                        "“%(stage)s”: %(fields)s.",
                        case=case.display_name,
                        stage=case.stage_id.name,
                        fields=", ".join(
                            described[name]["string"]
                            for name in dict.fromkeys(missing)
                            if name in described
                        ),
                    )
                )

    def _missing_for(self, stage) -> list[str]:
        """Names of the fields that a stage requires and that are empty."""
        return [
            name
            for name in stage._required_names()
            if name in self._fields and not self[name]
        ]

    def _guarded_names(self) -> tuple[str, ...]:
        """What must be filled in because the case is a complaint that is being closed."""
        if (
            self.type == "complaint"
            and self.outcome == "solved"
            and self.team_id.complaint_guard
        ):
            return CAUSE_AND_ACTION
        return ()

    @api.model
    def _is_automatic(self) -> bool:
        """Whether the system writes now, and not what a user enters."""
        return self.env.context.get("care_skip_required") is AUTOMATIC

    def _move(self, outcome):
        """Put cases into the first stage of their team that has an outcome, without
        checking required fields."""
        for team, cases in self.grouped("team_id").items():
            stage = self.env["crm.care.stage"]._first(team, outcome)
            if stage:
                cases._enter(stage)

    def _enter(self, stage):
        """Put cases into a stage without checking required fields."""
        self.with_context(care_skip_required=AUTOMATIC).write({"stage_id": stage.id})

    def _apply_outcomes(self, before):
        """Do what a change of outcome brings: closing, reopening, pausing.

        :param dict before: the outcomes of these cases until now
        """
        now = fields.Datetime.now()
        self._apply_outcomes_to_targets(before, now)
        # sudo: the system records what follows from the stage that the user chose.
        for case in self.sudo():
            old, new = before[case], case.outcome
            if new == "open" and case.open_stage_id != case.stage_id:
                case.open_stage_id = case.stage_id
            if new in CLOSED and old not in CLOSED:
                case.closed_date = case.closed_date or now
                case._end_escalation()
            elif old in CLOSED and new not in CLOSED:
                case.write(
                    {"closed_date": False, "reopen_count": case.reopen_count + 1}
                )
            if new != "waiting" and case.reminded_date:
                case.reminded_date = False

    # -- Buttons

    def action_solve(self):
        """Close the cases as solved."""
        for team, cases in self.grouped("team_id").items():
            stage = self.env["crm.care.stage"]._first(team, "solved")
            if not stage:
                raise UserError(
                    self.env._(
                        "No stage has the outcome “%s”. Add one in the configuration.",
                        dict(OUTCOMES)["solved"],
                    )
                )
            cases.write({"stage_id": stage.id})
        return True

    def action_assign_to_me(self):
        """Assign the cases to the current user."""
        return self.write({"user_id": self.env.uid})

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
        """Open the interactions that were logged on the case."""
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

    @api.model
    def _action_new(self, **values):
        """Open the form of a new case with some values."""
        self.check_access("create")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New Case"),
            "res_model": "crm.care.case",
            "view_mode": "form",
            "views": [(False, "form")],
            "context": {
                f"default_{name}": value for name, value in values.items() if value
            },
        }

    @api.model
    def _action_of(self, name, record):
        """Open the cases that are linked to a record.

        :param str name: the field of a case that links it
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended.crm_care_case_action"
        )
        action["domain"] = [(name, "=", record.id)]
        action["context"] = {
            f"default_{name}": record.id,
            "default_partner_id": record.partner_id.id,
            "default_company_id": record.company_id.id,
        }
        return action

    # -- Chatter

    def message_post(self, **kwargs):
        kwargs = self._without_rating(kwargs)
        return super().message_post(**self._without_our_company(kwargs))

    def _message_compute_subject(self):
        self.ensure_one()
        return self.display_name

    def _creation_subtype(self):
        return self.env.ref("crm_extended.mt_care_case_new")

    def _track_template(self, changes):
        result = super()._track_template(changes)
        case = self[:1]
        template = case.stage_id.template_id
        if "stage_id" in changes and template and case._may_be_mailed():
            result["stage_id"] = (
                template,
                {
                    "subtype_id": self.env.ref("mail.mt_note").id,
                    "email_layout_xmlid": "mail.mail_notification_light",
                },
            )
        return result

    @api.model
    def _email_key(self, address):
        return email_normalize(address or "", strict=False) or False

    @api.model
    def get_empty_list_help(self, help_message):
        return cases_help(self.env, super().get_empty_list_help(help_message))
