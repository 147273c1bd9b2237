"""What the desk and other records offer: filters, groups, buttons, archives, the log."""

from datetime import timedelta

from lxml import etree

from odoo.exceptions import UserError
from odoo.tools.safe_eval import safe_eval

from .common import CareCommon

ARCHIVED = (
    "crm.care.sla",
    "crm.care.escalation",
    "crm.care.category",
    "crm.care.stage",
)


class TestCareDesk(CareCommon):
    def columns(self, user, model, field, domain, **context):
        """Columns of the board, as the web client asks for them."""
        self.env.flush_all()
        records = self.as_user(user, model).with_context(
            read_group_expand=True, **context
        )
        answer = records.web_read_group(domain, [field], ["__count"])
        ids = [group[field] and group[field][0] for group in answer["groups"]]
        comodel = records._fields[field].comodel_name
        return self.env[comodel].browse(found for found in ids if found)

    def test_columns_stay_where_they_are_when_one_is_empty(self):
        archived = self.stages[1].copy({"active": False, "sequence": -9})
        in_order = self.open + archived + self.waiting + self.solved + self.cancelled
        cases = self.case() + self.case() + self.case()
        domain = [("id", "in", cases.ids)]
        for filled in (
            self.solved + self.waiting + archived,
            self.cancelled + self.solved + archived,
            self.open + self.cancelled + archived,
        ):
            for case, stage in zip(cases, filled, strict=True):
                case.stage_id = stage
            columns = self.columns(
                self.agent,
                "crm.care.case",
                "stage_id",
                domain,
                default_team_id=self.team.id,
            )
            self.assertEqual(columns & in_order, in_order)
            self.assertEqual([*columns], [*columns.sorted()])

    def test_columns_of_tiers_and_segments_stay_as_well(self):
        for model, field in (
            ("crm.loyalty.membership", "tier_id"),
            ("crm.rfm.score", "segment_id"),
        ):
            comodel = self.env[self.env[model]._fields[field].comodel_name]
            own = comodel._of_company(self.company_a)
            self.assertGreater(len(own), 2)
            expand = getattr(
                self.as_user(self.manager, model), f"_group_expand_{field}"
            )
            for filled in (own[-1], own[0] + own[-1], own.browse()):
                self.assertEqual([*expand(filled, [])], [*own])
            own[1].active = False
            self.assertEqual([*expand(own[1] + own[0], [])], [*own])

    def view(self, model, view_type, user=None):
        records = self.as_user(user or self.care_manager, model)
        return etree.fromstring(records.get_view(view_type=view_type)["arch"])

    def names(self, model, user=None, view_type="form", tag="button"):
        return {
            node.get("name") for node in self.view(model, view_type, user).iter(tag)
        }

    def domain_of(self, model, name, user=None):
        """The domain of a filter."""
        [node] = self.view(model, "search").xpath(f"//filter[@name='{name}']")
        user = user or self.care_manager
        return safe_eval(node.get("domain"), {"uid": user.id})

    def test_filters_of_the_desk(self):
        elsewhere = self.case(
            team_id=self.env["crm.care.team"]
            .create({"name": "Other", "company_id": self.company_a.id})
            .id
        )
        case = self.case()
        for user, found in (
            (self.agent_team, case),
            # Its leader.
            (self.care_manager, case),
            (self.salesman, case.browse()),
        ):
            Case = self.as_user(user, "crm.care.case")
            domain = self.domain_of("crm.care.case", "my_teams", user)
            domain += [("id", "in", (case + elsewhere).ids)]
            self.assertEqual(Case.search(domain), found, user.name)
        cases = case + self.case() + self.case()
        for each, day in zip(cases, (-2, 0, 2), strict=True):
            each.activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=self.shifted(day),
                user_id=self.care_manager.id,
            )
        Case = self.as_user(self.care_manager, "crm.care.case")
        for each, name in zip(
            cases,
            ("activities_overdue", "activities_today", "activities_upcoming_all"),
            strict=True,
        ):
            self.assertEqual(
                Case.search(self.domain_of("crm.care.case", name)), each, name
            )
        for name in ("group_closed", "group_company"):
            user = self.care_manager
            user.group_ids += self.env.ref("base.group_multi_company")
            [node] = self.view("crm.care.case", "search").xpath(
                f"//filter[@name='{name}']"
            )
            spec = safe_eval(node.get("context"))["group_by"]
            self.assertTrue(Case.formatted_read_group([], [spec], ["__count"]))

    def shifted(self, days):
        return self.today + timedelta(days=days)

    def test_what_was_archived_is_found(self):
        sla = self.sla(3, active=False)
        rule = self.env.ref("crm_extended.crm_care_escalation_100")
        category = self.env["crm.care.category"].create({"name": "x", "active": False})
        stage = self.solved
        stage.active = False
        for record in (sla, rule, category, stage):
            self.assertIn(record._name, ARCHIVED)
            domain = self.domain_of(record._name, "archived")
            self.assertIn(record, record.search(domain))

    def test_examples_of_escalation_rules(self):
        rules = self.env["crm.care.escalation"].concat(
            *(
                self.env.ref(f"crm_extended.crm_care_escalation_{percent}")
                for percent in (50, 75, 100, 150)
            )
        )
        self.assertEqual(rules.mapped("percent"), [50, 75, 100, 150])
        self.assertFalse(any(rules.mapped("active")))
        self.sla(8, metric="first_response")
        with self.at("2026-03-16 08:00"):
            case = self.case(user_id=self.agent.id)
            self.assertFalse(case.sla_status_ids.next_escalation_date)
            rules.action_unarchive()
            self.assertEqual(
                case.sla_status_ids.next_escalation_date,
                # That for halfway is for solving only.
                self.local("2026-03-16 15:00"),
            )
        with self.at("2026-03-18 08:00"), self.no_commits():
            self.env["crm.care.sla.status"]._cron_escalate()
        self.assertEqual(case.user_id, self.care_manager)
        self.assertEqual(case.priority, "1")

    def test_the_log_stands_on_the_case(self):
        self.sla(8)
        rule = self.env["crm.care.escalation"].create(
            {"name": "Now", "percent": 50, "notify_assignee": True}
        )
        with self.at("2026-03-16 08:00"):
            case = self.case(user_id=self.agent.id)
        with self.at("2026-03-17 08:00"), self.no_commits():
            self.env["crm.care.sla.status"]._cron_escalate()
        shown = case.with_user(self.agent).escalation_log_ids
        self.assertEqual(shown.rule_id, rule)
        self.assertEqual(shown.user_ids, self.agent)
        name = "escalation_log_ids"
        self.assertIn(name, self.names("crm.care.case", self.agent, tag="field"))
        # Who may only read cases does not read what fired, and the form opens.
        self.assertNotIn(name, self.names("crm.care.case", self.salesman, tag="field"))
        dates = self.view("crm.care.escalation.log", "search", self.agent)
        for node in dates.xpath("//group/filter"):
            spec = safe_eval(node.get("context"))["group_by"]
            logs = self.as_user(self.agent, "crm.care.escalation.log")
            found = logs.formatted_read_group(
                [("case_id", "=", case.id)], [spec], ["__count"]
            )
            self.assertEqual([group["__count"] for group in found], [1])

    # -- Buttons on other records

    def test_cases_of_leads_and_orders(self):
        lead = self.env["crm.lead"].create({"name": "x", "partner_id": self.asker.id})
        order = self.env["sale.order"].create(
            {"partner_id": self.asker.id, "company_id": self.company_a.id}
        )
        self.case()
        for record, name in ((lead, "lead_id"), (order, "order_id")):
            case = self.case(**{name: record.id})
            self.check_button(record, name, case)
            self.assertIn("action_care_cases", self.names(record._name, self.salesman))
        agent_in_sales = self.new_user("both", "crm_extended.group_care_agent")
        agent_in_sales.group_ids += self.env.ref("sales_team.group_sale_salesman")
        self.assertIn("action_care_cases", self.names("res.partner", agent_in_sales))
        # Commands are in the gear menu.
        new_case = self.env.ref("crm_extended.res_partner_action_care_new_case")
        for user, is_offered in ((agent_in_sales, True), (self.salesman, False)):
            actions = self.as_user(user, "ir.actions.actions")
            offered = actions.get_bindings("res.partner").get("action", [])
            self.assertEqual(
                new_case.id in [action["id"] for action in offered], is_offered
            )

    def check_button(self, record, name, case):
        action = record.action_care_cases()
        Case = self.as_user(self.care_manager, "crm.care.case")
        self.assertEqual(Case.search(action["domain"]), case)
        new = self.env["crm.care.case"].with_context(**action["context"])
        new = new.create({"name": "Another"})
        self.assertEqual(new[name], record)
        self.assertEqual(new.partner_id, self.asker)
        self.assertEqual(new.company_id, self.company_a)

    def move(self, company, move_type="out_invoice"):
        journal = self.env["account.journal"].create(
            {
                "name": f"Sales {move_type}",
                "code": move_type[-3:].upper(),
                "type": "sale",
                "company_id": company.id,
            }
        )
        return self.env["account.move"].create(
            {
                "move_type": move_type,
                "journal_id": journal.id,
                "company_id": company.id,
                "partner_id": self.asker.id,
            }
        )

    def test_cases_of_invoices(self):
        invoice = self.move(self.company_a)
        context = invoice.action_care_new_case()["context"]
        case = self.env["crm.care.case"].with_context(**context).create({})
        self.assertEqual(case.invoice_id, invoice)
        self.assertEqual(case.partner_id, self.asker)
        self.assertEqual(case.company_id, self.company_a)
        self.check_button(invoice, "invoice_id", case)
        clerk = self.new_user("clerk", "account.group_account_invoice")
        self.assertNotIn("action_care_cases", self.names("account.move", clerk))
        clerk.group_ids += self.env.ref("crm_extended.group_care_agent")
        self.assertIn("action_care_cases", self.names("account.move", clerk))

    def test_compensation(self):
        case = self.case(type="complaint")
        note = self.move(self.company_a, "out_refund")
        case.write(
            {
                "compensation": "credit_note",
                "compensation_move_id": note.id,
                "compensation_amount": 12.5,
            }
        )
        self.assertEqual(case.currency_id, self.company_a.currency_id)
        self.assertEqual(case.compensation_amount, 12.5)
        with self.assertRaises(UserError):
            case.compensation_move_id = self.move(self.company_b, "out_refund")
