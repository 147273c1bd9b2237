"""Whom plans choose: by scores or not, in which order, and who matches when they start."""

from datetime import datetime, time, timedelta

from freezegun import freeze_time

from odoo.tools import mute_logger

from .common import PlanCommon


class TestPlanChoice(PlanCommon):
    def enrolled(self, plan):
        return self.of(plan).partner_id

    def refuse(self, customer, purpose):
        return self.env["crm.consent"].create(
            {
                "partner_id": customer.id,
                "company_id": self.company_a.id,
                "purpose_id": purpose.id,
                "state": "refused",
            }
        )

    def scored(self, count=2):
        customers = self.customers(count)
        for customer in customers:
            self.buy(customer, 100, days_ago=200)
        self.refresh()
        self.refresh()
        return customers

    # -- Scores

    def filters(self):
        """Filters that choose by scores, and such that do not."""
        lists = self.env["crm.customer.list"].create(
            [
                {
                    "name": name,
                    "company_id": self.company_a.id,
                    "user_id": self.manager.id,
                    "domain": domain,
                }
                for name, domain in (
                    ("Scored", "[('rfm_code', '!=', False)]"),
                    ("Named", "[('name', '!=', False)]"),
                )
            ]
        )
        by_scores = [
            {"domain": "[('rfm_score_id.monetary', '>', 0)]"},
            {"domain": "['|', ('name', '=', 'x'), ('rfm_segment_id', '!=', False)]"},
            {"domain": "['!', ('rfm_last_date', '=', False)]"},
            {
                "domain": "['|', ('name', '!=', 'x'), ('child_ids', 'any', "
                "[('rfm_code', '=', '111')])]"
            },
            {"domain": f"[('customer_list_id', '=', {lists[0].id})]"},
            {"list_id": lists[0].id},
        ]
        others = [
            {"domain": "[('name', '!=', 'x')]"},
            {"domain": f"[('customer_list_id', 'in', [{lists[1].id}])]"},
            {"list_id": lists[1].id},
            {},
        ]
        return by_scores, others

    def test_who_refused_profiling(self):
        """Whatever way a plan asks for scores."""
        refused, other = self.scored()
        self.refuse(refused, self.env.ref("crm_extended.purpose_profiling"))
        by_scores, others = self.filters()
        for values in by_scores:
            with self.subTest(values):
                plan = self.new_plan(self.log(), **values)
                self.assertTrue(plan._is_profiling())
                plan.enroll(refused | other)
                self.assertEqual(self.enrolled(plan), other)
        for values in others:
            with self.subTest(values):
                plan = self.new_plan(self.log(), **values)
                self.assertFalse(plan._is_profiling())
                self.assertEqual(plan.enroll(refused | other), 2)

    def test_who_refuses_profiling_later(self):
        customer, other = self.scored()
        chosen = self.new_plan(self.log(5), domain="[('rfm_code', '!=', False)]")
        plain = self.new_plan(self.log(5))
        for plan in (chosen, plain):
            plan.enroll(customer | other)
        self.refuse(customer, self.env.ref("crm_extended.purpose_profiling"))
        self.assertEqual(self.of(chosen, customer).exit_reason, "opted_out")
        self.assertEqual(self.of(chosen, other).state, "running")
        self.assertEqual(self.of(plain, customer).state, "running")

    # -- Who matches when a plan starts

    def matching(self, trigger, **values):
        plan = self.new_plan(self.log(), start=False, trigger=trigger, **values)
        count = plan._count_matching()
        plan.action_start(also_matching=True)
        self.assertEqual(len(self.of(plan)), count)
        return self.enrolled(plan)

    def test_what_has_happened_matches_no_one(self):
        customers = self.scored()
        segments = self.score(customers[0]).segment_id
        other = self.new_plan(self.log())
        kind = self.env.ref("crm_extended.date_kind_birthday")
        for trigger, values in {
            "segment_left": {"segment_ids": segments.ids},
            "tier_down": {},
            "case_solved": {"domain": "[('name', '!=', False)]"},
            "complaint_solved": {},
            "bad_rating": {},
            "recommended": {},
            "plan": {"trigger_plan_id": other.id},
            "purchase": {"trigger_days": 3},
            "anniversary": {},
            "date": {"date_kind_id": kind.id},
            "field": {"date_field": "create_date"},
        }.items():
            with self.subTest(trigger):
                self.assertFalse(self.matching(trigger, **values))

    def test_who_is_new_silent_or_in_a_tier_matches(self):
        old, new = self.scored()[0], self.customer("New")
        self.buy(new, 100, days_ago=1)
        self.refresh()
        self.assertEqual(self.matching("first_purchase"), new)
        self.assertEqual(self.matching("manual") & (old | new), old | new)
        segment = self.score(old).segment_id
        self.assertIn(old, self.matching("segment", segment_ids=segment.ids))
        for customer, days in ((old, 90), (new, 1)):
            self.env["crm.interaction"].create(
                {
                    "partner_id": customer.id,
                    "company_id": self.company_a.id,
                    "channel": "phone",
                    "date": self.now() - timedelta(days=days),
                    "summary": "Called",
                }
            )
        self.env["crm.last.contact"]._flush_pending()
        self.assertEqual(self.matching("inactive", trigger_days=90), old)
        self.assertFalse(self.matching("inactive", trigger_days=91))
        tier = self.env["crm.loyalty.tier"].create(
            {
                "name": "Silver",
                "company_id": self.company_a.id,
                "sequence": 1,
                "rise_amount": 50,
                "keep_amount": 50,
            }
        )
        self.env["crm.loyalty.membership"]._assess(self.company_a)
        up = self.matching("tier_up", domain=f"[('id', 'in', {(old | new).ids})]")
        self.assertEqual(up, up.filtered(lambda one: one.loyalty_tier_id == tier))
        self.assertTrue(up)
        self.assertEqual(self.matching("tier_up", tier_ids=tier.ids) & up, up)
        self.assertFalse(self.matching("tier_risk"))

    # -- In which order

    def test_priority_before_what_happened(self):
        """One update, two plans of a group: the higher priority gets the customer, whatever
        starts it."""
        self.scored()
        group = self.env["crm.care.plan.group"].create({"name": "One at a time"})
        segments = self.env["crm.rfm.segment"].search([])
        low = self.new_plan(
            self.log(),
            trigger="first_purchase",
            priority=1,
            exclusion_group_id=group.id,
        )
        high = self.new_plan(
            self.log(),
            trigger="segment",
            segment_ids=segments.ids,
            priority=50,
            exclusion_group_id=group.id,
        )
        self.buy(new := self.customer("New"), 100)
        self.refresh()
        self.assertEqual(self.of(high, new).state, "running")
        self.assertFalse(self.of(low, new))

    def test_who_waits_is_not_passed(self):
        """A new day's places go to the highest revenue, not to who comes first."""
        plan = self.new_plan(self.log(), max_per_day=1)
        customers = self.customers(4)
        for number, customer in enumerate(customers, 1):
            self.buy(customer, 100 * number, days_ago=9)
        self.refresh()
        plan.enroll(customers[1:])
        self.assertEqual(
            self.of(plan).filtered(lambda each: each.state == "running").partner_id,
            customers[3],
        )
        with freeze_time(datetime.now() + timedelta(days=1)):
            plan.enroll(customers[0])
        states = {each.partner_id: each.state for each in self.of(plan)}
        self.assertEqual(
            [states[customer] for customer in customers],
            ["waiting", "waiting", "running", "running"],
        )

    def test_the_day_begins_at_midnight_when_the_clock_changes(self):
        self.company_a.partner_id.tz = "Europe/Berlin"
        plan = self.new_plan(self.log(), max_per_day=2)
        first, second = self.customers(2)
        # 23:30 on the day before the clock goes forward, and noon of that day.
        with freeze_time("2026-03-28 22:30:00"):
            plan.enroll(first)
        with freeze_time("2026-03-29 10:00:00"):
            self.assertEqual(plan._places_today(), 2)
            plan.enroll(second)
            self.assertEqual(plan._places_today(), 1)

    # -- Of which day

    def test_an_update_for_another_day_moves_no_one_back_into_a_plan(self):
        customers = self.customers(6)
        for number, customer in enumerate(customers):
            for days in range(number + 1):
                self.buy(customer, 150 * (number + 1), days_ago=40 * days + 1)
        self.refresh()
        self.refresh()
        plan = self.new_plan(
            self.log(),
            trigger="segment",
            segment_ids=self.env["crm.rfm.segment"].search([]).ids,
        )
        changes = self.env["crm.rfm.change"]
        mine = [("company_id", "=", self.company_a.id)]
        self.refresh(as_of=self.today - timedelta(days=150))
        before = changes.search_count(mine)
        self.refresh()
        self.assertGreater(changes.search_count(mine), before)
        self.assertFalse(self.of(plan))
        self.buy(new := self.customer("New"), 100)
        self.refresh()
        self.assertEqual(self.enrolled(plan) & new, new)

    def test_a_company_far_east_of_the_nightly_job(self):
        """The job's day is the company's day before: it is today's update all the same."""
        self.company_a.partner_id.tz = "Pacific/Kiritimati"
        with freeze_time(datetime.combine(self.today, time(20))):
            self.scored()
            plan = self.new_plan(self.log(), trigger="first_purchase")
            self.assertEqual(plan._today(), self.today + timedelta(days=1))
            self.buy(new := self.customer("New"), 100, days_ago=0)
            self.refresh()
            self.assertEqual(self.enrolled(plan), new)

    # -- Loops

    def test_a_loop_by_way_of_cases_ends(self):
        """A step that solves a case starts the plan again: five times, and no more."""
        customer = self.customer()
        plan = self.new_plan(self.log(), trigger="case_solved", reentry="after_exit")
        case = self.env["crm.care.case"].create(
            {"name": "Broken", "partner_id": customer.id, "team_id": self.team.id}
        )
        solving = self.env["ir.actions.server"].create(
            {
                "name": "Solve",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "state": "code",
                "code": f"case = env['crm.care.case'].browse({case.id})\n"
                f"case.copy().write({{'stage_id': {self.solved.id}}})",
            }
        )
        other = self.new_plan(
            {"kind": "server_action", "server_action_id": solving.id, "delay": 0},
            trigger="plan",
            trigger_plan_id=plan.id,
            reentry="after_exit",
        )
        with mute_logger("odoo.addons.crm_extended.models.plan.crm_care_plan_enroll"):
            plan.enroll(customer)
            for hours in range(12):
                self.run_due(hours=hours)
        depths = sorted((self.of(plan) | self.of(other)).mapped("depth"))
        self.assertEqual(depths, list(range(6)))

    def test_at_risk_since_the_plan_was_started(self):
        """Also where it had been on before: what happened in between is no matter."""
        self.company_a.loyalty_period = "rolling"
        today = self.env["crm.care.plan"].with_company(self.company_a)._today()
        tier = self.env["crm.loyalty.tier"].create(
            {"name": "Gold", "company_id": self.company_a.id, "rise_amount": 10}
        )
        before, later = self.customers(2)
        plan = self.new_plan(self.log(), trigger="tier_risk", reentry="after_exit")
        with freeze_time(datetime.combine(today - timedelta(days=9), time(12))):
            self.env["crm.care.plan.run"]._look(plan)
        plan.action_end()
        with freeze_time(datetime.combine(today - timedelta(days=1), time(12))):
            plan.action_start()
        self.env["crm.loyalty.membership"].sudo().create(
            [
                {
                    "partner_id": partner.id,
                    "company_id": self.company_a.id,
                    "tier_id": tier.id,
                    # At risk from 30 days before on.
                    "date_from": today - timedelta(days=300),
                    "as_of": today,
                    "valid_date": today + timedelta(days=30 - days),
                    "amount_to_keep": 5,
                }
                for partner, days in ((before, 2), (later, 1))
            ]
        )
        self.env["crm.care.plan.run"]._look(plan)
        self.assertEqual(self.of(plan).partner_id, later)
