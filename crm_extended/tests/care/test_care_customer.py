"""Customers of cases that are merged or deleted."""

from odoo.exceptions import UserError

from .common import CareCommon


class TestCareCustomer(CareCommon):
    def test_customer_merged(self):
        double = self.customer("Double")
        case = self.case(partner_id=double.id)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.asker + double).ids, self.asker)
        case.invalidate_recordset()
        self.assertEqual(case.partner_id, self.asker)
        self.assertEqual(case.commercial_partner_id, self.asker)

    def test_targets_follow_merged_customers(self):
        tier = self.env["crm.loyalty.tier"].create(
            {"name": "Best", "company_id": self.company_a.id, "rise_amount": 1000}
        )
        self.env["crm.loyalty.membership"]._set_override(
            self.asker, tier, self.today, "Promised"
        )
        best = self.sla(2, tier_ids=tier.ids)
        double = self.customer("Double")
        case = self.case(partner_id=double.id)
        self.assertFalse(case.sla_status_ids)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.asker + double).ids, self.asker)
        case.invalidate_recordset()
        self.assertEqual(case.sla_tier_id, tier)
        self.assertEqual(case.sla_status_ids.sla_id, best)

    def test_customer_deleted(self):
        case = self.case()
        case.message_post(
            body="Mine",
            author_id=self.asker.id,
            message_type="email",
            subtype_xmlid="mail.mt_comment",
        )
        with self.assertRaisesRegex(UserError, "has service cases"):
            self.asker.unlink()
        self.company_a.care_deleted_customer = "anonymize"
        self.asker.unlink()
        self.assertTrue(case.exists())
        self.assertFalse(case.partner_id or case.email_from or case.email_normalized)
        self.assertNotIn("asker@example.com", case.message_ids.mapped("email_from"))

    def test_anonymized_to_the_last_word(self):
        self.company_a.care_deleted_customer = "anonymize"
        other = self.customer("Somebody else")
        gone = self.customer("Xanthippe", email="xanthippe@example.com")
        case = self.case(partner_id=other.id)
        self.flush_tracking()
        case.partner_id = gone
        self.flush_tracking()
        case._remind()
        words = case.message_post(
            body="What people write", message_type="comment", author_id=gone.id
        )
        words.incoming_email_cc = "xanthippe@example.com"
        logged = self.env["crm.interaction"].create(
            {"case_id": case.id, "channel": "phone", "summary": "Will call"}
        )
        self.assertEqual(logged.partner_id, gone)
        reminder = case.message_ids.filtered(
            lambda message: message.message_type == "auto_comment"
        )
        self.assertIn("Xanthippe", reminder.body)
        self.assertIn(
            "Xanthippe",
            case.message_ids.tracking_value_ids.mapped("new_value_char"),
        )
        gone.unlink()
        self.flush_tracking()
        case.invalidate_recordset()
        self.assertFalse(case.partner_id or case.email_from)
        kept = [
            *case.message_ids.read(
                ["body", "subject", "email_from", "reply_to", "incoming_email_cc"]
            ),
            *case.message_ids.tracking_value_ids.read(
                ["old_value_char", "new_value_char"]
            ),
        ]
        self.assertNotIn("xanthippe", str(kept).lower())
        self.assertIn("What people write", str(kept))
        self.assertEqual(case.interaction_ids, logged)
        self.assertFalse(logged.partner_id)

    def flush_tracking(self):
        self.env.flush_all()
        self.cr.precommit.run()
