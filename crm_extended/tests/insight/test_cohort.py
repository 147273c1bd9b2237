"""Cohorts: who bought first when, and what they bought since."""

from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from odoo import Command

from ...analytics.insight import cohorts
from ..purchase.test_taken_back import TakenBackCommon

MEASURES = ("customers", "orders", "revenue")


class CohortCommon(TakenBackCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.feature"]._switch(insight=True)
        cls.env = cls.env(
            context={**cls.env.context, "allowed_company_ids": cls.company.ids}
        )
        cls.customer = cls.customer.with_env(cls.env)
        cls.month = cls.today.replace(day=1)

    @classmethod
    def months_ago(cls, months, day=1):
        return cls.month - relativedelta(months=months) + timedelta(days=day - 1)

    @classmethod
    def history(cls, day, amount=100.0, partner=None, company=None, **values):
        # sudo: purchases of companies that the reader does not work in.
        return (
            cls.env["crm.purchase.history"]
            .sudo()
            .create(
                {
                    "partner_id": (partner or cls.customer).id,
                    "company_id": (company or cls.company).id,
                    "date": day,
                    "amount": amount,
                    **values,
                }
            )
        )

    @classmethod
    def buyer(cls, name="Other", **values):
        return cls.env["res.partner"].create({"name": name, **values})

    def documents(self, company=None):
        """What the read model of purchases has, in plain values."""
        self.env.flush_all()
        self.env.invalidate_all()
        rows = self.env["crm.customer.transaction"].search_fetch(
            [("company_id", "=", (company or self.company).id)]
        )
        return [
            (row.partner_id.id, row.purchase_key, row.date, row.posted_date, row.amount)
            for row in rows
        ]

    def figures(self, step="month", domain=(), company=None):
        """The table by cohort and age, amounts rounded to cents."""
        self.env.flush_all()
        self.env.invalidate_all()
        company = company or self.company
        model = self.env["crm.cohort"].with_context(
            cohort_step=step, allowed_company_ids=company.ids
        )
        rows = model._read_group(
            [("company_id", "=", company.id), *domain],
            ["cohort_date:day", "age"],
            [f"{name}:sum" for name in MEASURES],
        )
        return {
            (cohort, age): (customers, orders, round(revenue, 2))
            for cohort, age, customers, orders, revenue in rows
        }

    def assertAsDefined(self, company=None):
        """The SQL gives what the definition gives. Cells of nothing are left out."""
        documents = [
            cohorts.Document(customer, key, day, amount)
            for customer, key, day, _posted, amount in self.documents(company)
        ]
        for step in cohorts.MONTHS:
            expected = cohorts.cells(documents, self.today, step)
            self.assertEqual(
                {
                    place: cell
                    for place, cell in self.figures(step, company=company).items()
                    if any(cell)
                },
                {
                    place: (customers, orders, round(revenue, 2))
                    for place, (customers, orders, revenue) in expected.items()
                    if (customers, orders, round(revenue, 2)) != (0, 0, 0)
                },
            )


class TestCohort(CohortCommon):
    def test_months_since_the_first_purchase(self):
        self.history(self.months_ago(5, 3), 40)
        self.history(self.months_ago(3, 9), 60)
        self.history(self.months_ago(3, 2), 10)
        other = self.buyer()
        self.history(self.months_ago(5, 20), 5, other)
        cohort = self.months_ago(5)
        self.assertEqual(
            self.figures(), {(cohort, 0): (2, 2, 45.0), (cohort, 3 - 1): (1, 2, 70.0)}
        )
        self.assertAsDefined()

    def test_an_import_moves_a_customer_to_an_earlier_cohort(self):
        self.invoice(100, 40)
        [(cohort, _age)] = self.figures()
        self.history(cohort - relativedelta(months=7), 10)
        self.assertEqual(
            set(self.figures()),
            {
                (cohort - relativedelta(months=7), 0),
                (cohort - relativedelta(months=7), 7),
            },
        )
        self.assertAsDefined()

    def test_taken_back_in_full_is_no_purchase(self):
        first = self.invoice(100, 100)
        self.invoice(70, 65)
        self.assertEqual(sum(cell[1] for cell in self.figures().values()), 2)
        self.credit(first, 3)
        [(place, cell)] = self.figures().items()
        self.assertEqual(place[1], 0)
        self.assertEqual(cell, (1, 1, 70.0))
        self.assertAsDefined()

    def test_refunds_below_zero_lower_revenue_alone(self):
        self.history(self.months_ago(4), 50)
        self.history(self.months_ago(2), -80)
        cohort = self.months_ago(4)
        self.assertEqual(
            self.figures(), {(cohort, 0): (1, 1, 50.0), (cohort, 2): (0, 0, -80.0)}
        )
        # Refunds alone make no customer, nor does what is given away.
        self.history(self.months_ago(4), -10, self.buyer())
        self.history(self.months_ago(4), 0, self.buyer())
        self.assertEqual(self.figures()[cohort, 0], (1, 1, 50.0))
        self.assertAsDefined()

    def test_a_deposit_and_its_final_invoice_are_one_purchase(self):
        order = self.order(1000, 100)
        self.bill(order, 100, percent=30)
        self.bill(order, 40)
        table = self.figures()
        self.assertEqual(sum(orders for _c, orders, _r in table.values()), 1)
        self.assertEqual(sum(revenue for *_rest, revenue in table.values()), 1000)
        self.assertAsDefined()

    def test_partly_taken_back(self):
        move = self.invoice(100, 70)
        self.credit(move, 5, amount=30)
        [cell] = self.figures().values()
        self.assertEqual(cell, (1, 1, 70.0))
        self.assertAsDefined()

    def test_orders_count_where_the_company_says_so(self):
        self.invoice(100, 40)
        self.order(30, 70)
        self.assertEqual({cell[2] for cell in self.figures().values()}, {100.0})
        self.company.rfm_source = "sale"
        self.assertEqual({cell[2] for cell in self.figures().values()}, {30.0})
        self.assertAsDefined()

    def test_purchases_of_the_future_do_not_exist_yet(self):
        self.history(self.today + timedelta(days=1), 10)
        self.assertEqual(self.figures(), {})
        self.history(self.today, 10)
        self.assertEqual(self.figures(), {(self.month, 0): (1, 1, 10.0)})

    def test_contacts_count_as_their_company(self):
        company = self.buyer("Company", is_company=True)
        contact = self.buyer("Contact", parent_id=company.id)
        self.history(self.months_ago(2), 10, contact)
        self.history(self.months_ago(2, 5), 20, company)
        self.history(self.months_ago(1), 30, contact)
        cohort = self.months_ago(2)
        self.assertEqual(
            self.figures(), {(cohort, 0): (1, 2, 30.0), (cohort, 1): (1, 1, 30.0)}
        )

    def test_merged_and_archived(self):
        other = self.buyer()
        self.history(self.months_ago(3), 10)
        self.history(self.months_ago(6), 20, other)
        self.assertEqual(self.figures()[self.months_ago(6), 0], (1, 1, 20.0))
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.customer + other).ids, self.customer, extra_checks=False)
        cohort = self.months_ago(6)
        self.assertEqual(
            self.figures(), {(cohort, 0): (1, 1, 20.0), (cohort, 3): (1, 1, 10.0)}
        )
        self.customer.action_archive()
        self.assertEqual(len(self.figures()), 2)

    def test_thirty_years_of_a_clockwork_customer(self):
        for months in range(0, 360, 12):
            self.history(self.months_ago(months), 10)
        self.history(date(1900, 1, 31), 1, self.buyer())
        table = self.figures()
        cohort = self.months_ago(348)
        self.assertEqual(
            sorted(age for first, age in table if first == cohort),
            list(range(0, 360, 12)),
        )
        self.assertEqual(table[date(1900, 1, 1), 0], (1, 1, 1.0))
        self.assertAsDefined()

    def test_a_shop_of_all_kinds(self):
        """Months, credit notes, orders and imports, against the definition."""
        for days in (5, 40, 41, 200, 390, 700):
            move = self.invoice(10 + days, days)
            if days % 2:
                self.credit(move, days // 2, amount=None if days == 41 else 7)
        order = self.order(500, 300)
        self.bill(order, 300, percent=50)
        self.bill(order, 250)
        for months in (0, 2, 3, 14, 27):
            self.history(self.months_ago(months), months - 2.5, self.buyer())
            self.history(self.months_ago(months), 9)
        self.assertAsDefined()

    def test_two_companies_with_two_currencies(self):
        other = self.env["res.company"].create(
            {"name": "Elsewhere", "currency_id": self.env.ref("base.CHF").id}
        )
        self.env.user.company_ids += other
        self.history(self.months_ago(2), 10)
        self.history(self.months_ago(5), 70, company=other)
        both = self.env["crm.cohort"].with_context(
            allowed_company_ids=(self.company + other).ids
        )
        self.env.flush_all()
        rows = both.search([("partner_id", "=", self.customer.id)], order="date")
        self.assertEqual(
            [(row.company_id, row.cohort_date, row.revenue) for row in rows],
            [
                (other, self.months_ago(5), 70),
                (self.company, self.months_ago(2), 10),
            ],
        )
        self.assertEqual(rows.mapped("currency_id"), (other + self.company).currency_id)
        self.assertAsDefined()
        table = both.with_company(other).get_table()
        self.assertEqual(table["currency_id"], other.currency_id.id)
        self.assertEqual(table["customers"], 1)
        self.assertEqual(table["averages"]["revenue"][0], 70)

    def test_dimensions(self):
        self.env["crm.feature"]._switch(loyalty=True)
        source, lead_source = self.env["utm.source"].create(
            [{"name": "Fair"}, {"name": "Web"}]
        )
        campaign = self.env["utm.campaign"].create({"name": "Spring"})
        france = self.env.ref("base.fr")
        self.customer.country_id = france
        cheap, dear = self.env["product.product"].create(
            [{"name": "Cheap"}, {"name": "Dear"}]
        )
        items = [
            Command.create(
                {
                    "product_id": product.id,
                    "price_unit": price,
                    "tax_ids": [Command.clear()],
                }
            )
            for product, price in ((cheap, 10), (dear, 90))
        ]
        self.invoice(
            0,
            70,
            invoice_line_ids=items,
            source_id=source.id,
            campaign_id=campaign.id,
        )
        self.invoice(5, 30)
        led = self.buyer("Led")
        self.history(self.months_ago(1), 10, led)
        self.env["crm.lead"].create(
            [
                {"name": "Without", "partner_id": led.id},
                {"name": "First", "partner_id": led.id, "source_id": lead_source.id},
                {"name": "Later", "partner_id": led.id, "source_id": source.id},
            ]
        )
        self.env["crm.rfm.score"]._refresh(self.company)
        self.env.invalidate_all()
        Cohort = self.env["crm.cohort"]
        for name, value in (
            ("source_id", source),
            ("campaign_id", campaign),
            ("first_product_id", dear.product_tmpl_id),
            ("country_id", france),
        ):
            found = Cohort.search([(name, "=", value.id)])
            self.assertEqual(found.partner_id, self.customer, name)
            self.assertEqual(found.mapped(name), value)
            grouped = dict(Cohort._read_group([], [name], ["customers:sum"]))
            self.assertEqual(grouped[value], 2, name)
            table = Cohort.get_table(domain=[(name, "=", value.id)])
            self.assertEqual(table["customers"], 1)
        self.assertEqual(
            Cohort.search([("source_id", "=", lead_source.id)]).partner_id, led
        )
        segment = Cohort.search([("partner_id", "=", led.id)]).rfm_segment_id
        self.assertTrue(segment)
        self.assertIn(
            led, Cohort.search([("rfm_segment_id", "=", segment.id)]).partner_id
        )
        self.assertFalse(Cohort.search([("loyalty_tier_id", "!=", False)]))

    def test_the_page(self):
        for number, months in enumerate((3, 3, 1, 0)):
            partner = self.buyer(f"Customer {number}")
            self.history(self.months_ago(months), 10, partner)
            if number == 0:
                self.history(self.months_ago(2), 30, partner)
                self.history(self.month, 30, partner)
        table = self.env["crm.cohort"].get_table()
        self.assertEqual(table["as_of"], str(self.today))
        self.assertEqual((table["count"], table["ages"]), (3, 4))
        newest, second, oldest = table["cohorts"]
        self.assertEqual(newest["date"], str(self.month))
        self.assertEqual([cell["is_running"] for cell in newest["cells"]], [True])
        self.assertEqual([cell["share"] for cell in second["cells"]], [1, 0])
        self.assertEqual([cell["share"] for cell in oldest["cells"]], [1, 0.5, 0, 0.5])
        # This month, which is not over, is in no average.
        self.assertEqual(table["averages"]["share"], [1, 0.5, 0])
        self.assertEqual(table["averages"]["revenue"], [10, 15, 0])
        quarterly = self.env["crm.cohort"].get_table(step="quarter")
        self.assertEqual(sum(row["size"] for row in quarterly["cohorts"]), 4)
        self.assertEqual(
            self.env["crm.cohort"].get_table(offset=1)["cohorts"][0], second
        )

    def test_nothing_yet_and_hostile_arguments(self):
        table = self.env["crm.cohort"].get_table()
        self.assertEqual((table["count"], table["ages"]), (0, 0))
        self.assertEqual((table["cohorts"], table["averages"]["share"]), ([], []))
        self.history(self.today)
        table = self.env["crm.cohort"].get_table(
            step="'; DROP TABLE", offset=-5, limit=10**9
        )
        self.assertEqual((table["step"], table["count"]), ("month", 1))
        self.assertEqual(len(table["cohorts"]), 1)

    def test_the_number_of_queries_does_not_grow(self):
        self.history(self.today)
        self.env["crm.cohort"].get_table()
        self.env.flush_all()
        with self.assertQueryCount(12):
            self.env["crm.cohort"].get_table()

    def test_a_row_opens_its_customer(self):
        self.history(self.today)
        self.env.flush_all()
        action = self.env["crm.cohort"].search([]).action_open_customer()
        self.assertEqual(action["res_id"], self.customer.id)
