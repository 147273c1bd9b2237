"""Refreshing: what is written, what is told, and what happens when two meet."""

from datetime import timedelta
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import CustomerValueCommon


@tagged("at_install", "-post_install")
class TestRfmRefresh(CustomerValueCommon):
    def test_the_outcome_is_told(self):
        stays, falls, new, goes = self.customers(4)
        self.buy(stays, 100.0, days_ago=1)
        self.buy(falls, 50.0, days_ago=360)
        purchase = self.buy(goes, 10.0, days_ago=300)
        first = self.refresh(as_of=self.today - timedelta(days=10))
        self.assertEqual(first.customer_count, 2)
        purchase.unlink()
        self.buy(new, 5.0)
        second = self.refresh(as_of=self.today + timedelta(days=10))
        self.assertEqual(second.customer_count, 3)
        self.assertEqual(second.added_count, 2)
        self.assertEqual(second.moved_count, 1)
        self.assertEqual(second.removed_count, 1)
        self.assertEqual(len(second.recency_cuts), 4)

    def test_only_changed_rows_are_written(self):
        customers = self.customers(4)
        for customer in customers:
            self.buy(customer, days_ago=3)
        self.refresh()
        scores = self.scores()
        self.env.cr.execute(
            "UPDATE crm_rfm_score SET write_date = '2000-01-01' WHERE id = ANY(%s)",
            [scores.ids],
        )
        self.buy(customers[0], 1.0, days_ago=3)
        self.refresh()
        self.env.invalidate_all()
        written = scores.filtered(lambda score: score.write_date.year > 2000)
        self.assertIn(customers[0], written.partner_id)
        untouched = scores - written
        self.assertTrue(untouched)
        self.assertEqual(self.refresh().moved_count, 0)

    def test_refreshing_costs_the_same_queries_for_more_customers(self):
        def queries():
            self.env.flush_all()
            self.refresh()
            before = self.env.cr.sql_log_count
            self.refresh()
            return self.env.cr.sql_log_count - before

        for customer in self.customers(3):
            self.buy(customer)
        few = queries()
        for customer in self.customers(60):
            self.buy(customer)
        self.assertEqual(queries(), few)

    def test_a_second_refresh_says_that_one_is_at_work(self):
        customer = self.customer()
        self.buy(customer)
        with self.registry.cursor() as other:
            other.execute(
                "SELECT pg_advisory_xact_lock(hashtext('crm_rfm_refresh'), %s)",
                [self.company_a.id],
            )
            with self.assertRaisesRegex(UserError, "already running for Value A"):
                self.refresh()
            # Another company is free.
            self.refresh(self.company_b)
        self.refresh()
        self.assertEqual(len(self.scores()), 1)

    def test_a_refresh_that_breaks_leaves_the_old_scores_whole(self):
        customer, other = self.customers(2)
        self.buy(customer, 10.0, days_ago=30)
        self.refresh()
        before = self.scores().read()
        self.buy(customer, 10.0)
        self.buy(other, 10.0)
        log = type(self.env["crm.rfm.refresh"])
        with (
            self.assertRaisesRegex(RuntimeError, "broken off"),
            self.env.cr.savepoint(),
            patch.object(log, "create", side_effect=RuntimeError("broken off")),
        ):
            self.refresh()
        self.env.invalidate_all()
        self.assertEqual(self.scores().read(), before)
        self.refresh()
        self.assertEqual(self.score(customer).frequency, 2)

    def test_all_companies_when_none_is_named(self):
        customer = self.customer()
        self.buy(customer)
        self.buy(customer, company=self.company_b)
        refreshes = self.env["crm.rfm.score"]._refresh()
        self.assertLessEqual(
            set((self.company_a + self.company_b).ids), set(refreshes.company_id.ids)
        )
        self.assertTrue(self.score(customer))
        self.assertTrue(self.score(customer, self.company_b))

    def test_the_day_may_come_as_text(self):
        customer = self.customer()
        self.buy(customer, date="2024-03-01")
        self.refresh(as_of="2024-03-31")
        self.assertEqual(self.score(customer).recency, 30)

    def test_the_button_is_for_managers_and_tells_what_happened(self):
        customer = self.customer()
        self.buy(customer)
        Score = self.as_user(self.manager, "crm.rfm.score")
        action = Score.action_refresh()
        self.assertIn("1 customers scored", action["params"]["message"])
        with self.assertRaises(AccessError):
            self.as_user(self.salesman, "crm.rfm.score").action_refresh()

    def test_old_entries_of_the_log_are_cleaned_up(self):
        old, recent = self.refresh(), self.refresh()
        self.env.cr.execute(
            "UPDATE crm_rfm_refresh SET create_date = now() - interval '500 days' "
            "WHERE id = %s",
            [old.id],
        )
        self.env["crm.rfm.refresh"]._gc_runs()
        self.assertFalse(old.exists())
        self.assertTrue(recent.exists())

    def test_a_currency_without_a_rate_is_named(self):
        chf = self.env.ref("base.CHF")
        chf.active = True
        chf.rate_ids.unlink()
        rates = {"company_id": self.company_a.id, "rate": 1.1}
        self.usd.rate_ids = [Command.clear(), Command.create(rates)]
        self.buy(self.customer(), 10, currency_id=chf.id)
        self.buy(self.customer(), 10, currency_id=self.usd.id)
        self.buy(self.customer(), 10, company=self.company_b)
        refresh = self.refresh()
        self.assertEqual(refresh.unrated_currency_ids, chf)
        self.assertIn("purchases in CHF were counted one to one", refresh._describe())
        self.assertFalse(self.refresh(self.company_b).unrated_currency_ids)
        chf.rate_ids = [Command.create(rates)]
        refresh = self.refresh()
        self.assertFalse(refresh.unrated_currency_ids)
        self.assertNotIn("one to one", refresh._describe())

    def test_a_company_without_anything(self):
        self.company_a.write({"fiscalyear_last_month": "2", "fiscalyear_last_day": 28})
        refresh = self.refresh()
        self.assertEqual(
            refresh._describe(), "0 customers scored: 0 changed, 0 new, 0 removed."
        )


@tagged("post_install", "-at_install")
class TestRfmCron(CustomerValueCommon):
    def test_the_scheduled_action_refreshes_every_company(self):
        customer = self.customer()
        self.buy(customer)
        self.buy(customer, company=self.company_b)
        with self.enter_registry_test_mode():
            self.env.ref("crm_extended.ir_cron_rfm_refresh").method_direct_trigger()
        self.assertTrue(self.score(customer))
        self.assertTrue(self.score(customer, self.company_b))

    def test_a_long_refresh_of_one_company_does_not_keep_the_others_waiting(self):
        customer = self.customer()
        self.buy(customer)
        self.buy(customer, company=self.company_b)
        with (
            self.enter_registry_test_mode(),
            # Odoo's time for a job is over before the first company is done.
            patch("odoo.addons.base.models.ir_cron.MIN_TIME_PER_JOB", 0),
        ):
            self.env.ref("crm_extended.ir_cron_rfm_refresh").method_direct_trigger()
        for company in self.company_a + self.company_b:
            self.assertTrue(self.score(customer, company))
            refreshes = self.env["crm.rfm.refresh"].search(
                [("company_id", "=", company.id)]
            )
            self.assertEqual(len(refreshes), 1)

    def test_the_oldest_standing_is_refreshed_first(self):
        both = self.company_a + self.company_b
        refreshes = self.env["crm.rfm.refresh"]
        self.refresh(self.company_a)
        self.assertEqual(refreshes._oldest_first(both)[0], self.company_b)
        self.refresh(self.company_b)
        self.assertEqual(refreshes._oldest_first(both)[0], self.company_a)

    def test_one_broken_company_does_not_keep_the_others_waiting(self):
        customer = self.customer()
        self.buy(customer)
        self.buy(customer, company=self.company_b)
        refresh = type(self.env["crm.rfm.refresh"])
        run = refresh._run

        def broken(this, company, as_of):
            if company == self.company_a:
                raise ValueError("broken company")
            return run(this, company, as_of)

        with (
            self.enter_registry_test_mode(),
            patch.object(refresh, "_run", broken),
            mute_logger("odoo.addons.crm_extended.models.common.crm_company_job_mixin"),
        ):
            self.env.ref("crm_extended.ir_cron_rfm_refresh").method_direct_trigger()
        self.assertFalse(self.score(customer))
        self.assertTrue(self.score(customer, self.company_b))
