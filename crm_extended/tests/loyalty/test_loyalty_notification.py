from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo.tests import tagged
from odoo.tools import mute_logger

from ...models.loyalty import crm_loyalty_notification
from .common import LoyaltyCommon

TELLING = "odoo.addons.crm_extended.models.loyalty.crm_loyalty_notification"
SENDING = "odoo.addons.crm_extended.models.consent.crm_contact_hold"


@tagged("post_install", "-at_install")
class TestLoyaltyTelling(LoyaltyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company_a.write(
            {
                "email": "club@example.com",
                "loyalty_mail_risen": True,
                "loyalty_mail_grace": True,
                "loyalty_mail_fallen": True,
            }
        )
        cls.buyer = cls.customer("Buyer", email="buyer@example.com")

    def mails(self, *partners):
        mails = self.env["mail.mail"].sudo().search([], order="id")
        return mails.filtered(lambda mail: set(mail.recipient_ids) & set(partners))

    def subjects(self, partner=None):
        return self.mails(partner or self.buyer).mapped("subject")

    def activities(self, partner=None):
        return (partner or self.buyer).activity_ids

    def marks(self):
        marked = [
            ("notification_pending", "=", True),
            ("company_id", "=", self.company_a.id),
        ]
        return self.env["crm.loyalty.change"].search_count(marked) + self.env[
            "crm.loyalty.membership"
        ].search_count(marked)

    def member_since(self, partner, months, amount=500, **values):
        """Buy so many months ago, and be assessed on that day."""
        day = self.today - relativedelta(months=months)
        self.bought(partner, amount, day, **values)
        self.assess(day)

    def in_grace(self, *partners):
        for partner in partners:
            self.member_since(partner, 25)
        self.assess()

    # -- Customers

    def test_nothing_is_told_unless_wanted(self):
        self.company_a.write(
            {
                "loyalty_mail_risen": False,
                "loyalty_mail_grace": False,
                "loyalty_mail_fallen": False,
            }
        )
        fallen, in_grace = self.customers(2, email="x@example.com")
        self.member_since(fallen, 30)
        self.buy(self.buyer, 500)
        self.in_grace(in_grace)
        self.assertMember(in_grace, self.silver, "grace")
        self.assertFalse(self.member(fallen))
        self.assertFalse(self.mails(fallen, in_grace, self.buyer))
        self.assertFalse(self.marks())
        # What was not told then is not told later.
        self.company_a.loyalty_mail_risen = True
        self.assess()
        self.assertFalse(self.mails(self.buyer))

    def test_risen(self):
        self.silver.benefit_ids = self.env["crm.loyalty.benefit"].create(
            {"name": "Free delivery", "description": "On all orders"}
        )
        self.buy(self.buyer, 600)
        self.assess()
        [mail] = self.mails(self.buyer)
        self.assertEqual(mail.state, "outgoing")
        self.assertEqual(mail.subject, "Value A: you have reached Silver")
        self.assertEqual(mail.recipient_ids, self.buyer)
        self.assertIn("club@example.com", mail.email_from)
        for words in ("Silver", "Free delivery", "On all orders", "Gold", "400.00"):
            self.assertIn(words, mail.body_html)
        self.assertNotIn("/my/tier", mail.body_html)
        self.assertIn(mail.mail_message_id, self.buyer.message_ids)
        self.assess()
        self.assertEqual(len(self.mails(self.buyer)), 1)

    def test_the_portal_is_named_where_it_shows_tiers(self):
        self.company_a.loyalty_portal = True
        self.buy(self.buyer, 600)
        self.assess()
        self.assertIn("/my/tier", self.mails(self.buyer).body_html)

    def test_about_to_fall(self):
        self.in_grace(self.buyer)
        member = self.member(self.buyer)
        [mail] = self.mails(self.buyer)
        self.assertEqual(mail.subject, "Value A: keep your tier Silver")
        self.assertIn("400.00", mail.body_html)
        for day in (member.valid_until, member.falls_after):
            self.assertIn(day.strftime("%m/%d/%Y"), mail.body_html)
        self.assess()
        self.assertEqual(len(self.mails(self.buyer)), 1)

    def test_about_to_fall_is_not_said_again_after_looking_back(self):
        self.in_grace(self.buyer)
        self.assess(self.today - relativedelta(months=10))
        self.assertMember(self.buyer, self.silver)
        self.assess()
        self.assertMember(self.buyer, self.silver, "grace")
        self.assertEqual(len(self.mails(self.buyer)), 1)

    def test_what_is_dated_tomorrow_waits_for_tomorrow(self):
        self.bought(self.buyer, 500, self.today)
        tomorrow = self.today + timedelta(days=1)
        notifications = self.env["crm.loyalty.notification"]
        self.assess()
        self.assertEqual(self.subjects(), ["Value A: you have reached Silver"])
        change = self.env["crm.loyalty.change"].search(
            [("partner_id", "=", self.buyer.id)]
        )
        change.write({"date": tomorrow, "notification_pending": True})
        notifications._send_notifications(self.company_a, 10)
        self.assertEqual((len(self.mails(self.buyer)), self.marks()), (1, 1))
        change.date = self.today
        notifications._send_notifications(self.company_a, 10)
        self.assertEqual((len(self.mails(self.buyer)), self.marks()), (2, 0))

    def test_fallen(self):
        self.member_since(self.buyer, 30, 1000)
        self.assess()
        self.assertMember(self.buyer, self.silver)
        [mail] = self.mails(self.buyer)
        self.assertEqual(mail.subject, "Value A: your tier has changed")
        for words in ("Gold", "Silver", "1,000.00"):
            self.assertIn(words, mail.body_html)

    def test_off_the_ladder(self):
        self.member_since(self.buyer, 30)
        self.assess()
        self.assertFalse(self.member(self.buyer))
        [mail] = self.mails(self.buyer)
        self.assertIn("Silver", mail.body_html)
        self.assertNotIn("You now have", mail.body_html)

    def test_each_mail_has_its_own_setting(self):
        self.company_a.write({"loyalty_mail_risen": False, "loyalty_mail_grace": False})
        risen, fallen = self.customers(2, email="x@example.com")
        self.buy(risen, 500)
        self.member_since(fallen, 30)
        self.in_grace(self.buyer)
        self.assertFalse(self.mails(risen, self.buyer))
        self.assertEqual(len(self.mails(fallen)), 1)
        self.assertFalse(self.marks())

    def test_in_the_customers_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.silver.with_context(lang="fr_FR").name = "Argent"
        self.buyer.lang = "fr_FR"
        english = self.customer("English", email="e@example.com", lang="en_US")
        template = self.env.ref("crm_extended.mail_template_loyalty_risen")
        template.with_context(
            lang="fr_FR"
        ).subject = "Niveau {{ object.loyalty_tier_id.name }}"
        self.buy(self.buyer, 500)
        self.buy(english, 500)
        self.assess()
        self.assertEqual(self.subjects(), ["Niveau Argent"])
        self.assertIn("500,00", self.mails(self.buyer).body_html)
        self.assertEqual(self.subjects(english), ["Value A: you have reached Silver"])

    def test_of_each_company_in_its_currency(self):
        [plain] = self.make_tiers(self.company_b, ("Plain", 10, 10), ("Fine", 99, 99))[
            :1
        ]
        self.buy(self.buyer, 500)
        self.buy(self.buyer, 20, company=self.company_b)
        self.assess(company=self.company_a + self.company_b)
        self.assertEqual(len(self.mails(self.buyer)), 1)
        self.company_b.loyalty_mail_risen = True
        self.buy(self.buyer, 79, company=self.company_b)
        self.assess(company=self.company_b)
        self.assertEqual(self.subjects()[1:], ["Value B: you have reached Fine"])
        self.assertIn("€", self.mails(self.buyer)[0].body_html)
        self.assertNotIn(plain.name, self.mails(self.buyer)[1].body_html)

    def test_not_to_whom_it_must_not_be_sent(self):
        self.env["mail.blacklist"].create({"email": "blocked@example.com"})
        mute, blocked, gone, odd = self.env["res.partner"].create(
            [
                {"name": "Mute"},
                {"name": "Blocked", "email": "Blocked <BLOCKED@example.com>"},
                {"name": "Gone", "email": "gone@example.com", "active": False},
                {"name": "Odd", "email": "no address"},
            ]
        )
        for partner in (mute, blocked, gone, odd):
            self.buy(partner, 500)
        self.in_grace(mute, blocked)
        self.assertFalse(self.mails(mute, blocked, gone, odd))
        self.assertFalse(self.marks())
        self.assertMember(blocked, self.silver)

    def test_not_of_the_past(self):
        self.member_since(self.buyer, 1)
        self.assertFalse(self.mails(self.buyer))
        self.assertFalse(self.marks())

    def test_not_of_tomorrow(self):
        self.buy(self.buyer, 500)
        self.assess(self.today + relativedelta(days=1))
        self.assertFalse(self.mails(self.buyer))

    def test_grace_of_another_day_is_told_when_it_is_that_of_today(self):
        self.member_since(self.buyer, 25)
        self.assess(self.today - relativedelta(days=1))
        self.assertMember(self.buyer, self.silver, "grace")
        self.assertFalse(self.mails(self.buyer))
        self.assess()
        self.assertEqual(self.subjects(), ["Value A: keep your tier Silver"])

    def test_not_of_a_ladder_that_changed(self):
        self.member_since(self.buyer, 1, 1000)
        self.gold.active = False
        self.assess()
        self.assertMember(self.buyer, self.silver)
        self.assertFalse(self.mails(self.buyer))

    def test_only_of_the_last_change(self):
        self.patch(
            type(self.env["crm.loyalty.assessment"]),
            "_process_or_schedule_effects",
            lambda run: None,
        )
        self.buy(self.buyer, 500)
        self.assess()
        self.buy(self.buyer, 500)
        self.assess()
        self.env["crm.loyalty.notification"]._send_notifications(self.company_a, 10)
        self.assertEqual(self.subjects(), ["Value A: you have reached Gold"])
        self.assertFalse(self.marks())

    def test_a_lock_that_ended(self):
        self.buy(self.buyer, 500)
        self.assess()
        self.member(self.buyer).write(
            {
                "tier_id": self.gold.id,
                "state": "locked",
                "lock_until": self.today - relativedelta(days=1),
            }
        )
        self.assess()
        self.assertMember(self.buyer, self.silver)
        self.assertEqual(self.subjects()[1:], ["Value A: your tier has changed"])

    def test_names_are_no_html(self):
        self.buyer.name = "<script>alert(1)</script>"
        self.silver.name = "<b>Silver</b>"
        self.buy(self.buyer, 500)
        self.assess()
        body = self.mails(self.buyer).body_html
        self.assertNotIn("<script>", body)
        self.assertNotIn("<b>Silver</b>", body)
        self.assertIn("&lt;b&gt;Silver", body)

    def test_in_parts_and_none_twice(self):
        self.patch(
            type(self.env["crm.loyalty.assessment"]),
            "_process_or_schedule_effects",
            lambda run: run._process_effects(run.company_id, 2),
        )
        customers = self.customers(5, email="x@example.com")
        mute = self.customers(3)
        for partner in customers + mute:
            self.buy(partner, 500)
        self.assess()
        self.assertEqual(len(self.mails(*customers)), 2)
        with self.enter_registry_test_mode():
            self.env.ref("crm_extended.ir_cron_loyalty_follow").method_direct_trigger()
        self.env.invalidate_all()
        mails = self.mails(*customers)
        self.assertEqual(len(mails), 5)
        self.assertEqual(mails.recipient_ids, customers)
        self.assertFalse(self.marks())

    def test_many_of_whom_none_can_be_told_before_one_who_can(self):
        self.patch(crm_loyalty_notification, "CHUNK", 2)
        for partner in (*self.customers(5), self.buyer, *self.customers(3)):
            self.buy(partner, 500)
        self.assess()
        self.assertEqual(len(self.mails(self.buyer)), 1)
        self.env["crm.loyalty.notification"]._send_notifications(self.company_a, 10)
        self.assertFalse(self.marks())

    # -- Templates

    def test_a_broken_template_waits_and_the_assessment_stands(self):
        template = self.env.ref("crm_extended.mail_template_loyalty_risen")
        good = template.subject
        self.env.cr.execute(
            "UPDATE mail_template SET subject = "
            """'{"en_US": "{{ object.no_such_field }}"}' WHERE id = %s""",
            [template.id],
        )
        template.invalidate_recordset()
        self.buy(self.buyer, 500)
        with self.assertLogs(TELLING, "ERROR"), mute_logger("odoo.addons.mail"):
            self.assess()
        self.assertMember(self.buyer, self.silver)
        self.assertEqual(self.marks(), 1)
        template.subject = good
        self.assess()
        self.assertEqual(len(self.mails(self.buyer)), 1)

    def test_one_mail_that_fails_keeps_no_other_back(self):
        template = self.env.ref("crm_extended.mail_template_loyalty_risen")
        other, odd = self.customers(2, email="x@example.com")
        odd.name = "Odd"
        template.subject = "{{ 1 // (object.name != 'Odd') }}"
        for partner in (odd, other):
            self.buy(partner, 500)
        with self.assertLogs(SENDING, "WARNING"), mute_logger("odoo.addons.mail"):
            self.assess()
        self.assertEqual(len(self.mails(other)), 1)
        self.assertFalse(self.mails(odd))
        self.assertFalse(self.marks())

    def test_a_deleted_template_sends_nothing(self):
        self.env.ref("crm_extended.mail_template_loyalty_risen").unlink()
        self.buy(self.buyer, 500)
        self.assess()
        self.assertFalse(self.mails(self.buyer))
        self.assertFalse(self.marks())

    # -- Salespeople

    def test_the_salesperson_is_told_who_is_about_to_fall(self):
        self.company_a.loyalty_mail_grace = False
        nobodys = self.customer("Nobody's", email="n@example.com")
        self.buyer.user_id = self.salesman
        self.in_grace(self.buyer, nobodys)
        [activity] = self.activities()
        self.assertEqual(activity.user_id, self.salesman)
        falls_after = self.member(self.buyer).falls_after
        self.assertIn("About to lose Silver", activity.summary)
        day = f"{falls_after:%b} {falls_after.day}, {falls_after.year}"
        self.assertIn(day, activity.summary)
        self.assertIn("400.00", activity.summary)
        self.assertLessEqual(activity.date_deadline, falls_after)
        self.assertFalse(self.activities(nobodys))
        self.assertFalse(self.mails(self.buyer, nobodys))
        self.assertFalse(self.marks())

    def test_customer_and_salesperson(self):
        self.buyer.user_id = self.salesman
        self.in_grace(self.buyer)
        self.assertEqual(len(self.activities()), 1)
        self.assertEqual(len(self.mails(self.buyer)), 1)

    def test_no_activity_twice(self):
        self.buyer.user_id = self.salesman
        self.in_grace(self.buyer)
        self.assess()
        self.member(self.buyer).notification_pending = True
        self.assess()
        self.assertEqual(len(self.activities()), 1)

    def test_the_salesperson_must_be_able_to_act(self):
        former = self.new_user("former", "sales_team.group_sale_salesman")
        others = self.customers(3)
        for partner, user in zip(
            others, (former, self.salesman_b, self.portal), strict=True
        ):
            partner.user_id = user
        former.active = False
        self.in_grace(*others)
        self.assertFalse(others.activity_ids)
        self.assertFalse(self.marks())

    def test_in_the_salespersons_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.silver.with_context(lang="fr_FR").name = "Argent"
        self.salesman.lang = "fr_FR"
        self.buyer.user_id = self.salesman
        self.in_grace(self.buyer)
        self.assertIn("Argent", self.activities().summary)
        self.assertIn("400,00", self.activities().summary)

    # -- Cost

    def test_where_nothing_is_told_it_costs_the_same_for_many(self):
        self.company_a.loyalty_mail_risen = False

        def count(number):
            for customer in self.customers(number, email="x@example.com"):
                self.buy(customer, 500)
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.assess()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        count(1)
        self.assertEqual(count(3), count(60))
