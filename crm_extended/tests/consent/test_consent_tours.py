from odoo.tests import HttpCase, tagged

from .common import ConsentCommon


@tagged("post_install", "-at_install")
class TestConsentTours(ConsentCommon, HttpCase):
    """The main paths in a browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for user in cls.manager + cls.salesman + cls.portal:
            user.password = user.login * 2

    def test_manager_creates_a_purpose(self):
        self.start_tour(
            "/odoo/contact-purposes",
            "crm_extended_contact_purpose",
            login=self.manager.login,
        )
        purpose = self.env["crm.consent.purpose"].search(
            [("name", "=", "Tour Newsletter")]
        )
        self.assertEqual(
            (purpose.channels, purpose.basis, purpose.company_id),
            ("email,sms", "needed", self.company_a),
        )

    def test_administrator_sets_hours_and_limit(self):
        administrator = self.new_user(
            "consent_admin", "sales_team.group_sale_manager,base.group_system"
        )
        administrator.password = administrator.login * 2
        self.start_tour(
            "/odoo/settings", "crm_extended_contact_settings", login=administrator.login
        )
        company = self.company_a
        self.assertEqual(
            (
                company.contact_quiet_from,
                company.contact_weekdays,
                company.contact_limit,
            ),
            (19.5, "0,1,2,3,4,5", 2),
        )

    def test_salesperson_records_an_answer_and_reads_the_line(self):
        self.company_a.contact_limit = 2
        self.start_tour(
            f"/odoo/contacts/{self.person.id}",
            "crm_extended_contact_answer",
            login=self.salesman.login,
        )
        answer = self.env["crm.consent"].search([("partner_id", "=", self.person.id)])
        self.assertEqual(
            (answer.state, answer.source, answer.user_id, answer.company_id),
            ("given", "manual", self.salesman, self.company_a),
        )

    def test_customer_changes_choices_in_the_portal(self):
        self.start_tour(
            "/my", "crm_extended_contact_preferences", login=self.portal.login
        )
        answers = self.env["crm.consent"].search(
            [("partner_id", "=", self.portal.partner_id.id)]
        )
        self.assertEqual(
            {(answer.purpose_id, answer.state, answer.source) for answer in answers},
            {
                (self.marketing, "given", "portal"),
                (self.loyalty, "refused", "portal"),
            },
        )
