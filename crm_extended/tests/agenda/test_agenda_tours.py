from odoo.tests import HttpCase, tagged

from .common import AgendaCommon


@tagged("post_install", "-at_install")
class TestAgendaTours(AgendaCommon, HttpCase):
    def test_a_salesperson_finishes_the_list(self):
        self.salesman.password = self.salesman.login * 2
        for number, name in enumerate(("Anna", "Bert", "Cleo", "Dora")):
            self.quotation(self.mine(f"Tour {name}"), 1000 - number)
        self.start_tour(
            "/odoo/customer-agenda", "crm_extended_agenda", login=self.salesman.login
        )
        items = self.env["crm.agenda.item"].search(
            [("user_id", "=", self.salesman.id)], order="place"
        )
        self.assertEqual(
            [(item.partner_id.name, item.state) for item in items],
            [
                ("Tour Anna", "snoozed"),
                ("Tour Bert", "done"),
                ("Tour Cleo", "skipped"),
                ("Tour Dora", "done"),
            ],
        )
        self.assertEqual(items[0].snooze_reason, "On holiday")
