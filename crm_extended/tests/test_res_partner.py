"""Standing on contacts: read, searched, sorted and grouped without a stored copy."""

from unittest.mock import patch

import psycopg2

from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import CustomerValueCommon


@tagged("at_install", "-post_install")
class TestResPartner(CustomerValueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.best, cls.middle, cls.lost, cls.never = (
            cls.customer(name) for name in ("Best", "Middle", "Gone", "Never")
        )
        for day in range(5):
            cls.buy(cls.best, 200.0, days_ago=day)
        cls.buy(cls.middle, 50.0, days_ago=90)
        cls.buy(cls.lost, 300.0, days_ago=800)
        cls.refresh()
        cls.all = cls.best + cls.middle + cls.lost + cls.never
        cls.Partner = cls.env(
            user=cls.salesman, context={"allowed_company_ids": cls.company_a.ids}
        )["res.partner"]
        cls.mine = [("id", "in", cls.all.ids)]

    def found(self, *domain, **options):
        return self.Partner.search(self.mine + list(domain), **options).sudo(False)

    def assertFound(self, partners, *domain):
        self.assertEqual(set(self.found(*domain).ids), set(partners.ids))

    def test_a_contact_shows_the_standing_of_its_company(self):
        self.best.is_company = True
        contact = self.customer("Contact", parent_id=self.best.id)
        contact = contact.with_env(self.Partner.env)
        self.assertEqual(contact.rfm_score_id.partner_id.id, self.best.id)
        self.assertEqual(contact.rfm_code, "555")
        self.assertEqual(contact.rfm_segment_id.name, "Champions")
        self.assertEqual(contact.rfm_monetary, 1000.0)

    def test_search_by_segment(self):
        champions = self.env.ref("crm_extended.crm_rfm_segment_champions")
        self.assertFound(self.best, ("rfm_segment_id", "=", champions.id))
        self.assertFound(self.best, ("rfm_segment_id", "in", champions.ids))
        self.assertFound(self.best, ("rfm_segment_id", "ilike", "champ"))
        self.assertFound(self.best, ("rfm_segment_id.name", "=", "Champions"))
        self.assertFound(self.all - self.best, ("rfm_segment_id", "!=", champions.id))
        self.assertFound(self.never, ("rfm_segment_id", "=", False))
        self.assertFound(self.all - self.never, ("rfm_segment_id", "!=", False))
        self.assertFound(
            self.best + self.never, ("rfm_segment_id", "in", [champions.id, False])
        )

    def test_search_by_score_and_figures(self):
        self.assertFound(self.best, ("rfm_code", "=", "555"))
        self.assertFound(self.all - self.best, ("rfm_code", "!=", "555"))
        self.assertFound(self.best, ("rfm_frequency", ">", 1))
        self.assertFound(self.best, ("rfm_monetary", ">=", 1000))
        self.assertFound(self.lost, ("rfm_recency", "=", 800))
        self.assertFound(self.lost, ("rfm_recency", ">", 365))
        self.assertFound(self.best, ("rfm_recency_score", "=", 5))
        self.assertFound(self.never, ("rfm_score_id", "=", False))
        self.assertFound(self.all - self.never, ("rfm_score_id", "!=", False))
        self.assertFound(self.best, ("rfm_score_id", "=", self.best.rfm_score_id.id))
        self.assertFound(
            self.all - self.best, ("rfm_score_id", "!=", self.best.rfm_score_id.id)
        )
        self.assertFound(self.best, ("rfm_score_id", "any", [("frequency", ">", 1)]))
        self.assertFound(
            self.all - self.best, ("rfm_score_id", "not any", [("frequency", ">", 1)])
        )

    def test_groups_open_the_records_they_count(self):
        for name in ("rfm_frequency", "rfm_recency", "rfm_monetary_score"):
            for value, count in self.Partner._read_group(
                self.mine, [name], ["__count"]
            ):
                self.assertEqual(
                    len(self.found((name, "=", value))), count, f"{name} {value}"
                )

    def test_ready_filters(self):
        self.assertFound(self.best + self.middle, ("rfm_frequency", ">", 0))
        self.assertFound(
            self.lost, ("rfm_score_id", "!=", False), ("rfm_frequency", "=", 0)
        )

    def test_searching_and_filtering_agree(self):
        for domain in (
            [("rfm_segment_id", "!=", False)],
            [("rfm_frequency", ">", 0)],
            [("rfm_score_id", "=", False)],
            [("rfm_code", "like", "55")],
        ):
            self.assertEqual(
                set(self.all.filtered_domain(domain).ids), set(self.found(*domain).ids)
            )

    def test_whoever_never_bought_comes_last_in_either_order(self):
        for field in ("rfm_monetary", "rfm_recency", "rfm_code", "rfm_segment_id"):
            for direction in ("asc", "desc"):
                found = self.found(order=f"{field} {direction}")
                self.assertEqual(found[-1], self.never, f"{field} {direction}")
        self.assertEqual(self.found(order="rfm_monetary desc")[0], self.best)
        self.assertEqual(self.found(order="rfm_recency desc")[0], self.lost)

    def test_group_by_segment_and_code(self):
        groups = self.Partner._read_group(
            self.mine, ["rfm_segment_id"], ["__count", "rfm_monetary:sum"]
        )
        figures = {segment.name: figures for segment, *figures in groups}
        self.assertEqual(figures["Champions"], [1, 1000.0])
        self.assertEqual(figures["Lost"], [1, 0.0])
        self.assertEqual(figures[False][0], 1)
        codes = self.Partner._read_group(self.mine, ["rfm_code"], ["__count"])
        self.assertIn(("555", 1), codes)

    def test_the_web_client_may_sort_group_and_search(self):
        fields = self.Partner.fields_get(
            ["rfm_segment_id", "rfm_code", "rfm_recency", "rfm_monetary"]
        )
        for name, description in fields.items():
            self.assertTrue(description["searchable"], name)
            self.assertTrue(description["sortable"], name)
            self.assertTrue(description["groupable"], name)
            # A company's figures stand on each of its contacts: no sum in lists.
            self.assertFalse(description.get("aggregator"), name)

    def test_nothing_is_stored_on_partners(self):
        for name, field in self.Partner._fields.items():
            if name.startswith("rfm_"):
                self.assertFalse(field.store, name)

    def test_creating_and_writing_a_partner_costs_nothing(self):
        """No query touches a table of ours."""
        self.env.flush_all()
        queries = []
        execute = type(self.env.cr).execute

        def spy(cursor, query, *args, **kwargs):
            queries.append(getattr(query, "code", str(query)))
            return execute(cursor, query, *args, **kwargs)

        with patch.object(type(self.env.cr), "execute", spy):
            partner = self.env["res.partner"].create({"name": "Fresh"})
            partner.write({"name": "Fresher", "email": "fresh@example.com"})
            self.env.flush_all()
        self.assertTrue(queries)
        self.assertFalse([query for query in queries if "crm_rfm" in query])

    def test_reading_a_list_costs_the_same_for_more_partners(self):
        spec = ["rfm_segment_id", "rfm_code", "rfm_recency", "rfm_monetary"]
        many = self.customers(40)
        for customer in many:
            self.buy(customer)
        self.refresh()

        def queries(partners):
            partners = partners.with_env(self.Partner.env)
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            partners.read(spec)
            return self.env.cr.sql_log_count - before

        queries(self.best)
        self.assertEqual(queries(self.all + many), queries(self.best))

    def test_opening_the_form_costs_at_most_three_queries(self):
        partner = self.best.with_env(self.Partner.env)
        ours = [name for name in partner._fields if name.startswith("rfm_")]
        partner.read(["name", "commercial_partner_id", *ours])
        self.env.invalidate_all()
        partner.read(["name", "commercial_partner_id"])
        before = self.env.cr.sql_log_count
        partner.read(ours)
        self.assertLessEqual(self.env.cr.sql_log_count - before, 3)

    def test_a_new_contact_in_a_form_shows_its_companys_standing(self):
        self.best.is_company = True
        with Form(self.Partner) as form:
            form.name = "Newcomer"
            form.parent_id = self.best.with_env(self.Partner.env)
            self.assertEqual(form.rfm_code, "555")

    # -- What may happen to a partner

    def merge(self, destination, *sources):
        partners = destination.union(*sources)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            partners.ids, destination
        )

    @mute_logger("odoo.sql_db")  # the merge tries, collides, and deletes instead
    def test_merging_two_customers(self):
        self.merge(self.best, self.middle)
        self.assertEqual(self.scores().partner_id, self.best + self.lost)
        self.refresh()
        self.assertEqual(self.best.rfm_frequency, 6)
        self.assertEqual(self.best.rfm_monetary, 1050.0)

    def test_merging_a_customer_into_one_who_never_bought(self):
        self.merge(self.never, self.best)
        self.assertEqual(self.never.rfm_frequency, 5)
        self.refresh()
        self.assertEqual(self.never.rfm_frequency, 5)

    def test_archiving_keeps_the_standing(self):
        self.best.active = False
        self.refresh()
        self.assertEqual(self.best.rfm_code, "555")

    def test_deleting_a_customer_takes_the_score_but_not_the_history(self):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.ForeignKeyViolation),
        ):
            self.best.unlink()
        self.env["crm.purchase.history"].search(
            [("partner_id", "=", self.best.id)]
        ).unlink()
        score = self.best.rfm_score_id
        self.best.unlink()
        self.assertFalse(score.exists())

    def test_a_customer_that_gets_a_parent_company(self):
        parent = self.customer("Parent", is_company=True)
        self.best.parent_id = parent
        self.assertFalse(self.best.rfm_score_id)
        self.refresh()
        self.assertFalse(self.score(self.best))
        self.assertEqual(parent.rfm_frequency, 5)
        self.assertEqual(self.best.rfm_frequency, 5)

    def test_a_contact_that_becomes_a_company(self):
        parent = self.customer("Parent", is_company=True)
        contact = self.customer("Contact", parent_id=parent.id)
        self.buy(contact, 70.0)
        self.refresh()
        self.assertEqual(parent.rfm_monetary, 70.0)
        contact.is_company = True
        contact.parent_id = False
        self.buy(contact, 30.0)
        self.refresh()
        # What was bought for the parent stays the parent's.
        self.assertEqual(parent.rfm_monetary, 70.0)
        self.assertEqual(contact.rfm_monetary, 30.0)

    def test_the_panel_opens_the_score(self):
        action = self.best.action_rfm_score()
        self.assertEqual(action["res_id"], self.best.rfm_score_id.id)
