from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

# A clock that goes ahead of the server's is no contact in the future.
CLOCKS = timedelta(minutes=10)

# Somebody was spoken to there and then, so that nobody may have been there.
LIVE_CHANNELS = ("phone", "visit", "video")


class CrmInteraction(models.Model):
    """One contact with a customer that left no record of its own: a call, a visit, a
    letter, a chat on a telephone. It has taken place; what is planned is an activity.

    It is about a customer or, before there is one, about a lead; the lead's customer
    becomes its own once the lead has one.
    """

    _name = "crm.interaction"
    _inherit = "crm.customer.record.mixin"
    _description = "Contact with a Customer"
    _order = "date desc, id desc"
    _check_company_auto = True

    partner_id = fields.Many2one(
        required=False,
        ondelete="cascade",
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
    company_id = fields.Many2one(
        ondelete="cascade",
        compute="_compute_company_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    date = fields.Datetime(required=True, default=fields.Datetime.now, index=True)
    channel = fields.Selection(
        [
            ("phone", "Phone"),
            ("email", "Email"),
            ("sms", "SMS"),
            ("im", "Instant message"),
            ("web", "Web"),
            ("fax", "Fax"),
            ("letter", "Letter"),
            ("visit", "Face to face"),
            ("video", "Web conference"),
        ],
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

    @api.depends("lead_id.partner_id")
    def _compute_partner_id(self):
        for interaction in self:
            if not interaction.partner_id:
                interaction.partner_id = interaction.lead_id.partner_id

    @api.depends("lead_id", "partner_id")
    def _compute_company_id(self):
        for interaction in self:
            interaction.company_id = (
                interaction.lead_id.company_id
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

    @api.depends("channel", "partner_id", "lead_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        labels = dict(self._fields["channel"]._description_selection(self.env))
        for interaction in self:
            whom = interaction.partner_id or interaction.lead_id
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

    @api.constrains("partner_id", "lead_id")
    def _check_whom(self):
        if any(not (record.partner_id or record.lead_id) for record in self):
            raise ValidationError(
                self.env._("Choose the customer or the lead the contact was with.")
            )

    def write(self, vals):
        result = super().write(vals)
        if "user_id" in vals:
            # Nobody says in another's name that he had a contact; rules are checked
            # before a change only.
            self.check_access("write")
        return result

    def _readable_customers_domain(self):
        """A lead can be contacted before there is a customer, and what is said about a
        lead is for those who may read the lead."""
        about_somebody = Domain("partner_id", "!=", False) | Domain(
            "lead_id", "!=", False
        )
        return (
            about_somebody
            & self._empty_or_readable("partner_id")
            & self._empty_or_readable("lead_id")
        )

    def _hidden_records(self):
        hidden = super()._hidden_records()
        # sudo: only to learn which leads they are about, the user's own right to see
        # those leads is checked next.
        leads = self.sudo().lead_id.sudo(False)
        hidden_leads = leads - leads._filtered_access("read")
        if not hidden_leads:
            return hidden
        # sudo: as above.
        about_hidden = self.sudo().filtered(
            lambda record: record.lead_id.sudo(False) in hidden_leads
        )
        return hidden | about_hidden.sudo(False)
