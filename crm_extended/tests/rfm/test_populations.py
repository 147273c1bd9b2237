"""Numbers of customers and sums are those of customers the reader may see."""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import SQL

from ...models.common.seen_customers import seen_condition
from ..common import CustomerValueCommon

ROLES = "sales_team.group_sale_manager,base.group_system"


@tagged("post_install", "-at_install")
class TestPopulations(CustomerValueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tier = cls.env["crm.loyalty.tier"].create(
            {
                "name": "Gold",
                "company_id": cls.company_a.id,
                "rise_amount": 100,
                "keep_amount": 100,
            }
        )
        for name, amount in (("Plain", 150), ("Also Plain", 250), ("Hidden", 77_777)):
            cls.buy(cls.customer(name), amount)
        cls.buy(cls.customer("Of B"), 500, company=cls.company_b)
        cls.refresh()
        cls.refresh(cls.company_b)
        cls.chief = cls.new_user("chief", ROLES)
        cls.env.flush_all()

    def hide(self):
        self.env["ir.rule"].create(
            {
                "name": "Not the hidden one",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": "[('name', '!=', 'Hidden')]",
            }
        )

    def as_chief(self, model):
        return (
            self.env[model]
            .with_user(self.chief)
            .with_context(allowed_company_ids=self.company_a.ids)
        )

    def preview(self, **values):
        preview = self.as_chief("crm.loyalty.tier").get_preview(self.tier.id, values)
        [level] = preview["levels"]
        return preview["customers"], level["customers"], float(level["amount"])

    def test_the_preview_of_a_tier(self):
        self.assertEqual(self.preview(), (3, 3, 78_177))
        self.hide()
        self.assertEqual(self.preview(), (2, 2, 400))
        # Moving the threshold tells nothing of the hidden one.
        self.assertEqual(self.preview(rise_amount=70_000)[1:], (0, 0))

    def test_the_preview_of_any_period(self):
        self.hide()
        for period in ("rolling", "calendar", "anniversary"):
            self.company_a.loyalty_period = period
            self.assertEqual(self.preview(), (2, 2, 400), period)

    def test_the_choice_of_thresholds(self):
        def counts():
            form = Form(self.as_chief("crm.rfm.threshold.wizard"))
            wizard = form.save()
            lines = wizard.monetary_line_ids
            return wizard.customer_count, sum(lines.mapped("customer_count")), lines

        self.assertEqual(counts()[:2], (3, 3))
        self.hide()
        customers, counted, lines = counts()
        self.assertEqual((customers, counted), (2, 2))
        self.assertLess(max(lines.mapped("equal_share")), 1000)

    def test_thresholds_of_another_company_are_not_counted(self):
        wizards = self.as_chief("crm.rfm.threshold.wizard")
        for call in (
            lambda: wizards._count_between(self.company_b, "monetary", [100.0]),
            lambda: wizards._suggest(self.company_b, "monetary", 5),
            lambda: wizards._count_customers(self.company_b),
        ):
            with self.assertRaises(AccessError):
                call()

    def test_the_other_populations(self):
        self.hide()
        Pareto = self.as_chief("crm.rfm.pareto")
        self.assertEqual(Pareto.get_summary()["customers"], 2)
        self.assertEqual(Pareto.get_summary()["revenue"], 400)
        self.assertEqual(sum(Pareto.search([]).mapped("revenue")), 400)
        grid = self.as_chief("crm.rfm.score").get_grid()
        self.assertEqual(sum(tile["count"] for tile in grid["tiles"]), 2)
        trend = self.as_chief("crm.rfm.segment.trend").search(
            [("date", "=", self.today)]
        )
        self.assertEqual(sum(trend.mapped("customers")), 2)
        reach = self.as_chief("crm.rfm.reach.wizard").new({"contact_count": 10})
        self.assertEqual((reach.total_count, reach.eligible_count), (2, 2))
        self.assertEqual(
            self.as_chief("crm.rfm.movement").search_count(
                [("partner_id.name", "=", "Hidden")]
            ),
            0,
        )
        self.assertEqual(
            sum(self.as_chief("crm.rfm.segment").search([]).mapped("customer_count")),
            2,
        )

    def test_nothing_is_asked_where_no_rule_hides_contacts(self):
        """The statement is as it was: a rule costs only where there is one."""
        column = SQL.identifier("x", "partner_id")
        self.assertEqual(seen_condition(self.env, column), SQL("TRUE"))
        self.env["ir.rule"].search(
            [("model_id.model", "=", "res.partner")]
        ).active = False
        chief = self.as_chief("res.partner").env
        self.assertEqual(seen_condition(chief, column), SQL("TRUE"))
        self.hide()
        self.assertNotEqual(seen_condition(chief, column), SQL("TRUE"))

    def test_sums_of_all_look_first_whether_anyone_is_hidden(self):
        column = SQL.identifier("x", "partner_id")
        chief = self.as_chief("res.partner").env
        # Contacts of other companies would be hidden by Odoo's own rule.
        self.env["res.partner"].search([("company_id", "!=", False)]).company_id = False
        self.assertNotEqual(seen_condition(chief, column), SQL("TRUE"))
        self.assertEqual(seen_condition(chief, column, of_all=True), SQL("TRUE"))
        hidden = self.env["res.partner"].search([("name", "=", "Hidden")])
        hidden.company_id = self.company_b
        seen = seen_condition(chief, column, of_all=True)
        self.assertEqual(seen, seen_condition(chief, column))

    def test_who_may_not_see_contacts_has_no_figures(self):
        user = new_test_user(
            self.env,
            login="crm_extended_outside",
            groups="base.group_portal",
            company_id=self.company_a.id,
            company_ids=[Command.set(self.company_a.ids)],
        )
        with self.assertRaises(AccessError):
            self.env["crm.loyalty.tier"].with_user(user).get_preview(self.tier.id, {})
