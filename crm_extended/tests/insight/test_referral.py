"""Who recommended whom: entered on contacts and leads, counted beside the recommender's own
revenue, and kept right when customers change or are merged."""

from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..care.common import CareCommon


class ReferralCommon(CareCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.referrals = cls.env["crm.referral"]
        cls.ada, cls.ben, cls.cora = (
            cls.customer(name, user_id=user.id)
            for name, user in (
                ("Ada", cls.salesman),
                ("Ben", cls.salesman),
                ("Cora", cls.manager),
            )
        )

    def of(self, customer):
        return self.referrals.search([("referred_id", "=", customer.id)])

    def lead(self, **values):
        return self.env["crm.lead"].create(
            {
                "name": "Chance",
                "company_id": self.company_a.id,
                "user_id": self.salesman.id,
                **values,
            }
        )

    def figures(self, customer, company=None):
        self.env.invalidate_all()
        reports = self.env["crm.referral.report"].with_company(
            company or self.company_a
        )
        return reports.search([("partner_id", "=", customer.id)])

    def claim(self, recommender, **values):
        """What comes by a personal link."""
        lead = self.lead(**values)
        return lead, self.referrals.create(
            {"partner_id": recommender.id, "lead_id": lead.id, "source": "link"}
        )

    @mute_logger("odoo.sql_db")
    def merge(self, destination, *sources):
        self.env["base.partner.merge.automatic.wizard"]._merge(
            destination.union(*sources).ids, destination
        )
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestReferral(ReferralCommon):
    # -- Entering

    def test_on_a_contact(self):
        with Form(self.ben.with_user(self.salesman)) as form:
            self.assertFalse(form.referred_by_id)
            form.referred_by_id = self.cora
        [referral] = self.of(self.ben)
        self.assertEqual(referral.partner_id, self.cora)
        self.assertEqual(referral.source, "manual")
        self.assertEqual(referral.company_id, self.company_a)
        self.assertEqual(referral.date, self.today)
        self.assertEqual(referral.referred_date, self.today)
        self.assertEqual(self.ben.referred_by_id, self.cora)
        self.assertEqual(self.cora.referral_count, 1)
        self.ben.referred_by_id = self.ada
        self.assertEqual(self.of(self.ben), referral)
        self.assertEqual(referral.partner_id, self.ada)
        self.assertEqual((self.ada.referral_count, self.cora.referral_count), (1, 0))
        self.ben.referred_by_id = False
        self.assertFalse(self.of(self.ben))
        self.assertFalse(self.ben.referred_by_id)

    def test_contacts_stand_for_their_company(self):
        firm = self.customer("Firm", is_company=True)
        person, other = self.customers(2, parent_id=firm.id)
        person.referred_by_id = self.ada
        self.assertEqual(self.of(firm).partner_id, self.ada)
        self.assertEqual((firm | other).referred_by_id, self.ada)
        self.ben.referred_by_id = other
        self.assertEqual(self.of(self.ben).partner_id, firm)
        self.assertEqual(person.referral_count, 1)

    def test_on_a_new_contact(self):
        partner = self.as_user(self.salesman, "res.partner").create(
            {"name": "New", "referred_by_id": self.cora.id}
        )
        self.assertEqual(self.of(partner).partner_id, self.cora)

    def test_on_a_lead_before_there_is_a_customer(self):
        lead = self.lead().with_user(self.salesman)
        with Form(lead) as form:
            form.referred_by_id = self.ada
        self.assertEqual(lead.referred_by_id, self.ada)
        referral = self.referrals.search([("lead_id", "=", lead.id)])
        self.assertEqual(referral.source, "lead")
        self.assertFalse(referral.referred_id or referral.referred_date)
        self.assertEqual(self.ada.referral_count, 0)
        self.assertEqual(self.figures(self.ada).lead_count, 1)
        lead.partner_id = self.customer("Person", parent_id=self.ben.id)
        self.ben.is_company = True
        self.assertEqual(referral.referred_id, lead.partner_id.commercial_partner_id)
        self.assertEqual(referral.referred_date, self.today)
        self.assertEqual(self.ada.referral_count, 1)
        self.assertEqual(self.figures(self.ada).lead_count, 0)
        lead.partner_id = self.cora
        self.assertEqual(referral.referred_id, self.cora)
        self.assertFalse(referral.browse().exists())

    def test_on_a_lead_with_a_customer(self):
        lead = self.lead(partner_id=self.ben.id, referred_by_id=self.ada.id)
        self.assertEqual(self.of(self.ben).partner_id, self.ada)
        self.assertEqual(self.of(self.ben).source, "lead")
        self.assertEqual(self.ben.referred_by_id, self.ada)
        other = self.lead(partner_id=self.ben.id)
        self.assertEqual(other.referred_by_id, self.ada)
        other.referred_by_id = self.cora
        self.assertEqual((lead | other).referred_by_id, self.cora)
        self.assertEqual(len(self.of(self.ben)), 1)

    def test_the_first_counts(self):
        self.ben.referred_by_id = self.ada
        lead = self.lead(referred_by_id=self.cora.id)
        lead.partner_id = self.ben
        self.assertEqual(self.of(self.ben).partner_id, self.ada)
        self.assertEqual(lead.referred_by_id, self.ada)
        self.assertEqual(self.cora.referral_count, 0)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.referrals.create(
                {"partner_id": self.cora.id, "referred_id": self.ben.id}
            )

    def test_no_customer_recommends_itself(self):
        firm = self.customer("Firm", is_company=True)
        person = self.customer("Person", parent_id=firm.id)
        for write in (
            lambda: self.ada.write({"referred_by_id": self.ada.id}),
            lambda: firm.write({"referred_by_id": person.id}),
            lambda: person.write({"referred_by_id": firm.id}),
            lambda: self.lead(partner_id=firm.id, referred_by_id=person.id),
        ):
            with self.assertRaises(ValidationError):
                write()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.referrals.create({"partner_id": firm.id, "referred_id": person.id})
        lead = self.lead(referred_by_id=self.ada.id)
        lead.partner_id = self.ada
        self.assertFalse(self.of(self.ada) or lead.referred_by_id)
        self.assertEqual(self.ada.referral_count, 0)

    def test_customers_may_recommend_each_other(self):
        self.ada.referred_by_id = self.ben
        self.ben.referred_by_id = self.ada
        self.assertEqual(self.ada.referred_by_id, self.ben)
        self.assertEqual(self.ben.referred_by_id, self.ada)
        self.assertEqual((self.ada | self.ben).mapped("referral_count"), [1, 1])

    def test_a_referral_is_about_someone(self):
        with self.assertRaises(ValidationError):
            self.referrals.create({"partner_id": self.ada.id})

    # -- Claims

    def test_a_claim_counts_once_there_is_a_customer(self):
        lead, referral = self.claim(self.ada)
        self.assertEqual(lead.referred_by_id, self.ada)
        self.assertTrue(lead.is_referral_claim)
        self.assertEqual(self.ada.referral_count, 0)
        lead.partner_id = self.ben
        self.assertEqual(referral.referred_id, self.ben)
        self.assertFalse(lead.is_referral_claim)

    def test_a_claim_makes_none_of_a_customer_who_bought_before(self):
        self.buy(self.ben, 10, days_ago=5)
        self.refresh()
        lead, referral = self.claim(self.ada)
        lead.partner_id = self.ben
        self.assertFalse(referral.referred_id)
        # A salesperson knows better.
        lead.referred_by_id = self.ada
        self.assertEqual(self.of(self.ben).partner_id, self.ada)

    # -- Figures

    def test_figures_stand_beside_the_own_revenue(self):
        dora = self.customer("Dora")
        for customer, amount in ((self.ada, 100), (self.ben, 30), (self.cora, 12)):
            self.buy(customer, amount)
        self.refresh()
        (self.ben | self.cora | dora).referred_by_id = self.ada
        row = self.figures(self.ada)
        self.assertEqual(row.revenue, 100)
        self.assertEqual(row.referred_revenue, 42)
        self.assertEqual((row.referral_count, row.buyer_count), (3, 2))
        self.assertEqual(row.to_thank_count, 3)
        page = self.ada.with_user(self.salesman).get_customer_page(["referrals"])
        self.assertEqual(page[0]["title"], "Referrals")
        self.assertIn("42.00", page[0]["rows"][0]["text"])
        self.assertNotIn("142", page[0]["rows"][0]["text"])
        page = self.ben.with_user(self.salesman).get_customer_page(["referrals"])
        self.assertEqual(page[0]["rows"][0]["text"], "Ada")
        opened = self.referrals.search(row.action_open_referrals()["domain"])
        self.assertEqual(opened.referred_id, self.ben | self.cora | dora)

    def test_an_empty_database_and_one_customer(self):
        self.referrals.search([]).unlink()
        self.assertFalse(self.env["crm.referral.report"].search([]))
        self.assertFalse(self.ada.get_customer_page(["referrals"]))
        self.assertFalse(self.env["res.partner"].search([("referral_count", ">", 0)]))

    def test_filters(self):
        self.ben.referred_by_id = self.ada
        self.cora.referred_by_id = self.ada
        three = self.ada | self.ben | self.cora

        def found(*domain):
            return self.env["res.partner"].search(
                [("id", "in", three.ids), *domain], order="name"
            )

        for domain, expected in (
            (("referral_count", ">", 0), self.ada),
            (("referral_count", "=", 2), self.ada),
            (("referral_count", "=", 0), self.ben | self.cora),
            (("referral_count", "in", [0, 2]), three),
            (("referral_count", "<", 2), self.ben | self.cora),
            (("referral_count", "<=", 2), three),
            (("referral_count", "!=", 2), self.ben | self.cora),
            (("referred_by_id", "=", self.ada.id), self.ben | self.cora),
            (("referred_by_id", "!=", self.ada.id), self.ada),
            (("referred_by_id", "=", False), self.ada),
            (("referred_by_id", "!=", False), self.ben | self.cora),
            (("referred_by_id", "ilike", "ada"), self.ben | self.cora),
            (("referred_by_id.name", "=", "Ada"), self.ben | self.cora),
        ):
            with self.subTest(domain):
                self.assertEqual(found(domain), expected)
        leads = [
            self.lead(partner_id=self.ben.id),
            self.lead(referred_by_id=self.cora.id),
            self.lead(),
        ]

        def leads_found(domain):
            ids = [lead.id for lead in leads]
            return list(
                self.env["crm.lead"].search([("id", "in", ids), domain], order="id")
            )

        for domain, expected in (
            (("referred_by_id", "!=", False), leads[:2]),
            (("referred_by_id", "=", False), leads[2:]),
            (("referred_by_id", "=", self.ada.id), leads[:1]),
            (("referred_by_id", "ilike", "cora"), leads[1:2]),
        ):
            with self.subTest(domain):
                self.assertEqual(leads_found(domain), expected)

    def test_lists_are_read_in_as_many_queries(self):
        many = self.customers(20)
        for names in (["referral_count"], ["referred_by_id"]):
            many.with_user(self.salesman).read(names)
            counts = []
            for some in (many[:2], many):
                (some[1:]).referred_by_id = self.ada
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                some.with_user(self.salesman).read(names)
                counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(counts[0], counts[1], names)
        leads = self.env["crm.lead"].union(
            *(self.lead(partner_id=one.id) for one in many)
        )
        leads.mapped("referred_by_id")
        counts = []
        for some in (leads[:2], leads):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.mapped("referred_by_id")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    # -- Merging

    def test_merged_customers_take_their_referrals_along(self):
        self.ben.referred_by_id = self.ada
        self.cora.referred_by_id = self.ben
        twin = self.customer("Ben's Twin")
        self.merge(twin, self.ben)
        self.assertEqual(twin.referred_by_id, self.ada)
        self.assertEqual(self.cora.referred_by_id, twin)

    def test_merging_who_recommended_with_who_was_leaves_none(self):
        self.ben.referred_by_id = self.ada
        self.cora.referred_by_id = self.ben
        self.merge(self.ada, self.ben)
        self.assertFalse(self.ada.referred_by_id)
        self.assertEqual(self.cora.referred_by_id, self.ada)
        self.assertEqual(
            len(self.referrals.search([("partner_id", "=", self.ada.id)])), 1
        )

    def test_of_two_recommenders_the_first_stays(self):
        dora = self.customer("Dora")
        for customer, recommender, days in (
            (self.ben, self.ada, 3),
            (self.cora, dora, 9),
        ):
            self.referrals.create(
                {
                    "partner_id": recommender.id,
                    "referred_id": customer.id,
                    "date": self.today - timedelta(days=days),
                }
            )
        self.merge(self.ben, self.cora)
        self.assertEqual(self.ben.referred_by_id, dora)
        self.assertEqual(len(self.of(self.ben)), 1)
        # Two recommenders become one: both customers stay theirs.
        self.of(self.ben).unlink()
        eve, finn = self.customers(2)
        eve.referred_by_id, finn.referred_by_id = self.ada, dora
        self.merge(self.ada, dora)
        self.assertEqual((eve | finn).referred_by_id, self.ada)
        self.assertEqual(self.ada.referral_count, 2)

    def test_merged_leads_keep_one(self):
        head, tail = self.lead(), self.lead(referred_by_id=self.ada.id)
        merged = (head | tail).merge_opportunity()
        self.assertEqual(merged.referred_by_id, self.ada)
        self.assertEqual(
            len(self.referrals.search([("partner_id", "=", self.ada.id)])), 1
        )
        other = self.lead(referred_by_id=self.cora.id)
        (merged | other).merge_opportunity()
        self.assertEqual(
            len(
                self.referrals.search(
                    [("partner_id", "in", (self.ada | self.cora).ids)]
                )
            ),
            1,
        )

    def test_deleted_leads_and_customers(self):
        lead = self.lead(referred_by_id=self.ada.id)
        won = self.lead(partner_id=self.ben.id, referred_by_id=self.ada.id)
        (lead | won).unlink()
        [left] = self.referrals.search([("partner_id", "=", self.ada.id)])
        self.assertEqual(left.referred_id, self.ben)
        self.ben.unlink()
        self.assertFalse(left.exists())

    # -- A contact gets another company

    def test_who_joins_the_company_that_they_recommended(self):
        firm = self.customer("Firm", is_company=True)
        firm.referred_by_id = self.ada
        self.ada.parent_id = firm
        self.env.invalidate_all()
        self.assertFalse(firm.referred_by_id)
        self.assertEqual(firm.referral_count, 0)
        self.assertFalse(self.figures(firm))
        self.assertFalse(
            self.env["res.partner"].search(
                [("referred_by_id", "!=", False), ("id", "in", (firm | self.ada).ids)]
            )
        )
        self.ada.parent_id = False
        self.env.invalidate_all()
        self.assertEqual(firm.referred_by_id, self.ada)

    def test_two_recommended_customers_become_one(self):
        firm = self.customer("Firm", is_company=True)
        self.ben.referred_by_id = self.ada
        firm.referred_by_id = self.cora
        self.of(firm).date = self.today - timedelta(days=1)
        self.ben.parent_id = firm
        self.env.invalidate_all()
        self.assertEqual((self.ben | firm).referred_by_id, self.cora)
        self.assertEqual((self.ada.referral_count, self.cora.referral_count), (0, 1))
        self.assertFalse(self.figures(self.ada))
        self.ben.referred_by_id = self.ada
        self.assertEqual(firm.referred_by_id, self.ada)

    # -- Two companies

    def test_each_company_has_its_own(self):
        in_b = self.ben.with_company(self.company_b)
        self.ben.referred_by_id = self.ada
        self.assertFalse(in_b.referred_by_id)
        in_b.referred_by_id = self.cora
        self.env.invalidate_all()
        self.assertEqual(self.ben.referred_by_id, self.ada)
        self.assertEqual(in_b.referred_by_id, self.cora)
        self.buy(self.ben, 10)
        self.buy(self.ben, 70, company=self.company_b)
        self.refresh()
        self.refresh(self.company_b)
        self.assertEqual(self.figures(self.ada).referred_revenue, 10)
        row = self.figures(self.cora, self.company_b)
        self.assertEqual(row.referred_revenue, 70)
        self.assertEqual(row.currency_id, self.usd)
        foreign = self.customer("Foreign", company_id=self.company_b.id)
        with self.assertRaises(UserError):
            self.ben.referred_by_id = foreign

    def test_a_lead_of_another_company(self):
        lead = self.lead(company_id=self.company_b.id, user_id=False, team_id=False)
        lead.referred_by_id = self.ada
        lead.partner_id = self.ben
        self.assertEqual(self.of(self.ben).company_id, self.company_b)
        self.assertFalse(self.ben.referred_by_id)

    # -- Access

    def test_who_sees_what(self):
        self.ben.referred_by_id = self.cora
        self.cora.referred_by_id = self.customer("Elsewhere")
        for user, count in (
            (self.salesman, 1),
            (self.manager, 2),
            (self.salesman_b, 0),
        ):
            with self.subTest(user.login):
                found = self.as_user(user, "crm.referral").search([])
                self.assertEqual(len(found & self.referrals.search([])), count)
        rows = self.as_user(self.salesman, "crm.referral.report").search([])
        self.assertFalse(rows)
        rows = self.as_user(self.manager, "crm.referral.report").search([])
        self.assertIn(self.cora, rows.partner_id)
        for user in (
            self.agent,
            self.employee,
            self.portal,
            self.env.ref("base.public_user"),
        ):
            for model in ("crm.referral", "crm.referral.report"):
                with self.subTest(user.login), self.assertRaises(AccessError):
                    self.env(user=user)[model].search([])
            partner = self.ben.with_env(self.env(user=user, context={}))
            for name in ("referred_by_id", "referral_count"):
                self.assertNotIn(name, partner.fields_get())
                for method, *args in (
                    (partner.read, [name]),
                    (partner.export_data, [name]),
                    (partner.search, [(name, "!=", False)]),
                ):
                    # Most of them may not export anything.
                    with self.assertRaises(UserError):
                        method(*args)

    def test_salespeople_write_referrals_on_records_alone(self):
        referral = self.referrals.create(
            {"partner_id": self.ada.id, "referred_id": self.ben.id}
        ).with_user(self.salesman)
        for write in (
            lambda: referral.write({"partner_id": self.cora.id}),
            lambda: referral.unlink(),
            lambda: referral.copy({"referred_id": self.cora.id}),
            lambda: referral.read(["lead_id"]),
            lambda: referral.write({"thanked_date": self.today}),
        ):
            with self.assertRaises(AccessError):
                write()
        referral.action_thanked()
        self.assertEqual(referral.thanked_date, fields.Date.context_today(referral))
        hidden = self.referrals.create(
            {"partner_id": self.cora.id, "referred_id": self.customer("X").id}
        )
        with self.assertRaises(AccessError):
            hidden.with_user(self.salesman).action_thanked()

    def test_a_hidden_recommender_stays_hidden(self):
        rule = self.env["ir.rule"].create(
            {
                "name": "Not Cora",
                "model_id": self.env.ref("base.model_res_partner").id,
                "domain_force": [("id", "!=", self.cora.id)],
                "groups": [
                    Command.set(self.env.ref("sales_team.group_sale_salesman").ids)
                ],
            }
        )
        self.assertTrue(rule)
        self.salesman.group_ids -= self.env.ref("base.group_partner_manager")
        self.cora.referred_by_id = self.ada
        mine = self.as_user(self.salesman, "crm.referral")
        self.assertNotIn(self.of(self.cora), mine.search([]))
        with self.assertRaises(AccessError):
            self.of(self.cora).with_user(self.salesman).read(["date"])
        with self.assertRaises(AccessError):
            self.ben.with_user(self.salesman).referred_by_id = self.cora

    def test_off_means_gone(self):
        self.ben.referred_by_id = self.ada
        self.env["crm.feature"]._switch(insight=False)
        partner = self.ben.with_user(self.salesman)
        with self.assertRaises(AccessError):
            partner.read(["referred_by_id"])
        self.assertFalse(partner.get_customer_page(["referrals"]))

    # -- Settings

    def test_settings(self):
        with Form(self.env["res.config.settings"].with_company(self.company_a)) as form:
            self.assertFalse(form.referral_links)
            form.referral_links = True
        form.save().execute()
        self.assertTrue(self.company_a.referral_links)
        self.assertFalse(self.company_b.referral_links)
