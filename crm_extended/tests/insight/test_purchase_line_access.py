"""Who sees which lines: salespeople those of their own customers, managers all."""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..care.common import CareCommon
from ..common import CustomerValueCommon

MODEL = "crm.customer.purchase.line"


@tagged("post_install", "-at_install")
class TestPurchaseLineAccess(CareCommon, CustomerValueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mine = cls.customer("Mine", user_id=cls.salesman.id)
        cls.others = cls.customer("Others")
        cls.foreign = cls.customer("Foreign", user_id=cls.salesman.id)
        cls.buy(cls.mine, 10)
        cls.buy(cls.others, 20)
        cls.buy(cls.foreign, 40, company=cls.company_b)

    def seen(self, user):
        lines = self.as_user(user, MODEL).search([])
        return set(lines.mapped("amount"))

    def test_salespeople_see_their_own_customers(self):
        self.assertEqual(self.seen(self.salesman), {10})

    def test_with_all_documents_they_see_all(self):
        self.salesman.group_ids += self.env.ref(
            "sales_team.group_sale_salesman_all_leads"
        )
        self.assertEqual(self.seen(self.salesman), {10, 20})

    def test_managers_see_all_of_their_companies(self):
        self.assertEqual(self.seen(self.manager), {10, 20})
        self.manager.company_ids += self.company_b
        lines = self.env[MODEL].with_user(self.manager)
        lines = lines.with_context(
            allowed_company_ids=(self.company_a + self.company_b).ids
        )
        self.assertEqual(set(lines.search([]).mapped("amount")), {10, 20, 40})

    def test_sums_are_over_what_one_sees(self):
        for user, total in ((self.salesman, 10), (self.manager, 30)):
            found = self.as_user(user, MODEL)._read_group([], [], ["amount:sum"])
            self.assertEqual(found, [(total,)])

    def test_a_line_of_another_is_not_read_by_its_id(self):
        lines = self.as_user(self.manager, MODEL).search([("amount", "=", 20)])
        self.assertEqual(len(lines), 1)
        self.salesman.group_ids += self.env.ref("base.group_allow_export")
        with self.assertRaises(AccessError):
            lines.with_user(self.salesman).read(["amount"])
        with self.assertRaises(AccessError):
            lines.with_user(self.salesman).export_data(["amount"])

    def test_a_customer_who_is_hidden_hides_their_lines(self):
        self.env["ir.rule"].create(
            {
                "name": "Hide",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": str([("id", "!=", self.mine.id)]),
                "groups": [
                    Command.link(self.env.ref("sales_team.group_sale_salesman").id)
                ],
            }
        )
        self.assertEqual(self.seen(self.salesman), set())

    def test_nobody_else_sees_anything(self):
        public = self.env.ref("base.public_user")
        for user in (
            self.employee,
            self.portal,
            self.agent,
            self.care_manager,
            public,
        ):
            lines = self.env(user=user)[MODEL]
            with self.assertRaises(AccessError, msg=user.login):
                lines.search([])
            with self.assertRaises(AccessError, msg=user.login):
                lines._read_group([], [], ["amount:sum"])

    def test_nobody_writes(self):
        lines = self.as_user(self.manager, MODEL)
        line = lines.search([], limit=1)
        for write in (
            lambda: line.write({"amount": 1}),
            lambda: line.unlink(),
            lambda: lines.create({"partner_id": self.mine.id}),
        ):
            with self.assertRaises(AccessError):
                write()

    def test_tiers_are_not_offered_without_the_feature(self):
        for on in (True, False):
            self.env["crm.feature"]._switch(loyalty=on)
            fields = self.as_user(self.manager, MODEL).fields_get()
            self.assertEqual("loyalty_tier_id" in fields, on)

    def test_queries_do_not_grow_with_lines(self):
        counts = []
        for _number in range(2):
            for _purchase in range(10):
                self.buy(self.mine, 5)
            self.env.flush_all()
            self.env.invalidate_all()
            lines = self.as_user(self.salesman, MODEL)
            before = self.env.cr.sql_log_count
            lines.web_search_read(
                [],
                {
                    "amount": {},
                    "partner_id": {"fields": {"display_name": {}}},
                    "rfm_segment_id": {"fields": {"display_name": {}}},
                    "loyalty_tier_id": {"fields": {"display_name": {}}},
                },
            )
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])
