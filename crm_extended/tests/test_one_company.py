"""Configuration as people enter it who see one company, and those who see two."""

from lxml import etree

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from .common import CustomerValueCommon

# Models whose records people make by a name they type, in passing.
CONFIGURATION = (
    "crm.care.",
    "crm.loyalty.",
    "crm.rfm.",
    "product.pricelist",
    "mail.template",
    "resource.calendar",
    "res.company",
    "res.users",
)
GROUPS = (
    "sales_team.group_sale_manager,crm_extended.group_care_manager,"
    "product.group_product_pricelist"
)


class ConfigurationCommon(CustomerValueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = cls.new_configurator()
        cls.team, cls.team_b = cls.env["crm.care.team"].create(
            [
                {"name": "Support A", "company_id": cls.company_a.id},
                {"name": "Support B", "company_id": cls.company_b.id},
            ]
        )
        cls.lines = {}
        for name, values in {
            "crm.care.category": {"name": "Delivery"},
            "crm.care.stage": {"name": "Workshop"},
            "crm.care.sla": {"name": "By default"},
            "crm.loyalty.tier": {"name": "Diamond"},
            "crm.loyalty.benefit": {"name": "Gift"},
            "crm.rfm.segment": {"name": "Regulars"},
            "product.pricelist": {"name": "Members"},
        }.items():
            own, foreign = cls.env[name].create(
                [
                    {**values, "company_id": company.id}
                    for company in cls.company_a + cls.company_b
                ]
            )
            cls.lines[name] = (own, foreign)
        cls.lines["crm.care.team"] = (cls.team, cls.team_b)

    @classmethod
    def new_configurator(cls):
        return cls.new_user("configurator", GROUPS)

    def as_user(self, model):
        return self.env[model].with_user(self.user)

    def offered(self, form, field):
        """What the dropdown of a field in a form offers."""
        model = form._record
        description = model.fields_get([field])[field]
        view = model.get_view(view_type="form")["arch"]
        [node, *_others] = etree.fromstring(view).xpath(f"//field[@name='{field}']")
        domain = node.get("domain") or description.get("domain") or []
        if isinstance(domain, str):
            domain = safe_eval(
                domain,
                {
                    **form._values,
                    "uid": self.user.id,
                    "allowed_company_ids": self.user.company_ids.ids,
                },
            )
        # What the server makes of a new record, and a search of it.
        return self.as_user(description["relation"]).search(domain)

    def choose(self, form, field):
        """Choose from what is offered the line of company A."""
        comodel = form._record._fields[field].comodel_name
        line = self.lines[comodel][0].with_user(self.user)
        self.assertIn(line, self.offered(form, field), f"{form._record} {field}")
        if form._record._fields[field].type == "many2one":
            form[field] = line
        else:
            form[field].add(line)

    def make(self, model, fields, **values):
        """Make a record by its form, each of the fields chosen from what it offers."""
        form = Form(self.as_user(model))
        for name, value in values.items():
            setattr(form, name, value)
        for field in fields:
            self.choose(form, field)
        return form.save()

    def add_to(self, record, fields):
        """The same with a record that is there and belongs to all companies."""
        self.assertFalse(record.company_id)
        with Form(record.with_user(self.user)) as form:
            for field in fields:
                self.choose(form, field)
        for field in fields:
            self.assertIn(self.lines[record[field]._name][0], record[field])


SLA_FIELDS = ("team_ids", "category_ids", "tier_ids", "segment_ids")
TIER_FIELDS = ("segment_ids", "pricelist_id", "benefit_ids")


@tagged("post_install", "-at_install")
class TestOneCompany(ConfigurationCommon):
    """The company is nowhere to be seen."""

    def test_the_company_is_hidden(self):
        self.assertFalse(self.user.has_group("base.group_multi_company"))

    def test_targets(self):
        sla = self.make("crm.care.sla", SLA_FIELDS, name="Answer")
        self.assertEqual(sla.company_id, self.company_a)
        shared = sla.sudo().copy({"company_id": False, "team_ids": False})
        self.add_to(shared, ["team_ids", "category_ids"])

    def test_escalation_rules(self):
        rule = self.make("crm.care.escalation", ["team_ids"], name="Warn")
        self.assertEqual(rule.company_id, self.company_a)
        shared = rule.sudo().copy({"company_id": False, "team_ids": False})
        self.add_to(shared, ["team_ids"])

    def test_shipped_escalation_rules_can_be_limited_to_a_team(self):
        rule = self.env.ref("crm_extended.crm_care_escalation_75")
        rule.write({"company_id": False, "team_ids": False})
        self.add_to(rule, ["team_ids"])

    def test_tiers(self):
        """Where a company has tiers of its own, a new one is another of them."""
        tier = self.make("crm.loyalty.tier", TIER_FIELDS, name="Ruby")
        self.assertEqual(tier.company_id, self.company_a)
        self.assertEqual(tier.pricelist_id, self.lines["product.pricelist"][0])

    def test_tiers_of_the_shared_ladder_join_it(self):
        """A first tier of the company's own would put the shared ones out of use."""
        tiers = self.env["crm.loyalty.tier"]
        tiers.search([("company_id", "=", self.company_a.id)]).unlink()
        tiers.create({"name": "For all", "company_id": False})
        tier = self.make("crm.loyalty.tier", TIER_FIELDS, name="Ruby")
        self.assertFalse(tier.company_id)
        self.assertIn(tier, tiers._of_company(self.company_a))

    def test_first_tiers_belong_to_the_company(self):
        self.env["crm.loyalty.tier"].search([]).active = False
        tier = self.make("crm.loyalty.tier", TIER_FIELDS, name="Ruby")
        self.assertEqual(tier.company_id, self.company_a)

    def test_shipped_tiers_can_have_a_pricelist(self):
        tier = self.env["crm.loyalty.tier"].create(
            {"name": "For all", "company_id": False}
        )
        self.add_to(tier, TIER_FIELDS)

    def test_a_shared_tier_applies_prices_in_the_pricelist_company_only(self):
        pricelist = self.lines["product.pricelist"][0]
        tier = self.env["crm.loyalty.tier"].create(
            {"name": "For all", "company_id": False, "pricelist_id": pricelist.id}
        )
        customer = self.customer()
        memberships = self.env["crm.loyalty.membership"].sudo()
        for company in self.company_a + self.company_b:
            memberships.create(
                {
                    "partner_id": customer.id,
                    "company_id": company.id,
                    "tier_id": tier.id,
                    "date_from": self.today,
                }
            )
            self.env["crm.loyalty.pricelist"]._apply_pricelists(company, 10)
        prices = [
            customer.with_company(company).specific_property_product_pricelist
            for company in self.company_a + self.company_b
        ]
        self.assertEqual(prices, [pricelist, self.env["product.pricelist"]])

    def test_segments(self):
        segment = self.make("crm.rfm.segment", [], name="Rare")
        self.assertEqual(segment.company_id, self.company_a)
        self.env["crm.rfm.segment"].search(
            [("company_id", "=", self.company_a.id)]
        ).unlink()
        self.env["crm.rfm.segment"].create({"name": "For all", "company_id": False})
        self.assertFalse(self.make("crm.rfm.segment", [], name="Rare").company_id)

    def test_teams(self):
        team = self.make(
            "crm.care.team", ["default_sla_ids", "stage_ids"], name="Workshop"
        )
        self.assertEqual(team.company_id, self.company_a)

    def test_stages_categories_and_benefits(self):
        stage = self.make("crm.care.stage", ["team_ids"], name="Repair")
        self.assertEqual(stage.team_ids, self.team)
        for model in ("crm.care.category", "crm.loyalty.benefit"):
            values = self.as_user(model).default_get(["company_id"])
            record = self.as_user(model).create({"name": "New", **values})
            self.assertFalse(record.company_id, "of use to all companies")

    def test_purchases_interactions_and_cases(self):
        customer = self.customer().with_user(self.user)
        purchase = self.make("crm.purchase.history", [], partner_id=customer, amount=5)
        self.assertEqual(purchase.company_id, self.company_a)
        interaction = self.make("crm.interaction", [], partner_id=customer)
        self.assertEqual(interaction.company_id, self.company_a)
        case = self.make(
            "crm.care.case",
            ["team_id", "category_id"],
            name="Help",
            partner_id=customer,
        )
        self.assertEqual(case.company_id, self.company_a)
        self.assertIn(
            self.lines["crm.care.stage"][0],
            self.offered(Form(case.with_user(self.user)), "stage_id"),
        )


@tagged("post_install", "-at_install")
class TestTwoCompanies(ConfigurationCommon):
    """The company is a field of the form."""

    @classmethod
    def new_configurator(cls):
        return new_test_user(
            cls.env,
            login="crm_extended_configurator",
            groups=f"{GROUPS},base.group_multi_company",
            company_id=cls.company_a.id,
            company_ids=[Command.set((cls.company_a + cls.company_b).ids)],
        )

    def as_user(self, model):
        return super().as_user(model).with_context(allowed_company_ids=self.both)

    @property
    def both(self):
        return (self.company_a + self.company_b).ids

    def test_the_current_company_is_entered(self):
        for model in ("crm.care.sla", "crm.care.escalation", "crm.loyalty.tier"):
            self.assertEqual(Form(self.as_user(model)).company_id, self.company_a)

    def test_what_belongs_to_a_company_is_offered_its_own_and_shared_lines(self):
        for model, fields in (
            ("crm.care.sla", SLA_FIELDS),
            ("crm.care.escalation", ["team_ids"]),
            ("crm.care.stage", ["team_ids"]),
            ("crm.loyalty.tier", TIER_FIELDS),
        ):
            form = Form(self.as_user(model))
            form.company_id = self.company_a
            for field in fields:
                own, foreign = self.lines[form._record._fields[field].comodel_name]
                offered = self.offered(form, field)
                self.assertIn(own, offered)
                self.assertNotIn(foreign, offered)

    def test_what_is_shared_is_offered_lines_of_both(self):
        for model, fields in (
            ("crm.care.sla", SLA_FIELDS),
            ("crm.care.escalation", ["team_ids"]),
            ("crm.care.stage", ["team_ids"]),
            ("crm.loyalty.tier", TIER_FIELDS),
        ):
            form = Form(self.as_user(model))
            form.name = "For all"
            form.company_id = self.env["res.company"]
            for field in fields:
                own, foreign = self.lines[form._record._fields[field].comodel_name]
                self.assertLessEqual(own + foreign, self.offered(form, field))
                self.choose(form, field)
            self.assertFalse(form.save().company_id)

    def test_lines_of_another_company_are_refused(self):
        for model, fields in (
            ("crm.care.sla", SLA_FIELDS),
            ("crm.care.escalation", ["team_ids"]),
            ("crm.care.stage", ["team_ids"]),
            ("crm.loyalty.tier", TIER_FIELDS),
        ):
            record = self.env[model].create(
                {"name": "Of A", "company_id": self.company_a.id}
            )
            for field in fields:
                foreign = self.lines[record._fields[field].comodel_name][1]
                with self.assertRaises(UserError), self.cr.savepoint():
                    record[field] = foreign

    def test_what_is_limited_to_a_company_drops_no_foreign_line(self):
        """Its lines are checked again when it gets a company."""
        foreign = self.lines["product.pricelist"][1]
        tier = self.env["crm.loyalty.tier"].create(
            {"name": "For all", "company_id": False, "pricelist_id": foreign.id}
        )
        with self.assertRaisesRegex(UserError, "another company"):
            tier.company_id = self.company_a

    def test_who_sees_one_company_reads_what_is_limited_to_the_other(self):
        pricelist, team = self.lines["product.pricelist"][1], self.team_b
        tier = self.env["crm.loyalty.tier"].create(
            {"name": "For all", "company_id": False, "pricelist_id": pricelist.id}
        )
        rule = self.env["crm.care.escalation"].create(
            {"name": "For all", "company_id": False, "team_ids": team.ids}
        )
        user = self.new_user("one", GROUPS)
        for record in (tier, rule):
            with Form(record.with_user(user)) as form:
                form.name = "Renamed"
        self.assertEqual(tier.pricelist_id, pricelist)
        self.assertEqual(rule.team_ids, team)


@tagged("post_install", "-at_install")
class TestNoQuickCreate(CustomerValueCommon):
    def test_nothing_of_the_configuration_is_made_by_typing_a_name(self):
        found, wrong = 0, []
        for view in self.env["ir.ui.view"].search([("type", "in", ("form", "list"))]):
            if not (view.xml_id or "").split(".")[0].endswith("crm_extended"):
                continue
            if not (view.model or "").startswith("crm.") or view.model == "crm.lead":
                continue
            arch = etree.fromstring(view.arch_db)
            if arch.tag == "list" and not (
                arch.get("editable") or arch.get("multi_edit")
            ):
                continue
            for node in arch.iter("field"):
                field = self.env[view.model]._fields.get(node.get("name"))
                if (
                    field is None
                    or next(node.iterancestors("field"), None) is not None
                    or field.type not in ("many2one", "many2many")
                    or not field.comodel_name.startswith(CONFIGURATION)
                    or field.readonly
                    or node.get("readonly") == "1"
                    or "1" in (node.get("invisible"), node.get("column_invisible"))
                    or "statusbar" in (node.get("widget") or "")
                    or node.get("position")
                ):
                    continue
                found += 1
                options = safe_eval(node.get("options") or "{}")
                if not (options.get("no_quick_create") or options.get("no_create")):
                    wrong.append((view.xml_id, field.name))
        self.assertGreater(found, 30)
        self.assertFalse(wrong)
