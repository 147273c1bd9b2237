"""Every empty page has the button that fills it, for the users who may press it."""

from lxml import html

from odoo import Command
from odoo.tests import tagged

from .common import CustomerValueCommon

SCORES = (
    "crm.rfm.score",
    "crm.rfm.pareto",
    "crm.rfm.movement",
    "crm.rfm.segment.trend",
)
TIERS = ("crm.loyalty.membership", "crm.loyalty.change")
CASES = (
    "crm.care.case",
    "crm.care.backlog",
    "crm.care.case.report",
    "crm.care.sla.report",
    "crm.care.satisfaction",
    "crm.care.team",
)
REFRESH = "crm_extended.crm_rfm_refresh_server_action"
IMPORT = "crm_extended.crm_purchase_history_import_action"
ASSESS = "crm_extended.crm_loyalty_assess_server_action"
SET_UP = "crm_extended.crm_care_setup_wizard_action"


@tagged("post_install", "-at_install")
class TestEmptyPages(CustomerValueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.new_company("Newcomer", cls.eur)
        cls.boss, cls.seller, cls.chief, cls.agent = (
            cls.new_user(f"empty_{name}", group, cls.company)
            for name, group in (
                ("boss", "sales_team.group_sale_manager"),
                ("seller", "sales_team.group_sale_salesman"),
                ("chief", "crm_extended.group_care_manager"),
                ("agent", "crm_extended.group_care_agent"),
            )
        )

    def page(self, user, model):
        """The actions of the buttons on an empty page, and its text."""
        asked = self.as_user(user, model)
        help_message = asked.get_empty_list_help("<p>Nothing</p>")
        # The web client loads actions, and with them their help, as superuser.
        self.assertEqual(
            asked.sudo().get_empty_list_help("<p>Nothing</p>"), help_message
        )
        document = html.fromstring(f"<div>{help_message}</div>")
        return [link.get("name") for link in document.iter("a")], (
            document.text_content()
        )

    def assertSays(self, user, model, sentence):
        buttons, text = self.page(user, model)
        self.assertFalse(buttons, model)
        self.assertIn(sentence, text)

    def test_the_buttons_open_something(self):
        for xml_id in (REFRESH, IMPORT, ASSESS, SET_UP):
            self.assertTrue(self.env.ref(xml_id))

    def test_scores(self):
        for model in SCORES:
            self.assertEqual(self.page(self.boss, model)[0], [REFRESH, IMPORT], model)
            self.assertSays(self.seller, model, "A sales manager can update")

    def test_purchases(self):
        for model in ("crm.purchase.history", "crm.customer.transaction"):
            self.assertEqual(self.page(self.boss, model)[0], [IMPORT])
        self.assertSays(self.seller, "crm.purchase.history", "A sales manager can")

    def test_the_past(self):
        [button] = self.page(self.boss, "crm.rfm.rebuild")[0]
        self.assertEqual(self.env.ref(button).res_model, "crm.rfm.rebuild")

    def test_tiers(self):
        for model in TIERS:
            self.assertEqual(self.page(self.boss, model)[0], [ASSESS], model)
            self.assertSays(self.seller, model, "A sales manager can assess")

    def test_cases_without_a_team(self):
        for model in CASES:
            self.assertEqual(self.page(self.chief, model)[0], [SET_UP], model)
            self.assertSays(self.agent, model, "A care manager creates the first team")
            self.assertSays(self.seller, model, "A care manager creates the first team")

    def test_an_administrator_without_a_role_in_care(self):
        admin = self.new_user(
            "empty_admin",
            "sales_team.group_sale_manager,base.group_system",
            self.company,
        )
        self.assertEqual(self.page(admin, "crm.care.case")[0], [SET_UP])
        settings = self.as_user(admin, "res.config.settings").get_view(
            self.env.ref("crm.crm_config_settings_action").view_id.id, "form"
        )["arch"]
        # A list they may not read is not offered.
        for name, is_offered in (("setup_wizard", True), ("team", False)):
            action = self.env.ref(f"crm_extended.crm_care_{name}_action")
            self.assertEqual(f'name="{action.id}"' in settings, is_offered)

    def test_cases_with_a_team(self):
        self.env["crm.care.team"].create(
            {
                "name": "Team",
                "company_id": self.company.id,
                "member_ids": [Command.set(self.agent.ids)],
            }
        )
        for model in ("crm.care.case", "crm.care.backlog", "crm.care.case.report"):
            for user in self.chief + self.agent:
                [button] = self.page(user, model)[0]
                self.assertEqual(self.env.ref(button).res_model, "crm.care.case")
            self.assertSays(self.seller, model, "Cases are opened by agents")
        self.assertSays(self.agent, "crm.care.satisfaction", "A care manager")

    def test_interactions(self):
        for user in self.seller + self.agent:
            [button] = self.page(user, "crm.interaction")[0]
            self.assertEqual(self.env.ref(button).res_model, "crm.interaction.wizard")
