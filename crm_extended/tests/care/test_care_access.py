"""Who sees and changes which cases: roles, teams, companies, customers, others."""

from odoo import Command
from odoo.exceptions import AccessError

from .common import CareCommon

MODELS = (
    "crm.care.case",
    "crm.care.team",
    "crm.care.stage",
    "crm.care.category",
    "crm.care.sla",
    "crm.care.sla.status",
    "crm.care.escalation",
    "crm.care.escalation.log",
)


class TestCareAccess(CareCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sla(8)
        cls.other_team = cls.env["crm.care.team"].create(
            {"name": "Other", "company_id": cls.company_a.id}
        )
        cls.own = cls.case("own", user_id=cls.agent.id)
        cls.colleagues = cls.case("colleague's", user_id=cls.agent_2.id)
        cls.unassigned = cls.case("unassigned")
        cls.elsewhere = cls.case("elsewhere", team_id=cls.other_team.id)
        cls.unknown = cls.case("unknown", partner_id=False, email_from="x@example.org")
        cls.cases = (
            cls.own + cls.colleagues + cls.unassigned + cls.elsewhere + cls.unknown
        )
        cls.agent_b = cls.new_user(
            "agent_b", "crm_extended.group_care_manager", cls.company_b
        )
        cls.env.flush_all()

    def visible(self, user):
        Case = self.as_user(user, "crm.care.case")
        found = Case.search([("id", "in", self.cases.ids)])
        self.env.invalidate_all()
        for case in self.cases.with_env(Case.env):
            if case in found:
                case.read(["name", "sla_state", "tier_id"])
            else:
                with self.assertRaises(AccessError):
                    case.read(["name"])
        self.assertEqual(Case.search_count([("id", "in", self.cases.ids)]), len(found))
        return set(found.sudo().mapped("name"))

    def test_who_sees_what(self):
        self.assertEqual(self.visible(self.agent), {"own", "unassigned", "unknown"})
        self.assertEqual(
            self.visible(self.agent_team),
            {"own", "colleague's", "unassigned", "unknown"},
        )
        everything = {"own", "colleague's", "unassigned", "elsewhere", "unknown"}
        self.assertEqual(self.visible(self.care_manager), everything)
        self.assertEqual(self.visible(self.salesman), everything - {"unknown"})

    def test_salespeople_read_only(self):
        case = self.own.with_user(self.salesman)
        for write in (
            lambda: case.write({"name": "x"}),
            lambda: case.action_solve(),
            lambda: case.action_assign_to_me(),
            lambda: case.action_link_customer(),
            lambda: case.unlink(),
            lambda: case.copy(),
            lambda: self.as_user(self.salesman, "crm.care.case").create({"name": "x"}),
            lambda: self.asker.with_user(self.salesman).action_care_new_case(),
        ):
            with self.assertRaises(AccessError):
                write()

    def test_a_salesperson_who_is_an_agent_too(self):
        self.agent.group_ids += self.env.ref("sales_team.group_sale_salesman")
        self.assertIn("elsewhere", self.visible(self.agent))
        self.own.with_user(self.agent).name = "mine"
        with self.assertRaises(AccessError):
            self.elsewhere.with_user(self.agent).name = "not mine"

    def test_agents_work(self):
        case = self.unassigned.with_user(self.agent)
        case.action_assign_to_me()
        case.stage_id = self.waiting
        case.message_post(
            body="Hello", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        self.assertTrue(case.first_response_date)
        case.action_solve()
        self.assertEqual(case.outcome, "solved")
        new = self.as_user(self.agent, "crm.care.case").create(
            {"name": "By phone", "partner_id": self.asker.id}
        )
        self.assertTrue(new.sla_status_ids)
        with self.assertRaises(AccessError):
            case.unlink()
        with self.assertRaises(AccessError):
            self.colleagues.with_user(self.agent).action_solve()
        wizard = self.as_user(self.agent, "crm.care.merge.wizard").create(
            {
                "case_ids": [Command.set((new + self.own).ids)],
                "target_id": new.id,
            }
        )
        wizard.action_merge()
        self.assertEqual(self.own.merged_into_id, new)
        with self.assertRaises(AccessError):
            self.colleagues.with_user(self.agent)._merge_into(new)

    def test_agents_open_every_view(self):
        """As the web client does it, with all that a form shows."""
        self.own.write({"lead_id": self.env["crm.lead"].create({"name": "x"}).id})
        for user in (self.agent, self.salesman, self.care_manager):
            case = self.own.with_env(self.as_user(user, "crm.care.case").env)
            for view_type in ("form", "kanban", "list"):
                view = case.get_view(view_type=view_type)
                case.web_read(case._get_fields_spec(view))

    def test_configuration_is_the_managers(self):
        for model, values in (
            ("crm.care.team", {"name": "New"}),
            ("crm.care.stage", {"name": "New"}),
            ("crm.care.category", {"name": "New"}),
            ("crm.care.sla", {"name": "New", "hours": 2}),
            ("crm.care.escalation", {"name": "New", "percent": 50}),
        ):
            self.as_user(self.care_manager, model).create(values)
            with self.assertRaises(AccessError, msg=model):
                self.as_user(self.agent, model).create(values)
        status = self.own.sla_status_ids.with_user(self.care_manager)
        with self.assertRaises(AccessError):
            status.write({"deadline": False})

    def test_targets_are_seen_with_their_cases(self):
        Status = self.as_user(self.agent, "crm.care.sla.status")
        found = Status.search([("case_id", "in", self.cases.ids)])
        self.assertEqual(
            found.case_id.sudo(), self.own + self.unassigned + self.unknown
        )
        hidden = self.colleagues.sla_status_ids.with_env(Status.env)
        hidden.invalidate_recordset()
        with self.assertRaises(AccessError):
            hidden.read(["deadline"])

    def test_no_company_sees_anothers(self):
        self.assertEqual(self.visible(self.agent_b), set())
        with self.assertRaises(AccessError):
            self.own.with_user(self.agent_b).action_solve()
        with self.assertRaises(AccessError):
            self.own.sla_status_ids.with_user(self.agent_b).read(["deadline"])
        with self.assertRaises(AccessError):
            self.team.with_user(self.agent_b).read(["name"])

    def test_a_customer_who_is_hidden(self):
        self.env["ir.rule"].create(
            {
                "name": "Not this one",
                "model_id": self.env.ref("base.model_res_partner").id,
                "domain_force": f"[('id', '!=', {self.asker.id})]",
                "groups": [
                    Command.link(self.env.ref("sales_team.group_sale_salesman").id)
                ],
            }
        )
        self.env.registry.clear_cache()
        self.assertEqual(self.visible(self.salesman), set())

    def test_others_see_nothing(self):
        for user in (self.employee, self.portal, self.env.ref("base.public_user")):
            for model in MODELS:
                with self.assertRaises(AccessError, msg=f"{user.login} {model}"):
                    self.env(user=user, context={})[model].search([])
        partner = self.asker.with_env(self.as_user(self.employee, "res.partner").env)
        self.assertNotIn("care_case_count", partner.fields_get())

    def test_cases_do_not_rank_customers(self):
        """How much they buy is for sales; tier and segment are shown to all who see
        cases."""
        Case = self.as_user(self.agent, "crm.care.case")
        Status = Case.env["crm.care.sla.status"]
        for name in ("score_id", "membership_id"):
            self.assertNotIn(name, Case.fields_get())
            for attempt in (
                lambda name=name: Case.search([], order=name),
                lambda name=name: Case.search([], order=f"id, {name}.id desc"),
                lambda name=name: Case.web_search_read([], {"name": {}}, order=name),
                lambda name=name: Case.search([(name, "!=", False)]),
                lambda name=name: Case.search([(name, "in", [1, 2])]),
                lambda name=name: Case.search([(name, "any", [("id", ">", 1)])]),
                lambda name=name: Case.search([(f"{name}.partner_id", "!=", False)]),
                lambda name=name: Case.search([]).filtered_domain([(name, "!=", 0)]),
                lambda name=name: Case.formatted_read_group([], [name], ["__count"]),
                lambda name=name: Case.formatted_read_group(
                    [], ["stage_id"], [f"{name}:count_distinct"]
                ),
                lambda name=name: Case.formatted_read_group(
                    [], ["stage_id"], ["__count"], order=f"{name}:max"
                ),
                lambda name=name: Case.search([]).read([name]),
                lambda name=name: Status.search([(f"case_id.{name}", "!=", False)]),
                lambda name=name: Status.formatted_read_group(
                    [], [f"case_id.{name}"], ["__count"]
                ),
            ):
                with self.assertRaises(AccessError, msg=name):
                    attempt()
            self.as_user(self.salesman, "crm.care.case").search([], order=name)
        for name in ("tier_id", "segment_id", "tier_color", "tier_icon"):
            self.assertTrue(Case.search([(name, "=", False)], order=name))
            self.assertFalse(Case.search([(name, "!=", False)], order=name))
            Case.formatted_read_group([], [name], ["__count"])

    def test_an_empty_company(self):
        Case = self.as_user(self.agent_b, "crm.care.case")
        self.assertFalse(Case.search([]))
        self.assertEqual(Case._read_group([], ["sla_state"], ["__count"]), [])
        self.assertFalse(self.as_user(self.agent_b, "crm.care.team").search([]))
