from odoo.exceptions import AccessError

from ..common import CustomerValueCommon


class TestRfmScoreGrid(CustomerValueCommon):
    """Five customers in company A, from 100 to 500 EUR, the best ones last."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.buyers = cls.customers(5)
        for rank, buyer in enumerate(cls.buyers, start=1):
            for _purchase in range(rank):
                cls.buy(buyer, 100.0, days_ago=60 - 10 * rank)
        cls.best = cls.buyers[-1]
        cls.gone = cls.customer("Gone")
        cls.buy(cls.gone, 70.0, days_ago=900)
        cls.buy(cls.best, 9999.0, company=cls.company_b)
        cls.refresh()
        cls.refresh(cls.company_b)

    def grid(self, user=None, **filters):
        return self.as_user(user or self.salesman, "crm.rfm.score").get_grid(**filters)

    def tile(self, grid, recency, frequency):
        [tile] = [
            tile
            for tile in grid["tiles"]
            if (tile["recency"], tile["frequency"]) == (recency, frequency)
        ]
        return tile

    def found(self, grid, *conditions):
        Score = self.as_user(self.salesman, "crm.rfm.score")
        return Score.search([*grid["domain"], *conditions]).partner_id

    def test_a_tile_has_its_figures_and_its_segment(self):
        grid = self.grid()
        self.assertEqual((grid["bins"], len(grid["tiles"])), (5, 25))
        tile = self.tile(grid, 5, 5)
        champions = self.env.ref("crm_extended.crm_rfm_segment_champions")
        self.assertEqual(tile["segment_ids"], champions.ids)
        self.assertEqual((tile["count"], tile["revenue"]), (1, 500.0))
        self.assertEqual(tile["average"], 500.0)
        # Six customers with those lost, 1,500 EUR.
        self.assertAlmostEqual(tile["count_share"], 1 / 6)
        self.assertAlmostEqual(tile["revenue_share"], 1 / 3)
        empty = self.tile(grid, 1, 5)
        self.assertEqual((empty["count"], empty["average"]), (0, 0.0))
        self.assertFalse(grid["is_stale"])
        self.assertFalse(grid["is_empty"])

    def test_tiles_segments_and_lost_customers_make_the_whole(self):
        grid = self.grid()
        self.assertEqual(sum(tile["count"] for tile in grid["tiles"]), 5)
        self.assertEqual(sum(one["count"] for one in grid["segments"]), 5)
        self.assertEqual(len(grid["segments"]), 10)
        self.assertEqual((grid["lost"]["count"], grid["lost"]["name"]), (1, "Lost"))
        shares = [*grid["segments"], grid["lost"], grid["unassigned"]]
        self.assertAlmostEqual(sum(one["count_share"] for one in shares), 1)
        self.assertAlmostEqual(sum(one["revenue_share"] for one in shares), 1)

    def test_the_domains_find_the_customers_that_were_counted(self):
        grid = self.grid()
        for tile in grid["tiles"]:
            found = self.found(
                grid,
                ("recency_score", "=", tile["recency"]),
                ("frequency_score", "=", tile["frequency"]),
            )
            self.assertEqual(len(found), tile["count"])
        Score = self.as_user(self.salesman, "crm.rfm.score")
        self.assertEqual(
            Score.search(grid["lost"]["domain"]).partner_id.ids, self.gone.ids
        )

    def test_each_company_has_its_own_grid_in_its_own_currency(self):
        grid = self.grid(self.salesman_b)
        self.assertEqual(grid["currency_id"], self.usd.id)
        self.assertEqual(sum(tile["revenue"] for tile in grid["tiles"]), 9999.0)
        self.assertEqual(self.grid()["currency_id"], self.eur.id)
        self.assertEqual(sum(tile["revenue"] for tile in self.grid()["tiles"]), 1500.0)

    def test_the_first_of_the_user_s_companies_counts(self):
        self.salesman.company_ids += self.company_b
        Score = self.env["crm.rfm.score"].with_user(self.salesman)
        for companies in (
            self.company_a + self.company_b,
            self.company_b + self.company_a,
        ):
            grid = Score.with_context(allowed_company_ids=companies.ids).get_grid()
            self.assertEqual(grid["company"], companies[0].name)

    def test_nobody_outside_sales_gets_anything(self):
        for user in (self.employee, self.portal, self.env.ref("base.public_user")):
            Score = self.env(user=user, context={})["crm.rfm.score"]
            with self.assertRaises(AccessError):
                Score.get_grid()

    def test_another_company_cannot_be_asked_for(self):
        Score = self.env["crm.rfm.score"].with_user(self.salesman)
        with self.assertRaises(AccessError):
            Score.with_context(allowed_company_ids=self.company_b.ids).get_grid()

    def test_only_managers_are_offered_a_refresh(self):
        self.assertFalse(self.grid()["can_refresh"])
        self.assertTrue(self.grid(self.manager)["can_refresh"])

    def test_customers_hidden_from_the_user_are_not_counted(self):
        self.env["ir.rule"].create(
            {
                "name": "Not the best",
                "model_id": self.env.ref("base.model_res_partner").id,
                "domain_force": f"[('id', 'not in', {(self.best + self.gone).ids})]",
                "groups": [(4, self.env.ref("sales_team.group_sale_salesman").id)],
            }
        )
        self.env.registry.clear_cache()
        grid = self.grid()
        self.assertEqual(sum(tile["count"] for tile in grid["tiles"]), 4)
        self.assertEqual(grid["lost"]["count"], 0)
        self.assertEqual(self.tile(grid, 5, 5)["count"], 0)
        self.assertAlmostEqual(self.tile(grid, 4, 4)["revenue_share"], 0.4)

    def test_one_monetary_score_with_shares_of_all(self):
        grid = self.grid(monetary_score=5)
        self.assertEqual(sum(tile["count"] for tile in grid["tiles"]), 1)
        self.assertAlmostEqual(self.tile(grid, 5, 5)["revenue_share"], 1 / 3)
        self.assertEqual(self.found(grid), self.best)
        self.assertEqual(grid["monetary_score"], 5)
        # They have no score that would mean anything.
        self.assertEqual(grid["lost"]["count"], 1)

    def test_a_segment_with_a_monetary_range_of_its_own(self):
        champions = self.env.ref("crm_extended.crm_rfm_segment_champions")
        champions.m_min = 4
        rest = champions.copy({"m_min": 1, "m_max": 3, "name": "Small Champions"})
        self.assertEqual(
            self.tile(self.grid(), 5, 5)["segment_ids"], [rest.id, champions.id]
        )
        self.assertEqual(
            self.tile(self.grid(monetary_score=5), 5, 5)["segment_ids"], champions.ids
        )
        rest.active = False
        tile = self.tile(self.grid(), 5, 5)
        self.assertEqual((tile["segment_ids"], tile["gaps"]), (champions.ids, 3))

    def test_filters(self):
        tag, below, other = self.env["res.partner.category"].create(
            [{"name": "Tag"}, {"name": "Below"}, {"name": "Other"}]
        )
        below.parent_id = tag
        team, other_team = self.env["crm.team"].create(
            [
                {"name": "North", "member_ids": [(4, self.salesman.id)]},
                {"name": "South"},
            ]
        )
        self.best.write(
            {
                "country_id": self.env.ref("base.nl").id,
                "category_id": [(4, below.id)],
                "user_id": self.salesman.id,
            }
        )
        for filters in (
            {"country_ids": self.env.ref("base.nl").ids},
            {"tag_ids": below.ids},
            {"tag_ids": tag.ids},
            {"user_ids": self.salesman.ids},
            {"team_ids": team.ids},
            {"team_ids": team.ids, "tag_ids": tag.ids, "country_ids": []},
        ):
            grid = self.grid(**filters)
            self.assertEqual(sum(tile["count"] for tile in grid["tiles"]), 1, filters)
            self.assertEqual(self.tile(grid, 5, 5)["revenue_share"], 1, filters)
            self.assertEqual(grid["lost"]["count"], 0, filters)
            self.assertEqual(self.found(grid), self.best, filters)
        for filters in (
            {"country_ids": self.env.ref("base.be").ids},
            {"tag_ids": other.ids},
            {"user_ids": self.manager.ids},
            {"team_ids": other_team.ids},
        ):
            grid = self.grid(**filters)
            self.assertEqual(sum(tile["count"] for tile in grid["tiles"]), 0, filters)
            self.assertFalse(grid["is_empty"])

    def test_hostile_filters(self):
        for error, filters in (
            (ValueError, {"country_ids": ["Netherlands"]}),
            (ValueError, {"monetary_score": "1) OR (1=1"}),
            (TypeError, {"tag_ids": [[("id", ">", 0)]]}),
            (TypeError, {"team_ids": 5}),
        ):
            with self.assertRaises(error):
                self.grid(**filters)
        for score in (-1, 11, 10**9):
            grid = self.grid(monetary_score=score)
            self.assertEqual(sum(tile["count"] for tile in grid["tiles"]), 5, score)
            self.assertEqual(grid["monetary_score"], 0)

    def test_a_company_without_any_standing(self):
        self.scores().unlink()
        grid = self.grid()
        self.assertTrue(grid["is_empty"])
        self.assertEqual(len(grid["tiles"]), 25)
        self.assertEqual(grid["lost"]["count_share"], 0)

    def test_one_customer(self):
        self.scores().filtered(lambda score: score.partner_id != self.best).unlink()
        tile = self.tile(self.grid(), 5, 5)
        self.assertEqual((tile["count_share"], tile["revenue_share"]), (1, 1))

    def test_refunds_beyond_the_purchases(self):
        self.buy(self.best, -900.0)
        self.refresh()
        [tile] = [tile for tile in self.grid()["tiles"] if tile["revenue"] < 0]
        self.assertEqual(tile["revenue"], -400.0)

    def test_other_segments_than_at_the_last_refresh(self):
        self.env.ref("crm_extended.crm_rfm_segment_champions").f_min = 5
        self.assertFalse(self.grid()["is_stale"])
        self.env.ref("crm_extended.crm_rfm_segment_champions").active = False
        grid = self.grid()
        self.assertTrue(grid["is_stale"])
        self.assertEqual(self.tile(grid, 5, 5)["segment_ids"], [])
        self.refresh()
        grid = self.grid()
        self.assertFalse(grid["is_stale"])
        self.assertEqual(grid["unassigned"]["count"], 1)
        self.assertEqual(self.found(grid, ("segment_id", "=", False)), self.best)

    def test_another_number_of_scores_than_at_the_last_refresh(self):
        self.company_a.rfm_bins = 3
        grid = self.grid()
        self.assertEqual((grid["bins"], len(grid["tiles"])), (5, 25))
        self.assertEqual(self.tile(grid, 5, 5)["segment_ids"], [])
        self.assertTrue(grid["is_stale"])
        self.refresh()
        grid = self.grid()
        self.assertEqual((grid["bins"], len(grid["tiles"])), (3, 9))
        self.assertFalse(grid["is_stale"])
        self.company_a.rfm_bins = 10
        self.refresh()
        grid = self.grid()
        self.assertEqual(len(grid["tiles"]), 100)
        self.assertTrue(all(tile["segment_ids"] for tile in grid["tiles"]))

    def test_queries_do_not_grow_with_the_grid(self):
        self.grid(country_ids=[1])

        def queries():
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.grid()
            return self.env.cr.sql_log_count - before

        few = queries()
        self.company_a.rfm_bins = 10
        for buyer in self.customers(40):
            self.buy(buyer, buyer.id * 10.0, days_ago=buyer.id % 300)
        self.refresh()
        self.assertEqual(queries(), few)
