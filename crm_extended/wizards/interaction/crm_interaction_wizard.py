from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import clean_context, plaintext2html

from ...models.interaction.crm_interaction import LIVE_CHANNELS, usual_outcome

# Length in the calendar of a contact without a duration, in hours.
SHORTEST_MEETING = 0.25


def _interaction_selection(name):
    """The values of a field of the contact itself, in the user's language."""
    return lambda self: (
        self.env["crm.interaction"]._fields[name]._description_selection(self.env)
    )


class CrmInteractionWizard(models.TransientModel):
    """Logs a contact from any page, and plans the next step.

    It has the same fields as ``crm.interaction`` for what a contact can be about.
    """

    _name = "crm.interaction.wizard"
    _description = "Log an Interaction"

    partner_id = fields.Many2one("res.partner", string="Customer")
    lead_id = fields.Many2one("crm.lead", string="Opportunity")
    is_known = fields.Boolean(
        compute="_compute_is_known", help="Opened for a customer, a lead or a case."
    )
    date = fields.Datetime(required=True, default=fields.Datetime.now)
    channel = fields.Selection(
        _interaction_selection("channel"), required=True, default="phone"
    )
    direction = fields.Selection(
        _interaction_selection("direction"), required=True, default="out"
    )
    duration = fields.Float(help="Hours and minutes it took, as in the calendar.")
    outcome = fields.Selection(
        _interaction_selection("outcome"),
        required=True,
        compute="_compute_outcome",
        store=True,
        readonly=False,
        precompute=True,
    )
    summary = fields.Text()
    has_event = fields.Boolean(
        string="Add to Calendar",
        help="Also create a meeting in your calendar. No one is invited or notified.",
    )
    is_live = fields.Boolean(compute="_compute_is_live")
    next_type_id = fields.Many2one(
        "mail.activity.type",
        string="Next Step",
        domain="[('res_model', 'in', (False, next_model))]",
        compute="_compute_next_type_id",
        store=True,
        readonly=False,
        precompute=True,
        help="Schedule an activity for yourself on the case, the opportunity or the "
        "customer.",
    )
    next_model = fields.Char(compute="_compute_next_model")
    next_date = fields.Date(
        string="Due",
        compute="_compute_next_date",
        store=True,
        readonly=False,
        precompute=True,
    )
    next_summary = fields.Char(string="What to Do")

    @api.model
    def default_get(self, fields):
        defaults = super().default_get(fields)
        record_id = self.env.context.get("active_id")
        model = self.env.context.get("active_model")
        if name := self._names_by_model().get(model):
            defaults.setdefault(name, record_id)
        for name in self._about_names():
            if record_id := defaults.get(name):
                record = self.env[self._fields[name].comodel_name].browse(record_id)
                if record.partner_id:
                    defaults.setdefault("partner_id", record.partner_id.id)
        return defaults

    @api.model
    def _about_names(self) -> tuple[str, ...]:
        """As for the contact itself."""
        return self.env["crm.interaction"]._about_names()

    @api.model
    def _names_by_model(self) -> dict[str, str]:
        """The field for a record of each model that the wizard can be opened for."""
        return {
            self._fields[name].comodel_name: name
            for name in ("partner_id", *self._about_names())
        }

    @api.depends_context("active_model", "default_partner_id", "default_lead_id")
    def _compute_is_known(self):
        context, names = self.env.context, self._names_by_model()
        self.is_known = context.get("active_model") in names or any(
            context.get(f"default_{name}") for name in names.values()
        )

    @api.depends(lambda self: self._about_names())
    def _compute_next_model(self):
        for wizard in self:
            wizard.next_model = wizard._about()._name

    @api.depends("channel")
    def _compute_outcome(self):
        for wizard in self:
            wizard.outcome = usual_outcome(wizard.outcome, wizard.channel)

    @api.depends("channel")
    def _compute_is_live(self):
        for wizard in self:
            wizard.is_live = wizard.channel in LIVE_CHANNELS

    @api.depends("outcome")
    def _compute_next_type_id(self):
        call = self.env.ref("mail.mail_activity_data_call", raise_if_not_found=False)
        for wizard in self:
            if wizard.outcome == "callback" and not wizard.next_type_id:
                wizard.next_type_id = call

    @api.depends("next_type_id")
    def _compute_next_date(self):
        for wizard in self:
            kind = wizard.next_type_id
            wizard.next_date = kind and kind._get_date_deadline()

    def action_log(self):
        """Log the contact, and create the meeting and the activity that were chosen.

        :return: action that closes the dialog and says what was logged
        """
        self.ensure_one()
        # Defaults that the button passed to the wizard are not for other records.
        self = self.with_context(clean_context(self.env.context))
        interaction = self.env["crm.interaction"].create(self._prepare_interaction())
        if self.has_event and self.is_live:
            interaction.calendar_event_id = self._create_event(interaction)
        if self.next_type_id:
            self._plan_next_step()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "Interaction logged: %(name)s", name=interaction.display_name
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def action_nobody_there(self):
        """Log a call without an answer, whatever else the dialog says."""
        self.write(
            {
                "channel": "phone",
                "direction": "out",
                "outcome": "no_answer",
                "duration": 0,
                "has_event": False,
            }
        )
        return self.action_log()

    def _about(self):
        """What the contact is about, as closely as it is known."""
        known = (self[name] for name in reversed(self._about_names()))
        return next(filter(None, known), self.partner_id)

    def _prepare_interaction(self) -> dict:
        values = {
            **{name: self[name].id for name in self._about_names()},
            "date": self.date,
            "channel": self.channel,
            "direction": self.direction,
            "duration": self.duration,
            "outcome": self.outcome,
            "summary": self.summary,
        }
        if self.partner_id:
            # Otherwise it is the customer of what the contact is about.
            values["partner_id"] = self.partner_id.id
        return values

    def _create_event(self, interaction):
        """A past meeting of the user and the customer, without invitations."""
        lead = self.lead_id
        duration = max(self.duration, SHORTEST_MEETING)
        values = {
            "name": interaction.display_name,
            "start": self.date,
            "stop": self.date + timedelta(hours=duration),
            "description": plaintext2html(self.summary or ""),
            "user_id": self.env.uid,
            "partner_ids": (self.env.user.partner_id + self.partner_id).ids,
        }
        if lead.type == "opportunity":
            values["opportunity_id"] = lead.id
        return (
            self.env["calendar.event"]
            .with_context(no_mail_to_attendees=True, dont_notify=True)
            .create(values)
        )

    def _plan_next_step(self):
        return self._about().activity_schedule(
            activity_type_id=self.next_type_id.id,
            date_deadline=self.next_date,
            summary=self.next_summary,
            user_id=self.env.uid,
        )
