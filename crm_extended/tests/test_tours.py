from datetime import timedelta

from odoo.tests import HttpCase, tagged

from .common import CustomerValueCommon


@tagged("post_install", "-at_install")
class TestTours(CustomerValueCommon, HttpCase):
    """The main paths in a browser.

    Each begins on the page that its tour names: from any other one the tour would go
    there first, and load the web client a second time.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.champion = cls.customer("Tour Champion", user_id=cls.salesman.id)
        for day in range(6):
            cls.buy(cls.champion, 500.0, days_ago=day)
        sleeper = cls.customer("Tour Sleeper")
        cls.buy(sleeper, 20.0, days_ago=300)
        cls.refresh()
        for user in cls.salesman + cls.manager:
            user.password = user.login * 2

    def test_salesperson_reads_standing(self):
        self.env["crm.lead"].create(
            {
                "name": "Tour Opportunity",
                "type": "opportunity",
                "partner_id": self.champion.id,
                "user_id": self.salesman.id,
            }
        )
        self.start_tour(
            "/odoo/customers-by-segment",
            "crm_extended_salesperson",
            login=self.salesman.login,
        )

    def test_manager_refreshes(self):
        newcomer = self.customer("Tour Newcomer")
        self.buy(newcomer, 70.0)
        self.start_tour(
            "/odoo/customers-by-segment",
            "crm_extended_manager",
            login=self.manager.login,
        )
        self.assertTrue(self.score(newcomer))

    def make_ladder(self):
        """A program of one tier, which the champion earns."""
        self.env["crm.loyalty.tier"].create(
            {
                "name": "Tour Gold",
                "company_id": self.company_a.id,
                "icon": "fa-trophy",
                "rise_amount": 1000,
                "keep_amount": 800,
            }
        )

    def test_manager_sets_a_tier_by_hand(self):
        self.make_ladder()
        self.start_tour(
            "/odoo/contacts", "crm_extended_tier_by_hand", login=self.manager.login
        )
        ended, change = (
            self.env["crm.loyalty.change"]
            .search([("company_id", "=", self.company_a.id)])
            .filtered(lambda change: change.partner_id.name == "Tour Sleeper")
        )
        self.assertEqual(change.create_uid, self.manager)
        self.assertEqual((change.reason, ended.reason), ("by_hand", "lock_ended"))

    def test_manager_previews_a_threshold(self):
        self.make_ladder()
        self.start_tour(
            "/odoo/loyalty-ladder",
            "crm_extended_tier_overview",
            login=self.manager.login,
        )

    def test_salesperson_plans_a_reach(self):
        self.start_tour("/odoo/pareto", "crm_extended_reach", login=self.salesman.login)

    def test_without_a_past_there_is_a_button(self):
        self.start_tour(
            "/odoo/action-crm_extended.crm_rfm_watch_list_action",
            "crm_extended_no_history",
            login=self.manager.login,
        )

    def test_the_campaign_planner_has_an_address(self):
        self.start_tour(
            "/odoo/campaign-planner",
            "crm_extended_campaign_planner",
            login=self.salesman.login,
        )
        saved = self.env["ir.filters"].search([("name", "=", "Visit in spring")])
        self.assertEqual(saved.user_ids, self.salesman)

    def test_salesperson_looks_at_movement(self):
        newcomer = self.customer("Tour Newcomer", user_id=self.salesman.id)
        self.buy(newcomer, 70.0)
        self.refresh()
        self.env["crm.rfm.refresh"].create(
            {
                "company_id": self.company_a.id,
                "as_of": self.today - timedelta(days=60),
                "customer_count": 2,
            }
        )
        self.start_tour(
            "/odoo/action-crm_extended.crm_rfm_movement_action",
            "crm_extended_movement",
            login=self.salesman.login,
        )

    def test_the_grid(self):
        self.start_tour(
            "/odoo/customers-by-segment", "crm_extended_grid", login=self.manager.login
        )
        champions = self.env.ref("crm_extended.crm_rfm_segment_champions")
        self.assertEqual(champions.f_min, 5)

    def test_salesperson_logs_contacts_in_the_timeline(self):
        self.start_tour(
            f"/odoo/contacts/{self.champion.id}",
            "crm_extended_timeline",
            login=self.salesman.login,
        )
        logged = self.env["crm.interaction"].search(
            [("partner_id", "=", self.champion.id)], order="id"
        )
        self.assertEqual(logged.mapped("outcome"), ["no_answer", "reached"])
        self.assertEqual(logged.user_id, self.salesman)
