from datetime import timedelta

from odoo import Command, fields
from odoo.tests import HttpCase, new_test_user, tagged

from .common import LinesCommon


class InsightToursCommon(LinesCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.green.with_company(cls.company).standard_price = 4
        cls.black.with_company(cls.company).standard_price = 8
        cls.boss = new_test_user(
            cls.env,
            login="crm_extended_insight_boss",
            groups="sales_team.group_sale_manager",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def falling(self):
        """A customer in decline."""
        falling = self.env["res.partner"].create({"name": "Falling"})
        self.env["crm.purchase.history"].create(
            [
                {
                    "partner_id": falling.id,
                    "company_id": self.company.id,
                    "date": fields.Date.today() - timedelta(days=ago),
                    "amount": amount,
                }
                for ago, amount in ((300, 50), (200, 50), (100, 50), (20, 20))
            ]
        )
        self.env["crm.lifecycle"]._refresh(self.company)


@tagged("post_install", "-at_install")
class TestInsightPhone(InsightToursCommon):
    browser_size = "390x844"
    touch_enabled = True

    def test_stages_are_cards(self):
        self.falling()
        self.start_tour(
            "/odoo/life-cycle",
            "crm_extended_life_cycle_phone",
            login=self.boss.login,
        )


@tagged("post_install", "-at_install")
class TestInsightTours(InsightToursCommon):
    def setUp(self):
        super().setUp()
        self.good, self.poor, unknown = self.env["res.partner"].create(
            [{"name": name} for name in ("Good", "Poor", "Without Cost")]
        )
        for product, price, partner in (
            (self.green, 104, self.good),
            (self.black, 3, self.poor),
            (self.mocha, 50, unknown),
        ):
            self.invoice_of(self.item(product, price), partner_id=partner.id)
        self.env["crm.rfm.score"]._refresh(self.company)

    def test_from_the_curve_to_what_a_customer_bought(self):
        self.start_tour(
            "/odoo/profitability", "crm_extended_profitability", login=self.boss.login
        )

    def test_from_a_favorite_to_the_lines_of_a_figure(self):
        self.start_tour(
            "/odoo/action-crm_extended.crm_customer_purchase_line_segment_action",
            "crm_extended_sales_by_segment",
            login=self.boss.login,
        )

    def test_from_a_contact_to_what_they_prefer(self):
        for days in (45, 25):
            self.invoice_of(self.item(self.green, 10), days_ago=days)
        move = self.invoice_of(self.item(self.green, 10), days_ago=65)
        self.env["crm.rfm.score"]._refresh(self.company)
        self.env["crm.insight.run"]._run_now(self.company)
        self.start_tour(
            f"/odoo/contacts/{move.partner_id.id}",
            "crm_extended_preferences",
            login=self.boss.login,
        )

    def test_from_who_recommended_to_thanks(self):
        self.poor.with_company(self.company).referred_by_id = self.good
        self.start_tour(
            "/odoo/referrals", "crm_extended_referrals", login=self.boss.login
        )
        [referral] = self.env["crm.referral"].search(
            [("partner_id", "=", self.good.id)]
        )
        self.assertTrue(referral.thanked_date)

    def test_a_stranger_writes_by_a_personal_link(self):
        self.company.referral_links = True
        links = self.env["crm.referral.link"].with_company(self.company)
        self.start_tour(links._path(self.good), "crm_extended_recommended")
        [referral] = self.env["crm.referral"].search(
            [("partner_id", "=", self.good.id)]
        )
        self.assertEqual(referral.lead_id.contact_name, "Nora")

    def test_from_a_cell_to_its_customers(self):
        early, late = self.env["res.partner"].create(
            [{"name": name} for name in ("Early", "Late")]
        )
        self.invoice_of(self.item(self.green, 10), partner_id=early.id, days_ago=100)
        self.invoice_of(self.item(self.green, 10), partner_id=late.id, days_ago=0)
        self.start_tour("/odoo/cohorts", "crm_extended_cohorts", login=self.boss.login)

    def test_from_the_best_to_a_list_of_who_is_like_them(self):
        industry = self.env["res.partner.industry"].create({"name": "Bakery"})
        partners = self.env["res.partner"].create(
            [
                {"name": f"Baker {n}", "industry_id": industry.id if n < 6 else False}
                for n in range(30)
            ]
        )
        for number, partner in enumerate(partners):
            amount = 1000 if number < 3 else 10
            self.invoice_of(self.item(self.green, amount), partner_id=partner.id)
        self.env["crm.rfm.score"]._refresh(self.company)
        self.start_tour(
            "/odoo/customer-profile",
            "crm_extended_customer_profile",
            login=self.boss.login,
        )
        [one] = self.env["crm.customer.list"].search([("name", "=", "Like the Best")])
        self.assertEqual(one._get_customers(), partners[3:6])

    def test_from_a_month_to_its_customers(self):
        self.start_tour(
            "/odoo/customer-flow", "crm_extended_customer_flow", login=self.boss.login
        )

    def test_from_the_index_to_the_answers(self):
        self.env["crm.satisfaction.answer"].sudo().create(
            [
                {
                    "partner_id": partner.id,
                    "contact_id": partner.id,
                    "company_id": self.company.id,
                    "date": fields.Datetime.now(),
                    "res_model": "res.company",
                    "res_id": number,
                    "satisfaction": 8,
                    "expectation": 8,
                    "ideal": 8,
                }
                for number, partner in enumerate(
                    self.env["res.partner"].create(
                        [{"name": f"Customer {number}"} for number in range(5)]
                    )
                )
            ]
        )
        self.start_tour(
            "/odoo/satisfaction-index",
            "crm_extended_satisfaction",
            login=self.boss.login,
        )

    def test_from_the_stages_to_why_a_customer_is_in_decline(self):
        self.falling()
        self.start_tour(
            "/odoo/life-cycle", "crm_extended_life_cycle", login=self.boss.login
        )
