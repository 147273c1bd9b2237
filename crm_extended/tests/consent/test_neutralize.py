from odoo.tests import tagged
from odoo.tools import file_open

from .common import ConsentCommon


@tagged("post_install", "-at_install")
class TestNeutralize(ConsentCommon):
    """A copy of a database is not the original."""

    def neutralize(self):
        self.env.flush_all()
        with file_open("base/data/neutralize.sql") as base:
            self.env.cr.execute(base.read())
        with file_open("mail/data/neutralize.sql") as mail:
            self.env.cr.execute(mail.read())
        with file_open("crm_extended/data/neutralize.sql") as own:
            self.env.cr.execute(own.read())
        self.env.invalidate_all()

    def test_secrets_and_addresses_are_gone(self):
        policy = self.policy
        token = policy._preference_token(self.person.id, self.company_a.id)
        team = self.env["crm.care.team"].create(
            {
                "name": "Copy",
                "company_id": self.company_a.id,
                "alias_name": "neutralize-me",
            }
        )
        case = self.env["crm.care.case"].create(
            {"name": "Case", "team_id": team.id, "partner_id": self.person.id}
        )
        case._portal_ensure_token()
        rating = self.env["rating.rating"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id("crm.care.case"),
                "res_id": case.id,
                "partner_id": self.person.id,
            }
        )
        before = case.access_token, rating.access_token
        self.neutralize()
        self.env.registry.clear_all_caches()
        self.assertNotEqual(
            token, policy._preference_token(self.person.id, self.company_a.id)
        )
        self.assertNotEqual(case.access_token, before[0])
        self.assertNotEqual(rating.access_token, before[1])
        self.assertTrue(case.access_token and rating.access_token)
        self.assertFalse(team.alias_name)

    def test_jobs_send_nothing(self):
        self.company_a.write({"loyalty_mail_risen": True, "email": "a@example.com"})
        self.env["crm.loyalty.tier"].create(
            {"name": "Gold", "company_id": self.company_a.id, "rise_amount": 100}
        )
        self.buy(self.person, 500)
        self.neutralize()
        servers = self.env["ir.mail_server"].search([])
        self.assertTrue(servers)
        self.assertEqual(set(servers.mapped("smtp_host")), {"invalid"})
        jobs = self.env["ir.cron"].with_context(active_test=False).search([])
        own = jobs.filtered(
            lambda job: job.get_external_id()[job.id].startswith("crm_extended.")
        )
        self.assertTrue(own)
        self.assertFalse(any(own.mapped("active")))
