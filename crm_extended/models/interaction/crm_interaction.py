from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

# A clock that goes ahead of the server's is no contact in the future.
CLOCKS = timedelta(minutes=10)

# On which customers and we reach each other: wherever a channel is chosen or shown.
CHANNELS = [
    ("phone", "Phone"),
    ("email", "Email"),
    ("sms", "SMS"),
    ("im", "Instant message"),
    ("web", "Web"),
    ("fax", "Fax"),
    ("letter", "Letter"),
    ("visit", "Face to face"),
    ("video", "Web conference"),
]
CHANNEL_ICONS = {
    "phone": "fa-phone",
    "email": "fa-envelope",
    "sms": "fa-mobile",
    "im": "fa-comments",
    "web": "fa-globe",
    "fax": "fa-fax",
    "letter": "fa-paper-plane-o",
    "visit": "fa-handshake-o",
    "video": "fa-video-camera",
}
# Somebody was spoken to there and then, so that nobody may have been there.
LIVE_CHANNELS = ("phone", "visit", "video")

# The customer was told something.
SPOKEN = ("reached", "callback", "done")

# What a contact can be about.
ABOUT = ("partner_id", "lead_id", "case_id")


class CrmInteraction(models.Model):
    """One contact with a customer that left no record of its own: a call, a visit, a
    letter, a chat on a telephone. It has taken place; what is planned is an activity.

    It is about a customer or, before there is one, about a lead or a service case;
    their customer becomes its own once they have one.
    """

    _name = "crm.interaction"
    _inherit = "crm.customer.record.mixin"
    _description = "Contact with a Customer"
    _order = "date desc, id desc"
    _check_company_auto = True

    partner_id = fields.Many2one(
        required=False,
        # Deleted contacts leave theirs to their company, see `res_partner_care`.
        ondelete="restrict",
        check_company=True,
        compute="_compute_partner_id",
        store=True,
        readonly=False,
        precompute=True,
        help="Whom the contact was with: the company, or one of its contacts.",
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id", string="Customer Company"
    )
    lead_id = fields.Many2one(
        "crm.lead",
        string="Opportunity",
        ondelete="set null",
        index="btree_not_null",
        check_company=True,
        help="The lead or opportunity it was about.",
    )
    case_id = fields.Many2one(
        "crm.care.case",
        ondelete="set null",
        index="btree_not_null",
        check_company=True,
        help="The service case it was about.",
    )
    company_id = fields.Many2one(
        ondelete="cascade",
        compute="_compute_company_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    date = fields.Datetime(required=True, default=fields.Datetime.now, index=True)
    channel = fields.Selection(
        CHANNELS,
        required=True,
        default="phone",
    )
    direction = fields.Selection(
        [("out", "Outgoing"), ("in", "Incoming")],
        required=True,
        default="out",
        help="Outgoing: we contacted the customer. Incoming: the customer contacted us.",
    )
    duration = fields.Float(
        help="Hours and minutes it took, as in the calendar.",
    )
    outcome = fields.Selection(
        [
            ("reached", "Reached"),
            ("no_answer", "Nobody there"),
            ("left_message", "Left a message"),
            ("callback", "Call back later"),
            ("done", "Done"),
        ],
        required=True,
        compute="_compute_outcome",
        store=True,
        readonly=False,
        precompute=True,
    )
    summary = fields.Text(help="What it was about and what was agreed, in plain words.")
    user_id = fields.Many2one(
        "res.users",
        string="Salesperson",
        required=True,
        default=lambda self: self.env.user,
        index=True,
        ondelete="restrict",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Who of us had the contact.",
    )
    calendar_event_id = fields.Many2one(
        "calendar.event",
        string="Meeting",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
        copy=False,
    )
    _partner_date_index = models.Index("(partner_id, date, id)")
    _positive_duration = models.Constraint(
        "CHECK (duration >= 0 AND duration <= 744)",
        "The duration is between nothing and 31 days.",
    )

    @api.depends("lead_id.partner_id", "case_id.partner_id")
    def _compute_partner_id(self):
        for interaction in self:
            if not interaction.partner_id:
                interaction.partner_id = (
                    interaction.lead_id.partner_id or interaction.case_id.partner_id
                )

    @api.depends("lead_id", "case_id", "partner_id")
    def _compute_company_id(self):
        for interaction in self:
            interaction.company_id = (
                interaction.lead_id.company_id
                or interaction.case_id.company_id
                or interaction.partner_id.company_id
                or interaction.company_id
                or self.env.company
            )

    @api.depends("channel")
    def _compute_outcome(self):
        usual = {"reached", "done", False}
        for interaction in self:
            if interaction.outcome in usual:
                live = interaction.channel in LIVE_CHANNELS
                interaction.outcome = "reached" if live else "done"

    @api.depends("channel", "partner_id", "lead_id", "case_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        labels = dict(self._fields["channel"]._description_selection(self.env))
        for interaction in self:
            whom = interaction.partner_id or interaction.lead_id or interaction.case_id
            interaction.display_name = (
                f"{labels.get(interaction.channel, '')}: {whom.display_name or ''}"
            )

    @api.constrains("date")
    def _check_date(self):
        latest = fields.Datetime.now() + CLOCKS
        if any(interaction.date > latest for interaction in self):
            raise ValidationError(
                self.env._(
                    "A contact is logged once it has taken place, this one lies in the "
                    "future. Plan it as an activity or a meeting instead."
                )
            )

    @api.constrains("partner_id", "lead_id", "case_id")
    def _check_whom(self):
        if any(
            not (record.partner_id or record.lead_id or record.case_id)
            for record in self
        ):
            raise ValidationError(
                self.env._("Choose the customer, lead or case the contact was about.")
            )

    @api.model_create_multi
    def create(self, vals_list):
        interactions = super().create([self._dated(vals) for vals in vals_list])
        interactions._answer_cases()
        return interactions

    def write(self, vals):
        result = super().write(self._dated(vals))
        if "user_id" in vals:
            # Nobody says in another's name that he had a contact; rules are checked
            # before a change only.
            self.check_access("write")
        return result

    @api.model
    def _dated(self, vals):
        """The values of a contact; where a clock goes ahead, it took place now."""
        now = fields.Datetime.now()
        date = fields.Datetime.to_datetime(vals.get("date"))
        return {**vals, "date": now} if date and now < date <= now + CLOCKS else vals

    def _answer_cases(self):
        """Who speaks to the customer about a case has answered it, as by a mail: when it
        is logged, not when the one who logs it says that it was."""
        for interaction in self.filtered("case_id"):
            if interaction.direction == "out" and interaction.outcome in SPOKEN:
                if not interaction.case_id.has_access("write"):
                    continue
                # sudo: whether the one who had the contact may answer is asked for, too.
                case = interaction.case_id.sudo()
                partner = interaction.user_id.partner_id
                if interaction.date >= case.opened_date and case._can_answer(partner):
                    case._note_first_response(fields.Datetime.now())

    def _readable_domain(self):
        """A lead or case can be contacted before there is a customer, and what is said
        about one is for those who may read it."""
        about_somebody = Domain.OR(Domain(name, "!=", False) for name in ABOUT)
        return about_somebody & Domain.AND(map(self._empty_or_readable, ABOUT))

    def _hidden_records(self):
        hidden = super()._hidden_records()
        # sudo: only to learn what they are about, the user's own right to see that is
        # checked.
        known = self.sudo()
        for name in ("lead_id", "case_id"):
            records = known[name].sudo(False)
            hidden_records = records - records._filtered_access("read")
            hidden |= known.filtered(
                lambda record, name=name, them=hidden_records: (
                    record[name].sudo(False) in them
                )
            ).sudo(False)
        return hidden
