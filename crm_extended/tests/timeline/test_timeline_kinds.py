"""Kinds of entries: what is found of each, by which words, and by whom."""

from odoo import Command
from odoo.tools.safe_eval import safe_eval

from .common import TimelineCommon


class TestTimelineKinds(TimelineCommon):
    def assert_found(self, search, found, user=None, **options):
        page = self.fetch(self.contact, user, search=search, **options)
        self.assertEqual([entry["id"] for entry in page["entries"]], found, search)
        self.assertEqual(sum(page["counts"].values()), len(found), search)

    def payment(self, **values):
        journal = self.env["account.journal"].create(
            {
                "name": "Till",
                "code": "TLB",
                "type": "bank",
                "company_id": self.company_a.id,
            }
        )
        held, receivable = self.env["account.account"].create(
            [
                {"name": "Held", "code": "TL8", "account_type": "asset_current"},
                {
                    "name": "Receivable",
                    "code": "TL9",
                    "account_type": "asset_receivable",
                    "reconcile": True,
                },
            ]
        )
        self.company_a.transfer_account_id = held
        self.contact.property_account_receivable_id = receivable
        payment = self.env["account.payment"].create(
            {
                "partner_id": self.contact.id,
                "journal_id": journal.id,
                "payment_type": "inbound",
                "partner_type": "customer",
                "date": self.ago(2).date(),
                **values,
            }
        )
        payment.state = "in_process"
        return payment

    def test_payments_are_for_accountants_of_the_company(self):
        payment = self.payment(amount=321.5, memo="Second rate")
        accountant = self.new_user("till_accountant", "account.group_account_readonly")
        other = self.new_user("other_accountant", "account.group_account_readonly")
        other.write(
            {
                "company_ids": [Command.set(self.company_b.ids)],
                "company_id": self.company_b.id,
            }
        )
        [entry] = self.fetch(self.contact, accountant, kinds=["payment"])["entries"]
        self.assertEqual(
            (entry["id"], entry["amount"], entry["body"]),
            (f"payment-{payment.id}", 321.5, "Second rate"),
        )
        self.assert_found("second RATE", [entry["id"]], accountant)
        for user in (self.employee, self.salesman, other):
            self.assert_found("second rate", [], user)
            self.assertNotIn("payment", self.fetch(self.contact, user)["counts"])

    def test_quotations(self):
        order = self.order(self.contact, user_id=self.manager.id)
        entry_id = f"quotation-{order.id}"
        self.assert_found(order.name, [entry_id], kinds=["quotation"])
        own = self.new_user("own_quotations", "sales_team.group_sale_salesman")
        for user in (own, self.employee, self.salesman_b):
            self.assert_found(order.name, [], user)
        order.user_id = own
        self.assert_found(order.name, [entry_id], own)

    def test_lost_leads_by_the_reason(self):
        reason = self.env["crm.lost.reason"].create({"name": "Too heavy"})
        lead = self.lead(self.contact)
        lead.action_set_lost(lost_reason_id=reason.id)
        lead.message_ids.unlink()
        self.assert_found("too heavy", [f"lead_lost-{lead.id}"])
        [entry] = self.fetch(self.contact, search="too heavy")["entries"]
        self.assertEqual(entry["body"], "Too heavy")

    def test_tiers_and_segments_by_name(self):
        tiers = self.env["crm.loyalty.tier"].search([], limit=2)
        tiers[0].name, tiers[1].name = "Emerald", "Granite"
        segments = self.env["crm.rfm.segment"].search([], limit=2)
        segments[0].name, segments[1].name = "Sleepers", "Runners"
        values = {
            "partner_id": self.contact.id,
            "company_id": self.company_a.id,
            "date": self.today,
        }
        tier = self.env["crm.loyalty.change"].create(
            {
                **values,
                "old_tier_id": tiers[0].id,
                "new_tier_id": tiers[1].id,
                "reason": "earned",
            }
        )
        segment = self.env["crm.rfm.change"].create(
            {
                **values,
                "old_segment_id": segments[0].id,
                "new_segment_id": segments[1].id,
            }
        )
        for text in ("emerald", "granite"):
            self.assert_found(text, [f"tier-{tier.id}"])
        for text in ("sleepers", "runners"):
            self.assert_found(text, [f"segment-{segment.id}"])
            self.assert_found(text, [], self.employee)

    def test_contacts_logged_are_listed_from_the_customer_and_the_lead(self):
        lead = self.lead(self.company)
        of_contact = self.interaction(self.contact)
        of_lead = self.interaction(self.company, lead_id=lead.id)
        self.interaction(self.stranger)
        for name, record, found in (
            ("partner", self.company, of_contact + of_lead),
            ("partner", self.contact, of_contact),
            ("lead", lead, of_lead),
        ):
            action = self.env.ref(f"crm_extended.crm_interaction_action_of_{name}")
            domain = safe_eval(action.domain, {"active_id": record.id})
            interactions = self.as_user(self.salesman, "crm.interaction")
            self.assertEqual(set(interactions.search(domain)), set(found))
            arch = self.as_user(self.salesman, record._name).get_view(view_type="form")
            self.assertIn(f'name="{action.id}"', arch["arch"])
            arch = self.as_user(self.employee, "res.partner").get_view(view_type="form")
            self.assertNotIn(f'name="{action.id}"', arch["arch"])
