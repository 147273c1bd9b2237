"""Export for Analysis: the file has what its reader may see, and nothing of it runs."""

import csv
import io
from datetime import timedelta
from importlib import import_module

from lxml import etree

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged

from ..care.common import CareCommon

HEADERS = [
    "customer_id",
    "customer",
    "date",
    "amount",
    "currency",
    "company_id",
    "company",
    "is_refund",
    "source",
    "purchase_key",
    "posted_date",
    "reference",
]


class ExportCommon(CareCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.feature"]._switch(insight=True)
        cls.analyst = new_test_user(
            cls.env,
            login="crm_extended_analyst",
            groups="sales_team.group_sale_manager,base.group_allow_export",
            company_id=cls.company_a.id,
            company_ids=[Command.set((cls.company_a + cls.company_b).ids)],
        )
        cls.ann = cls.customer('Ann, "the" buyer')
        cls.formula = cls.customer("=HYPERLINK(A1)")
        cls.euro = cls.buy(cls.ann, 1234.5, 10, reference="R-1")
        cls.buy(cls.ann, -34.5, 5)
        cls.buy(cls.formula, 20, 400)
        cls.buy(cls.ann, 70, 3, company=cls.company_b)

    def purchases(self, user=None, companies=None):
        companies = companies or self.company_a
        env = self.env(
            user=user or self.analyst, context={"allowed_company_ids": companies.ids}
        )
        return env["crm.customer.transaction"]

    def wizard(self, rows=None, domain=(), **values):
        """The dialog, as the button of the list opens it."""
        rows = self.purchases() if rows is None else rows
        action = rows.with_context(
            active_domain=list(domain)
        ).action_export_for_analysis()
        wizard = rows.env[action["res_model"]].browse(action["res_id"])
        wizard.write(values)
        return wizard

    def rows_of(self, wizard):
        with wizard._write_file() as file:
            text = file.read().decode()
        return list(csv.DictReader(io.StringIO(text)))


@tagged("post_install", "-at_install")
class TestPurchaseExport(ExportCommon):
    def test_rows_are_those_of_the_list(self):
        rows = self.rows_of(self.wizard(domain=[("partner_id", "=", self.ann.id)]))
        self.assertEqual(list(rows[0]), HEADERS)
        day = self.today - timedelta(days=10)
        self.assertEqual(
            rows[0],
            {
                "customer_id": str(self.ann.id),
                "customer": 'Ann, "the" buyer',
                "date": str(day),
                "amount": "1234.50",
                "currency": "EUR",
                "company_id": str(self.company_a.id),
                "company": self.company_a.name,
                "is_refund": "false",
                "source": "history",
                "purchase_key": f"crm.purchase.history,{self.euro.id}",
                "posted_date": str(day),
                "reference": "R-1",
            },
        )
        self.assertEqual([row["amount"] for row in rows], ["1234.50", "-34.50"])
        self.assertEqual(rows[1]["is_refund"], "true")
        self.assertEqual(rows[1]["reference"], "")

    def test_selected_rows_and_all(self):
        found = self.purchases().search([("amount", "<", 0)])
        wizard = self.wizard(found, domain=[("partner_id", "=", self.formula.id)])
        self.assertEqual(wizard.selected_count, 1)
        self.assertEqual([row["amount"] for row in self.rows_of(wizard)], ["-34.50"])
        wizard.scope = "all"
        self.assertEqual(len(self.rows_of(wizard)), 3)

    def test_names_are_no_formulas(self):
        [row] = self.rows_of(self.wizard(domain=[("partner_id", "=", self.formula.id)]))
        self.assertEqual(row["customer"], "'=HYPERLINK(A1)")
        for name in ("+1", "-1", "@SUM(A1)", "\tx"):
            self.formula.name = name
            [row] = self.rows_of(
                self.wizard(domain=[("partner_id", "=", self.formula.id)])
            )
            self.assertEqual(row["customer"], f"'{name}")

    def test_companies_are_those_of_the_list(self):
        both = self.company_a + self.company_b
        rows = self.rows_of(self.wizard(self.purchases(companies=both)))
        self.assertEqual(
            {(row["company_id"], row["currency"]) for row in rows},
            {(str(self.company_a.id), "EUR"), (str(self.company_b.id), "USD")},
        )
        self.assertEqual(len(self.rows_of(self.wizard())), 3)
        # Of the other company alone, whatever the user could choose.
        wizard = self.wizard(self.purchases(companies=self.company_b), scope="all")
        self.assertEqual([row["amount"] for row in self.rows_of(wizard)], ["70.00"])

    def test_hidden_customers_are_left_out(self):
        self.env["ir.rule"].create(
            {
                "name": "hidden customer",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": f"[('id', '!=', {self.ann.id})]",
                "groups": self.env.ref("sales_team.group_sale_manager").ids,
            }
        )
        rows = self.rows_of(self.wizard(scope="all"))
        self.assertEqual([row["customer_id"] for row in rows], [str(self.formula.id)])

    def test_what_a_client_may_send(self):
        """Ids and companies that are not the user's own lead to nothing, or are refused."""
        other = new_test_user(
            self.env,
            login="crm_extended_analyst_a",
            groups="sales_team.group_sale_manager,base.group_allow_export",
            company_id=self.company_a.id,
            company_ids=[Command.set(self.company_a.ids)],
        )
        foreign = self.purchases(companies=self.company_b).search([])
        self.assertTrue(foreign)
        wizard = self.wizard(self.purchases(other))
        wizard.selected_ids = foreign.ids
        self.assertEqual(self.rows_of(wizard), [])
        wizard.selected_ids = ["1 OR TRUE", {"id": 1}]
        self.assertEqual(self.rows_of(wizard), [])
        wizard.selected_ids = False
        wizard.company_list = self.company_b.ids
        with self.assertRaises(AccessError):
            wizard._write_file()
        wizard.company_list = "nonsense"
        for domain in (["a", "b"], [["no_such_field", "=", 1]], [["id", "no", 1]], "x"):
            wizard.search_domain = domain
            with self.assertRaises(UserError):
                wizard._write_file()
        wizard.search_domain = [["partner_id.name", "=", "'; DROP TABLE res_users; --"]]
        self.assertEqual(self.rows_of(wizard), [])
        wizard.search_domain = [["partner_id.user_ids.password", "!=", "a"]]
        with self.assertRaises(UserError):
            wizard._write_file()
        with self.assertRaises(AccessError):
            wizard.with_user(self.analyst).read(["scope"])

    def test_roles(self):
        self.assertTrue(self.wizard())
        all_leads = new_test_user(
            self.env,
            login="crm_extended_export_all",
            groups="sales_team.group_sale_salesman_all_leads,base.group_allow_export",
        )
        users = self.manager + self.salesman + all_leads + self.agent + self.employee
        for user in users + self.portal:
            rows = self.purchases(user, user.company_id)
            with self.subTest(user.login), self.assertRaises(AccessError):
                rows.action_export_for_analysis()
            with self.subTest(user.login), self.assertRaises(AccessError):
                rows._export_query([])

    def buttons(self, user):
        arch = self.purchases(user).get_view(view_type="list")["arch"]
        return etree.fromstring(arch).xpath(
            "//button[@name='action_export_for_analysis']"
        )

    def test_button_is_for_those_who_may_export(self):
        self.assertTrue(self.buttons(self.analyst))
        self.assertFalse(self.buttons(self.manager))
        self.analyst.group_ids -= self.env.ref("base.group_allow_export")
        self.assertFalse(self.buttons(self.analyst))
        self.analyst.group_ids += self.env.ref("base.group_allow_export")
        self.env["crm.feature"]._switch(insight=False)
        self.assertFalse(self.buttons(self.analyst))

    def test_empty(self):
        self.env["crm.purchase.history"].search([]).unlink()
        with self.wizard(scope="all")._write_file() as file:
            self.assertEqual(file.read().decode().strip(), ",".join(HEADERS))

    def test_queries_do_not_grow_with_rows(self):
        wizard = self.wizard(scope="all")
        self.rows_of(wizard)

        def queries():
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.rows_of(wizard)
            return self.cr.sql_log_count - before

        few = queries()
        for partner in self.customers(30):
            self.buy(partner)
        self.env.flush_all()
        self.assertLessEqual(queries(), few)

    def test_parquet(self):
        parquet = import_module("pyarrow.parquet")
        wizard = self.wizard(scope="all", file_format="parquet")
        self.assertFalse(wizard.is_parquet_missing)
        with wizard._write_file() as file:
            table = parquet.read_table(file)
        self.assertEqual(table.column_names, HEADERS)
        rows = table.to_pylist()
        self.assertEqual([row["amount"] for row in rows], [1234.5, -34.5, 20.0])
        self.assertEqual(rows[0]["date"], self.today - timedelta(days=10))
        # Nothing runs a name here, so it is as it is.
        self.assertEqual(rows[2]["customer"], "=HYPERLINK(A1)")
        self.assertIs(rows[1]["is_refund"], True)
        self.assertIsNone(rows[1]["reference"])
        self.env["crm.purchase.history"].search([]).unlink()
        with wizard._write_file() as file:
            self.assertEqual(parquet.read_table(file).num_rows, 0)


@tagged("post_install", "-at_install")
class TestPurchaseExportRoute(ExportCommon, HttpCase):
    def get(self, wizard):
        return self.url_open(wizard.action_export()["url"])

    def log_in(self, user):
        self.authenticate(user.login, user.login)

    def test_download(self):
        wizard = self.wizard(scope="all")
        self.log_in(self.analyst)
        answer = self.get(wizard)
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(answer.headers["Content-Type"], "text/csv; charset=utf-8")
        self.assertIn("attachment; ", answer.headers["Content-Disposition"])
        self.assertEqual(int(answer.headers["Content-Length"]), len(answer.content))
        rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
        self.assertEqual(len(rows), 3)

    def test_refused(self):
        wizard = self.wizard(scope="all")
        self.assertIn("/web/login", self.get(wizard).url)
        self.log_in(self.manager)
        self.assertEqual(self.get(wizard).status_code, 403)
        # May export, but did not open this dialog.
        self.manager.group_ids += self.env.ref("base.group_allow_export")
        self.assertEqual(self.get(wizard).status_code, 403)
        self.log_in(self.analyst)
        missing = self.url_open(f"/crm_extended/purchases/{wizard.id + 1000}")
        self.assertEqual(missing.status_code, 404)
        self.analyst.group_ids -= self.env.ref("base.group_allow_export")
        self.assertEqual(self.get(wizard).status_code, 403)
        self.analyst.group_ids += self.env.ref("base.group_allow_export")
        self.env["crm.feature"]._switch(insight=False)
        self.assertEqual(self.get(wizard).status_code, 404)
