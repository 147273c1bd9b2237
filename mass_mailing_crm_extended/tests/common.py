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
