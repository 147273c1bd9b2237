from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import ConsentCommon


@tagged("post_install", "-at_install")
class TestConsentAccess(ConsentCommon):
    """Least privilege for each role, and by company."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent = new_test_user(
            cls.env,
            "crm_extended_consent_agent",
            groups="crm_extended.group_care_agent",
            company_id=cls.company_a.id,
            company_ids=[Command.set(cls.company_a.ids)],
        )
        cls.consent = cls.env["crm.consent"].create(
            {
                "partner_id": cls.person.id,
                "company_id": cls.company_a.id,
                "purpose_id": cls.marketing.id,
            }
        )
        cls.foreign = cls.consent.create(
            {
                "partner_id": cls.person.id,
                "company_id": cls.company_b.id,
                "purpose_id": cls.marketing.id,
            }
        )

    def test_who_may_do_what(self):
        models = {
            "crm.consent.purpose": {"manager": "crwd", "salesman": "r", "agent": "r"},
            "crm.consent": {"manager": "cr", "salesman": "cr", "agent": "cr"},
            "crm.contact.touch": {"manager": "r", "salesman": "r", "agent": "r"},
            "crm.contact.hold": {"manager": "r", "salesman": "r", "agent": "r"},
            "crm.contact.quiet.day": {"manager": "crwd", "salesman": "", "agent": ""},
            "crm.customer.date": {
                "manager": "crwd",
                "salesman": "crwd",
                "agent": "crwd",
            },
            "crm.customer.date.kind": {
                "manager": "crwd",
                "salesman": "r",
                "agent": "r",
            },
        }
        operations = {"c": "create", "r": "read", "w": "write", "d": "unlink"}
        for model, rights in models.items():
            for role in ("manager", "salesman", "agent", "employee", "portal"):
                allowed = {
                    key
                    for key, operation in operations.items()
                    if self.as_user(getattr(self, role), model).has_access(operation)
                }
                with self.subTest(model=model, role=role):
                    self.assertEqual(allowed, set(rights.get(role, "")))

    def test_answers_to_the_own_company(self):
        for user in (self.salesman, self.agent, self.manager):
            consents = self.as_user(user, "crm.consent")
            found = consents.search([("partner_id", "=", self.person.id)])
            self.assertEqual(found.ids, self.consent.ids)
            with self.assertRaises(AccessError):
                consents.browse(self.foreign.ids).read(["state"])
            with self.assertRaises(AccessError):
                consents.create(
                    {
                        "partner_id": self.person.id,
                        "company_id": self.company_b.id,
                        "purpose_id": self.marketing.id,
                    }
                )

    def test_only_of_people_one_may_see(self):
        hidden = self.customer("Hidden", company_id=self.company_b.id)
        consents = self.as_user(self.salesman, "crm.consent")
        with self.assertRaises(AccessError):
            consents.create(
                {"partner_id": hidden.id, "purpose_id": self.marketing.id}
            ).flush_recordset()

    def test_the_policy_is_asked_by_programs_alone(self):
        for name in dir(self.policy):
            if name.startswith("_") or name in dir(self.env["crm.feature"]):
                continue
            self.fail(f"{name} can be called from outside")

    def test_the_line_on_a_contact_needs_no_more_rights(self):
        for user in (self.salesman, self.agent):
            person = self.as_user(user, "res.partner").browse(self.person.id)
            self.assertTrue(person.contact_policy_text)
            self.assertTrue(person.mail_purpose_ids)
        for user in (self.employee, self.portal):
            person = self.as_user(user, "res.partner").browse(self.person.id)
            with self.assertRaises(AccessError):
                person.read(["contact_policy_text"])
            with self.assertRaises(AccessError):
                person.read(["consent_ids"])

    def test_only_customers_answer_on_their_page(self):
        for user in (self.salesman, self.agent, self.manager):
            consents = self.as_user(user, "crm.consent")
            values = {"partner_id": self.person.id, "purpose_id": self.marketing.id}
            self.assertEqual(consents.create(values).user_id, user)
            for wrong in (
                {"source": "link"},
                {"source": "portal"},
                {"source": "merge"},
                {"user_id": self.env.ref("base.user_admin").id},
            ):
                with self.assertRaises(AccessError):
                    consents.create({**values, **wrong})

    def test_what_a_user_records_to_be_confirmed_is_mailed(self):
        consents = self.as_user(self.salesman, "crm.consent")
        values = {"partner_id": self.person.id, "purpose_id": self.marketing.id}
        consents.create({**values, "state": "pending"})
        mail = self.env["mail.mail"].search([("recipient_ids", "in", self.person.ids)])
        self.assertIn("/contact/preferences/", mail.body_html)
        self.assertFalse(mail.with_user(self.salesman).has_access("read"))
        consents.create({**values, "state": "pending", "source": "import"})
        self.assertEqual(
            self.env["mail.mail"].search([("recipient_ids", "in", self.person.ids)]),
            mail,
        )
