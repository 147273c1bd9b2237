from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import freeze_time, tagged

from .common import FRIDAY, ConsentCommon


@tagged("post_install", "-at_install")
class TestContactHold(ConsentCommon):
    """Messages wait, and are skipped where that takes too long."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company_a.write(
            {
                "contact_limit": 1,
                "contact_wait_days": 3,
                "email": "shop@example.com",
            }
        )
        cls.template = cls.env["mail.template"].create(
            {
                "name": "Hello",
                "model_id": cls.env["ir.model"]._get_id("res.partner"),
                "subject": "Hello",
                "body_html": "<p>Hello</p>",
                "partner_to": "{{ object.id }}",
                "use_default_to": False,
            }
        )

    def setUp(self):
        super().setUp()
        holds = self.env.registry["crm.contact.hold"]

        def send(self, customers, template):
            mails = template.send_mail_batch(customers.ids)
            purpose = self.env.ref("crm_extended.purpose_loyalty")
            self.env["crm.contact.policy"]._sign_mails(mails, purpose)
            return customers

        self.startPatcher(
            patch.object(
                holds, "_senders", lambda self: {"test": lambda c, t: send(self, c, t)}
            )
        )

    def send(self, people=None):
        people = people or self.person
        return (
            self.env["crm.contact.hold"]
            .with_company(self.company_a)
            ._send_by_policy(
                people,
                self.loyalty,
                "email",
                "test",
                self.template,
                {person.id: person for person in people},
            )
        )

    def mails(self, person=None):
        return self.env["mail.mail"].search(
            [("recipient_ids", "in", (person or self.person).ids)]
        )

    def holds(self):
        return self.env["crm.contact.hold"].search(
            [("company_id", "=", self.company_a.id)]
        )

    def test_sent_at_once(self):
        self.assertEqual(self.send(), 1)
        self.assertEqual(len(self.mails()), 1)
        self.assertFalse(self.holds())
        touch = self.env["crm.contact.touch"].search(
            [("contact_id", "=", self.person.id)]
        )
        self.assertEqual(touch.purpose_id, self.loyalty)

    def test_waits_for_quiet_hours_to_end(self):
        self.company_a.write({"contact_quiet_from": 20, "contact_quiet_to": 8})
        with freeze_time(FRIDAY + timedelta(hours=9)):
            self.assertEqual(self.send(), 0)
            hold = self.holds()
            self.assertEqual((hold.state, hold.reason), ("waiting", "quiet"))
            self.assertEqual(
                hold.next_date, fields.Datetime.to_datetime("2026-11-28 07:00:00")
            )
            self.run_job()
            self.assertFalse(self.mails())
        with freeze_time("2026-11-28 07:00:00"):
            self.run_job()
            self.assertEqual(hold.state, "sent")
            self.assertEqual(len(self.mails()), 1)
            self.run_job()
        self.assertEqual(len(self.mails()), 1)

    def run_job(self):
        with self.no_commits():
            self.env["crm.contact.hold"]._cron_send()

    def test_waits_for_the_limit_and_is_skipped_after_so_many_days(self):
        self.touch(ago=timedelta(days=5))
        self.send()
        hold = self.holds()
        self.assertEqual((hold.state, hold.reason), ("waiting", "limit"))
        other = self.customer("Bob", email="bob@example.com")
        self.touch(other, ago=timedelta(days=1))
        self.send(other)
        skipped = self.holds() - hold
        self.assertEqual((skipped.state, skipped.reason), ("skipped", "limit"))
        self.assertFalse(self.mails(other))
        # Another touch comes in between: it would have to wait for too long.
        self.touch()
        with freeze_time(hold.next_date):
            self.run_job()
        self.assertEqual((hold.state, hold.reason), ("skipped", "limit"))
        self.assertFalse(self.mails())

    def test_not_long_after_it_should_have_been_sent(self):
        """The job did not run for weeks."""
        other = self.customer("Bob", email="bob@example.com")
        for person in self.person + other:
            self.touch(person, ago=timedelta(days=5))
            self.send(person)
        hold, other_hold = self.holds().sorted("id")
        touches = self.env["crm.contact.touch"].search_count([])
        with freeze_time(hold.skip_date + timedelta(days=1)):
            hold._ask_again()
        self.assertEqual(hold.state, "sent")
        with freeze_time(other_hold.skip_date + timedelta(days=1, seconds=1)):
            self.run_job()
        self.assertEqual((other_hold.state, other_hold.reason), ("skipped", "late"))
        self.assertFalse(self.mails(other))
        self.assertEqual(self.env["crm.contact.touch"].search_count([]), touches + 1)

    def test_a_colleague_is_written_to_when_days_allow_it(self):
        """The limit ends on a day without contacts: it is skipped, or waits longer."""
        self.company_a.contact_weekdays = "0,1,2,3,4"
        self.env["crm.contact.quiet.day"].create(
            {
                "name": "Closed",
                "date": (FRIDAY + timedelta(days=7)).date(),
                "company_id": self.company_a.id,
            }
        )
        firm = self.customer("Firm", is_company=True, country_id=self.berlin.id)
        for days, expected in ((7, "skipped"), (10, "waiting")):
            people = self.env["res.partner"].create(
                [
                    {
                        "name": name,
                        "parent_id": firm.copy().id,
                        "email": f"{name}@example.com",
                        "country_id": self.berlin.id,
                    }
                    for name in ("one", "two")
                ]
            )
            people[1].parent_id = people[0].parent_id
            self.company_a.contact_wait_days = days
            with self.subTest(days=days), freeze_time(FRIDAY):
                self.assertEqual(self.send(people), 1)
                hold = self.holds().sorted("id")[-1:]
                self.assertEqual(hold.partner_id, people[1])
                self.assertEqual((hold.state, hold.reason), (expected, "limit"))
        self.assertEqual(
            # Monday in Berlin.
            hold.next_date,
            fields.Datetime.to_datetime("2026-12-06 23:00:00"),
        )

    def test_what_is_left_out_touches_no_one(self):
        other = self.customer("Bob", email="bob@example.com")
        holds = self.env.registry["crm.contact.hold"]
        self.startPatcher(
            patch.object(
                holds,
                "_senders",
                lambda self: {"test": lambda customers, _t: customers[:1]},
            )
        )
        self.assertEqual(self.send(self.person + other), 1)
        touches = self.env["crm.contact.touch"].search(
            [("contact_id", "in", (self.person + other).ids)]
        )
        self.assertEqual(touches.contact_id, self.person)

    def test_refused_meanwhile(self):
        self.touch(ago=timedelta(days=5))
        self.send()
        hold = self.holds()
        self.answer("refused", purpose=self.loyalty)
        with freeze_time(hold.next_date + timedelta(minutes=1)):
            self.run_job()
        self.assertEqual((hold.state, hold.reason), ("skipped", "refused"))

    def test_a_newer_message_replaces_one_that_waits(self):
        self.touch(ago=timedelta(days=5))
        self.send()
        first = self.holds()
        self.send()
        self.assertEqual((first.state, first.reason), ("skipped", "gone"))
        self.assertEqual(len(self.holds()), 2)

    def test_switched_off_they_are_sent(self):
        self.touch(ago=timedelta(days=5))
        self.send()
        self.env["crm.feature"]._switch(plans=False, consent=False)
        self.run_job()
        self.assertEqual(self.holds().state, "sent")
        self.assertEqual(len(self.mails()), 1)

    def test_one_that_fails_keeps_no_other_back(self):
        other = self.customer("Bob", email="bob@example.com")
        for person in self.person + other:
            self.touch(person, ago=timedelta(days=5))
        self.send(self.person + other)
        holds = self.holds()
        self.template.body_html = (
            "<p t-out=\"{'Ada': 1}.get(object.name, 0) / (object.name == 'Ada')\"/>"
        )
        with (
            freeze_time(max(holds.mapped("next_date"))),
            self.assertLogs("odoo.addons.crm_extended", "WARNING"),
        ):
            self.run_job()
        states = {hold.partner_id: (hold.state, hold.reason) for hold in holds}
        self.assertEqual(
            states, {self.person: ("sent", False), other: ("skipped", "failed")}
        )
        # It touched no one.
        touches = self.env["crm.contact.touch"].search([("contact_id", "=", other.id)])
        self.assertEqual(len(touches), 1)

    def test_links_and_headers(self):
        self.person.lang = "en_US"
        self.send()
        mail = self.mails()
        self.assertIn("/contact/preferences/", mail.body_html)
        self.assertIn("List-Unsubscribe=One-Click", mail.headers)
        self.assertIn(
            f"/contact/unsubscribe/{self.person.id}/{self.company_a.id}/", mail.headers
        )
        self.assertIn(f"purpose={self.loyalty.id}", mail.headers)


@tagged("post_install", "-at_install")
class TestSendersByPolicy(ConsentCommon):
    """Mails about tiers go through the policy."""

    def test_mails_about_tiers(self):
        self.company_a.write({"loyalty_mail_risen": True, "email": "a@example.com"})
        self.env["crm.loyalty.tier"].create(
            {"name": "Gold", "company_id": self.company_a.id, "rise_amount": 100}
        )
        refusing = self.customer("Eve", email="eve@example.com")
        limited = self.customer("Bob", email="bob@example.com")
        self.answer("refused", refusing, purpose=self.loyalty)
        self.company_a.contact_limit = 1
        self.touch(limited, ago=timedelta(days=6))
        for person in self.person + refusing + limited:
            self.buy(person, 500)
        self.env["crm.loyalty.membership"]._assess(self.company_a)
        mails = self.env["mail.mail"].search(
            [("recipient_ids", "in", (self.person + refusing + limited).ids)]
        )
        self.assertEqual(mails.recipient_ids, self.person)
        self.assertIn("List-Unsubscribe", mails.headers)
        holds = self.env["crm.contact.hold"].search(
            [("company_id", "=", self.company_a.id)]
        )
        self.assertEqual(
            {hold.partner_id: (hold.state, hold.reason) for hold in holds},
            {refusing: ("skipped", "refused"), limited: ("waiting", "limit")},
        )
        # What it would say is no longer true once the tier has changed again.
        self.env["crm.loyalty.change"].create(
            {
                "partner_id": limited.id,
                "company_id": self.company_a.id,
                "date": self.today,
                "reason": "by_hand",
                "old_tier_id": self.env["crm.loyalty.tier"]
                .search([("company_id", "=", self.company_a.id)], limit=1)
                .id,
            }
        )
        hold = holds.filtered(lambda each: each.partner_id == limited)
        touches = self.env["crm.contact.touch"].search_count([])
        with (
            freeze_time(hold.next_date + timedelta(minutes=1)),
            self.no_commits(),
        ):
            self.env["crm.contact.hold"]._cron_send()
        self.assertEqual((hold.state, hold.reason), ("skipped", "gone"))
        self.assertFalse(
            self.env["mail.mail"].search([("recipient_ids", "in", limited.ids)])
        )
        self.assertEqual(self.env["crm.contact.touch"].search_count([]), touches)

    def test_a_mail_about_a_tier_that_fails_touches_no_one(self):
        """At once, and after it has waited; for each company by itself."""
        self.company_a.write({"loyalty_mail_risen": True, "email": "a@example.com"})
        self.env["crm.loyalty.tier"].create(
            {"name": "Gold", "company_id": self.company_a.id, "rise_amount": 100}
        )
        template = self.env.ref("crm_extended.mail_template_loyalty_risen")
        template.subject = "{{ 1 // ('Odd' not in object.name) }}"
        odd = self.customer("Odd", email="odd@example.com")
        late, late_odd = self.customers(2, email="late@example.com")
        late_odd.name = "Odd and Late"
        people = self.person + odd + late + late_odd
        self.company_a.contact_limit = 1
        for person in people:
            self.buy(person, 500)
        for person in late + late_odd:
            self.touch(person, ago=timedelta(days=6))
        # That of another company is not forgotten.
        self.touch(
            odd, company_id=self.company_b.id, res_model=odd._name, res_id=odd.id
        )
        before = self.touches(people)
        with self.assertLogs("odoo.addons.crm_extended", "WARNING"):
            self.env["crm.loyalty.membership"]._assess(self.company_a)
        self.assertEqual((self.touches(people) - before).contact_id, self.person)
        holds = self.env["crm.contact.hold"].search(
            [("company_id", "=", self.company_a.id)]
        )
        self.assertEqual(
            {hold.partner_id: (hold.state, hold.reason) for hold in holds},
            {
                odd: ("skipped", "failed"),
                late: ("waiting", "limit"),
                late_odd: ("waiting", "limit"),
            },
        )
        with (
            freeze_time(max(hold.next_date for hold in holds if hold.next_date)),
            self.no_commits(),
            self.assertLogs("odoo.addons.crm_extended", "WARNING"),
        ):
            self.env["crm.contact.hold"]._cron_send()
        self.assertEqual(
            {hold.partner_id: (hold.state, hold.reason) for hold in holds},
            {
                odd: ("skipped", "failed"),
                late: ("sent", False),
                late_odd: ("skipped", "failed"),
            },
        )
        self.assertEqual((self.touches(people) - before).contact_id, self.person + late)
        self.assertEqual(
            self.env["mail.mail"]
            .search([("recipient_ids", "in", people.ids)])
            .recipient_ids,
            self.person + late,
        )

    def touches(self, people):
        return self.env["crm.contact.touch"].search(
            [("contact_id", "in", people.ids)], order="id"
        )
