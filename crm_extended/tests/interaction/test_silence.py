"""Partners are found, sorted and grouped by silence, by whom it concerns."""

from datetime import date, timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ...models.interaction.silence_days import RANGES
from .test_last_contact import LastContactCommon


class TestSilence(LastContactCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # In the middle of a day, so that days are the same wherever the test runs.
        cls.salesman.tz = "UTC"
        cls.noon = fields.Datetime.now().replace(hour=0, minute=0, second=0)
        cls.of_days = {}
        for days in (0, 30, 31, 90, 91, 180, 181, 365, 366, 5000):
            partner = cls.customer(f"Silent {days}", comment="silence test")
            cls.mail_in(0, author_id=partner.id, date=cls.noon - timedelta(days=days))
            cls.of_days[days] = partner
        cls.never = cls.customer("Silent never", comment="silence test")
        cls.all = cls.never.concat(*cls.of_days.values())
        cls.env["crm.last.contact"]._flush_pending()

    def setUp(self):
        super().setUp()
        self.Partner = self.as_user(self.salesman, "res.partner")
        self.among = Domain("id", "in", self.all.ids)

    def found(self, *condition, **options):
        domain = self.among & Domain(*condition)
        partners = self.Partner.search(domain, **options)
        days = {partner.id: days for days, partner in self.of_days.items()}
        return [days.get(partner.id) for partner in partners]

    def assert_found(self, condition, expected):
        found = self.found(*condition)
        self.assertEqual(
            sorted(found, key=lambda days: (days is None, days)), expected, condition
        )

    def test_search_by_days(self):
        low, some, high = [0, 30, 31], [0, 30, 31, 90], [366, 5000]
        every = sorted(self.of_days)
        for condition, expected in (
            ((">", 365), high),
            ((">=", 366), high),
            ((">", 365.5), high),
            ((">=", 365.5), high),
            (("<", 90), low),
            (("<", 89.5), low),
            (("<=", 90), some),
            (("<=", 90.7), some),
            (("=", 31), [31]),
            (("=", 31.5), []),
            (("in", [0, 30]), [0, 30]),
            (("in", [30, False]), [30, None]),
            (("!=", 0), [*every[1:], None]),
            (("not in", [False, 30]), [0, *every[2:]]),
            (("=", False), [None]),
            (("!=", False), every),
            ((">", -1), every),
            ((">", -(10**12)), every),
            (("<", 0), []),
            (("<=", -5), []),
            ((">", 10**12), []),
            (("<", 10**12), every),
            ((">", float("inf")), []),
            (("<", False), []),
            ((">", None), []),
            ((">", "365"), high),
        ):
            self.assert_found(("days_of_silence", *condition), expected)

    def test_a_page_is_the_same_however_it_is_asked_for(self):
        """Where a domain leaves nobody who was never contacted, a page is looked up along
        the index at once; it must not leave out anybody else."""
        for *condition, leaves_out in (
            ("days_of_silence", ">", 30, True),
            ("days_of_silence", "!=", False, True),
            ("days_of_silence", "not in", [False, 30], True),
            ("days_of_silence", "in", [30, 31], True),
            ("days_of_silence", "not in", [0], False),
            ("days_of_silence", "in", [30, False], False),
            ("silence_range", "=", "d030", True),
            ("silence_range", "!=", "never", True),
            ("silence_range", "!=", "d030", False),
            ("silence_range", "in", ["d030", "never"], False),
            ("last_contact_date", "<", "2020-01-01", True),
            ("name", "ilike", "Silent", False),
        ):
            domain = Domain(*condition)
            other = Domain("name", "ilike", "x")
            for asked, expected in (
                (domain, leaves_out),
                (domain & other, leaves_out),
                (domain | other, False),
                (domain | Domain("days_of_silence", ">", 90), leaves_out),
            ):
                self.assertEqual(self.Partner._leaves_out_never(asked), expected, asked)
            # Of the contrary at least one is to be looked for among all.
            if self.Partner._leaves_out_never(["!", *domain]):
                found = self.Partner.search(~domain & self.among)
                self.assertNotIn(self.never, found, condition)
            for order in ("days_of_silence", "last_contact_date", "silence_range desc"):
                everybody = self.Partner.search(domain & self.among, order=order)
                for limit in (1, len(everybody) or 1, 100):
                    page = self.Partner.search(
                        domain & self.among, order=order, limit=limit
                    )
                    days = page.mapped("days_of_silence")
                    self.assertEqual(
                        days, everybody[:limit].mapped("days_of_silence"), condition
                    )

    def test_search_for_nonsense(self):
        for value in ("x", "", "1; DROP TABLE res_partner", float("nan"), [1]):
            with self.assertRaises(UserError):
                self.found("days_of_silence", ">", value)
        for operator in ("like", "ilike", "=like"):
            with self.assertRaises(UserError):
                self.found("days_of_silence", operator, "1")
        self.assert_found(("silence_range", "=", "x'; --"), [])
        self.assert_found(("silence_range", "=", False), [])

    def test_search_by_date(self):
        today = self.noon.date()
        every = sorted(self.of_days)
        for condition, expected in (
            (("<", today - timedelta(days=365)), [366, 5000]),
            (("<=", today - timedelta(days=366)), [366, 5000]),
            ((">", today - timedelta(days=31)), [0, 30]),
            ((">=", today - timedelta(days=31)), [0, 30, 31]),
            (("=", today - timedelta(days=31)), [31]),
            (("=", False), [None]),
            (("!=", False), every),
            (("<=", date.max), every),
            ((">", date.max), []),
            ((">=", date.min), every),
            (("<", str(today - timedelta(days=365))), [366, 5000]),
        ):
            self.assert_found(("last_contact_date", *condition), expected)

    def test_days_shown_are_days_searched(self):
        for days, partner in self.of_days.items():
            partner = partner.with_env(self.Partner.env)
            self.assertEqual(partner.days_of_silence, days)
            self.assertEqual(
                partner.last_contact_date, self.noon.date() - timedelta(days=days)
            )

    def test_a_day_begins_where_the_user_is(self):
        moment = self.noon - timedelta(days=2, hours=-23)
        partner = self.customer("Late")
        self.mail_in(0, author_id=partner.id, date=moment)
        for zone, local in (
            ("Pacific/Auckland", 1),
            ("Asia/Shanghai", 1),
            ("UTC", 2),
            ("America/Los_Angeles", 2),
        ):
            Partner = self.Partner.with_context(tz=zone)
            shown = partner.with_env(Partner.env)
            today = fields.Date.context_today(Partner)
            day = self.noon.date() - timedelta(days=local)
            self.assertEqual(shown.last_contact_date, day, zone)
            self.assertEqual(shown.days_of_silence, (today - day).days, zone)
            mine = Domain("id", "=", partner.id)
            for condition in (
                ("days_of_silence", "=", shown.days_of_silence),
                ("last_contact_date", "=", day),
                ("silence_range", "=", "d030"),
            ):
                self.assertEqual(Partner.search(mine & Domain(*condition)), shown)
            [[group, _count]] = Partner._read_group(
                mine, ["last_contact_date:day"], ["__count"]
            )
            self.assertEqual(group, day, zone)

    def test_sort_has_who_was_never_contacted_last(self):
        every = sorted(self.of_days)
        by_days = self.found("id", "!=", False, order="days_of_silence")
        self.assertEqual(by_days, [*every, None])
        for order in (
            "days_of_silence desc",
            "last_contact_date",
            "silence_range desc",
            "last_contact_date asc, name",
        ):
            found = self.found("id", "!=", False, order=order)
            self.assertEqual(found, [*reversed(every), None], order)
        newest = self.found("id", "!=", False, order="last_contact_date desc, id")
        self.assertEqual(newest, [*every, None])

    def test_pages_of_a_sorted_list_make_up_the_list(self):
        every = [*sorted(self.of_days), None]
        for size in (1, 3, 4, 10, 11, 20):
            pages = []
            for offset in range(0, 12, size):
                pages += self.found(
                    "id",
                    "!=",
                    False,
                    order="days_of_silence",
                    limit=size,
                    offset=offset,
                )
            self.assertEqual(pages, every, size)

    def test_groups_open_to_the_right_partners(self):
        groups = self.Partner.formatted_read_group(
            self.among, ["silence_range"], ["__count"]
        )
        self.assertEqual(
            [(group["silence_range"], group["__count"]) for group in groups],
            [
                ("d030", 2),
                ("d090", 2),
                ("d180", 2),
                ("d365", 2),
                ("d999", 2),
                ("never", 1),
            ],
        )
        for group, (key, _label, first, last) in zip(groups, RANGES, strict=True):
            self.assertEqual(group["silence_range"], key)
            opened = self.Partner.search(self.among & Domain(group["__extra_domain"]))
            self.assertEqual(len(opened), group["__count"])
            self.assertEqual(set(opened.mapped("silence_range")), {key})
            for partner in opened:
                if first is not None:
                    self.assertGreaterEqual(partner.days_of_silence, first)
                    self.assertLessEqual(partner.days_of_silence, last or 5000)
        by_month = self.Partner.formatted_read_group(
            self.among, ["last_contact_date:month"], ["__count"]
        )
        for group in by_month:
            opened = self.Partner.search(self.among & Domain(group["__extra_domain"]))
            self.assertEqual(len(opened), group["__count"])

    def test_a_list_is_one_query(self):
        partners = self.all.with_env(self.Partner.env)
        partners.mapped("days_of_silence")
        partners.invalidate_model(["days_of_silence", "last_contact_date"])
        with self.assertQueryCount(1):
            partners.mapped("days_of_silence")
            partners.mapped("last_contact_date")
            partners.mapped("silence_range")

    def test_an_unsaved_partner_and_an_empty_set(self):
        new = self.Partner.new({"name": "New"})
        self.assertFalse(new.last_contact_date)
        self.assertEqual(new.silence_range, "never")
        with self.assertQueryCount(0):
            self.Partner.browse()._compute_last_contact()

    def test_filters_of_the_list(self):
        self.buy(self.of_days[366], 100.0)
        self.refresh()
        partner = self.of_days[366].with_env(self.Partner.env)
        segment = partner.rfm_segment_id
        self.assertTrue(segment)
        domain = Domain("days_of_silence", ">", 180) & Domain(
            "rfm_segment_id", "=", segment.id
        )
        self.assertEqual(self.Partner.search(self.among & domain), partner)


class TestSilenceAccess(LastContactCommon):
    def test_who_is_not_in_sales_learns_nothing(self):
        self.mail_in(10)
        for user in (self.employee, self.portal):
            Partner = self.as_user(user, "res.partner")
            for ask in (
                lambda p: p.search([("days_of_silence", ">", 5)]),
                lambda p: p.search([("last_contact_date", "!=", False)]),
                lambda p: p.search([("silence_range", "=", "never")]),
                lambda p: p.search([("preferred_channel", "=", "email")]),
                lambda p: p.search([("child_ids.days_of_silence", ">", 5)]),
                lambda p: p.search([], order="days_of_silence"),
                lambda p: p.search([], order="last_contact_date desc", limit=1),
                lambda p: p._read_group([], ["silence_range"], ["__count"]),
                lambda p: p._read_group([], ["parent_id.silence_range"], ["__count"]),
                lambda p: p._read_group([], ["last_contact_date:month"]),
                lambda p: p._read_group([], [], ["days_of_silence:max"]),
                lambda p: p.sudo().search([], order="days_of_silence"),
                lambda p: p.sudo().search([("preferred_channel", "=", "email")]),
                lambda p: p.browse(p.env.user.partner_id.id).read(["days_of_silence"]),
                lambda p: p.browse(p.env.user.partner_id.id).read(
                    ["preferred_channel"]
                ),
            ):
                with self.assertRaises(AccessError):
                    ask(Partner)
            known = Partner.fields_get()
            self.assertNotIn("days_of_silence", known)
            for model in ("crm.last.contact", "crm.preferred.channel"):
                with self.assertRaises(AccessError):
                    self.as_user(user, model).search([])

    def test_of_the_last_contact_no_more_is_read_than_its_day(self):
        self.mail_in(10, record_company_id=self.company_a.id)
        self.mail_in(9, record_company_id=self.company_b.id)
        self.env["crm.last.contact"]._flush_pending()
        row = self.env["crm.last.contact"].search(
            [("partner_id", "=", self.company.id)], limit=1
        )
        users = self.salesman + self.manager + self.env.ref("base.user_admin")
        users.group_ids += self.env.ref("base.group_allow_export")
        for user in users:
            rows = self.as_user(user, "crm.last.contact").browse(row.id)
            for method, *args in (
                ("search", [("partner_id", "=", self.company.id)]),
                ("search_count", []),
                ("search_read", [], ["date"]),
                ("formatted_read_group", [], ["source"], ["__count"]),
                ("name_search", ""),
                ("read", ["source", "source_id", "date"]),
                ("export_data", ["source_id"]),
                ("action_open_customer",),
                ("write", {"date": self.ago(1)}),
                ("unlink",),
                ("create", {"partner_id": self.company.id}),
            ):
                with self.subTest(method), self.assertRaises(AccessError):
                    getattr(rows, method)(*args)
        # The day is that of the current company, and each sees its own.
        partner = self.as_user(self.salesman, "res.partner").browse(self.company.id)
        self.assertEqual(partner.days_of_silence, 10)
        partner.invalidate_recordset()
        values = partner.read(["last_contact_date", "days_of_silence"])[0]
        self.assertEqual(values["last_contact_date"], self.ago(10).date())
        for user in (self.salesman, self.manager):
            with self.assertRaises(AccessError):
                self.as_user(user, "crm.last.contact").create({})


class TestPreferredChannel(LastContactCommon):
    def channel(self, partner=None, user=None):
        self.env.invalidate_all()
        partner = partner or self.company
        partner = partner.with_env(
            self.as_user(user or self.salesman, "res.partner").env
        )
        return partner.preferred_channel, partner.preferred_channel_by_hand

    def test_it_is_what_the_customer_uses_most(self):
        self.assertEqual(self.channel(), (False, False))
        self.interaction(3, direction="in", channel="phone")
        self.interaction(2, direction="in", channel="phone")
        self.mail_in(1, record_company_id=self.company_a.id)
        # Not what we use, and not what was used long ago.
        for _each in range(3):
            self.interaction(1, direction="out", channel="letter")
            self.mail_out(1)
            self.interaction(400, direction="in", channel="fax")
        for partner in (self.company, self.contact):
            self.assertEqual(self.channel(partner), ("phone", False))
        self.mail_in(2, record_company_id=self.company_a.id)
        self.assertEqual(self.channel(), ("email", False), "the later of two")
        self.assertEqual(self.channel(user=self.salesman_b)[0], False)

    def test_by_hand_wins_and_is_given_back(self):
        self.mail_in(1, record_company_id=False)
        partner = self.contact.with_env(self.as_user(self.salesman, "res.partner").env)
        partner.preferred_channel = "sms"
        for partner in (self.company, self.contact):
            self.assertEqual(self.channel(partner), ("sms", True))
        self.company.preferred_channel = "phone"
        self.assertEqual(self.channel(), ("phone", True))
        self.assertEqual(self.channel(user=self.salesman_b), ("phone", True))
        self.company.action_preferred_channel_automatic()
        self.assertEqual(self.channel(), ("email", False))
        self.assertFalse(self.env["crm.preferred.channel"].search([]))

    def test_search(self):
        self.mail_in(1)
        self.interaction(1, direction="in", channel="phone", partner_id=self.silent.id)
        other = self.customer("Other")
        other.preferred_channel = "phone"
        self.silent.preferred_channel = "email"
        Partner = self.as_user(self.salesman, "res.partner")
        mine = Domain("id", "in", (self.company + self.silent + other).ids)

        def found(*condition):
            return Partner.search(mine & Domain("preferred_channel", *condition))

        self.assertEqual(found("=", "email"), self.company + self.silent)
        self.assertEqual(found("=", "phone"), other)
        self.assertEqual(found("!=", "phone"), self.company + self.silent)
        self.assertFalse(found("=", False))
        self.silent.preferred_channel = False
        self.assertEqual(found("=", "phone"), self.silent + other)
        self.env["crm.preferred.channel"].search([]).unlink()
        self.assertEqual(found("=", False), other)

    def test_merged_customers_keep_one(self):
        other = self.customer("Other")
        (other + self.silent).preferred_channel = "phone"
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.silent + other).ids, self.silent)
        self.assertEqual(self.channel(self.silent), ("phone", True))
