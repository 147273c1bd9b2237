from odoo.tests import tagged

from .. import _forget_favorites, _forget_rating_mails
from .care.care_satisfaction_common import SatisfactionCommon

# What each package names.
LOST = {
    "crm.purchase.history",
    "crm.interaction",
    "crm.rfm.change",
    "crm.rfm.segment",
    "crm.loyalty.tier",
    "crm.loyalty.benefit",
    "crm.loyalty.membership",
    "crm.loyalty.change",
    "crm.preferred.channel",
    "crm.timeline.pin",
    "crm.consent",
    "crm.customer.date",
    "crm.customer.list",
    "crm.care.sla",
    "crm.care.escalation",
    "crm.care.escalation.log",
    "crm.care.satisfaction",
    "crm.referral",
    "crm.competitor",
}


@tagged("post_install", "-at_install")
class TestUninstall(SatisfactionCommon):
    def test_the_dialog_names_what_is_lost(self):
        module = self.env["ir.module.module"].search([("name", "=", "crm_extended")])
        dialog = self.env["base.module.uninstall"].create({"module_ids": module.ids})
        named = set(dialog.model_ids.mapped("model"))
        self.assertEqual(set(dialog._get_lost_models()), LOST)
        self.assertLessEqual({*LOST, "crm.care.case", "crm.care.team"}, named)

    def test_the_dialog_of_another_app_names_nothing_of_ours(self):
        installed = self.env["ir.module.module"].search([("state", "=", "installed")])
        module = next(
            module
            for module in installed
            if "crm_extended"
            not in [module.name, *module.downstream_dependencies().mapped("name")]
        )
        dialog = self.env["base.module.uninstall"].create({"module_ids": module.ids})
        self.assertFalse(set(dialog.model_ids.mapped("model")) & LOST)

    def test_mails_that_ask_for_a_rating_go_and_others_stay(self):
        self.env["mail.mail"].search([]).unlink()
        case = self.case("Rate me")
        case._mail_satisfaction(self.env.ref("crm_extended.mail_template_care_rating"))
        asking = self.env["mail.mail"].search([("body_html", "like", "/rate/")])
        self.assertEqual(len(asking), 1)
        other = self.env["mail.mail"].create(
            {"body_html": '<a href="/rate/another-app/5">Rate</a>', "state": "outgoing"}
        )
        sent = self.env["mail.mail"].create(
            {"body_html": asking.body_html, "state": "sent"}
        )
        message = asking.mail_message_id
        _forget_rating_mails(self.env)
        self.assertFalse((asking + message.mail_ids).exists())
        self.assertFalse(message.exists())
        self.assertTrue(other.exists() and sent.exists())

    def test_favorites_of_our_models_go_and_others_stay(self):
        """Those of no action, as they are saved in the lines behind a figure."""
        ours, others = self.env["ir.filters"].create(
            [
                {"name": "Mine", "model_id": model, "active": False}
                for model in ("crm.customer.purchase.line", "res.partner")
            ]
        )
        _forget_favorites(self.env)
        self.assertFalse(ours.exists())
        self.assertTrue(others.exists())
