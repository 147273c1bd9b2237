from datetime import datetime, timedelta

from odoo import fields

from ..common import CustomerValueCommon


class ConsentCommon(CustomerValueCommon):
    """A contact who can be mailed, and purposes of each basis."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy = cls.env["crm.contact.policy"].with_company(cls.company_a)
        cls.service = cls.env.ref("crm_extended.purpose_service")
        cls.loyalty = cls.env.ref("crm_extended.purpose_loyalty")
        cls.survey = cls.env.ref("crm_extended.purpose_survey")
        cls.marketing = cls.env.ref("crm_extended.purpose_marketing")
        cls.profiling = cls.env.ref("crm_extended.purpose_profiling")
        cls.berlin = cls.env.ref("base.de")
        cls.person = cls.customer(
            "Ada", email="ada@example.com", country_id=cls.berlin.id
        )

    def answer(self, state="given", person=None, purpose=None, **values):
        return self.env["crm.consent"].create(
            {
                "partner_id": (person or self.person).id,
                "company_id": self.company_a.id,
                "purpose_id": (purpose or self.marketing).id,
                "state": state,
                **values,
            }
        )

    def ask(self, purpose=None, channel="email", moment=None, person=None, policy=None):
        """The answer about one person."""
        person = person or self.person
        policy = self.policy if policy is None else policy
        answers = policy._check(person, purpose or self.marketing, channel, moment)
        self.assertEqual(set(answers), set(person.ids))
        return answers[person.id]

    def assertAllowed(self, answer):
        self.assertEqual(answer, {"allowed": True, "date": None, "reason": None})

    def assertNever(self, answer, reason):
        self.assertEqual(answer, {"allowed": False, "date": None, "reason": reason})

    def assertLater(self, answer, date, reason):
        self.assertEqual(answer, {"allowed": False, "date": date, "reason": reason})

    def touch(self, person=None, ago=timedelta(), moment=None, **values):
        person = person or self.person
        return self.env["crm.contact.touch"].create(
            {
                "partner_id": person.commercial_partner_id.id,
                "contact_id": person.id,
                "company_id": self.company_a.id,
                "channel": "email",
                "purpose_id": self.marketing.id,
                "date": (moment or fields.Datetime.now()) - ago,
                **values,
            }
        )


# A Friday in winter.
FRIDAY = datetime(2026, 11, 27, 12, 0)
