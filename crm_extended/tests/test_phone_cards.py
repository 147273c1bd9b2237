from lxml import etree

from odoo.tests import tagged

from .common import CustomerValueCommon

# Lists that a phone shows as cards: Odoo opens the kanban view of an action there.
ACTIONS = (
    "crm_extended.crm_interaction_action",
    "crm_extended.crm_interaction_action_of_partner",
    "crm_extended.crm_interaction_action_of_lead",
    "crm_extended.crm_rfm_segment_action",
    "crm_extended.crm_campaign_plan_action",
    "crm_extended.crm_competitor_action",
    "crm_extended.crm_customer_margin_action",
    "crm_extended.crm_customer_purchase_line_action",
    "crm_extended.crm_referral_action",
    "crm_extended.crm_customer_category_action",
    "crm_extended.crm_customer_product_action",
    "crm_extended.crm_customer_product_replenishment_action",
    "crm_extended.crm_purchase_pattern_action",
    "crm_extended.crm_referral_report_action",
    "crm_extended.crm_satisfaction_trap_action",
)
# Pages that are more than a list on a desk.
PAGES = (
    "crm_extended.crm_lifecycle_report_action",
    "crm_extended.crm_cohort_action",
    "crm_extended.crm_customer_profile_action",
)
# Of these, Odoo stores the figures.
COMPUTED = (
    "crm_extended.crm_customer_product_action",
    "crm_extended.crm_customer_product_replenishment_action",
)
MARGIN = "crm.customer.margin"


@tagged("post_install", "-at_install")
class TestPhoneCards(CustomerValueCommon):
    def card_fields(self, user, model):
        arch = self.as_user(user, model).get_view(view_type="kanban")["arch"]
        return {node.get("name") for node in etree.fromstring(arch).iter("field")}

    def test_actions_open_the_list_on_a_desk_and_cards_on_a_phone(self):
        for name in ACTIONS:
            with self.subTest(name):
                action = self.env.ref(name)
                kinds = [kind for _view, kind in action.views]
                self.assertEqual(kinds[0], "list")
                self.assertIn(action.mobile_view_mode, kinds)

    def test_pages_open_cards_on_a_phone(self):
        for name in PAGES:
            with self.subTest(name):
                action = self.env.ref(name)
                kinds = [kind for _view, kind in action.views]
                self.assertNotEqual(kinds[0], action.mobile_view_mode)
                self.assertIn(action.mobile_view_mode, kinds)

    def test_cards_can_be_read_and_change_nothing(self):
        """A figure that is computed is not changed by dragging its card."""
        for name in (*ACTIONS, *PAGES):
            model = self.env.ref(name).res_model
            if self.env[model]._auto and name not in COMPUTED:
                continue
            for user in self.salesman + self.manager:
                if not self.as_user(user, model).has_access("read"):
                    # Only margins are not for everyone in sales.
                    self.assertEqual((model, user), (MARGIN, self.salesman))
                    continue
                with self.subTest(name, user=user.login):
                    view = self.as_user(user, model).get_view(view_type="kanban")
                    arch = etree.fromstring(view["arch"])
                    self.assertEqual(arch.get("records_draggable"), "0")
                    self.assertEqual(arch.get("create"), "0")
                    shown = self.card_fields(user, model)
                    self.as_user(user, model).search_read([], list(shown), limit=1)

    def test_cards_of_interactions_show_what_their_reader_may_see(self):
        agent = self.new_user("card_agent", "crm_extended.group_care_agent")
        seller = self.salesman
        self.assertIn("lead_id", self.card_fields(seller, "crm.interaction"))
        self.assertNotIn("lead_id", self.card_fields(agent, "crm.interaction"))
        for user in seller + agent:
            self.assertIn("case_id", self.card_fields(user, "crm.interaction"))
        self.env["crm.feature"]._switch(care=False)
        for user in seller + agent:
            fields = self.card_fields(user, "crm.interaction")
            self.assertNotIn("case_id", fields)
            self.assertLessEqual({"partner_id", "date", "outcome"}, fields)

    def test_the_order_of_segments_is_changed_in_the_list(self):
        view = self.as_user(self.manager, "crm.rfm.segment").get_view(view_type="list")
        first = etree.fromstring(view["arch"]).find(".//field")
        self.assertEqual(
            (first.get("name"), first.get("widget")), ("sequence", "handle")
        )
