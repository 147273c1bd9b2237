from datetime import timedelta

from odoo import SUPERUSER_ID, fields, models
from odoo.exceptions import AccessError

from .crm_care_case import AUTOMATIC
from .crm_care_satisfaction import average_of_given

# A case that is opened and solved again within this many hours, by mistake say, brings
# no second mail.
ASK_AGAIN_HOURS = 24

SAID_BY_CUSTOMER = ("satisfaction", "rating_last_value")

# Used in the links of a preview. They lead to a page that says so.
NO_TOKEN = "preview"


class CrmCareCase(models.Model):
    """Satisfaction: customers are asked once their case is solved."""

    _inherit = "crm.care.case"

    # Not past the rules of ratings, in domains either.
    rating_ids = fields.One2many(bypass_search_access=False)
    satisfaction = fields.Float(
        string="Perceived / Expected",
        readonly=True,
        copy=False,
        aggregator="avg",
        help="Perceived divided by expected, from the customer's latest answer. 0: "
        "unmet, or no answer yet. Below 0.9: dissatisfied. 0.9 to 1.1: fairly "
        "satisfied. Above 1.1: exceeded.",
    )
    satisfaction_ids = fields.One2many(
        "crm.care.satisfaction", "case_id", string="Satisfaction Answers"
    )

    def _satisfaction_average(self, aggregate_spec, query):
        """The average satisfaction in SQL; None where the aggregate is another one."""
        return average_of_given(self, aggregate_spec, query, ("satisfaction",))

    def _is_said_by_customer(self, field, operation) -> bool:
        """Whether a write would replace what only the customer's answers decide."""
        return (
            operation == "write" and field.name in SAID_BY_CUSTOMER and not self.env.su
        )

    # -- Asking

    def _unsolved(self, vals):
        """The cases that the values may solve."""
        if vals.keys().isdisjoint({"stage_id", "team_id"}):
            return self.browse()
        return self.filtered(lambda case: case.outcome != "solved")

    def _ask_if_solved(self):
        """Ask the customers of these cases that have just been solved."""
        if self.env.context.get("care_unasked") is not AUTOMATIC:
            self.filtered(lambda case: case.outcome == "solved")._ask_satisfaction()

    def _satisfaction_address(self):
        """The address the customer is written to; False if there is none."""
        self.ensure_one()
        if self.partner_id and not self.partner_id.active:
            return False
        return self.partner_id.email_normalized or self.email_normalized

    def _ask_satisfaction(self):
        """Send the rating mail to customers of these cases whose team wants it, unless
        they are blacklisted or were asked within the last day."""
        # sudo: settings of teams, and requests, which users may not write.
        cases = self.sudo().filtered(
            lambda case: (
                case.active
                and case.team_id.ask_rating
                and case.team_id.rating_template_id
                and case._satisfaction_address()
            )
        )
        if not cases:
            return
        since = fields.Datetime.now() - timedelta(hours=ASK_AGAIN_HOURS)
        # sudo: as above.
        requests = self.env["crm.care.satisfaction"].sudo()
        just_asked = requests.search(
            [("case_id", "in", cases.ids), ("asked_date", ">", since)]
        ).case_id
        (cases - just_asked)._ask_by_policy()

    def _ask_by_policy(self):
        """Send the rating mail as far as the contact policy allows it. Of a customer who
        is known by a mail address alone, and no contact yet, only the blacklist is asked.
        """
        known = self.filtered("partner_id")
        unknown = self - known
        # sudo: whoever solves a case need not be allowed to read the blacklist.
        blacklist = self.env["mail.blacklist"].sudo()
        addresses = [case._satisfaction_address() for case in unknown]
        refusing = blacklist.search([("email", "in", addresses)]).mapped("email")
        for case in unknown:
            if case._satisfaction_address() not in refusing:
                case._mail_satisfaction(case.team_id.rating_template_id)
        purpose = self.env.ref("crm_extended.purpose_survey")
        for (company, template), cases in known.grouped(
            lambda case: (case.company_id, case.team_id.rating_template_id)
        ).items():
            # A person with several cases is asked about each.
            while cases:
                of_person = {case.partner_id.id: case for case in cases}
                one_each = self.browse([case.id for case in of_person.values()])
                self.env["crm.contact.hold"].with_company(company)._send_by_policy(
                    one_each.partner_id,
                    purpose,
                    "email",
                    "survey",
                    template,
                    of_person,
                )
                cases -= one_each

    def _mail_satisfaction(self, template):
        """Put the mail that asks for a rating into the queue.

        The mail belongs to no document: its link is the customer's alone, and readers of
        the case must not find it there.
        """
        self.ensure_one()
        self._satisfaction_request().asked_date = fields.Datetime.now()
        # sudo: the author can read the mail, so the superuser is the author.
        template = template.with_user(SUPERUSER_ID).sudo()
        mail_id = (
            template.with_company(self.company_id)
            .with_context(care_asking=AUTOMATIC)
            .send_mail(
                self.id,
                email_values={
                    "model": False,
                    "res_id": False,
                    "headers": repr({"Auto-Submitted": "auto-generated"}),
                },
            )
        )
        # sudo: as above.
        self.env["crm.contact.policy"].with_company(self.company_id)._sign_mails(
            self.env["mail.mail"].sudo().browse(mail_id),
            self.env.ref("crm_extended.purpose_survey"),
            self.partner_id,
        )
        self.message_post(
            body=self._in_language_of_staff()._("Satisfaction survey sent."),
            author_id=self.env.ref("base.partner_root").id,
            message_type="notification",
            subtype_xmlid="mail.mt_note",
        )

    def _satisfaction_request(self):
        """The request of this case that has no answer yet, made where there is none.

        :return: as superuser
        """
        # sudo: as the docstring says.
        case = self.sudo().with_context(care_asking=AUTOMATIC)
        rating = self.env["rating.rating"].sudo()
        rating = rating.search([("access_token", "=", case._rating_get_access_token())])
        return self.env["crm.care.satisfaction"].sudo()._of_rating(rating)

    # -- Odoo's ratings

    def _rating_get_access_token(self, partner=None):
        if self.env.context.get("care_asking") is not AUTOMATIC:
            # The token answers in the name of the customer: it is not for previews and
            # messages, which colleagues read.
            return NO_TOKEN
        return super()._rating_get_access_token(partner)

    def rating_send_request(self, template, lang=False, force_send=True):
        # Not as a message of the case, in which its readers would find the link.
        self.check_access("write")
        for case in self:
            case.sudo()._mail_satisfaction(template.with_context(lang=lang or None))

    def rating_apply(
        self,
        rate,
        token=None,
        rating=None,
        feedback=None,
        subtype_xmlid=None,
        notify_delay_send=False,
    ):
        if not self.env.su:
            raise AccessError(self.env._("Only the customer can rate a case."))
        rating = super().rating_apply(
            rate, token, rating, feedback, subtype_xmlid, notify_delay_send
        )
        answer = self.env["crm.care.satisfaction"]._of_rating(rating)
        answer._rate(int(rating.rating), rating.feedback)
        return rating

    def _keep_face(self, rating, rate):
        """Keep the face that the customer has clicked in the mail, and let them send the
        rest of the form. The first face is kept: another one needs the form.

        :param rating.rating rating: of this case, as superuser
        :param int rate: 1, 3 or 5
        :return: the answer, as superuser
        """
        self.ensure_one()
        answer = self.env["crm.care.satisfaction"]._of_rating(rating)
        if not rating.consumed:
            self.rating_apply(rate, rating=rating)
            answer._keep_form_open()
        return answer

    def _rate_by_customer(self, rating, rate, comment, **answers):
        """Keep what the customer has filled in. After that the link is used up.

        :param rating.rating rating: of this case, as superuser
        :param int rate: 1, 3 or 5
        :param str comment: in plain text
        :param answers: see `crm.care.satisfaction._fill`
        """
        self.ensure_one()
        answer = self.env["crm.care.satisfaction"]._of_rating(rating)
        answer._fill(**answers)
        self.rating_apply(rate, rating=rating, feedback=comment)
        answer._close_form()

    def _rating_apply_get_default_subtype_id(self):
        # Inside the company: other followers of the case are not written to.
        return self.env["ir.model.data"]._xmlid_to_res_id(
            "crm_extended.mt_care_case_rating"
        )

    def _get_allowed_message_params(self):
        # A message is no rating: the customer was not asked for one.
        return super()._get_allowed_message_params() - {"rating_value", "rating_id"}

    def _without_rating(self, kwargs) -> dict:
        """Arguments of a message, without the rating that only the system may add."""
        if not self.env.su:
            kwargs.pop("rating_value", None)
            # A request goes with its message, when that is deleted.
            kwargs.pop("rating_id", None)
        return kwargs

    # -- In the portal

    def _customer_can_rate(self) -> bool:
        """Whether the customer may rate the case: once for each time it was solved."""
        self.ensure_one()
        if self.outcome != "solved" or not self.team_id.ask_rating:
            return False
        return not self._has_answered()

    def _has_answered(self) -> bool:
        """Whether the customer has rated the case since it was solved."""
        self.ensure_one()
        return any(
            answer.date and (not self.closed_date or answer.date >= self.closed_date)
            for answer in self.satisfaction_ids
        )

    def _anonymize_satisfaction(self):
        """Remove the customer's identity from the answers."""
        self.satisfaction_ids.write({"partner_id": False, "email_normalized": False})
        self.satisfaction_ids.rating_id.partner_id = False

    # -- Buttons

    def action_view_satisfaction(self):
        """Open what the customer of the case has answered."""
        self.ensure_one()
        return self.env["crm.care.satisfaction"]._action_of(
            [("case_id", "=", self.id)], self.display_name
        )
