from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import email_normalize

from ..interaction.crm_interaction import CHANNELS as INTERACTION_CHANNELS
from .crm_care_stage import CLOSED, OUTCOMES

TYPES = [
    ("request", "Request"),
    ("complaint", "Complaint"),
    ("suggestion", "Suggestion"),
    ("repair", "Repair"),
    ("return", "Return"),
]
# Those of contacts logged, and one that these do not have.
CHANNELS = [*INTERACTION_CHANNELS, ("portal", "Portal")]
PRIORITIES = [("0", "Normal"), ("1", "Important"), ("2", "High"), ("3", "Urgent")]

# Put into the context where a stage comes by itself, so that nobody has to be asked for
# what is missing. An object, because a string could come from outside.
BY_ITSELF = object()


class CrmCareCase(models.Model):
    """Something a customer asks for, from the asking until it is done."""

    _name = "crm.care.case"
    _inherit = [
        "crm.customer.record.mixin",
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
    # Reading is not enough to write to the customer in the name of the company. Those who
    # come by the portal or a link get in by `_get_thread_with_access`.
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
        help="When the customer asked. Targets run from it.",
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

    _unique_number = models.Constraint(
        "UNIQUE (company_id, number)", "There is a case with this number already."
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
        vals_list = [dict(vals) for vals in vals_list]
        imported = self._take_imported(vals_list)
        cases = super().create(vals_list)
        # sudo: what the system records; from when cases of a former system were answered
        # and closed, managers may say.
        for case, values in zip(cases.sudo(), imported, strict=True):
            if values:
                case.write(values)
        cases.sudo().filtered("user_id").assigned_date = fields.Datetime.now()
        cases._number()
        cases._check_entering()
        cases._follow_outcomes(dict.fromkeys(cases, "open"))
        cases.filtered(
            lambda case: case.outcome in ("open", "waiting")
        )._apply_targets()
        for team, nobodys in (
            cases.filtered(
                lambda case: (
                    not case.user_id
                    and case.outcome == "open"
                    and not case.opened_by_machine
                )
            )
            .grouped("team_id")
            .items()
        ):
            # sudo: how a team shares out its cases is no secret, and mails come from
            # outside.
            if team and team.sudo().assignment != "manual":
                team._assign(nobodys)
        return cases

    def _number(self):
        """Give numbers out of the sequences of the companies."""
        for company, cases in (
            self.filtered(lambda case: not case.number).grouped("company_id").items()
        ):
            # sudo: everybody who opens a case takes a number.
            sequences = self.env["ir.sequence"].sudo().with_company(company)
            for case in cases.sudo():
                case.number = sequences.next_by_code("crm.care.case")
                if not case.number:
                    # The company was created before this addon was loaded.
                    company._make_care_sequences()
                    case.number = sequences.next_by_code("crm.care.case")

    def write(self, vals):
        before = {}
        if {"stage_id", "team_id"} & vals.keys():
            before = {case: case.outcome for case in self}
            stages = {case: case.stage_id for case in self}
        result = super().write(vals)
        if "user_id" in vals and "assigned_date" not in vals:
            # sudo: what the system records.
            self.sudo().assigned_date = vals["user_id"] and fields.Datetime.now()
        if before:
            self.filtered(lambda case: case.stage_id != stages[case])._check_entering()
            self._follow_outcomes(before)
        if "active" in vals:
            # sudo: nobody is warned of what is off the desk, whoever put it away.
            self.sudo().sla_status_ids._plan_escalation()
        if (self._targets_depend_on() | {"active"}) & vals.keys():
            going = self.filtered(lambda case: case.outcome in ("open", "waiting"))
            corrected = None
            if "opened_date" in vals and not self._by_itself():
                # What was missed by a date entered wrongly, was not.
                corrected = going.sudo().sla_status_ids.sla_id
            going._apply_targets(corrected)
        return result

    @api.model
    def _owner_fields(self):
        # The company is that of the team.
        return super()._owner_fields() | {"team_id"}

    def _check_new_owner(self, vals):
        if vals.keys().isdisjoint({"team_id", "user_id"}):
            return super()._check_new_owner(vals)
        # Who hands a case over to another team or to a colleague need not have it
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
        if self._by_itself():
            return
        for case in self:
            missing = [
                name
                for name in case.stage_id._required_names()
                if name in self._fields and not case[name]
            ]
            missing += [name for name in case._guarded_names() if not case[name]]
            if missing:
                described = self.fields_get(missing, ["string"])
                raise UserError(
                    self.env._(
                        "Case “%(case)s” needs this before it enters “%(stage)s”: "
                        "%(fields)s.",
                        case=case.display_name,
                        stage=case.stage_id.name,
                        fields=", ".join(
                            described[name]["string"]
                            for name in dict.fromkeys(missing)
                            if name in described
                        ),
                    )
                )

    @api.model
    def _by_itself(self) -> bool:
        """Whether what is written now comes by itself, and not of what a user enters."""
        return self.env.context.get("care_by_itself") is BY_ITSELF

    def _move(self, outcome):
        """Put cases into the first stage of their team that has an outcome, without
        asking for what is missing."""
        for team, cases in self.grouped("team_id").items():
            stage = self.env["crm.care.stage"]._first(team, outcome)
            if stage:
                cases._enter(stage)

    def _enter(self, stage):
        """Put cases into a stage without asking for what is missing."""
        self.with_context(care_by_itself=BY_ITSELF).write({"stage_id": stage.id})

    def _follow_outcomes(self, before):
        """Do what a change of outcome brings: closing, reopening, pausing.

        :param dict before: the outcomes of these cases until now
        """
        now = fields.Datetime.now()
        self._follow_targets(before, now)
        # sudo: here is kept what follows from the stage the user chose.
        for case in self.sudo():
            old, new = before[case], case.outcome
            if new == "open" and case.open_stage_id != case.stage_id:
                case.open_stage_id = case.stage_id
            if new in CLOSED and old not in CLOSED:
                case.closed_date = case.closed_date or now
            elif old in CLOSED and new not in CLOSED:
                case.write(
                    {"closed_date": False, "reopen_count": case.reopen_count + 1}
                )
            if new != "waiting" and case.reminded_date:
                case.reminded_date = False

    # -- Closing by hand

    def action_solve(self):
        """Close the cases as solved."""
        for team, cases in self.grouped("team_id").items():
            stage = self.env["crm.care.stage"]._first(team, "solved")
            if not stage:
                raise UserError(
                    self.env._(
                        "There is no stage that means “%s”. Add one in the "
                        "configuration.",
                        dict(OUTCOMES)["solved"],
                    )
                )
            cases.write({"stage_id": stage.id})
        return True

    def action_assign_to_me(self):
        """Take the cases oneself."""
        return self.write({"user_id": self.env.uid})

    # -- Chatter

    def _message_compute_subject(self):
        self.ensure_one()
        return self.display_name

    def _creation_subtype(self):
        return self.env.ref("crm_extended.mt_care_case_new")

    def _track_template(self, changes):
        result = super()._track_template(changes)
        case = self[:1]
        if "stage_id" in changes and (template := case.stage_id.template_id):
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
