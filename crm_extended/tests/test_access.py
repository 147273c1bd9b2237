"""Who sees what: salespeople and managers of a company, other companies, others."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import CustomerValueCommon

MODELS = (
    "crm.rfm.score",
    "crm.rfm.segment",
    "crm.rfm.refresh",
    "crm.rfm.change",
    "crm.rfm.movement",
    "crm.rfm.pareto",
    "crm.rfm.segment.trend",
    "crm.purchase.history",
    "crm.customer.transaction",
)


@tagged("at_install", "-post_install")
class TestAccess(CustomerValueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.customer("Watched")
        cls.purchase = cls.buy(cls.partner, 10.0)
        cls.buy(cls.partner, 20.0, company=cls.company_b)
        cls.refresh()
        cls.refresh(cls.company_b)
        cls.own_segment = cls.env["crm.rfm.segment"].create(
            {"name": "Only B", "company_id": cls.company_b.id}
        )

    def test_salespeople_read_scores_and_write_none(self):
        score = self.as_user(self.salesman, "crm.rfm.score").search([])
        self.assertEqual(score.partner_id.id, self.partner.id)
        for write in (
            lambda: score.write({"frequency": 99}),
            lambda: score.unlink(),
            lambda: score.copy(),
        ):
            with self.assertRaises(AccessError):
                write()

    def test_managers_configure_but_write_no_scores(self):
        self.as_user(self.manager, "crm.rfm.segment").create(
            {"name": "Mine", "company_id": self.company_a.id}
        )
        score = self.as_user(self.manager, "crm.rfm.score").search([])
        with self.assertRaises(AccessError):
            score.write({"frequency": 99})
        with self.assertRaises(AccessError):
            self.as_user(self.salesman, "crm.rfm.segment").create({"name": "Mine"})

    def test_transactions_are_for_managers(self):
        self.assertTrue(
            self.as_user(self.manager, "crm.customer.transaction").search([])
        )
        with self.assertRaises(AccessError):
            self.as_user(self.salesman, "crm.customer.transaction").search([])

    def test_history_is_read_by_salespeople_and_written_by_managers(self):
        purchase = self.purchase.with_user(self.salesman)
        self.assertEqual(purchase.amount, 10.0)
        with self.assertRaises(AccessError):
            purchase.amount = 11.0
        self.purchase.with_user(self.manager).amount = 11.0

    def test_no_company_sees_anothers(self):
        for user, company in (
            (self.salesman, self.company_a),
            (self.salesman_b, self.company_b),
        ):
            for model in ("crm.rfm.score", "crm.purchase.history"):
                records = self.as_user(user, model).search([])
                self.assertEqual(records.company_id.ids, company.ids, model)
        for model in ("crm.rfm.refresh", "crm.customer.transaction"):
            records = self.as_user(self.manager, model).search([])
            self.assertEqual(records.company_id.ids, self.company_a.ids, model)
        segments = self.as_user(self.salesman, "crm.rfm.segment").search([])
        self.assertNotIn(self.own_segment.id, segments.ids)

    def test_no_company_sees_anothers_through_a_contact(self):
        partner = self.partner.with_user(self.salesman)
        self.assertEqual(partner.with_company(self.company_a).rfm_monetary, 10.0)
        Partner = self.as_user(self.salesman, "res.partner")
        self.assertFalse(
            Partner.search([("rfm_monetary", "=", 20), ("id", "=", self.partner.id)])
        )
        foreign = self.score(self.partner, self.company_b)
        with self.assertRaises(AccessError):
            foreign.with_user(self.salesman).read(["monetary"])

    def test_a_score_by_its_id_from_another_company(self):
        foreign = self.purchase.with_user(self.salesman_b)
        with self.assertRaises(AccessError):
            foreign.read(["amount"])

    def test_others_see_nothing(self):
        for user in (self.employee, self.portal, self.env.ref("base.public_user")):
            for model in MODELS:
                with self.assertRaises(AccessError, msg=f"{user.login} {model}"):
                    self.env(user=user)[model].search([])
            partner = self.partner.with_env(
                self.env(user=user, context={"allowed_company_ids": []})
            )
            with self.assertRaises(AccessError):
                partner.read(["rfm_code"])
            self.assertNotIn("rfm_code", partner.fields_get())
            with self.assertRaises(AccessError):
                partner.search([("rfm_code", "=", "511")])

    def test_others_cannot_find_out_by_grouping_or_sorting(self):
        """Odoo follows related fields as superuser, by whichever way one comes."""
        self.employee.group_ids += self.env.ref("account.group_account_readonly")
        for user in (self.employee, self.portal):
            attempts = list(self.attempts(self.env(user=user, context={})))
            self.assertGreater(len(attempts), 60)
            for number, (method, *args) in enumerate(attempts):
                with self.assertRaises(AccessError, msg=f"{user.login}: {number}"):
                    method(*args)

    def attempts(self, env):
        """Ways to find out a standing without reading it: method and arguments."""
        Partner, Users = env["res.partner"], env["res.users"]
        for name, field in Partner._fields.items():
            if not name.startswith("rfm_") or field.type in ("text", "monetary"):
                continue
            group = f"{name}:month" if field.type == "date" else name
            for Model in (Partner, Users):
                yield Model._read_group, [], [group], ["__count"]
                yield Model.search, [(name, "!=", False)]
            yield Partner._read_group, [], [], [f"{name}:max"]
            yield Partner.search, [], 0, None, f"{name} desc"
        yield Partner._read_group, [], ["parent_id.rfm_code"], ["rfm_monetary:max"]
        having = [("rfm_monetary:max", ">", 1)]
        yield Partner._read_group, [], ["id"], ["__count"], having
        yield Users._read_group, [], ["partner_id.rfm_code"], ["__count"]
        yield Partner.search, [("parent_id.rfm_code", "=", "511")]
        # A search method of Odoo's that looks as superuser.
        yield Partner.search, [("message_partner_ids.rfm_monetary", ">", 1)]

    def test_an_employee_still_reads_contacts(self):
        partner = self.partner.with_user(self.employee)
        self.assertEqual(partner.read(["name"])[0]["name"], "Watched")

    def test_a_rule_that_hides_a_customer_hides_the_standing(self):
        """Salespeople see scores of customers they can see, whatever the rules are."""
        visible = self.customer("Visible")
        self.buy(visible)
        self.refresh()
        self.env["ir.rule"].create(
            {
                "name": "Own customers only",
                "model_id": self.env.ref("base.model_res_partner").id,
                "domain_force": f"[('id', '!=', {self.partner.id})]",
                "groups": [(4, self.env.ref("sales_team.group_sale_salesman").id)],
            }
        )
        self.env.registry.clear_cache()
        hidden_score = self.score(self.partner)
        for model, hidden in (
            ("crm.rfm.score", hidden_score),
            ("crm.purchase.history", self.purchase),
        ):
            Model = self.as_user(self.salesman, model)
            self.assertNotIn(hidden.id, Model.search([]).ids)
            self.assertEqual(Model.search([]).partner_id.ids, visible.ids)
            self.assertEqual(Model.search_count([]), 1)
            self.assertEqual(len(Model._read_group([], ["partner_id"], ["__count"])), 1)
            record = hidden.with_env(Model.env)
            record.invalidate_recordset()
            with self.assertRaises(AccessError):
                record.read(["company_id"])
            with self.assertRaises(AccessError):
                record.check_access("read")
            self.assertFalse(record.has_access("read"))
