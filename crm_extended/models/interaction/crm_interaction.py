from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..common.empty_help import HelpButton, extend_help, user_may

# How far the clock of a client may be ahead of the server's.
CLOCKS = timedelta(minutes=10)

# How customers and we reach each other: for every field that holds or shows a channel.
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
    ("social", "Social media"),
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
    "social": "fa-share-alt",
}
# Both sides are there at the same time, so the customer may not answer.
LIVE_CHANNELS = ("phone", "visit", "video")


def usual_outcome(outcome, channel):
    """The outcome of a contact on a channel, unless it already says more than that."""
    if outcome in ("reached", "done", False):
        return "reached" if channel in LIVE_CHANNELS else "done"
    return outcome


class CrmInteraction(models.Model):
    """One contact with a customer that left no record of its own: a call, a visit, a
    letter, a chat on a telephone. It has taken place; a planned one is an activity.

    It is about a customer or, before there is one, about another record such as a lead
    (``_about_names``); the customer of that record becomes its own later.
    """

    _name = "crm.interaction"
    _inherit = "crm.customer.record.mixin"
    _description = "Customer Interaction"
    _order = "date desc, id desc"
    _check_company_auto = True

    partner_id = fields.Many2one(
        required=False,
        # Deleted contacts leave theirs to their company, see `models/care/res_partner.py`.
        ondelete="restrict",
        check_company=True,
        compute="_compute_partner_id",
        store=True,
        readonly=False,
        precompute=True,
        help="Who the interaction was with: the company, or one of its contacts.",
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
        help="The lead or opportunity that the interaction was about.",
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
        help="Outgoing: you contacted the customer. Incoming: the customer contacted "
        "you.",
    )
    duration = fields.Float(
        help="Hours and minutes it took, as in the calendar.",
    )
    outcome = fields.Selection(
        [
            ("reached", "Reached"),
            ("no_answer", "No answer"),
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
    summary = fields.Text(help="What the interaction was about and what was agreed.")
    user_id = fields.Many2one(
        "res.users",
        string="Salesperson",
        required=True,
        default=lambda self: self.env.user,
        index=True,
        ondelete="restrict",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="The user who had the interaction.",
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
        "The duration must be between 0 and 31 days.",
    )

    @api.model
    def _about_names(self) -> tuple[str, ...]:
        """Fields of what a contact can be about beside the customer: records with a
        ``partner_id`` and a ``company_id``. Add to it in an override."""
        return ("lead_id",)

    @api.depends(lambda self: [f"{name}.partner_id" for name in self._about_names()])
    def _compute_partner_id(self):
        for interaction in self:
            if not interaction.partner_id:
                about = (interaction[name] for name in self._about_names())
                interaction.partner_id = next(
                    filter(None, (record.partner_id for record in about)), False
                )
        # A contact gets the customer of its lead without any write.
        if known := self._origin.ids:
            self.env["crm.last.contact"]._enqueue("interaction", known)

    @api.depends(lambda self: [*self._about_names(), "partner_id"])
    def _compute_company_id(self):
        for interaction in self:
            names = (*self._about_names(), "partner_id")
            companies = (interaction[name].company_id for name in names)
            interaction.company_id = (
                next(filter(None, companies), False)
                or interaction.company_id
                or self.env.company
            )

    @api.depends("channel")
    def _compute_outcome(self):
        for interaction in self:
            interaction.outcome = usual_outcome(
                interaction.outcome, interaction.channel
            )

    @api.depends(lambda self: ["channel", "partner_id", *self._about_names()])
    @api.depends_context("lang")
    def _compute_display_name(self):
        labels = dict(self._fields["channel"]._description_selection(self.env))
        for interaction in self:
            names = ("partner_id", *self._about_names())
            known = filter(None, (interaction[name] for name in names))
            whom = next(known, interaction.partner_id)
            interaction.display_name = (
                f"{labels.get(interaction.channel, '')}: {whom.display_name or ''}"
            )

    @api.constrains("date")
    def _check_date(self):
        latest = fields.Datetime.now() + CLOCKS
        if any(interaction.date > latest for interaction in self):
            raise ValidationError(
                self.env._(
                    "An interaction can only be logged after it has taken place; "
                    "this one is in the future. Schedule an activity or a meeting "
                    "instead."
                )
            )

    @api.constrains(lambda self: ("partner_id", *self._about_names()))
    def _check_whom(self):
        names = ("partner_id", *self._about_names())
        if any(not any(record[name] for name in names) for record in self):
            raise ValidationError(
                self.env._(
                    "Choose the customer, lead or case that the interaction was about."
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        interactions = super().create([self._dated(vals) for vals in vals_list])
        self.env["crm.last.contact"]._enqueue("interaction", interactions.ids, new=True)
        return interactions

    def write(self, vals):
        result = super().write(self._dated(vals))
        if "user_id" in vals:
            # Users do not log contacts in the name of another user; rules are checked
            # before a change only.
            self.check_access("write")
        self.env["crm.last.contact"]._enqueue("interaction", self.ids)
        return result

    def unlink(self):
        self.env["crm.last.contact"]._enqueue("interaction", self.ids)
        return super().unlink()

    @api.model
    def _dated(self, vals):
        """The values of a contact; a date just ahead of our clock becomes now."""
        now = fields.Datetime.now()
        date = fields.Datetime.to_datetime(vals.get("date"))
        return {**vals, "date": now} if date and now < date <= now + CLOCKS else vals

    def _readable_domain(self):
        """A record can be contacted before there is a customer, and the contacts about
        it are for those who may read it."""
        names = ("partner_id", *self._about_names())
        about_something = Domain.OR(Domain(name, "!=", False) for name in names)
        return about_something & Domain.AND(map(self._empty_or_readable, names))

    def _hidden_records(self):
        hidden = super()._hidden_records()
        # sudo: only to learn what they are about, the user's own right to see that is
        # checked.
        known = self.sudo()
        for name in self._about_names():
            records = known[name].sudo(False)
            hidden_records = records - records._filtered_access("read")
            hidden |= known.filtered(
                lambda record, name=name, them=hidden_records: (
                    record[name].sudo(False) in them
                )
            ).sudo(False)
        return hidden

    @api.model
    def get_empty_list_help(self, help_message):
        help_message = super().get_empty_list_help(help_message)
        if not user_may(self, "create"):
            return help_message
        return extend_help(
            help_message,
            [
                HelpButton(
                    self.env._("Log an Interaction"),
                    "crm_extended.crm_interaction_wizard_action",
                )
            ],
        )

    @api.model
    def _count_figure(self, domain) -> dict:
        """How many there are, for the button that opens them."""
        return {
            "label": self.env._("Interactions"),
            "text": str(self.search_count(domain)),
        }

    @api.model
    def _action_log(self, record) -> dict:
        """The action that opens the dialog to log an interaction about a record."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended.crm_interaction_wizard_action"
        )
        context = {
            "active_model": record._name,
            "active_id": record.id,
            "active_ids": record.ids,
        }
        return {**action, "context": context}
