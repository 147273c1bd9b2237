"""The customer page: blocks of all packages, each figure opens its records."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import AgendaCommon


@tagged("post_install", "-at_install")
class TestCustomerPage(AgendaCommon):
    def page(self, partner=None, user=None, names=None):
        partner = (partner or self.ada).with_user(user or self.salesman)
        partner = partner.with_context(allowed_company_ids=self.company_a.ids)
        return {
            block["name"]: block["rows"] for block in partner.get_customer_page(names)
        }

    def texts(self, rows):
        return [row["text"] for row in rows]

    def test_next_step_whoever_the_salesperson_is(self):
        quotation = self.quotation(self.ada, 100, user=self.manager)
        self.ada.user_id = self.manager
        self.lead(self.ada, user=self.manager)
        rows = self.page(
            user=self.new_user("all", "sales_team.group_sale_salesman_all_leads")
        )["next_step"]
        self.assertEqual(
            [(row["res_model"], row["res_id"]) for row in rows][:1],
            [("sale.order", quotation.id)],
        )
        self.assertEqual(len(rows), 2)
        self.assertIn(quotation.name, rows[0]["text"])

    def test_no_reason(self):
        [row] = self.page()["next_step"]
        self.assertIn("No reason", row["text"])
        self.assertNotIn("res_model", row)

    def test_revenue_and_trend(self):
        self.buy(self.ada, 300, days_ago=20)
        self.buy(self.ada, 200, days_ago=500)
        self.refresh()
        row, last = self.page()["trend"]
        self.assertEqual(row["bars"][-1], 300)
        self.assertEqual(sum(row["bars"]), 500)
        self.assertIn("+50%", row["text"])
        self.assertIn("300", row["text"])
        self.assertTrue(last["text"])

    def test_a_customer_of_whom_nothing_is_known(self):
        new = self.customer("New")
        page = self.page(new)
        self.assertNotIn("value", page)
        self.assertEqual(len(page["trend"]), 1)

    def test_figures_open_their_records(self):
        self.buy(self.ada, 300)
        self.refresh()
        self.interaction(self.ada)
        for user in (self.salesman, self.manager):
            opened = set()
            partner = self.ada.with_user(user).with_company(self.company_a)
            for rows in self.page(user=user).values():
                for row in rows:
                    if method := row.get("method"):
                        action = getattr(partner, method)()
                        model = self.env[action["res_model"]].with_user(user)
                        model.check_access("read")
                        opened.add(method)
            self.assertIn("action_rfm_score", opened)
            self.assertIn("action_interactions", opened)

    def test_only_some_blocks(self):
        self.assertEqual(list(self.page(names=["next_step"])), ["next_step"])
        self.assertEqual(self.page(names=["nothing"]), {})

    def test_features_that_are_off(self):
        features = self.env["crm.feature"]
        names = ("timeline", "loyalty", "care", "plans", "consent")
        features._switch(**{key: False for key in names if features._is_on(key)})
        self.buy(self.ada, 300)
        self.refresh()
        self.assertEqual(list(self.page()), ["next_step", "value", "trend"])

    def test_who_sees_it(self):
        self.assertEqual(self.page(user=self.employee), {})
        hidden = self.customer("Hidden", company_id=self.company_b.id)
        with self.assertRaises(AccessError):
            self.page(hidden)

    def test_print(self):
        self.buy(self.ada, 300)
        self.refresh()
        report = self.env["ir.actions.report"].with_user(self.salesman)
        report = report.with_company(self.company_a)
        html, _kind = report._render_qweb_html(
            "crm_extended.report_customer_page", self.ada.ids
        )
        for text in ("Ada", "Next Step", "Customer Value"):
            self.assertIn(text, html.decode())

    def test_queries_do_not_grow(self):
        """Of a customer with many records and of one with few."""
        few, many = self.mine("Few"), self.mine("Many")
        for partner, count in ((few, 1), (many, 12)):
            for number in range(count):
                self.buy(partner, 100 + number)
                self.interaction(partner, days=number)
                self.quotation(partner, 100)
        self.refresh()
        counts = []
        for partner in (few, many, few, many):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.page(partner)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[2], counts[3])
