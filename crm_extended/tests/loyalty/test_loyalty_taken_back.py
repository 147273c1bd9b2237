"""Tiers that rest on purchases which exist no more: cancelled, deleted, corrected, or
taken back in full."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import Command
from odoo.tests import tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

from .common import LoyaltyCommon


@tagged("post_install", "-at_install")
class TestLoyaltyTakenBack(LoyaltyCommon):
    """Purchases that are gone without a trace."""

    def rise(self, customer, amount, day):
        purchase = self.bought(customer, amount, day)
        self.assess(day)
        return purchase

    def test_a_typing_error_leaves_no_tier(self):
        customer = self.customer()
        error = self.rise(customer, 90000, "2025-01-10")
        self.assertMember(customer, self.platinum)
        error.unlink()
        assessment = self.assess("2025-01-11")
        self.assertFalse(self.member(customer))
        self.assertEqual(
            self.changes(customer),
            [
                ("2025-01-10", "", "Platinum", "earned"),
                ("2025-01-11", "Platinum", "", "taken_back"),
            ],
        )
        self.assertEqual(assessment.removed_count, 1)

    def test_a_typing_error_that_is_corrected(self):
        customer = self.customer()
        error = self.rise(customer, 5000, "2025-01-10")
        error.amount = 500
        self.assess("2025-01-11")
        self.assertMember(customer, self.silver)
        self.assertEqual(
            self.changes(customer)[-1],
            ("2025-01-11", "Platinum", "Silver", "taken_back"),
        )

    def test_found_after_a_long_time(self):
        customer = self.customer()
        error = self.rise(customer, 2000, "2025-01-10")
        self.assess("2025-09-01")
        error.unlink()
        self.assess("2025-09-02")
        self.assertFalse(self.member(customer))

    def test_who_qualifies_by_the_rest_stays(self):
        customer = self.customer()
        first = self.rise(customer, 1000, "2025-01-10")
        second = self.rise(customer, 1000, "2025-02-10")
        self.assertMember(customer, self.platinum)
        first.unlink()
        self.assess("2025-03-01")
        self.assertMember(customer, self.gold)
        self.bought(customer, 600, "2025-03-02")
        self.bought(customer, 400, "2025-03-02")
        self.assess("2025-03-02")
        self.assertMember(customer, self.platinum)
        second.unlink()
        self.assess("2025-03-03")
        self.assertMember(customer, self.gold)
        changes = self.changes(customer)
        self.bought(customer, 50, "2025-03-04")
        self.assess("2025-03-05")
        self.assess("2025-03-06")
        self.assertEqual(self.changes(customer), changes)

    def test_who_qualified_otherwise_later_stays_although_that_is_old(self):
        customer = self.customer()
        error = self.rise(customer, 1000, "2024-01-10")
        self.bought(customer, 1000, "2024-02-10")
        error_2 = self.bought(customer, 20, "2025-02-20")
        self.assess("2024-01-20")
        self.assess("2025-03-01")
        self.assertMember(customer, self.gold, valid_until="2026-02-09")
        error.unlink()
        error_2.unlink()
        self.assess("2025-03-02")
        self.assertMember(customer, self.gold, valid_until="2026-02-09")

    def test_a_chain_of_rises(self):
        customer = self.customer()
        self.rise(customer, 500, "2025-01-10")
        error = self.rise(customer, 500, "2025-03-10")
        self.assertMember(customer, self.gold)
        error.unlink()
        self.assess("2025-03-11")
        self.assertMember(customer, self.silver, valid_until="2026-03-11")
        self.assess("2026-01-20")
        # As without the error: a year from the last day of the purchase's year.
        self.assertMember(customer, self.silver, valid_until="2027-01-09")

    def test_a_lower_tier_that_would_be_over(self):
        customer = self.customer()
        self.rise(customer, 500, "2024-01-10")
        error = self.rise(customer, 1000, "2025-06-01")
        self.assess("2026-05-20")
        self.assertMember(customer, self.gold)
        error.unlink()
        self.assess("2026-05-21")
        self.assertFalse(self.member(customer))

    def test_a_lower_tier_that_would_be_in_grace(self):
        customer = self.customer()
        self.rise(customer, 500, "2024-01-10")
        error = self.rise(customer, 1000, "2025-06-01")
        self.assess("2026-01-20")
        error.unlink()
        self.assess("2026-01-21")
        self.assertMember(customer, self.silver, "grace", valid_until="2026-01-09")

    def test_old_purchases_that_age_are_none_that_were_taken_back(self):
        customer = self.customer()
        self.rise(customer, 1000, "2024-01-10")
        small = self.rise(customer, 20, "2025-01-02")
        self.assess("2025-01-15")
        until = str(self.member(customer).valid_until)
        small.unlink()
        self.assess("2025-01-16")
        self.assertMember(customer, self.gold, valid_until=until)
        self.assertEqual(len(self.changes(customer)), 1)

    def test_thresholds_that_were_raised_since(self):
        customer = self.customer()
        self.rise(customer, 1000, "2025-01-10")
        small = self.rise(customer, 20, "2025-01-20")
        self.gold.rise_amount = 1500
        small.unlink()
        self.assess("2025-01-21")
        self.assertMember(customer, self.gold)

    def test_settings_that_change_what_counts(self):
        customer = self.customer()
        self.bought(customer, 600, "2024-02-10")
        self.rise(customer, 400, "2025-01-10")
        small = self.rise(customer, 20, "2025-01-11")
        # The same purchases are less in six months.
        self.company_a.loyalty_period_months = 6
        self.assess("2025-01-12")
        self.assertMember(customer, self.gold)
        small.unlink()
        self.assess("2025-01-13")
        self.assertMember(customer, self.gold)
        self.assertEqual(len(self.changes(customer)), 1)

    def test_returns_after_the_rise_keep_the_tier_to_its_date(self):
        customer = self.customer()
        self.rise(customer, 1000, "2025-01-10")
        self.bought(customer, -900, "2025-01-20")
        self.assess("2025-01-20")
        self.assess("2025-01-21")
        self.assertMember(customer, self.gold, valid_until="2026-01-19")

    def test_orders_count_as_well(self):
        self.gold.write(
            {"rise_amount": 0, "keep_amount": 0, "rise_orders": 3, "keep_orders": 2}
        )
        customer = self.customer()
        purchases = [self.bought(customer, 10, "2025-01-10") for _number in range(3)]
        self.assess("2025-01-10")
        self.assertMember(customer, self.gold)
        purchases[0].unlink()
        self.assess("2025-01-11")
        self.assertFalse(self.member(customer))

    # -- By hand

    def set_by_hand(self, customer, tier, days=30):
        members = self.env["crm.loyalty.membership"].with_company(self.company_a)
        until = self.today + timedelta(days=days)
        members._set_override(customer, tier, until, "Promised")

    def test_a_tier_by_hand_stays_and_leaves_nothing_behind(self):
        customer = self.customer()
        error = self.buy(customer, 1000)
        self.assess()
        self.set_by_hand(customer, self.platinum)
        error.unlink()
        self.assess()
        self.assertMember(customer, self.platinum, "locked")
        self.assess(self.today + timedelta(days=31))
        self.assertFalse(self.member(customer))

    def test_what_was_only_promised_is_not_looked_into(self):
        customer = self.customer()
        small = self.buy(customer, 20)
        self.set_by_hand(customer, self.gold)
        small.unlink()
        self.assess()
        self.assertMember(customer, self.gold, "locked")

    # -- Other periods

    def test_calendar_years(self):
        self.company_a.loyalty_period = "calendar"
        early, late, kept = self.customers(3)
        errors = [self.bought(early, 1000, "2025-11-10")]
        self.assess("2025-11-10")
        self.assertMember(early, self.gold, valid_until="2026-12-31")
        # A tier program that was not there before: risen by the year before.
        errors.append(self.bought(late, 1000, "2025-12-10"))
        self.assess("2026-02-01")
        self.assertMember(late, self.gold, valid_until="2026-12-31")
        self.bought(kept, 1000, "2025-11-10")
        small = self.bought(kept, 20, "2025-11-11")
        self.assess("2026-02-02")
        for purchase in (*errors, small):
            purchase.unlink()
        self.assess("2026-02-03")
        self.assertFalse(self.member(early))
        self.assertFalse(self.member(late))
        self.assertMember(kept, self.gold, valid_until="2026-12-31")

    def test_a_calendar_year_more_that_was_kept_by_it(self):
        self.kept_a_year_more("calendar")

    def test_an_anniversary_more_that_was_kept_by_it(self):
        self.kept_a_year_more("anniversary")

    def kept_a_year_more(self, period):
        self.company_a.loyalty_period = period
        customer = self.customer()
        self.rise(customer, 1000, "2024-01-01")
        error = self.rise(customer, 800, "2025-06-01")
        self.assertMember(customer, self.gold, valid_until="2026-12-31")
        error.unlink()
        self.assess("2025-06-02")
        self.assertMember(customer, self.gold, valid_until="2025-12-31")
        self.rise(customer, 800, "2025-06-03")
        self.assertMember(customer, self.gold, valid_until="2026-12-31")

    def test_anniversaries(self):
        self.company_a.loyalty_period = "anniversary"
        customer = self.customer()
        self.rise(customer, 10, "2024-03-05")
        error = self.rise(customer, 1000, "2025-02-01")
        self.assertMember(customer, self.gold, valid_until="2026-03-04")
        self.assess("2025-04-01")
        error.unlink()
        self.assess("2025-04-02")
        self.assertFalse(self.member(customer))

    # -- What follows

    def test_prices_and_mails_follow_as_for_any_who_fall(self):
        prices = self.env["product.pricelist"].create(
            {"name": "Gold", "company_id": False}
        )
        self.gold.pricelist_id = prices
        self.company_a.write({"email": "a@example.com", "loyalty_mail_fallen": True})
        customer = self.customer(email="buyer@example.com")
        self.buy(customer, 500)
        self.assess()
        error = self.buy(customer, 500)
        self.assess()
        theirs = customer.with_company(self.company_a)
        self.assertEqual(theirs.specific_property_product_pricelist, prices)
        error.unlink()
        self.assess()
        self.assertMember(customer, self.silver)
        self.assertFalse(theirs.specific_property_product_pricelist)
        mails = self.env["mail.mail"].search([])
        mails = mails.filtered(lambda mail: customer in mail.recipient_ids)
        self.assertEqual(len(mails), 1)

    def test_by_hand_for_a_few(self):
        customer, other = self.customers(2)
        errors = self.buy(customer, 1000) + self.buy(other, 1000)
        self.assess()
        errors.unlink()
        self.env["crm.loyalty.assessment"]._run_for(self.company_a, customer)
        self.assertFalse(self.member(customer))
        self.assertMember(other, self.gold)
        self.assess()
        self.assertFalse(self.member(other))


@tagged("post_install", "-at_install")
class TestLoyaltyTakenBackInvoices(AccountTestInvoicingCommon):
    """Invoices and orders, whose documents tell what became of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids += cls.env.ref("sales_team.group_sale_manager")
        cls.company_a = cls.company = cls.company_data["company"]
        cls.company.loyalty_grace_months = 2
        cls.product_a.invoice_policy = "order"
        cls.customer = cls.env["res.partner"].create({"name": "Buyer"})
        cls.env["crm.loyalty.tier"].search([]).active = False
        cls.silver, cls.gold, cls.platinum = LoyaltyCommon.make_tiers.__func__(
            cls,
            cls.company,
            ("Silver", 500, 400),
            ("Gold", 1000, 800),
            ("Platinum", 2000, 1600),
        )

    def invoice(self, amount, day, partner=None):
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": (partner or self.customer).id,
                "invoice_date": day,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": self.product_a.id,
                            "price_unit": amount,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
            }
        )
        invoice.action_post()
        return invoice

    def take_back(self, invoice, day, amount=None):
        back = invoice._reverse_moves([{"date": day, "invoice_date": day}])
        if amount:
            back.invoice_line_ids.price_unit = amount
        back.action_post()
        return back

    def assess(self, day):
        return self.env["crm.loyalty.membership"]._assess(self.company, as_of=day)

    def tier(self, partner=None):
        return (
            self.env["crm.loyalty.membership"]
            .search(
                [
                    ("partner_id", "=", (partner or self.customer).id),
                    ("company_id", "=", self.company.id),
                ]
            )
            .tier_id.name
        )

    def reasons(self):
        return (
            self.env["crm.loyalty.change"]
            .search([("partner_id", "=", self.customer.id)], order="id")
            .mapped("reason")
        )

    def test_returned_in_full_the_day_after(self):
        invoice = self.invoice(9000, "2025-01-10")
        self.assess("2025-01-10")
        self.assertEqual(self.tier(), "Platinum")
        self.take_back(invoice, "2025-01-11")
        self.assess("2025-01-11")
        self.assertFalse(self.tier())
        self.assertEqual(self.reasons(), ["earned", "taken_back"])

    def test_returned_in_parts_until_nothing_is_left(self):
        invoice = self.invoice(1000, "2025-01-10")
        self.assess("2025-01-10")
        self.take_back(invoice, "2025-01-20", 600)
        self.assess("2025-01-20")
        self.assess("2025-01-21")
        self.assertEqual(self.tier(), "Gold")
        self.take_back(invoice, "2025-03-01", 400)
        self.assess("2025-03-01")
        self.assertFalse(self.tier())

    def test_a_return_that_is_dated_back(self):
        invoice = self.invoice(1000, "2025-01-10")
        self.assess("2025-01-10")
        self.assess("2025-02-10")
        self.take_back(invoice, "2025-01-12")
        self.assess("2025-02-11")
        self.assertFalse(self.tier())

    def test_reversed_and_written_again(self):
        invoice = self.invoice(1000, "2025-01-10")
        self.assess("2025-01-10")
        self.take_back(invoice, "2025-01-11")
        self.invoice(1000, "2025-01-11")
        self.assess("2025-01-11")
        self.assertEqual(self.tier(), "Gold")
        self.assertEqual(self.reasons(), ["earned"])

    def test_cancelled_reset_or_deleted(self):
        for undo in ("cancel", "draft", "delete"):
            partner = self.env["res.partner"].create({"name": undo})
            invoice = self.invoice(1000, "2025-01-10", partner)
            self.assess("2025-01-10")
            self.assertEqual(self.tier(partner), "Gold")
            invoice.button_draft()
            if undo == "cancel":
                invoice.button_cancel()
            elif undo == "delete":
                invoice.with_context(force_delete=True).unlink()
            self.assess("2025-01-11")
            self.assertFalse(self.tier(partner), undo)

    def test_cancelled_and_returned_before_the_upgrade(self):
        other = self.env["res.partner"].create({"name": "Returned"})
        honest = self.env["res.partner"].create({"name": "Honest"})
        cancelled = self.invoice(1000, "2024-01-10")
        returned = self.invoice(1000, "2024-01-10", other)
        self.invoice(1000, "2024-01-10", honest)
        part = self.invoice(100, "2024-01-11", honest)
        self.assess("2024-01-10")
        cancelled.button_draft()
        cancelled.button_cancel()
        self.take_back(returned, "2024-01-12")
        self.take_back(part, "2024-01-12")
        # As it was until now: all of them keep their tiers.
        self.env["crm.loyalty.membership"].sudo().search(
            [("company_id", "=", self.company.id)]
        ).write({"qualifying_amount": 0, "as_of": False})
        self.company.loyalty_definition_changed = True
        self.assess("2024-06-01")
        self.assertFalse(self.tier())
        self.assertFalse(self.tier(other))
        self.assertEqual(self.tier(honest), "Gold")
        self.assertEqual(self.reasons(), ["earned", "definition_changed"])

    def test_kept_by_what_was_taken_back(self):
        self.invoice(1000, "2024-01-10")
        self.assess("2024-01-10")
        extra = self.invoice(900, "2024-08-01")
        self.assess("2024-08-01")
        self.assess("2025-03-01")
        self.take_back(extra, "2025-03-02")
        self.assess("2025-03-02")
        member = self.env["crm.loyalty.membership"].search(
            [("partner_id", "=", self.customer.id)]
        )
        # A year from 9 January 2025, the last day of the first purchase's year.
        self.assertEqual((member.tier_id, member.state), (self.gold, "active"))
        self.assertEqual(str(member.valid_until), "2026-01-09")

    def test_kept_for_years_by_what_was_taken_back(self):
        self.invoice(1000, "2022-01-10")
        self.assess("2022-01-10")
        extra = self.invoice(900, "2022-08-01")
        for day in ("2022-08-01", "2023-05-01", "2024-05-01"):
            self.assess(day)
        self.assertEqual(self.tier(), "Gold")
        self.take_back(extra, "2024-05-02")
        self.assess("2024-05-02")
        self.assertNotEqual(self.tier(), "Gold")
        self.assertEqual(self.reasons()[-1], "taken_back")

    def test_orders_that_are_cancelled(self):
        self.company.rfm_source = "sale"
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "order_line": [
                    Command.create(
                        {"product_id": self.product_a.id, "price_unit": 1000}
                    )
                ],
            }
        )
        order.action_confirm()
        today = order.date_order.date()
        self.assess(today)
        self.assertEqual(self.tier(), "Gold")
        order._action_cancel()
        self.assess(today + relativedelta(days=1))
        self.assertFalse(self.tier())
