"""High spenders who slip, and the revenue that is at stake."""

from datetime import timedelta

from odoo.tests import tagged

from ..agenda.common import AgendaCommon


@tagged("post_install", "-at_install")
class TestAgendaRfm(AgendaCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.others = cls.customers(4)
        for number, partner in enumerate(cls.others):
            cls.buy(partner, 10.0, days_ago=40 + number)
        # Two who spend much, and bought last.
        cls.bob = cls.mine("Bob")
        for partner in cls.ada + cls.bob:
            for days_ago in (30, 31, 32):
                cls.buy(partner, 1000.0, days_ago=days_ago)
        cls.refresh()
        # All others buy again: the two are the last ones now.
        for partner in cls.others:
            for days_ago in range(6):
                cls.buy(partner, 10.0, days_ago=days_ago)
        cls.refresh()
        cls.slipped = cls.env["crm.rfm.change"].search(
            [("partner_id", "in", (cls.ada + cls.bob).ids), ("old_code", "!=", False)]
        )

    def test_only_with_consent(self):
        self.assertTrue(self.slipped)
        self.assertEqual(self.found(), [])
        self.consent(self.ada)
        self.assertEqual(self.found(), [(self.ada.id, ["slipped"])])
        [row] = self.today_of()["rows"]
        score = self.score(self.ada)
        self.assertTrue(row["reasons"][0]["text"].startswith("Score fell from "))
        self.assertIn(f" to {score.code}", row["reasons"][0]["text"])
        self.assertEqual((row["money"], row["is_revenue"]), (3000, True))
        self.assertEqual(row["reasons"][0]["res_id"], score.id)

    def test_as_a_service(self):
        """A company that regards such a call as service asks for no consent."""
        reasons = self.env["crm.agenda.reason"]
        reasons._complete(self.company_a)
        reasons.search(
            [("company_id", "=", self.company_a.id), ("key", "=", "slipped")]
        ).purpose = "service"
        self.assertEqual(len(self.found()), 2)

    def test_not_for_long(self):
        self.consent(self.ada)
        for change in self.slipped:
            change.date -= timedelta(days=31)
        self.assertEqual(self.found(), [])

    def test_who_refused_profiling_is_left_out(self):
        self.consent(self.ada)
        self.env["crm.consent"].create(
            {
                "partner_id": self.ada.id,
                "company_id": self.company_a.id,
                "purpose_id": self.env.ref("crm_extended.purpose_profiling").id,
                "state": "refused",
            }
        )
        self.assertEqual(self.found(), [])

    def test_revenue_of_others_customers(self):
        """One is on the list for an activity alone."""
        stranger = self.mine("Stranger", user=self.manager)
        self.buy(stranger, 7000.0, days_ago=3)
        self.refresh()
        self.activity(stranger)
        [row] = self.today_of()["rows"]
        self.assertEqual((row["name"], row["money"]), ("Stranger", 7000))
