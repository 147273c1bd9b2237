"""What the addon asks of the database in everyday work.

Counted are the queries that name one of its tables. ``benchmarks/bench_queries.py``
compares all queries with those of a database without the addon.
"""

from contextlib import contextmanager
from unittest.mock import patch

from odoo.sql_db import Cursor
from odoo.tests import tagged
from odoo.tools import SQL

from .common import CustomerValueCommon

TABLES = (
    "crm_rfm",
    "crm_purchase",
    "crm_customer",
    "crm_last_contact",
    "crm_preferred_channel",
)


@tagged("at_install", "-post_install")
class TestQueries(CustomerValueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.customer("Company", is_company=True)
        cls.contact = cls.customer("Contact", parent_id=cls.company.id)
        cls.buy(cls.contact, 10.0)
        cls.refresh()

    def setUp(self):
        super().setUp()
        self.Partner = self.as_user(self.salesman, "res.partner")
        self.Lead = self.as_user(self.salesman, "crm.lead")

    @contextmanager
    def our_queries(self):
        """Collect the queries that name a table of ours."""
        execute = Cursor.execute
        found = []

        def noted(cr, query, *args, **kwargs):
            text = query.code if isinstance(query, SQL) else query
            if any(table in text for table in TABLES):
                found.append(text)
            return execute(cr, query, *args, **kwargs)

        self.env.flush_all()
        self.env.invalidate_all()
        with patch.object(Cursor, "execute", noted):
            yield found
            self.env.flush_all()

    def open(self, record):
        """Read what the form shows, as the web client does."""
        spec = record._get_fields_spec(record.get_view(view_type="form"))
        with self.our_queries() as queries:
            [values] = record.web_read(spec)
        return queries, values

    def test_creating_partners_costs_nothing(self):
        with self.our_queries() as queries:
            self.Partner.create([{"name": f"New {number}"} for number in range(10)])
            self.Partner.create({"name": "Employed", "parent_id": self.company.id})
        self.assertEqual(queries, [])

    def test_writing_partners_costs_nothing(self):
        partners = (self.company + self.contact).with_env(self.Partner.env)
        with self.our_queries() as queries:
            partners.write({"name": "Edited", "phone": "+1 555 0100"})
            partners[1].user_id = self.salesman
            partners[1].parent_id = self.company
        self.assertEqual(queries, [])

    def test_leads_cost_at_most_one(self):
        with self.our_queries() as queries:
            lead = self.Lead.create({"name": "Lead", "partner_id": self.contact.id})
        self.assertLessEqual(len(queries), 1)
        with self.our_queries() as queries:
            lead.write({"name": "Edited", "priority": "2"})
        self.assertLessEqual(len(queries), 1)

    def test_opening_a_partner_costs_at_most_three(self):
        for partner in (self.company, self.contact):
            queries, values = self.open(partner.with_env(self.Partner.env))
            self.assertEqual(values["rfm_code"], "511")
            self.assertTrue(queries)
            self.assertLessEqual(len(queries), 3)

    def test_who_is_not_in_sales_pays_nothing(self):
        partner = self.company.with_env(self.as_user(self.employee, "res.partner").env)
        queries, values = self.open(partner)
        self.assertNotIn("rfm_code", values)
        self.assertEqual(queries, [])
