"""Tiers as staff see them: on contacts, leads, orders, and in the tier overview."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta
from lxml import etree

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import format_date

from .common import LoyaltyCommon

FIELDS = [
    "loyalty_tier_id",
    "loyalty_tier_color",
    "loyalty_tier_icon",
    "loyalty_membership_state",
    "loyalty_membership_valid_until",
    "loyalty_membership_falls_after",
    "loyalty_membership_next_tier_id",
    "loyalty_membership_progress",
    "loyalty_membership_amount_to_next",
    "loyalty_membership_amount_to_keep",
]


@tagged("post_install", "-at_install")
class TestLoyaltyMembership(LoyaltyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.near, cls.gone, cls.fine, cls.soon, cls.never = (
            cls.customer(name) for name in ("Near", "Gone", "Fine", "Soon", "Never")
        )
        cls.all = cls.near + cls.gone + cls.fine + cls.soon + cls.never
        run = cls.env["crm.loyalty.membership"]
        # Kept until 21 months ago and valid for a year from then, in grace for two
        # months more; the other was kept until a few days less than a year ago.
        cls.buy(cls.gone, 600, days_ago=740)
        cls.buy(cls.soon, 600, days_ago=720)
        run._assess(cls.company_a, cls.today - timedelta(days=720))
        cls.buy(cls.near, 900)
        cls.buy(cls.fine, 600)
        run._assess(cls.company_a)
        cls.Partner = cls.env(
            user=cls.salesman, context={"allowed_company_ids": cls.company_a.ids}
        )["res.partner"]

    def found(self, *domain, **options):
        domain = [("id", "in", self.all.ids), *domain]
        return self.Partner.search(domain, **options).sudo(False)

    def assertFound(self, partners, *domain):
        self.assertEqual(set(self.found(*domain).ids), set(partners.ids))

    def members(self, *domain):
        members = self.as_user(self.salesman, "crm.loyalty.membership")
        return members.search([("partner_id", "in", self.all.ids), *domain]).partner_id

    # -- Contacts

    def test_what_depends_on_tiers_asks_for_them(self):
        ours = self.customers(2)
        firm = self.customer("Asked Firm", is_company=True)
        contact = self.customer("Asked Contact", parent_id=firm.id)
        self.buy(firm, 600)
        self.buy(ours[0], 1000)
        self.assess()
        asked = firm + contact + ours[0] + ours[1]
        members = self.env["crm.loyalty.membership"].with_user(self.salesman)
        self.assertEqual(
            members._get_tiers(asked, self.company_a),
            {firm: self.silver, contact: self.silver, ours[0]: self.gold},
        )
        self.assertEqual(members._get_tiers(asked, self.company_b), {})
        with self.assertQueryCount(2):
            members.invalidate_model()
            members._get_tiers(asked, self.company_a)

    def test_a_contact_shows_the_tier_of_its_company(self):
        contact = self.customer("Contact", parent_id=self.near.id)
        contact = contact.with_env(self.Partner.env)
        self.assertEqual(contact.loyalty_tier_id.name, "Silver")
        self.assertEqual(contact.loyalty_tier_icon, "fa-star")
        self.assertEqual(contact.loyalty_membership_state, "active")
        self.assertEqual(contact.loyalty_membership_next_tier_id.name, "Gold")
        self.assertEqual(contact.loyalty_membership_progress, 90)
        self.assertEqual(contact.loyalty_membership_amount_to_next, 100)
        self.assertFalse(contact.loyalty_membership_amount_to_keep)

    def test_whom_a_little_would_lift_or_hold(self):
        self.assertEqual(self.member(self.gone).state, "grace")
        self.assertEqual(self.member(self.soon).state, "active")
        self.assertLess(
            self.member(self.soon).valid_until, self.today + timedelta(days=30)
        )
        for close, falling, partner in (
            (True, False, self.near),
            (False, True, self.gone),
            (False, True, self.soon),
            (False, False, self.fine),
        ):
            member = self.member(partner)
            self.assertEqual(
                (member.close_to_next, member.about_to_fall), (close, falling)
            )
        self.assertEqual(self.members(("close_to_next", "=", True)), self.near)
        self.assertEqual(
            self.members(("about_to_fall", "=", True)), self.gone + self.soon
        )
        self.assertEqual(
            self.members(("about_to_fall", "=", False)), self.near + self.fine
        )
        self.assertFound(self.near, ("loyalty_membership_close_to_next", "=", True))
        self.assertFound(
            self.gone + self.soon, ("loyalty_membership_about_to_fall", "=", True)
        )
        self.assertFound(
            self.near + self.fine + self.never,
            ("loyalty_membership_about_to_fall", "=", False),
        )

    def test_89_per_cent_are_not_close(self):
        self.buy(self.near, -1)
        self.assess()
        self.assertFalse(self.member(self.near).close_to_next)

    def test_how_close_is_close_is_the_companys_own_setting(self):
        self.make_tiers(self.company_b, ("Low", 10, 10), ("High", 100, 100))
        self.buy(self.near, 70, company=self.company_b)
        self.buy(self.never, 50, company=self.company_b)
        self.assess(company=self.company_b)
        self.company_b.loyalty_close_percent = 30
        members = self.env["crm.loyalty.membership"].with_context(
            allowed_company_ids=(self.company_a + self.company_b).ids
        )
        domain = [("partner_id", "in", self.all.ids), ("close_to_next", "=", True)]
        found = members.search(domain)
        self.assertEqual(
            found, self.member(self.near) + self.member(self.near, self.company_b)
        )
        self.assertEqual(found, found.filtered("close_to_next"))
        self.company_a.loyalty_close_percent = 9
        self.assertEqual(members.search(domain).company_id, self.company_b)
        self.assertFalse(self.member(self.near).close_to_next)
        for percent in (-1, 101):
            with self.assertRaisesRegex(ValidationError, "between 0 and 100"):
                self.company_a.loyalty_close_percent = percent

    def test_who_lacks_only_the_segment_is_not_close(self):
        self.gold.segment_ids = self.env["crm.rfm.segment"].create(
            {"name": "Nobody", "company_id": self.company_a.id, "active": False}
        )
        self.buy(self.near, 100)
        self.assess()
        member = self.member(self.near)
        self.assertEqual((member.next_tier_id, member.next_progress), (self.gold, 100))
        self.assertFalse(member.close_to_next)
        self.assertFalse(self.members(("close_to_next", "=", True)))

    def test_searching_sorting_and_grouping(self):
        self.assertFound(self.never, ("loyalty_tier_id", "=", False))
        self.assertFound(self.all - self.never, ("loyalty_tier_id", "ilike", "silver"))
        self.assertFound(self.gone, ("loyalty_membership_state", "=", "grace"))
        self.assertFound(self.near, ("loyalty_membership_progress", ">", 60))
        for direction in ("asc", "desc"):
            found = self.found(order=f"loyalty_membership_progress {direction}")
            self.assertEqual(found[-1], self.never)
        groups = self.Partner._read_group(
            [("id", "in", self.all.ids)], ["loyalty_tier_id"], ["__count"]
        )
        self.assertEqual(
            {tier.name: count for tier, count in groups}, {"Silver": 4, False: 1}
        )
        states = self.Partner._read_group(
            [("id", "in", self.all.ids)], ["loyalty_membership_state"], ["__count"]
        )
        self.assertEqual(dict(states), {"active": 3, "grace": 1, False: 1})

    def test_a_form_costs_at_most_three_queries_with_its_standing(self):
        """As the web client reads it, in a transaction of its own each time."""
        self.refresh()
        partner = self.near.with_env(self.Partner.env)
        arch = etree.fromstring(partner.get_view(view_type="form")["arch"])
        # Of the form itself, not of lists and forms within it.
        nodes = arch.xpath("//field[not(ancestor::field)]")
        names = {node.get("name") for node in nodes}
        prefixes = ("rfm_", "loyalty_membership_", "loyalty_tier_")
        ours = {name for name in names if name.startswith(prefixes)}
        self.assertLess(
            {"rfm_segment_id", "loyalty_tier_id", "loyalty_membership_next_tier_id"},
            ours,
        )

        def queries(names):
            hidden = {
                node.get("name") for node in nodes if node.get("invisible") == "1"
            }
            specification = {
                name: {"fields": {} if name in hidden else {"display_name": {}}}
                if partner._fields[name].type == "many2one"
                else {}
                for name in names
            }
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            partner.web_read(specification)
            return self.env.cr.sql_log_count - before

        queries(names)
        self.assertLessEqual(queries(names) - queries(names - ours), 3)

    def test_a_badge_follows_its_tier(self):
        partner = self.near.with_env(self.Partner.env)

        def badge():
            self.env.invalidate_all()
            return partner.loyalty_tier_id.display_name, partner.loyalty_tier_color

        self.assertEqual(badge(), ("Silver", 0))
        self.silver.write({"name": "Argent", "color": 4})
        self.assertEqual(badge(), ("Argent", 4))
        self.silver.update_field_translations("name", {"en_US": "Silver again"})
        self.assertEqual(badge(), ("Silver again", 4))
        [gold] = self.make_tiers(self.company_a, ("Red Gold", 600, 600))
        self.assess()
        self.assertEqual(badge(), ("Red Gold", 0))
        gold.unlink()
        self.assertEqual(badge(), ("Silver again", 4))

    def test_a_list_costs_the_same_for_more_contacts(self):
        many = self.customers(40)
        for customer in many:
            self.buy(customer, 700)
        self.assess()

        def queries(partners):
            partners = partners.with_env(self.Partner.env)
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            partners.read(FIELDS)
            return self.env.cr.sql_log_count - before

        queries(self.near)
        self.assertEqual(queries(self.all + many), queries(self.all))

    def test_a_list_of_members_costs_the_same_for_more(self):
        for customer in self.customers(40):
            self.buy(customer, 700)
        self.assess()
        members = self.as_user(self.salesman, "crm.loyalty.membership")
        names = ["tier_color", "valid_until", "close_to_next", "about_to_fall"]

        def queries(limit):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            members.search([], limit=limit).read(["partner_id", "tier_id", *names])
            return self.env.cr.sql_log_count - before

        queries(2)
        self.assertEqual(queries(40), queries(2))

    def test_only_sales_see_it(self):
        partner = self.near.with_user(self.employee)
        for name in FIELDS:
            with self.assertRaises(AccessError):
                partner.read([name])
        with self.assertRaises(AccessError):
            partner.search([("loyalty_membership_about_to_fall", "=", True)])
        with self.assertRaises(AccessError):
            partner.search([], order="loyalty_membership_progress")

    # -- Leads and orders

    def test_a_lead_shows_the_tier_of_its_customer(self):
        lead = self.env["crm.lead"].create(
            {"name": "Lead", "partner_id": self.near.id, "user_id": self.salesman.id}
        )
        stranger = lead.copy({"partner_id": self.never.id})
        leads = (lead + stranger).with_user(self.salesman)
        self.assertEqual(leads[0].loyalty_tier_id.name, "Silver")
        self.assertEqual(leads[0].loyalty_membership_progress, 90)
        self.assertFalse(leads[1].loyalty_tier_id)
        domain = [("id", "in", leads.ids)]
        for condition in (
            ("loyalty_membership_close_to_next", "=", True),
            ("loyalty_tier_id", "!=", False),
            ("loyalty_membership_progress", ">", 50),
        ):
            self.assertEqual(leads.search([*domain, condition]), leads[0])
        groups = leads._read_group(domain, ["loyalty_tier_id"], ["__count"])
        self.assertEqual(
            {tier.name: count for tier, count in groups}, {"Silver": 1, False: 1}
        )

    def test_what_is_missing_is_one_sentence(self):
        self.gold.write({"match": "any", "rise_orders": 10, "keep_orders": 5})
        lead = self.env["crm.lead"].create({"name": "L", "partner_id": self.fine.id})
        self.assess()
        for record in (self.fine, lead):
            record = record.with_env(self.Partner.env)
            words = record.loyalty_membership_next_text
            self.assertRegex(words, r"^\D*400.00\D* or 9 purchases to Gold$")
            self.assertRegex(
                record.loyalty_membership_keep_text,
                r"^Tier secured until \w+ \d+, \d{4}$",
            )
        # An amount is missing in figures, but not asked for.
        self.silver.write({"rise_amount": 0, "keep_amount": 0})
        self.member(self.gone).write({"amount_to_keep": 80, "orders_to_keep": 0})
        gone = self.gone.with_env(self.Partner.env)
        self.assertIn("Tier secured until", gone.loyalty_membership_keep_text)
        member = self.member(self.gone)
        self.assertEqual(member.missing_to_keep, "")

    def test_what_keeping_the_tier_takes(self):
        self.assess()
        member = self.member(self.fine)
        self.silver.write({"rise_orders": 2, "keep_orders": 2})
        member.write(
            {"orders_to_keep": 3, "amount_to_keep": 0, "valid_date": "2027-11-27"}
        )
        self.assertEqual(member.keep_text, "3 purchases by Nov 27, 2027 to keep Silver")
        member.write({"orders_to_keep": 0})
        self.assertEqual(member.keep_text, "Tier secured until Nov 27, 2027")
        member.write({"state": "grace", "orders_to_keep": 1})
        last = format_date(self.env, member.falls_after, date_format="medium")
        self.assertEqual(member.keep_text, f"1 purchase by {last} to keep Silver")
        member.write({"state": "locked"})
        self.assertEqual(member.keep_text, "Manual override")
        member.write({"lock_until": "2027-05-28"})
        self.assertEqual(member.keep_text, "Manual override until May 28, 2027")
        member.write({"next_tier_id": self.gold.id, "amount_to_next": 0})
        self.gold.write({"rise_orders": 5, "match": "all"})
        member.write({"orders_to_next": 3})
        self.assertEqual(member.next_text, "3 purchases to Gold")
        member.write({"orders_to_next": 0})
        self.assertFalse(member.next_text)

    def test_a_lead_leads_to_history_and_tells_why_a_tier_was_set(self):
        lead = self.env["crm.lead"].create({"name": "L", "partner_id": self.never.id})
        self.env["crm.loyalty.membership"].with_context(
            allowed_company_ids=self.company_a.ids
        )._set_override(self.never, self.gold, self.today, "Promised")
        lead = lead.with_env(self.Partner.env)
        self.assertEqual(lead.loyalty_membership_lock_reason, "Promised")
        action = lead.action_loyalty_changes()
        changes = self.as_user(self.salesman, action["res_model"])
        self.assertEqual(changes.search(action["domain"]).note, "Promised")

    def test_an_order_shows_the_tier_as_soon_as_there_is_a_customer(self):
        orders = self.as_user(self.salesman, "sale.order")
        with Form(orders) as form:
            self.assertFalse(form.loyalty_tier_id)
            form.partner_id = self.near.with_env(orders.env)
            self.assertEqual(form.loyalty_tier_id.name, "Silver")

    # -- The tier overview

    def overview_page(self, user=None):
        return self.as_user(
            user or self.salesman, "crm.loyalty.membership"
        ).get_overview()

    def test_the_ladder(self):
        overview = self.overview_page()
        self.assertEqual(
            [tier["name"] for tier in overview["tiers"]], ["Platinum", "Gold", "Silver"]
        )
        platinum, _gold, silver = overview["tiers"]
        self.assertEqual((silver["members"], silver["share"]), (4, 1))
        self.assertEqual((silver["close"], silver["falling"]), (1, 2))
        self.assertEqual((silver["amount"], silver["amount_share"]), (1500, 1))
        self.assertEqual((platinum["members"], platinum["amount"]), (0, 0))
        self.assertEqual((overview["members"], overview["amount"]), (4, 1500))
        # Two came almost two years ago, two today.
        self.assertEqual(silver["sizes"], [2] * 11 + [4])
        self.assertEqual(overview["moves"]["came"], [0] * 11 + [2])
        self.assertEqual(len(overview["months"]), 12)

    def test_members_whose_coming_was_not_recorded(self):
        changes = self.env["crm.loyalty.change"]
        changes.search(
            [("company_id", "=", self.company_a.id), ("date", "<", self.today)]
        ).unlink()
        sizes = [tier["sizes"] for tier in self.overview_page()["tiers"]]
        known = [[0] * 12, [0] * 12, [None] * 11 + [4]]
        self.assertEqual(sizes, known)
        # With no change at all, today is known, as with changes of days to come only.
        changes.search([("company_id", "=", self.company_a.id)]).unlink()
        sizes = [tier["sizes"] for tier in self.overview_page()["tiers"]]
        self.assertEqual(sizes, known)

    def test_the_ladder_after_somebody_rose_and_somebody_left(self):
        self.buy(self.near, 100)
        self.assess()
        self.member(self.gone).unlink()
        self.env["crm.loyalty.change"].create(
            {
                "partner_id": self.gone.id,
                "company_id": self.company_a.id,
                "date": self.today,
                "old_tier_id": self.silver.id,
                "reason": "fell",
            }
        )
        overview = self.overview_page()
        sizes = {tier["name"]: tier["sizes"][-2:] for tier in overview["tiers"]}
        self.assertEqual(sizes, {"Platinum": [0, 0], "Gold": [0, 1], "Silver": [2, 2]})
        self.assertEqual(
            {kind: counts[-1] for kind, counts in overview["moves"].items()},
            {"came": 2, "risen": 1, "fallen": 0, "left": 1},
        )

    def test_the_ladder_with_changes_of_a_month_to_come(self):
        before = self.overview_page()
        day = self.today + relativedelta(months=1, day=1)
        self.buy(self.never, 1000)
        self.env["crm.loyalty.membership"]._assess(self.company_a, day)
        overview = self.overview_page()
        _platinum, gold, _silver = overview["tiers"]
        self.assertEqual(gold["sizes"], [0] * 11 + [1])
        self.assertEqual(overview["moves"], before["moves"])

    def test_an_archived_tier_stays_while_it_has_members(self):
        self.env["crm.loyalty.membership"].with_user(self.manager).with_context(
            allowed_company_ids=self.company_a.ids
        )._set_override(self.fine, self.gold, self.today + timedelta(days=5), "?")
        self.gold.active = False
        self.platinum.active = False
        names = [tier["name"] for tier in self.overview_page()["tiers"]]
        self.assertEqual(names, ["Gold", "Silver"])

    def test_the_ladder_of_a_company_without_customers(self):
        overview = self.overview_page(self.salesman_b)
        self.assertEqual((overview["members"], overview["amount"]), (0, 0))
        self.assertEqual(len(overview["tiers"]), 4)

    def test_figures_leave_out_customers_whom_the_reader_may_not_see(self):
        self.env["ir.rule"].create(
            {
                "name": "Not this one",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": f"[('id', '!=', {self.near.id})]",
            }
        )
        overview = self.overview_page()
        self.assertEqual((overview["members"], overview["amount"]), (3, 600))
        self.assertEqual(overview["moves"]["came"][-1], 1)

    def test_who_may_see_and_assess(self):
        self.assertFalse(self.overview_page()["may_assess"])
        self.assertTrue(self.overview_page(self.manager)["may_assess"])
        for user in (self.employee, self.portal):
            with self.assertRaises(AccessError):
                self.overview_page(user)
        for user in (self.salesman, self.employee, self.portal):
            with self.assertRaises(AccessError):
                self.as_user(user, "crm.loyalty.membership").action_assess()
        self.buy(self.never, 600)
        action = self.as_user(self.manager, "crm.loyalty.membership").action_assess()
        self.assertIn("5 members: 1 new, 0 upgraded", action["params"]["message"])
        self.assertEqual(self.member(self.never).tier_id, self.silver)

    def test_buttons_open_the_customers_records(self):
        partner = self.near.with_env(self.Partner.env)
        action = partner.action_loyalty_membership()
        self.assertEqual(action["res_id"], self.member(self.near).id)
        action = partner.action_loyalty_changes()
        changes = self.as_user(self.salesman, action["res_model"])
        self.assertEqual(
            changes.search(action["domain"]).mapped("new_tier_id.name"), ["Silver"]
        )
        self.assertEqual(
            self.member(self.near).action_open_customer()["res_id"], self.near.id
        )

    def test_settings(self):
        settings = self.env["res.config.settings"].create({})
        self.assertEqual(settings.loyalty_grace_months, 2)
        settings.write({"loyalty_period": "calendar", "loyalty_fall": "earned"})
        settings.execute()
        self.assertEqual(self.company_a.loyalty_period, "calendar")
        self.assertEqual(self.company_a.loyalty_fall, "earned")
