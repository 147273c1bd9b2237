from odoo import api, fields, models
from odoo.fields import Domain

from .groups import USE_CONSENT


class ResPartner(models.Model):
    """Contacts show whether they may be contacted, and what they have answered. Nothing of
    it is stored with them."""

    _inherit = "res.partner"

    consent_ids = fields.One2many(
        "crm.consent", "partner_id", string="Consents", groups=USE_CONSENT
    )
    customer_date_ids = fields.One2many(
        "crm.customer.date", "partner_id", string="Dates", groups=USE_CONSENT
    )
    mail_purpose_ids = fields.Many2many(
        "crm.consent.purpose",
        string="May Be Mailed For",
        compute="_compute_mail_purpose_ids",
        search="_search_mail_purpose_ids",
        groups=USE_CONSENT,
        help="Purposes for which your current company may mail this person, apart from "
        "quiet hours and the touch limit.",
    )
    profiling_refused = fields.Boolean(
        compute="_compute_profiling_refused",
        search="_search_profiling_refused",
        help="The person refused profiling: they are left out of forecasts, "
        "recommendations, care plans, the watch list and campaigns.",
    )
    contact_policy_text = fields.Text(
        string="Contact Policy",
        compute="_compute_contact_policy_text",
        groups=USE_CONSENT,
    )

    @api.depends("email", "active", "consent_ids")
    @api.depends_context("company")
    def _compute_mail_purpose_ids(self):
        policy = self.env["crm.contact.policy"]
        found = {partner.id: [] for partner in self}
        for purpose in policy._mail_purposes():
            for id_ in policy._mailable_ids(self._origin, purpose):
                found[id_].append(purpose.id)
        for partner in self:
            partner.mail_purpose_ids = [
                fields.Command.set(found.get(partner._origin.id, []))
            ]

    @api.model
    def _search_mail_purpose_ids(self, operator, value):
        if operator not in ("in", "any"):
            return NotImplemented
        if operator == "any":
            value = self.env["crm.consent.purpose"]._search(value)
        policy = self.env["crm.contact.policy"]
        purposes = policy._mail_purposes()
        if operator == "any":
            purposes = purposes.filtered_domain([("id", "in", value)])
        else:
            ids = set(value)
            if False in ids:
                return NotImplemented
            purposes = purposes.filtered(lambda purpose: purpose.id in ids)
        return Domain.OR(policy._mailable_domain(purpose) for purpose in purposes)

    @api.depends("consent_ids")
    @api.depends_context("company")
    def _compute_profiling_refused(self):
        refusing = self.env["crm.contact.policy"]._refusing_profiling(self._origin)
        for partner in self:
            partner.profiling_refused = partner._origin in refusing

    @api.model
    def _search_profiling_refused(self, operator, value):
        if operator != "in":
            return NotImplemented
        refused = self.env["crm.contact.policy"]._profiling_refused_domain()
        return Domain.OR(refused if each else ~refused for each in set(value))

    @api.depends("email", "active", "consent_ids", "tz", "country_id")
    @api.depends_context("company", "tz", "lang")
    def _compute_contact_policy_text(self):
        policy = self.env["crm.contact.policy"]
        for partner in self:
            partner.contact_policy_text = (
                policy._describe(partner._origin) if partner._origin else False
            )

    def action_open_preferences(self):
        """Open the page on which the person can change what they agreed to, as they see
        it."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": self.env["crm.contact.policy"]._preference_url(self),
            "target": "new",
        }

    # -- The page on which they choose

    def _get_preference_url(self) -> str:
        """The address of that page, for templates of mails."""
        self.ensure_one()
        # sudo: the link is for the person, and whoever writes to them.
        return self.env["crm.contact.policy"].sudo()._preference_url(self)

    def _preference_questions(self) -> list[dict]:
        """What the person can choose, for the current company: id, name and text of each
        purpose, and their answer (``yes``, ``no``, ``pending`` or empty)."""
        self.ensure_one()
        purposes = self.env["crm.consent.purpose"].search(
            [
                ("company_id", "in", (False, self.env.company.id)),
                ("basis", "!=", "always"),
            ]
        )
        latest = self.env["crm.consent"]._latest_of(self)
        today = fields.Date.context_today(self)
        questions = []
        for purpose in purposes:
            answer = latest.get((self.id, (self.env.company.id, purpose.id)))
            chosen = "yes" if purpose.basis == "unless_refused" else "no"
            if answer:
                chosen = {"given": "yes", "pending": "pending"}.get(answer.state, "no")
                if answer.valid_until and answer.valid_until < today:
                    chosen = "no"
            questions.append(
                {
                    "id": purpose.id,
                    "name": purpose.name,
                    "text": purpose.description,
                    "chosen": chosen,
                }
            )
        return questions

    def _answer_preferences(self, chosen, source, ip=None):
        """Record what the person has chosen. Where nothing changes, nothing is recorded.

        :param dict chosen: ``given`` or ``refused``, by id of the purpose
        :param str source: ``link`` or ``portal``
        """
        self.ensure_one()
        present = {each["id"]: each["chosen"] for each in self._preference_questions()}
        wanted = {"given": "yes", "refused": "no"}
        latest = self.env["crm.consent"]._latest_of(self)
        to_confirm = self.env["crm.consent.purpose"]
        for purpose in to_confirm.browse(chosen):
            state = chosen[purpose.id]
            has_answered = (self.id, (self.env.company.id, purpose.id)) in latest
            if has_answered and present.get(purpose.id) == wanted[state]:
                continue
            # The link itself was mailed; who is logged in still has to open one.
            if state == "given" and purpose.ask_confirmation and source != "link":
                if present.get(purpose.id) == "pending":
                    continue
                state = "pending"
                to_confirm += purpose
            elif (
                state == "refused" and present.get(purpose.id) == "yes" and has_answered
            ):
                state = "withdrawn"
            self.env["crm.consent"]._record(
                self, purpose, state, source, self._proof(purpose, ip)
            )
        if to_confirm:
            self._mail_confirmation(to_confirm)

    def _proof(self, purpose, ip) -> str:
        """What proves an answer: the text that was shown and, if the company wants it, the
        address it came from."""
        lines = [purpose.name, purpose.description or ""]
        if ip and self.env.company.contact_keep_ip:
            lines.append(f"IP {ip}")
        return "\n".join(line for line in lines if line)

    def _mail_confirmation(self, purposes):
        """Mail the link that confirms consent."""
        template = self.env.ref(
            "crm_extended.mail_template_consent_confirm", raise_if_not_found=False
        )
        if template and self.email_normalized:
            for purpose in purposes:
                template.with_context(consent_purpose=purpose.name).send_mail(self.id)
