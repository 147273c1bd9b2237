"""Open complaints, and customers who were not satisfied."""

from datetime import timedelta

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
