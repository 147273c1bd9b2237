from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import AgendaCommon


@tagged("post_install", "-at_install")
class TestAgendaOutcome(AgendaCommon):
    """What customers bought after they were on a list."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company_a.rfm_source = "sale"

    def listed(self, partner, days, state="open", user=None, company=None):
        return self.env["crm.agenda.item"].create(
            {
                "partner_id": partner.id,
                "company_id": (company or self.company_a).id,
                "user_id": (user or self.salesman).id,
                "day": self.today - timedelta(days=days),
                "state": state,
                "reason_keys": "quotation",
            }
        )

    def bought(self, partner, days, amount=100.0):
        return self.env["crm.purchase.history"].create(
            {
                "partner_id": partner.id,
                "company_id": self.company_a.id,
                "date": self.today - timedelta(days=days),
                "amount": amount,
                "currency_id": self.company_a.currency_id.id,
            }
        )

    def outcomes(self, user=None):
        outcomes = self.as_user(user or self.manager, "crm.agenda.outcome")
        return {
            one.partner_id.name: (one.outcome, one.purchases, one.revenue)
            for one in outcomes.search([("company_id", "=", self.company_a.id)])
        }

    def test_contacted_and_not(self):
        bert, cleo = self.mine("Bert"), self.mine("Cleo")
        self.listed(self.ada, 40, "done")
        self.listed(bert, 40, "skipped")
        self.listed(cleo, 40, "snoozed")
        self.bought(self.ada, 38, 100)
        self.bought(self.ada, 30, 50)
        self.bought(self.ada, 20, 999)
        self.bought(bert, 41, 999)
        self.bought(bert, 26, 70)
        self.assertEqual(
            self.outcomes(),
            {
                "Ada": ("contacted", 2, 150),
                "Bert": ("listed", 1, 70),
                "Cleo": ("listed", 0, 0),
            },
        )
        summary = self.as_user(self.manager, "crm.agenda.outcome").get_summary()
        first, second = summary["groups"]
        self.assertEqual(
            [first[name] for name in ("outcome", "customers", "buyers", "share")],
            ["contacted", 1, 1, 1.0],
        )
        self.assertEqual((second["customers"], second["buyers"]), (2, 1))
        self.assertAlmostEqual(second["share"], 0.5)
        self.assertAlmostEqual(second["revenue"], 70)
        self.assertAlmostEqual(second["mean_revenue"], 35)

    def test_a_customer_counts_once_in_two_weeks(self):
        start = (self.today - timedelta(days=60)).toordinal() % 14
        # The first day of a period of two weeks.
        first = 60 + (start - 8) % 14
        self.listed(self.ada, first)
        self.listed(self.ada, first - 1, "done")
        self.listed(self.ada, first - 2, "snoozed")
        outcome = self.as_user(self.manager, "crm.agenda.outcome").search(
            [("partner_id", "=", self.ada.id)]
        )
        self.assertEqual(len(outcome), 1)
        self.assertEqual(outcome.outcome, "contacted")
        self.assertEqual(outcome.day, self.today - timedelta(days=first - 1))

    def test_what_is_left_out(self):
        bert, cleo = self.mine("Bert"), self.mine("Cleo")
        # Two weeks are not over; the reason went away by itself.
        self.listed(self.ada, 14, "done")
        self.listed(bert, 40, "gone")
        self.listed(cleo, 40, company=self.company_b)
        self.assertFalse(self.outcomes())

    def test_no_list_at_all(self):
        outcomes = self.as_user(self.manager, "crm.agenda.outcome")
        self.assertEqual(
            [one["customers"] for one in outcomes.get_summary()["groups"]], [0, 0]
        )

    def test_managers_only(self):
        outcomes = self.as_user(self.salesman, "crm.agenda.outcome")
        for ask in (lambda: outcomes.search([]), outcomes.get_summary):
            with self.assertRaises(AccessError):
                ask()
