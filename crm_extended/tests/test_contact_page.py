"""The contact's form and the list of contacts, with everything that the packages add."""

import json
from ast import literal_eval

from lxml import etree

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged

from .care.common import CareCommon
from .loyalty.common import LoyaltyCommon

FEATURES = ("timeline", "loyalty", "care", "consent", "plans", "insight")
# What a cell of a list has left and right of its content.
CELL_PADDING = 10
# How many pixels the tabs may be lower than without the addon.
MAX_LOWER = 80
# What a script in the page measures, it keeps in the reference of a contact.
KEEP = """
    const { orm } = odoo.__WOWL_DEBUG__.root.env.services;
    await orm.write("res.partner", [%(partner)s], { ref: JSON.stringify(measured) });
    console.log("test successful");
"""
MEASURE_NAME = (
    """
(async () => {
    const name = document.querySelector(".o_list_table th[data-name=complete_name]");
    const measured = {
        name: name.getBoundingClientRect().width,
        isShown: Boolean(document.querySelector(".o_list_table th[data-name=rfm_segment_id]")),
    };
"""
    + KEEP
    + "})();"
)
MEASURE_TABS = (
    """
(async () => {
    const found = (selector) => document.querySelector(selector);
    for (let tries = 0; tries < 100; tries++) {
        if (found("%(shown)s")) {
            break;
        }
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const tabs = found(".o_form_sheet .o_notebook .nav-tabs");
    const active = tabs.querySelector(".nav-link.active");
    const measured = {
        top: tabs.getBoundingClientRect().top,
        width: window.innerWidth,
        isShown: Boolean(found("%(shown)s")),
        active: active.getAttribute("name"),
        isFirst: active === tabs.querySelector(".nav-link"),
    };
"""
    + KEEP
    + "})();"
)


class ContactPageCommon(CareCommon, LoyaltyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.feature"]._switch(**dict.fromkeys(FEATURES, True))
        cls.buyer = cls.customer("Buyer", is_company=True, user_id=cls.salesman.id)
        cls.contact = cls.customer("Buyer's Contact", parent_id=cls.buyer.id)
        cls.buy(cls.contact, 700.0)
        cls.buy(cls.contact, 50.0, days_ago=40)
        cls.refresh()
        cls.env["crm.loyalty.membership"]._assess(cls.company_a)

    def case(self, **values):
        return self.env["crm.care.case"].create(
            {
                "name": "Question",
                "team_id": self.team.id,
                "partner_id": self.contact.id,
                **values,
            }
        )

    def figures(self, user, partner=None, names=None):
        partner = (partner or self.buyer).with_env(
            self.as_user(user, "res.partner").env
        )
        everything = partner._get_customer_figures()
        return partner.get_customer_figures(
            list(everything) if names is None else names
        )


@tagged("post_install", "-at_install")
class TestContactPage(ContactPageCommon):
    # -- Figures

    def test_figures(self):
        self.case()
        self.case(partner_id=self.buyer.id).stage_id = self.solved
        figures = self.figures(self.salesman)
        self.assertEqual(figures["purchases"]["text"], "2")
        self.assertIn("750.00", figures["revenue"]["text"])
        self.assertEqual(figures["revenue"]["label"], "12-Month Revenue")
        self.assertEqual(figures["tier"]["text"], "Silver")
        self.assertIn("to Gold", figures["next_tier"]["text"])
        self.assertEqual(figures["cases"]["text"], "1 open / 2")
        self.assertEqual(figures["open_cases"]["text"], "1")
        self.assertEqual(figures["last_interaction"]["text"], "never")
        self.assertEqual(figures["interactions"]["text"], "0")
        self.assertEqual(figures["satisfaction"]["text"], "–")
        self.assertIn("be mailed for Marketing", figures["contact_policy"]["text"])

    def test_a_contact_has_the_figures_of_its_customer(self):
        self.case(partner_id=self.buyer.id)
        figures = self.figures(self.salesman, self.contact)
        self.assertEqual(figures["purchases"]["text"], "2")
        self.assertEqual(figures["open_cases"]["text"], "1")
        # The button opens the contact's own cases.
        self.assertEqual(figures["cases"]["text"], "0")

    def test_interactions_count_as_the_list_that_opens(self):
        log = self.as_user(self.salesman, "crm.interaction")
        log.create({"partner_id": self.contact.id, "channel": "phone"})
        figures = self.figures(self.salesman)
        self.assertEqual(figures["interactions"]["text"], "1")
        self.assertEqual(figures["last_interaction"]["text"], "today")

    def test_a_customer_without_purchases(self):
        figures = self.figures(self.salesman, self.customer("Fresh"))
        self.assertEqual(figures["last_purchase"]["label"], "No purchases yet")
        self.assertNotIn("revenue", figures)
        self.assertNotIn("tier", figures)

    def test_figures_are_those_of_the_current_company(self):
        self.salesman.company_ids += self.company_b
        partner = self.buyer.with_user(self.salesman)
        other = partner.with_company(self.company_b).get_customer_figures(["revenue"])
        self.assertEqual(other, {})

    def test_figures_follow_role_and_feature(self):
        self.assertEqual(self.figures(self.employee), {})
        self.assertEqual(
            set(self.figures(self.agent)),
            {
                "last_interaction",
                "interactions",
                "cases",
                "open_cases",
                "satisfaction",
                "contact_policy",
            },
        )
        self.env["crm.feature"]._switch(**dict.fromkeys(FEATURES, False))
        self.assertEqual(
            set(self.figures(self.salesman)), {"purchases", "last_purchase", "revenue"}
        )
        self.assertEqual(self.figures(self.agent), {})

    def test_a_request_gets_no_more_than_figures(self):
        for names in ([], ["name", "__class__"], [["revenue"], None, 1, {}]):
            self.assertEqual(self.figures(self.salesman, names=names), {})
        with self.assertRaises(AccessError):
            self.buyer.with_user(self.portal).get_customer_figures(["revenue"])

    # -- Figures of records

    def records(self):
        """An opportunity, an order and an invoice of the contact, by the field of a case
        that links them."""
        values = {"partner_id": self.contact.id, "company_id": self.company_a.id}
        journal = self.env["account.journal"].create(
            {
                "name": "Sales",
                "code": "SALES",
                "type": "sale",
                "company_id": self.company_a.id,
            }
        )
        product = self.env["product.product"].create({"name": "Lamp"})
        order = {"order_line": [(0, 0, {"product_id": product.id, "price_unit": 9.0})]}
        return {
            "lead_id": self.env["crm.lead"].create(
                {**values, "name": "Lamps", "type": "opportunity"}
            ),
            "order_id": self.env["sale.order"].create({**values, **order}),
            "invoice_id": self.env["account.move"].create(
                {**values, "move_type": "out_invoice", "journal_id": journal.id}
            ),
        }

    def test_a_record_counts_its_own_cases(self):
        for field, record in self.records().items():
            with self.subTest(field):
                names = ("cases", "open_cases", "revenue", "write")

                def figures(user, record=record, names=names):
                    record = record.with_env(self.as_user(user, "crm.lead").env)
                    return record.get_customer_figures(names)

                self.assertEqual(figures(self.manager)["cases"]["text"], "0")
                self.case(**{field: record.id})
                self.case(**{field: record.id}).stage_id = self.solved
                self.case()
                self.assertEqual(set(figures(self.manager)), {"cases"})
                self.assertEqual(figures(self.manager)["cases"]["text"], "1 open / 2")
                # As many as the button opens.
                action = record.with_user(self.manager).action_care_cases()
                cases = self.as_user(self.manager, "crm.care.case")
                self.assertEqual(cases.search_count(action["domain"]), 2)
                with self.assertRaises(AccessError):
                    record.with_user(self.employee).get_customer_figures(names)
        self.env["crm.feature"]._switch(care=False)
        self.assertEqual(figures(self.manager), {})

    def test_an_opportunity_counts_its_own_interactions(self):
        lead = self.env["crm.lead"].create(
            {
                "name": "Lamps",
                "partner_id": self.contact.id,
                "company_id": self.company_a.id,
            }
        )
        log = self.as_user(self.manager, "crm.interaction")
        log.create({"partner_id": self.contact.id, "channel": "phone"})
        for number in range(2):
            figures = lead.with_user(self.manager).get_customer_figures(
                ["interactions"]
            )
            self.assertEqual(figures["interactions"]["text"], str(number))
            log.create(
                {
                    "partner_id": self.contact.id,
                    "lead_id": lead.id,
                    "channel": "phone",
                }
            )
        self.env["crm.feature"]._switch(care=False, timeline=False)
        lead = lead.with_user(self.manager)
        self.assertEqual(lead.get_customer_figures(["interactions"]), {})

    def test_every_button_that_opens_others_has_a_figure(self):
        """The buttons of this addon on the forms of Odoo's records."""
        icons = {"fa-life-ring", "fa-comments-o", "fa-smile-o"}
        self.manager.group_ids += self.env.ref("crm_extended.group_care_agent")
        self.manager.group_ids += self.env.ref("account.group_account_invoice")
        found = set()
        for model in ("res.partner", "crm.lead", "sale.order", "account.move"):
            views = self.as_user(self.manager, model)
            arch = etree.fromstring(views.get_view(view_type="form")["arch"])
            for button in arch.xpath("//div[@name='button_box']//button"):
                if button.get("icon") in icons:
                    found.add((model, button.get("icon")))
                    figure = button.xpath(".//widget[@name='crm_customer_figures']")
                    self.assertTrue(figure, (model, button.get("name")))
        self.assertEqual(len(found), 7)

    # -- Form

    def arch(self, user, kind):
        partner = self.as_user(user, "res.partner")
        return etree.fromstring(partner.get_view(view_type=kind)["arch"])

    def test_each_is_shown_once(self):
        arch = self.arch(self.manager, "form")
        for name in ("loyalty_tier_id", "rfm_segment_id", "rfm_code"):
            nodes = arch.xpath(f"//field[@name='{name}'][not(@invisible='1')]")
            self.assertEqual(len(nodes), 1, name)

    def test_what_the_line_says_is_not_said_again(self):
        arch = self.arch(self.manager, "form")
        [page] = arch.xpath("//page[@name='timeline']")
        self.assertEqual(
            [node.get("name") for node in page.iter("widget")], ["crm_timeline"]
        )
        [channel] = arch.xpath("//widget[@name='crm_preferred_channel']")
        self.assertEqual(channel.getparent().get("name"), "customer_strip_details")

    def test_the_timeline_is_the_first_tab(self):
        pages = self.arch(self.salesman, "form").xpath("//notebook[1]/page")
        self.assertEqual(pages[0].get("name"), "timeline")
        self.assertFalse([page for page in pages if page.get("autofocus")])

    def test_smart_buttons_give_figures_and_no_commands(self):
        [box] = self.arch(self.manager, "form").xpath("//div[@name='button_box']")
        for name in ("action_care_cases", "action_care_satisfaction"):
            [button] = box.xpath(f".//button[@name='{name}']")
            self.assertTrue(button.xpath(".//widget[@name='crm_customer_figures']"))
        names = {button.get("name") for button in box.iter("button")}
        self.assertNotIn("action_care_new_case", names)
        wizard = self.env.ref("crm_extended.crm_interaction_wizard_action")
        self.assertNotIn(str(wizard.id), names)

    def test_commands_are_in_the_gear_menu(self):
        def commands(user):
            actions = self.env["ir.actions.actions"].with_user(user)
            bound = actions.get_bindings("res.partner")["action"]
            return {action["name"] for action in bound}

        names = {"Log an Interaction", "New Case", "Set Tier"}
        self.manager.group_ids += self.env.ref("crm_extended.group_care_agent")
        self.assertLessEqual(names, commands(self.manager))
        self.assertFalse(names & commands(self.employee))

    def test_commands_of_a_case_are_in_its_gear_menu(self):
        self.manager.group_ids += self.env.ref("crm_extended.group_care_agent")
        views = self.as_user(self.manager, "crm.care.case")
        arch = etree.fromstring(views.get_view(view_type="form")["arch"])
        wizard = self.env.ref("crm_extended.crm_interaction_wizard_action")
        names = arch.xpath("//div[@name='button_box']/button/@name")
        self.assertNotIn(str(wizard.id), names)
        actions = self.env["ir.actions.actions"].with_user(self.manager)
        bound = actions.get_bindings("crm.care.case")["action"]
        self.assertIn("Log an Interaction", [action["name"] for action in bound])
        case = self.case().with_user(self.manager)
        wizard = self.as_user(self.manager, "crm.interaction.wizard")
        wizard = wizard.with_context(**case.action_log_interaction()["context"])
        self.assertEqual(wizard.create({}).case_id, case)

    def test_log_an_interaction_knows_its_contact(self):
        action = self.contact.with_user(self.salesman).action_log_interaction()
        wizard = self.as_user(self.salesman, "crm.interaction.wizard")
        wizard = wizard.with_context(**action["context"]).create({})
        self.assertEqual(wizard.partner_id, self.contact)

    def test_the_button_of_purchases(self):
        action = self.buyer.with_user(self.manager).action_purchases()
        found = self.as_user(self.manager, "crm.customer.transaction")
        self.assertEqual(len(found.search(action["domain"])), 2)
        action = self.buyer.with_env(
            self.as_user(self.salesman, "res.partner").env
        ).action_purchases()
        self.assertEqual(action["res_model"], "crm.rfm.score")

    # -- List

    def test_a_list_of_80_costs_at_most_two_queries_more(self):
        customers = self.customers(80)
        for customer in customers:
            self.buy(customer, 700.0)
        self.refresh()
        self.env["crm.loyalty.membership"]._assess(self.company_a)
        for customer in customers[:40]:
            self.case(partner_id=customer.id)
            customer.message_post(
                body="Hello", message_type="email", author_id=customer.id
            )
        self.env.flush_all()
        partners = customers.with_env(self.as_user(self.manager, "res.partner").env)
        spec = partners._get_fields_spec(partners.get_view(view_type="list"))
        ours = {
            name
            for name in spec
            if any(
                module.endswith("crm_extended")
                for module in partners._fields[name]._modules
            )
        }
        ours -= {"application_statistics", "complete_name"}
        self.assertLess(
            {
                "rfm_segment_id",
                "loyalty_tier_id",
                "rfm_monetary",
                "last_contact_date",
                "silence_range",
                "care_case_count",
            },
            ours,
        )
        bare = {name: value for name, value in spec.items() if name not in ours}

        def queries(wanted):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            partners.web_read(wanted)
            return self.env.cr.sql_log_count - before

        queries(spec)
        self.assertLessEqual(queries(spec) - queries(bare), 2)

    def test_statistics_of_a_list_ask_for_nothing_of_ours(self):
        self.case()
        partners = self.buyer.with_env(self.as_user(self.manager, "res.partner").env)
        entries = partners._compute_application_statistics_hook()[self.buyer.id]
        self.assertNotIn("fa-life-ring", [entry["iconClass"] for entry in entries])

    def test_one_column_for_tier_and_segment(self):
        shown = self.arch(self.salesman, "list").xpath("//field[@optional='show']")
        names = [node.get("name") for node in shown]
        self.assertEqual(names.count("rfm_segment_id"), 1)
        self.assertNotIn("loyalty_tier_id", names)
        self.env["crm.feature"]._switch(loyalty=False)
        [node] = self.arch(self.salesman, "list").xpath(
            "//field[@name='rfm_segment_id']"
        )
        self.assertEqual(node.get("widget"), "crm_segment_badge")

    def test_columns_take_no_more_room(self):
        """Columns with a fixed width, which the others leave to the name and its
        neighbors, take no more than Odoo's own do."""

        def fixed(arch):
            return [
                # Odoo adds what each cell has around its content.
                int(node.get("width").removesuffix("px")) + CELL_PADDING
                for node in arch.xpath("//list/field[@width]")
                if node.get("optional") != "hide"
                and node.get("column_invisible") not in ("1", "True")
            ]

        base = etree.fromstring(self.env.ref("base.view_partner_tree").arch)
        for states in (True, False):
            self.env["crm.feature"]._switch(**dict.fromkeys(FEATURES, states))
            arch = self.arch(self.manager, "list")
            shown = arch.xpath("//list/field[@optional='show']/@name")
            ours = [name for name in shown if name not in self.base_columns(base)]
            self.assertEqual(ours, ["rfm_segment_id"])
            self.assertLessEqual(sum(fixed(arch)), sum(fixed(base)))

    def base_columns(self, arch):
        return arch.xpath("//list/field/@name") + ["activity_ids"]

    # -- Customers and persons

    def test_customers_are_counted_as_on_other_pages(self):
        person = self.customer("Person")
        self.buy(person, 700.0)
        self.refresh()
        self.env["crm.loyalty.membership"]._assess(self.company_a)
        arch = self.arch(self.salesman, "search")
        [node] = arch.xpath("//filter[@name='customers']")
        Partner = self.as_user(self.salesman, "res.partner")
        domain = [
            ("rfm_score_id", "!=", False),
            ("id", "child_of", (self.buyer + person).ids),
        ]
        self.assertEqual(Partner.search_count(domain), 3)
        filtered = domain + literal_eval(node.get("domain"))
        self.assertEqual(Partner.search(filtered), self.buyer + person)
        for name, model in (
            ("rfm_segment_id", "crm.rfm.score"),
            ("loyalty_tier_id", "crm.loyalty.membership"),
        ):
            customers = dict(Partner._read_group(filtered, [name], ["__count"]))
            records = self.as_user(self.salesman, model)._read_group(
                [
                    ("partner_id", "in", (self.buyer + person).ids),
                    ("company_id", "=", self.company_a.id),
                ],
                [name.removeprefix("rfm_").removeprefix("loyalty_")],
                ["__count"],
            )
            self.assertEqual(customers, dict(records), name)


@tagged("post_install", "-at_install")
class TestContactPageInBrowser(ContactPageCommon, HttpCase):
    browser_size = "1400x900"

    def measure(self, path, script, ready, **values):
        self.browser_js(
            path,
            script % {"partner": self.buyer.id, **values},
            f"odoo.isReady === true && !!document.querySelector('{ready}')",
            login=self.manager.login,
        )
        self.buyer.invalidate_recordset(["ref"])
        return json.loads(self.buyer.ref)

    def hide_ours(self, kind):
        """Take what this addon adds to a page of contacts away from it."""
        ours = self.env["ir.model.data"].search(
            [("module", "=", "crm_extended"), ("model", "=", "ir.ui.view")]
        )
        views = self.env["ir.ui.view"].browse(ours.mapped("res_id"))
        views.filtered_domain(
            [("model", "=", "res.partner"), ("type", "=", kind)]
        ).active = False

    def measure_tabs(self, shown):
        return self.measure(
            f"/odoo/contacts/{self.buyer.id}",
            MEASURE_TABS,
            ".o_form_sheet .nav-tabs",
            shown=shown,
        )

    def test_tabs_are_hardly_lower(self):
        self.manager.password = self.manager.login * 2
        self.case()
        with_addon = self.measure_tabs("[data-figure=open_cases]")
        self.assertTrue(with_addon["isShown"])
        self.assertEqual(with_addon["width"], 1400)
        self.assertEqual(with_addon["active"], "timeline")
        self.assertTrue(with_addon["isFirst"])
        self.hide_ours("form")
        without = self.measure_tabs(".o_form_sheet .nav-tabs")
        self.assertNotEqual(without["active"], "timeline")
        self.assertGreater(with_addon["top"], without["top"])
        self.assertLessEqual(with_addon["top"] - without["top"], MAX_LOWER)

    def test_the_name_keeps_its_width(self):
        self.manager.password = self.manager.login * 2
        page = (
            "/odoo/contacts",
            MEASURE_NAME,
            ".o_list_table th[data-name=complete_name]",
        )
        with_addon = self.measure(*page)
        self.assertTrue(with_addon["isShown"])
        self.hide_ours("list")
        without = self.measure(*page)
        self.assertFalse(without["isShown"])
        # But for what Odoo rounds.
        self.assertAlmostEqual(with_addon["name"], without["name"], delta=5)
