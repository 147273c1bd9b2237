"""Nobody gives a record to a company, or attaches it to a customer, lead or case, that
they do not see: not by a change, a new record, a copy or a command of another field."""

from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .care.common import CareCommon

HIGHEST = (
    "sales_team.group_sale_manager,crm_extended.group_care_manager,"
    "base.group_system,account.group_account_manager"
)


@tagged("post_install", "-at_install")
class TestNewOwner(CareCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.chief = cls.new_user("chief", HIGHEST)
        cls.team_b = cls.env["crm.care.team"].create(
            {"name": "Of B", "company_id": cls.company_b.id}
        )
        cls.hidden_customer = cls.customer("Hidden")
        cls.hidden_lead = cls.env["crm.lead"].create({"name": "Hidden"})
        cls.hidden_case = cls.case("Hidden")
        cls.foreign_case = cls.case("Foreign", team_id=cls.team_b.id)
        cls.env["ir.rule"].create(
            [
                {
                    "name": f"Not the hidden one: {model}",
                    "model_id": cls.env["ir.model"]._get_id(model),
                    "domain_force": f"[('{field}', '!=', 'Hidden')]",
                }
                for model, field in (
                    ("res.partner", "name"),
                    ("crm.lead", "name"),
                    ("crm.care.case", "name"),
                )
            ]
        )
        cls.seen = cls.customer("Seen")
        company = {"company_id": cls.company_a.id}
        named = {"name": "Of A", **company}
        cls.values = {
            "crm.purchase.history": {
                "partner_id": cls.seen.id,
                "amount": 5,
                **company,
            },
            "crm.rfm.rebuild": {
                "date_from": cls.today - timedelta(days=90),
                "date_to": cls.today,
                **company,
            },
            "crm.interaction": {"partner_id": cls.seen.id, **company},
            "crm.timeline.pin": {
                "partner_id": cls.seen.id,
                "source": "message",
                "res_model": "mail.message",
                "res_id": 1,
                **company,
            },
            "crm.consent": {
                "partner_id": cls.seen.id,
                "purpose_id": cls.env.ref("crm_extended.purpose_marketing").id,
                **company,
            },
            "crm.customer.date": {
                "partner_id": cls.seen.id,
                "kind_id": cls.env.ref("crm_extended.date_kind_birthday").id,
                "date": cls.today,
                **company,
            },
            "crm.referral": {
                "partner_id": cls.seen.id,
                "referred_id": cls.customer("Recommended").id,
                **company,
            },
            "crm.competitor": named,
            "crm.campaign.plan": {
                "campaign_id": cls.env["utm.campaign"].create({"name": "Of A"}).id,
                **company,
            },
            "crm.contact.quiet.day": {"date": cls.today, **company},
            "crm.care.case": {
                "name": "Of A",
                "partner_id": cls.seen.id,
                "team_id": cls.team.id,
            },
            "crm.agenda.reason": {"key": "quotation", "weight": 0.5, **company},
            **dict.fromkeys(
                (
                    "crm.care.plan",
                    "crm.care.plan.group",
                    "crm.customer.list",
                    "crm.consent.purpose",
                    "crm.customer.date.kind",
                    "crm.rfm.segment",
                    "crm.loyalty.tier",
                    "crm.loyalty.benefit",
                    "crm.care.team",
                    "crm.care.stage",
                    "crm.care.category",
                    "crm.care.sla",
                    "crm.care.escalation",
                ),
                named,
            ),
        }
        cls.records = {
            name: cls.env[name].create(values) for name, values in cls.values.items()
        }
        cls.env.flush_all()

    def refused(self, call):
        with self.assertRaises(UserError), self.cr.savepoint():
            call()
            self.env.flush_all()

    def as_chief(self, records):
        return records.with_user(self.chief).with_context(
            allowed_company_ids=self.company_a.ids
        )

    def test_every_model_that_people_write_is_tried(self):
        writable = set()
        for name, model in self.env.items():
            if (
                model._abstract
                or model._transient
                or not model._auto
                or not model._original_module.endswith("crm_extended")
                or not (field := model._fields.get("company_id"))
                or not field.store
            ):
                continue
            mine = self.as_chief(model)
            if mine.has_access("create") or mine.has_access("write"):
                writable.add(name)
        self.assertFalse(writable - self.values.keys())

    def test_no_record_goes_to_another_company(self):
        to_b = {"company_id": self.company_b.id}
        for name, record in self.records.items():
            with self.subTest(name):
                mine = self.as_chief(record)
                self.refused(lambda mine=mine: mine.write(to_b))
                values = {**self.values[name], **to_b}
                self.refused(lambda mine=mine, vals=values: mine.create(vals))
                self.refused(lambda mine=mine: mine.copy(to_b))
                loaded = mine.load(
                    [".id", "company_id/.id"],
                    [[str(mine.id), str(self.company_b.id)]],
                )
                self.assertFalse(loaded["ids"])
                self.env.invalidate_all()
                self.assertEqual(record.company_id, self.company_a)

    def test_a_shared_configuration_does_not_become_another_companys(self):
        for name in ("crm.loyalty.tier", "crm.care.sla", "crm.rfm.segment"):
            shared = self.records[name].copy({"company_id": False})
            self.refused(
                lambda shared=shared: self.as_chief(shared).write(
                    {"company_id": self.company_b.id}
                )
            )

    def test_no_record_is_attached_to_a_hidden_customer(self):
        hidden = {"partner_id": self.hidden_customer.id}
        for name, record in self.records.items():
            if "partner_id" not in record._fields:
                continue
            with self.subTest(name):
                mine = self.as_chief(record)
                self.refused(lambda mine=mine: mine.write(hidden))
                values = {**self.values[name], **hidden}
                if "referred_id" in values:
                    # A customer is recommended by one.
                    values["referred_id"] = self.customer("Another").id
                self.refused(lambda mine=mine, vals=values: mine.create(vals))
                self.refused(lambda mine=mine: mine.copy(hidden))

    def test_no_record_is_attached_to_a_hidden_lead_or_case(self):
        lead, case = self.hidden_lead.id, self.hidden_case.id
        for name, values in (
            ("crm.interaction", {"lead_id": lead}),
            ("crm.interaction", {"case_id": case}),
            ("crm.interaction", {"case_id": self.foreign_case.id}),
            ("crm.care.case", {"lead_id": lead}),
            ("crm.care.case", {"previous_case_id": case}),
            ("crm.care.case", {"linked_ids": [Command.link(case)]}),
            ("crm.care.case", {"linked_ids": [Command.set([case])]}),
            ("crm.care.case", {"merged_into_id": case}),
        ):
            with self.subTest(values):
                mine = self.as_chief(self.records[name])
                self.refused(lambda mine=mine, vals=values: mine.write(vals))
                created = {**self.values[name], **values}
                self.refused(lambda mine=mine, vals=created: mine.create(vals))
                self.refused(lambda mine=mine, vals=values: mine.copy(vals))

    def test_an_order_that_is_not_seen_is_not_attached(self):
        order = self.env["sale.order"].create({"partner_id": self.seen.id})
        self.assertFalse(order.with_user(self.care_manager).has_access("read"))
        case = self.records["crm.care.case"].with_user(self.care_manager)
        self.refused(lambda: case.write({"order_id": order.id}))

    def test_no_commands_of_another_field_do_it(self):
        case, team = self.records["crm.care.case"], self.records["crm.care.team"]
        interaction = self.env["crm.interaction"].create({"case_id": case.id})
        for record, values in (
            (
                team,
                {"case_ids": [Command.update(case.id, {"team_id": self.team_b.id})]},
            ),
            (team, {"case_ids": [Command.link(self.foreign_case.id)]}),
            (
                team,
                {
                    "case_ids": [
                        Command.create(
                            {"name": "New", "partner_id": self.hidden_customer.id}
                        )
                    ]
                },
            ),
            (
                case,
                {
                    "interaction_ids": [
                        Command.update(
                            interaction.id, {"partner_id": self.hidden_customer.id}
                        )
                    ]
                },
            ),
            (case, {"follow_up_ids": [Command.link(self.hidden_case.id)]}),
            (case, {"follow_up_ids": [Command.link(self.foreign_case.id)]}),
        ):
            with self.subTest(values):
                mine = self.as_chief(record)
                self.refused(lambda mine=mine, vals=values: mine.write(vals))

    def test_a_case_goes_to_no_team_of_another_company(self):
        case = self.as_chief(self.records["crm.care.case"])
        self.refused(lambda: case.write({"team_id": self.team_b.id}))
        self.refused(
            lambda: case.write({"team_id": self.team_b.id, "user_id": self.chief.id})
        )

    def test_cases_are_handed_over(self):
        """To a colleague or another team: the agent need not have them afterwards."""
        other = self.env["crm.care.team"].create(
            {"name": "Other", "company_id": self.company_a.id}
        )
        for values in (
            {"user_id": self.agent_2.id},
            {"user_id": self.agent_2.id, "partner_id": self.seen.id},
            {"team_id": other.id, "user_id": False},
            {"team_id": other.id},
        ):
            case = self.case("Mine", user_id=self.agent.id)
            case.with_user(self.agent).write(values)
            self.assertEqual(case.company_id, self.company_a)

    def test_who_is_in_both_companies_moves_records(self):
        self.chief.company_ids = self.company_a + self.company_b
        purchase = self.records["crm.purchase.history"].with_user(self.chief)
        purchase.with_context(
            allowed_company_ids=(self.company_a + self.company_b).ids
        ).company_id = self.company_b
        self.assertEqual(purchase.company_id, self.company_b)

    def test_a_copy_leaves_out_what_is_not_seen(self):
        case = self.records["crm.care.case"]
        case.lead_id = self.hidden_lead
        copy = self.as_chief(case).copy()
        self.assertFalse(copy.lead_id)
        self.assertEqual(copy.partner_id, self.seen)
        self.assertEqual(case.lead_id, self.hidden_lead)

    def test_what_was_attached_before_and_is_hidden_stays(self):
        case = self.records["crm.care.case"]
        case.linked_ids = self.hidden_case
        other = self.case("Another")
        self.as_chief(case).write({"linked_ids": [Command.link(other.id)]})
        self.env.invalidate_all()
        self.assertEqual(case.linked_ids, self.hidden_case + other)

    def test_rebuilds_are_run_by_buttons_only(self):
        rebuild = self.as_chief(self.records["crm.rfm.rebuild"])
        for values in (
            {"state": "running"},
            {"state": "done"},
            {"company_id": self.company_a.id},
            {"done_count": 3},
            {"move_count": 3},
        ):
            with self.assertRaisesRegex(AccessError, "Use its buttons"):
                rebuild.write(values)
        self.refused(
            lambda: rebuild.create(
                {**self.values["crm.rfm.rebuild"], "state": "running"}
            )
        )
        rebuild.action_start()
        self.assertEqual(rebuild.state, "running")
        with self.assertRaisesRegex(UserError, "is running"):
            rebuild.date_from -= timedelta(days=1)
        rebuild.action_cancel()
        self.assertEqual(rebuild.state, "cancelled")
        rebuild.date_from -= timedelta(days=1)

    def test_wizards_work_for_own_companies_only(self):
        tier_b = self.env["crm.loyalty.tier"].create(
            {"name": "Of B", "company_id": self.company_b.id}
        )
        wizard = self.as_chief(self.env["crm.loyalty.tier.wizard"]).create(
            {
                "partner_ids": [Command.set(self.seen.ids)],
                "company_id": self.company_b.id,
                "tier_id": tier_b.id,
                "lock_reason": "Mine",
            }
        )
        self.refused(wizard.action_apply)
