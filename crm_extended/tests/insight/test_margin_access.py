"""Costs and margins: for managers, for salespeople by a setting, for no one else, by no
path."""

import ast

from odoo.exceptions import AccessError
from odoo.tests import tagged

from ...report.insight.crm_customer_margin import COMPANIES
from ..care.common import CareCommon

LINE, MARGIN = "crm.customer.purchase.line", "crm.customer.margin"
SECRET = ("cost", "cost_source", "costed_revenue", "margin", "margin_share")


@tagged("post_install", "-at_install")
class TestMarginAccess(CareCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mine = cls.customer("Mine", user_id=cls.salesman.id)
        cls.others = cls.customer("Others")
        cls.foreign = cls.customer("Foreign")
        cls.buy(cls.mine, 10)
        cls.buy(cls.others, 20)
        cls.buy(cls.foreign, 40, company=cls.company_b)

    def let_salespeople(self, see=True):
        self.env["res.config.settings"].create(
            {"group_crm_insight_margin": see}
        ).execute()

    def seen(self, user):
        return set(self.as_user(user, MARGIN).search([]).mapped("revenue"))

    def attempts(self, user):
        """Ways to learn a cost: method and arguments."""
        lines = self.as_user(user, LINE)
        line = lines.search([], limit=1)
        self.assertTrue(line)
        for name in SECRET:
            yield line.read, [name]
            yield line.web_read, {name: {}}
            yield lines.search_read, [], [name]
            yield lines.search, [(name, "!=", False)]
            yield lines.search, [], 0, None, f"{name} desc"
            yield line.filtered_domain, [(name, "=", 1)]
            if name != "cost_source":
                how = "avg" if name == "margin_share" else "sum"
                yield lines._read_group, [], [], [f"{name}:{how}"]
                yield lines.formatted_read_group, [], ["categ_id"], [f"{name}:{how}"]
                having = [(f"{name}:{how}", ">", 0)]
                yield lines._read_group, [], ["categ_id"], ["__count"], having
                yield (
                    lines._read_group,
                    [],
                    ["categ_id"],
                    [],
                    [],
                    0,
                    None,
                    f"{name}:{how}",
                )
            else:
                yield lines._read_group, [], [name], ["__count"]

    def test_salespeople_learn_no_cost_by_any_path(self):
        number = 0
        for number, (method, *args) in enumerate(self.attempts(self.salesman)):
            with self.assertRaises(AccessError, msg=f"{number}: {method} {args}"):
                method(*args)
        self.assertGreater(number, 35)
        fields = self.as_user(self.salesman, LINE).fields_get()
        self.assertFalse(set(SECRET) & fields.keys())
        for call in (
            lambda margins: margins.search([]),
            lambda margins: margins._read_group([], [], ["margin:sum"]),
            lambda margins: margins.get_summary(),
        ):
            with self.assertRaises(AccessError):
                call(self.as_user(self.salesman, MARGIN))

    def test_export(self):
        self.salesman.group_ids += self.env.ref("base.group_allow_export")
        line = self.as_user(self.salesman, LINE).search([], limit=1)
        for name in SECRET:
            with self.assertRaises(AccessError):
                line.export_data([name])

    def test_managers_may_do_all_of_it(self):
        for method, *args in self.attempts(self.manager):
            if method.__name__ != "filtered_domain":
                method(*args)
        self.assertEqual(self.seen(self.manager), {10, 20})
        self.as_user(self.manager, MARGIN).get_summary()

    def test_salespeople_by_a_setting_for_their_own_customers(self):
        self.let_salespeople()
        self.assertEqual(self.seen(self.salesman), {10})
        self.assertEqual(self.seen(self.manager), {10, 20})
        summary = self.as_user(self.salesman, MARGIN).get_summary()
        self.assertEqual((summary["unknown"], summary["unknown_revenue"]), (1, 10))
        margins = self.as_user(self.manager, MARGIN).search([("revenue", "=", 20)])
        with self.assertRaises(AccessError):
            margins.with_user(self.salesman).read(["revenue"])
        self.let_salespeople(False)
        with self.assertRaises(AccessError):
            self.seen(self.salesman)
        self.assertEqual(self.seen(self.manager), {10, 20})

    def test_managers_keep_it_whatever_is_switched_first(self):
        self.env["crm.feature"]._switch(insight=False)
        self.env["res.config.settings"].create(
            {"group_crm_insight": True, "group_crm_insight_margin": True}
        ).execute()
        self.let_salespeople(False)
        self.assertEqual(self.seen(self.manager), {10, 20})

    def test_off_means_gone(self):
        self.let_salespeople()
        self.env["crm.feature"]._switch(insight=False)
        for user in (self.salesman, self.manager):
            self.assertFalse(user.has_group("crm_extended.group_see_margin"))
            with self.assertRaises(AccessError):
                self.as_user(user, MARGIN).search([])
        self.env["crm.feature"]._switch(insight=True)
        # Who may see margins is decided again.
        self.assertFalse(self.salesman.has_group("crm_extended.group_see_margin"))
        self.assertTrue(self.manager.has_group("crm_extended.group_see_margin"))

    def test_switching_off_in_the_settings_takes_margins_from_salespeople(self):
        self.let_salespeople()
        # As the form does: what is invisible stays as it was.
        settings = self.env["res.config.settings"].create({"group_crm_insight": False})
        self.assertTrue(settings.group_crm_insight_margin)
        settings.execute()
        for user in (self.salesman, self.manager):
            self.assertFalse(user.has_group("crm_extended.group_see_margin"))
            with self.assertRaises(AccessError):
                self.as_user(user, MARGIN).search([])

    def test_others_see_nothing(self):
        self.let_salespeople()
        public = self.env.ref("base.public_user")
        for user in (self.employee, self.portal, self.agent, self.care_manager, public):
            for call in ("search", "get_summary"):
                margins = self.env(user=user)[MARGIN]
                with self.assertRaises(AccessError, msg=user.login):
                    getattr(margins, call)(*([[]] if call == "search" else []))

    def test_buttons_tell_no_period(self):
        """The lookback period is read as superuser."""
        margins = self.env(user=self.portal)[MARGIN]
        with self.assertRaises(AccessError):
            margins.action_open_products()
        foreign = self.foreign.id * COMPANIES + self.company_b.id
        with self.assertRaises(AccessError):
            self.as_user(self.manager, MARGIN).browse(foreign).action_open_lines()
        self.as_user(self.manager, MARGIN).search([], limit=1).action_open_lines()

    def test_no_company_sees_anothers(self):
        self.manager.company_ids += self.company_b
        margins = self.env[MARGIN].with_user(self.manager)
        for companies, seen in (
            (self.company_a + self.company_b, {10, 20, 40}),
            (self.company_a, {10, 20}),
            (self.company_b, {40}),
        ):
            found = margins.with_context(allowed_company_ids=companies.ids).search([])
            self.assertEqual(set(found.mapped("revenue")), seen)

    def test_pages_show_costs_to_those_who_may_see_them(self):
        for user, shown in ((self.salesman, False), (self.manager, True)):
            views = self.as_user(user, LINE).get_views(
                [(False, kind) for kind in ("list", "search")]
            )["views"]
            self.assertEqual('name="margin"' in views["list"]["arch"], shown)
            self.assertEqual("cost_source" in views["search"]["arch"], shown)

    def test_views_of_margins_work(self):
        action = self.env.ref("crm_extended.crm_customer_margin_action")
        margins = self.as_user(self.manager, MARGIN)
        kinds = [*action.view_mode.split(","), "search"]
        views = margins.get_views([(False, kind) for kind in kinds])["views"]
        self.assertEqual(len(views), 5)
        margins.formatted_read_group(
            [],
            ["rfm_segment_id", "loyalty_tier_id", "loss_reason", "user_id"],
            ["revenue:sum", "margin:sum", "margin_share:avg", "profit:sum"],
        )
        action = self.env.ref("crm_extended.crm_customer_purchase_line_margin_action")
        filters = self.as_user(self.manager, LINE).get_view(view_type="search")["arch"]
        for name in ast.literal_eval(action.context):
            self.assertIn(f'name="{name.removeprefix("search_default_")}"', filters)
