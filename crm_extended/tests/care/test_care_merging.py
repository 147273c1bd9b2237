"""Merged cases: what was answered stays answered, and nothing goes round in circles."""

from odoo.exceptions import UserError, ValidationError

from .care_mail_common import CareMailCommon
from .common import CareCommon


class TestCareMerging(CareCommon):
    def opened(self, text, **values):
        with self.at(text):
            return self.case(**values)

    def answer(self, case, text):
        with self.at(text):
            case.with_user(self.agent_team).message_post(
                body="We look into it",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            )

    def merge(self, cases, target, text):
        with self.at(text):
            cases._merge_into(target)
        self.env.invalidate_all()

    def test_the_earliest_answer_counts(self):
        self.sla(4, metric="first_response")
        first = self.opened("2026-03-16 08:00")
        second = self.opened("2026-03-16 08:10")
        third = self.opened("2026-03-16 08:20")
        self.answer(third, "2026-03-16 09:30")
        self.answer(second, "2026-03-16 09:00")
        # Long after it was due.
        self.merge(second + third, first, "2026-03-17 10:00")
        answered = self.local("2026-03-16 09:00")
        self.assertEqual(first.first_response_date, answered)
        self.assertEqual(first.first_response_hours, 1)
        self.assertEqual(first.sla_status_ids.reached_date, answered)
        self.assertState(first.sla_status_ids, "reached", "state")
        self.assertFalse(first.sla_status_ids.next_escalation_date)

    def test_an_answer_too_late_is_too_late(self):
        self.sla(1, metric="first_response")
        first = self.opened("2026-03-16 08:00")
        second = self.opened("2026-03-16 10:00")
        self.answer(second, "2026-03-16 10:30")
        self.assertState(second.sla_status_ids, "reached", "state")
        self.merge(second, first, "2026-03-16 11:00")
        self.assertState(first.sla_status_ids, "failed", "state")

    def test_a_later_answer_gives_way(self):
        self.sla(1, metric="first_response")
        first = self.opened("2026-03-16 08:00")
        second = self.opened("2026-03-16 08:10")
        self.answer(second, "2026-03-16 08:30")
        self.answer(first, "2026-03-16 11:00")
        self.assertState(first.sla_status_ids, "failed", "state")
        self.merge(second, first, "2026-03-16 12:00")
        self.assertState(first.sla_status_ids, "reached", "state")
        third = self.opened("2026-03-16 13:00")
        self.answer(third, "2026-03-16 13:10")
        self.merge(third, first, "2026-03-16 14:00")
        self.assertEqual(first.first_response_date, self.local("2026-03-16 08:30"))

    def test_asked_first_in_a_merged_case(self):
        self.sla(2, metric="first_response")
        self.sla(8)
        older = self.opened("2026-03-16 08:00")
        newer = self.opened("2026-03-16 14:00")
        self.answer(older, "2026-03-16 11:00")
        self.merge(older, newer, "2026-03-16 14:30")
        self.assertEqual(newer.opened_date, self.local("2026-03-16 08:00"))
        answer, resolution = newer.sla_status_ids.sorted("metric")
        # Three hours after they had asked.
        self.assertState(answer, "failed", "state")
        self.assertEqual(self.due_local(resolution), "Mon 2026-03-16 17:00")

    def test_merging_takes_back_no_miss(self):
        self.sla(8)
        urgent = self.sla(1, priority="3")
        case = self.opened("2026-03-16 09:00", priority="3")
        other = self.opened("2026-03-16 08:00")
        with self.at("2026-03-16 11:00"):
            case.with_user(self.care_manager).priority = "0"
        self.merge(other, case, "2026-03-16 12:00")
        missed = case.sla_status_ids.filtered(lambda status: status.sla_id == urgent)
        self.assertState(missed, "failed", "state")

    def test_no_case_is_merged_into_itself(self):
        a, b, c = self.case("a"), self.case("b"), self.case("c")
        b._merge_into(a)
        c._merge_into(b)
        self.assertEqual(c.merged_into_id, a)
        for case, target in ((a, c), (a, a), (a, b)):
            with self.assertRaisesRegex(
                ValidationError, "cannot be merged into itself"
            ):
                case.merged_into_id = target
        result = self.env["crm.care.case"].load(
            ["id", "merged_into_id/.id"],
            [[a.export_data(["id"])["datas"][0][0], str(c.id)]],
        )
        self.assertFalse(result["ids"])
        self.assertIn("cannot be merged into itself", result["messages"][0]["message"])

    def test_nor_into_one_of_another_company(self):
        team_b = self.env["crm.care.team"].create(
            {"name": "B", "company_id": self.company_b.id}
        )
        foreign = self.case("foreign", team_id=team_b.id)
        with self.assertRaises(UserError):
            self.case().merged_into_id = foreign


class TestCareCircles(CareMailCommon):
    """Circles that are in the data already."""

    def circle(self, *cases):
        self.env.flush_all()
        for case, target in zip(cases, (*cases[1:], cases[0]), strict=True):
            self.env.cr.execute(
                "UPDATE crm_care_case SET merged_into_id = %s WHERE id = %s",
                [target.id, case.id],
            )
        self.env.invalidate_all()

    def test_walks_end(self):
        a, b, c, d = (self.case(name) for name in "abcd")
        self.circle(a, b, c)
        d.sudo().merged_into_id = b
        for case in (a, b, c, d):
            self.assertEqual(case._became(), a)
        a.stage_id = b.stage_id = self.cancelled
        self.assertEqual(d._became(), c)
        self.circle(d)
        self.assertEqual(d._became(), d)

    def test_mails_are_not_held_up(self):
        a, b = self.case("a"), self.case("b")
        self.circle(a, b)
        went_to = self.receive("asker@example.com", f"Re: {b.number}")
        self.assertTrue(went_to.exists())

    def test_merging_ends_the_circle(self):
        a, b, c = (self.case(name) for name in "abc")
        self.circle(a, b)
        c._merge_into(b)
        self.assertFalse(a.merged_into_id)
        self.assertEqual((b + c).merged_into_id, a)
