from odoo.tests import tagged

from .common import CustomerValueCommon


@tagged("at_install", "-post_install")
class TestCrmLead(CustomerValueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = cls.customer("Good Customer", is_company=True)
        contact = cls.customer("Contact", parent_id=company.id)
        stranger = cls.customer("Stranger")
        cls.buy(company, 10.0)
        cls.refresh()
        cls.known, cls.unknown, cls.nameless = cls.env["crm.lead"].create(
            [
                {"name": "Known", "partner_id": contact.id},
                {"name": "Unknown", "partner_id": stranger.id},
                {"name": "Nameless"},
            ]
        )
        cls.leads = cls.known + cls.unknown + cls.nameless
        cls.leads.user_id = cls.salesman
        cls.new = cls.env.ref("crm_extended.crm_rfm_segment_new")

    def setUp(self):
        super().setUp()
        self.Lead = self.as_user(self.salesman, "crm.lead")

    def test_a_lead_shows_its_customers_segment(self):
        lead = self.known.with_env(self.Lead.env)
        self.assertEqual(lead.rfm_segment_id, self.new)
        self.assertEqual(lead.rfm_code, "511")
        self.assertFalse(self.unknown.rfm_segment_id)
        self.assertFalse(self.nameless.rfm_code)

    def test_search_sort_and_group(self):
        mine = [("id", "in", self.leads.ids)]
        search = self.Lead.search
        self.assertEqual(
            search(mine + [("rfm_segment_id", "=", self.new.id)]).ids, self.known.ids
        )
        self.assertEqual(
            set(search(mine + [("rfm_segment_id", "=", False)]).ids),
            set((self.unknown + self.nameless).ids),
        )
        self.assertEqual(search(mine + [("rfm_code", "=", "511")]).ids, self.known.ids)
        self.assertEqual(search(mine, order="rfm_code desc")[0].id, self.known.id)
        groups = dict(self.Lead._read_group(mine, ["rfm_segment_id"], ["__count"]))
        self.assertEqual(groups[self.new], 1)
        groups = dict(self.Lead._read_group(mine, ["rfm_code"], ["__count"]))
        self.assertEqual(groups, {"511": 1, False: 2})

    def test_reading_many_leads_costs_no_query_for_each(self):
        more = self.env["crm.lead"].create(
            [
                {"name": f"Lead {number}", "partner_id": self.customer().id}
                for number in range(30)
            ]
        )

        def queries(leads):
            leads = leads.with_env(self.env)
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            leads.read(["rfm_segment_id", "rfm_code"])
            return self.env.cr.sql_log_count - before

        queries(self.known)
        few = queries(self.known)
        self.assertLessEqual(queries(self.leads + more), few)
