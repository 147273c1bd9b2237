"""Since when scores are known, and reports that show nothing before."""

from datetime import timedelta

from ..common import CustomerValueCommon


class TestRfmHistory(CustomerValueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer_1 = cls.customer("The only one")
        cls.buy(cls.customer_1, 300.0, days_ago=300)

    @classmethod
    def ago(cls, days):
        return cls.today - timedelta(days=days)

    def report(self, model, user=None, **context):
        self.env.invalidate_all()
        return self.as_user(user or self.salesman, model).with_context(**context)

    def history(self, model="crm.rfm.movement", user=None, **context):
        return self.report(model, user, **context).get_history()

    def rebuild(self, days_ago):
        job = self.env["crm.rfm.rebuild"].create(
            {"company_id": self.company_a.id, "date_from": self.ago(days_ago)}
        )
        job.action_start()
        while job._work():
            pass
        self.assertEqual(job.state, "done")

    def test_without_an_update_nothing_is_known(self):
        for model in ("crm.rfm.movement", "crm.rfm.segment.trend"):
            history = self.history(model)
            self.assertFalse(history["is_known"])
            self.assertTrue(history["is_empty"])
            self.assertFalse(history["missing"])
            self.assertFalse(self.report(model).search([]))

    def test_an_update_without_customers_is_no_beginning(self):
        self.env["crm.rfm.refresh"].create(
            {"company_id": self.company_a.id, "as_of": self.ago(200)}
        )
        self.assertFalse(self.history()["is_known"])
        self.refresh()
        self.assertEqual(self.history()["missing"][0]["start"], str(self.today))

    def test_the_first_update_is_the_first_known_day(self):
        self.refresh()
        self.assertFalse(self.report("crm.rfm.movement").search([]))
        history = self.history()
        self.assertTrue(history["is_empty"])
        self.assertEqual(
            history["missing"],
            [{"company": self.company_a.name, "start": str(self.today)}],
        )
        rows = self.report("crm.rfm.segment.trend").search([])
        self.assertEqual(set(rows.mapped("date")), {self.today})
        trend = self.history("crm.rfm.segment.trend")
        self.assertFalse(trend["is_empty"])
        self.assertTrue(trend["missing"])

    def test_days_before_the_first_known_one_are_not_compared(self):
        self.refresh(as_of=self.ago(50))
        for days_ago, known in ((51, 0), (50, 1), (10, 1)):
            day = {"rfm_date_from": str(self.ago(days_ago))}
            rows = self.report("crm.rfm.movement", **day).search([])
            self.assertEqual(len(rows), known, days_ago)
            self.assertEqual(self.history(**day)["is_empty"], not known)

    def test_a_short_history_is_compared_from_its_beginning(self):
        self.refresh(as_of=self.ago(50))
        self.refresh()
        history = self.history()
        self.assertEqual(history["date_from"], str(self.ago(50)))
        self.assertEqual(history["date_to"], str(self.today))
        self.assertFalse(history["missing"])
        self.assertTrue(self.report("crm.rfm.movement").search([]))

    def test_a_log_that_was_cleared_leaves_the_changes(self):
        self.refresh(as_of=self.ago(90))
        self.buy(self.customer("Second"), 10.0, days_ago=40)
        self.refresh(as_of=self.ago(30))
        self.env["crm.rfm.refresh"].search([]).unlink()
        history = self.history(rfm_date_from=str(self.ago(60)))
        self.assertEqual(history["missing"][0]["start"], str(self.ago(30)))

    def test_a_rebuild_reaches_back(self):
        self.refresh()
        self.rebuild(365)
        day = {"rfm_date_from": str(self.ago(200))}
        self.assertFalse(self.history(**day)["missing"])
        self.assertEqual(len(self.report("crm.rfm.movement", **day).search([])), 1)
        before = {"rfm_date_from": str(self.ago(366))}
        self.assertTrue(self.history(**before)["is_empty"])
        self.assertFalse(self.report("crm.rfm.movement", **before).search([]))
        rows = self.report("crm.rfm.segment.trend", **before).search([])
        self.assertGreaterEqual(min(rows.mapped("date")), self.ago(365))

    def test_a_rebuild_that_is_not_done_is_no_history(self):
        self.refresh()
        job = self.env["crm.rfm.rebuild"].create(
            {"company_id": self.company_a.id, "date_from": self.ago(365)}
        )
        job.action_start()
        history = self.history()
        self.assertTrue(history["is_rebuilding"])
        self.assertTrue(history["is_empty"])
        job.action_cancel()
        self.assertFalse(self.history()["is_rebuilding"])

    def test_customers_who_came_after_both_days_are_not_compared(self):
        self.refresh(as_of=self.ago(50))
        newcomer = self.customer("Newcomer")
        self.buy(newcomer, 5.0, days_ago=1)
        self.refresh()
        days = {"rfm_date_from": str(self.ago(40)), "rfm_date_to": str(self.ago(20))}
        rows = self.report("crm.rfm.movement", **days).search([])
        self.assertEqual(rows.partner_id, self.customer_1)
        rows = self.report("crm.rfm.movement").search([])
        self.assertIn(newcomer, rows.partner_id)

    def test_each_company_has_its_own_history(self):
        self.refresh(as_of=self.ago(100))
        self.buy(self.customer_1, 20.0, company=self.company_b, days_ago=30)
        self.env["crm.rfm.score"]._refresh(self.company_b, self.ago(10))
        both = self.company_a | self.company_b
        movement = self.env["crm.rfm.movement"].with_context(
            allowed_company_ids=both.ids, rfm_date_from=str(self.ago(90))
        )
        history = movement.get_history()
        self.assertFalse(history["is_empty"])
        self.assertEqual(
            history["missing"],
            [{"company": self.company_b.name, "start": str(self.ago(10))}],
        )
        rows = movement.search([("company_id", "in", both.ids)])
        self.assertEqual(rows.company_id, self.company_a)

    def test_who_may_make_it_longer(self):
        self.refresh()
        self.assertFalse(self.history()["may_rebuild"])
        self.assertFalse(self.history()["may_refresh"])
        history = self.history(user=self.manager)
        self.assertTrue(history["may_rebuild"])
        self.assertTrue(history["may_refresh"])

    def test_it_costs_the_same_with_a_long_history(self):
        self.refresh(as_of=self.ago(100))
        self.history()
        with self.assertQueryCount(__system__=12):
            self.env["crm.rfm.movement"].get_history()

    def test_up_is_where_the_better_customers_are(self):
        rank = {
            name: self.env.ref(f"crm_extended.crm_rfm_segment_{name}")._get_rank()
            for name in ("champions", "loyal", "new", "hibernating", "lost")
        }
        self.assertGreater(rank["champions"], rank["loyal"])
        self.assertGreater(rank["new"], rank["hibernating"])
        self.assertEqual(rank["lost"], 0)
