from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError
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
    contact_hold_ids = fields.One2many(
        "crm.contact.hold",
        "partner_id",
        string="Waiting and Skipped Messages",
        domain=[("state", "!=", "sent")],
        groups=USE_CONSENT,
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
        # Also while the contact policy is off: refusals count then, too.
        groups="sales_team.group_sale_salesman,crm_extended.group_care_agent",
        help="The person refused profiling: they are left out of forecasts, "
        "recommendations, care plans, the watch list and campaigns.",
    )
    contact_policy_text = fields.Char(
        string="Contact Policy",
        compute="_compute_contact_policy_text",
        groups=USE_CONSENT,
    )
    contact_policy_reason = fields.Char(
        string="Why",
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

        def mailable(purposes):
            return Domain.OR(policy._mailable_domain(purpose) for purpose in purposes)

        if operator == "any":
            return mailable(purposes.filtered_domain([("id", "in", value)]))
        ids = set(value)
        found = mailable(purposes.filtered(lambda purpose: purpose.id in ids))
        # Not set: they may be mailed for nothing.
        return found | ~mailable(purposes) if False in ids else found

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
        # Odoo does not ask for the groups of a field that a method searches.
        self._check_field_access(self._fields["profiling_refused"], "read")
        refused = self.env["crm.contact.policy"]._profiling_refused_domain()
        return Domain.OR(refused if each else ~refused for each in set(value))

    @api.depends("email", "active", "consent_ids", "tz", "country_id")
    @api.depends_context("company", "tz", "lang")
    def _compute_contact_policy_text(self):
        policy = self.env["crm.contact.policy"]
        for partner in self:
            partner.contact_policy_text, partner.contact_policy_reason = (
                policy._describe(partner._origin) if partner._origin else (False, False)
            )

    def _get_customer_figures(self):
        figures = super()._get_customer_figures()
        if not self.env.user.has_group(USE_CONSENT):
            return figures
        return figures | {"contact_policy": self._contact_policy_figure}

    def _contact_policy_figure(self):
        # No label: the form names it.
        return {"text": self.contact_policy_text, "title": self.contact_policy_reason}

    def _get_customer_blocks(self):
        blocks = super()._get_customer_blocks()
        if not self.env.user.has_group(USE_CONSENT):
            return blocks
        return blocks | {
            "consent": {
                "title": self.env._("Contact Policy"),
                "sequence": 60,
                "rows": lambda: self._rows_of_figures(
                    {"contact_policy": "action_contact_policy"}
                ),
            }
        }

    def action_contact_policy(self):
        """Open the dialog with what the contact has answered, and what waits for them."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Contact Policy: %s", self.display_name),
            "res_model": "res.partner",
            "res_id": self.id,
            "view_mode": "form",
            "views": [
                (
                    self.env.ref(
                        "crm_extended.res_partner_view_form_contact_policy"
                    ).id,
                    "form",
                )
            ],
            "target": "new",
        }

    def action_send_preferences(self):
        """Mail the person the link to the page on which they choose what they may be
        contacted for. Users do not see it: what is chosen there is the person's word.

        :raise AccessError: unless the user sees the contact policy
        :raise UserError: if there is no address
        """
        self.ensure_one()
        if not self.env.user.has_group(USE_CONSENT):
            raise AccessError(
                self.env._("You do not have access to the contact policy.")
            )
        self.check_access("read")
        policy = self.env["crm.contact.policy"]
        service = self.env.ref("crm_extended.purpose_service")
        answer = policy._check(self, service, "email")[self.id]
        if answer["reason"] == "archived":
            raise UserError(
                self.env._("This contact is archived. Unarchive them to write to them.")
            )
        if not answer["allowed"]:
            raise UserError(self.env._("This contact has no email address."))
        # sudo: the template, and the mail, which holds the link.
        self.sudo()._mail_template("crm_extended.mail_template_preferences")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("The link to the preference page was sent."),
            },
        }

    # -- The page on which they choose

    def _get_preference_url(self) -> str:
        """The address of that page, for templates of mails."""
        self.ensure_one()
        # sudo: the link is for the person, and whoever writes to them.
        return self.env["crm.contact.policy"].sudo()._preference_url(self)

    def _preference_questions(self, archived=False) -> list[dict]:
        """What the person can choose, for the current company: id, name and text of each
        purpose, their answer (``yes``, ``no``, ``pending``; empty where they have to
        agree, and have not answered) and whether they have given it.

        :param archived: also purposes that are archived
        """
        self.ensure_one()
        purposes = self.env["crm.consent.purpose"].with_context(
            active_test=not archived
        )
        purposes = purposes.search(
            [
                ("company_id", "in", (False, self.env.company.id)),
                ("basis", "!=", "always"),
            ]
        )
        latest = self.env["crm.consent"]._latest_of(self)
        today = self.env["crm.contact.policy"]._today()
        questions = []
        for purpose in purposes:
            answer = latest.get((self.id, (self.env.company.id, purpose.id)))
            chosen = "" if purpose.basis == "needed" else "yes"
            ended = (
                purpose.basis == "needed"
                and answer
                and answer.valid_until
                and answer.valid_until < today
            )
            if answer and not ended:
                chosen = {"given": "yes", "pending": "pending"}.get(answer.state, "no")
            questions.append(
                {
                    "id": purpose.id,
                    "name": purpose.name,
                    "text": purpose.description,
                    "chosen": chosen,
                    "answered": bool(answer and not ended),
                }
            )
        return questions

    def _answer_preferences(self, chosen, source, ip=None):
        """Record what the person has chosen. Where nothing changes, nothing is recorded:
        a choice that the page made for them is no answer.

        :param dict chosen: ``given`` or ``refused``, by id of the purpose
        :param str source: ``link`` or ``portal``
        """
        self.ensure_one()
        present = {each["id"]: each for each in self._preference_questions(True)}
        wanted = {"given": "yes", "refused": "no"}
        to_confirm = self.env["crm.consent.purpose"]
        for purpose in to_confirm.browse(chosen):
            state, before = chosen[purpose.id], present[purpose.id]
            if before["chosen"] == wanted[state]:
                continue
            # The link itself was mailed; who is logged in still has to open one.
            if state == "given" and purpose.ask_confirmation and source != "link":
                if before["chosen"] == "pending":
                    continue
                state = "pending"
                to_confirm += purpose
            elif (
                state == "refused" and before["chosen"] == "yes" and before["answered"]
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
        """Mail the link that confirms consent: one for all purposes, as all are on the
        page."""
        if not purposes:
            return
        service = self.env.ref("crm_extended.purpose_service")
        answer = self.env["crm.contact.policy"]._check(self, service, "email")
        if answer[self.id]["allowed"]:
            self._mail_template("crm_extended.mail_template_consent_confirm")

    def _mail_template(self, name):
        """Queue a mail with a link to the page. It belongs to no record: the link is the
        person's alone, and colleagues must not find it on the contact."""
        template = self.env.ref(name, raise_if_not_found=False)
        if template:
            # The author of a mail can read it.
            template = template.with_user(SUPERUSER_ID).with_company(self.env.company)
            template.send_mail(self.id, email_values={"model": False, "res_id": False})
