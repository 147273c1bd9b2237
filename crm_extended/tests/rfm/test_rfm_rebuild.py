from datetime import timedelta
from unittest.mock import patch

from dateutil.relativedelta import relativedelta
from psycopg2.errors import UniqueViolation

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import CustomerValueCommon

LOG = "odoo.addons.crm_extended.models.rfm.crm_rfm_rebuild"


@tagged("post_install", "-at_install")
class TestRfmRebuild(CustomerValueCommon):
    def shop(self, company=None):
        """Six customers with a course each over the last two years."""
        company = company or self.company_a
        names = ("steady", "early", "late", "once", "growing", "fading")
        customers = {name: self.customer(name) for name in names}
        for month in range(24):
            for name, buys, amount in (
                ("steady", True, 100),
                ("early", month >= 15, 300),
                ("late", month <= 5, 200),
                ("once", month == 10, 999),
                ("growing", month % 2 == 0, 50 * (24 - month)),
                ("fading", month % 3 == 0, 40 * month + 1),
            ):
                if buys:
                    days = 30 * month + len(name)
                    self.buy(customers[name], amount, days, company=company)
        return customers

    def job(self, years=0, months=0, company=None, **values):
        return self.env["crm.rfm.rebuild"].create(
            {
                "company_id": (company or self.company_a).id,
                "date_from": self.today - relativedelta(years=years, months=months),
                **values,
            }
        )

    def run_jobs(self, rounds=1):
        with self.enter_registry_test_mode():
            for _round in range(rounds):
                cron = self.env.ref("crm_extended.ir_cron_rfm_rebuild")
                cron.method_direct_trigger()
        self.env.invalidate_all()

    def rebuild(self, *args, **values):
        job = self.job(*args, **values)
        job.action_start()
        self.run_jobs()
        self.assertEqual(job.state, "done", job.error)
        return job

    def moves(self, company=None):
        return self.env["crm.rfm.change"].search(
            [("company_id", "=", (company or self.company_a).id)], order="date, id"
        )

    def summary(self, company=None):
        return [
            (move.partner_id.name, move.date, move.old_code, move.new_code)
            for move in self.moves(company)
        ]

    def told(self, day, company=None):
        """Codes at the end of a day, as the moves tell them."""
        company = company or self.company_a
        codes = {score.partner_id.id: score.code for score in self.scores(company)}
        for move in reversed(self.moves(company)):
            if move.date > day:
                codes[move.partner_id.id] = move.old_code
        return {partner: code for partner, code in codes.items() if code}

    def computed(self, day, company=None):
        """Codes as a refresh as of that day finds them, without leaving a trace."""
        company = company or self.company_a
        with self.env.cr.savepoint() as savepoint:
            self.refresh(company, day)
            codes = {score.partner_id.id: score.code for score in self.scores(company)}
            savepoint.rollback()
        self.env.invalidate_all()
        return codes

    def assert_chained(self, company=None):
        """Every move begins where the one before ended, and the last ends at today's
        standing."""
        codes = {}
        for move in self.moves(company):
            if move.partner_id in codes:
                self.assertEqual(move.old_code, codes[move.partner_id])
            codes[move.partner_id] = move.new_code
        for score in self.scores(company):
            if score.partner_id in codes:
                self.assertEqual(score.code, codes[score.partner_id])

    # -- What it finds

    def test_each_day_is_what_a_refresh_of_that_day_finds(self):
        self.shop()
        self.refresh()
        job = self.rebuild(years=1, months=6)
        self.assertEqual(job.day_count, 19)
        self.assertEqual(job.done_count, 19)
        self.assertEqual(job.progress, 100)
        self.assertEqual(job.move_count, len(self.moves()))
        self.assertGreater(job.move_count, 20)
        for day in job._days():
            self.assertEqual(self.told(day), self.computed(day), day)
        self.assert_chained()
        self.assertFalse(self.env["crm.rfm.rebuild.point"].search_count([]))

    def test_newcomers_enter_and_those_there_at_the_beginning_do_not(self):
        customers = self.shop()
        self.refresh()
        job = self.rebuild(years=1)
        entered = self.moves().filtered(lambda move: not move.old_code)
        self.assertEqual(set(entered.partner_id.mapped("name")), {"late", "once"})
        self.assertTrue(all(move.date > job.date_from for move in self.moves()))
        self.assertIn(customers["early"], self.moves().partner_id)

    def test_revenue_of_a_move_is_that_of_its_day(self):
        customers = self.shop()
        self.refresh()
        self.rebuild(years=1)
        move = self.moves().filtered(lambda move: move.partner_id == customers["once"])
        self.assertEqual(move[0].revenue, 999)

    def test_standings_of_today_stay(self):
        self.shop()
        self.refresh()
        scores = self.scores()
        before = scores.read(["code", "segment_id", "segment_date", "as_of", "revenue"])
        self.rebuild(years=1)
        self.assertEqual(
            scores.read(["code", "segment_id", "segment_date", "as_of", "revenue"]),
            before,
        )

    def test_twice_is_as_once(self):
        self.shop()
        self.refresh()
        job = self.rebuild(years=1)
        before = self.summary()
        again = self.rebuild(years=1)
        self.assertEqual(self.summary(), before)
        self.assertEqual(again.move_count, job.move_count)

    def test_without_a_refresh_before(self):
        self.shop()
        job = self.rebuild(years=1)
        self.assertTrue(self.scores())
        self.assertEqual(self.told(job.date_from), self.computed(job.date_from))
        self.assert_chained()

    def test_segments_are_those_of_today(self):
        self.shop()
        self.refresh()
        self.rebuild(years=1)
        move = self.moves().filtered("new_code")[-1]
        owners, lost = self.env["crm.rfm.segment"]._get_grid(self.company_a)
        cell = (
            move.new_recency_score,
            move.new_frequency_score,
            move.new_monetary_score,
        )
        self.assertIn(move.new_segment_id, owners[cell] | lost)

    # -- Periods beside each other

    def test_a_part_rebuilt_again_fits_into_the_rest(self):
        self.shop()
        self.refresh()
        # On a day that all months have: the part is computed for the same days.
        start = self.today - relativedelta(years=1, months=6)
        start = start.replace(day=min(start.day, 28))
        first, last = (start + relativedelta(months=months) for months in (9, 15))
        self.rebuild(date_from=start)
        before = self.summary()
        self.rebuild(date_from=first, date_to=last)
        self.assertEqual(self.summary(), before)
        # Purchases that were entered late move the inner part, and nothing else.
        self.buy(self.customer("found"), 500, 200)
        self.rebuild(date_from=first, date_to=last)
        self.assertIn("found", {move[0] for move in self.summary()})
        self.assertEqual(
            [move for move in self.summary() if move[1] < first],
            [move for move in before if move[1] < first],
        )
        self.assert_chained()

    def test_a_gap_before_the_first_recorded_move_is_joined(self):
        self.shop()
        self.refresh(as_of=self.today - timedelta(days=40))
        self.refresh(as_of=self.today - timedelta(days=20))
        self.refresh()
        recorded = self.summary()
        self.assertTrue(recorded)
        job = self.rebuild(years=1, date_to=self.today - relativedelta(months=4))
        self.assertEqual(self.summary()[-len(recorded) :], recorded)
        for day in job._days()[:-1]:
            self.assertEqual(self.told(day), self.computed(day), day)
        self.assert_chained()

    def test_two_companies(self):
        self.shop()
        self.shop(self.company_b)
        self.refresh(self.company_a + self.company_b)
        self.rebuild(years=1, company=self.company_b)
        self.assertFalse(self.moves())
        self.assertTrue(self.moves(self.company_b))
        self.assert_chained(self.company_b)

    def test_nobody_and_one_customer(self):
        self.assertEqual(self.rebuild(years=1).move_count, 0)
        self.buy(self.customer(), 10, 100)
        self.rebuild(years=1)
        self.assertEqual([move.old_code for move in self.moves()], [False])

    # -- Stopped, cancelled, broken

    def test_cancelled_in_the_middle_changes_nothing(self):
        self.shop()
        self.refresh()
        self.rebuild(years=1)
        before = self.summary()
        job = self.job(years=1, months=6)
        job.action_start()
        job._do_next()
        job._do_next()
        self.assertEqual(job.done_count, 2)
        self.assertGreater(job.progress, 0)
        self.assertTrue(self.env["crm.rfm.rebuild.point"].search_count([]))
        job.action_cancel()
        self.run_jobs()
        self.assertEqual(job.state, "cancelled")
        self.assertFalse(self.env["crm.rfm.rebuild.point"].search_count([]))
        self.assertEqual(self.summary(), before)
        # And can be started again.
        job.action_start()
        self.run_jobs()
        self.assertEqual(job.state, "done")

    def test_goes_on_where_it_was_stopped(self):
        self.shop()
        self.refresh()
        self.rebuild(years=1)
        before = self.summary()
        self.moves().unlink()
        job = self.job(years=1)
        job.action_start()
        for _day in range(5):
            job._do_next()
        self.run_jobs()
        self.assertEqual(job.state, "done")
        self.assertEqual(self.summary(), before)

    def test_broken_in_the_middle_changes_nothing(self):
        self.shop()
        self.refresh()
        self.rebuild(years=1)
        before = self.summary()
        job = self.job(years=1)
        job.action_start()
        rebuild = type(job)
        with (
            patch.object(rebuild, "_replace_moves", side_effect=ValueError("broken")),
            mute_logger(LOG),
        ):
            self.run_jobs()
        self.assertEqual(job.state, "failed")
        self.assertIn("server log", job.error)
        self.assertEqual(self.summary(), before)
        self.assertFalse(self.env["crm.rfm.rebuild.point"].search_count([]))

    def test_what_is_missing_is_said(self):
        self.company_a.rfm_method = "threshold"
        job = self.job(years=1)
        job.action_start()
        self.run_jobs()
        self.assertEqual(job.state, "failed")
        self.assertIn("Choose Thresholds", job.error)

    # -- What is refused

    def test_the_future_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "beyond today"):
            self.job(years=1, date_to=self.today + timedelta(days=1))

    def test_the_wrong_way_round_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "must be before"):
            self.job(date_to=self.today)

    def test_too_many_days_are_refused(self):
        with self.assertRaisesRegex(ValidationError, "maximum is 500"):
            self.job(years=20, step="week")

    def test_one_at_a_time(self):
        self.job(years=1).action_start()
        self.env.flush_all()
        second = self.job(years=1)
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"):
            second.action_start()
            self.env.flush_all()

    def test_running_ones_are_not_deleted(self):
        job = self.job(years=1)
        job.action_start()
        with self.assertRaisesRegex(UserError, "Cancel it"):
            job.unlink()
        job.action_cancel()
        job.unlink()

    def test_only_managers_of_the_company(self):
        self.as_user(self.manager, "crm.rfm.rebuild").create(
            {"date_from": self.today - timedelta(days=40)}
        ).action_start()
        for user in (self.salesman, self.employee, self.portal):
            with self.assertRaises(AccessError):
                self.as_user(user, "crm.rfm.rebuild").search([])
        other = self.job(years=1, company=self.company_b)
        with self.assertRaises(AccessError):
            other.with_user(self.manager).action_start()
        with self.assertRaises(AccessError):
            other.with_user(self.manager).action_cancel()
        for user in (self.manager, self.salesman, self.employee):
            self.assertFalse(
                self.as_user(user, "crm.rfm.rebuild.point").has_access("read")
            )

    def test_days_do_not_drift_at_the_end_of_a_month(self):
        job = self.job(
            date_from=fields.Date.to_date("2024-01-31"),
            date_to=fields.Date.to_date("2024-05-15"),
        )
        self.assertEqual(
            [str(day) for day in job._days()],
            ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30", "2024-05-15"],
        )
