"""Customer lists: who is on them, who sees and changes them."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from ...models.common.formats import format_day
from .common import AgendaCommon


@tagged("post_install", "-at_install")
class TestCustomerList(AgendaCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.berlin = cls.mine("Berlin", city="Bench City")
        cls.paris = cls.mine("Paris", city="Another City")

    def new_list(self, user=None, **values):
        return self.as_user(user or self.salesman, "crm.customer.list").create(
            {
                "name": "List",
                "company_id": self.company_a.id,
                "domain": "[('city', '=', 'Bench City')]",
                **values,
            }
        )

    def test_filter_added_and_left_out(self):
        one = self.new_list()
        self.assertEqual(one._get_customers().ids, self.berlin.ids)
        one.added_ids = self.paris.with_env(one.env)
        self.assertEqual(set(one._get_customers().ids), {self.berlin.id, self.paris.id})
        one._leave_out(self.berlin.with_env(one.env))
        self.assertEqual(one._get_customers().ids, self.paris.ids)
        one._add(self.berlin.with_env(one.env))
        self.assertEqual(one._count(), 2)
        self.assertFalse(one.left_out_ids)

    def test_without_a_filter(self):
        one = self.new_list(is_filtered=False, domain="[]")
        self.assertFalse(one._get_customers())
        one._add(self.paris.with_env(one.env))
        self.assertEqual(one._get_customers().ids, self.paris.ids)

    def test_customers_and_not_their_contacts(self):
        firm = self.mine("Firm", is_company=True, city="Bench City")
        person = self.customer("Person", parent_id=firm.id, city="Bench City")
        one = self.new_list()
        self.assertIn(firm, one._get_customers())
        self.assertNotIn(person, one._get_customers())
        one.write({"is_filtered": False})
        one._add(person.with_env(one.env))
        self.assertEqual(one._get_customers().ids, firm.ids)

    def test_figures_of_its_company(self):
        self.buy(self.berlin, 500)
        self.buy(self.paris, 500, company=self.company_b)
        self.refresh()
        self.refresh(self.company_b)
        both = self.new_user("both", "sales_team.group_sale_salesman")
        both.company_ids += self.company_b
        mine = ("user_id", "=", self.salesman.id)
        filtered = repr([("rfm_monetary", ">", 100), mine])
        lists = self.as_user(both, "crm.customer.list")
        for company, customer in (
            (self.company_a, self.berlin),
            (self.company_b, self.paris),
        ):
            one = lists.create(
                {"name": "Buyers", "company_id": company.id, "domain": filtered}
            )
            self.assertEqual(one._get_customers().ids, customer.ids)

    def test_archived_customers_are_gone(self):
        one = self.new_list()
        one._add(self.paris.with_env(one.env))
        (self.berlin + self.paris).active = False
        self.assertFalse(one._get_customers())

    def test_filters_that_cannot_be_used(self):
        for domain in (
            "[('nothing', '=', 1)]",
            "__import__('os')",
            "[('city', 'wrong', 1)]",
            "1 / 0",
            "{}[",
            "42",
        ):
            with self.subTest(domain), self.assertRaises(UserError):
                self.new_list(domain=domain)

    def test_added_and_left_out_at_once(self):
        with self.assertRaises(ValidationError):
            self.new_list(
                added_ids=[fields.Command.set(self.paris.ids)],
                left_out_ids=[fields.Command.set(self.paris.ids)],
            )

    def test_who_sees_and_changes(self):
        shared = self.new_list()
        private = self.new_list(name="Private", is_shared=False)
        other = self.new_user("other", "sales_team.group_sale_salesman")
        lists = self.as_user(other, "crm.customer.list")
        self.assertEqual(lists.search([]).ids, shared.ids)
        with self.assertRaises(AccessError):
            shared.with_user(other).name = "Mine"
        with self.assertRaises(AccessError):
            private.with_user(other).read(["name"])
        self.assertFalse(self.as_user(self.salesman_b, "crm.customer.list").search([]))
        managers = self.as_user(self.manager, "crm.customer.list").search([])
        self.assertEqual(managers, (shared + private).with_env(managers.env))
        managers.name = "Managed"
        with self.assertRaises(AccessError):
            self.as_user(self.employee, "crm.customer.list").search([])

    def test_who_duplicates_a_shared_list_owns_the_copy(self):
        other = self.new_user("copier", "sales_team.group_sale_salesman")
        self.assertEqual(self.new_list().with_user(other).copy().user_id, other)

    def test_snapshots_of_others_leave_the_trend(self):
        one = self.new_list()
        other = self.new_user("looker", "sales_team.group_sale_salesman")
        one.with_user(other).action_snapshot()
        self.assertEqual(len(one.sudo().snapshot_ids), 1)
        self.assertFalse(one.sudo().count_ids)

    def test_only_managers_give_lists_away(self):
        """Their filter would be counted with the rights of somebody else."""
        one = self.new_list()
        for owner in (self.manager, self.env["res.users"]):
            with self.assertRaises(AccessError), self.cr.savepoint():
                one.with_user(self.salesman).user_id = owner
        one.with_user(self.manager).user_id = self.manager
        self.assertEqual(one.user_id, self.manager)

    def test_each_user_finds_what_they_see(self):
        """A rule that hides contacts hides them on lists, too."""
        one = self.new_list()
        self.env["ir.rule"].create(
            {
                "name": "Not in Bench City",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": "[('city', '!=', 'Bench City')]",
                "groups": [
                    fields.Command.set(
                        self.env.ref("sales_team.group_sale_salesman").ids
                    )
                ],
            }
        )
        self.assertFalse(one._get_customers())

    def test_snapshots(self):
        one = self.new_list()
        one.action_snapshot()
        self.assertEqual((one.last_count, one.last_date, one.trend), (1, self.today, 0))
        first = one.snapshot_ids
        week_ago = self.today - timedelta(days=7)
        first.sudo().date = week_ago
        self.assertEqual(first.display_name, format_day(self.env, week_ago))
        one.count_ids.sudo().date = week_ago
        one._add(self.paris.with_env(one.env))
        one.action_snapshot()
        one.action_snapshot()
        one.invalidate_recordset()
        self.assertEqual(len(one.snapshot_ids), 2)
        self.assertEqual((one.last_count, one.trend), (2, 1))
        self.assertEqual(first.partner_ids.ids, self.berlin.ids)
        with self.assertRaises(AccessError):
            first.with_user(self.salesman).count = 9

    def test_counted_each_night(self):
        one, private = self.new_list(), self.new_list(name="Own", is_shared=False)
        broken = self.new_list(name="Broken")
        self.env.cr.execute(
            "UPDATE crm_customer_list SET domain = %s WHERE id = %s",
            ["[('x_gone', '=', 1)]", broken.id],
        )
        broken.invalidate_recordset()
        # A filter is not applied with the rights of anyone but its owner.
        private.sudo().user_id = False
        lists = self.env["crm.customer.list"]
        with self.no_commits():
            lists._cron_count()
            lists._cron_count()
        self.assertEqual((one.count_ids.count, one.last_count), (1, 1))
        self.assertFalse(private.sudo().count_ids)
        self.assertFalse(broken.count_ids)
        # A list that is younger than a week is compared with its first count.
        one.count_ids.sudo().date = self.today - timedelta(days=2)
        one._add(self.paris.with_env(one.env))
        with self.no_commits():
            lists._cron_count()
        one.invalidate_recordset()
        self.assertEqual((one.last_count, one.trend, len(one.count_ids)), (2, 1, 2))
        counts = self.env["crm.customer.list.count"]
        action = one.action_open_trend()
        self.assertEqual(counts.search(action["domain"]), one.count_ids.sudo())
        other = self.new_user("other", "sales_team.group_sale_salesman")
        seen = self.as_user(other, "crm.customer.list.count").search([])
        self.assertEqual(seen.list_id, one.with_env(seen.env))
        one.count_ids[-1].sudo().date = self.today - timedelta(days=500)
        counts._gc_counts()
        self.assertEqual(len(one.count_ids.exists()), 1)

    def test_contacts_are_found_by_their_list(self):
        one = self.new_list()
        partners = self.as_user(self.salesman, "res.partner")
        found = partners.search([("customer_list_id", "=", one.id)])
        self.assertEqual(found.ids, self.berlin.ids)
        others = partners.search(
            [("customer_list_id", "!=", one.id), ("city", "!=", False)]
        )
        self.assertIn(self.paris.with_env(others.env), others)
        self.assertNotIn(self.berlin.with_env(others.env), others)
        # By its name, as somebody types it.
        found = partners.search([("customer_list_id", "ilike", "lis")])
        self.assertEqual(found.ids, self.berlin.ids)
        # A list that the user does not see finds nobody.
        one.is_shared = False
        other = self.new_user("other", "sales_team.group_sale_salesman")
        found = self.as_user(other, "res.partner").search(
            [("customer_list_id", "=", one.id)]
        )
        self.assertFalse(found)

    def test_contacts_on_no_list(self):
        """False stands for those who are on none of the lists that the user sees."""
        rome = self.mine("Rome", city="Bench City, too")
        three = self.berlin + self.paris + rome
        partners = self.as_user(self.salesman, "res.partner")

        def found(*conditions):
            domain = [("customer_list_id", *one) for one in conditions]
            return partners.search([("id", "in", three.ids), *domain]).mapped("name")

        self.assertEqual(len(found(("=", False))), 3)
        self.assertEqual(found(("!=", False)), [])
        one = self.new_list()
        two = self.new_list(name="Two", domain="[('city', '=', 'Another City')]")
        for condition, names in (
            (("=", False), ["Rome"]),
            (("!=", False), ["Berlin", "Paris"]),
            (("in", [False]), ["Rome"]),
            (("in", [False, one.id]), ["Berlin", "Rome"]),
            (("in", [one.id, two.id]), ["Berlin", "Paris"]),
            (("in", []), []),
            (("not in", [False]), ["Berlin", "Paris"]),
            (("not in", [False, one.id]), ["Paris"]),
            (("not in", [one.id]), ["Paris", "Rome"]),
            (("not in", []), ["Berlin", "Paris", "Rome"]),
        ):
            with self.subTest(condition=condition):
                self.assertEqual(found(condition), names)
        # Lists that the user does not see say nothing.
        manager = self.as_user(self.manager, "crm.customer.list")
        two.with_env(manager.env).write(
            {"user_id": self.manager.id, "is_shared": False}
        )
        self.assertEqual(found(("=", False)), ["Paris", "Rome"])
        # A list is no condition of itself, and one that is broken hides nobody.
        with self.assertRaises(UserError):
            one.domain = repr([("customer_list_id", "=", False)])
        self.env.cr.execute(
            "UPDATE crm_customer_list SET domain = %s WHERE id = %s",
            ["[('x_gone', '=', 1)]", one.id],
        )
        one.invalidate_recordset()
        self.assertEqual(len(found(("=", False))), 3)

    def test_a_list_filtered_by_lists(self):
        one = self.new_list()
        two = self.new_list(
            name="Two", domain=repr([("customer_list_id", "=", one.id)])
        )
        self.assertEqual(two._get_customers().ids, self.berlin.ids)
        with self.assertRaises(UserError):
            one.domain = repr([("customer_list_id", "=", two.id)])
        with self.assertRaises(UserError):
            two.domain = repr([("customer_list_id", "=", two.id)])

    def test_open(self):
        one = self.new_list()
        action = one.action_open_customers()
        found = self.env["res.partner"].search(action["domain"])
        self.assertEqual(found, self.berlin)

    def test_count_while_one_types(self):
        with Form(self.as_user(self.salesman, "crm.customer.list")) as form:
            form.name = "Typed"
            form.domain = "[('city', 'in', ('Bench City', 'Another City'))]"
            self.assertEqual(form.customer_count, 2)
            form.left_out_ids.add(self.berlin)
            self.assertEqual(form.customer_count, 1)

    def test_a_filter_by_a_field_that_is_gone(self):
        """The page opens all the same."""
        one = self.new_list()
        self.env.cr.execute(
            "UPDATE crm_customer_list SET domain = %s WHERE id = %s",
            ["[('x_gone', '=', 1)]", one.id],
        )
        one.invalidate_recordset()
        self.assertEqual(one.customer_count, 0)

    def test_copy(self):
        self.assertEqual(self.new_list().copy().name, "List (copy)")

    # -- From the contacts

    def wizard(self, *partners, user=None, **values):
        ids = [partner.id for partner in partners]
        return (
            self.as_user(user or self.salesman, "crm.customer.list.wizard")
            .with_context(active_model="res.partner", active_ids=ids)
            .create(values)
        )

    def test_add_contacts_to_a_new_list(self):
        person = self.customer("Person", parent_id=self.paris.id)
        self.paris.is_company = True
        wizard = self.wizard(person, self.paris, self.berlin, name="New")
        self.assertEqual(wizard.customer_count, 2)
        wizard.action_apply()
        one = self.env["crm.customer.list"].search([("name", "=", "New")])
        self.assertEqual(one.added_ids, self.berlin + self.paris)
        self.assertFalse(one.is_filtered)
        self.assertEqual(one.user_id, self.salesman)

    def test_add_and_leave_out(self):
        one = self.new_list()
        self.wizard(self.paris, list_id=one.id).action_apply()
        self.wizard(self.berlin, list_id=one.id, what="leave_out").action_apply()
        self.assertEqual(one._get_customers().ids, self.paris.ids)

    def test_lists_of_others_are_not_changed(self):
        one = self.new_list()
        other = self.new_user("other", "sales_team.group_sale_salesman")
        with self.assertRaises(AccessError):
            self.wizard(self.paris, user=other, list_id=one.id).action_apply()
        self.wizard(self.paris, user=self.manager, list_id=one.id).action_apply()
        self.assertEqual(one.added_ids.ids, self.paris.ids)

    def test_nothing_chosen(self):
        with self.assertRaises(UserError):
            self.wizard(self.paris).action_apply()
        with self.assertRaises(UserError):
            self.wizard(name="Nobody").action_apply()
        with self.assertRaises(UserError):
            self.wizard(self.paris, what="leave_out", name="New").action_apply()
