from odoo.tests import tagged

from .common import CareCommon


@tagged("post_install", "-at_install")
class TestCareMailLink(CareCommon):
    """Mails that a case sends by itself end with the customer's own link."""

    def mails(self, case):
        messages = case.message_ids.filtered(
            lambda message: message.message_type == "auto_comment"
        )
        return self.env["mail.mail"].search([("mail_message_id", "in", messages.ids)])

    def test_reminders_and_closings(self):
        for name in ("_remind", "_close_unanswered"):
            case = self.case()
            getattr(case, name)()
            mail = self.mails(case)
            with self.subTest(name=name):
                self.assertEqual(mail.recipient_ids, self.asker)
                self.assertIn(
                    f"/contact/preferences/{self.asker.id}/{self.company_a.id}/",
                    mail.body_html,
                )
                # Colleagues read the message, and would answer for the customer.
                self.assertNotIn("/contact/", "".join(case.message_ids.mapped("body")))

    def test_not_for_staff_and_not_where_it_is_off(self):
        self.asker.email = "asker@example.com"
        case = self.case()
        case.message_post(
            body="An answer", message_type="comment", partner_ids=self.asker.ids
        )
        self.env["crm.feature"]._switch(plans=False, consent=False)
        case._remind()
        mails = self.env["mail.mail"].search(
            [("mail_message_id", "in", case.message_ids.ids)]
        )
        self.assertTrue(mails)
        for mail in mails:
            self.assertNotIn("/contact/preferences/", mail.body_html)

    def test_only_archived_contacts_get_none(self):
        self.asker.email = "asker@example.com"
        # Basis "always": neither the blacklist nor a refusal stops it.
        self.env["mail.blacklist"]._add("asker@example.com")
        closed = self.env.ref("crm_extended.mail_template_care_closed")
        self.team.acknowledge_template_id = closed

        def flush_tracking():
            self.env.flush_all()
            self.cr.precommit.run()

        def enter_stage(case):
            flush_tracking()
            case.stage_id = case.stage_id.copy({"template_id": closed.id})
            flush_tracking()

        for way in (
            lambda case: case._remind(),
            lambda case: case._acknowledge(),
            enter_stage,
        ):
            for active in (True, False):
                self.asker.active = active
                case = self.case()
                way(case)
                case.invalidate_recordset(["message_ids"])
                with self.subTest(way=way, active=active):
                    self.assertEqual(bool(self.mails(case)), active)
