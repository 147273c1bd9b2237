from odoo import Command

from odoo.addons.crm_extended.tests.consent.common import ConsentCommon


class MailingConsentCommon(ConsentCommon):
    """Ada is on a list of marketing, and on one of no purpose."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.list, cls.other_list, cls.foreign_list = cls.env["mailing.list"].create(
            [{"name": "Spring"}, {"name": "Autumn"}, {"name": "Of no purpose"}]
        )
        cls.marketing.mailing_list_ids = cls.list + cls.other_list
        cls.contact = cls.env["mailing.contact"].create(
            {
                "name": "Ada",
                "email": "ADA@example.com",
                "subscription_ids": [
                    Command.create({"list_id": each.id})
                    for each in (cls.list, cls.foreign_list)
                ],
            }
        )
        cls.subscription, cls.foreign = cls.contact.subscription_ids.sorted("list_id")
        cls.marketer = cls.new_user(
            "marketer", "base.group_user,mass_mailing.group_mass_mailing_user"
        )

    def answers(self, person=None, company=None):
        return self.env["crm.consent"].search(
            [
                ("partner_id", "=", (person or self.person).id),
                ("company_id", "=", (company or self.company_a).id),
                ("purpose_id", "=", self.marketing.id),
            ],
            order="id",
        )


class MailingToListCommon(ConsentCommon):
    """Bert and Cleo are on a customer list, to which there is a mailing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company_a.write({"contact_quiet_from": 0, "contact_quiet_to": 0})
        cls.bert = cls.customer("Bert", email="bert@example.com", city="Bench City")
        cls.cleo = cls.customer("Cleo", email="cleo@example.com", city="Bench City")
        cls.list = cls.env["crm.customer.list"].create(
            {
                "name": "Bench",
                "company_id": cls.company_a.id,
                "domain": "[('city', '=', 'Bench City')]",
            }
        )
        for each in cls.bert + cls.cleo:
            cls.given(each)
        cls.mailing = cls.env["mailing.mailing"].create(
            {
                "subject": "News",
                "body_html": "<p>News</p>",
                "mailing_model_id": cls.env["ir.model"]._get_id("res.partner"),
                "customer_list_id": cls.list.id,
                "mailing_domain": repr([("customer_list_id", "=", cls.list.id)]),
            }
        )

    @classmethod
    def given(cls, person):
        cls.env["crm.consent"].create(
            {
                "partner_id": person.id,
                "company_id": cls.company_a.id,
                "purpose_id": cls.env.ref("crm_extended.purpose_marketing").id,
                "state": "given",
                "source": "manual",
            }
        )

    def run_queue(self):
        """What the scheduled action does."""
        with self.no_commits():
            self.env["mailing.mailing"]._process_mass_mailing_queue()

    def mailed(self, mailing=None):
        """The contacts who have been mailed, as often as they were."""
        return sorted((mailing or self.mailing).mailing_trace_ids.mapped("res_id"))
