"""Open complaints, and customers who were not satisfied."""

from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from ..agenda.common import AgendaCommon
from .care_satisfaction_common import SatisfactionCommon


@tagged("post_install", "-at_install")
class TestAgendaCare(SatisfactionCommon, AgendaCommon):
    def test_complaint(self):
        case = self.case(partner_id=self.ada.id, type="complaint")
        self.case(partner_id=self.ada.id, type="request")
        self.assertEqual(self.found(), [(self.ada.id, ["complaint"])])
        [row] = self.today_of()["rows"]
        self.assertIn(case.display_name, row["reasons"][0]["text"])
        self.assertEqual(row["pressure"], 1)
        case.stage_id = self.solved
        self.assertEqual(self.found(), [])

    def test_complaint_of_a_contact(self):
        firm = self.mine("Firm", is_company=True)
        person = self.customer("Person", parent_id=firm.id, phone="+1 555 0123")
        self.case(partner_id=person.id, type="complaint")
        [row] = self.today_of()["rows"]
        self.assertEqual(row["partner_id"], firm.id)
        self.assertEqual(row["channels"][0]["contact_id"], person.id)

    def test_bad_rating(self):
        case = self.case(partner_id=self.ada.id)
        self.solve(case)
        self.answer(case, 1)
        self.assertEqual(self.found(), [(self.ada.id, ["bad_rating"])])
        [row] = self.today_of()["rows"]
        self.assertIn("with 1 of 5", row["reasons"][0]["text"])

    def test_bad_rating_until_someone_calls(self):
        case = self.case(partner_id=self.ada.id)
        self.solve(case)
        request = self.answer(case, 2)
        self.later(request, days=3)
        self.interaction(self.ada, days=5)
        self.assertEqual(self.found(), [(self.ada.id, ["bad_rating"])])
        self.interaction(self.ada, days=1)
        self.assertEqual(self.found(), [])

    def test_after_a_contact_of_the_same_day(self):
        """What came up after the contact does not rest, what was there before does."""
        case = self.case(partner_id=self.ada.id)
        self.solve(case)
        self.answer(case, 1)
        self.case(partner_id=self.ada.id, type="complaint")
        with freeze_time("2026-06-10 15:00:00"):
            now = fields.Datetime.now()
            case.satisfaction_ids.date = now - timedelta(hours=2)
            complaint = self.env["crm.care.case"].search(
                [("partner_id", "=", self.ada.id), ("type", "=", "complaint")]
            )
            complaint.opened_date = now - timedelta(hours=4)
            for hours, keys in (
                (6, ["complaint", "bad_rating"]),
                (3, ["bad_rating"]),
                (1, []),
            ):
                self.interaction(self.ada, date=now - timedelta(hours=hours))
                found = dict(self.found()).get(self.ada.id, [])
                self.assertEqual(found, keys)
        # A complaint rests until the next day, a rating for its life.
        with freeze_time("2026-06-11 15:00:00"):
            self.assertEqual(self.found(), [(self.ada.id, ["complaint"])])
            self.answer_on(case, "2026-06-11 10:00:00")
            self.assertEqual(self.found(), [(self.ada.id, ["complaint", "bad_rating"])])

    def answer_on(self, case, moment):
        case.satisfaction_ids.date = moment

    def test_days_of_the_user(self):
        """A moment in the evening of UTC is on the next day in Auckland."""
        case = self.case(partner_id=self.ada.id, type="complaint")
        case.opened_date = "2026-06-10 20:00:00"
        rated = self.case(partner_id=self.ada.id)
        self.solve(rated)
        self.answer(rated, 2)
        self.answer_on(rated, "2026-06-10 20:00:00")
        for zone, day in (
            ("Pacific/Auckland", "Jun 11, 2026"),
            ("America/New_York", "Jun 10, 2026"),
        ):
            self.salesman.tz = zone
            with self.subTest(zone=zone), freeze_time("2026-06-12 12:00:00"):
                [row] = self.today_of()["rows"]
                for reason in row["reasons"]:
                    self.assertIn(day, reason["text"])

    def test_good_and_old_ratings(self):
        good, old = self.case(partner_id=self.ada.id), self.case(partner_id=self.ada.id)
        self.solve(good)
        self.answer(good, 4)
        self.solve(old)
        self.later(self.answer(old, 1), days=20)
        self.assertEqual(self.found(), [])

    def test_activity_on_a_case(self):
        case = self.case(partner_id=self.ada.id)
        self.activity(case)
        self.assertEqual(self.found(), [(self.ada.id, ["activity"])])
        self.env["crm.feature"]._switch(care=False)
        self.assertEqual(self.found(), [])

    def test_without_the_feature(self):
        self.case(
            partner_id=self.ada.id,
            type="complaint",
            opened_date=fields.Datetime.now() - timedelta(days=1),
        )
        self.assertTrue(self.found())
        self.env["crm.feature"]._switch(care=False)
        self.assertEqual(self.found(), [])
