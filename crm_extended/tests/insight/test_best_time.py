"""When customers are best contacted: what is counted, and for whom."""

from datetime import datetime, timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .best_time_common import (
    FRIDAY,
    MONDAY,
    SATURDAY,
    SUNDAY,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    BestTimeCommon,
)

MODEL = "crm.best.time"


@tagged("post_install", "-at_install")
class TestBestTime(BestTimeCommon):
    def cells(self, kind="phone", company=None):
        self.env.invalidate_all()
        rows = self.env[MODEL].search(
            [("company_id", "=", (company or self.company_a).id), ("kind", "=", kind)]
        )
        return {(row.weekday, row.hour): (row.hits, row.tries) for row in rows}

    def test_a_company_without_contacts(self):
        self.update()
        self.assertFalse(self.cells())
        self.assertIsNone(self.times(self.ada))
        self.assertEqual(self.texts(self.ada), {})

    def test_what_is_counted_of_calls(self):
        self.calls(self.ada, TUESDAY, 10, 3, 2)
        self.calls(self.ada, TUESDAY, 11, 1, direction="in")
        self.calls(self.ada, TUESDAY, 11, 1, outcome="left_message")
        self.calls(self.ada, TUESDAY, 11, 1, outcome="callback")
        # Not a call; before the last twelve months; of another company.
        self.calls(self.ada, TUESDAY, 12, 1, channel="visit")
        self.calls(
            self.ada, TUESDAY, 12, 1, date=fields.Datetime.now() - timedelta(days=370)
        )
        self.calls(self.ada, TUESDAY, 12, 1, company_id=self.company_b.id)
        self.update(self.company_a, self.company_b)
        self.assertEqual(self.cells(), {(TUESDAY, 10): (3, 5), (TUESDAY, 11): (2, 3)})
        self.assertEqual(self.cells(company=self.company_b), {(TUESDAY, 12): (1, 1)})

    def test_what_is_counted_of_messages(self):
        self.writes(self.ada, MONDAY, 8, 2)
        contact = self.customer("Bob", parent_id=self.ada.id)
        self.ada.is_company = True
        self.writes(contact, MONDAY, 9, 1, message_type="comment")
        self.writes(self.ada, MONDAY, 7, 1, message_type="notification")
        self.writes(self.ada, MONDAY, 7, 1, is_internal=True)
        self.writes(self.ada, MONDAY, 7, 1, author_id=self.salesman.partner_id.id)
        self.writes(self.ada, MONDAY, 7, 1, model="discuss.channel", res_id=1)
        self.writes(self.ada, MONDAY, 7, 1, record_company_id=self.company_b.id)
        self.update()
        self.assertEqual(
            self.cells("email"), {(MONDAY, 8): (2, 2), (MONDAY, 9): (1, 1)}
        )
        times = self.times(contact)
        self.assertIsNone(times.window("email"), "too few of all customers")
        self.assertEqual(times.own["email"], {(MONDAY, 8): (2, 2), (MONDAY, 9): (1, 1)})

    def test_what_is_counted_of_orders(self):
        product = self.env["product.product"].create({"name": "P", "taxes_id": False})

        def order(moment, state="sale"):
            sale = self.env["sale.order"].create(
                {
                    "partner_id": self.ada.id,
                    "company_id": self.company_a.id,
                    "order_line": [Command.create({"product_id": product.id})],
                }
            )
            if state == "sale":
                sale.action_confirm()
            sale.date_order = moment

        order(self.at(SATURDAY, 16))
        order(self.at(SATURDAY, 16, weeks=2))
        order(self.at(SATURDAY, 15), state="draft")
        # Imported with a day alone.
        order(datetime.combine(self.at(SATURDAY, 12).date(), datetime.min.time()))
        self.update()
        self.assertEqual(self.cells("purchase"), {(SATURDAY, 16): (2, 2)})

    def test_hours_are_those_of_the_customer(self):
        shanghai = self.env.ref("base.cn")
        other = self.mine("Wang", country_id=shanghai.id)
        self.calls(other, TUESDAY, 15, 6, zone="Asia/Shanghai")
        own = self.mine("Kim", tz="America/New_York")
        self.calls(own, TUESDAY, 20, 2, zone="America/New_York")
        self.update()
        self.assertEqual(self.cells(), {(TUESDAY, 15): (6, 6), (TUESDAY, 20): (2, 2)})
        times = self.times(other)
        self.assertEqual(times.zone, "Asia/Shanghai")
        self.assertEqual(times.own["phone"], {(TUESDAY, 15): (6, 6)})

    def test_summer_and_winter_are_the_same_hour(self):
        now = fields.Datetime.now()
        summer = datetime(now.year - (now.month < 9), 7, 7, 8, 30)
        winter = datetime(now.year - (now.month < 3), 1, 12, 9, 30)
        for moment in (summer, winter):
            self.calls(self.ada, MONDAY, 9, 1, date=moment)
        self.update()
        self.assertEqual({hour for _day, hour in self.cells()}, {10})

    def test_own_contacts_and_those_of_all(self):
        self.everyone()
        self.update()
        self.assertEqual(self.place(self.ada), (THURSDAY, 15, False))
        self.assertIn("Not enough contacts yet", self.texts(self.ada)["Calls"])
        self.calls(self.ada, TUESDAY, 10, 9, 1)
        self.calls(self.ada, WEDNESDAY, 10, 0, 8)
        # At once: only the figures of all customers are of the night.
        self.assertEqual(self.place(self.ada), (TUESDAY, 9, True))
        self.assertEqual(
            self.texts(self.ada)["Calls"],
            "Tuesdays 9:00\u202fAM–11:00\u202fAM: reached in 9 of 10 calls, at other "
            "times in 0 of 8. Clearly better than other times.",
        )
        [block] = (
            self.as_user(self.salesman, "res.partner")
            .browse(self.ada.id)
            .get_customer_page(["best_time"])
        )
        self.assertIn("90%", block["rows"][0]["title"])
        self.assertIn("60% to 98%", block["rows"][0]["title"])

    def test_calls_that_were_not_answered(self):
        self.everyone()
        self.calls(self.ada, THURSDAY, 15, 0, 20)
        self.calls(self.ada, THURSDAY, 16, 0, 20)
        self.update()
        self.assertNotEqual(self.place(self.ada)[:2], (THURSDAY, 15))
        self.assertIn("not called then yet", self.texts(self.ada)["Calls"])

    def test_one_customer_with_very_many_messages(self):
        for weekday, count in ((MONDAY, 300), (TUESDAY, 300)):
            self.writes(self.ada, weekday, 3, count)
        for number in range(3):
            self.writes(self.mine(f"Customer {number}"), FRIDAY, 11, 40)
        self.update()
        # They count as 100 contacts: the others are more.
        self.assertEqual(
            self.cells("email"),
            {(MONDAY, 3): (50, 50), (TUESDAY, 3): (50, 50), (FRIDAY, 11): (120, 120)},
        )
        # Of their own the newest ones are looked at.
        own = self.times(self.ada).own["email"]
        self.assertEqual(sum(tries for _hits, tries in own.values()), 500)

    def test_updates_write_what_changed(self):
        self.calls(self.ada, TUESDAY, 10, 1)
        self.calls(self.ada, TUESDAY, 11, 1)
        [run] = (
            self.env["crm.insight.run"]
            ._run_now(self.company_a)
            .filtered(lambda run: run.step == "best_time")
        )
        self.assertFalse(run.error)
        self.assertEqual((run.row_count, run.added_count), (2, 2))
        before = self.env[MODEL].search([])
        self.calls(self.ada, TUESDAY, 10, 0, 1)
        self.env["crm.interaction"].search(
            [("date", "=", self.at(TUESDAY, 11))]
        ).unlink()
        self.calls(self.ada, TUESDAY, 12, 1)
        counts = self.env[MODEL]._refresh(self.company_a)
        self.assertEqual(counts, {"rows": 2, "added": 1, "changed": 1, "removed": 1})
        self.assertEqual(self.env[MODEL]._refresh(self.company_a)["changed"], 0)
        self.assertIn(self.env[MODEL].search([], limit=1), before)

    def test_merged_contacts(self):
        self.everyone()
        double = self.mine("Double")
        self.calls(double, TUESDAY, 10, 9, 1)
        self.writes(double, TUESDAY, 10, 3)
        self.update()
        self.assertFalse(self.place(self.ada)[2])
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge([double.id, self.ada.id], self.ada)
        self.assertEqual(self.place(self.ada), (TUESDAY, 9, True))
        self.assertEqual(self.times(self.ada).own["email"], {(TUESDAY, 10): (3, 3)})

    def test_archived_customers(self):
        other = self.everyone()
        self.calls(self.ada, TUESDAY, 10, 9, 1)
        (self.ada + other).active = False
        self.update()
        self.assertEqual(self.place(self.ada), (TUESDAY, 9, True))

    def test_employees_have_none(self):
        self.everyone()
        self.update()
        self.assertIsNone(self.times(self.salesman.partner_id))

    def test_customers_who_refused_profiling(self):
        self.everyone()
        contact = self.customer("Bob", parent_id=self.ada.id)
        self.calls(self.ada, TUESDAY, 10, 9, 1)
        self.update()
        self.env["crm.consent"].create(
            {
                "partner_id": self.ada.id,
                "company_id": self.company_a.id,
                "purpose_id": self.env.ref("crm_extended.purpose_profiling").id,
                "state": "refused",
            }
        )
        self.assertIsNone(self.times(self.ada))
        self.assertIsNone(self.times(contact))
        self.assertEqual(self.texts(self.ada), {})

    def test_hours_of_the_contact_policy(self):
        self.everyone()
        self.calls(self.ada, SUNDAY, 20, 9)
        self.calls(self.ada, TUESDAY, 10, 3, 3)
        self.update()
        self.assertEqual(self.place(self.ada)[0], SUNDAY)
        self.company_a.write({"contact_quiet_from": 19, "contact_quiet_to": 8})
        self.assertNotEqual(self.place(self.ada)[0], SUNDAY)
        self.company_a.write({"contact_quiet_from": 0, "contact_quiet_to": 0})
        self.assertEqual(self.place(self.ada)[0], SUNDAY)
        self.company_a.contact_weekdays = "0,1,2,3,4"
        self.assertNotEqual(self.place(self.ada)[0], SUNDAY)

    def test_quiet_days_move_the_next_start(self):
        self.everyone()
        self.calls(self.ada, TUESDAY, 10, 9)
        self.update()
        now = self.at(MONDAY, 12, weeks=-1)
        self.assertEqual(
            self.times(self.ada).next_start("phone", now),
            self.at(TUESDAY, 9, weeks=-1, minute=0),
        )
        self.env["crm.contact.quiet.day"].create(
            {
                "company_id": self.company_a.id,
                "date": self.at(TUESDAY, 12, weeks=-1).date(),
            }
        )
        moved = self.times(self.ada).next_start("phone", now)
        self.assertEqual(moved, self.at(THURSDAY, 15, weeks=-1, minute=0))


@tagged("post_install", "-at_install")
class TestBestTimeAccess(BestTimeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.everyone()
        cls.update(cls.company_a, cls.company_b)

    def test_only_contacts_that_the_reader_may_see_count(self):
        self.calls(self.ada, TUESDAY, 10, 9, 1)
        # A customer of the manager, whom the salesperson may not read.
        self.assertEqual(self.place(self.ada), (TUESDAY, 9, True))
        rule = self.env["ir.rule"].create(
            {
                "name": "Own calls",
                "model_id": self.env["ir.model"]._get_id("crm.interaction"),
                "domain_force": "[('user_id', '=', user.id)]",
                "groups": [
                    Command.link(self.env.ref("sales_team.group_sale_salesman").id)
                ],
            }
        )
        self.assertEqual(self.place(self.ada), (TUESDAY, 9, True))
        self.env["crm.interaction"].search([("partner_id", "=", self.ada.id)])._write(
            {"user_id": self.manager.id}
        )
        self.env.invalidate_all()
        self.assertFalse(self.place(self.ada)[2])
        rule.unlink()
        self.assertTrue(self.place(self.ada)[2])

    def test_messages_on_documents_of_others(self):
        lead = self.lead(self.ada, user=self.manager)
        self.writes(self.other, THURSDAY, 15, 30)
        self.update()
        self.writes(self.ada, TUESDAY, 10, 9, model="crm.lead", res_id=lead.id)
        self.assertEqual(self.times(self.ada, self.manager).own.keys(), {"email"})
        self.assertFalse(self.times(self.ada).own)

    def test_companies(self):
        self.assertFalse(
            self.env[MODEL].search([("company_id", "=", self.company_b.id)])
        )
        times = self.as_user(self.salesman_b, MODEL)
        self.assertFalse(times.search([]))
        self.assertFalse(times._times_of(self.ada))

    def test_who_reads_and_writes(self):
        rows = self.as_user(self.salesman, MODEL).search([])
        self.assertTrue(rows)
        self.assertEqual(rows.company_id.ids, self.company_a.ids)
        for user in (self.salesman, self.manager):
            row = self.as_user(user, MODEL).search([], limit=1)
            for change in (
                lambda row=row: row.write({"hits": 1}),
                lambda row=row: row.unlink(),
                lambda row=row: row.copy(),
            ):
                with self.assertRaises(AccessError):
                    change()
        agent = new_test_user(
            self.env,
            login="best_time_agent",
            groups="crm_extended.group_care_agent",
            company_id=self.company_a.id,
            company_ids=[Command.set(self.company_a.ids)],
        )
        for user in (agent, self.employee, self.portal):
            with self.assertRaises(AccessError):
                self.as_user(user, MODEL).search([])
        self.assertEqual(self.texts(self.ada, agent), {})

    def test_contacts_that_may_not_be_read(self):
        hidden = self.customer("Hidden", company_id=self.company_b.id)
        with self.assertRaises(AccessError):
            self.texts(hidden)
        self.assertEqual(self.as_user(self.salesman, MODEL)._times_of(self.ada[:0]), {})

    def test_off_means_gone(self):
        self.assertTrue(self.texts(self.ada))
        self.env["crm.feature"]._switch(insight=False)
        self.env.registry.clear_cache("groups")
        self.assertEqual(self.texts(self.ada), {})
        with self.assertRaises(AccessError):
            self.as_user(self.salesman, MODEL).search([])

    def test_as_many_queries_for_many(self):
        people = [self.mine(f"Customer {number}") for number in range(12)]
        for one in people:
            self.calls(one, TUESDAY, 10, 3)
            self.writes(one, TUESDAY, 10, 2)
        people = self.env["res.partner"].union(*people)
        times = self.as_user(self.salesman, MODEL)

        def count(some):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(len(times._times_of(some.with_env(times.env))), len(some))
            return self.env.cr.sql_log_count - before

        count(people)
        few = count(people[:2])
        self.assertLessEqual(count(people), few)
        self.assertLess(few, 25)
