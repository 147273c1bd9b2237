"""History of moves, and what is told from it."""

from datetime import timedelta

from odoo.exceptions import ValidationError
from odoo.tools.safe_eval import safe_eval

from ..common import CustomerValueCommon


class TestRfmMovement(CustomerValueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.faller, cls.riser, cls.steady, cls.gone = (
            cls.customer(name, user_id=cls.salesman.id)
            for name in ("Faller", "Riser", "Steady", "Gone")
        )
        cls.start = cls.today - timedelta(days=100)
        for days in (101, 102, 103):
            cls.buy(cls.faller, 300.0, days_ago=days)
        cls.buy(cls.riser, 10.0, days_ago=200)
        cls.buy(cls.steady, 50.0, days_ago=150)
        cls.doomed = cls.buy(cls.gone, 20.0, days_ago=180)
        cls.refresh(as_of=cls.start)
        cls.before = {score.partner_id: score.code for score in cls.scores()}

    def changes(self, partner):
        return self.env["crm.rfm.change"].search([("partner_id", "=", partner.id)])

    def movement(self, partner, date_from=None, date_to=None):
        context = {"rfm_date_from": date_from, "rfm_date_to": date_to}
        # One request asks about one pair of days; here, other days are in the cache.
        self.env.invalidate_all()
        return (
            self.env["crm.rfm.movement"]
            .with_context(**context)
            .search([("partner_id", "=", partner.id)])
        )

    def move_on(self):
        for days in (1, 2, 3, 4):
            self.buy(self.riser, 400.0, days_ago=days)
        self.refresh()

    def test_the_first_refresh_records_nobody(self):
        self.assertFalse(
            self.env["crm.rfm.change"].search([("company_id", "=", self.company_a.id)])
        )

    def test_a_move_is_recorded_with_both_sides(self):
        self.move_on()
        change = self.changes(self.riser)
        self.assertEqual(len(change), 1)
        self.assertEqual(change.date, self.today)
        self.assertEqual(change.old_code, self.before[self.riser])
        score = self.score(self.riser)
        self.assertEqual(change.new_code, score.code)
        self.assertEqual(change.new_segment_id, score.segment_id)
        self.assertEqual(change.old_segment_id, score.previous_segment_id)
        self.assertEqual(change.new_frequency_score, score.frequency_score)
        self.assertEqual(change.revenue, score.revenue)

    def test_refreshing_again_records_nothing(self):
        self.move_on()
        before = self.env["crm.rfm.change"].search_count([])
        self.refresh()
        self.assertEqual(self.env["crm.rfm.change"].search_count([]), before)

    def test_who_comes_and_who_goes(self):
        newcomer = self.customer("Newcomer")
        self.buy(newcomer, 5.0)
        self.doomed.unlink()
        self.refresh()
        came, went = self.changes(newcomer), self.changes(self.gone)
        self.assertFalse(came.old_code)
        self.assertTrue(came.new_code)
        self.assertTrue(went.old_code)
        self.assertFalse(went.new_code)

    def test_the_standing_of_a_past_day_is_told_from_the_moves(self):
        self.move_on()
        middle = self.today - timedelta(days=50)
        movement = self.movement(self.riser, str(middle), str(self.today))
        self.assertEqual(movement.old_code, self.before[self.riser])
        self.assertEqual(movement.new_code, self.score(self.riser).code)
        self.assertGreater(movement.frequency_change, 0)
        unmoved = self.movement(self.riser, str(self.start), str(middle))
        self.assertEqual(unmoved.old_code, unmoved.new_code)

    def test_a_newcomer_stood_nowhere_before(self):
        newcomer = self.customer("Newcomer")
        self.buy(newcomer, 5.0)
        self.refresh()
        movement = self.movement(newcomer, str(self.start), str(self.today))
        self.assertFalse(movement.old_code)
        self.assertFalse(movement.old_segment_id)
        self.assertTrue(movement.new_code)

    def test_the_matrix_counts_every_customer_once(self):
        self.move_on()
        groups = (
            self.env["crm.rfm.movement"]
            .with_context(rfm_date_from=str(self.start))
            ._read_group(
                [("company_id", "=", self.company_a.id)],
                ["old_segment_id", "new_segment_id"],
                ["__count", "revenue:sum"],
            )
        )
        self.assertEqual(sum(count for *_segments, count, _revenue in groups), 4)

    def test_the_watch_list_has_who_fell_the_best_first(self):
        self.move_on()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended.crm_rfm_watch_list_action"
        )
        self.assertIn("recency_change", action["domain"])
        fell = (
            self.env["crm.rfm.movement"]
            .with_context(rfm_date_from=str(self.start))
            .search(
                [
                    "|",
                    ("recency_change", "<", 0),
                    ("frequency_change", "<", 0),
                    ("company_id", "=", self.company_a.id),
                ]
            )
        )
        self.assertIn(self.faller, fell.partner_id)
        self.assertNotIn(self.riser, fell.partner_id)
        scores = fell.mapped("new_monetary_score")
        self.assertEqual(scores, sorted(scores, reverse=True))

    def test_the_watch_list_says_how_many_refused_profiling(self):
        self.move_on()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended.crm_rfm_watch_list_action"
        )
        domain = safe_eval(action["domain"])
        movements = self.as_user(self.salesman, "crm.rfm.movement").with_context(
            rfm_date_from=str(self.start), **safe_eval(action["context"])
        )
        before = movements.search(domain).partner_id
        self.assertIn(self.faller, before)
        self.assertEqual(movements.get_history()["left_out"], 0)
        self.env["crm.consent"].create(
            {
                "partner_id": self.faller.id,
                "company_id": self.company_a.id,
                "purpose_id": self.env.ref("crm_extended.purpose_profiling").id,
                "state": "refused",
            }
        )
        self.assertEqual(movements.search(domain).partner_id, before - self.faller)
        self.assertEqual(movements.get_history()["left_out"], 1)
        # Segment Flow is a sum: they are in it.
        everywhere = movements.with_context(is_watch_list=False)
        self.assertFalse(everywhere.get_history()["left_out"])

    def test_the_watch_list_asks_each_company_for_its_own_answers(self):
        self.move_on()
        company_b = self.company_b
        other = self.customer("Other Faller")
        for partner, company in (
            (other, self.company_a),
            *((each, company_b) for each in (self.faller, other)),
        ):
            for days in (101, 102, 103):
                self.buy(partner, 300.0, days_ago=days, company=company)
        self.buy(self.riser, 10.0, days_ago=200, company=company_b)
        for company in (self.company_a, company_b):
            self.refresh(company, self.start)
            for days in (1, 2, 3, 4):
                self.buy(self.riser, 400.0, days_ago=days, company=company)
            self.refresh(company)
        self.salesman.company_ids += company_b
        purpose = self.env.ref("crm_extended.purpose_profiling")
        answers = self.env["crm.consent"]

        def answer(partner, company, state):
            answers.create(
                {
                    "partner_id": partner.id,
                    "company_id": company.id,
                    "purpose_id": purpose.id,
                    "state": state,
                }
            )

        answer(self.faller, company_b, "refused")
        answer(other, self.company_a, "refused")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended.crm_rfm_watch_list_action"
        )
        domain = [
            *safe_eval(action["domain"]),
            ("partner_id", "in", (self.faller + other).ids),
        ]
        allowed = (self.faller, self.company_a), (other, company_b)
        for current, basis in (
            (self.company_a, "unless_refused"),
            (company_b, "unless_refused"),
            (self.company_a, "needed"),
        ):
            with self.subTest(current=current.name, basis=basis):
                purpose.basis = basis
                if basis == "needed":
                    # Without an answer there is no consent.
                    answer(self.faller, self.company_a, "given")
                    allowed = allowed[:1]
                self.env.invalidate_all()
                ids = (current + self.company_a + company_b).ids
                movements = self.env["crm.rfm.movement"].with_user(self.salesman)
                movements = movements.with_context(
                    allowed_company_ids=list(dict.fromkeys(ids)),
                    rfm_date_from=str(self.start),
                    is_watch_list=True,
                )
                found = movements.search(domain)
                self.assertEqual(
                    {(row.partner_id, row.company_id) for row in found}, set(allowed)
                )
                self.assertFalse(any(found.mapped("profiling_refused")))
                refusing = movements.search(
                    [*domain[:3], ("profiling_refused", "=", True)]
                )
                self.assertTrue(all(refusing.mapped("profiling_refused")))
                self.assertEqual(movements.get_history()["left_out"], len(refusing))

    def test_calls_are_scheduled_for_the_salespeople(self):
        self.move_on()
        movement = self.movement(self.faller, str(self.start)).with_user(self.manager)
        movement.action_schedule_activities()
        activity = self.faller.activity_ids
        self.assertEqual(activity.user_id, self.salesman)
        self.assertIn(self.before[self.faller], activity.summary)

    def test_the_wizard_asks_for_two_days_in_order(self):
        Wizard = self.env["crm.rfm.movement.wizard"]
        with self.assertRaisesRegex(ValidationError, "must be before"):
            Wizard.create({"date_from": self.today, "date_to": self.start})
        wizard = Wizard.create({"date_from": self.start, "date_to": self.today})
        action = wizard.action_show_matrix()
        self.assertEqual(action["context"]["rfm_date_from"], str(self.start))

    def test_the_wizard_begins_with_the_days_looked_at(self):
        looked_at = {"rfm_date_from": "2026-02-01", "rfm_date_to": "2026-05-01"}
        wizard = self.env["crm.rfm.movement.wizard"].with_context(**looked_at).new({})
        self.assertEqual(str(wizard.date_from), "2026-02-01")
        self.assertEqual(str(wizard.date_to), "2026-05-01")

    def test_no_company_sees_anothers_moves(self):
        self.move_on()
        for model in ("crm.rfm.change", "crm.rfm.movement"):
            self.assertTrue(self.as_user(self.salesman, model).search([]))
            foreign = self.as_user(self.salesman_b, model).search([])
            self.assertNotIn(self.company_a.id, foreign.company_id.ids)
