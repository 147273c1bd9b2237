from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class CrmCustomerList(models.Model):
    """Care plans choose customers by lists, and put customers on them."""

    _inherit = "crm.customer.list"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_of_plans(self):
        # sudo: also of plans that the user does not see.
        plans = self.env["crm.care.plan"].sudo().with_context(active_test=False)
        plan = plans.search([("list_id", "in", self.ids)], limit=1)
        if plan:
            raise UserError(
                self.env._(
                    "“%(list)s” decides who is in the care plan “%(plan)s”. Archive it, "
                    "or choose another list there first.",
                    list=plan.list_id.name,
                    plan=plan.name,
                )
            )

    def action_enroll(self):
        """Enroll the customers on the lists in a care plan."""
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended.crm_care_plan_enroll_wizard_action"
        )
        return {
            **action,
            "context": {"active_model": self._name, "active_ids": self.ids},
        }

    def _add_all(self, customers):
        """Put many customers on the list at once, as :meth:`_add` does."""
        self._put_all(customers, "added_ids", "left_out_ids")

    def _leave_out_all(self, customers):
        """Take many customers off the list at once, as :meth:`_leave_out` does."""
        self._put_all(customers, "left_out_ids", "added_ids")

    def _put_all(self, customers, on, off):
        """One statement, however many are on the list already.

        :param on: field that they are put into
        :param off: field that they are taken from
        """
        self.ensure_one()
        self.flush_model([on, off])
        on, off = self._fields[on], self._fields[off]
        self.env.cr.execute(
            SQL(
                """
                WITH gone AS (
                    DELETE FROM %(off)s WHERE %(off_list)s = %(id)s
                       AND %(off_partner)s = ANY(%(customers)s)
                )
                INSERT INTO %(on)s (%(on_list)s, %(on_partner)s)
                SELECT %(id)s, unnest(%(customers)s)
                    ON CONFLICT DO NOTHING
                """,
                on=SQL.identifier(on.relation),
                on_list=SQL.identifier(on.column1),
                on_partner=SQL.identifier(on.column2),
                off=SQL.identifier(off.relation),
                off_list=SQL.identifier(off.column1),
                off_partner=SQL.identifier(off.column2),
                id=self.id,
                customers=customers.ids,
            )
        )
        self.invalidate_recordset([on.name, off.name])
