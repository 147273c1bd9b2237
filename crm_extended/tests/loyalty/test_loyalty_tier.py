from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import LoyaltyCommon


@tagged("post_install", "-at_install")
class TestLoyaltyTier(LoyaltyCommon):
    """Tiers, and what thresholds would give."""

    def preview(self, tier=None, user=None, **values):
        tiers = self.as_user(user or self.manager, "crm.loyalty.tier")
        return tiers.get_preview(tier.id if tier else False, values)

    def counts(self, tier=None, **values):
        preview = self.preview(tier, **values)
        counts = {level["name"]: level["customers"] for level in preview["levels"]}
        return {**counts, "": preview["without"]}

    def buyers(self, *amounts, **values):
        customers = self.customers(len(amounts))
        for customer, amount in zip(customers, amounts, strict=True):
            self.buy(customer, amount, **values)
        return customers

    # -- Preview

    def test_it_tells_what_a_first_assessment_gives(self):
        self.gold.write({"match": "any", "rise_orders": 3, "keep_orders": 1})
        customers = self.buyers(100, 499, 500, 999, 1000, 2500)
        for day in (1, 2, 400):
            self.buy(customers[0], 1, days_ago=day)
        before = self.counts(self.silver)
        self.assess()
        members = {
            tier.name: tier.with_user(self.manager).member_count
            for tier in self.silver + self.gold + self.platinum
        }
        self.assertEqual(members, {"Silver": 2, "Gold": 2, "Platinum": 1})
        self.assertEqual(before, {**members, "": 1})

    def test_calendar_and_anniversary_too(self):
        self.buyers(600, 1200, days_ago=370)
        self.buyers(600, 1200)
        for period in ("calendar", "anniversary"):
            self.company_a.loyalty_period = period
            before = self.counts(self.silver)
            self.assess()
            members = {
                tier.name: self.env["crm.loyalty.membership"].search_count(
                    [("tier_id", "=", tier.id)]
                )
                for tier in self.silver + self.gold
            }
            self.assertEqual({name: before[name] for name in members}, members, period)
            self.env["crm.loyalty.membership"].search(
                [("company_id", "=", self.company_a.id)]
            ).unlink()

    def test_unsaved_thresholds_count_and_are_not_saved(self):
        self.buyers(100, 500, 700, 1000)
        self.assertEqual(
            self.counts(self.gold), {"Platinum": 0, "Gold": 1, "Silver": 2, "": 1}
        )
        self.assertEqual(
            self.counts(self.gold, rise_amount=600, keep_amount=600),
            {"Platinum": 0, "Gold": 2, "Silver": 1, "": 1},
        )
        self.assertEqual(self.gold.rise_amount, 1000)
        self.env.invalidate_all()
        self.assertEqual(self.gold.rise_amount, 1000)

    def test_a_new_tier_and_an_archived_one(self):
        self.buyers(100, 2000, 9000)
        self.assertEqual(
            self.counts(
                name="Diamond",
                sequence=9,
                rise_amount=5000,
                match="all",
                active=True,
                company_id=self.company_a.id,
            ),
            {"Diamond": 1, "Platinum": 1, "Gold": 0, "Silver": 0, "": 1},
        )
        self.assertEqual(
            self.counts(self.platinum, active=False), {"Gold": 2, "Silver": 0, "": 1}
        )

    def test_segments(self):
        segment = self.env["crm.rfm.segment"].create(
            {"name": "Everybody here", "company_id": self.company_a.id}
        )
        other = segment.copy({"name": "Nobody", "active": False})
        self.buyers(1000)
        self.refresh()
        self.assertEqual(
            self.counts(self.gold, segment_ids=[Command.set(other.ids)])["Gold"], 0
        )
        self.assertEqual(
            self.counts(self.gold, segment_ids=[Command.link(segment.id)])["Gold"], 1
        )

    def test_the_last_segment_of_a_tier_is_not_deleted(self):
        segment = self.env["crm.rfm.segment"].create(
            {"name": "Chosen", "company_id": self.company_a.id, "active": False}
        )
        self.gold.segment_ids = segment
        with self.assertRaisesRegex(UserError, "“Chosen” .* “Gold” is limited to it"):
            segment.unlink()
        self.gold.segment_ids = False
        segment.unlink()
        self.assertFalse(segment.exists())

    def test_segments_of_the_own_company_or_shared_ones(self):
        foreign, shared = self.env["crm.rfm.segment"].create(
            [
                {"name": "Foreign", "company_id": self.company_b.id},
                {"name": "Shared", "company_id": False},
            ]
        )
        with self.assertRaises(UserError):
            self.gold.segment_ids = foreign
        self.gold.segment_ids = shared
        # A tier for all companies may mean customers of any of them.
        self.assertEqual(
            self.gold.copy(
                {"company_id": False, "segment_ids": foreign.ids}
            ).segment_ids,
            foreign,
        )

    def test_history_keeps_the_names_of_deleted_tiers(self):
        [customer] = self.buyers(1000)
        self.assess()
        self.gold.unlink()
        changes = self.env["crm.loyalty.change"].search(
            [("partner_id", "=", customer.id)], order="id"
        )
        self.assertFalse(changes.old_tier_id)
        self.assertEqual(
            [(change.old_tier_label, change.new_tier_label) for change in changes],
            [(False, "Gold"), ("Gold", "Silver")],
        )
        self.assertEqual(changes[1].new_tier_id, self.silver)
        self.assertIn("Gold → Silver", changes[1].display_name)
        overview = self.as_user(self.salesman, "crm.loyalty.membership").get_overview()
        self.assertEqual(
            {kind: sum(counts) for kind, counts in overview["moves"].items()},
            dict.fromkeys(("came", "risen", "fallen", "left"), 0),
        )
        self.assertEqual(overview["tiers"][-1]["sizes"], [0] * 11 + [1])
        self.silver.unlink()
        self.assertEqual(changes[1].new_tier_label, "Silver")
        timeline = self.env["crm.timeline"]._timeline_sources()["tier"]
        self.assertIn(changes[1], changes.search(timeline.domain))

    def test_members_of_now_and_amounts(self):
        self.buyers(1000, 1500)
        self.assess()
        [gold] = [
            level
            for level in self.preview(self.gold, rise_amount=1200, keep_amount=1)[
                "levels"
            ]
            if level["name"] == "Gold"
        ]
        self.assertEqual(
            (gold["customers"], gold["amount"], gold["members"]), (1, 1500, 2)
        )

    def test_nobody_ever_bought(self):
        self.assertEqual(
            self.counts(self.gold), {"Platinum": 0, "Gold": 0, "Silver": 0, "": 0}
        )

    def test_who_only_brought_something_back_is_no_customer(self):
        self.buyers(-100)
        self.assertEqual(self.preview(self.gold)["customers"], 0)

    def test_thresholds_that_could_not_be_saved_are_explained(self):
        with self.assertRaisesRegex(ValidationError, "cannot require more"):
            self.preview(self.gold, rise_amount=100)

    def test_what_is_no_number_is_refused(self):
        wrong = {
            "rise_amount": ("nan", "inf", "-inf", 1e300, "many"),
            "keep_amount": ("nan",),
            "rise_orders": ("nan", "inf", 2**40, 10**400),
            "care_factor": ("nan", "inf", 1e9),
        }
        tiers = self.as_user(self.manager, "crm.loyalty.tier")
        gold = tiers.browse(self.gold.id)
        for name, values in wrong.items():
            for value in values:
                if value in ("nan", "inf", "-inf"):
                    value = float(value)
                with self.assertRaisesRegex(ValidationError, "must be a number up to"):
                    gold.write({name: value})
                with self.assertRaisesRegex(ValidationError, "must be a number up to"):
                    tiers.create({"name": "Wrong", name: value})
                if name != "care_factor":
                    with self.assertRaisesRegex(ValidationError, "must be a number"):
                        self.preview(self.gold, **{name: value})
        self.assertEqual((gold.rise_amount, gold.care_factor), (1000, 1))
        self.assertFalse(tiers.search([("name", "=", "Wrong")]))

    def test_two_companies(self):
        [plain] = self.make_tiers(self.company_b, ("Plain", 10, 10))
        self.buyers(50, company=self.company_b)
        self.buyers(2000)
        self.manager.company_ids += self.company_b
        manager = self.as_user(self.manager, "crm.loyalty.tier")
        preview = manager.get_preview(plain.id, {})
        self.assertEqual(
            [(level["name"], level["customers"]) for level in preview["levels"]],
            [("Plain", 1)],
        )
        self.assertEqual(preview["currency_id"], self.usd.id)

    def test_managers_only_and_of_their_own_company(self):
        for user in (self.salesman, self.employee, self.portal):
            with self.assertRaises(AccessError):
                self.preview(self.gold, user)
        with self.assertRaises(AccessError):
            self.preview(self.gold, company_id=self.company_b.id)
        [plain] = self.make_tiers(self.company_b, ("Plain", 10, 10))
        with self.assertRaises(AccessError):
            self.preview(plain)

    def test_what_is_no_threshold_is_ignored(self):
        preview = self.preview(self.gold, member_count=7, nonsense="'; DROP TABLE")
        self.assertEqual(len(preview["levels"]), 3)

    # -- The tiers that come along

    def test_the_shared_ladder_rises(self):
        names = ("bronze", "silver", "gold", "platinum")
        tiers = self.env["crm.loyalty.tier"].union(
            *(self.env.ref(f"crm_extended.crm_loyalty_tier_{name}") for name in names)
        )
        self.assertEqual(
            self.env["crm.loyalty.tier"]._of_company(self.company_b), tiers
        )
        customers = self.buyers(0.01, 1000, 3000, 8000, company=self.company_b)
        self.assess(company=self.company_b)
        self.assertEqual(
            [self.member(customer, self.company_b).tier_id for customer in customers],
            list(tiers),
        )
