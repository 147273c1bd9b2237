import re

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase

from .care.care_sender_common import CareSenderCommon
from .care.common import CareCommon
from .loyalty.common import LoyaltyCommon

FEATURES = ("timeline", "loyalty", "care", "consent", "plans", "insight")
# Parts of names by which a feature is known in a page, and where each may stay: whatever
# is set up for it, in pages that nobody gets to while it is off.
MARKS = {
    "timeline": r"timeline|last_contact|silence|preferred_channel|crm_interaction",
    # But for what Odoo's own app of loyalty programs calls so.
    "loyalty": r"loyalty(?!_card|_data|_program)|tier",
    "care": r"care_case|action_care|group_by_case|case_id",
    "consent": r"consent|contact_policy|mail_purpose|customer_date|contact_hold",
    "plans": r"care_plan|care_enrollment",
    "insight": r"purchase_line|customer_margin|insight",
}
PAGES = {
    "res.partner": ("form", "list", "kanban", "search"),
    "crm.lead": ("form", "list", "kanban", "search"),
    "sale.order": ("form", "list"),
    "account.move": ("form",),
    "crm.rfm.score": ("form", "list", "search"),
    "crm.rfm.movement": ("list", "search"),
    "crm.customer.transaction": ("list", "search"),
}


class TestFeatures(CareCommon, LoyaltyCommon):
    """All on, all off, each alone on, each alone off."""

    def switch(self, **states):
        """As an administrator in the settings. Care plans need the contact policy."""
        if states.get("consent") is False:
            states["plans"] = False
        settings = {
            feature.setting: states[key]
            for key, feature in self.env["crm.feature"]._features().items()
            if key in states
        }
        self.env["res.config.settings"].create(settings).execute()

    def combinations(self):
        yield dict.fromkeys(FEATURES, True)
        yield dict.fromkeys(FEATURES, False)
        for on in (True, False):
            for key in FEATURES:
                states = {**dict.fromkeys(FEATURES, not on), key: on}
                # Care plans need the contact policy, and switch it on with them.
                states["consent"] |= key == "plans" and on
                yield {**states, "plans": states["plans"] and states["consent"]}

    def people(self):
        return {
            "salesperson": self.salesman,
            "manager": self.manager,
            "agent": self.agent,
            "care manager": self.care_manager,
        }

    def page(self, user, model):
        """What a user gets of the pages of a model, in one text."""
        views = [(False, view) for view in PAGES[model]]
        found = self.env[model].with_user(user).get_views(views)["views"]
        return "\n".join(view["arch"] for view in found.values())

    def test_groups_mean_role_and_feature(self):
        uses = {
            "timeline": ("crm_extended.group_use_timeline", "salesman", "agent"),
            "loyalty": ("crm_extended.group_use_loyalty", "salesman"),
            "care": ("crm_extended.group_use_care", "salesman", "agent", "portal"),
            "consent": ("crm_extended.group_use_consent", "salesman", "agent"),
            "plans": ("crm_extended.group_use_plans", "salesman"),
            "insight": ("crm_extended.group_use_insight", "salesman"),
        }
        for states in self.combinations():
            self.switch(**states)
            for key, (group, *roles) in uses.items():
                with self.subTest(states=states, feature=key):
                    self.assertEqual(self.env["crm.feature"]._is_on(key), states[key])
                    for name in ("salesman", "agent", "portal", "employee"):
                        self.assertEqual(
                            getattr(self, name).has_group(group),
                            states[key] and name in roles,
                            name,
                        )

    def test_no_page_shows_what_is_off(self):
        for states in self.combinations():
            self.switch(**states)
            for role, user in self.people().items():
                for model in PAGES:
                    if not self.env[model].with_user(user).has_access("read"):
                        continue
                    page = self.page(user, model)
                    for key, mark in MARKS.items():
                        with self.subTest(states=states, role=role, model=model):
                            found = sorted(set(re.findall(rf"\w*(?:{mark})\w*", page)))
                            if not states[key]:
                                self.assertFalse(found, key)

    def test_gear_menus_offer_what_is_on(self):
        """Commands bound to Odoo's models, for the users of the feature."""
        bound = {
            "timeline": ["res_partner_action_log_interaction"],
            "loyalty": ["crm_loyalty_tier_wizard_action"],
            "care": ["res_partner_action_care_new_case"],
        }
        people = {"timeline": self.salesman, "loyalty": self.manager}
        people["care"] = self.care_manager
        for key, names in bound.items():
            for on in (True, False):
                self.switch(**{key: on})
                actions = self.env["ir.actions.actions"].with_user(people[key])
                found = actions.get_bindings("res.partner")
                ids = {action["id"] for each in found.values() for action in each}
                for name in names:
                    with self.subTest(key=key, on=on, name=name):
                        action = self.env.ref(f"crm_extended.{name}")
                        self.assertEqual(action.id in ids, on)

    def test_pages_show_what_is_on(self):
        self.switch(**dict.fromkeys(FEATURES, True))
        for key, model in (
            ("timeline", "res.partner"),
            ("timeline", "crm.lead"),
            ("loyalty", "res.partner"),
            ("loyalty", "crm.lead"),
            ("loyalty", "sale.order"),
            ("care", "res.partner"),
            ("care", "account.move"),
            ("consent", "res.partner"),
        ):
            with self.subTest(feature=key, model=model):
                user = self.manager if model != "account.move" else self.care_manager
                if self.env[model].with_user(user).has_access("read"):
                    self.assertRegex(self.page(user, model), MARKS[key])

    def test_fields_are_not_offered(self):
        for key, name in (
            ("timeline", "last_contact_date"),
            ("loyalty", "loyalty_tier_id"),
            ("consent", "mail_purpose_ids"),
            ("plans", "care_enrollment_ids"),
        ):
            for on in (True, False):
                self.switch(**{key: on})
                # Who is in a control group is for managers.
                user = self.manager if key == "plans" else self.salesman
                fields = self.env["res.partner"].with_user(user).fields_get()
                self.assertEqual(name in fields, on)

    def test_menus(self):
        menus = {
            "loyalty": "crm_extended.menu_loyalty",
            "care": "crm_extended.menu_care",
            "consent": "crm_extended.menu_crm_consent_purpose",
            "plans": "crm_extended.menu_crm_care_plan",
            "insight": "crm_extended.menu_crm_customer_purchase_line",
        }
        for states in self.combinations():
            self.switch(**states)
            seen = self.env["ir.ui.menu"].with_user(self.manager)._visible_menu_ids()
            for key, name in menus.items():
                with self.subTest(states=states, menu=name):
                    self.assertEqual(self.env.ref(name).id in seen, states[key])

    def test_rights_do_not_depend_on_features(self):
        case = self.case()
        self.switch(**dict.fromkeys(FEATURES, False))
        self.assertEqual(case.with_user(self.agent).name, case.name)
        for model in ("crm.loyalty.membership", "crm.interaction"):
            self.env[model].with_user(self.salesman).check_access("read")

    def test_only_administrators_switch(self):
        for user in (self.salesman, self.manager, self.care_manager):
            with self.assertRaises(AccessError):
                self.env["crm.feature"].with_user(user).get_leftovers("group_crm_care")
            with self.assertRaises(AccessError):
                self.env["res.config.settings"].with_user(user).create(
                    {"group_crm_care": False}
                ).execute()

    def test_nothing_is_switched_remotely(self):
        for user in (self.portal, self.employee, self.manager, self.care_manager):
            settings = self.env["res.config.settings"].with_user(user)
            with self.assertRaises(AccessError):
                settings.set_values()
            for key in FEATURES:
                self.assertTrue(self.env["crm.feature"]._is_on(key))

    def test_the_settings_show_what_is_on(self):
        for on in (True, False):
            self.switch(**dict.fromkeys(FEATURES, on))
            form = Form(self.env["res.config.settings"])
            self.assertEqual(
                [
                    form.group_crm_timeline,
                    form.group_crm_loyalty,
                    form.group_crm_care,
                    form.group_crm_consent,
                    form.group_crm_plans,
                ],
                [on] * 5,
            )

    def test_saving_other_settings_switches_nothing(self):
        for states in self.combinations():
            self.switch(**states)
            self.env["res.config.settings"].create({}).execute()
            for key in FEATURES:
                self.assertEqual(self.env["crm.feature"]._is_on(key), states[key])

    # -- Needs

    def test_what_is_needed(self):
        features = self.env["crm.feature"]
        known = type(features)._features

        def needing(records):
            found = known(records)
            return {**found, "care": found["care"]._replace(needs=("timeline",))}

        self.patch(type(features), "_features", needing)
        features._switch(care=False, timeline=False)
        features._switch(care=True)
        self.assertTrue(features._is_on("timeline"))
        with self.assertRaisesRegex(UserError, "Service Care needs Timeline"):
            features._switch(timeline=False)
        features._switch(care=False, timeline=False)
        self.assertFalse(features._is_on("timeline"))

    # -- What switching off would leave

    def leftovers(self, key):
        setting = self.env["crm.feature"]._features()[key].setting
        return " | ".join(self.env["crm.feature"].get_leftovers(setting)["leftovers"])

    def test_leftovers_of_care(self):
        before = self.leftovers("care")
        count = self.env["crm.care.case"].search_count(
            [("outcome", "in", ("open", "waiting"))]
        )
        self.case()
        self.assertIn(f"Open cases: {count + 1}", self.leftovers("care"))
        self.assertNotEqual(before, self.leftovers("care"))
        self.switch(care=False)
        self.assertFalse(self.leftovers("care"))

    def test_leftovers_of_loyalty(self):
        self.give_tier_with_prices()
        self.assertRegex(
            self.leftovers("loyalty"), r"prices they had before their tier: \d+"
        )

    # -- Loyalty

    def give_tier_with_prices(self):
        pricelist = self.env["product.pricelist"].create(
            {"name": "Members", "company_id": self.company_a.id}
        )
        self.platinum.pricelist_id = pricelist
        customer = self.customer()
        self.buy(customer, self.platinum.rise_amount)
        self.assess()
        prices = customer.with_company(self.company_a).property_product_pricelist
        self.assertEqual(prices, pricelist)
        return customer.with_company(self.company_a), pricelist

    def test_loyalty_off_gives_prices_back_and_on_again(self):
        customer, pricelist = self.give_tier_with_prices()
        self.switch(loyalty=False)
        self.assertNotEqual(customer.property_product_pricelist, pricelist)
        self.assertTrue(self.member(customer).tier_id)
        # An assessment by hand keeps the tiers right, and gives nothing.
        self.assess()
        self.assertNotEqual(customer.property_product_pricelist, pricelist)
        self.switch(loyalty=True)
        self.assess()
        self.assertEqual(customer.property_product_pricelist, pricelist)

    def test_loyalty_off_mails_nobody(self):
        self.company_a.loyalty_mail_risen = True
        self.company_a.loyalty_prices_quietly = False
        customer = self.customer(email="member@example.com")
        self.switch(loyalty=False)
        self.buy(customer, self.platinum.rise_amount)
        self.env["crm.loyalty.membership"]._cron_assess()
        self.assertFalse(self.member(customer))
        self.assess()
        mails = self.env["mail.mail"].search([("recipient_ids", "=", customer.id)])
        self.assertFalse(mails)
        self.switch(loyalty=False)
        self.assertFalse(
            self.env["crm.loyalty.change"].search(
                [("notification_pending", "=", True), ("partner_id", "=", customer.id)]
            )
        )

    # -- Timeline

    def test_timeline_off_stops_its_hooks_and_catches_up(self):
        customer = self.customer(email="quiet@example.com")
        self.switch(timeline=False)
        customer.message_post(
            body="Hello",
            message_type="email",
            subtype_xmlid="mail.mt_comment",
            author_id=customer.id,
        )
        contacts = self.env["crm.last.contact"]
        contacts._flush_pending()
        rows = [("partner_id", "=", customer.id)]
        self.assertFalse(contacts.search(rows))
        self.switch(timeline=True)
        self.assertTrue(contacts._is_catching_up())
        self.assertTrue(self.env["res.config.settings"].new().last_contact_pending)
        contacts._check_all()
        self.assertEqual(len(contacts.search(rows)), 1)
        self.assertFalse(contacts._is_catching_up())


class TestCareOff(CareSenderCommon):
    """Service care that is switched off takes no mails, and does nothing by itself."""

    def setUp(self):
        super().setUp()
        self.env["crm.feature"]._switch(care=True)

    def test_mails_are_refused_with_a_sentence(self):
        self.env["crm.feature"]._switch(care=False)
        self.assertFalse(self.receive("customer@example.org"))
        mail = self.env["mail.mail"].search([], order="id desc", limit=1)
        self.assertIn("no longer in use", mail.body_html)
        self.env["crm.feature"]._switch(care=True)
        self.assertTrue(self.receive("customer@example.org"))

    def test_activities_are_hidden(self):
        case = self.case(user_id=self.agent.id)
        activity = case.with_user(self.agent).activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.agent.id
        )
        activities = self.env["mail.activity"].with_user(self.agent)
        for on in (False, True):
            self.env["crm.feature"]._switch(care=on)
            found = activities.search([("id", "=", activity.id)])
            self.assertEqual(bool(found), on)
            groups = self.env["res.users"].with_user(self.agent)._get_activity_groups()
            models = [group["model"] for group in groups]
            self.assertEqual("crm.care.case" in models, on)

    def test_jobs_do_nothing(self):
        self.team.write({"assignment": "balanced", "assign_working_only": False})
        self.env["crm.feature"]._switch(care=False)
        case = self.case()
        case.user_id = False
        self.env["crm.care.team"]._cron_assign()
        self.env["crm.care.case"]._cron_follow_up()
        self.env["crm.care.sla.status"]._cron_escalate()
        self.assertFalse(case.user_id)


class TestCareOffPortal(CareCommon, HttpCase):
    def test_pages_of_the_portal(self):
        self.team.use_portal = True
        self.authenticate(self.portal.login, self.portal.login)
        for on in (True, False):
            self.env["crm.feature"]._switch(care=on)
            with self.subTest(on=on):
                self.assertEqual("/my/cases" in self.url_open("/my").text, on)
                for path in ("/my/cases", "/my/cases/new"):
                    status = self.url_open(path, allow_redirects=False).status_code
                    self.assertEqual(status == 404, not on, path)
