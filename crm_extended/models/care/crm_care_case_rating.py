from datetime import timedelta

from odoo import SUPERUSER_ID, fields, models
from odoo.exceptions import AccessError

from .crm_care_case import BY_ITSELF
from .crm_care_satisfaction import average_of_given

# A case that is opened and solved again within so many hours, by mistake say, brings no
# second mail.
ASK_AGAIN_HOURS = 24

SAID_BY_CUSTOMER = ("satisfaction", "rating_last_value")

# Stands in the links where the mail is only looked at. They lead to a page that says so.
NO_TOKEN = "preview"


class CrmCareCase(models.Model):
    """Customers are asked how satisfied they are once their case is solved."""

    _inherit = "crm.care.case"

    # Not past the rules of ratings, in domains either.
    rating_ids = fields.One2many(bypass_search_access=False)
    satisfaction = fields.Float(
        readonly=True,
        copy=False,
        aggregator="avg",
        help="Perceived over expected, as the customer last said. 0: unmet, or no answer "
        "yet. Below 0.9: dissatisfied. About 1, which is from 0.9 to 1.1: fairly "
        "satisfied. Above 1.1: exceeded.",
    )
    satisfaction_ids = fields.One2many(
        "crm.care.satisfaction", "case_id", string="Answers on Satisfaction"
    )

    def _read_group_select(self, aggregate_spec, query):
        return average_of_given(
            self, aggregate_spec, query, ("satisfaction",)
        ) or super()._read_group_select(aggregate_spec, query)

    def _has_field_access(self, field, operation):
        # What the customer says follows from his answers alone.
        return super()._has_field_access(field, operation) and not (
            operation == "write" and field.name in SAID_BY_CUSTOMER and not self.env.su
        )

    # -- Asking

    def write(self, vals):
        if not {"stage_id", "team_id"} & vals.keys():
            return super().write(vals)
        others = self.filtered(lambda case: case.outcome != "solved")
        result = super().write(vals)
        if self.env.context.get("care_unasked") is not BY_ITSELF:
            others.filtered(lambda case: case.outcome == "solved")._ask_satisfaction()
        return result

    def _close_unanswered(self):
        # Who did not answer the question about his case, is not asked another one.
        unasked = self.with_context(care_unasked=BY_ITSELF)
        return super(CrmCareCase, unasked)._close_unanswered()

    def _satisfaction_address(self):
        """Where the customer is written to; False for nowhere."""
        self.ensure_one()
        if self.partner_id and not self.partner_id.active:
            return False
        return self.partner_id.email_normalized or self.email_normalized

    def _ask_satisfaction(self):
        """Write to the customers of these cases, where their teams want it, and neither
        they are on the blacklist nor were asked just now."""
        # sudo: settings of teams, and what nobody may write himself.
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
        addresses = {case._satisfaction_address() for case in cases}
        # sudo: as above.
        blacklist = self.env["mail.blacklist"].sudo()
        refusing = blacklist.search([("email", "in", list(addresses))]).mapped("email")
        since = fields.Datetime.now() - timedelta(hours=ASK_AGAIN_HOURS)
        # sudo: as above.
        requests = self.env["crm.care.satisfaction"].sudo()
        just_asked = requests.search(
            [("case_id", "in", cases.ids), ("asked_date", ">", since)]
        ).case_id
        for case in cases - just_asked:
            if case._satisfaction_address() not in refusing:
                case._mail_satisfaction(case.team_id.rating_template_id)

    def _mail_satisfaction(self, template):
        """Put the mail that asks for a rating into the queue.

        The mail belongs to no document: its link is the customer's alone, and who reads
        the case must not find it there.
        """
        self.ensure_one()
        self._satisfaction_request().asked_date = fields.Datetime.now()
        # sudo: the superuser is the author, who else would be shown the mail.
        template = template.with_user(SUPERUSER_ID).sudo()
        template.with_company(self.company_id).with_context(
            care_asking=BY_ITSELF
        ).send_mail(
            self.id,
            email_values={
                "model": False,
                "res_id": False,
                "headers": repr({"Auto-Submitted": "auto-generated"}),
            },
        )
        self.message_post(
            body=self._in_language_of_staff()._(
                "The customer was asked how satisfied he is."
            ),
            author_id=self.env.ref("base.partner_root").id,
            message_type="notification",
            subtype_xmlid="mail.mt_note",
        )

    def _satisfaction_request(self):
        """The request of this case that has no answer yet, made where there is none.

        :return: as superuser
        """
        # sudo: as the docstring says.
        case = self.sudo().with_context(care_asking=BY_ITSELF)
        rating = self.env["rating.rating"].sudo()
        rating = rating.search([("access_token", "=", case._rating_get_access_token())])
        return self.env["crm.care.satisfaction"].sudo()._of_rating(rating)

    # -- Odoo's ratings

    def _rating_get_access_token(self, partner=None):
        if self.env.context.get("care_asking") is not BY_ITSELF:
            # Whoever has it answers in the name of the customer: it is not for previews
            # and messages, which colleagues read.
            return NO_TOKEN
        return super()._rating_get_access_token(partner)

    def rating_send_request(self, template, lang=False, force_send=True):
        # Not as a message of the case, in which everybody would find the link.
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
            raise AccessError(self.env._("Only the customer rates a case."))
        rating = super().rating_apply(
            rate, token, rating, feedback, subtype_xmlid, notify_delay_send
        )
        answer = self.env["crm.care.satisfaction"]._of_rating(rating)
        answer._rate(int(rating.rating), rating.feedback)
        return rating

    def _rate_by_customer(self, rating, rate, comment, **answers):
        """Keep what the customer has filled in.

        :param rating.rating rating: of this case, as superuser
        :param int rate: 1, 3 or 5
        :param str comment: in plain text
        :param answers: see `crm.care.satisfaction._fill`
        """
        self.ensure_one()
        self.env["crm.care.satisfaction"]._of_rating(rating)._fill(**answers)
        self.rating_apply(rate, rating=rating, feedback=comment)

    def _rating_apply_get_default_subtype_id(self):
        # Inside the company: other followers of the case are not written to.
        return self.env["ir.model.data"]._xmlid_to_res_id(
            "crm_extended.mt_care_case_rating"
        )

    def _get_allowed_message_params(self):
        # A message is no rating: that would be one without having been asked.
        return super()._get_allowed_message_params() - {"rating_value", "rating_id"}

    def message_post(self, **kwargs):
        if not self.env.su:
            kwargs.pop("rating_value", None)
            # A request goes with its message, when that is deleted.
            kwargs.pop("rating_id", None)
        return super().message_post(**kwargs)

    # -- In the portal

    def _customer_can_rate(self) -> bool:
        """Whether the customer may say how satisfied he is: once for each time that the
        case was solved."""
        self.ensure_one()
        if self.outcome != "solved" or not self.team_id.ask_rating:
            return False
        return not any(
            answer.date and (not self.closed_date or answer.date >= self.closed_date)
            for answer in self.satisfaction_ids
        )

    def _anonymize(self):
        result = super()._anonymize()
        self.satisfaction_ids.write({"partner_id": False, "email_normalized": False})
        self.satisfaction_ids.rating_id.partner_id = False
        return result

    # -- Buttons

    def action_view_satisfaction(self):
        """Open what the customer of the case has answered."""
        self.ensure_one()
        return self.env["crm.care.satisfaction"]._action_of(
            [("case_id", "=", self.id)], self.display_name
        )
