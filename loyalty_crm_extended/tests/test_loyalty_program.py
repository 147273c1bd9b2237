"""Programs of the loyalty app for some tiers only, and points multiplied by tier."""

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from odoo.addons.crm_extended.tests.loyalty.common import LoyaltyCommon


@tagged("post_install", "-at_install")
class TestLoyaltyProgram(LoyaltyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["loyalty.program"].search([]).active = False
        cls.product = cls.env["product.product"].create(
            {"name": "Thing", "list_price": 100, "taxes_id": [Command.clear()]}
        )
        cls.firm = cls.customer("Firm", is_company=True)
        cls.contact = cls.customer("Contact", parent_id=cls.firm.id)
        cls.points = cls.program(
            "loyalty",
            applies_on="both",
            rule={"reward_point_mode": "money", "reward_point_amount": 1},
            reward={"required_points": 150},
        )
        cls.promotion = cls.program("promotion", applies_on="current")

    @classmethod
    def program(cls, program_type, rule=None, reward=None, **values):
        return cls.env["loyalty.program"].create(
            {
                "name": program_type,
                "program_type": program_type,
                "trigger": "auto",
                "company_id": cls.company_a.id,
                "rule_ids": [Command.clear(), Command.create(rule or {})],
                "reward_ids": [
                    Command.clear(),
                    Command.create(
                        {"reward_type": "discount", "discount": 10, **(reward or {})}
                    ),
                ],
                **values,
            }
        )

    def give(self, tier, partner=None, company=None):
        return self.env["crm.loyalty.membership"].create(
            {
                "partner_id": (partner or self.firm).id,
                "company_id": (company or self.company_a).id,
                "tier_id": tier.id,
                "date_from": self.today,
            }
        )

    def order(self, partner=None, price=100.0, user=None):
        orders = self.as_user(user, "sale.order") if user else self.env["sale.order"]
        order = orders.create(
            {
                "partner_id": (partner or self.contact).id,
                "company_id": self.company_a.id,
                "order_line": [
                    Command.create({"product_id": self.product.id, "price_unit": price})
                ],
            }
        )
        order._update_programs_and_rewards()
        return order

    def earned(self, order):
        entries = order.sudo().coupon_point_ids
        return sum(
            entries.filtered(
                lambda entry: entry.coupon_id.program_id == self.points
            ).mapped("points")
        )

    # -- Only some tiers

    def test_open_programs_are_for_everybody(self):
        self.assertEqual(
            self.order()._get_points_programs(), self.points + self.promotion
        )

    def test_limited_to_tiers(self):
        self.promotion.tier_ids = self.gold + self.platinum
        self.assertNotIn(self.promotion, self.order()._get_points_programs())
        member = self.give(self.silver)
        order = self.order()
        self.assertNotIn(self.promotion, order._get_points_programs())
        self.assertEqual(order._get_applicable_program_points(), {self.points: 100})
        for tier in (self.gold, self.platinum):
            member.tier_id = tier
            self.assertIn(self.promotion, self.order()._get_points_programs())

    def test_in_grace_and_by_hand_the_tier_counts(self):
        self.promotion.tier_ids = self.gold
        member = self.give(self.gold)
        for state in ("grace", "locked"):
            member.state = state
            self.assertIn(self.promotion, self.order()._get_points_programs())

    def test_a_tier_lost_while_the_quotation_is_open(self):
        self.promotion.tier_ids = self.gold
        member = self.give(self.gold)
        order = self.order()
        [(coupon, reward)] = order._get_claimable_rewards().items()
        order._apply_program_reward(reward, coupon)
        self.assertEqual(order.amount_total, 90)
        member.tier_id = self.silver
        order._update_programs_and_rewards()
        self.assertEqual(order.amount_total, 100)
        self.assertNotIn(self.promotion, order._get_applied_programs())

    def test_by_code(self):
        code = self.program(
            "promo_code",
            trigger="with_code",
            applies_on="current",
            rule={"mode": "with_code", "code": "ONLYGOLD"},
            tier_ids=[Command.set(self.gold.ids)],
        )
        self.assertIn("error", self.order()._try_apply_code("ONLYGOLD"))
        self.assertIn("error", self.order()._try_apply_program(code))
        self.give(self.gold)
        order = self.order()
        self.assertNotIn("error", order._try_apply_code("ONLYGOLD"))
        self.assertIn(code, order._get_points_programs())

    def test_of_the_orders_company(self):
        self.promotion.write({"company_id": False, "tier_ids": self.gold.ids})
        self.give(self.gold, company=self.company_b)
        self.assertNotIn(self.promotion, self.order()._get_points_programs())

    def test_tiers_that_the_user_does_not_see_limit_all_the_same(self):
        [theirs] = self.make_tiers(self.company_b, ("Theirs", 1, 1))
        self.promotion.write({"company_id": False, "tier_ids": theirs.ids})
        order = self.order(user=self.salesman)
        self.assertIn(self.points, order._get_points_programs())
        self.assertNotIn(self.promotion, order._get_points_programs())

    def test_an_archived_tier_still_limits(self):
        self.promotion.tier_ids = self.gold
        self.gold.active = False
        self.assertNotIn(self.promotion, self.order()._get_points_programs())

    def test_a_tier_of_a_program_is_not_deleted(self):
        self.promotion.tier_ids = self.gold
        self.promotion.active = False
        with self.assertRaisesRegex(UserError, "“promotion” is limited to this tier"):
            self.gold.unlink()
        self.promotion.tier_ids = False
        self.gold.unlink()

    # -- More points

    def test_points_are_multiplied(self):
        self.gold.point_factor = 1.5
        self.assertEqual(self.earned(self.order()), 100)
        member = self.give(self.silver)
        self.assertEqual(self.earned(self.order()), 100)
        member.tier_id = self.gold
        order = self.order()
        self.assertEqual(self.earned(order), 150)
        # They count for rewards of the same order, too.
        self.assertIn(
            self.points.reward_ids,
            sum(order._get_claimable_rewards().values(), self.points.reward_ids[:0]),
        )
        order.action_confirm()
        card = self.env["loyalty.card"].search([("program_id", "=", self.points.id)])
        self.assertEqual(card.points, 150)

    def test_tiers_that_are_switched_off_multiply_nothing(self):
        self.gold.point_factor = 1.5
        self.give(self.gold)
        self.env["crm.feature"]._switch(loyalty=False)
        self.assertEqual(self.earned(self.order()), 100)

    def test_rounded_like_other_points(self):
        self.gold.point_factor = 1.15
        self.give(self.gold)
        self.assertEqual(self.earned(self.order(price=0.99)), 1.13)
        self.assertEqual(self.earned(self.order(price=100)), 115)

    def test_none_at_all(self):
        self.gold.point_factor = 0
        self.give(self.gold)
        self.assertEqual(self.earned(self.order()), 0)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.gold.point_factor = -1
            self.env.flush_all()

    def test_no_factor_that_is_no_number(self):
        for value in (float("nan"), float("inf"), 1e9):
            with self.assertRaisesRegex(ValidationError, "up to 1000"):
                self.gold.write({"point_factor": value})

    def test_only_of_loyalty_programs(self):
        self.gold.point_factor = 3
        self.give(self.gold)
        points = self.order()._get_applicable_program_points()
        self.assertEqual(points, {self.points: 300, self.promotion: 1})

    def test_as_salesperson(self):
        self.gold.point_factor = 2
        self.promotion.tier_ids = self.gold
        self.give(self.gold)
        order = self.order(user=self.salesman)
        self.assertEqual(self.earned(order), 200)
        self.assertIn(self.promotion, order._get_points_programs())

    # -- Views and cost

    def test_chosen_on_the_program(self):
        # With Point of Sale, Odoo's form shows the tills a program is for.
        if tills := self.env.ref("point_of_sale.group_pos_user", False):
            self.manager.group_ids += tills
        manager = self.as_user(self.manager, "loyalty.program")
        with Form(manager.browse(self.promotion.id)) as form:
            form.tier_ids.add(self.gold)
        self.assertEqual(self.promotion.tier_ids, self.gold)

    def test_a_program_of_all_companies_is_limited_to_tiers_of_any(self):
        tiers_b = self.env["crm.loyalty.tier"].create(
            {"name": "Of B", "company_id": self.company_b.id}
        )
        self.promotion.company_id = False
        self.promotion.tier_ids = self.gold + tiers_b
        self.assertEqual(self.promotion.tier_ids, self.gold + tiers_b)
        # The form offers them.
        domain = self.env["loyalty.program"].fields_get(["tier_ids"])["tier_ids"]
        offered = safe_eval(domain["domain"], {"company_id": False})
        self.assertLessEqual(
            self.gold + tiers_b, self.env["crm.loyalty.tier"].search(offered)
        )

    def test_queries_do_not_grow_with_the_programs(self):
        def count():
            order = self.order()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            order._get_program_domain()
            return self.env.cr.sql_log_count - before

        self.promotion.tier_ids = self.gold
        few = count()
        for _number in range(10):
            self.promotion.copy({"tier_ids": self.gold.ids})
        self.assertEqual(count(), few)
