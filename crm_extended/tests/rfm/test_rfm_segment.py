from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form

from ...analytics.rfm.grid import is_inside
from ..common import CustomerValueCommon


class TestRfmSegment(CustomerValueCommon):
    def test_the_default_grid_covers_every_cell_exactly_once(self):
        """A company starts from ten segments that tile the grid, and Lost beside it."""
        Segment = self.env["crm.rfm.segment"]
        segments = Segment._of_company(self.company_a)
        self.assertEqual(len(segments), 11)
        lost = segments.filtered("is_lost")
        self.assertEqual(lost, self.env.ref("crm_extended.crm_rfm_segment_lost"))
        for bins in range(3, 11):
            self.company_a.rfm_bins = bins
            owners, lost_segment = Segment._get_grid(self.company_a)
            self.assertEqual(lost_segment, lost)
            self.assertEqual(len(owners), bins**3)
            for cell in owners:
                claims = [
                    segment.name
                    for segment in segments - lost
                    if (bounds := segment._bounds(bins)) and is_inside(cell, bounds)
                ]
                self.assertEqual(len(claims), 1, f"{cell}: {claims}")

    def test_the_default_grid_is_the_published_one(self):
        owners, _lost = self.env["crm.rfm.segment"]._get_grid(self.company_a)
        names = {
            (cell.recency, cell.frequency): segment.name
            for cell, segment in owners.items()
        }
        self.assertEqual(names[5, 5], "Champions")
        self.assertEqual(names[3, 4], "Loyal Customers")
        self.assertEqual(names[4, 2], "Potential Loyalists")
        self.assertEqual(names[5, 1], "New Customers")
        self.assertEqual(names[4, 1], "Promising")
        self.assertEqual(names[3, 3], "Need Attention")
        self.assertEqual(names[3, 1], "About to Sleep")
        self.assertEqual(names[1, 5], "Can't Lose Them")
        self.assertEqual(names[2, 3], "At Risk")
        self.assertEqual(names[1, 2], "Hibernating")

    def test_every_default_segment_says_what_to_do(self):
        segments = self.env["crm.rfm.segment"]._of_company(self.company_a)
        self.assertTrue(all(segment.action for segment in segments))

    def test_a_company_with_segments_of_its_own_uses_only_those(self):
        own = self.env["crm.rfm.segment"].create(
            {"name": "Everybody", "company_id": self.company_a.id}
        )
        customer = self.customer()
        self.buy(customer)
        self.buy(customer, company=self.company_b)
        self.refresh()
        self.refresh(self.company_b)
        self.assertEqual(self.score(customer).segment_id, own)
        self.assertEqual(
            self.score(customer, self.company_b).segment_id,
            self.env.ref("crm_extended.crm_rfm_segment_new"),
        )

    def test_a_gap_in_the_grid_leaves_customers_without_a_segment(self):
        self.env["crm.rfm.segment"].create(
            {
                "name": "The Worst",
                "company_id": self.company_a.id,
                "r_max": 1,
            }
        )
        customer = self.customer()
        self.buy(customer)
        self.refresh()
        self.assertFalse(self.score(customer).segment_id)
        self.assertEqual(self.score(customer).code, "511")

    def test_archived_segments_never_count(self):
        champions = self.env.ref("crm_extended.crm_rfm_segment_champions")
        customer, other = self.customers(2)
        self.buy(other, days_ago=9)
        for _purchase in range(3):
            self.buy(customer)
        champions.active = False
        self.env["crm.rfm.score"].with_context(active_test=False)._refresh(
            self.company_a
        )
        self.assertFalse(self.score(customer).segment_id)

    def test_bounds_the_wrong_way_round_are_refused(self):
        segment = self.env.ref("crm_extended.crm_rfm_segment_loyal")
        with self.assertRaisesRegex(ValidationError, "range for Recency is 4 to 2"):
            segment.write({"r_min": 4, "r_max": 2})

    def test_bounds_outside_the_grid_are_refused(self):
        segment = self.env.ref("crm_extended.crm_rfm_segment_loyal")
        with self.assertRaisesRegex(ValidationError, "range for Frequency is 0"):
            segment.f_min = 0
        with self.assertRaisesRegex(ValidationError, "scores between 1 and 5"):
            segment.m_max = 6

    def test_shares_of_customers_and_revenue(self):
        often, seldom, elsewhere = self.customers(3)
        for day in range(4):
            self.buy(often, 75.0, days_ago=day)
        self.buy(seldom, 100.0, days_ago=200)
        self.buy(elsewhere, 9999.0, company=self.company_b)
        self.refresh()
        self.refresh(self.company_b)
        segment = self.score(often).segment_id
        self.assertEqual(segment.customer_count, 1)
        self.assertEqual(segment.customer_share, 0.5)
        self.assertEqual(segment.revenue, 300.0)
        self.assertEqual(segment.revenue_share, 0.75)
        self.assertEqual(segment.currency_id, self.eur)

    def test_shares_without_any_customer(self):
        segment = self.env.ref("crm_extended.crm_rfm_segment_loyal")
        self.assertEqual(segment.customer_count, 0)
        self.assertEqual((segment.customer_share, segment.revenue_share), (0.0, 0.0))

    def test_shares_cost_one_query_for_all_segments(self):
        segments = self.env["crm.rfm.segment"]._of_company(self.company_a)
        segments.mapped("name")
        self.env.invalidate_all()
        with self.assertQueryCount(2):
            segments.mapped("name")
            segments.mapped("revenue_share")

    def test_a_manager_makes_a_segment_in_the_form(self):
        form = Form(
            self.env["crm.rfm.segment"].with_user(self.manager),
            "crm_extended.crm_rfm_segment_view_form",
        )
        form.name = "Night Owls"
        form.r_min = 2
        segment = form.save()
        self.assertEqual(segment.grid_bins, 5)

    def test_deleting_a_segment_keeps_the_scores(self):
        own = self.env["crm.rfm.segment"].create(
            {"name": "Everybody", "company_id": self.company_a.id}
        )
        customer = self.customer()
        self.buy(customer)
        self.refresh()
        own.unlink()
        self.assertFalse(self.score(customer).segment_id)
        self.refresh()
        self.assertEqual(
            self.score(customer).segment_id,
            self.env.ref("crm_extended.crm_rfm_segment_new"),
        )

    # -- Preview of the grid, gaps and overlaps

    def segment_form(self, segment):
        return Form(
            segment.with_user(self.manager), "crm_extended.crm_rfm_segment_view_form"
        )

    def tile(self, preview, recency, frequency, monetary=0):
        [tile] = [
            tile
            for tile in preview["tiles"][monetary]
            if (tile["recency"], tile["frequency"]) == (recency, frequency)
        ]
        return {
            **tile,
            "owners": [preview["segments"][place]["name"] for place in tile["owners"]],
            "claimants": [
                preview["segments"][place]["name"] for place in tile["claimants"]
            ],
        }

    def test_the_form_shows_the_grid_as_it_will_be(self):
        form = self.segment_form(self.env.ref("crm_extended.crm_rfm_segment_champions"))
        self.assertEqual(
            (form.grid_preview["gaps"], form.grid_preview["overlaps"]), (0, 0)
        )
        form.f_min = 5
        preview = form.grid_preview
        self.assertEqual((preview["gaps"], preview["total"]), (5, 125))
        self.assertEqual(self.tile(preview, 5, 4)["owners"], [])
        self.assertEqual(self.tile(preview, 5, 4)["gaps"], 5)
        form.f_min = 3
        preview = form.grid_preview
        self.assertEqual((preview["gaps"], preview["overlaps"]), (0, 5))
        tile = self.tile(preview, 5, 3)
        self.assertEqual(tile["owners"], ["Champions"])
        self.assertEqual(tile["claimants"], ["Champions", "Potential Loyalists"])

    def test_the_preview_follows_order_archiving_and_purpose(self):
        champions = self.env.ref("crm_extended.crm_rfm_segment_champions")
        champions.f_min = 3
        champions.sequence = 35
        self.env.invalidate_all()
        tile = self.tile(champions.grid_preview, 5, 3)
        self.assertEqual(tile["owners"], ["Potential Loyalists"])
        self.assertEqual(tile["claimants"], ["Potential Loyalists", "Champions"])
        form = self.segment_form(champions)
        form.is_lost = True
        self.assertEqual(form.grid_preview["gaps"], 10)
        champions.active = False
        self.assertEqual(champions.grid_preview["gaps"], 10)

    def test_the_preview_looks_at_one_monetary_score(self):
        form = self.segment_form(self.env.ref("crm_extended.crm_rfm_segment_champions"))
        form.m_min = 3
        preview = form.grid_preview
        self.assertEqual(preview["gaps"], 4)
        self.assertEqual(self.tile(preview, 5, 5)["owners"], ["Champions"])
        self.assertEqual(self.tile(preview, 5, 5)["gaps"], 2)
        self.assertEqual(self.tile(preview, 5, 5, 2)["owners"], [])
        self.assertEqual(self.tile(preview, 5, 5, 3)["gaps"], 0)

    def test_the_preview_has_the_size_of_the_company_s_grid(self):
        champions = self.env.ref("crm_extended.crm_rfm_segment_champions")
        for bins in (3, 10):
            self.company_a.rfm_bins = bins
            champions.invalidate_recordset()
            preview = champions.grid_preview
            self.assertEqual(preview["bins"], bins)
            self.assertEqual(len(preview["tiles"]), bins + 1)
            self.assertEqual(len(preview["tiles"][0]), bins**2)
            self.assertEqual((preview["gaps"], preview["overlaps"]), (0, 0))
        self.assertEqual(self.tile(preview, 9, 7)["owners"], ["Champions"])

    def test_the_preview_bears_what_is_typed(self):
        form = self.segment_form(self.env.ref("crm_extended.crm_rfm_segment_champions"))
        for name, value, gaps, valid in (
            ("grid_bins", 0, 10, False),
            ("grid_bins", 5, 0, True),
            ("r_min", 9, 10, False),
            ("r_min", -7, 0, False),
            ("r_min", 5, 0, True),
            ("f_max", 10**9, 0, False),
        ):
            form[name] = value
            preview = form.grid_preview
            found = (preview["gaps"], preview["valid"])
            self.assertEqual(found, (gaps, valid), (name, value))

    def test_the_first_segment_of_a_company_replaces_the_shared_ones(self):
        form = self.segment_form(self.env["crm.rfm.segment"])
        self.assertTrue(form.grid_preview["used"])
        own = self.env["crm.rfm.segment"].create(
            {"name": "Best", "company_id": self.company_a.id, "r_min": 5}
        )
        self.assertEqual(own.grid_preview["gaps"], 100)
        self.assertEqual(
            [one["name"] for one in own.grid_preview["segments"]], ["Best"]
        )
        shared = self.env.ref("crm_extended.crm_rfm_segment_champions")
        self.assertFalse(shared.grid_preview["used"])
        self.assertEqual(shared.grid_preview["gaps"], 0)

    def test_the_summary_of_a_company_s_grid(self):
        Segment = self.as_user(self.salesman, "crm.rfm.segment")
        self.assertEqual(
            Segment.get_grid_summary(),
            {"company": "Value A", "bins": 5, "gaps": 0, "overlaps": 0, "total": 125},
        )
        self.env.ref("crm_extended.crm_rfm_segment_champions").f_min = 3
        self.env.ref("crm_extended.crm_rfm_segment_promising").active = False
        summary = Segment.get_grid_summary()
        self.assertEqual((summary["gaps"], summary["overlaps"]), (5, 5))
        for user in (self.employee, self.portal):
            with self.assertRaises(AccessError):
                self.as_user(user, "crm.rfm.segment").get_grid_summary()

    def test_what_would_be_missing_without_a_segment(self):
        champions, lost, loyal = (
            self.env.ref(f"crm_extended.crm_rfm_segment_{name}").with_user(self.manager)
            for name in ("champions", "lost", "loyal")
        )
        self.assertEqual(champions.get_grid_summary_without()["gaps"], 10)
        self.assertEqual((champions + loyal).get_grid_summary_without()["gaps"], 30)
        self.assertFalse(lost.get_grid_summary_without())
        loyal.r_max = 5
        self.assertFalse(champions.get_grid_summary_without())

    def test_without_its_last_own_segment_a_company_uses_the_shared_ones(self):
        own = self.env["crm.rfm.segment"].create(
            {"name": "Everybody", "company_id": self.company_a.id}
        )
        own = own.with_user(self.manager)
        self.assertFalse(own.get_grid_summary_without())
        other = own.copy({"r_max": 1})
        self.assertEqual(own.get_grid_summary_without()["gaps"], 100)
        self.assertFalse(other.get_grid_summary_without())

    def test_gaps_never_keep_anybody_from_writing_by_api(self):
        champions = self.env.ref("crm_extended.crm_rfm_segment_champions")
        champions.with_user(self.manager).write({"f_min": 5})
        self.assertEqual(self.env["crm.rfm.segment"].get_grid_summary()["gaps"], 5)
