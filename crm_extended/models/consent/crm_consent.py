from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

from ...analytics.consent.answers import effective, stricter
from ..interaction.crm_interaction import CLOCKS

STATES = [
    ("pending", "To Confirm"),
    ("given", "Given"),
    ("refused", "Refused"),
    ("withdrawn", "Withdrawn"),
]
SOURCES = [
    ("portal", "Portal"),
    ("link", "Link in a mail"),
    ("import", "Import"),
    ("manual", "Recorded by a user"),
    ("form", "Form"),
    ("merge", "Merge of contacts"),
]
# What users can say of an answer that they enter. The others are the system's word.
BY_USERS = ("import", "manual", "form")


class CrmConsent(models.Model):
    """What a person has answered about being contacted for a purpose.

    Answers are never changed: each is a record of its own, and the latest counts. Every
    contact of a company answers for themselves.
    """

    _name = "crm.consent"
    _inherit = "crm.customer.record.mixin"
    _description = "Consent"
    _order = "date desc, id desc"
    _rec_name = "purpose_id"
    _check_company_auto = True

    partner_id = fields.Many2one(
        string="Person", index=False, ondelete="cascade", check_company=True
    )
    company_id = fields.Many2one(
        default=lambda self: self.env.company, index=True, ondelete="cascade"
    )
    purpose_id = fields.Many2one(
        "crm.consent.purpose",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    state = fields.Selection(
        STATES,
        string="Answer",
        required=True,
        default="given",
        help="To Confirm: the customer has agreed, and gets a mail with a link to confirm "
        "it. Until then it does not count as given.",
    )
    date = fields.Datetime(required=True, default=fields.Datetime.now)
    source = fields.Selection(
        SOURCES,
        required=True,
        default=lambda self: (
            "import" if self.env.context.get("import_file") else "manual"
        ),
    )
    valid_until = fields.Date(
        compute="_compute_valid_until",
        store=True,
        readonly=False,
        precompute=True,
        help="Last day on which the consent counts. Empty: it does not expire.",
    )
    proof = fields.Text(
        help="The text the person was shown, and what else proves the answer."
    )
    user_id = fields.Many2one(
        "res.users",
        string="Recorded by",
        default=lambda self: self.env.user,
        readonly=True,
        index="btree_not_null",
    )
    is_latest = fields.Boolean(
        string="Counts",
        compute="_compute_is_latest",
        search="_search_is_latest",
        help="Whether this is the person's latest answer about the purpose.",
    )

    _latest_index = models.Index(
        "(partner_id, company_id, purpose_id, date DESC, id DESC)"
    )

    @api.onchange("state", "purpose_id", "date")
    def _onchange_valid_until(self):
        """What was filled in for another answer does not hold for this one."""
        self.valid_until = False
        self._compute_valid_until()

    @api.depends("state", "purpose_id", "date")
    def _compute_valid_until(self):
        for consent in self:
            months = consent.purpose_id.valid_months
            if consent.state == "given" and months and not consent.valid_until:
                day = fields.Datetime.context_timestamp(consent, consent.date).date()
                consent.valid_until = day + relativedelta(months=months)
            elif not consent.valid_until:
                consent.valid_until = False

    @api.constrains("date")
    def _check_date(self):
        # An answer of the future would count before all that come until then.
        latest = fields.Datetime.now() + CLOCKS
        if any(consent.date > latest for consent in self):
            raise ValidationError(
                self.env._("The date of an answer must not be in the future.")
            )

    def _later(self, alias) -> SQL:
        """Whether there is a later answer to the same question."""
        return SQL(
            """
            EXISTS (SELECT FROM crm_consent AS later
                     WHERE later.partner_id = %(row)s.partner_id
                       AND later.company_id = %(row)s.company_id
                       AND later.purpose_id = %(row)s.purpose_id
                       AND (later.date, later.id) > (%(row)s.date, %(row)s.id))
            """,
            row=SQL.identifier(alias),
        )

    @api.depends("partner_id", "company_id", "purpose_id", "date")
    def _compute_is_latest(self):
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM crm_consent AS answer WHERE id = ANY(%s) AND NOT %s",
                self.ids,
                self._later("answer"),
            )
        )
        latest = {id_ for [id_] in rows}
        for consent in self:
            consent.is_latest = consent.id in latest

    def _search_is_latest(self, operator, value):
        if operator != "in":
            return NotImplemented
        wanted = set(value)
        if wanted == {True, False}:
            return fields.Domain.TRUE
        return fields.Domain.custom(
            to_sql=lambda model, alias, query: (
                self._later(alias)
                if wanted == {False}
                else SQL("NOT %s", self._later(alias))
            )
        )

    @api.depends("purpose_id", "partner_id", "state")
    def _compute_display_name(self):
        states = dict(self._fields["state"]._description_selection(self.env))
        for consent in self:
            consent.display_name = (
                f"{consent.purpose_id.name}: {states.get(consent.state, '')}"
            )

    @api.model_create_multi
    def create(self, vals_list):
        """Record answers.

        :raise AccessError: where a user says that the customer has answered on a page
        """
        self._date_after_all(vals_list)
        consents = super().create(vals_list)
        if not self.env.su:
            if any(consent.source not in BY_USERS for consent in consents):
                raise AccessError(
                    self.env._(
                        "Only customers themselves answer on their page. Choose the "
                        "source “Recorded by a user”, “Form” or “Import”."
                    )
                )
            if consents.user_id - self.env.user:
                raise AccessError(self.env._("Answers are recorded in your own name."))
            consents._ask_to_confirm()
        return consents

    def _date_after_all(self, vals_list):
        """Let answers of now come after all that there are: the clock of a system from
        which answers were imported may be ahead of ours."""
        now = fields.Datetime.now()
        recent = [
            vals
            for vals in vals_list
            if (fields.Datetime.to_datetime(vals.get("date")) or now) >= now - CLOCKS
        ]
        contacts = self.env["res.partner"].browse(
            {vals.get("partner_id") for vals in recent} - {None, False}
        )
        if not contacts:
            return
        # sudo: answers to other companies are looked up, too, and left as they are.
        latest = self.sudo()._latest_of(contacts)
        for vals in recent:
            company_id = vals.get("company_id") or self.env.company.id
            question = company_id, vals.get("purpose_id")
            before = latest.get((vals.get("partner_id"), question))
            given = fields.Datetime.to_datetime(vals.get("date")) or now
            if before and before.date > max(given, now):
                vals["date"] = before.date

    def _check_company(self, fnames=None):
        """People keep the right to answer a company which they no longer belong to: by
        the link of its mails, in the portal, and when they are merged."""
        own = self.filtered(lambda answer: answer.source not in BY_USERS)
        super(CrmConsent, self - own)._check_company(fnames)
        names = set(self._fields if fnames is None else fnames)
        names -= {"partner_id", "company_id"}
        return super(CrmConsent, own)._check_company(names)

    def _ask_to_confirm(self):
        """Mail the link that confirms what users have recorded as to be confirmed."""
        if not self.env["crm.feature"]._is_on("consent"):
            return
        for consent in self:
            if consent.state == "pending" and consent.source != "import":
                # sudo: the link is the person's alone; users do not see the mail.
                person = consent.sudo().partner_id.with_company(consent.company_id)
                person._mail_confirmation(consent.sudo().purpose_id)

    def write(self, vals):
        """Refuse: answers are a record of what was said.

        :raise UserError: always, for values that change something
        """
        if vals:
            raise UserError(
                self.env._(
                    "Answers cannot be changed. Record a new one: the latest counts."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._(
                "Answers cannot be deleted. Record a new one: the latest counts. They "
                "are deleted together with their contact."
            )
        )

    @api.model
    def _record(self, contacts, purposes, state, source, proof=None):
        """Record the same answer of contacts about purposes, to the current company.

        :return: the new answers
        """
        return self.create(
            [
                {
                    "partner_id": contact.id,
                    "company_id": self.env.company.id,
                    "purpose_id": purpose.id,
                    "state": state,
                    "source": source,
                    "proof": proof or purpose.description,
                    # Links are used without logging in.
                    "user_id": False if source == "link" else self.env.uid,
                }
                for contact in contacts
                for purpose in purposes
            ]
        )

    # -- Persons who turn out to be one

    @api.model
    def _latest_of(self, contacts, settled=False) -> dict:
        """The latest answers of contacts.

        :param settled: leave out those that are to be confirmed
        :return: by contact's id and the ids of company and purpose
        """
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (partner_id, company_id, purpose_id) id
                  FROM crm_consent WHERE partner_id = ANY(%s) AND %s
              ORDER BY partner_id, company_id, purpose_id, date DESC, id DESC
                """,
                contacts.ids,
                SQL("state <> 'pending'") if settled else SQL("TRUE"),
            )
        )
        answers = self.browse([id_ for [id_] in rows])
        return {
            (answer.partner_id.id, (answer.company_id.id, answer.purpose_id.id)): answer
            for answer in answers
        }

    @api.model
    def _values_of_merge(self, contacts) -> list[dict]:
        """The answers to add once these contacts have become one: the stricter of what
        they said about the same purpose."""
        of_question = {}
        settled = self._latest_of(contacts, settled=True)
        states = {}
        for key, answer in self._latest_of(contacts).items():
            of_question.setdefault(key[1], []).append(answer)
            before = settled.get(key)
            states[answer] = effective(answer.state, before and before.state)
        now = fields.Datetime.now()
        today = fields.Date.context_today(self)
        values = []
        for (company_id, purpose_id), answers in of_question.items():
            if len(answers) < 2:
                continue
            state = states[answers[0]]
            for answer in answers[1:]:
                state = stricter(state, states[answer])
            # Of several consents the one that ends first, also one that has ended.
            ends = [answer.valid_until for answer in answers if answer.valid_until]
            values.append(
                {
                    "company_id": company_id,
                    "purpose_id": purpose_id,
                    "state": state,
                    "source": "merge",
                    "date": max(now, *(answer.date for answer in answers)),
                    "valid_until": min(ends) if state == "given" and ends else False,
                    "proof": self.env._(
                        "Contacts were merged on %(date)s; the stricter answer counts.",
                        date=fields.Date.to_string(today),
                    ),
                }
            )
        return values
