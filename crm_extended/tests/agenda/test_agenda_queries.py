"""The list costs the same number of queries however many customers there are."""

from odoo.tests import tagged

from .common import AgendaCommon

# Of the list that is made, and of one that is opened again.
MOST = 20


@tagged("post_install", "-at_install")
class TestAgendaQueries(AgendaCommon):
    def fill(self, count, user):
        """Customers with a reason of each kind of this package."""
        for number in range(count):
            customer = self.mine(f"{user.login} {number}", user=user)
            customer.email = f"{number}@example.com"
            self.quotation(customer, 100 + number, user=user)
            self.activity(customer, user=user)
            self.lead(customer, user=user)
            self.consent(customer)
            self.interaction(customer, days=200, user=user)

    def count(self, user, **options):
        agenda = self.agenda(user)
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        rows = agenda.get_today(**options)["rows"]
        self.env.flush_all()
        return self.env.cr.sql_log_count - before, len(rows)

    def test_few_and_many(self):
        users = [
            self.new_user(name, "sales_team.group_sale_salesman")
            for name in ("few", "many")
        ]
        items = self.env["crm.agenda.item"]
        first, again = [], []
        for user, count in zip(users, (2, 30), strict=True):
            self.fill(count, user)
            # Rules and settings are in the caches of the server afterwards.
            self.count(user)
            self.count(user)
            items.search([("user_id", "=", user.id)]).unlink()
            first.append(self.count(user))
            again.append(self.count(user))
        self.assertEqual([rows for _queries, rows in first + again], [2, 20, 2, 20])
        for (few, _rows), (many, _more) in (first, again):
            self.assertEqual(few, many)
            self.assertLessEqual(many, MOST)
