from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import plaintext2html

from ...analytics.care.satisfaction import NPS_DAYS, nps_group

BAD_VERDICTS = ("unmet", "dissatisfied")


class CrmCareSatisfaction(models.Model):
    """What is asked, what is kept of the answer, and what follows from it."""

    _inherit = "crm.care.satisfaction"

    # -- Asking

    @api.model
    def _of_rating(self, rating):
        """The request that a rating belongs to, made where there is none yet.

        :param rating.rating rating: of a case, as superuser
        """
        request = self.search([("rating_id", "=", rating.id)])
        if request:
            return request
        case = self.env["crm.care.case"].browse(rating.res_id)
        return self.create(
            {
                "case_id": case.id,
                "rating_id": rating.id,
                "asked_date": fields.Datetime.now(),
                "partner_id": rating.partner_id.id,
                "email_normalized": case._satisfaction_address(),
                "nps_asked": self._may_ask_nps(case),
                **self._who_is_rated(case),
            }
        )

    @api.model
    def _who_is_rated(self, case) -> dict:
        return {
            "user_id": case.user_id.id,
            "team_id": case.team_id.id,
            "tier_id": case.tier_id.id,
        }

    @api.model
    def _may_ask_nps(self, case) -> bool:
        """Whether the customer of a case may be asked whether he would recommend us:
        where the team wants it, and neither the contact nor anybody with his address was
        asked in the last days."""
        if not case.team_id.ask_nps:
            return False
        since = fields.Datetime.now() - timedelta(days=NPS_DAYS)
        address = case._satisfaction_address()
        whose = Domain("email_normalized", "=", address) if address else Domain.FALSE
        if case.partner_id:
            whose |= Domain("partner_id", "=", case.partner_id.id)
        asked = Domain("nps_asked", "=", True) & (
            Domain("asked_date", ">", since) | Domain("date", ">", since)
        )
        return not self.search_count(
            asked & whose & Domain("company_id", "=", case.company_id.id), limit=1
        )

    # -- Answering

    def _fill(self, expected=0, perceived=0, nps=None):
        """Keep what was asked beside the face, within the scales; what was not asked is
        left out.

        :param int expected: 1 to 10; 0 for no answer
        :param int perceived: 1 to 10; 0 for no answer
        :param int nps: 0 to 10; None for no answer
        """
        self.ensure_one()
        values = {}
        if expected and perceived and self.case_id.team_id.ask_expectation:
            values.update(expected=expected, perceived=perceived)
        if nps is not None and self.nps_asked:
            values.update(nps=nps, nps_group=nps_group(nps))
        self.write(values)

    def _rate(self, rating, comment):
        """Keep the face and what was written, and do what follows from the answer.

        :param int rating: 1 to 5
        :param str comment: in plain text
        """
        self.ensure_one()
        self.write(
            {
                "date": fields.Datetime.now(),
                "rating": rating,
                "comment": comment,
                **self._who_is_rated(self.case_id),
            }
        )
        if self.ratio:
            self.case_id.satisfaction = self.ratio
        if self._is_bad():
            self._open_activity()

    def _is_bad(self) -> bool:
        return self.rating_text == "ko" or self.verdict in BAD_VERDICTS

    def _open_activity(self):
        """Let the one who is responsible for the case see to an unhappy customer."""
        case = self.case_id
        type_ref = "crm_extended.mail_activity_type_care_unhappy"
        company = case.company_id
        user = case.user_id._care_of(company) or case.team_id.user_id._care_of(company)
        if not user or case.activity_search([type_ref]):
            return
        in_words = self.with_context(lang=user.lang)
        case.with_context(lang=user.lang).activity_schedule(
            type_ref,
            user_id=user.id,
            summary=in_words._in_words(),
            note=plaintext2html(self.comment or ""),
        )

    def _in_words(self) -> str:
        labels = dict(self._fields["rating_text"]._description_selection(self.env))
        words = [labels[self.rating_text]] if self.rating_text else []
        if self.expected:
            words.append(
                self.env._(
                    "expected %(expected)s, perceived %(perceived)s",
                    expected=self.expected,
                    perceived=self.perceived,
                )
            )
        return self.env._("Dissatisfied customer: %s", ", ".join(words))
