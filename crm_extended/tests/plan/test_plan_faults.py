from datetime import timedelta
from unittest.mock import Mock, patch

from odoo.tools import mute_logger

from .common import PlanCommon


class TestPlanFaults(PlanCommon):
    """What may happen to customers, plans and mails while plans run."""

    def queued(self, plan):
        return self.env["mail.mail"].search(
            [("mail_message_id", "in", self.lines_of(plan).mail_message_id.ids)]
        )

    def lines_of(self, plan):
        return self.lines.search([("plan_id", "=", plan.id)], order="id")

    def next_batch(self):
        return self.enrollments.with_company(self.company_a)._run_next()

    def test_one_of_a_thousand(self):
        plan = self.new_plan(self.log(), max_per_day=2000)
        customers = self.customers(1000)
        plan.enroll(customers)
        steps = type(plan.version_id.step_ids)
        run_log, calls = steps._run_log, []

        def failing(step, enrollments):
            calls.append(len(enrollments))
            if customers[700] in enrollments.partner_id:
                raise ValueError("no")
            return run_log(step, enrollments)

        with patch.object(steps, "_run_log", failing):
            self.run_due()
        bad = self.of(plan, customers[700])
        self.assertEqual((bad.state, bad.attempts), ("running", 1))
        self.assertEqual(bad.error, "ValueError: no")
        self.assertEqual(set((self.of(plan) - bad).mapped("state")), {"done"})
        self.assertLess(len(calls), 25)

    def test_mail_server_down_for_a_day(self):
        plan = self.new_plan(self.mail(), self.log(2))
        customer = self.customer("Ada", email="ada@example.com")
        plan.enroll(customer)
        self.run_due()
        mail = self.queued(plan)
        servers = type(self.env["ir.mail_server"])
        with (
            patch.object(servers, "_connect__", side_effect=OSError("down")),
            mute_logger("odoo.addons.mail.models.mail_mail"),
        ):
            mail.send()
        # It stays in Odoo's queue, to be tried again there; the plan has done its part.
        self.assertEqual(mail.state, "exception")
        self.assertEqual(self.run_due(days=1), 0)
        self.assertEqual(self.queued(plan), mail)
        mail.mark_outgoing()
        sent = []
        with (
            patch.object(servers, "_disable_send", return_value=False),
            patch.object(servers, "_connect__", return_value=Mock()),
            patch.object(
                servers,
                "send_email",
                lambda model, message, *args, **kwargs: sent.append(message["To"]),
            ),
        ):
            mail.send()
        self.assertEqual(len(sent), 1)
        self.run_due(days=3)
        self.assertEqual(self.of(plan).state, "done")
        self.assertEqual(len(self.lines_of(plan)), 2)

    def test_placeholders_without_value(self):
        self.template.body_html = "<p>Your number: [<t t-out='object.ref'/>]</p>"
        self.template.subject = "Hello {{ object.ref }}{{ object.user_id.name }}"
        plan = self.new_plan(self.mail())
        plan.enroll(self.customer("Ada", email="ada@example.com"))
        self.run_due()
        mail = self.queued(plan)
        self.assertEqual(mail.state, "outgoing")
        self.assertIn("Your number: []", mail.body_html)
        self.assertNotIn("False", f"{mail.subject}{mail.body_html}")

    def test_paused_and_ended_between_batches(self):
        for state, enrollment_state in (("paused", "held"), ("ended", "exited")):
            with self.subTest(state):
                plan = self.new_plan(self.log(), self.tagging())
                customers = self.customers(3)
                plan.enroll(customers)
                self.assertEqual(self.next_batch(), 3)
                getattr(
                    plan, {"paused": "action_pause", "ended": "action_end"}[state]
                )()
                self.assertEqual(set(self.of(plan).mapped("state")), {enrollment_state})
                self.assertEqual(self.run_due(days=2), 0)
                self.assertFalse(customers.category_id)

    def test_a_plan_paused_by_another_worker(self):
        """Its customers were found before the other one held them."""
        plan = self.new_plan(self.log())
        customer = self.customer()
        plan.enroll(customer)
        plan.write({"state": "paused", "paused_date": self.now()})
        self.run_due()
        self.assertEqual(self.of(plan).state, "held")
        self.assertFalse(self.of(plan).step_ids)
        plan.action_resume()
        self.run_due()
        self.assertEqual(self.of(plan).state, "done")

    def test_edited_while_customers_are_in_it(self):
        plan = self.new_plan(self.log(), self.tagging())
        early, late = self.customers(2)
        plan.enroll(early)
        self.assertEqual(self.next_batch(), 1)
        draft = plan._get_draft()
        draft.step_ids.filtered(lambda step: step.kind == "tag").unlink()
        draft.action_publish()
        plan.enroll(late)
        self.run_due()
        # Who was inside has the steps they began with.
        self.assertEqual(early.category_id, self.tag)
        self.assertFalse(late.category_id)
        self.assertEqual(set(self.of(plan).mapped("state")), {"done"})

    def test_what_happens_between_two_steps(self):
        plan = self.new_plan(self.log(), self.tagging(1))
        archived, refusing, moved, foreign, fine = customers = self.customers(5)
        plan.enroll(customers)
        self.run_due()
        archived.active = False
        self.env["crm.consent"].with_company(self.company_a)._record(
            refusing, self.purpose, "refused", "manual", "Said so"
        )
        moved.parent_id = self.customer("Parent", is_company=True)
        foreign.company_id = self.company_b
        self.run_due(days=2)
        self.assertEqual(
            [self.of(plan, each).exit_reason for each in customers],
            ["archived", "opted_out", "moved", "moved", False],
        )
        self.assertEqual(customers.filtered("category_id"), fine)

    def test_deleted_activity_type_and_salesperson(self):
        kind = self.env["mail.activity.type"].create({"name": "Short-lived"})
        plan = self.new_plan(
            self.activity(activity_type_id=kind.id),
            self.activity(),
            user_id=self.manager.id,
        )
        gone = self.new_user("gone", "sales_team.group_sale_salesman")
        customer = self.customer()
        customer.user_id = gone
        plan.enroll(customer)
        kind.unlink()
        gone.unlink()
        self.run_due()
        lines = self.lines_of(plan)
        self.assertEqual(
            lines.mapped(lambda line: (line.outcome, line.reason)),
            [("skipped", "definition_gone"), ("done", False)],
        )
        self.assertEqual(customer.activity_ids.user_id, self.manager)

    def test_a_step_that_is_no_more(self):
        plan = self.new_plan(self.log(1), self.tagging())
        customer = self.customer()
        plan.enroll(customer)
        self.env.flush_all()
        self.env.cr.execute(
            "DELETE FROM crm_care_plan_step WHERE id = %s",
            [plan.version_id.step_ids.sorted("sequence")[0].id],
        )
        self.env.invalidate_all()
        self.assertEqual(self.run_due(days=2), 1)
        self.assertEqual(self.of(plan).state, "done")
        self.assertFalse(customer.category_id)

    def test_the_switch_between_batches(self):
        plan = self.new_plan(self.mail(), self.mail())
        plan.enroll(self.customer("Ada", email="ada@example.com"))
        self.assertEqual(self.next_batch(), 1)
        self.company_a.care_plans_stopped = True
        self.assertEqual(self.run_due(days=2), 0)
        self.assertEqual(len(self.queued(plan)), 1)
        self.assertEqual(self.of(plan).state, "running")
        # What has been queued is Odoo's.
        self.assertEqual(self.queued(plan).state, "outgoing")
        self.company_a.care_plans_stopped = False
        self.run_due(days=2)
        self.assertEqual(self.of(plan).state, "done")

    def test_a_mail_that_waited_too_long(self):
        self.company_a.write({"contact_limit": 1, "contact_wait_days": 2})
        plan = self.new_plan(self.mail(), self.log())
        customer = self.customer("Ada", email="ada@example.com")
        self.env["crm.contact.policy"].with_company(self.company_a)._record_touches(
            customer, self.purpose, "email"
        )
        plan.enroll(customer)
        self.run_due()
        lines = self.lines_of(plan)
        self.assertEqual(
            lines.mapped(lambda line: (line.outcome, line.reason)),
            [("skipped", "late"), ("done", False)],
        )

    def test_a_company_with_much_to_do_keeps_no_other_waiting(self):
        plans = self.new_plan(self.log(), self.log(), self.log()) | self.new_plan(
            self.log(), company=self.company_b
        )
        for plan in plans:
            plan.enroll(self.customer())
        engine, order = type(self.enrollments), []
        run_next = engine._run_next

        def noting(model):
            done = run_next(model)
            if done:
                order.append(model.env.company)
            return done

        with (
            self.enter_registry_test_mode(),
            patch.object(engine, "_run_next", noting),
        ):
            self.env.ref("crm_extended.ir_cron_care_plan").method_direct_trigger()
        mine = [each for each in order if each in (self.company_a + self.company_b)]
        self.assertEqual(len(mine), 4)
        self.assertLess(mine.index(self.company_b), 2)

    def test_at_most_once(self):
        """The database holds it, whatever the engine would do."""
        plan = self.new_plan(self.log())
        plan.enroll(self.customer())
        self.run_due()
        self.of(plan).write(
            {
                "state": "running",
                "step_id": plan.version_id.step_ids.id,
                "next_date": self.now() - timedelta(minutes=1),
            }
        )
        with mute_logger(
            "odoo.sql_db",
            "odoo.addons.crm_extended.models.plan.crm_care_enrollment_engine",
        ):
            self.next_batch()
        self.assertEqual(len(self.lines_of(plan)), 1)
        self.assertEqual(self.of(plan).attempts, 1)

    def test_fifty_thousand_moved_by_one_update(self):
        segment = self.env["crm.rfm.segment"].search(
            [("company_id", "in", (False, self.company_a.id))], limit=1
        )
        plan = self.new_plan(
            self.log(30), trigger="segment", segment_ids=segment.ids, max_per_day=60_000
        )
        company, today = self.company_a, plan._today()
        refreshes = [
            self.env["crm.rfm.refresh"].create(
                {"company_id": company.id, "as_of": today}
            )
            for _each in range(2)
        ]
        one = self.customer("Many")
        self.env.flush_all()
        self.env.cr.execute(
            """
            WITH numbers AS MATERIALIZED (
                SELECT nextval('res_partner_id_seq') AS id
                  FROM generate_series(1, 50000)),
            made AS (
                INSERT INTO res_partner
                     SELECT copied.*
                       FROM numbers, res_partner AS one,
                            jsonb_populate_record(one, jsonb_build_object(
                                'id', numbers.id,
                                'commercial_partner_id', numbers.id)) AS copied
                      WHERE one.id = %(one)s
                  RETURNING id),
            scored AS (
                INSERT INTO crm_rfm_score (
                            partner_id, company_id, segment_id, monetary)
                     SELECT id, %(company)s, %(segment)s, 5 FROM made)
            INSERT INTO crm_rfm_change (
                        partner_id, company_id, date, new_code, new_segment_id)
                 SELECT id, %(company)s, %(today)s, '555', %(segment)s FROM made
              RETURNING id
            """,
            {
                "company": company.id,
                "segment": segment.id,
                "today": today,
                "one": one.id,
            },
        )
        ids = sorted(id_ for [id_] in self.env.cr.fetchall())
        # The database knows nothing of these rows yet: each is found by an index.
        self.env.cr.execute("SET LOCAL statement_timeout = '300s'")
        refreshes[-1].write({"first_change_id": ids[0], "last_change_id": ids[-1]})
        self.env.invalidate_all()
        changes = self.env["crm.rfm.change"].browse(ids[:200])
        before = self.env.cr.sql_log_count
        changes.with_company(company)._start_plans()
        self.assertLess(self.env.cr.sql_log_count - before, 60)
        self.assertEqual(
            self.enrollments.search_count([("plan_id", "=", plan.id)]), 50_000
        )
        self.assertEqual(self.run_due(), 0)
