"""Whose address it is: of one contact, of several, or of a portal user who says so."""

from odoo.exceptions import AccessError

from .care_sender_common import CareSenderCommon


class TestAddresses(CareSenderCommon):
    def profile(self, login, email, **values):
        """A portal user with an address that they have entered themselves."""
        user = self.new_user(login, "base.group_portal")
        partner = user.partner_id
        partner.with_user(user).sudo().write({"email": email, **values})
        return partner

    def test_a_profile_with_the_address_of_somebody(self):
        thief = self.profile("thief", "victim@example.com")
        case = self.receive("Victim <victim@example.com>")
        self.assertFalse(case.partner_id)
        self.assertEqual(case.missing_customer_reason, "unverified")
        self.assertNotIn(thief, case.message_partner_ids)
        self.assertNotIn(thief, case.message_ids.author_id)
        self.assertNotEqual(case.create_uid, thief.user_ids)
        self.assertFalse(case.with_user(thief.user_ids).has_access("read"))
        victim = self.customer("Victim", email="victim@example.com")
        self.assertEqual(case.partner_id, victim, "a colleague has entered them")
        again = self.receive("victim@example.com")
        self.assertEqual(again.partner_id, victim, "and that was remembered")

    def test_an_invited_portal_user(self):
        user = self.portal
        user.login = user.partner_id.email = "invited@example.com"
        self.assertEqual(
            self.receive("invited@example.com").partner_id, user.partner_id
        )
        user.partner_id.with_user(user).sudo().email = "asker@example.com"
        case = self.receive("asker@example.com")
        self.assertFalse(case.partner_id)
        self.assertEqual(case.missing_customer_reason, "several")

    def test_one_who_signed_up_alone(self):
        public = self.env.ref("base.public_user")
        user = self.new_user("signed", "base.group_portal")
        user.login = user.partner_id.email = "signed@example.com"
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_users SET create_uid = %s WHERE id = %s", (public.id, user.id)
        )
        user.invalidate_recordset()
        self.assertFalse(self.receive("signed@example.com").partner_id)

    def test_an_address_book(self):
        user = self.new_user("book", "base.group_portal")
        entry = self.env["res.partner"].with_user(user).sudo()
        entry.create(
            {
                "name": "Delivery",
                "type": "delivery",
                "parent_id": user.partner_id.id,
                "email": "victim@example.com",
            }
        )
        self.assertFalse(self.receive("victim@example.com").partner_id)

    def test_several_contacts(self):
        twin = self.customer("Twin", email="asker@example.com")
        case = self.receive("asker@example.com")
        self.assertFalse(case.partner_id)
        self.assertFalse(case.message_ids.author_id)
        action = case.with_user(self.agent).action_link_customer()
        self.assertEqual(action["domain"], [("id", "in", (self.asker + twin).ids)])
        chosen = self.env["res.partner"].with_user(self.agent).browse(twin.id)
        chosen.with_context(**action["context"]).action_care_link()
        self.assertEqual(case.partner_id, twin)
        self.assertEqual(case.message_ids[-1].author_id, twin)
        self.assertEqual(self.receive("asker@example.com").partner_id, twin)
        case.with_user(self.agent).partner_id = self.asker
        outsider = chosen.with_user(self.employee).with_context(**action["context"])
        with self.assertRaises(AccessError):
            outsider.action_care_link()

    def test_a_customer_of_another_company_does_not_count(self):
        self.customer(
            "Foreign", email="asker@example.com", company_id=self.company_b.id
        )
        self.assertEqual(self.receive("asker@example.com").partner_id, self.asker)

    def test_a_choice_on_the_form_is_remembered(self):
        twin = self.customer("Twin", email="asker@example.com")
        case = self.receive("asker@example.com")
        case.with_user(self.agent).partner_id = twin
        self.assertEqual(self.receive("asker@example.com").partner_id, twin)

    def test_colleagues_who_are_customers(self):
        self.employee.email = "employee@our.example"
        case = self.receive("employee@our.example")
        self.assertEqual(case.partner_id, self.employee.partner_id)

    def test_whom_a_colleague_enters_where_others_have_the_address(self):
        case = self.receive("new@example.org")
        other = self.customer("One", email="one@example.org")
        other.with_user(self.portal).sudo().email = "new@example.org"
        self.assertFalse(case.partner_id)
        self.customer("Two", email="new@example.org")
        self.assertFalse(case.partner_id, "One was entered by a colleague, too")
        self.assertEqual(case.missing_customer_reason, "several")
