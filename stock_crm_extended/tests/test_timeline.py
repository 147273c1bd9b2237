from odoo import Command
from odoo.tests import tagged

from odoo.addons.crm_extended.tests.timeline.common import TimelineCommon


@tagged("post_install", "-at_install")
class TestDeliveries(TimelineCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.storekeeper = cls.new_user(
            "storekeeper", "base.group_user,stock.group_stock_user"
        )
        cls.type_out = cls.env["stock.picking.type"].search(
            [("code", "=", "outgoing"), ("company_id", "=", cls.company_a.id)], limit=1
        )
        cls.product = cls.env["product.product"].create(
            {"name": "Machine", "type": "consu"}
        )

    def delivery(self, partner, days):
        picking = self.env["stock.picking"].create(
            {
                "partner_id": partner.id,
                "picking_type_id": self.type_out.id,
                "scheduled_date": self.ago(days),
                "origin": "Agreed by phone",
                "move_ids": [
                    Command.create(
                        {"product_id": self.product.id, "product_uom_qty": 2}
                    )
                ],
            }
        )
        picking.move_ids.location_id = self.type_out.default_location_src_id
        picking.message_ids.unlink()
        picking.action_confirm()
        return picking

    def test_made_and_due(self):
        due = self.delivery(self.contact, -4)
        made = self.delivery(self.contact, 4)
        made.move_ids.quantity = 2
        made.move_ids.picked = True
        made.button_validate()
        self.assertEqual(made.state, "done")
        page = self.fetch(self.company, self.storekeeper, kinds=["delivery"])
        self.assertEqual(
            [(entry["id"], entry["upcoming"]) for entry in page["entries"]],
            [(f"delivery_open-{due.id}", True), (f"delivery-{made.id}", False)],
        )
        self.assertEqual(page["counts"]["delivery"], 2)
        head = self.timeline(self.storekeeper).head("res.partner", self.contact.id)
        self.assertEqual(
            [entry["id"] for entry in head["upcoming"]], [f"delivery_open-{due.id}"]
        )
        # Who is not in the Inventory app may not read transfers in Odoo.
        page = self.fetch(self.company, self.employee, search="Agreed")
        self.assertEqual((page["entries"], page["counts"]), ([], {}))
        head = self.timeline(self.employee).head("res.partner", self.contact.id)
        self.assertNotIn("delivery", [kind["key"] for kind in head["kinds"]])
        self.assertEqual(head["upcoming"], [])

    def test_deliveries_of_another_company(self):
        due = self.delivery(self.contact, -4)
        other = self.new_user(
            "other_storekeeper",
            "base.group_user,stock.group_stock_user",
            self.company_b,
        )
        self.assertEqual(
            self.ids(self.contact, self.storekeeper, search="agreed"),
            [f"delivery_open-{due.id}"],
        )
        page = self.fetch(self.contact, other, search="agreed", limit=1)
        self.assertEqual(page, {"entries": [], "cursor": False, "counts": {}})
        head = self.timeline(other).head("res.partner", self.contact.id)
        self.assertEqual((head["upcoming"], head["authors"]), ([], []))
