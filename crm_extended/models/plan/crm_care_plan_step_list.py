from odoo import fields, models

from .crm_care_plan_step_kind import DONE, Outcome


class CrmCarePlanStep(models.Model):
    """A part of steps: putting customers on a list, and taking them off."""

    _inherit = "crm.care.plan.step"

    kind = fields.Selection(
        selection_add=[
            ("list_add", "Add to a customer list"),
            ("list_remove", "Remove from a customer list"),
        ],
        ondelete={"list_add": "cascade", "list_remove": "cascade"},
    )
    list_id = fields.Many2one(
        "crm.customer.list",
        string="Customer List",
        check_company=True,
        index="btree_not_null",
        ondelete="set null",
        help="Customers stay on the list, or off it, when they leave the plan.",
    )

    def _run_list_add(self, enrollments):
        return self._change_list(enrollments, "_add_all")

    def _run_list_remove(self, enrollments):
        return self._change_list(enrollments, "_leave_out_all")

    def _change_list(self, enrollments, method):
        if not self.list_id:
            return self._all(enrollments, Outcome("skipped", "definition_gone"))
        getattr(self.list_id, method)(enrollments.partner_id)
        return self._all(enrollments, DONE)
