from datetime import datetime
from unittest.mock import patch

from odoo import Command
from odoo.tests import tagged

from odoo.addons.crm_extended.tests.plan.common import PlanCommon


@tagged("post_install", "-at_install")
class TestCarePlanMailing(PlanCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.list = cls.env["mailing.list"].create({"name": "Friends"})
        cls.purpose.basis = "unless_refused"

    def on_list(self, opt_out=False):
        return self.env["mailing.subscription"].search(
            [("list_id", "=", self.list.id), ("opt_out", "=", opt_out)]
        )

    def adding(self, kind="mailing_list_add", **values):
        return {"kind": kind, "mailing_list_id": self.list.id, **values}

    def people(self, *names):
        return self.env["res.partner"].union(
            *(self.customer(name, email=f"{name}@example.com") for name in names)
        )

    def reasons(self, plan, people):
        return [
            self.of(plan, each).step_ids.sorted("id")[:1].reason or ""
            for each in people
        ]

    def test_added_once_and_never_past_a_refusal(self):
        people = self.people("new", "there", "out", "blacklisted", "refused", "no")
        there, out = self.env["mailing.contact"].create(
            [
                {"name": name, "email": f"{name}@example.com"}
                for name in ("there", "out")
            ]
        )
        self.list.write(
            {
                "subscription_ids": [
                    Command.create({"contact_id": there.id}),
                    Command.create({"contact_id": out.id, "opt_out": True}),
                ]
            }
        )
        self.env["mail.blacklist"].create({"email": "blacklisted@example.com"})
        people[5].email = False
        plan = self.new_plan(self.adding(), self.log())
        plan.enroll(people)
        # Refused after they were enrolled, by another purpose, that of the list.
        marketing = self.env.ref("crm_extended.purpose_marketing")
        marketing.mailing_list_ids = self.list
        self.env["crm.consent"].with_company(self.company_a)._record(
            people[4], marketing, "refused", "manual", "Said so"
        )
        marketing.basis = "unless_refused"
        self.run_due()
        self.assertEqual(
            self.reasons(plan, people),
            ["", "listed", "refused", "blacklisted", "refused", "no_address"],
        )
        self.assertEqual(
            sorted(self.on_list().contact_id.mapped("email")),
            ["new@example.com", "there@example.com"],
        )
        self.assertEqual(set(self.of(plan).mapped("state")), {"done"})

    def test_taken_off(self):
        ada, bob, eve = people = self.people("ada", "bob", "eve")
        plan = self.new_plan(self.adding(), self.adding("mailing_list_remove"))
        plan.enroll(people)
        engine = self.enrollments.with_company(self.company_a)
        engine._run_next()
        self.assertEqual(len(self.on_list()), 3)
        self.on_list().filtered(lambda each: each.contact_id.name == "bob").write(
            {"opt_out": True}
        )
        self.run_due()
        self.assertFalse(self.on_list())
        self.assertEqual(self.on_list(opt_out=True).contact_id.name, "bob")
        self.assertEqual(
            self.of(plan, bob).step_ids.filtered("reason").reason, "unlisted"
        )

    def test_a_deleted_list(self):
        plan = self.new_plan(self.adding())
        plan.enroll(self.people("ada"))
        self.list.unlink()
        self.run_due()
        self.assertEqual(self.of(plan).step_ids.reason, "definition_gone")

    def test_opened_and_clicked(self):
        self.template.body_html = "<p>Hello <a href='https://example.com/x'>you</a></p>"
        plan = self.new_plan(
            self.mail(),
            self.tagging(1, condition="opened"),
            self.log(1, condition="not_clicked"),
        )
        ada, bob, eve = people = self.people("ada", "bob", "eve")
        plan.enroll(people)
        self.run_due()
        traces = {
            who: self.of(plan, who).step_ids.sudo().mailing_trace_id for who in people
        }
        mails = self.env["mail.mail"].browse(
            [t.mail_mail_id.id for t in traces.values()]
        )
        self.assertEqual(set(mails.mapped("state")), {"outgoing"})
        body = mails[0]._prepare_outgoing_body()
        self.assertIn(f"/m/{traces[ada].id}", body)
        self.assertIn(f"mail/track/{mails[0].id}/", body)
        traces[ada].set_opened()
        self.env["link.tracker.click"].create(
            {
                "link_id": self.env["link.tracker"]
                .search([("url", "=", "https://example.com/x")])
                .id,
                "mailing_trace_id": traces[bob].id,
            }
        )
        traces[bob].set_opened()
        traces[bob].set_clicked()
        before = len(ada.message_ids), len(bob.message_ids)
        self.run_due(days=3)
        self.assertEqual(people.filtered("category_id"), ada | bob)
        self.assertEqual(
            (len(ada.message_ids), len(bob.message_ids)), (before[0] + 1, before[1])
        )

    def test_sent_once_as_a_touch(self):
        """The trace of an email of a plan is no touch beside that of the plan."""
        self.company_a.contact_limit = 2
        plan = self.new_plan(self.mail(), self.log(1, condition="opened"))
        ada = self.people("ada")
        plan.enroll(ada)
        self.run_due()
        mail = self.of(plan).step_ids.sudo().mailing_trace_id.mail_mail_id
        mail._postprocess_sent_message([], [])
        policy = self.env["crm.contact.policy"].with_company(self.company_a)
        others = policy._touches_of_others(ada, datetime(2020, 1, 1))
        self.assertFalse(others.get(ada.id))

    def test_not_tracked_unless_asked(self):
        plan = self.new_plan(self.mail(), self.log(1))
        plan.enroll(self.people("ada"))
        before = self.env["mailing.trace"].search_count([])
        self.run_due()
        self.assertEqual(self.env["mailing.trace"].search_count([]), before)

    def test_mailing_lists_fail_alone(self):
        plan = self.new_plan(self.adding())
        ada, bob = people = self.people("ada", "bob")
        plan.enroll(people)
        contacts = type(self.env["mailing.contact"])
        of_customers = contacts._of_customers

        def failing(model, by_email):
            if "bob@example.com" in by_email:
                raise ValueError("no")
            return of_customers(model, by_email)

        with patch.object(contacts, "_of_customers", failing):
            self.run_due()
        self.assertEqual(self.of(plan, ada).state, "done")
        self.assertEqual(self.of(plan, bob).attempts, 1)

    def test_conditions_when_the_addon_goes(self):
        plan = self.new_plan(self.mail(), self.tagging(1, condition="not_opened"))
        step = plan.version_id.step_ids.filtered("condition")
        step._fields["condition"].ondelete["not_opened"](step)
        self.env.invalidate_all()
        self.assertEqual(step.condition, "not_answered")
