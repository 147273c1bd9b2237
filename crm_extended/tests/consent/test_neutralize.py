import smtplib
from datetime import timedelta
from unittest.mock import patch

from odoo import Command
from odoo.modules.neutralize import neutralize_database
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ConsentCommon


@tagged("post_install", "-at_install")
class TestNeutralize(ConsentCommon):
    """A copy of a database is not the original."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.feature"]._switch(loyalty=True, care=True, consent=True)
        cls.team = cls.env["crm.care.team"].create(
            {
                "name": "Copy",
                "company_id": cls.company_a.id,
                "alias_name": "neutralize-me",
                "ask_rating": True,
                "rating_template_id": cls.env.ref(
                    "crm_extended.mail_template_care_rating"
                ).id,
            }
        )
        cls.case = cls.env["crm.care.case"].create(
            {"name": "Case", "team_id": cls.team.id, "partner_id": cls.person.id}
        )

    def neutralize(self):
        """As ``odoo-bin neutralize`` does it: with the files of all modules."""
        self.env.flush_all()
        neutralize_database(self.env.cr)
        self.env.invalidate_all()
        self.env.registry.clear_all_caches()

    def test_secrets_and_addresses_are_gone(self):
        policy, case = self.policy, self.case
        token = policy._preference_token(self.person.id, self.company_a.id)
        case._portal_ensure_token()
        rating = self.env["rating.rating"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id("crm.care.case"),
                "res_id": case.id,
                "partner_id": self.person.id,
            }
        )
        path = policy._preference_path(self.person)
        before = case.access_token, rating.access_token
        self.neutralize()
        self.assertNotEqual(
            token, policy._preference_token(self.person.id, self.company_a.id)
        )
        self.assertNotEqual(path, policy._preference_path(self.person))
        self.assertNotEqual(case.access_token, before[0])
        self.assertNotEqual(rating.access_token, before[1])
        self.assertTrue(case.access_token and rating.access_token)
        self.assertFalse(self.team.alias_name)
        self.assertFalse(self.team.alias_id.alias_full_name)
        aliases = self.env["mail.alias"].search(
            [("alias_model_id.model", "=", "crm.care.case")]
        )
        self.assertFalse(any(aliases.mapped("alias_name")))

    def fill(self):
        """Something to send for each job: a tier, a rating, and what has waited."""
        self.company_a.write(
            {"loyalty_mail_risen": True, "email": "a@example.com", "contact_limit": 1}
        )
        self.env["crm.loyalty.tier"].create(
            {"name": "Gold", "company_id": self.company_a.id, "rise_amount": 100}
        )
        waiting = self.customer("Bob", email="bob@example.com")
        self.touch(waiting, ago=timedelta(days=5))
        for person in self.person + waiting:
            self.buy(person, 500)
        self.env["crm.loyalty.membership"]._assess(self.company_a)
        self.assertTrue(self.held())
        stage = self.env["crm.care.stage"].create(
            {
                "name": "Done",
                "outcome": "solved",
                "team_ids": [Command.set(self.team.ids)],
            }
        )
        self.case.stage_id = stage
        self.held().next_date = self.env.cr.now()
        self.env["crm.contact.touch"].search([]).unlink()

    def held(self):
        return self.env["crm.contact.hold"].search(
            [("company_id", "=", self.company_a.id), ("state", "=", "waiting")]
        )

    @mute_logger("odoo.addons.mail.models.mail_mail", "odoo.addons.base.models.ir_cron")
    def test_every_job_runs_and_nothing_is_sent(self):
        self.fill()
        self.neutralize()
        data = self.env["ir.model.data"].search(
            [("model", "=", "ir.cron"), ("module", "=like", "%crm_extended")]
        )
        jobs = self.env["ir.cron"].with_context(active_test=False)
        jobs = jobs.browse(data.mapped("res_id"))
        self.assertGreater(len(jobs), 5)
        self.assertFalse(any(jobs.mapped("active")))
        hosts = []

        def connect(_smtp, host, *args, **kwargs):
            hosts.append(host)
            raise OSError("There is no such host.")

        servers = self.env.registry["ir.mail_server"]
        with (
            self.enter_registry_test_mode(),
            patch.object(servers, "_disable_send", lambda self: False),
            patch.object(smtplib.SMTP, "__init__", connect),
            patch.object(smtplib.SMTP_SSL, "__init__", connect),
        ):
            for job in jobs + self.env.ref("mail.ir_cron_mail_scheduler_action"):
                job.method_direct_trigger()
        self.env.invalidate_all()
        # There was something to send, and the one server there is leads nowhere.
        self.assertFalse(self.held())
        self.assertTrue(hosts)
        self.assertEqual(set(hosts), {"invalid"})
        mails = self.env["mail.mail"].search([])
        self.assertTrue(mails)
        self.assertNotIn("sent", mails.mapped("state"))
