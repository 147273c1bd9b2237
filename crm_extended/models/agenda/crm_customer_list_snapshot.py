from odoo import api, fields, models

from ..common.formats import format_day
from ..common.local_time import company_today


class CrmCustomerListSnapshot(models.Model):
    """Who was on a list on a day, as far as the one saw who took it."""

    _name = "crm.customer.list.snapshot"
    _description = "Snapshot of a Customer List"
    _order = "date desc, id desc"
    _rec_name = "date"

    list_id = fields.Many2one(
        "crm.customer.list",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="list_id.company_id", store=True, index="btree_not_null"
    )
    date = fields.Date(required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", string="Taken By", readonly=True, ondelete="set null"
    )
    count = fields.Integer(string="Customers", readonly=True, aggregator=None)
    partner_ids = fields.Many2many(
        "res.partner",
        "crm_customer_list_snapshot_rel",
        string="Who Was on It",
        readonly=True,
    )

    _unique_day = models.Constraint(
        "UNIQUE (list_id, date, user_id)",
        "There is a snapshot of this day already.",
    )

    @api.depends("date")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for snapshot in self:
            snapshot.display_name = format_day(self.env, snapshot.date)

    @api.model
    def _take(self, customer_list):
        """Keep who is on a list today, by the clock of its company; another one of the same
        day and user is replaced.

        :return: the snapshot
        """
        customers = customer_list._get_customers()
        today = company_today(customer_list.company_id)
        # sudo: users who may see a list take snapshots, and change none.
        snapshots = self.sudo()
        former = snapshots.search(
            [
                ("list_id", "=", customer_list.id),
                ("date", "=", today),
                ("user_id", "=", self.env.uid),
            ]
        )
        former.unlink()
        # The trend is of what the owner sees, whoever takes a snapshot.
        counting = customer_list._counting()
        if counting and counting.env.user == self.env.user:
            customer_list._keep_count(len(customers))
        return snapshots.create(
            {
                "list_id": customer_list.id,
                "date": today,
                "user_id": self.env.uid,
                "count": len(customers),
                "partner_ids": [fields.Command.set(customers.ids)],
            }
        ).sudo(False)

    def action_open_customers(self):
        """Open the customers who were on the list."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._(
                "%(list)s on %(date)s", list=self.list_id.name, date=self.date
            ),
            "res_model": "res.partner",
            "view_mode": "list,kanban,form",
            "domain": [("id", "in", self.partner_ids.ids)],
        }
