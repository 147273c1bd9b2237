"""What follows from a changed life-cycle stage: timeline, agenda, nothing twice."""

from datetime import timedelta

from odoo.tests import tagged

from ..agenda.common import AgendaCommon
from .lifecycle_common import LifecycleCommon
from .test_lifecycle import STEADY


@tagged("post_install", "-at_install")
class TestLifecycleEvents(LifecycleCommon, AgendaCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for ago, amount in STEADY:
            cls.buy(cls.ada, amount, ago)
        cls.update_stages(-2)
        cls.buy(cls.ada, -70, 1)
        cls.update_stages(-1)
        cls.update_stages()

    def setUp(self):
        super().setUp()
        self.consent(self.ada)

    def test_an_entry_in_the_timeline(self):
        timeline = self.as_user(self.salesman, "crm.timeline")
        self.ada.user_id = self.salesman
        entries = timeline.fetch("res.partner", self.ada.id, kinds=["lifecycle"])[
            "entries"
        ]
        self.assertEqual([each["title"] for each in entries], ["Stable → Decline"])
        # A computation of an earlier day is no history.
        self.update_stages(-250)
        again = timeline.fetch("res.partner", self.ada.id, kinds=["lifecycle"])
        self.assertEqual(len(again["entries"]), 1)
        self.env["crm.feature"]._switch(insight=False)
        gone = timeline.fetch("res.partner", self.ada.id)
        self.assertNotIn("lifecycle", {each["kind"] for each in gone["entries"]})
        self.assertNotIn("lifecycle", gone["counts"])

    def test_on_the_list_of_the_day(self):
        self.assertEqual(self.found(), [(self.ada.id, ["decline"])])
        [row] = self.today_of()["rows"]
        [reason] = row["reasons"]
        self.assertIn("Moved to decline", reason["text"])
        self.assertIn("30", reason["text"])
        self.assertIn("100", reason["text"])
        self.assertEqual(reason["res_id"], self.row(self.ada).id)

    def test_not_for_long_nor_by_settings(self):
        change = self.env["crm.lifecycle.change"].search(
            [("partner_id", "=", self.ada.id)]
        )
        change.reason = "definition_changed"
        self.assertEqual(self.found(), [])
        change.reason = False
        self.assertEqual(len(self.found()), 1)
        self.row(self.ada).stage_date -= timedelta(days=31)
        self.assertEqual(self.found(), [])

    def test_who_refused_profiling_is_left_out(self):
        self.env["crm.consent"].create(
            {
                "partner_id": self.ada.id,
                "company_id": self.company_a.id,
                "purpose_id": self.env.ref("crm_extended.purpose_profiling").id,
                "state": "refused",
            }
        )
        self.assertEqual(self.found(), [])

    def test_not_said_twice(self):
        """The score of a high spender fell in the same days: that is the reason."""
        score = self.env["crm.rfm.score"].create(
            {
                "partner_id": self.ada.id,
                "company_id": self.company_a.id,
                "recency_score": 2,
                "frequency_score": 3,
                "monetary_score": 5,
                "code": "235",
            }
        )
        self.assertEqual(self.found(), [(self.ada.id, ["decline"])])
        self.env["crm.rfm.change"].create(
            {
                "partner_id": self.ada.id,
                "company_id": self.company_a.id,
                "date": self.today,
                "old_recency_score": 4,
                "old_frequency_score": 3,
                "old_monetary_score": 5,
                "new_recency_score": 2,
                "new_frequency_score": 3,
                "new_monetary_score": 5,
                "old_code": "435",
                "new_code": "235",
            }
        )
        self.assertEqual(self.found(), [(self.ada.id, ["slipped"])])
        score.monetary_score = 2
        self.assertEqual(self.found(), [(self.ada.id, ["decline"])])

    def test_off_means_gone(self):
        self.env["crm.feature"]._switch(insight=False)
        self.assertEqual(self.found(), [])
        runs = self.env["crm.lifecycle.run"].search_count([])
        self.env["crm.lifecycle"]._cron_refresh()
        self.assertEqual(self.env["crm.lifecycle.run"].search_count([]), runs)
        # Nor does a changed definition wait for it.
        self.env["res.company"]._expect_other_figures()
        pending = self.env["crm.lifecycle.run"]._is_definition_pending(self.company_a)
        self.assertFalse(pending)
