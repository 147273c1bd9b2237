"""Whose a purchase is when contacts move from one customer to another."""

from datetime import date, timedelta
from importlib.util import module_from_spec, spec_from_file_location

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger
from odoo.tools.misc import file_path

from .common import LoyaltyCommon

MIGRATION = "crm_extended/migrations/19.0.1.5.0/post-former-contacts.py"


@tagged("post_install", "-at_install")
class TestFormerContact(LoyaltyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.old, cls.new = cls.customers(2, is_company=True)
        cls.jane = cls.customer("Jane", parent_id=cls.old.id)
        cls.formers = cls.env["crm.customer.former.contact"]

    def move(self, contact, parent, days_ago=0):
        """Give a contact another parent, some days ago."""
        with freeze_time(fields.Datetime.now() - timedelta(days=days_ago)):
            contact.parent_id = parent
        self.env.flush_all()

    @mute_logger("odoo.sql_db")
    def merge(self, destination, source):
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (destination | source).ids, destination
        )
        self.env.invalidate_all()

    def order(self, partner, amount, days_ago=0):
        order = self.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "company_id": self.company_a.id,
                "order_line": [
                    Command.create(
                        {
                            "name": "Machine",
                            "product_id": self.env["product.product"]
                            .create({"name": "Machine", "taxes_id": False})
                            .id,
                            "price_unit": amount,
                            "tax_ids": False,
                        }
                    )
                ],
            }
        )
        order.action_confirm()
        order.date_order = fields.Datetime.now() - timedelta(days=days_ago)
        return order

    def spent(self, company=None):
        """Amount of the transactions of each customer, and that sums agree with them."""
        company = company or self.company_a
        self.env.flush_all()
        self.env.invalidate_all()
        rows = self.env["crm.customer.transaction"]._read_group(
            [("company_id", "=", company.id)], ["partner_id"], ["amount:sum"]
        )
        spent = {partner: amount for partner, amount in rows}
        self.refresh(company)
        self.env.invalidate_all()
        scores = self.scores(company)
        self.assertEqual(
            {score.partner_id: score.revenue for score in scores if score.frequency},
            spent,
        )
        return spent

    def test_who_changes_employer_takes_nothing_along(self):
        self.buy(self.jane, 2000, days_ago=30)
        self.move(self.jane, self.new)
        self.buy(self.jane, 600)
        self.assertEqual(self.spent(), {self.old: 2000, self.new: 600})
        self.assess()
        self.assertMember(self.old, self.platinum)
        self.assertMember(self.new, self.silver)

    def test_nor_do_orders_move(self):
        self.company_a.rfm_source = "sale"
        self.order(self.jane, 700, days_ago=20)
        same_day = self.order(self.jane, 50)
        self.move(self.jane, self.new)
        after = self.order(self.jane, 80)
        self.assertEqual(same_day.date_order.date(), after.date_order.date())
        self.assertEqual(self.spent(), {self.old: 750, self.new: 80})

    def test_an_import_of_the_time_before_is_the_former_customers(self):
        self.move(self.jane, self.new, days_ago=10)
        self.buy(self.jane, 100, days_ago=11)
        self.buy(self.jane, 7, days_ago=9)
        self.assertEqual(self.spent(), {self.old: 100, self.new: 7})

    def test_leaving_and_coming_back(self):
        self.buy(self.jane, 1, days_ago=50)
        self.move(self.jane, self.new, days_ago=40)
        self.buy(self.jane, 10, days_ago=30)
        self.move(self.jane, self.old, days_ago=20)
        self.buy(self.jane, 100, days_ago=10)
        self.assertEqual(self.spent(), {self.old: 101, self.new: 10})
        self.move(self.jane, False)
        self.buy(self.jane, 1000)
        self.assertEqual(self.spent(), {self.old: 101, self.new: 10, self.jane: 1000})

    def test_a_person_takes_their_purchases_into_their_company(self):
        person = self.customer("Person")
        helper = self.customer("Helper", parent_id=person.id)
        self.buy(person, 300, days_ago=9)
        self.buy(helper, 20, days_ago=9)
        self.move(person, self.new)
        self.assertEqual(self.spent(), {self.new: 320})
        # From then on they are the company's.
        self.move(person, self.old)
        self.assertEqual(self.spent()[self.new], 300)

    def test_contacts_of_a_department_that_moves(self):
        department = self.customer("Department", parent_id=self.old.id)
        clerk = self.customer("Clerk", parent_id=department.id)
        archived = self.customer("Archived", parent_id=clerk.id, active=False)
        for contact in department + clerk + archived:
            self.buy(contact, 5, days_ago=3)
        self.move(department, self.new)
        self.buy(clerk, 100)
        self.assertEqual(self.spent(), {self.old: 15, self.new: 100})

    def test_a_contact_who_becomes_a_company(self):
        self.buy(self.jane, 40, days_ago=3)
        self.jane.is_company = True
        self.buy(self.jane, 2)
        self.assertEqual(self.spent(), {self.old: 40, self.jane: 2})

    def test_however_they_are_moved(self):
        other = self.customer("Other", parent_id=self.old.id)
        self.buy(self.jane, 40, days_ago=3)
        self.buy(other, 5, days_ago=3)
        self.new.child_ids = [Command.link(self.jane.id)]
        other.company_type = "company"
        self.assertEqual(self.spent(), {self.old: 45})
        self.new.child_ids = [Command.unlink(self.jane.id)]
        self.buy(self.jane, 1)
        self.assertEqual(self.spent(), {self.old: 45, self.jane: 1})

    def test_a_company_made_of_the_name_on_a_contact(self):
        person = self.customer("Person", company_name="Personal Ltd")
        helper = self.customer("Helper", parent_id=person.id)
        self.buy(person, 300, days_ago=9)
        self.buy(helper, 20, days_ago=9)
        person.create_company()
        company = person.parent_id
        self.assertEqual(helper.parent_id, company)
        self.assertEqual(self.spent(), {company: 320})

    def test_a_department_that_is_deleted(self):
        department = self.customer("Department", parent_id=self.old.id)
        clerk = self.customer("Clerk", parent_id=department.id)
        self.buy(clerk, 40, days_ago=3)
        department.unlink()
        self.buy(clerk, 2)
        self.assertEqual(self.spent(), {self.old: 40, clerk: 2})

    def test_what_was_bought_for_a_deleted_customer_becomes_nobody_elses(self):
        self.buy(self.jane, 40, days_ago=3)
        other = self.customer("Other", parent_id=self.old.id)
        self.buy(other, 70, days_ago=3)
        self.move(self.jane, self.new)
        self.old.unlink()
        self.buy(other, 3)
        self.assertEqual(self.spent(), {other: 3})
        self.assertFalse(self.formers.search([]).customer_id)

    def test_both_companies_of_ours_know_of_it(self):
        self.buy(self.jane, 100, days_ago=3)
        self.buy(self.jane, 10, days_ago=3, company=self.company_b)
        self.move(self.jane, self.new)
        self.buy(self.jane, 1, company=self.company_b)
        self.assertEqual(self.spent(), {self.old: 100})
        self.assertEqual(self.spent(self.company_b), {self.old: 10, self.new: 1})

    def test_nothing_is_noted_of_who_does_not_leave(self):
        self.move(self.jane, self.old)
        branch = self.customer("Branch", parent_id=self.old.id)
        self.move(self.jane, branch)
        self.move(self.customer("Person"), self.new)
        self.customer("Made there", parent_id=self.new.id)
        self.assertFalse(self.formers.search([]))

    def test_merged_former_contacts_bring_their_past(self):
        self.buy(self.jane, 100, days_ago=30)
        self.move(self.jane, self.new, days_ago=20)
        double = self.customer("J. Doe")
        # Bought while Jane still was elsewhere; it was never the old employer's.
        self.buy(double, 5, days_ago=40)
        self.merge(double, self.jane)
        self.assertEqual(double.commercial_partner_id, self.new)
        self.assertEqual(self.spent(), {self.old: 100, self.new: 5})
        self.assertEqual(self.formers.search([]).partner_id, double)

    def test_merging_contacts_of_two_employers_moves_no_purchases(self):
        self.company_a.rfm_source = "sale"
        double = self.customer("J. Doe", parent_id=self.new.id)
        self.order(self.jane, 100, days_ago=30)
        self.order(double, 7, days_ago=30)
        self.buy(self.jane, 20, days_ago=8)
        self.merge(double, self.jane)
        self.order(double, 1000)
        expected = {self.old: 120, self.new: 1007}
        self.assertEqual(self.spent(), expected)
        # Also of documents that did not count when they were merged.
        self.company_a.rfm_source = "invoice"
        self.assertEqual(self.spent(), {self.old: 20})

    def test_orders_stay_when_contacts_were_merged_while_invoices_counted(self):
        double = self.customer("J. Doe", parent_id=self.new.id)
        self.order(self.jane, 100, days_ago=30)
        self.order(double, 7, days_ago=30)
        self.merge(double, self.jane)
        self.company_a.rfm_source = "sale"
        self.assertEqual(self.spent(), {self.old: 100, self.new: 7})

    def test_merging_the_customers_themselves(self):
        self.buy(self.jane, 100, days_ago=3)
        self.move(self.jane, self.new)
        third = self.customer("Third", is_company=True)
        self.merge(third, self.old)
        self.assertEqual(self.spent(), {third: 100})
        self.merge(self.new, third)
        self.assertEqual(self.spent(), {self.new: 100})

    def test_merging_the_former_customer_into_the_contact(self):
        alone = self.customer("Alone")
        worker = self.customer("Worker", parent_id=alone.id)
        self.buy(worker, 100, days_ago=3)
        self.move(worker, False)
        self.merge(worker, alone)
        self.assertEqual(self.spent(), {worker: 100})

    def test_nobody_reads_the_table(self):
        self.buy(self.jane, 40, days_ago=3)
        self.move(self.jane.with_user(self.salesman_who_edits()), self.new)
        self.assertEqual(self.formers.search([]).customer_id, self.old)
        administrator = self.new_user("system", "base.group_system")
        for user in (self.employee, self.portal, self.manager, administrator):
            formers = self.as_user(user, "crm.customer.former.contact")
            with self.assertRaises(AccessError, msg=user.login):
                formers.search([]).read(["customer_id"])
            with self.assertRaises(AccessError, msg=user.login):
                formers.create(
                    {
                        "partner_id": self.jane.id,
                        "customer_id": self.new.id,
                        "date_to": self.today,
                    }
                )

    def salesman_who_edits(self):
        return self.new_user(
            "editor", "sales_team.group_sale_salesman,base.group_partner_manager"
        )

    def test_what_invoices_say_is_known_after_the_upgrade(self):
        journal = self.env["account.journal"].create(
            {
                "name": "Sales",
                "code": "FRM",
                "type": "sale",
                "company_id": self.company_a.id,
            }
        )
        days = [date(2024, 1, 5), date(2024, 3, 5), date(2024, 6, 5), date(2024, 9, 5)]
        stranger = self.customer("Stranger", parent_id=self.new.id)
        invoices = self.env["account.move"].create(
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": partner.id,
                    "journal_id": journal.id,
                    "company_id": self.company_a.id,
                    "invoice_date": day,
                }
                for partner, day in [
                    *((self.jane, day) for day in days),
                    (stranger, days[0]),
                ]
            ]
        )
        self.env.flush_all()
        # As they stand in the books after Jane was at another company in spring.
        self.env.cr.execute(
            "UPDATE account_move SET state = 'posted' WHERE id IN %s",
            [tuple(invoices.ids)],
        )
        self.env.cr.execute(
            "UPDATE account_move SET commercial_partner_id = %s WHERE id IN %s",
            [self.new.id, tuple(invoices[1:3].ids)],
        )
        self.env.invalidate_all()
        spec = spec_from_file_location("migration", file_path(MIGRATION))
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        module.migrate(self.env.cr, "19.0.1.4.0")
        rows = self.formers.search([])
        self.assertEqual(
            [(row.partner_id, row.customer_id, row.date_to) for row in rows],
            [
                (self.jane, self.old, days[0]),
                (self.jane, self.new, days[2]),
            ],
        )
        for number, day in enumerate(days, 1):
            self.buy(self.jane, 10**number, date=day)
        self.company_a.rfm_window_months = 0
        self.env.flush_all()
        bought = self.env["crm.customer.transaction"].search(
            [("source", "=", "history")], order="amount"
        )
        self.assertEqual(bought.mapped("partner_id.id"), [self.old.id, self.new.id])
        self.assertEqual(
            [row.partner_id for row in bought],
            [self.old, self.new, self.new, self.old],
        )
