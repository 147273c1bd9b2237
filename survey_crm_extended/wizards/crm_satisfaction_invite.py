from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

# Contacts mailed at once; further ones are left to the job that sends waiting messages.
AT_ONCE = 200
# Contacts who are named in the dialog.
SHOWN = 80


class CrmSatisfactionInvite(models.TransientModel):
    """Asks contacts for feedback by the satisfaction survey of the company: shows first who
    will be asked, and who is left out and why."""

    _name = "crm.satisfaction.invite"
    _description = "Ask for Feedback"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    partner_ids = fields.Many2many(
        "res.partner",
        string="Contacts",
        default=lambda self: self._default_partner_ids(),
    )
    list_id = fields.Many2one("crm.customer.list", string="Customer List")
    is_chosen = fields.Boolean(
        default=lambda self: bool(self._default_partner_ids()),
        help="The contacts were chosen in a list.",
    )
    survey_name = fields.Char(string="Survey", compute="_compute_survey_name")
    asked_count = fields.Integer(string="Will Be Asked", compute="_compute_asked")
    later_count = fields.Integer(
        string="Of Them Later",
        compute="_compute_asked",
        help="The contact policy lets us ask them after quiet hours, or once the touch limit "
        "allows it.",
    )
    left_out_count = fields.Integer(string="Left Out", compute="_compute_asked")
    left_out_ids = fields.One2many(
        "crm.satisfaction.invite.line",
        "invite_id",
        string="Who Is Left Out",
        compute="_compute_asked",
    )
    left_out_text = fields.Char(string="Why", compute="_compute_asked")

    @api.model
    def _default_partner_ids(self):
        if self.env.context.get("active_model") != "res.partner":
            return self.env["res.partner"]
        ids = self.env.context.get("active_ids") or []
        return self.env["res.partner"].browse(ids)

    @api.depends("company_id")
    def _compute_survey_name(self):
        for wizard in self:
            survey = self.env["survey.survey"].with_company(wizard.company_id)
            wizard.survey_name = (
                wizard._is_own_company() and survey._crm_survey().display_name
            )

    @api.depends("partner_ids", "list_id", "company_id")
    def _compute_asked(self):
        for wizard in self:
            asked, later, left_out = wizard._sort_out()
            wizard.asked_count = len(asked)
            wizard.later_count = len(later)
            wizard.left_out_count = len(left_out)
            wizard.left_out_ids = [Command.clear()] + [
                Command.create({"partner_id": id_, "reason": reason})
                for id_, reason in list(left_out.items())[:SHOWN]
            ]
            labels = dict(
                self.env["crm.satisfaction.invite.line"]
                ._fields["reason"]
                ._description_selection(self.env)
            )
            wizard.left_out_text = ", ".join(
                f"{labels[reason]}: {count}"
                for reason, count in Counter(left_out.values()).most_common()
            )

    def _is_own_company(self) -> bool:
        """Companies come from the client."""
        return self.company_id <= self.env.companies

    def _contacts(self):
        """Whom it is about, as far as the user sees them, of the company or of none."""
        if not self._is_own_company():
            # What they answered to another company is not told.
            return self.env["res.partner"]
        if self.list_id and not self.is_chosen:
            return self.list_id._get_customers()
        return self.env["res.partner"].search(
            [
                ("id", "in", self.partner_ids._origin.ids),
                ("company_id", "in", (False, self.company_id.id)),
            ]
        )

    def _sort_out(self) -> tuple:
        """Contacts who will be asked, those of them who have to wait, and by id of the others
        why they are left out."""
        self.ensure_one()
        contacts = self._contacts()
        # sudo: purposes and answers of customers whom the user sees.
        policy = self.env["crm.contact.policy"].sudo().with_company(self.company_id)
        purpose = self.env.ref("crm_extended.purpose_survey").sudo()
        surveys = self.env["survey.survey"]
        # sudo: messages that wait for these customers.
        waiting = (
            self.env["crm.contact.hold"]
            .sudo()
            .search(
                [
                    ("partner_id", "in", contacts.ids),
                    ("sender", "=", "satisfaction"),
                    ("state", "=", "waiting"),
                ]
            )
        )
        known = surveys._crm_asked(contacts) | waiting.partner_id.sudo(False)
        left_out = dict.fromkeys((contacts & known).ids, "asked")
        answers = policy._check(contacts - known, purpose, "email")
        later = contacts.browse()
        for contact in contacts - known:
            answer = answers[contact.id]
            if not (answer["allowed"] or answer["date"]):
                left_out[contact.id] = answer["reason"]
            elif not answer["allowed"]:
                later += contact
        asked = contacts.filtered(lambda contact: contact.id not in left_out)
        return asked, later, left_out

    def action_send(self):
        """Send the survey to those who may be asked now, and let the others wait.

        :raise UserError: where there is no survey, or no one to ask
        """
        self.ensure_one()
        if not self._is_own_company():
            raise UserError(self.env._("Choose one of your companies."))
        env = self.with_company(self.company_id).env
        if not env["survey.survey"]._crm_survey():
            raise UserError(
                self.env._(
                    "The satisfaction survey was archived or deleted. Choose another one "
                    "in the settings."
                )
            )
        asked, _later, _left_out = self._sort_out()
        if not asked:
            raise UserError(self.env._("None of these contacts can be asked now."))
        # sudo: purposes, templates and messages are the system's, whoever asks.
        purpose = env.ref("crm_extended.purpose_survey").sudo()
        template = env.ref("survey_crm_extended.mail_template_satisfaction").sudo()
        holds = env["crm.contact.hold"].sudo()
        now, rest = asked[:AT_ONCE], asked[AT_ONCE:]
        sent = holds._send_by_policy(
            now.with_env(env),
            purpose,
            "email",
            "satisfaction",
            template,
            {contact.id: contact.sudo() for contact in now},
        )
        if rest:
            at_once = {"date": fields.Datetime.now(), "reason": False}
            holds._hold_back(
                rest,
                dict.fromkeys(rest.ids, at_once),
                {contact.id: contact for contact in rest},
                {
                    "company_id": self.company_id.id,
                    "purpose_id": purpose.id,
                    "channel": "email",
                    "sender": "satisfaction",
                    "template_id": template.id,
                },
            )
        message = self.env._("Surveys sent: %s.", sent)
        if len(asked) > sent:
            message += " " + self.env._("Sent later: %s.", len(asked) - sent)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": message,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
