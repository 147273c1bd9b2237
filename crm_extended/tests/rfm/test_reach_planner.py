"""Which customers to contact when not all can be."""

from ast import literal_eval

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form

from ...models.common.formats import format_share
from ..common import CustomerValueCommon


class TestReachPlanner(CustomerValueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.buyers = cls.customers(10)
        for number, buyer in enumerate(cls.buyers):
            cls.buy(buyer, 100.0 * (10 - number), days_ago=10)
        cls.buyers[0].email = "first@example.com"
        cls.buyers[2].email = "third@example.com"
        cls.buyers[2].user_id = cls.salesman
        cls.buyers[3].phone = "+49 30 1234567"
        cls.buyers[5].country_id = cls.env.ref("base.fr")
        cls.refresh()
        cls.Wizard = cls.env(
            user=cls.salesman, context={"allowed_company_ids": cls.company_a.ids}
        )["crm.rfm.reach.wizard"]

    def plan(self, **values):
        return self.Wizard.create({"contact_count": 3, **values})

    def chosen(self, **values):
        action = self.plan(**values).action_show_customers()
        self.assertEqual(action["res_model"], "crm.rfm.pareto")
        rows = self.as_user(self.salesman, "crm.rfm.pareto")
        return rows.search(action["domain"]).partner_id.ids

    def test_the_best_are_chosen_and_their_share_is_told(self):
        wizard = self.plan()
        self.assertEqual(self.chosen(), self.buyers[:3].ids)
        self.assertEqual(wizard.total_count, 10)
        self.assertEqual(wizard.chosen_count, 3)
        self.assertEqual(wizard.customer_share, 0.3)
        self.assertEqual(wizard.expected_revenue, 2700.0)
        self.assertAlmostEqual(wizard.expected_share, 2700 / 5500)

    def test_figures_follow_while_one_types(self):
        with Form(self.Wizard) as form:
            form.contact_count = 1
            self.assertEqual(form.expected_revenue, 1000.0)
            form.contact_count = 4
            self.assertEqual(form.expected_revenue, 3400.0)
            form.with_email = True
            self.assertEqual(form.chosen_count, 2)
            self.assertEqual(form.eligible_count, 2)
            self.assertEqual(form.expected_revenue, 1800.0)
            form.contact_count = 1

    def test_the_page_starts_with_an_answer(self):
        with Form(self.Wizard) as form:
            self.assertEqual(form.contact_count, 2)
            self.assertEqual(form.chosen_count, 2)
            self.assertEqual(form.expected_revenue, 1900.0)
            self.assertIn("top 2 of 10", form.headline)
            self.assertIn("account for 35% of", form.headline)
        self.assertEqual(self.Wizard.create({}).chosen_count, 2)

    def test_shares_are_written_as_on_pages(self):
        for share, text in (
            (1, "100%"),
            (0.9996, "99.9%"),
            (0.996, "99.6%"),
            (0.804, "80%"),
            (0.345, "35%"),
            (0.0421, "4.2%"),
            (0.04, "4%"),
            (0.0004, "<0.1%"),
            (0, "0%"),
            (-0.25, "-25%"),
        ):
            self.assertEqual(format_share(self.env, share), text)

    def test_the_page_starts_with_no_more_than_one_can_call(self):
        for buyer in self.customers(600):
            self.buy(buyer, 1.0)
        self.refresh()
        self.assertEqual(self.Wizard.create({}).contact_count, 100)

    def test_the_page_has_an_address(self):
        action = self.env.ref("crm_extended.crm_rfm_reach_wizard_action")
        self.assertEqual((action.path, action.target), ("campaign-planner", "current"))

    def test_the_curve_rises_to_the_whole(self):
        curve = self.plan().curve
        self.assertEqual([point["customers"] for point in curve], list(range(1, 11)))
        shares = [point["share"] for point in curve]
        self.assertEqual(shares, sorted(shares))
        self.assertAlmostEqual(shares[-1], 1.0)

    def test_a_long_curve_has_few_points_and_the_one_asked_for(self):
        for buyer in self.customers(203):
            self.buy(buyer, 5.0)
        self.refresh()
        curve = self.plan(contact_count=77).curve
        numbers = [point["customers"] for point in curve]
        self.assertLess(len(numbers), 50)
        self.assertIn(77, numbers)
        self.assertEqual(numbers[-1], 213)

    def test_more_than_there_are_means_all(self):
        wizard = self.plan(contact_count=500)
        self.assertEqual(wizard.chosen_count, 10)
        self.assertAlmostEqual(wizard.expected_share, 1.0)

    def test_restrictions(self):
        team = self.env["crm.team"].create({"name": "Reach", "company_id": False})
        self.env["crm.team.member"].create(
            {"crm_team_id": team.id, "user_id": self.salesman.id}
        )
        tag = self.env["res.partner.category"].create({"name": "Reach"})
        self.buyers[7].category_id = tag
        first, third, fourth, sixth, eighth = (
            self.buyers[number].id for number in (0, 2, 3, 5, 7)
        )
        for values, expected in (
            ({"with_email": True}, [first, third]),
            ({"with_phone": True}, [fourth]),
            ({"user_ids": self.salesman.ids}, [third]),
            ({"team_ids": team.ids}, [third]),
            ({"country_ids": self.env.ref("base.fr").ids}, [sixth]),
            ({"tag_ids": tag.ids}, [eighth]),
        ):
            self.assertEqual(self.chosen(**values), expected, values)
        late = self.customer("Late")
        self.buy(late, 1.0, days_ago=300)
        self.refresh()
        segment = self.score(late).segment_id
        self.assertEqual(self.chosen(segment_ids=segment.ids), late.ids)

    def test_blacklisted_customers_are_left_out_unless_wanted(self):
        self.env["mail.blacklist"].create({"email": "first@example.com"})
        self.assertEqual(self.chosen(), self.buyers[1:4].ids)
        self.assertEqual(self.chosen(without_blacklisted=False), self.buyers[:3].ids)

    def test_who_refused_profiling_is_left_out_and_the_page_says_so(self):
        self.assertFalse(self.plan().refused_count)
        self.env["crm.consent"].create(
            {
                "partner_id": self.buyers[0].id,
                "company_id": self.company_a.id,
                "purpose_id": self.env.ref("crm_extended.purpose_profiling").id,
                "state": "refused",
            }
        )
        wizard = self.plan()
        self.assertEqual(self.chosen(), self.buyers[1:4].ids)
        self.assertEqual((wizard.refused_count, wizard.eligible_count), (1, 9))
        # They still count in sums.
        self.assertEqual(wizard.total_count, 10)
        self.assertAlmostEqual(wizard.expected_share, 2400 / 5500)
        # What was refused counts, too, while the feature is off.
        self.env["crm.feature"]._switch(plans=False, consent=False)
        self.assertEqual(self.chosen(), self.buyers[1:4].ids)

    def test_lost_customers_have_no_part(self):
        lost = self.customer("Lost")
        self.buy(lost, 99999.0, days_ago=700)
        self.refresh()
        self.assertEqual(self.chosen(), self.buyers[:3].ids)

    def test_a_number_that_makes_no_sense(self):
        for count in (0, -5, 10**6):
            with self.assertRaisesRegex(ValidationError, "from 1 to"):
                self.plan(contact_count=count)
        # While one types, nothing is raised and nothing told.
        wizard = self.Wizard.new({"contact_count": -5})
        self.assertEqual(wizard.chosen_count, 0)

    def test_nobody_fits(self):
        wizard = self.plan(country_ids=self.env.ref("base.pe").ids)
        self.assertEqual((wizard.chosen_count, wizard.expected_share), (0, 0.0))
        for action in (wizard.action_show_customers, wizard._chosen):
            with self.assertRaisesRegex(UserError, "No customers match"):
                action()

    def test_an_empty_company(self):
        self.env["crm.purchase.history"].search([]).unlink()
        self.refresh()
        self.assertEqual(self.plan().expected_share, 0.0)
        with Form(self.Wizard) as form:
            self.assertEqual((form.total_count, form.chosen_count), (0, 0))
            self.assertFalse(form.headline)

    def test_a_filter_keeps_the_condition(self):
        wizard = self.plan(filter_name="Visit", with_email=True, contact_count=1)
        action = wizard.action_save_filter()
        self.assertIn("Visit", action["params"]["message"])
        saved = self.env["ir.filters"].search([("name", "=", "Visit")])
        self.assertEqual(saved.user_ids, self.salesman)
        self.assertEqual(
            saved.action_id.id, self.env.ref("crm_extended.crm_rfm_pareto_action").id
        )
        rows = self.as_user(self.salesman, "crm.rfm.pareto")
        domain = literal_eval(saved.domain)
        self.assertEqual(rows.search(domain).partner_id.ids, self.buyers[0].ids)
        # Somebody who comes to spend as much is found by it, too.
        riser = self.customer("Riser", email="riser@example.com")
        self.buy(riser, 1000.0)
        self.refresh()
        self.env.invalidate_all()
        self.assertEqual(
            rows.search(domain).partner_id.ids, (self.buyers[0] + riser).ids
        )

    def test_a_shared_filter_is_everybodys(self):
        self.plan(filter_name="Ours", filter_shared=True).action_save_filter()
        saved = self.env["ir.filters"].search([("name", "=", "Ours")])
        self.assertFalse(saved.user_ids)
        names = [
            found["name"]
            for found in self.env["ir.filters"]
            .with_user(self.manager)
            .get_filters("crm.rfm.pareto", saved.action_id.id)
        ]
        self.assertIn("Ours", names)

    def test_a_filter_needs_a_name_and_tagging_a_tag(self):
        with self.assertRaisesRegex(UserError, "name"):
            self.plan().action_save_filter()
        with self.assertRaisesRegex(UserError, "tag"):
            self.plan().action_tag_customers()

    def test_tagging_keeps_the_customers(self):
        tag = self.env["res.partner.category"].create({"name": "Spring"})
        before = self.env["res.partner.category"].create({"name": "Before"})
        self.buyers[0].category_id = before
        self.plan(tag_id=tag.id).action_tag_customers()
        self.assertEqual(tag.partner_ids, self.buyers[:3])
        self.assertEqual(self.buyers[0].category_id, before + tag)

    def test_the_planner_is_for_sales(self):
        with self.assertRaises(AccessError):
            self.env(user=self.employee)["crm.rfm.reach.wizard"].create({})

    def test_no_plan_for_a_company_one_is_not_in(self):
        self.buy(self.buyers[0], 500.0, company=self.company_b)
        self.refresh(self.company_b)
        wizard = self.plan(company_id=self.company_b.id)
        self.assertEqual((wizard.total_count, wizard.expected_revenue), (0, 0.0))
        self.assertFalse(wizard.curve)

    # -- Customer lists

    def new_list(self, **values):
        lists = self.Wizard.env["crm.customer.list"]
        return lists.create({"name": "List", "company_id": self.company_a.id, **values})

    def test_only_customers_of_a_list(self):
        filtered = self.new_list(domain="[('email', '!=', False)]")
        self.assertEqual(
            set(self.chosen(list_id=filtered.id)),
            {self.buyers[0].id, self.buyers[2].id},
        )
        filtered._leave_out(self.buyers[0].with_env(filtered.env))
        self.assertEqual(self.chosen(list_id=filtered.id), self.buyers[2].ids)
        with Form(self.Wizard) as form:
            form.contact_count = 5
            form.list_id = filtered
            self.assertEqual((form.eligible_count, form.chosen_count), (1, 1))

    def test_a_favorite_of_a_list(self):
        filtered = self.new_list(domain="[('email', '!=', False)]")
        self.plan(list_id=filtered.id, filter_name="Listed").action_save_filter()
        favorite = self.env["ir.filters"].search([("name", "=", "Listed")])
        rows = self.as_user(self.salesman, "crm.rfm.pareto")
        found = rows.search(literal_eval(favorite.domain)).partner_id
        self.assertEqual(set(found.ids), {self.buyers[0].id, self.buyers[2].id})

    def test_who_is_chosen_becomes_a_list(self):
        wizard = self.plan(list_name="Spring")
        wizard.action_save_list()
        saved = self.Wizard.env["crm.customer.list"].search([("name", "=", "Spring")])
        self.assertEqual(saved._get_customers(), self.buyers[:3].with_env(saved.env))
        self.assertEqual(saved.user_id, self.salesman)
        with self.assertRaises(UserError):
            self.plan().action_save_list()
