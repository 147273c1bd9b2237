"""What customers need again: expected quantities, reasons, pages, and who sees them."""

from datetime import date, timedelta

from lxml import etree

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import SQL
from odoo.tools.safe_eval import safe_eval

from ...analytics.insight.replenishment import Line, expected_quantity, habit
from ..agenda.common import AgendaCommon
from ..care.common import CareCommon

MODEL = "crm.customer.product"


class ReplenishmentCommon(AgendaCommon):
    """Orders of a company that counts orders."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.company_a + cls.company_b).rfm_source = "sale"
        cls.office = cls.env["product.category"].create({"name": "Office"})
        cls.toner, cls.paper, cls.ink, cls.tape = cls.env["product.product"].create(
            [
                {"name": name, "taxes_id": False, "categ_id": cls.office.id}
                for name in ("Toner", "Paper", "Ink", "Tape")
            ]
        )

    @classmethod
    def order(cls, partner, product, *days_ago, quantity=1, price=10, company=None):
        company = company or cls.company_a
        orders = cls.env["sale.order"].with_company(company)
        orders = orders.create(
            [
                {
                    "partner_id": partner.id,
                    "company_id": company.id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": product.id,
                                "product_uom_qty": quantity,
                                "price_unit": price,
                                "tax_ids": False,
                            }
                        )
                    ],
                }
                for _days in days_ago
            ]
        )
        orders.action_confirm()
        for order, days in zip(orders, days_ago, strict=True):
            order.date_order = fields.Datetime.now() - timedelta(days=days)
        return orders

    @classmethod
    def update(cls):
        cls.env.flush_all()
        runs = cls.env["crm.insight.run"]._run_now(cls.company_a + cls.company_b)
        assert not any(runs.mapped("error"))
        return runs

    def rows(self, user=None, **values):
        records = self.as_user(user, MODEL) if user else self.env[MODEL]
        return records.search([(name, "=", value) for name, value in values.items()])

    def switch_off(self):
        self.env["crm.feature"]._switch(insight=False)
        self.env.registry.clear_cache("groups")


@tagged("post_install", "-at_install")
class TestReplenishment(ReplenishmentCommon):
    def test_expected_quantities(self):
        # Due in 6 days, then each 10 days.
        self.order(self.ada, self.toner, 24, 14, 4, quantity=3)
        # Overdue by 5 days: counts as due today, then each 20 days.
        self.order(self.ada, self.paper, 65, 45, 25, quantity=2)
        # Given up: two intervals have passed.
        self.order(self.ada, self.ink, 50, 40, 30)
        # No rhythm.
        self.order(self.ada, self.tape, 20, 10)
        self.update()
        found = {
            row.product_tmpl_id.name: (row.expected_30, row.expected_90)
            for row in self.rows(partner_id=self.ada.id)
        }
        # After 6, 16 and 26 days; up to 86 days.
        # After 0 and 20 days; up to 80 days.
        self.assertEqual(
            found,
            {"Toner": (9, 27), "Paper": (4, 10), "Ink": (0, 0), "Tape": (0, 0)},
        )
        states = {
            row.product_tmpl_id.name: row.due_state
            for row in self.rows(partner_id=self.ada.id)
        }
        self.assertEqual(
            states,
            {"Toner": "waiting", "Paper": "due", "Ink": "given_up", "Tape": False},
        )

    def test_sums_are_those_of_the_rows(self):
        bob = self.mine("Bob")
        for partner, first in ((self.ada, 3), (bob, 9)):
            self.order(
                partner, self.toner, first + 15, first + 8, first, quantity=first
            )
        self.update()
        [(product, days_30, days_90, customers)] = self.env[MODEL]._read_group(
            [("product_tmpl_id", "=", self.toner.product_tmpl_id.id)],
            ["product_tmpl_id"],
            ["expected_30:sum", "expected_90:sum", "partner_id:count_distinct"],
        )
        rows = self.rows(product_tmpl_id=product.id)
        self.assertEqual(days_30, sum(rows.mapped("expected_30")))
        self.assertEqual(days_90, sum(rows.mapped("expected_90")))
        self.assertEqual(customers, 2)
        self.assertEqual(
            self.env[MODEL].search([], order="expected_30 desc", limit=1),
            rows.sorted("expected_30", reverse=True)[:1],
        )

    def test_rules_of_the_arithmetic(self):
        day = date(2026, 3, 1)
        known = habit(Line(day + timedelta(days=days), 4, 1) for days in (0, 10, 20))
        due = day + timedelta(days=30)
        self.assertEqual((known.due_date, known.due_until), (due, due + timedelta(10)))
        for today, days, times in (
            (due - timedelta(5), 4, 0),
            (due - timedelta(5), 5, 1),
            (due, 9, 1),
            (due, 10, 2),
            # Overdue: due today.
            (due + timedelta(10), 0, 1),
            (due + timedelta(10), 30, 4),
            (due + timedelta(11), 90, 0),
        ):
            self.assertEqual(expected_quantity(known, today, days), 4 * times)

    # -- A reason to contact them

    def reason(self):
        [row] = self.today_of()["rows"]
        [reason] = row["reasons"]
        return reason["text"]

    def test_one_reason_names_all_that_is_due(self):
        self.consent(self.ada)
        self.order(self.ada, self.toner, 65, 45, 25)
        self.update()
        self.refresh()
        self.assertEqual(self.found(), [(self.ada.id, ["replenishment"])])
        text = self.reason()
        self.assertIn("Toner is due: they buy it every 20 days, last on", text)
        self.assertNotIn("Also due", text)
        for product in (self.paper, self.ink, self.tape):
            self.order(self.ada, product, 64, 44, 24)
        self.update()
        # Those of the list of the day are not found once more.
        self.env["crm.agenda.item"].search([]).unlink()
        self.assertEqual(self.found(), [(self.ada.id, ["replenishment"])])
        text = self.reason()
        self.assertIn("Toner is due", text)
        self.assertIn("Also due: Paper, Ink, and 1 more", text)

    def test_not_before_and_not_for_ever(self):
        self.consent(self.ada)
        orders = self.order(self.ada, self.toner, 60, 40, 20)
        for last, is_due in ((19, False), (20, True), (40, True), (41, False)):
            for order, days in zip(orders, (last + 40, last + 20, last), strict=True):
                order.date_order = fields.Datetime.now() - timedelta(days=days)
            self.update()
            self.assertEqual(bool(self.found()), is_due, last)

    def test_products_that_are_not_sold_are_not_due(self):
        self.consent(self.ada)
        self.order(self.ada, self.toner, 65, 45, 25)
        self.update()
        self.assertTrue(self.found())
        self.toner.product_tmpl_id.sale_ok = False
        self.assertEqual(self.found(), [])
        self.toner.product_tmpl_id.sale_ok = True
        self.toner.product_tmpl_id.action_archive()
        self.assertEqual(self.found(), [])

    def test_only_whom_one_may_contact_and_profile(self):
        self.order(self.ada, self.toner, 65, 45, 25)
        self.update()
        self.assertEqual(self.found(), [])
        self.consent(self.ada)
        self.assertTrue(self.found())
        self.env["crm.consent"].create(
            {
                "partner_id": self.ada.id,
                "company_id": self.company_a.id,
                "purpose_id": self.env.ref("crm_extended.purpose_profiling").id,
                "state": "refused",
            }
        )
        self.assertEqual(self.found(), [])

    def test_off_means_gone(self):
        self.consent(self.ada)
        self.order(self.ada, self.toner, 65, 45, 25)
        self.update()
        self.switch_off()
        self.assertEqual(self.found(), [])
        partner = self.ada.with_user(self.salesman)
        self.assertNotIn(
            "preferences", [block["name"] for block in partner.get_customer_page()]
        )
        before = self.env["crm.insight.run"].search_count([])
        with self.no_commits():
            self.env["crm.insight.run"]._cron_run()
        self.assertEqual(self.env["crm.insight.run"].search_count([]), before)

    # -- Pages

    def block(self, user=None):
        partner = self.ada.with_user(user or self.salesman)
        partner = partner.with_context(allowed_company_ids=self.company_a.ids)
        found = partner.get_customer_page(["preferences"])
        return {row["label"]: row["text"] for row in found[0]["rows"]} if found else {}

    def test_the_customer_page(self):
        self.assertEqual(self.block(), {})
        self.order(self.ada, self.toner, 65, 45, 25, price=50)
        self.order(self.ada, self.paper, 9, 8)
        bare = self.env["product.product"].create({"name": "Bare", "categ_id": False})
        self.order(self.ada, bare, 7, price=30)
        self.update()
        block = self.block()
        self.assertEqual(block["Categories"], "Office (85%) and Without Category (15%)")
        self.assertIn("Toner (", block["Highest Revenue"])
        self.assertEqual(
            block["Most Often"],
            "Toner (3 times, every 20 days) and Paper (2 times)",
        )
        self.assertTrue(block["Due Again"].startswith("Toner (since "))
        self.ada.user_id = self.manager
        self.assertEqual(self.block(), {})

    def test_buttons_open_what_they_say(self):
        self.order(self.ada, self.toner, 65, 45, 25)
        self.update()
        person = self.customer("Person", parent_id=self.ada.id)
        ada = self.env[MODEL].search([("partner_id", "=", self.ada.id)])
        lead = self.lead(person)
        quotation = self.quotation(person)
        for record in (person, lead, quotation):
            action = record.action_preferences()
            found = self.env[action["res_model"]].search(action["domain"])
            self.assertEqual(found, ada)
        action = ada.action_open_lines()
        lines = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(len(lines), 3)
        # Of all days, like the row.
        self.assertEqual(action["context"], {})
        action = person.action_preference_categories()
        [category] = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(
            category.action_open_products()["domain"][-1][2], self.office.id
        )
        action = self.toner.product_tmpl_id.action_customer_replenishments()
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]), ada)

    def test_categories(self):
        self.order(self.ada, self.toner, 65, 45, 25, price=50)
        self.order(self.ada, self.paper, 15, 5)
        bare = self.env["product.product"].create({"name": "Bare", "categ_id": False})
        self.order(self.ada, bare, 7)
        self.update()
        office, none = self.env["crm.customer.category"].search(
            [("partner_id", "=", self.ada.id)]
        )
        self.assertEqual((office.categ_id, none.categ_id.id), (self.office, False))
        self.assertEqual((office.amount, office.purchase_days), (170, 5))
        self.assertEqual(office.product_count, 2)
        self.assertEqual(office.last_date, self.today - timedelta(days=5))
        # Gaps of 20, 20, 10 and 10 days.
        self.assertEqual(office.interval_days, 15)
        self.assertEqual(office.due_date, self.today - timedelta(days=5))
        self.assertFalse(none.interval_days)

    def test_days_of_a_category_are_those_on_which_anything_was_bought(self):
        """Three products on the same two days are bought two times, not six."""
        for product in (self.toner, self.paper, self.ink):
            self.order(self.ada, product, 50, 20)
        bob = self.mine("Bob")
        for product in (self.toner, self.paper, self.ink):
            self.order(bob, product, 50, 20, 10, 4)
        self.order(bob, self.paper, 7, price=-3)
        self.update()
        Category = self.env["crm.customer.category"]
        found = {
            (row.partner_id, row.purchase_days, row.interval_days)
            for row in Category.search([("categ_id", "=", self.office.id)])
        }
        self.assertEqual(found, {(self.ada, 2, 0), (bob, 4, 10)})
        often = Category.search([], order="purchase_days desc, id", limit=1)
        self.assertEqual(often.partner_id, bob)
        # On the page of the customer, too, and for each company.
        action = Category._preferences_action(bob)
        row = Category.with_context(**action["context"]).search(action["domain"])
        self.assertEqual((row.purchase_days, row.interval_days), (4, 10))
        self.assertEqual(Category.search_count([("purchase_days", ">", 3)]), 1)
        # Where days are not asked for, lines are not read.
        query = Category._search([])
        [plan] = self.env.execute_query(
            SQL("EXPLAIN (FORMAT json) %s", query.select("id", "amount"))
        )
        self.assertNotIn("account_move", str(plan))
        self.assertNotIn("sale_order", str(plan))

    def test_queries_do_not_grow(self):
        counts = []
        for number in range(2):
            for each in range(4):
                partner = self.mine(f"Customer {number} {each}")
                self.order(partner, self.toner, 65, 45, 25)
            self.update()
            self.env.invalidate_all()
            rows = self.as_user(self.salesman, MODEL)
            with self.assertQueryCount(30):
                before = self.env.cr.sql_log_count
                rows.search_read([], limit=80)
                counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])

    def test_ready_filters(self):
        self.order(self.ada, self.toner, 65, 45, 25)
        self.order(self.ada, self.ink, 50, 40, 30)
        self.update()
        action = self.env.ref("crm_extended.crm_customer_product_replenishment_action")
        found = self.env[MODEL].search(
            [*safe_eval(action.domain), ("partner_id", "=", self.ada.id)]
        )
        self.assertEqual(found.product_tmpl_id.name, "Toner")
        for name, expected in (("due", "Toner"), ("given_up", "Ink")):
            [view] = self.env[MODEL].get_views([(False, "search")])["views"].values()
            [node] = etree.fromstring(view["arch"]).xpath(f"//filter[@name='{name}']")
            found = self.env[MODEL].search(
                [*safe_eval(node.get("domain")), ("partner_id", "=", self.ada.id)]
            )
            self.assertEqual(found.product_tmpl_id.name, expected)


@tagged("post_install", "-at_install")
class TestReplenishmentAccess(CareCommon, ReplenishmentCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.others = cls.customer("Others")
        cls.foreign = cls.customer("Foreign", user_id=cls.salesman.id)
        cls.order(cls.ada, cls.toner, 65, 45, 25, quantity=2)
        cls.order(cls.others, cls.toner, 65, 45, 25, quantity=5)
        cls.order(cls.foreign, cls.toner, 65, 45, 25, company=cls.company_b)
        cls.update()

    def seen(self, user, model=MODEL):
        return set(self.as_user(user, model).search([]).mapped("partner_id.name"))

    def test_salespeople_see_their_own_customers(self):
        for model in (MODEL, "crm.customer.category"):
            self.assertEqual(self.seen(self.salesman, model), {"Ada"})
            self.assertEqual(self.seen(self.manager, model), {"Ada", "Others"})
        self.salesman.group_ids += self.env.ref(
            "sales_team.group_sale_salesman_all_leads"
        )
        for model in (MODEL, "crm.customer.category"):
            self.assertEqual(self.seen(self.salesman, model), {"Ada", "Others"})

    def test_expected_sums_are_over_what_one_sees(self):
        for user, total in ((self.salesman, 4), (self.manager, 14)):
            found = self.as_user(user, MODEL)._read_group([], [], ["expected_30:sum"])
            self.assertEqual(found, [(total,)])

    def test_a_row_of_another_is_not_read_by_its_id(self):
        rows = self.rows(partner_id=self.others.id)
        self.salesman.group_ids += self.env.ref("base.group_allow_export")
        for call in (
            lambda mine: mine.read(["amount"]),
            lambda mine: mine.export_data(["amount"]),
            lambda mine: mine.action_open_lines(),
        ):
            with self.assertRaises(AccessError):
                call(rows.with_user(self.salesman))

    def test_nobody_else_sees_anything(self):
        public = self.env.ref("base.public_user")
        for user in (self.employee, self.portal, self.agent, self.care_manager, public):
            for model in (MODEL, "crm.customer.category", "crm.insight.run"):
                with self.assertRaises(AccessError, msg=(user.login, model)):
                    self.env(user=user)[model].search([])

    def test_nobody_writes(self):
        for model in (MODEL, "crm.insight.run"):
            rows = self.as_user(self.manager, model)
            row = rows.search([], limit=1)
            for write in (
                lambda row=row: row.write({"company_id": self.company_a.id}),
                lambda row=row: row.unlink(),
                lambda rows=rows: rows.create({"company_id": self.company_a.id}),
            ):
                with self.assertRaises(AccessError):
                    write()

    def test_managers_update_their_company(self):
        runs = self.as_user(self.manager, "crm.insight.run")
        self.order(self.ada, self.paper, 5)
        self.env.flush_all()
        action = runs.action_update()
        self.assertEqual(action["params"]["type"], "success")
        self.assertIn("1 new, 0 changed, 0 removed.", action["params"]["message"])
        with self.assertRaises(AccessError):
            self.as_user(self.salesman, "crm.insight.run").action_update()
        self.assertEqual(
            runs.search([]).company_id, self.company_a, "the log is of own companies"
        )
