from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import LoyaltyCommon


@tagged("post_install", "-at_install")
class TestLoyaltyAssessment(LoyaltyCommon):
    # -- Rising

    def test_who_earns_nothing_is_no_member(self):
        customer = self.customer()
        self.bought(customer, 499.99, "2025-01-10")
        self.assess("2025-01-10")
        self.assertFalse(self.member(customer))
        self.assertFalse(self.changes(customer))

    def test_a_threshold_met_exactly_earns_the_tier_at_once(self):
        customer = self.customer()
        self.bought(customer, 500, "2025-01-10")
        assessment = self.assess("2025-01-10")
        self.assertMember(customer, self.silver, valid_until="2026-01-10")
        member = self.member(customer)
        self.assertEqual(str(member.date_from), "2025-01-10")
        self.assertEqual(member.qualifying_amount, 500)
        self.assertEqual(member.qualifying_orders, 1)
        self.assertEqual(member.next_tier_id, self.gold)
        self.assertEqual(member.amount_to_next, 500)
        self.assertEqual(member.next_progress, 50)
        self.assertEqual(member.amount_to_keep, 0)
        self.assertEqual(assessment.added_count, 1)
        self.assertEqual(
            self.changes(customer), [("2025-01-10", "", "Silver", "earned")]
        )

    def test_several_rungs_at_once(self):
        customer = self.customer()
        self.bought(customer, 500, "2025-01-10")
        self.assess("2025-01-10")
        self.bought(customer, 1500, "2025-02-01")
        self.assess("2025-02-01")
        self.assertMember(customer, self.platinum)
        self.assertFalse(self.member(customer).next_tier_id)
        self.assertEqual(
            self.changes(customer)[1:],
            [("2025-02-01", "Silver", "Platinum", "earned")],
        )

    def test_orders_and_amount_all_or_any(self):
        self.gold.write({"rise_orders": 3, "keep_orders": 2})
        customer = self.customer()
        self.bought(customer, 1500, "2025-01-10")
        self.assess("2025-01-10")
        self.assertMember(customer, self.silver)
        self.assertEqual(self.member(customer).orders_to_next, 2)
        self.assertAlmostEqual(self.member(customer).next_progress, 100 / 3)
        self.gold.match = "any"
        self.assess("2025-01-11")
        self.assertMember(customer, self.gold)

    def test_a_tier_that_asks_for_nothing_takes_a_purchase(self):
        [bronze] = self.make_tiers(self.company_a, ("Bronze", 0, 0))
        bronze.sequence = 0
        buyer, returner, stranger = self.customers(3)
        self.bought(buyer, 1, "2025-01-10")
        self.bought(returner, -1, "2025-01-10")
        self.assess("2025-01-10")
        self.assertMember(buyer, bronze)
        self.assertFalse(self.member(returner) + self.member(stranger))

    def test_only_some_segments_rise(self):
        [segment] = self.env["crm.rfm.segment"].create(
            [{"name": "Everybody here", "company_id": self.company_a.id}]
        )
        other = segment.copy({"name": "Nobody", "active": False})
        self.gold.segment_ids = other
        customer = self.customer()
        self.bought(customer, 1500, "2025-01-10")
        self.refresh(as_of="2025-01-10")
        self.assess("2025-01-10")
        self.assertMember(customer, self.silver)
        self.gold.segment_ids = segment
        self.assess("2025-01-11")
        self.assertMember(customer, self.gold)
        # Who has the tier keeps it in any segment.
        self.gold.segment_ids = other
        self.assess("2025-01-12")
        self.assertMember(customer, self.gold)

    def test_contacts_count_for_their_company(self):
        company = self.customer("Firm", is_company=True)
        contacts = self.customers(2, parent_id=company.id)
        for contact in contacts:
            self.bought(contact, 250, "2025-01-10")
        self.assess("2025-01-10")
        self.assertMember(company, self.silver)
        self.assertFalse(self.member(contacts[0]))

    # -- Keeping and falling, rolling

    def test_a_refund_the_next_day_takes_nothing_that_the_keep_rule_leaves(self):
        customer = self.customer()
        self.bought(customer, 500, "2025-01-10")
        self.assess("2025-01-10")
        self.bought(customer, -100, "2025-01-11")
        self.assess("2025-01-11")
        self.assertMember(customer, self.silver, valid_until="2026-01-11")
        self.bought(customer, -1, "2025-01-12")
        self.assess("2025-01-13")
        # 399 do not keep it: valid for a period from the last day that was enough.
        self.assertMember(customer, self.silver, valid_until="2026-01-11")
        self.assertEqual(self.member(customer).amount_to_keep, 1)
        self.assertEqual(len(self.changes(customer)), 1)

    def test_a_rolling_tier_runs_out_a_period_after_it_was_last_kept(self):
        customer = self.customer()
        self.bought(customer, 500, "2024-02-29")
        self.assess("2024-02-29")
        self.assertMember(customer, self.silver, valid_until="2025-02-28")
        self.assess("2025-02-27")
        self.assertMember(customer, self.silver, valid_until="2026-02-27")
        # The purchase leaves the period on 1 March: one year before is 1 March, too.
        self.assess("2025-03-01")
        self.assertMember(customer, self.silver, valid_until="2026-02-28")
        self.assess("2026-02-28")
        self.assertMember(customer, self.silver)
        self.assess("2026-03-01")
        self.assertMember(customer, self.silver, "grace")
        self.assertEqual(str(self.member(customer).falls_after), "2026-04-28")
        self.assess("2026-04-28")
        self.assertMember(customer, self.silver, "grace")
        self.assess("2026-04-29")
        self.assertFalse(self.member(customer))
        self.assertEqual(
            self.changes(customer)[1:], [("2026-04-29", "Silver", "", "fell")]
        )

    def test_the_last_day_is_found_although_nobody_looked(self):
        customer = self.customer()
        self.bought(customer, 300, "2025-01-10")
        self.bought(customer, 300, "2025-03-10")
        self.assess("2025-03-10")
        # 300 of them leave the period on 10 January.
        self.assess("2026-06-01")
        self.assertMember(customer, self.silver, valid_until="2027-01-09")

    def test_in_grace_a_purchase_keeps_the_tier(self):
        customer = self.customer()
        self.bought(customer, 500, "2025-01-10")
        self.assess("2025-01-10")
        self.assess("2027-01-15")
        self.assertMember(customer, self.silver, "grace")
        self.bought(customer, 400, "2027-01-20")
        self.assess("2027-01-20")
        self.assertMember(customer, self.silver, "active", "2028-01-20")
        self.assertEqual(
            self.changes(customer)[1:], [("2027-01-20", "Silver", "Silver", "kept")]
        )

    def test_falling_one_rung_at_a_time(self):
        customer = self.customer()
        self.bought(customer, 1000, "2025-01-10")
        self.assess("2025-01-10")
        self.assess("2026-02-01")
        self.assess("2027-03-10")
        self.assertMember(customer, self.silver, "active", "2028-03-10")
        self.assess("2028-04-01")
        self.assertMember(customer, self.silver, "grace")
        self.assess("2028-05-11")
        self.assertFalse(self.member(customer))
        self.assertEqual(
            self.changes(customer)[1:],
            [
                ("2027-03-10", "Gold", "Silver", "fell"),
                ("2028-05-11", "Silver", "", "fell"),
            ],
        )

    def test_falling_to_what_is_kept(self):
        self.company_a.loyalty_fall = "earned"
        customers = dict(zip(("a", "b", "c"), self.customers(3), strict=True))
        for customer in customers.values():
            self.bought(customer, 2000, "2025-01-10")
        self.assess("2025-01-10")
        self.bought(customers["a"], 900, "2027-01-02")
        self.bought(customers["b"], 399, "2027-01-02")
        self.bought(customers["c"], 1600, "2027-01-02")
        self.assess("2027-03-10")
        self.assertMember(customers["a"], self.gold)
        self.assertFalse(self.member(customers["b"]))
        self.assertMember(customers["c"], self.platinum)

    def test_no_grace(self):
        self.company_a.loyalty_grace_months = 0
        customer = self.customer()
        self.bought(customer, 500, "2025-01-10")
        self.assess("2025-01-10")
        self.assess("2027-01-09")
        self.assertMember(customer, self.silver, "active", "2027-01-09")
        self.assess("2027-01-10")
        self.assertFalse(self.member(customer))

    # -- Calendar years and anniversaries

    def test_calendar_year(self):
        self.company_a.loyalty_period = "calendar"
        customer = self.customer()
        self.bought(customer, 1000, "2025-05-05")
        self.assess("2025-05-05")
        self.assertMember(customer, self.gold, "active", "2026-12-31")
        self.assess("2026-01-01")
        self.assertMember(customer, self.gold, "active", "2026-12-31")
        self.assertEqual(self.member(customer).qualifying_amount, 0)
        self.assertEqual(self.member(customer).amount_to_keep, 800)
        self.bought(customer, 800, "2026-11-11")
        self.assess("2026-11-11")
        self.assertMember(customer, self.gold, "active", "2027-12-31")
        self.assess("2028-01-01")
        self.assertMember(customer, self.gold, "grace", "2027-12-31")
        self.assess("2028-03-01")
        self.assertMember(customer, self.silver, "active", "2029-12-31")
        self.assertEqual(
            self.changes(customer),
            [
                ("2025-05-05", "", "Gold", "earned"),
                ("2026-11-11", "Gold", "Gold", "kept"),
                ("2028-03-01", "Gold", "Silver", "fell"),
            ],
        )

    def test_calendar_year_that_was_kept_while_nobody_looked(self):
        self.company_a.loyalty_period = "calendar"
        customer = self.customer()
        self.bought(customer, 1000, "2025-05-05")
        self.assess("2025-05-05")
        self.bought(customer, 800, "2026-12-31")
        self.assess("2027-01-02")
        self.assertMember(customer, self.gold, "active", "2027-12-31")

    def test_earned_last_year_while_nobody_looked(self):
        self.company_a.loyalty_period = "calendar"
        customer = self.customer()
        self.bought(customer, 1000, "2025-12-20")
        self.assess("2026-01-02")
        self.assertMember(customer, self.gold, "active", "2026-12-31")

    def test_anniversary_on_29_february(self):
        self.company_a.loyalty_period = "anniversary"
        customer = self.customer()
        self.bought(customer, 400, "2024-02-29")
        self.bought(customer, 99, "2025-02-27")
        self.assess("2025-02-27")
        self.assertFalse(self.member(customer))
        # The second year begins on 28 February.
        self.bought(customer, 500, "2025-02-28")
        self.assess("2025-02-28")
        self.assertMember(customer, self.silver, "active", "2027-02-27")
        self.assertEqual(self.member(customer).qualifying_amount, 500)
        self.assess("2028-02-28")
        self.assertFalse(self.member(customer))

    def test_anniversary_of_a_leap_year_again(self):
        self.company_a.loyalty_period = "anniversary"
        customer = self.customer()
        self.bought(customer, 500, "2024-02-29")
        self.bought(customer, 500, "2027-06-01")
        self.assess("2027-06-01")
        # Its fifth year begins on 29 February 2028.
        self.assertMember(customer, self.silver, "active", "2029-02-27")
        self.assess("2028-02-28")
        self.assertEqual(self.member(customer).qualifying_amount, 500)
        self.assess("2028-02-29")
        self.assertEqual(self.member(customer).qualifying_amount, 0)

    def test_from_rolling_to_calendar_and_back_with_members_in_place(self):
        kept, gone = self.customers(2)
        self.bought(kept, 1000, "2025-11-01")
        self.bought(gone, 1000, "2025-03-01")
        self.assess("2025-11-01")
        self.company_a.loyalty_period = "calendar"
        self.assess("2025-11-02")
        self.assertMember(kept, self.gold, "active", "2026-12-31")
        self.assess("2026-02-01")
        self.assertMember(gone, self.gold, "active", "2026-12-31")
        self.company_a.loyalty_period = "rolling"
        self.assess("2026-04-01")
        # What was promised stays promised.
        self.assertMember(kept, self.gold, "active", "2027-04-01")
        self.assertMember(gone, self.gold, "active", "2026-12-31")
        self.assertEqual(len(self.changes(kept) + self.changes(gone)), 2)

    def test_the_examples_of_the_guide(self):
        self.platinum.active = False
        self.silver.write({"rise_amount": 1000, "keep_amount": 800})
        self.gold.write({"rise_amount": 3000, "keep_amount": 2400})
        self.company_a.loyalty_grace_months = 3
        falling, keeping, calendar = self.customers(3)
        for customer in falling + keeping:
            self.bought(customer, 1000, "2025-01-10")
            self.bought(customer, 2200, "2025-06-01")
        self.bought(keeping, 2400, "2027-02-20")
        for day, tier, state, valid_until in (
            ("2025-01-10", self.silver, "active", "2026-01-10"),
            ("2025-06-01", self.gold, "active", "2026-06-01"),
            ("2026-01-09", self.gold, "active", "2027-01-09"),
            ("2026-01-10", self.gold, "active", "2027-01-09"),
            ("2027-01-09", self.gold, "active", "2027-01-09"),
            ("2027-01-10", self.gold, "grace", "2027-01-09"),
        ):
            self.assess(day)
            self.assertMember(falling, tier, state, valid_until)
        self.assertEqual(str(self.member(falling).falls_after), "2027-04-09")
        self.assess("2027-02-20")
        self.assertMember(keeping, self.gold, "active", "2028-02-20")
        self.assess("2027-04-09")
        self.assertMember(falling, self.gold, "grace")
        self.assess("2027-04-10")
        self.assertMember(falling, self.silver, "active", "2028-04-10")

        self.company_a.loyalty_period = "calendar"
        self.bought(calendar, 3000, "2025-05-05")
        self.bought(calendar, 2400, "2026-11-11")
        for day, tier, state, valid_until in (
            ("2025-05-05", self.gold, "active", "2026-12-31"),
            ("2026-11-10", self.gold, "active", "2026-12-31"),
            ("2026-11-11", self.gold, "active", "2027-12-31"),
            ("2028-01-01", self.gold, "grace", "2027-12-31"),
            ("2028-03-31", self.gold, "grace", "2027-12-31"),
            ("2028-04-01", self.silver, "active", "2029-12-31"),
        ):
            self.assess(day)
            self.assertMember(calendar, tier, state, valid_until)

    # -- Once more, in the past, in parts

    def test_twice_on_the_same_day_changes_nothing(self):
        customers = self.customers(5)
        for number, customer in enumerate(customers):
            self.bought(customer, 400 * number, "2025-01-10")
        self.assess("2025-01-10")
        members = self.env["crm.loyalty.membership"].search([])
        before = members.read()
        assessment = self.assess("2025-01-10")
        members.invalidate_recordset()
        self.assertEqual(members.read(), before)
        self.assertEqual(assessment.member_count, 3)
        self.assertEqual(
            assessment.added_count + assessment.risen_count + assessment.fallen_count, 0
        )

    def test_a_day_of_the_past_rewrites_no_later_change(self):
        early, late = self.customers(2)
        self.bought(early, 1000, "2025-01-10")
        self.bought(late, 1000, "2025-06-10")
        self.assess("2025-06-10")
        before = self.changes(early) + self.changes(late)
        self.assess("2025-01-10")
        self.assertEqual(self.changes(early) + self.changes(late), before)
        self.assertMember(early, self.gold)
        self.assertEqual(self.member(late).qualifying_amount, 1000)

    def test_two_companies_with_ladders_of_their_own(self):
        [plain] = self.make_tiers(self.company_b, ("Plain", 10, 10))
        customer = self.customer()
        self.bought(customer, 1000, "2025-01-10")
        self.bought(customer, 20, "2025-01-10", company=self.company_b)
        self.assess("2025-01-10", self.company_a + self.company_b)
        self.assertMember(customer, self.gold)
        self.assertEqual(self.member(customer, self.company_b).tier_id, plain)

    def test_shared_tiers_for_companies_without_their_own(self):
        self.env["crm.loyalty.tier"].search([("company_id", "=", False)]).active = False
        shared = self.silver.copy(
            {"company_id": False, "rise_amount": 5, "keep_amount": 5}
        )
        customer = self.customer()
        self.bought(customer, 5, "2025-01-10")
        self.bought(customer, 5, "2025-01-10", company=self.company_b)
        self.assess("2025-01-10", self.company_a + self.company_b)
        self.assertFalse(self.member(customer))
        self.assertEqual(self.member(customer, self.company_b).tier_id, shared)

    def test_no_ladder_and_nobody(self):
        (self.silver + self.gold + self.platinum).active = False
        self.env["crm.loyalty.tier"].search([("company_id", "=", False)]).active = False
        self.bought(self.customer(), 1000, "2025-01-10")
        self.assertEqual(self.assess("2025-01-10").member_count, 0)
        self.assertEqual(self.assess(company=self.company_b).member_count, 0)

    # -- The tier program changes

    def test_an_archived_tier_gives_its_members_to_the_rung_below(self):
        customer = self.customer()
        self.bought(customer, 1000, "2025-01-10")
        self.assess("2025-01-10")
        self.gold.active = False
        self.assess("2025-01-11")
        self.assertMember(customer, self.silver)
        self.assertEqual(
            self.changes(customer)[1:],
            [("2025-01-11", "Gold", "Silver", "ladder_changed")],
        )

    def test_a_deleted_tier_reassesses_its_members(self):
        customer = self.customer()
        self.buy(customer, 1000)
        self.assess()
        self.gold.unlink()
        self.assertMember(customer, self.silver)
        self.assertEqual(self.changes(customer)[-1][2:], ("Silver", "ladder_changed"))

    def test_a_reordered_ladder(self):
        customer = self.customer()
        self.bought(customer, 1000, "2025-01-10")
        self.assess("2025-01-10")
        self.silver.sequence = 9
        self.assess("2025-01-11")
        self.assertMember(customer, self.silver)
        self.assertEqual(self.changes(customer)[-1][1:], ("Gold", "Silver", "earned"))

    def test_thresholds_that_make_no_sense_are_refused(self):
        with self.assertRaisesRegex(ValidationError, "cannot require more"):
            self.gold.keep_amount = 1000.01
        with self.assertRaisesRegex(ValidationError, "cannot require more"):
            self.gold.keep_orders = 1
        with self.assertRaisesRegex(ValidationError, "cannot be negative"):
            self.gold.write({"rise_amount": -1, "keep_amount": -1})
        for values in ({"loyalty_period_months": 0}, {"loyalty_grace_months": -1}):
            with self.assertRaises(ValidationError):
                self.company_a.write(values)
