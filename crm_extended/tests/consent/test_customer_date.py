from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import ConsentCommon


@tagged("post_install", "-at_install")
class TestCustomerDate(ConsentCommon):
    """Birthdays and other days of people."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.birthday = cls.env.ref("crm_extended.date_kind_birthday")
        cls.secret = cls.env["crm.customer.date.kind"].create(
            {"name": "Operation", "is_sensitive": True, "company_id": False}
        )

    def day(self, kind=None, **values):
        return self.env["crm.customer.date"].create(
            {
                "partner_id": self.person.id,
                "company_id": self.company_a.id,
                "kind_id": (kind or self.birthday).id,
                "date": "1990-02-28",
                **values,
            }
        )

    def test_yearly_as_the_kind_says(self):
        self.assertTrue(self.day().yearly)
        end = self.env.ref("crm_extended.date_kind_contract_end")
        self.assertFalse(self.day(end).yearly)

    def test_sensitive_ones_are_for_managers(self):
        plain, secret = self.day(), self.day(self.secret, date="2001-05-06")
        care_manager = new_test_user(
            self.env,
            "crm_extended_dates_manager",
            groups="crm_extended.group_care_manager",
            company_id=self.company_a.id,
            company_ids=[Command.set(self.company_a.ids)],
        )
        for user in (self.manager, care_manager):
            days = self.as_user(user, "crm.customer.date")
            self.assertEqual(days.search([]).ids, (plain + secret).ids)
        days = self.as_user(self.salesman, "crm.customer.date")
        self.assertEqual(days.search([]).ids, plain.ids)
        with self.assertRaises(AccessError):
            days.browse(secret.id).read(["date"])
        # The new record is checked after a change as well.
        with self.assertRaises(AccessError):
            days.browse(plain.id).kind_id = self.secret.id
        with self.assertRaises(AccessError):
            days.create(
                {
                    "partner_id": self.person.id,
                    "kind_id": self.secret.id,
                    "date": "2000-01-01",
                }
            )

    def test_who_may_not_see_the_person_sees_no_day(self):
        self.day(partner_id=self.customer("B", company_id=self.company_a.id).id)
        foreign = self.as_user(self.salesman_b, "crm.customer.date")
        self.assertFalse(foreign.search([]))

    def test_a_kind_that_becomes_sensitive(self):
        day = self.day()
        days = self.as_user(self.salesman, "crm.customer.date")
        self.assertEqual(days.search([]).ids, day.ids)
        self.birthday.is_sensitive = True
        self.assertFalse(days.search([]))

    def test_hidden_dates_cannot_be_guessed(self):
        self.day(self.secret)
        for day in ("1990-02-28", "1991-02-28"):
            with self.assertRaises(AccessError):
                self.as_user(self.salesman, "crm.customer.date").create(
                    {
                        "partner_id": self.person.id,
                        "company_id": self.company_a.id,
                        "kind_id": self.secret.id,
                        "date": day,
                    }
                )
