"""A team that asks for everything, and a customer who answers."""

from datetime import timedelta

from .common import CareCommon


class SatisfactionCommon(CareCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.write({"ask_rating": True, "ask_nps": True})
        cls.Answer = cls.env["crm.care.satisfaction"]

    def solve(self, case):
        case.stage_id = self.solved
        return case.satisfaction_ids.filtered(lambda answer: not answer.date)

    def mails_of(self, case):
        mails = self.env["mail.mail"].search([("subject", "like", f"[{case.number}]")])
        return mails.filtered(lambda mail: "/rate/" in (mail.body_html or ""))

    def answer(self, case, rate=5, comment="", expected=0, perceived=0, nps=None):
        request = case._satisfaction_request()
        case.sudo()._rate_by_customer(
            request.rating_id,
            rate,
            comment,
            expected=expected,
            perceived=perceived,
            nps=nps,
        )
        return request

    def later(self, request, **delta):
        """Let so much time have passed since the customer was asked and answered."""
        for name in ("asked_date", "date"):
            if request[name]:
                request[name] -= timedelta(**delta)
        self.env.flush_all()

    def averages(self, groupby=(), domain=()):
        names = ["ratio", "csat_points", "nps_points", "answered_points", "rating"]
        return self.Answer._read_group(
            [("case_id.team_id", "=", self.team.id), *domain],
            list(groupby),
            ["__count", *(f"{name}:avg" for name in names)],
        )
