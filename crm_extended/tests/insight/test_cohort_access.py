"""Who sees cohorts and flows: sales, each their own customers; others not at all."""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..care.common import CareCommon

MODELS = ("crm.cohort", "crm.customer.flow")


@tagged("post_install", "-at_install")
class TestCohortAccess(CareCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.feature"]._switch(insight=True)
        cls.mine = cls.customer("Mine", user_id=cls.salesman.id)
        cls.others = cls.customer("Others")
        cls.foreign = cls.customer("Foreign")
        cls.buy(cls.mine, 10)
        cls.buy(cls.others, 20)
        cls.buy(cls.foreign, 40, company=cls.company_b)
        cls.all_leads = new_test_user(
            cls.env,
            login="crm_extended_cohort_all",
            groups="sales_team.group_sale_salesman_all_leads",
            company_id=cls.company_a.id,
            company_ids=[Command.set(cls.company_a.ids)],
        )

    def seen(self, user, model):
        return self.as_user(user, model).search([]).partner_id

    def test_salespeople_see_their_own_customers(self):
        for model in MODELS:
            self.assertEqual(self.seen(self.salesman, model), self.mine)
            for user in (self.all_leads, self.manager):
                self.assertEqual(self.seen(user, model), self.mine + self.others)
            self.assertFalse(self.seen(self.salesman_b, model))
        table = self.as_user(self.salesman, "crm.cohort").get_table()
        self.assertEqual(table["customers"], 1)
        self.assertEqual(table["cohorts"][0]["cells"][0]["revenue"], 10)
        [[gained]] = self.as_user(self.salesman, "crm.customer.flow")._read_group(
            [], [], ["gained:sum"]
        )
        self.assertEqual(gained, 1)

    def test_export_gives_what_is_seen(self):
        self.salesman.group_ids += self.env.ref("base.group_allow_export")
        rows = self.as_user(self.salesman, "crm.cohort").search([])
        data = rows.export_data(["partner_id/name", "revenue", "source_id"])["datas"]
        self.assertEqual(data, [["Mine", 10.0, ""]])
        other = self.env["crm.cohort"].search([("partner_id", "=", self.others.id)])
        with self.assertRaises(AccessError):
            self.as_user(self.salesman, "crm.cohort").browse(other.ids).read(
                ["revenue"]
            )

    def test_hidden_contacts_do_not_count(self):
        self.env["ir.rule"].create(
            {
                "name": "hidden customer",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": f"[('id', '!=', {self.others.id})]",
                "groups": self.env.ref("sales_team.group_sale_manager").ids,
            }
        )
        for model in MODELS:
            self.assertNotIn(self.others, self.seen(self.manager, model))
        table = self.as_user(self.manager, "crm.cohort").get_table()
        self.assertEqual(table["customers"], 1)

    def test_nobody_else(self):
        for user in (self.agent, self.employee, self.portal):
            for model in MODELS:
                records = self.env(user=user)[model]
                for attempt in (
                    lambda records=records: records.search([]),
                    lambda records=records: records._read_group([], [], ["__count"]),
                ):
                    with self.assertRaises(AccessError):
                        attempt()
            with self.assertRaises(AccessError):
                self.env(user=user)["crm.cohort"].get_table()

    def test_never_written(self):
        for model in MODELS:
            row = self.as_user(self.manager, model).search([], limit=1)
            for operation in ("create", "write", "unlink"):
                self.assertFalse(row.has_access(operation))

    def test_tiers_for_users_of_tiers(self):
        rows = self.as_user(self.manager, "crm.cohort")
        self.assertFalse(rows.search([("loyalty_tier_id", "!=", False)]))
        self.env["crm.feature"]._switch(loyalty=False)
        with self.assertRaises(AccessError):
            rows.search([("loyalty_tier_id", "!=", False)])

    def test_menus_belong_to_the_feature(self):
        menus = self.env.ref("crm_extended.menu_crm_cohort") + self.env.ref(
            "crm_extended.menu_crm_customer_flow"
        )
        seen = self.env["ir.ui.menu"].with_user(self.salesman)
        self.assertLessEqual(set(menus.ids), seen._visible_menu_ids())
        self.env["crm.feature"]._switch(insight=False)
        self.assertFalse(set(menus.ids) & seen._visible_menu_ids())
