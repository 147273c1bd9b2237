"""Cases by hand: numbers, stages, closing, links, merging, assignment, waiting."""

from freezegun import freeze_time
from lxml import etree

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools.safe_eval import safe_eval

from .common import CareCommon


@tagged("at_install", "-post_install")
class TestCareCase(CareCommon):
    def field(self, name):
        return self.env["ir.model.fields"]._get("crm.care.case", name)

    def test_numbers_by_company(self):
        case, other = self.case(), self.case()
        self.assertRegex(case.number, r"^C\d{5}$")
        self.assertEqual(int(other.number[1:]), int(case.number[1:]) + 1)
        self.assertEqual(case.display_name, f"[{case.number}] Help")
        # A new one: numbers that cases of other tests took do not come back.
        company = self.new_company("Fresh", self.usd)
        team = self.env["crm.care.team"].create({"name": "B", "company_id": company.id})
        foreign = self.case(team_id=team.id)
        self.assertEqual(foreign.number, "C00001", "a sequence of its own")
        self.assertEqual(foreign.company_id, company)
        self.assertEqual(
            self.env["crm.care.case"].name_search(other.number)[0][0], other.id
        )

    def test_defaults(self):
        with Form(self.env["crm.care.case"].with_user(self.agent)) as form:
            form.name = "From a form"
            form.partner_id = self.asker.with_user(self.agent)
            self.assertEqual(form.team_id, self.team)
            self.assertEqual(form.stage_id, self.open)
            self.assertEqual(form.email_from, "asker@example.com")
        case = form.record
        self.assertEqual(case.company_id, self.company_a)
        self.assertEqual(case.outcome, "open")

    def test_without_team(self):
        self.env["crm.care.team"].search(
            [("company_id", "=", self.company_a.id)]
        ).active = False
        case = self.env["crm.care.case"].create({"name": "Nobody's"})
        self.assertFalse(case.team_id)
        self.assertEqual(case.company_id, self.company_a)
        self.assertEqual(case.outcome, "open")
        self.assertTrue(case.number)
        case.stage_id = self.env.ref("crm_extended.crm_care_stage_solved")
        self.assertTrue(case.closed_date)

    def test_another_team_takes_its_own_stage(self):
        other = self.env["crm.care.team"].create(
            {"name": "Other", "company_id": self.company_a.id}
        )
        case = self.case(stage_id=self.waiting.id)
        case.team_id = other
        self.assertEqual(case.outcome, "waiting")
        self.assertNotIn(self.team, case.stage_id.team_ids)

    def test_required_before_entering(self):
        self.solved.required_field_ids = self.field("category_id") + self.field(
            "product_id"
        )
        case = self.case()
        with self.assertRaisesRegex(UserError, "Category, Product"):
            case.stage_id = self.solved
        category = self.env["crm.care.category"].create({"name": "Delivery"})
        product = self.env["product.product"].create({"name": "Lamp"})
        case.write(
            {
                "category_id": category.id,
                "product_id": product.id,
                "stage_id": self.solved.id,
            }
        )
        with self.assertRaises(UserError):
            self.case(stage_id=self.solved.id)
        with self.assertRaises(UserError):
            self.case().with_context(
                care_skip_required="AUTOMATIC"
            ).stage_id = self.solved

    def test_complaints_need_cause_and_action(self):
        self.team.complaint_guard = True
        self.case().stage_id = self.solved
        complaint = self.case(type="complaint")
        with self.assertRaisesRegex(UserError, "Cause, Corrective Action"):
            complaint.stage_id = self.solved
        complaint.stage_id = self.cancelled
        complaint.stage_id = self.open
        complaint.write({"cause": "Haste", "corrective_action": "New one sent"})
        complaint.action_solve()
        self.assertEqual(complaint.outcome, "solved")
        self.team.complaint_guard = False
        self.case(type="complaint").action_solve()

    def test_complaints_without_action_are_listed(self):
        acted = self.case(type="complaint", corrective_action="Done")
        bare = self.case(type="complaint")
        # Nothing was done for the customer: the guard would not let it be closed.
        later = self.case(type="complaint", preventive_action="Better boxes")
        request = self.case()
        view = self.env.ref("crm_extended.crm_care_complaint_action")
        self.assertIn("search_default_complaints_without_action", view.context)
        domain = self.filter_domain("complaints_without_action")
        cases = acted + bare + later + request
        self.assertEqual(cases.filtered_domain(domain), bare + later)

    def filter_domain(self, name):
        """The domain of a filter of the desk's search."""
        arch = etree.fromstring(
            self.env["crm.care.case"].get_view(view_type="search")["arch"]
        )
        [node] = arch.xpath(f"//filter[@name='{name}']")
        return safe_eval(node.get("domain"), {"uid": self.env.uid})

    def test_stage_in_use_is_not_deleted(self):
        self.case()
        with self.assertRaisesRegex(UserError, "open"):
            self.open.unlink()

    def test_mail_of_a_stage(self):
        template = self.env.ref("crm_extended.mail_template_care_closed").copy()
        self.solved.template_id = template
        case = self.case()
        self.flush_tracking()
        case.stage_id = self.solved
        self.flush_tracking()
        self.assertIn("closed your case", case.message_ids[0].body or "")

    def flush_tracking(self):
        self.env.flush_all()
        self.cr.precommit.run()

    def test_links_go_both_ways(self):
        one, two, three = self.case("1"), self.case("2"), self.case("3")
        one.linked_ids = two + three
        self.assertEqual(two.linked_ids, one)
        two.linked_ids = False
        self.assertEqual(one.linked_ids, three)
        four = self.case("4", linked_ids=[Command.link(one.id)])
        self.assertIn(four, one.linked_ids)

    # -- Merging

    def merge(self, cases, target=None):
        wizard = (
            self.env["crm.care.merge.wizard"]
            .with_context(active_model="crm.care.case", active_ids=cases.ids)
            .create({})
        )
        if target:
            wizard.target_id = target
        wizard.action_merge()
        return wizard.target_id

    def test_merge(self):
        self.sla(8)
        with self.at("2026-03-16 09:00"):
            first = self.case("First")
            first.message_post(body="from the first")
        with self.at("2026-03-16 11:00"):
            second = self.case("Second", user_id=self.agent.id)
            second.message_post(body="from the second")
            follow_up = self.case(previous_case_id=second.id)
            self.assertEqual(self.merge(first + second), first)
            self.assertEqual(second.merged_into_id, first)
            self.assertEqual(second.outcome, "cancelled")
            self.assertEqual(follow_up.previous_case_id, first)
            self.assertEqual(first.user_id, self.agent)
            bodies = "".join(first.message_ids.mapped("body"))
            self.assertIn("from the second", bodies)
            self.assertIn("was merged into", bodies)
            third = self.case("Third")
            self.assertEqual(self.merge(first + third, third), third)
            self.assertEqual(third.opened_date, self.local("2026-03-16 09:00"))
            self.assertEqual(second.merged_into_id, third)
            # Into one that has become another: that is where it goes on.
            fourth = self.case("Fourth")
            (third + fourth)._merge_into(first)
            self.assertFalse(third.merged_into_id)
            self.assertEqual(fourth.merged_into_id, third)
            with self.assertRaisesRegex(UserError, "at least two"):
                self.merge(third)

    def test_a_dialog_that_was_open_when_others_merged(self):
        first, second, third = (self.case(name) for name in "123")
        wizards = self.env["crm.care.merge.wizard"]
        for chosen in (first + second, second + third):
            wizards |= wizards.with_context(
                active_model="crm.care.case", active_ids=chosen.ids
            ).create({})
        wizards[0].action_merge()
        for wizard in wizards:
            # Also the same dialog twice, and with the merged one as what stays.
            with self.assertRaisesRegex(UserError, "already merged"):
                wizard.action_merge()
        wizards[1].target_id = third
        with self.assertRaisesRegex(UserError, second.number):
            wizards[1].action_merge()
        self.assertEqual(second.merged_into_id, first)
        self.assertFalse((first + third).merged_into_id)
        self.assertEqual(third.outcome, "open")

    def test_merge_of_several_customers_warns(self):
        other = self.case(partner_id=self.customer("Other").id)
        wizard = self.env["crm.care.merge.wizard"].create(
            {
                "case_ids": [Command.set((self.case() + other).ids)],
                "target_id": other.id,
            }
        )
        self.assertTrue(wizard.other_customers)

    # -- Assignment

    def test_in_turn(self):
        self.team.assignment = "turn"
        members = [self.case().user_id for _ in range(6)]
        self.assertEqual(len(set(members[:3])), 3)
        self.assertEqual(members[:3], members[3:])
        batch = self.env["crm.care.case"].create(
            [{"name": f"{n}", "team_id": self.team.id} for n in range(3)]
        )
        self.assertEqual(list(batch.user_id), members[:3])
        self.assertEqual(self.case(user_id=self.agent.id).user_id, self.agent)

    def test_least_busy(self):
        self.team.assignment = "balanced"
        for _ in range(2):
            self.case(user_id=self.agent.id)
        self.case(user_id=self.agent_team.id)
        self.case(user_id=self.agent_2.id).stage_id = self.solved
        self.assertEqual(self.case().user_id, self.agent_2)

    def test_only_who_works_now(self):
        self.team.write({"assignment": "turn", "assign_working_only": True})
        mornings = self.make_calendar("Mornings", hours=((8, 12),))
        self.env["resource.resource"].create(
            {
                "name": "Agent",
                "user_id": self.agent.id,
                "company_id": self.company_a.id,
                "calendar_id": mornings.id,
            }
        )
        with self.at("2026-03-16 14:00"):
            users = {self.case().user_id for _ in range(4)}
            self.assertEqual(users, {self.agent_2, self.agent_team})
        with self.at("2026-03-16 22:00"):
            case = self.case()
            self.assertFalse(case.user_id)
        with self.at("2026-03-17 09:00"), self.no_commits():
            self.env["crm.care.team"]._cron_assign()
            self.assertEqual(case.user_id, self.agent)

    def test_assign_many(self):
        cases = self.case() + self.case()
        self.env["crm.care.assign.wizard"].with_user(self.agent_team).create(
            {"case_ids": [Command.set(cases.ids)], "user_id": self.agent_2.id}
        ).action_assign()
        self.assertEqual(cases.user_id, self.agent_2)
        self.team.assignment = "turn"
        self.env["crm.care.assign.wizard"].create(
            {"case_ids": [Command.set(cases.ids)]}
        ).action_assign()
        self.assertEqual(len(cases.user_id), 2)

    # -- Waiting

    def test_reminded_and_closed(self):
        self.team.write({"remind_days": 3, "close_days": 7, "complaint_guard": True})
        with self.at("2026-03-02 09:00"):
            cases = self.case() + self.case(type="complaint")
            cases.stage_id = self.waiting
            fresh = self.case()
        for day, reminded, outcome in (
            (4, 0, "waiting"),
            (6, 1, "waiting"),
            (10, 1, "solved"),
        ):
            with self.at(f"2026-03-{day:02} 10:00"), self.no_commits():
                for _ in range(2):
                    self.env["crm.care.case"]._cron_follow_up()
                reminders = cases[0].message_ids.filtered(
                    lambda message: "need your reply" in (message.body or "")
                )
                self.assertEqual(len(reminders), reminded)
                self.assertEqual(cases[0].outcome, outcome)
        self.assertEqual(cases[1].outcome, "waiting")
        self.assertEqual(fresh.outcome, "open")

    def test_a_closing_before_the_reminder(self):
        with self.assertRaises(ValidationError):
            self.team.write({"remind_days": 5, "close_days": 5})
        with self.assertRaises(ValidationError):
            self.team.reopen_days = -1

    # -- From and to other records

    def test_from_other_records(self):
        lead = self.env["crm.lead"].create(
            {"name": "Lead", "partner_id": self.asker.id}
        )
        order = self.env["sale.order"].create({"partner_id": self.asker.id})
        for record, name in ((lead, "lead_id"), (order, "order_id")):
            context = record.action_care_new_case()["context"]
            case = self.env["crm.care.case"].with_context(**context).create({})
            self.assertEqual(case[name], record)
            self.assertEqual(case.partner_id, self.asker)
        context = self.asker.action_care_new_case()["context"]
        self.assertEqual(context["default_channel"], "phone")
        activity = lead.activity_schedule(
            "mail.mail_activity_data_call", summary="Call back"
        )
        self.assertTrue(activity.care_case_possible)
        context = activity.action_care_new_case()["context"]
        self.assertEqual(context["default_name"], "Call back")
        self.assertEqual(context["default_lead_id"], lead.id)

    def test_a_lead_from_a_case(self):
        case = self.case()
        action = case.action_create_lead()
        self.assertEqual(case.lead_id.id, action["res_id"])
        self.assertEqual(case.lead_id.partner_id, self.asker)
        self.assertEqual(case.action_create_lead()["res_id"], case.lead_id.id)

    # -- Customers

    def test_counts_on_contacts(self):
        company = self.customer("Company", is_company=True)
        contact = self.customer("Contact", parent_id=company.id)
        self.case(partner_id=contact.id)
        self.case(partner_id=company.id)
        self.case(partner_id=contact.id).stage_id = self.solved
        partners = (company + contact + self.asker).with_user(self.agent_team)
        self.assertEqual(partners.mapped("care_case_count"), [2, 1, 0])
        # Cards show it; a list, which shows the statistics, must not ask for it.
        card = company.with_user(self.agent_team).get_view(view_type="kanban")["arch"]
        self.assertIn("care_case_count", card)
        action = partners[0].action_care_cases()
        self.assertEqual(self.env["crm.care.case"].search_count(action["domain"]), 3)

    # -- The team's overview

    def test_counts_of_a_team(self):
        self.sla(8)
        with self.at("2026-03-16 09:00"):
            self.case(user_id=self.agent.id)
            late = self.case(opened_date=self.local("2026-03-10 09:00"))
            late.stage_id = self.open
        with self.at("2026-03-17 08:30"):
            self.team.invalidate_recordset()
            self.assertEqual(self.team.open_count, 2)
            self.assertEqual(self.team.unassigned_count, 1)
            self.assertEqual(self.team.missed_count, 1)
            self.assertEqual(self.team.due_soon_count, 1)
        action = self.team.with_context(care_filter="missed").action_open_cases()
        self.assertIn("search_default_missed", action["context"])

    def test_time_in_stages(self):
        with freeze_time("2026-03-16 09:00:00"):
            case = self.case()
            self.flush_tracking()
        self.assertIn(str(self.open.id), case.duration_tracking)
