"""What the form of a case shows: the customer's words, the next target and the working
time left, and what else there is of the customer."""

from odoo import Command
from odoo.tests import Form, new_test_user, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

from .care_mail_common import CareMailCommon


class TestCareForm(CareMailCommon):
    # -- The customer's own words

    def test_the_mail_that_opened_it(self):
        case = self.receive("asker@example.com", body="My lamp is broken")
        text = case.with_user(self.agent).customer_text
        self.assertIn("My lamp is broken", text)
        self.env.invalidate_all()
        self.assertIn("My lamp", case.with_user(self.salesman).customer_text)

    def test_answers_and_notes_are_not_it(self):
        case = self.case(description="<p>Called about a lamp</p>")
        for values in (
            {"subtype_xmlid": "mail.mt_note", "body": "Note"},
            {"subtype_xmlid": "mail.mt_comment", "body": "Answer"},
        ):
            case.with_user(self.agent).message_post(message_type="comment", **values)
        self.assertFalse(case.customer_text)
        with self.at("2026-03-16 08:00"):
            phoned = self.case()
        phoned.flush_recordset()
        # As if it had been opened long ago.
        self.env.cr.execute(
            "UPDATE crm_care_case SET create_date = '2020-01-01' WHERE id = %s",
            [phoned.id],
        )
        phoned.invalidate_recordset()
        phoned.message_post(
            body="And another thing",
            author_id=self.asker.id,
            message_type="email",
            subtype_xmlid="mail.mt_comment",
        )
        self.assertFalse(phoned.customer_text, "a later mail")

    def test_scripts_are_taken_out(self):
        case = self.case()
        case.message_post(
            body="x", message_type="email", subtype_xmlid="mail.mt_comment"
        )
        message = case.message_ids.filtered(lambda one: one.message_type == "email")
        self.env.cr.execute(
            "UPDATE mail_message SET body = %s WHERE id = %s",
            ["<p>Hi<script>alert(1)</script></p>", message.id],
        )
        self.env.invalidate_all()
        self.assertIn("Hi", case.customer_text)
        self.assertNotIn("script", case.customer_text)

    def test_a_new_case(self):
        form = Form(self.as_user(self.agent, "crm.care.case"))
        form.name = "On the phone"
        form.partner_id = self.asker
        form.description = "A lamp"
        self.assertFalse(form.customer_text)
        self.assertIn("A lamp", form.save().description)

    # -- The next target

    def hours(self, case, moment):
        with self.at(moment):
            self.env.invalidate_all()
            return case.sla_hours_left

    def test_working_hours_left(self):
        self.sla(8, metric="first_response")
        self.sla(40)
        with self.at("2026-03-13 14:00"):
            # Friday: three hours, the weekend, five on Monday until 14:00.
            case = self.case()
            self.assertEqual(case.sla_metric, "first_response")
            self.assertEqual(case.sla_hours_left, 8)
        self.assertEqual(self.hours(case, "2026-03-14 12:00"), 5)
        self.assertEqual(self.hours(case, "2026-03-16 08:00"), 5)
        self.assertEqual(self.hours(case, "2026-03-16 12:30"), 1)
        self.assertEqual(self.hours(case, "2026-03-17 09:00"), -4)
        # Of years ago: not counted.
        self.assertEqual(self.hours(case, "2027-03-17 09:00"), 0)
        with self.at("2026-03-16 09:00"):
            case.with_user(self.agent).message_post(
                body="x", message_type="comment", subtype_xmlid="mail.mt_comment"
            )
            self.assertEqual(case.sla_metric, "resolution")
            self.assertEqual(case.sla_hours_left, 36)
            case.action_solve()
            self.assertFalse(case.sla_metric)
            self.assertFalse(case.sla_hours_left)

    def test_around_the_clock_and_without_targets(self):
        self.assertFalse(self.case().sla_hours_left)
        self.assertFalse(self.case().sla_metric)
        self.sla(8)
        self.team.resource_calendar_id = False
        with self.at("2026-03-14 20:00"):
            self.assertEqual(self.case().sla_hours_left, 8)

    def test_lists_cost_the_same_for_more_cases(self):
        self.sla(8)
        names = ["sla_metric", "sla_hours_left", "sla_deadline", "sla_state"]
        with self.at("2026-03-16 09:00"):
            cases = self.case() + self.case()
            counts = []
            for more in (0, 20):
                cases += self.env["crm.care.case"].union(
                    *(self.case() for _ in range(more))
                )
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                rows = cases.with_user(self.agent).read(names)
                counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual({row["sla_hours_left"] for row in rows}, {8.0})
        self.assertLessEqual(counts[1], counts[0])

    # -- What else there is of the customer

    def records(self, user, case=None, **values):
        self.env.flush_all()
        self.env.invalidate_all()
        kinds = self.as_user(user, "crm.care.case").customer_records(
            self.asker.id, **{"case_id": case.id if case else None, **values}
        )
        return {kind["model"]: kind for kind in kinds}

    def ids(self, kind):
        return [record["id"] for record in kind["records"]]

    def order(self, **values):
        return self.env["sale.order"].create(
            {
                "partner_id": self.asker.id,
                "company_id": self.company_a.id,
                **values,
            }
        )

    def test_nothing_to_show(self):
        case = self.case()
        self.assertEqual(self.records(self.agent, case), {})
        new = self.as_user(self.agent, "crm.care.case")
        self.assertEqual(new.customer_records(False), [])

    def test_other_open_cases(self):
        contact = self.customer("Colleague", parent_id=self.asker.id)
        case, other, closed = self.case(), self.case("Other"), self.case("Closed")
        of_contact = self.case("Contact", partner_id=contact.id)
        of_another = self.case("Else", partner_id=self.customer("Else").id)
        closed.stage_id = self.solved
        found = self.records(self.agent, case)
        self.assertEqual(list(found), ["crm.care.case"])
        shown = self.ids(found["crm.care.case"])
        self.assertEqual(set(shown), set((other + of_contact).ids))
        self.assertNotIn(of_another.id, shown)
        self.assertFalse(found["crm.care.case"]["more"])
        for number in range(3):
            self.case(f"More {number}")
        kind = self.records(self.agent, case)["crm.care.case"]
        self.assertEqual(len(kind["records"]), 3)
        self.assertTrue(kind["more"])
        all_of_them = self.as_user(self.agent, "crm.care.case").search(kind["domain"])
        self.assertEqual(len(all_of_them), 5)

    def test_only_what_the_user_may_read(self):
        case = self.case()
        own = self.order(user_id=self.salesman.id)
        other = self.order(user_id=self.manager.id)
        # Agents have no rights in sales.
        self.assertNotIn("sale.order", self.records(self.agent, case))
        seen = self.records(self.salesman, case)["sale.order"]
        self.assertEqual(self.ids(seen), own.ids)
        seen = self.records(self.manager, case)["sale.order"]
        self.assertEqual(set(self.ids(seen)), set((own + other).ids))
        # Who sees no cases is told nothing of customers.
        self.assertEqual(self.records(self.employee, case), {})

    def test_each_company_its_own(self):
        case = self.case()
        both = self.new_user("both", "sales_team.group_sale_manager")
        both.company_ids += self.company_b
        here = self.order()
        there = self.order(company_id=self.company_b.id)
        seen = self.records(both, case, company_id=self.company_a.id)
        self.assertEqual(self.ids(seen["sale.order"]), here.ids)
        seen = self.records(both, case)
        self.assertEqual(set(self.ids(seen["sale.order"])), set((here + there).ids))
        seen = self.records(self.manager, case, company_id=self.company_b.id)
        self.assertEqual(seen, {})

    def test_orders_are_described(self):
        order = self.order(date_order="2026-03-16 10:00:00")
        cancelled = self.order(state="cancel")
        [shown] = self.records(self.manager)["sale.order"]["records"]
        self.assertNotEqual(shown["id"], cancelled.id)
        self.assertEqual(shown["name"], order.name)
        self.assertEqual(shown["date"], "2026-03-16")
        self.assertEqual(shown["amount"], order.amount_total)
        self.assertEqual(shown["currency_id"], order.currency_id.id)
        self.assertEqual(shown["state"], "Quotation")

    def test_flat_cost(self):
        case = self.case()
        counts = []
        for more in (1, 15):
            for number in range(more):
                self.case(f"More {number}")
                self.order(user_id=self.salesman.id)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.as_user(self.salesman, "crm.care.case").customer_records(
                self.asker.id, self.company_a.id, case.id
            )
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])


@tagged("post_install", "-at_install")
class TestCareFormInvoices(AccountTestInvoicingCommon):
    def test_posted_invoices_and_what_is_late(self):
        self.env["crm.feature"]._switch(care=True)
        company = self.company_data["company"]
        customer = self.env["res.partner"].create({"name": "Buyer"})
        contact = self.env["res.partner"].create(
            {"name": "Contact", "parent_id": customer.id}
        )
        moves = self.env["account.move"].create(
            [
                {
                    "move_type": kind,
                    "partner_id": customer.id,
                    "invoice_date": day,
                    "invoice_date_due": due,
                    "invoice_line_ids": [
                        Command.create(
                            {"name": "x", "price_unit": 70, "tax_ids": False}
                        )
                    ],
                }
                for kind, day, due in (
                    ("out_invoice", "2024-03-01", "2024-03-31"),
                    ("out_refund", "2024-04-01", "2024-04-01"),
                    ("out_invoice", "2024-05-01", "2999-01-01"),
                    ("out_invoice", "2024-06-01", "2024-07-01"),
                )
            ]
        )
        moves[:3].action_post()
        user = new_test_user(
            self.env,
            "care_clerk",
            "crm_extended.group_care_agent,account.group_account_invoice",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        cases = self.env["crm.care.case"].with_user(user)
        [kind] = cases.customer_records(contact.id, company.id)
        self.assertEqual(kind["model"], "account.move")
        self.assertEqual(
            [record["id"] for record in kind["records"]],
            [moves[2].id, moves[1].id, moves[0].id],
        )
        self.assertEqual(
            [record["amount"] for record in kind["records"]], [70, -70, 70]
        )
        self.assertEqual(
            [record["is_late"] for record in kind["records"]][::2], [False, True]
        )
        # Agents have no rights in accounting.
        agent = new_test_user(
            self.env,
            "care_only",
            "crm_extended.group_care_agent",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        self.assertEqual(cases.with_user(agent).customer_records(contact.id), [])
