"""Menus: their map, who sees what, and that nothing of a release before is lost."""

import csv
from collections import Counter

from odoo.tests import tagged
from odoo.tools import file_open

from .care.common import CareCommon
from .common import load_migration

RELEASED = "crm_extended/tests/menus_and_actions_19.0.1.6.0.csv"

# What a later version gave up on purpose.
REMOVED = {
    # Reached from the list and the cards of Segments.
    "crm_extended.menu_crm_rfm_grid",
    # Reached by "Choose Days" in Segment Flow.
    "crm_extended.menu_crm_rfm_movement_wizard",
    # Reached from the lists and cards of cases.
    "crm_extended.menu_crm_care_case_phone",
    # Sections that each app has once, or that have no entries any more.
    "crm_extended.menu_over_time",
    "crm_extended.menu_purchases",
    "crm_extended.menu_loyalty_config",
}

VALUE = ["Segments", "Watch List", "Plan a Campaign", "Customer Lists", "Care Plans"]
LOYALTY = ["Tier Overview", "Members", "Tier Changes"]
REPORTING = [
    "Segment Flow",
    "Segments over Time",
    "Revenue Concentration",
    "Purchase Analysis",
    "Interaction Analysis",
    "Sales by Segment",
    "Profitability",
    "Bought Together",
    "Customer Profile",
    "Life Cycle",
    "Purchase Patterns",
    "Cohorts",
    "Customer Flow",
    "Referrals",
    "Competitors",
    "Forecasts",
    "Satisfaction Index",
    "Campaign Response",
    "Care Plan Results",
]
CONFIGURATION = [
    "Segment Definitions",
    "Tiers",
    "Benefits",
    "Contact Purposes",
    "Kinds of Dates",
    "Purchase History",
    "Rebuild History",
]
LOGS = [
    "Score Updates",
    "Segment Changes",
    "Tier Assessments",
    "Consents",
    "Waiting Messages",
    "Touches",
    "Analytics Updates",
    "Bought Together Updates",
    "Life-Cycle Updates",
    "Life-Cycle Changes",
    "Forecast Models",
]
CASES = ["My Cases", "All Cases", "Complaints"]
CARE_REPORTING = ["SLA Analysis", "Case Analysis", "Backlog", "Satisfaction"]
CARE_CONFIGURATION = [
    "Teams",
    "Stages",
    "Categories",
    "SLA Targets",
    "Escalation Rules",
]


@tagged("post_install", "-at_install")
class TestMenus(CareCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "lang": "en_US"})
        data = cls.env["ir.model.data"].search(
            [("model", "=", "ir.ui.menu"), ("module", "=", "crm_extended")]
        )
        cls.ours = cls.env["ir.ui.menu"].browse(data.mapped("res_id"))

    def menu(self, xml_id):
        return self.env.ref(xml_id if "." in xml_id else f"crm_extended.{xml_id}")

    def visible(self, user, debug=False):
        """Menus that the user sees: those below others that they see."""
        menus = self.env["ir.ui.menu"]
        seen = menus.browse(menus.with_user(user)._visible_menu_ids(debug))
        return seen.filtered(
            lambda menu: (
                set(map(int, menu.parent_path.split("/")[:-1])) <= set(seen.ids)
            )
        )

    def names(self, section, user, debug=False):
        """Our entries of a section that the user sees, in the order of the screen."""
        menus = self.visible(user, debug) & self.ours
        section = self.menu(section)
        return (
            menus.filtered(lambda menu: menu.parent_id == section)
            .sorted(lambda menu: (menu.sequence, menu.id))
            .mapped("name")
        )

    def app(self, root):
        menus = self.env["ir.ui.menu"].with_context(active_test=False)
        return menus.search([("id", "child_of", self.menu(root).id)])

    def people(self):
        """An administrator of everything."""
        return self.new_user(
            "everything",
            "sales_team.group_sale_manager,crm_extended.group_care_manager,"
            "base.group_system,base.group_no_one",
        )

    def test_nothing_released_is_lost(self):
        with file_open(RELEASED) as file:
            released = list(csv.DictReader(file))
        installed = self.env["ir.module.module"]._installed()
        missing, other = set(), []
        for line in released:
            if line["external_id"].partition(".")[0] not in installed:
                continue
            record = self.env.ref(line["external_id"], raise_if_not_found=False)
            if not record:
                missing.add(line["external_id"])
            elif record._name != line["model"] or (
                line["path"] and record.path != line["path"]
            ):
                other.append(line["external_id"])
        self.assertEqual(missing, REMOVED)
        self.assertFalse(other)

    def test_the_map_of_crm(self):
        user = self.people()
        self.assertEqual(
            self.names("crm.crm_menu_root", user), ["Customer Value", "Loyalty"]
        )
        self.assertEqual(self.names("menu_customers", user), VALUE)
        self.assertEqual(self.names("menu_loyalty", user), LOYALTY)
        self.assertEqual(self.names("crm.crm_menu_report", user), REPORTING)
        self.assertEqual(self.names("crm.crm_menu_config", user), CONFIGURATION)
        self.assertEqual(
            self.names("crm.crm_menu_config", user, debug=True),
            [*CONFIGURATION, "Logs"],
        )
        self.assertEqual(self.names("menu_crm_logs", user, debug=True), LOGS)

    def test_the_map_of_care(self):
        user = self.people()
        self.assertEqual(
            self.names("menu_care", user),
            ["Team Overview", "Cases", "Interaction Log", "Reporting", "Configuration"],
        )
        self.assertEqual(self.names("menu_care_cases", user), CASES)
        self.assertEqual(self.names("menu_care_reporting", user), CARE_REPORTING)
        settings = ["Settings", *CARE_CONFIGURATION]
        self.assertEqual(self.names("menu_care_config", user), settings)
        self.assertEqual(
            self.names("menu_care_config", user, debug=True),
            [*settings, "Escalation Log"],
        )

    def test_ours_come_after_those_of_core(self):
        for section in ("crm.crm_menu_report", "crm.crm_menu_config"):
            entries = self.menu(section).child_id
            others = entries.filtered(
                lambda menu: menu.get_external_id()[menu.id].startswith("crm.")
            )
            self.assertLess(
                max(others.mapped("sequence")),
                min((entries & self.ours).mapped("sequence")),
            )

    def test_care_is_an_app_after_sales(self):
        care = self.menu("menu_care")
        self.assertFalse(care.parent_id)
        self.assertTrue(care.web_icon_data)
        self.assertGreater(care.sequence, self.menu("sale.sale_menu_root").sequence)

    def test_one_name_opens_one_thing(self):
        for root in ("crm.crm_menu_root", "menu_care"):
            menus = self.app(root)
            count = Counter(menus.mapped("name"))
            for menu in menus & self.ours:
                self.assertEqual(count[menu.name], 1, menu.complete_name)
        # And one thing has one name, in whichever app it stands.
        names = {}
        for menu in self.ours.filtered("action"):
            names.setdefault(menu.action, set()).add(menu.name)
        self.assertFalse([found for found in names.values() if len(found) > 1])

    def test_every_leaf_opens_an_action(self):
        for menu in self.ours:
            if menu.child_id:
                self.assertFalse(menu.action, menu.complete_name)
            else:
                self.assertTrue(menu.action.exists(), menu.complete_name)

    def test_salesperson(self):
        user = self.salesman
        self.assertEqual(
            self.names("crm.crm_menu_root", user), ["Customer Value", "Loyalty"]
        )
        self.assertEqual(self.names("menu_customers", user), VALUE)
        self.assertEqual(self.names("menu_loyalty", user), LOYALTY)
        managers = ("Purchase Analysis", "Profitability", "Care Plan Results")
        reporting = [name for name in REPORTING if name not in managers]
        self.assertEqual(self.names("crm.crm_menu_report", user), reporting)
        # Cases are there to be read.
        self.assertEqual(
            self.names("menu_care", user), ["Cases", "Interaction Log", "Reporting"]
        )
        self.assertEqual(self.names("menu_care_cases", user), CASES[1:])
        self.assertEqual(self.names("menu_care_reporting", user), CARE_REPORTING)
        # Configuration and logs are not for them, in developer mode either.
        user.group_ids += self.env.ref("base.group_no_one")
        for section in ("crm.crm_menu_config", "menu_care_config"):
            self.assertEqual(self.names(section, user, debug=True), [])

    def test_sales_manager(self):
        user = self.manager
        self.assertEqual(self.names("crm.crm_menu_report", user), REPORTING)
        self.assertEqual(self.names("crm.crm_menu_config", user), CONFIGURATION)
        self.assertEqual(
            self.names("menu_care", user), ["Cases", "Interaction Log", "Reporting"]
        )
        user.group_ids += self.env.ref("base.group_no_one")
        self.assertEqual(
            self.names("crm.crm_menu_config", user, debug=True),
            [*CONFIGURATION, "Logs"],
        )
        self.assertEqual(self.names("menu_crm_logs", user, debug=True), LOGS)

    def test_care_agent(self):
        user = self.agent
        self.assertEqual(self.names("crm.crm_menu_root", user), [])
        self.assertEqual(
            self.names("menu_care", user),
            ["Team Overview", "Cases", "Interaction Log", "Reporting"],
        )
        self.assertEqual(self.names("menu_care_cases", user), CASES)

    def test_care_manager(self):
        user = self.care_manager
        self.assertEqual(self.names("crm.crm_menu_root", user), [])
        # Settings are for administrators, as those of every app.
        self.assertEqual(self.names("menu_care_config", user), CARE_CONFIGURATION)

    def test_users_without_a_role_see_nothing_of_ours(self):
        self.assertFalse(self.visible(self.employee) & self.ours)
        self.employee.group_ids += self.env.ref("base.group_no_one")
        self.assertFalse(self.visible(self.employee, debug=True) & self.ours)

    def has_button(self, user, view, action):
        """Whether a view shows the user a button for an action."""
        view = self.menu(view)
        arch = self.env[view.model].with_user(user).get_view(view.id)["arch"]
        return f'name="{self.menu(action).id}"' in arch

    def test_what_has_no_menu_any_more_is_reached_otherwise(self):
        for kind in ("list", "kanban"):
            view = f"crm_rfm_score_view_{kind}"
            self.assertTrue(self.has_button(self.salesman, view, "crm_rfm_grid_action"))
            view = f"crm_care_case_view_{kind}"
            phone = "crm_care_case_phone_action"
            self.assertTrue(self.has_button(self.agent, view, phone))
            # Salespeople read cases only.
            self.assertFalse(self.has_button(self.salesman, view, phone))
        view, wizard = "crm_rfm_movement_view_list", "crm_rfm_movement_wizard_action"
        self.assertTrue(self.has_button(self.salesman, view, wizard))

    def test_the_upgrade_keeps_menus_of_users(self):
        section = self.env["ir.ui.menu"].create(
            {"name": "Over Time", "parent_id": self.menu("menu_customers").id}
        )
        self.env["ir.model.data"].create(
            {
                "module": "crm_extended",
                "name": "menu_over_time",
                "model": "ir.ui.menu",
                "res_id": section.id,
            }
        )
        own, hidden = self.env["ir.ui.menu"].create(
            [
                {"name": "Own", "parent_id": section.id},
                {"name": "Hidden", "parent_id": section.id, "active": False},
            ]
        )
        load_migration("19.0.1.7.0/post-menus.py").keep_own_menus(self.env)
        section.unlink()
        self.assertEqual((own + hidden).parent_id, self.menu("menu_customers"))

    def test_the_upgrade_reads_translations_of_new_names(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        renamed = self.menu("menu_customers").with_context(lang="fr_FR")
        kept = self.menu("menu_crm_rfm_watch_list").with_context(lang="fr_FR")
        (renamed + kept).name = "Clients"
        load_migration("19.0.1.7.0/post-menus.py").forget_translations(self.env)
        self.assertEqual(renamed.name, "Customer Value")
        self.assertEqual(kept.name, "Clients")
