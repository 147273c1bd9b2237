"""What enrolls customers besides changes of scores: ratings, products, dates, rules."""

from datetime import date, datetime, time, timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, mute_logger

from ...models.plan.filter_domain import to_domain
from .common import PlanCommon


class TestPlanTriggers(PlanCommon):
    def enrolled(self, plan):
        return self.of(plan).partner_id

    def look_at(self, plan, moment):
        with freeze_time(moment):
            return self.env["crm.care.plan.run"]._look(plan)

    # -- Ratings

    def rate(self, record, rating, partner=None, **values):
        return self.env["rating.rating"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id(record._name),
                "res_id": record.id,
                "partner_id": partner and partner.id,
                "rating": rating,
                "consumed": True,
                **values,
            }
        )

    def test_bad_rating(self):
        plan = self.new_plan(self.log(), trigger="bad_rating", reentry="after_exit")
        other = self.new_plan(self.log(), trigger="bad_rating", company=self.company_b)
        happy, unhappy, firm = self.customers(3)
        person = self.customer("Person", parent_id=firm.id)
        case = self.case()
        self.rate(case, 5, happy)
        self.assertFalse(self.of(plan))
        self.rate(case, 1, person)
        self.assertEqual(self.enrolled(plan), firm)
        # Without a person: the customer of the case.
        self.rate(case, 1)
        self.assertEqual(self.enrolled(plan), firm | self.asker)
        # Asked for, and given later.
        asked = self.rate(case, 0, unhappy, consumed=False)
        self.assertNotIn(unhappy, self.enrolled(plan))
        asked.write({"rating": 1, "consumed": True})
        self.assertEqual(self.of(plan, unhappy).event_count, 1)
        # Said again, it is the same rating.
        asked.write({"feedback": "Late"})
        asked.write({"rating": 2})
        self.assertEqual(self.of(plan, unhappy).event_count, 1)
        self.assertFalse(self.of(other))

    def test_imported_ratings_are_of_former_days(self):
        plan = self.new_plan(self.log(), trigger="bad_rating")
        customer = self.customer()
        message = customer.message_post(body="Bad")
        message.date = self.now() - timedelta(days=40)
        self.rate(customer, 1, customer, message_id=message.id)
        self.assertFalse(self.of(plan))
        self.rate(customer, 1, customer)
        self.assertEqual(self.enrolled(plan), customer)

    # -- Products

    def shop(self):
        parent = self.env["product.category"].create({"name": "Machines"})
        child = parent.create({"name": "Presses", "parent_id": parent.id})
        self.category = parent
        self.press, self.paper = self.env["product.product"].create(
            [
                {"name": "Press", "categ_id": child.id, "list_price": 100},
                {"name": "Paper", "list_price": 5},
            ]
        )
        self.company_a.rfm_source = "sale"

    def order(self, customer, product, moment=None):
        order = self.env["sale.order"].create(
            {
                "partner_id": customer.id,
                "company_id": self.company_a.id,
                "order_line": [
                    Command.create({"product_id": product.id, "price_unit": 100})
                ],
            }
        )
        order.action_confirm()
        order.date_order = moment or self.now()
        return order

    def test_days_after_a_purchase_of_a_product(self):
        self.shop()
        of_product = self.new_plan(
            self.log(),
            trigger="purchase",
            trigger_days=10,
            product_tmpl_ids=self.press.product_tmpl_id.ids,
        )
        of_category = self.new_plan(
            self.log(),
            trigger="purchase",
            trigger_days=10,
            product_categ_ids=self.category.ids,
        )
        of_any = self.new_plan(self.log(), trigger="purchase", trigger_days=10)
        machine, paper = self.customers(2)
        then = datetime.combine(self.today - timedelta(days=10), time(12))
        self.order(machine, self.press, then)
        self.order(machine, self.press, then - timedelta(days=1))
        self.order(paper, self.paper, then)
        for plan in of_product | of_category | of_any:
            self.env["crm.care.plan.run"]._look(plan)
        self.assertEqual(self.enrolled(of_product), machine)
        self.assertEqual(self.enrolled(of_category), machine)
        self.assertEqual(self.enrolled(of_any), machine | paper)

    def test_bought_between_is_of_the_documents_that_count(self):
        self.shop()
        customer = self.customer()
        self.order(customer, self.press)
        transactions = self.env["crm.customer.transaction"]

        def buyers(company):
            query = transactions._bought_between(
                company,
                self.today,
                self.today,
                self.press.product_tmpl_id,
                self.category,
            )
            return [row[0] for row in self.env.execute_query(query)]

        self.assertEqual(buyers(self.company_a), customer.ids)
        self.assertEqual(buyers(self.company_b), [])
        # Orders do not count any more.
        self.company_a.rfm_source = "invoice"
        self.assertEqual(buyers(self.company_a), [])

    def test_goal_of_a_product(self):
        self.shop()
        plan = self.new_plan(
            self.log(5), goal="purchase", goal_categ_ids=self.category.ids
        )
        machine, paper = self.customers(2)
        plan.enroll(machine | paper)
        later = self.now() + timedelta(days=2)
        self.order(machine, self.press, later)
        self.order(paper, self.paper, later)
        with freeze_time(later + timedelta(days=1)):
            self.env["crm.care.plan.run"]._end_goals(plan)
        self.assertEqual(self.of(plan, machine).exit_reason, "goal")
        self.assertEqual(self.of(plan, paper).state, "running")

    def test_goal_on_the_day_itself(self):
        self.shop()
        plan = self.new_plan(self.log(5), goal="purchase")
        before, after, imported = self.customers(3)
        noon = datetime.combine(self.today, time(12))
        with freeze_time(noon):
            plan.enroll(before | after | imported)
        self.order(before, self.press, noon - timedelta(hours=1))
        self.order(after, self.press, noon + timedelta(hours=1))
        # It has a day and no time.
        self.buy(imported)
        with freeze_time(noon + timedelta(hours=2)):
            self.env["crm.care.plan.run"]._end_goals(plan)
        self.assertEqual(
            self.of(plan).filtered(lambda each: each.exit_reason == "goal").partner_id,
            after,
        )

    # -- Dates

    def test_each_on_their_own_day(self):
        kind = self.env["crm.customer.date.kind"].create({"name": "Birthday"})
        plan = self.new_plan(
            self.log(), trigger="date", date_kind_id=kind.id, reentry="after_exit"
        )
        people = {
            zone: self.customer(zone, tz=zone)
            for zone in ("Pacific/Auckland", "Pacific/Honolulu", "Europe/Berlin")
        }
        self.env["crm.customer.date"].create(
            [
                {
                    "partner_id": person.id,
                    "company_id": self.company_a.id,
                    "kind_id": kind.id,
                    "date": date(1990, 5, 5),
                }
                for person in people.values()
            ]
        )
        found = {}
        for day in range(1, 10):
            moment = datetime(2027, 5, day, 3, 40)
            self.look_at(plan, moment)
            self.run_due(at=moment + timedelta(hours=1))
            for zone, person in people.items():
                if self.of(plan, person):
                    found.setdefault(zone, moment)
        for zone, moment in found.items():
            local = fields.Datetime.context_timestamp(
                plan.with_context(tz=zone), moment
            )
            self.assertEqual(local.date(), date(2027, 5, 5), zone)
        self.assertEqual(found.keys(), people.keys())
        self.assertEqual(len(self.of(plan)), 3)

    def test_days_that_were_missed(self):
        kind = self.env["crm.customer.date.kind"].create({"name": "Birthday"})
        plan = self.new_plan(self.log(), trigger="date", date_kind_id=kind.id)
        # The company's zone where theirs is not known; one who moves meanwhile.
        days = {4: "UTC", 5: "Pacific/Honolulu", 6: "UTC", 7: "Pacific/Auckland"}
        people = {day: self.customer(str(day), tz=zone) for day, zone in days.items()}
        self.env["crm.customer.date"].create(
            [
                {
                    "partner_id": person.id,
                    "company_id": self.company_a.id,
                    "kind_id": kind.id,
                    "date": date(1990, 5, day),
                }
                for day, person in people.items()
            ]
        )
        self.look_at(plan, datetime(2027, 5, 1, 3, 40))
        self.assertFalse(self.of(plan))
        # After a week without a look: three days back, elsewhere another three.
        self.look_at(plan, datetime(2027, 5, 8, 3, 40))
        self.assertEqual(self.enrolled(plan), people[5] | people[6] | people[7])
        # Nor are they found twice, where their day comes once more.
        plan.reentry = "after_exit"
        self.run_due(at=datetime(2027, 5, 8, 5))
        people[7].tz = "Pacific/Honolulu"
        self.look_at(plan, datetime(2027, 5, 9, 3, 40))
        self.assertEqual(len(self.of(plan)), 3)

    def test_days_after_a_date(self):
        kind = self.env["crm.customer.date.kind"].create({"name": "Signed"})
        after = self.new_plan(
            self.log(),
            trigger="date",
            date_kind_id=kind.id,
            trigger_when="after",
            trigger_days=7,
        )
        once, leap = self.customers(2)
        self.env["crm.customer.date"].create(
            [
                {
                    "partner_id": customer.id,
                    "company_id": self.company_a.id,
                    "kind_id": kind.id,
                    "date": day,
                    "yearly": yearly,
                }
                for customer, day, yearly in (
                    (once, date(2027, 2, 28), False),
                    (leap, date(2024, 2, 29), True),
                )
            ]
        )
        self.look_at(after, "2026-03-07 03:40")
        self.assertEqual(self.enrolled(after), leap)
        self.look_at(after, "2027-03-07 03:40")
        self.assertEqual(self.enrolled(after), leap | once)

    def test_date_field_of_contacts(self):
        values = {"trigger": "field", "date_field": "create_date"}
        with self.assertRaises(ValidationError):
            self.new_plan(self.log(), trigger="field")
        once = self.new_plan(self.log(), trigger_days=3, trigger_when="after", **values)
        yearly = self.new_plan(self.log(), date_yearly=True, **values)
        new, old, same = self.customers(3)
        for customer, day in (
            (new, "2027-06-07 23:30"),
            (old, "2020-06-10 10:00"),
            (same, "2027-06-10 10:00"),
        ):
            self.env.cr.execute(
                "UPDATE res_partner SET create_date = %s WHERE id = %s",
                [day, customer.id],
            )
        self.env.invalidate_all()
        for plan in once | yearly:
            self.look_at(plan, "2027-06-10 03:40")
        self.assertEqual(self.enrolled(once), new)
        # A full year or more.
        self.assertEqual(self.enrolled(yearly), old)
        # The field was removed.
        self.env.cr.execute("UPDATE crm_care_plan SET date_field = 'x_gone'")
        self.env.invalidate_all()
        self.assertEqual(self.look_at(once, "2027-06-11 03:40").enrolled_count, 0)

    def test_regular_by_tier_does_not_drift(self):
        tier = self.env["crm.loyalty.tier"].create(
            {"name": "Top", "company_id": self.company_a.id}
        )
        inside, outside = self.customers(2)
        self.env["crm.loyalty.membership"].create(
            {
                "partner_id": inside.id,
                "company_id": self.company_a.id,
                "tier_id": tier.id,
                "date_from": self.today,
            }
        )
        plan = self.new_plan(
            self.log(), trigger="regular", trigger_days=30, tier_ids=tier.ids
        )
        begin = datetime(2027, 1, 1, 3, 40, 30)
        began = []
        # One night, the 60th, without a look; a second earlier each time.
        for day in (0, 1, 29, 30, 31, 59, 61, 62, 89, 90, 91, 119, 120, 121):
            moment = begin + timedelta(days=day, seconds=-day)
            if self.look_at(plan, moment).enrolled_count:
                began.append(day)
            self.run_due(at=moment + timedelta(hours=1))
        self.assertEqual(began, [0, 30, 61, 90, 120])
        self.assertEqual(self.enrolled(plan), inside)
        self.assertEqual(set(self.of(plan).mapped("event_count")), {1})
        self.assertNotIn(outside, self.enrolled(plan))

    # -- Many, and at the same time

    def multiply(self, model, condition, source, **values):
        """Copy a row in SQL, once for each row of a source.

        :param dict values: other values, in SQL; ``number`` is that of the source
        """
        model = self.env[model]
        columns = {
            name: values.get(name, SQL.identifier(name))
            for name, field in model._fields.items()
            if field.store and field.column_type and (name != "id" or name in values)
        }
        self.env.cr.execute(
            SQL(
                "INSERT INTO %(table)s (%(names)s) SELECT %(values)s"
                " FROM %(table)s, %(source)s AS number WHERE %(condition)s",
                table=SQL.identifier(model._table),
                names=SQL(", ").join(map(SQL.identifier, columns)),
                values=SQL(", ").join(columns.values()),
                source=source,
                condition=condition,
            )
        )

    def test_many_moved_by_one_update(self):
        """5,000 customers come into a segment on one day. It is one statement for any
        number of them; the benchmarks have more."""
        count = 5_000
        segment = self.env["crm.rfm.segment"].search([], limit=1)
        plan = self.new_plan(
            self.log(), trigger="segment", segment_ids=segment.ids, max_per_day=count
        )
        model = self.customer("Many")
        self.buy(model)
        self.refresh()
        refresh = self.refresh()
        self.env.flush_all()
        self.env.cr.execute("SELECT max(id) FROM res_partner")
        [last] = self.env.cr.fetchone()
        partners = list(range(last + 1, last + count + 1))
        number = SQL("number")
        self.multiply(
            "res.partner",
            SQL("id = %s", model.id),
            SQL("unnest(%s)", partners),
            id=number,
            commercial_partner_id=number,
        )
        self.multiply(
            "crm.rfm.score",
            SQL("partner_id = %s", model.id),
            SQL("unnest(%s)", partners),
            partner_id=number,
            segment_id=SQL("%s", segment.id),
        )
        self.env.cr.execute(
            """
            INSERT INTO crm_rfm_change (partner_id, company_id, date, new_segment_id)
            SELECT unnest(%s), %s, %s, %s RETURNING id
            """,
            [partners, self.company_a.id, refresh.as_of, segment.id],
        )
        changes = [id_ for [id_] in self.env.cr.fetchall()]
        refresh.write({"first_change_id": min(changes), "last_change_id": max(changes)})
        self.env.invalidate_all()
        first = self.env["crm.rfm.change"].browse(changes[:200])
        # However many they are; the other batches enroll no one again.
        with self.assertQueryCount(50):
            first._start_plans()
        self.env["crm.rfm.change"].browse(changes[200:400])._start_plans()
        mine = [("plan_id", "=", plan.id)]
        self.assertEqual(self.enrollments.search_count(mine), count)
        self.assertEqual(self.enrollments._run_next(), 500)

    def test_highest_priority_first(self):
        """Of plans of a group, which a customer can be in one of, the one of the highest
        priority gets them, whatever their order."""
        group = self.env["crm.care.plan.group"].create(
            {"name": "One at a time", "company_id": self.company_a.id}
        )
        low, high, middle = (
            self.new_plan(
                self.log(),
                trigger="case_solved",
                priority=priority,
                exclusion_group_id=group.id,
                name=str(priority),
            )
            for priority in (1, 90, 50)
        )
        self.case().stage_id = self.solved
        self.assertEqual(self.enrolled(high), self.asker)
        self.assertFalse(self.of(low) | self.of(middle))
        self.assertEqual(
            self.plans._running(self.company_a, ["case_solved"]), high | middle | low
        )

    def test_ended_while_enrolling(self):
        """A plan that another worker ended meanwhile enrolls no one; those who were
        enrolled by a statement that was under way leave with their first step."""
        plan = self.new_plan(self.log())
        customer, late = self.customers(2)
        plan.enroll(customer)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_care_plan SET state = 'ended' WHERE id = %s", [plan.id]
        )
        self.env.invalidate_all()
        self.run_due()
        self.assertEqual(self.of(plan).exit_reason, "ended")
        self.assertEqual(plan._enroll(plan._source(late)), 0)

    def test_empty_database(self):
        """Every trigger, without a customer, a purchase, a tier or an update."""
        company = self.new_company("Empty", self.eur)
        self.env.user.company_ids += company
        kind = self.env["crm.customer.date.kind"].create(
            {"name": "Birthday", "company_id": False}
        )
        segment = self.env["crm.rfm.segment"].search(
            [("company_id", "=", False)], limit=1
        )
        purpose = self.env.ref("crm_extended.purpose_loyalty")
        other = self.new_plan(self.log(), company=company, user_id=self.env.uid)
        runs = self.env["crm.care.plan.run"]
        for key, _label in self.plans._fields["trigger"].selection:
            plan = self.new_plan(
                self.log(),
                company=company,
                trigger=key,
                trigger_days=3,
                date_kind_id=kind.id,
                date_field="create_date",
                trigger_plan_id=other.id,
                segment_ids=segment.ids if "segment" in key else False,
                purpose_id=purpose.id,
                goal="purchase",
                domain="[('customer_rank', '>', 10 - -90)]",
            )
            run = runs._look(plan)
            runs._end_goals(plan)
            self.assertEqual(run.enrolled_count, 0, key)
            self.assertEqual(plan._count_matching(), 0, key)

    # -- Server actions

    def action(self, plan, model="res.partner", **values):
        return self.env["ir.actions.server"].create(
            {
                "name": "Enroll",
                "model_id": self.env["ir.model"]._get_id(model),
                "state": "care_plan",
                "care_plan_id": plan.id,
                **values,
            }
        )

    def run_action(self, action, records):
        action.with_context(
            active_model=records._name, active_ids=records.ids, active_id=records[:1].id
        ).run()

    def test_server_action(self):
        plan = self.new_plan(self.log())
        customers = self.customers(2)
        self.run_action(self.action(plan), customers)
        self.assertEqual(self.enrolled(plan), customers)
        # Of the customer of a record.
        case = self.case()
        self.run_action(self.action(plan, "crm.care.case"), case)
        self.assertIn(self.asker, self.enrolled(plan))
        # A plan that does not run hinders no one.
        plan.action_end()
        self.run_action(self.action(plan), self.customer())
        self.assertEqual(len(self.of(plan)), 3)
        # Records without a customer.
        self.assertTrue(self.action(plan, "res.country").warning)
        self.assertTrue(self.action(self.plans).warning)

    def test_server_action_is_not_offered_while_off(self):
        action = self.env["ir.actions.server"]
        self.assertIn("care_plan", action.new({}).allowed_states)
        self.env["crm.feature"]._switch(plans=False)
        self.assertNotIn("care_plan", action.new({}).allowed_states)

    def test_a_loop_of_server_actions_ends(self):
        first = self.new_plan(start=False, reentry="after_exit", name="A")
        second = self.new_plan(start=False, reentry="after_exit", name="B")
        for plan, other in ((first, second), (second, first)):
            self.add_steps(
                plan._get_draft(),
                {
                    "kind": "server_action",
                    "server_action_id": self.action(other).id,
                },
            )
            plan.action_start()
        first.enroll(self.customer())
        with mute_logger("odoo.addons.crm_extended.models.plan.crm_care_plan_enroll"):
            self.run_due()
        self.assertEqual(
            sorted((first | second).enrollment_ids.mapped("depth")), list(range(6))
        )

    # -- Lists

    def new_list(self, **values):
        return self.env["crm.customer.list"].create(
            {
                "name": "List",
                "company_id": self.company_a.id,
                "user_id": self.manager.id,
                "domain": "[('ref', '=', 'listed')]",
                **values,
            }
        )

    def test_customers_of_a_list(self):
        listed, added, left_out, other = self.customers(4)
        (listed | left_out).ref = "listed"
        chosen = self.new_list()
        chosen._add(added)
        chosen._leave_out(left_out)
        plan = self.new_plan(self.log(), list_id=chosen.id, start=False)
        self.assertEqual(plan._count_matching(), 2)
        plan.action_start()
        self.assertEqual(plan.enroll(listed | added | left_out | other), 2)
        self.assertEqual(self.enrolled(plan), listed | added)
        with self.assertRaisesRegex(UserError, "decides who is in the care plan"):
            chosen.unlink()
        # Its owner left: nobody's rights are those of the filter.
        chosen.user_id = False
        self.assertEqual(plan._count_matching(), 0)
        with self.assertRaises(ValidationError):
            self.new_plan(self.log(), list_id=chosen.id)
        with self.assertRaises(UserError):
            self.new_plan(
                self.log(),
                list_id=self.new_list(
                    company_id=self.company_b.id, user_id=self.env.uid
                ).id,
            )

    def test_steps_on_lists(self):
        chosen = self.new_list(is_filtered=False)
        gone = self.new_list()
        kept, customer = self.customers(2)
        chosen._add(kept)
        plan = self.new_plan(
            {"kind": "list_add", "list_id": chosen.id},
            {"kind": "list_remove", "list_id": gone.id, "delay": 1},
            {"kind": "list_remove", "list_id": chosen.id, "delay": 1},
        )
        plan.enroll(customer)
        self.run_due()
        self.assertEqual(chosen.added_ids, kept | customer)
        gone.unlink()
        self.run_due(days=3)
        self.assertEqual(chosen.added_ids, kept)
        self.assertEqual(chosen.left_out_ids, customer)
        self.assertEqual(
            self.of(plan).step_ids.sorted("id").mapped("reason"),
            [False, "definition_gone", False],
        )
        with self.assertRaises(UserError):
            self.new_plan({"kind": "list_add"})

    # -- Filters

    def test_filters_of_the_editor(self):
        young, old = self.customers(2)
        self.env.cr.execute(
            "UPDATE res_partner SET create_date = now() - interval '40 days'"
            " WHERE id = %s",
            [old.id],
        )
        self.env.invalidate_all()
        mine = Command.set((young | old).ids)
        tag = self.env["res.partner.category"].create(
            {"name": "Here", "partner_ids": [mine]}
        )
        here = f"('category_id', '=', {tag.id})"
        for text in (
            f"['&', {here}, ('create_date', '>', 'today -7d')]",
            f"['&', {here}, ('create_date', '>=', (context_today() + "
            "relativedelta(days=-7)).strftime('%Y-%m-%d'))]",
            f"['&', {here}, ('create_date', '>=', datetime.datetime.combine("
            "context_today() + relativedelta(days=-7), datetime.time(0, 0, 0))"
            '.to_utc().strftime("%Y-%m-%d %H:%M:%S"))]',
        ):
            plan = self.new_plan(self.log(), domain=text)
            plan.enroll(young | old)
            self.assertEqual(self.enrolled(plan), young, text)
        young.user_id = self.salesman
        plan = self.new_plan(
            self.log(), domain="[('user_id', '=', uid)]", user_id=self.salesman.id
        )
        plan.enroll(young | old)
        self.assertEqual(self.enrolled(plan), young)

    def test_filters_run_nothing_else(self):
        for text in (
            "__import__('os').system('true')",
            "[('name', '=', 9 ** 9)]",
            "[('name', '=', 'a' * 1000)]",
            "[x for x in (1, 2)]",
            "(lambda: 1)()",
            "context_today.__class__",
            "relativedelta.__init__.__globals__",
            "datetime.datetime.__subclasses__()",
            "[('name', '=', undefined)]",
            "not a filter",
            "1",
        ):
            with self.subTest(text), self.assertRaises(ValueError):
                to_domain(text, 1, "UTC")
            with self.subTest(text), self.assertRaises(ValidationError):
                self.new_plan(self.log(), start=False, domain=text)
