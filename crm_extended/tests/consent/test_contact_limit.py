from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ...models.consent.crm_contact_policy import WINDOW
from .common import FRIDAY, ConsentCommon


@tagged("post_install", "-at_install")
class TestContactLimit(ConsentCommon):
    """At most so many touches in any seven days."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company_a.contact_limit = 2

    def test_in_any_seven_times_24_hours(self):
        self.answer("given")
        first = self.touch(moment=FRIDAY, ago=timedelta(days=6))
        self.assertAllowed(self.ask(moment=FRIDAY))
        self.touch(moment=FRIDAY, ago=timedelta(days=1))
        again = first.date + WINDOW
        self.assertLater(self.ask(moment=FRIDAY), again, "limit")
        self.assertLater(self.ask(moment=again - timedelta(seconds=1)), again, "limit")
        self.assertAllowed(self.ask(moment=again))

    def test_the_customer_as_a_whole(self):
        firm = self.customer("Firm", is_company=True)
        one, two = self.env["res.partner"].create(
            [
                {"name": name, "parent_id": firm.id, "email": f"{name}@example.com"}
                for name in ("one", "two")
            ]
        )
        self.touch(one)
        self.touch(two)
        self.assertEqual(self.ask(self.loyalty, person=one)["reason"], "limit")

    def test_what_does_not_count(self):
        self.answer("given")
        self.touch(purpose_id=self.service.id)
        self.touch(channel="letter")
        self.touch(company_id=self.company_b.id)
        self.touch(ago=WINDOW)
        self.touch(self.customer())
        self.assertAllowed(self.ask())
        # Channels that do not count are not limited either.
        self.touch()
        self.touch()
        self.assertEqual(self.ask()["reason"], "limit")
        self.person.city = "Berlin"
        self.assertAllowed(self.ask(channel="letter"))
        self.company_a.contact_limit_channels = "email,letter"
        self.assertEqual(self.ask(channel="letter")["reason"], "limit")

    def test_the_end_of_the_limit_in_quiet_hours(self):
        """The first moment at which nothing stands against it."""
        self.answer("given")
        self.company_a.write({"contact_quiet_from": 20, "contact_quiet_to": 8})
        for _number in range(2):
            self.touch(moment=FRIDAY, ago=timedelta(days=6, hours=14))  # 23:00
        self.assertLater(
            self.ask(moment=FRIDAY),
            fields.Datetime.to_datetime("2026-11-28 07:00:00"),
            "limit",
        )

    def test_no_limit(self):
        self.answer("given")
        for _number in range(5):
            self.touch()
        self.company_a.contact_limit = 0
        self.assertAllowed(self.ask())

    def test_what_is_claimed_is_recorded(self):
        firm = self.customer("Firm", is_company=True)
        people = self.env["res.partner"].create(
            [
                {"name": f"p{n}", "parent_id": firm.id, "email": f"p{n}@example.com"}
                for n in range(3)
            ]
        )
        answers = self.policy._claim(
            people, self.loyalty, "email", {people[0].id: people[0]}
        )
        allowed = [answers[person.id]["allowed"] for person in people]
        self.assertEqual(allowed, [True, True, False])
        self.assertEqual(answers[people[2].id]["reason"], "limit")
        touches = self.env["crm.contact.touch"].search([("partner_id", "=", firm.id)])
        self.assertEqual(touches.contact_id, people[:2])
        first = touches.filtered(lambda touch: touch.contact_id == people[0])
        self.assertEqual(
            (first.res_model, first.res_id, first.purpose_id, first.channel),
            ("res.partner", people[0].id, self.loyalty, "email"),
        )
        # Service messages are recorded, and count for nothing.
        self.policy._claim(people, self.service, "email")
        self.assertEqual(self.ask(self.loyalty, person=people[0])["reason"], "limit")
        self.assertEqual(
            len(self.env["crm.contact.touch"].search([("partner_id", "=", firm.id)])),
            5,
        )
