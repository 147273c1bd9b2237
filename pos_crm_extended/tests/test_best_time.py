from odoo.tests import tagged

from odoo.addons.crm_extended.tests.insight.best_time_common import (
    SATURDAY,
    BestTimeCommon,
)


@tagged("post_install", "-at_install")
class TestBestTimeAtTheTill(BestTimeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["account.journal"].create(
            [
                {
                    "name": kind,
                    "code": f"BT{kind}"[:5],
                    "type": kind,
                    "company_id": cls.company_a.id,
                }
                for kind in ("bank", "sale")
            ]
        )
        config = cls.env["pos.config"].create({"name": "Till"})
        cls.session = cls.env["pos.session"].create(
            {"config_id": config.id, "user_id": cls.env.uid}
        )
        cls.buyer = cls.customer("Buys at the till", user_id=cls.salesman.id)

    def sold(self, moment, **values):
        return self.env["pos.order"].create(
            {
                "session_id": self.session.id,
                "company_id": self.company_a.id,
                "partner_id": self.buyer.id,
                "date_order": moment,
                "state": "paid",
                "amount_total": 120,
                "amount_tax": 20,
                "amount_paid": 120,
                "amount_return": 0,
                **values,
            }
        )

    def test_what_was_bought_at_the_till_counts(self):
        self.sold(self.at(SATURDAY, 16))
        self.sold(self.at(SATURDAY, 16, weeks=2), state="done")
        self.sold(self.at(SATURDAY, 11), state="draft")
        self.sold(self.at(SATURDAY, 11), amount_total=-120, amount_tax=-20)
        self.update()
        cells = self.env["crm.best.time"].search(
            [("company_id", "=", self.company_a.id), ("kind", "=", "purchase")]
        )
        self.assertEqual(
            [(cell.weekday, cell.hour, cell.hits, cell.tries) for cell in cells],
            [(SATURDAY, 16, 2, 2)],
        )

    def test_own_orders_as_the_reader_may_see_them(self):
        for weeks in range(1, 26):
            self.sold(self.at(SATURDAY, 16, weeks=weeks))
        self.update()
        self.assertEqual(self.times(self.buyer).own.get("purchase"), None)
        self.salesman.group_ids += self.env.ref("point_of_sale.group_pos_user")
        own = self.times(self.buyer).own["purchase"]
        self.assertEqual(own, {(SATURDAY, 16): (25, 25)})
