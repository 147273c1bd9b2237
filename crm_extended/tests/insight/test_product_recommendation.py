"""What customers like this one also bought: what is recommended, to whom, and what not."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged

from .test_product_pair import PairCommon


class RecommendationCommon(PairCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.buyer = cls.customer
        for user, group in (("seller", "salesman"), ("boss", "manager")):
            user_record = new_test_user(
                cls.env,
                login=f"crm_extended_recommend_{user}",
                groups=f"sales_team.group_sale_{group}",
                company_id=cls.company.id,
                company_ids=[Command.set(cls.company.ids)],
            )
            setattr(cls, user, user_record)
        cls.buyer.user_id = cls.seller
        # Three customers have a chair with their desk, one a lamp.
        for number, also in enumerate((cls.chair, cls.chair, cls.chair, cls.lamp)):
            cls.sell(cls.desk, also, partner=cls.people[number])
        cls.sell(cls.desk)
        cls.compute()

    @classmethod
    def compute(cls):
        cls.env.flush_all()
        cls.env["crm.customer.product"].sudo()._refresh(cls.company)
        cls.env["crm.product.pair"]._update(cls.company)
        cls.env.invalidate_all()

    def recommend(self, partner=None, user=None, **options):
        recommendation = self.env["crm.product.recommendation"]
        recommendation = recommendation.with_user(user or self.boss)
        return [
            (found.product.name, found.because.name)
            for found in recommendation._recommend(
                self.buyer if partner is None else partner, self.company, **options
            )
        ]

    def refuse(self, partner):
        self.env["crm.consent"].create(
            {
                "partner_id": partner.id,
                "company_id": self.company.id,
                "purpose_id": self.env.ref("crm_extended.purpose_profiling").id,
                "state": "refused",
                "source": "manual",
            }
        )


@tagged("post_install", "-at_install")
class TestProductRecommendation(RecommendationCommon):
    def test_the_most_similar_first_and_why(self):
        self.assertEqual(self.recommend(), [("Chair", "Desk"), ("Lamp", "Desk")])
        self.assertEqual(self.recommend(limit=1), [("Chair", "Desk")])
        [chair, _lamp] = self.env["crm.product.recommendation"]._recommend(
            self.buyer, self.company
        )
        # Both 3, desks 5, chairs 3.
        self.assertAlmostEqual(chair.cosine, 3 / 15**0.5)
        # Those who have both get the rest; who bought nothing, nothing.
        self.assertEqual(self.recommend(self.people[0]), [("Lamp", "Desk")])
        self.assertEqual(self.recommend(self.people[4]), [])
        self.assertEqual(self.recommend(self.env["res.partner"]), [])

    def test_people_of_a_company_get_what_is_for_the_company(self):
        person = self.env["res.partner"].create(
            {"name": "Employee", "parent_id": self.buyer.id}
        )
        self.assertEqual(self.recommend(person)[0], ("Chair", "Desk"))

    def test_what_cannot_be_sold_is_left_out(self):
        template = self.chair.product_tmpl_id.sudo()
        for values, back in (
            ({"active": False}, {"active": True}),
            ({"sale_ok": False}, {"sale_ok": True}),
            (
                {"company_id": self.env.ref("base.main_company").id},
                {"company_id": False},
            ),
        ):
            template.write(values)
            self.assertEqual(self.recommend(), [("Lamp", "Desk")], values)
            template.write(back)
        self.assertEqual(
            self.recommend(exclude=self.lamp.product_tmpl_id.ids), [("Chair", "Desk")]
        )

    def test_bought_within_its_usual_interval(self):
        for days in (90, 60, 30):
            self.sell(self.chair, days_ago=days)
        self.compute()
        # Every 30 days: due today, and not before tomorrow.
        self.assertNotIn(("Chair", "Desk"), self.recommend())
        row = self.env["crm.customer.product"].search(
            [
                ("partner_id", "=", self.buyer.id),
                ("product_tmpl_id", "=", self.chair.product_tmpl_id.id),
            ]
        )
        self.assertEqual(row.interval_days, 30)
        self.env.cr.execute(
            "UPDATE crm_customer_product SET last_date = last_date - 1 WHERE id = %s",
            [row.id],
        )
        self.assertIn(("Chair", "Desk"), self.recommend())

    def test_bought_once_and_long_ago(self):
        self.sell(self.chair, days_ago=100)
        self.compute()
        self.assertNotIn(("Chair", "Desk"), self.recommend())
        self.env.cr.execute(
            "UPDATE crm_customer_product SET last_date = last_date - 300"
            " WHERE partner_id = %s AND product_tmpl_id = %s",
            [self.buyer.id, self.chair.product_tmpl_id.id],
        )
        self.assertIn(("Chair", "Desk"), self.recommend())

    def test_none_for_customers_who_refused_profiling(self):
        person = self.env["res.partner"].create(
            {"name": "Employee", "parent_id": self.buyer.id}
        )
        self.refuse(person)
        self.assertEqual(self.recommend(person), [])
        self.assertTrue(self.recommend())
        self.refuse(self.buyer)
        self.assertEqual(self.recommend(), [])
        self.assertNotIn(
            "also_bought", self.buyer.get_customer_figures(["also_bought"])
        )

    def test_none_while_analytics_are_off(self):
        self.env["crm.feature"]._switch(insight=False)
        self.assertEqual(self.recommend(), [])
        with self.assertRaises(AccessError):
            self.env["crm.product.recommendation"].with_user(
                self.boss
            ).get_recommendations(self.buyer.id)

    def test_pairs_of_variants_and_categories(self):
        self.company.pair_level = "variant"
        self.compute()
        self.assertEqual(self.recommend(), [("Chair", "Desk"), ("Lamp", "Desk")])
        # What goes with a category is no product.
        self.company.pair_level = "category"
        self.compute()
        self.assertEqual(self.recommend(), [])

    def test_similarity_is_stored_from_both_sides(self):
        def rows(company):
            return {
                (row.product_id.name, row.other_id.name): row.cosine
                for row in self.env["crm.product.similarity"].search(
                    [("company_id", "=", company.id)]
                )
            }

        found = rows(self.company)
        self.assertAlmostEqual(found["Desk", "Chair"], 3 / 15**0.5)
        self.assertEqual(
            found, {(other, one): cosine for (one, other), cosine in found.items()}
        )
        other = self.env["res.company"].create({"name": "Other"})
        self.env["crm.product.pair"]._update(other)
        self.assertEqual(rows(other), {})
        self.assertEqual(rows(self.company), found)
        # What is no longer a pair goes, what is still one keeps its row.
        before = self.env["crm.product.similarity"].search([])
        self.company.pair_min_together = 3
        self.compute()
        after = self.env["crm.product.similarity"].search([])
        self.assertLess(after, before)
        self.assertEqual(
            set(rows(self.company)), {("Desk", "Chair"), ("Chair", "Desk")}
        )

    def test_products_that_the_user_may_not_see(self):
        self.env["ir.rule"].create(
            {
                "name": "No chairs",
                "model_id": self.env.ref("product.model_product_template").id,
                "domain_force": [("name", "!=", "Chair")],
                "groups": [Command.link(self.env.ref("base.group_user").id)],
            }
        )
        self.assertEqual(self.recommend(), [("Lamp", "Desk")])

    def test_one_query_with_the_names(self):
        recommendation = self.env["crm.product.recommendation"].with_user(self.boss)
        recommendation = recommendation.with_context(
            allowed_company_ids=self.company.ids
        )
        recommendation._recommend(self.buyer, self.company)
        for model in ("res.partner", "product.template", "crm.consent.purpose"):
            self.env[model].invalidate_model()
        # What each request knows: the user, and the company they work in.
        self.assertTrue(recommendation.env.user.partner_id.name)
        self.assertTrue(self.company.partner_id.name)
        with self.assertQueryCount(1):
            found = recommendation._recommend(self.buyer, self.company)
            self.assertEqual(
                [each.product.display_name for each in found], ["Chair", "Lamp"]
            )

    def test_only_customers_whom_the_user_may_see(self):
        self.buyer.sudo().company_id = self.env.ref("base.main_company")
        person = self.env["res.partner"].create(
            {"name": "Employee", "parent_id": self.buyer.id, "company_id": False}
        )
        self.env.flush_all()
        for is_known in (False, True):
            self.env.invalidate_all()
            if is_known:
                self.assertTrue((self.buyer + person).sudo().commercial_partner_id)
            self.assertEqual(self.recommend(), [])
            self.assertEqual(self.recommend(person), [])
        self.buyer.sudo().company_id = False
        for is_known in (False, True):
            self.env.invalidate_all()
            if is_known:
                self.assertTrue(self.buyer.sudo().commercial_partner_id)
            self.assertTrue(self.recommend())
            self.assertTrue(self.recommend(person))

    def test_where_profiling_needs_consent(self):
        purpose = self.env.ref("crm_extended.purpose_profiling").sudo()
        purpose.basis = "needed"
        self.assertEqual(self.recommend(), [])
        self.env["crm.consent"].create(
            {
                "partner_id": self.buyer.id,
                "company_id": self.company.id,
                "purpose_id": purpose.id,
                "state": "given",
                "source": "manual",
            }
        )
        self.assertTrue(self.recommend())
        self.refuse(self.buyer)
        self.assertEqual(self.recommend(), [])
        purpose.basis = "always"
        self.assertTrue(self.recommend())

    def test_who_may_see_them(self):
        recommendation = self.env["crm.product.recommendation"]
        [chair, _lamp] = recommendation.with_user(self.seller).get_recommendations(
            self.buyer.id
        )
        self.assertEqual((chair["product"], chair["because"]), ("Chair", "Desk"))
        # Salespeople see what their own customers bought, and nothing of others.
        self.assertEqual(self.recommend(self.people[0], self.seller), [])
        agent = new_test_user(
            self.env, "crm_extended_recommend_agent", "crm_extended.group_care_agent"
        )
        with self.assertRaises(AccessError):
            recommendation.with_user(agent).get_recommendations(self.buyer.id)
        self.assertEqual(
            self.buyer.with_user(agent).get_customer_figures(["also_bought"]), {}
        )

    def test_contacts_and_leads_show_them(self):
        buyer = self.buyer.with_user(self.seller)
        [block] = buyer.get_customer_page(["also_bought"])
        self.assertEqual(
            [row["text"] for row in block["rows"]],
            [
                "Chair, because they bought Desk",
                "Lamp, because they bought Desk",
            ],
        )
        figures = buyer.get_customer_figures(["also_bought"])
        self.assertIn("Chair, because", figures["also_bought"]["text"])
        # No empty block.
        nobody = self.people[4]
        nobody.user_id = self.seller
        self.assertEqual(
            nobody.with_user(self.seller).get_customer_page(["also_bought"]), []
        )

    def test_add_to_a_quotation(self):
        self.lamp.list_price = 40
        pricelist = self.env["product.pricelist"].create(
            {
                "name": "Half",
                "company_id": self.company.id,
                "item_ids": [
                    Command.create({"compute_price": "percentage", "percent_price": 50})
                ],
            }
        )
        order = (
            self.env["sale.order"]
            .with_user(self.seller)
            .create({"partner_id": self.buyer.id, "pricelist_id": pricelist.id})
        )
        action = order.action_also_bought()
        wizard = self.env[action["res_model"]].with_user(self.seller)
        wizard = wizard.browse(action["res_id"])
        self.assertEqual(wizard.line_ids.product_id, self.chair + self.lamp)
        chair, lamp = wizard.line_ids
        self.assertEqual(lamp.price, 20)
        self.assertEqual(chair.reason, "because they bought Desk")
        again = chair.action_add()
        self.assertEqual(order.order_line.product_id, self.chair)
        # What is on the quotation is not offered.
        wizard = wizard.browse(again["res_id"])
        self.assertEqual(wizard.line_ids.product_id, self.lamp)
        self.assertEqual(
            wizard.line_ids.action_add()["type"], "ir.actions.act_window_close"
        )
        self.assertEqual(order.order_line[1].price_subtotal, 20)
        self.assertEqual(order.action_also_bought()["tag"], "display_notification")
        order.order_line.unlink()
        action = order.action_also_bought()
        order.action_confirm()
        with self.assertRaises(UserError):
            order.action_also_bought()
        with self.assertRaises(UserError):
            wizard.browse(action["res_id"]).line_ids[0].action_add()


@tagged("post_install", "-at_install")
class TestRecommendationPortal(RecommendationCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.portal = new_test_user(
            cls.env, "crm_extended_recommend_portal", "base.group_portal"
        )
        cls.portal.partner_id.parent_id = cls.buyer
        cls.order_sent = cls.env["sale.order"].create(
            {
                "partner_id": cls.portal.partner_id.id,
                "order_line": [Command.create({"product_id": cls.mat.id})],
            }
        )
        cls.order_sent.state = "sent"

    def page(self, login):
        self.authenticate(login, login)
        return self.url_open(self.order_sent.get_portal_url()).text

    def test_the_customer_sees_them_where_the_company_wants_it(self):
        self.assertNotIn("Also Bought", self.page(self.portal.login))
        self.company.recommend_in_portal = True
        page = self.page(self.portal.login)
        self.assertIn("Customers Like You Also Bought", page)
        self.assertIn("Chair", page)
        # Others who have the link do not see what was bought.
        self.authenticate(None, None)
        page = self.url_open(self.order_sent.get_portal_url()).text
        self.assertIn(self.order_sent.name, page)
        self.assertNotIn("Also Bought", page)
        self.refuse(self.portal.partner_id)
        self.assertNotIn("Also Bought", self.page(self.portal.login))

    def test_visitors_are_nobody(self):
        """All of them are one contact, which may be that of a cart."""
        self.company.recommend_in_portal = True
        visitors = self.env.ref("base.public_partner")
        self.sell(self.desk, partner=visitors)
        self.compute()
        self.order_sent.partner_id = visitors
        self.authenticate(None, None)
        page = self.url_open(self.order_sent.get_portal_url()).text
        self.assertIn(self.order_sent.name, page)
        self.assertNotIn("Also Bought", page)

    def test_from_a_quotation_to_a_line_more(self):
        self.order_sent.state = "draft"
        self.start_tour(
            f"/odoo/sales/{self.order_sent.id}",
            "crm_extended_also_bought",
            login=self.boss.login,
        )
        self.assertEqual(self.order_sent.order_line.product_id, self.mat + self.chair)
