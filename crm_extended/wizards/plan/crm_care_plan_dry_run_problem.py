from odoo import fields, models

# Customers of a problem that can be opened.
EXAMPLES = 100


class CrmCarePlanDryRunProblem(models.TransientModel):
    """What is wrong with a message, and for how many."""

    _name = "crm.care.plan.dry.run.problem"
    _description = "Problem Found by a Dry Run"
    _order = "kind, count desc, id"
    _rec_name = "detail"

    run_id = fields.Many2one(
        "crm.care.plan.dry.run", required=True, index=True, ondelete="cascade"
    )
    step_id = fields.Many2one(
        "crm.care.plan.step",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    kind = fields.Selection(
        [
            ("error", "Cannot be rendered"),
            ("no_address", "No address or phone number"),
            ("empty", "Empty placeholder"),
            ("untranslated", "Not translated"),
        ],
        string="Problem",
        readonly=True,
    )
    detail = fields.Char(readonly=True)
    count = fields.Integer(string="Customers", readonly=True)
    examples = fields.Json(readonly=True)

    def _add(self, run, step, kind, detail, contact_ids):
        """Note a problem of further contacts, with the same one among these."""
        same = self.filtered(lambda one: one.kind == kind and one.detail == detail)[:1]
        same = same or self.create(
            {
                "run_id": run.id,
                "step_id": step.id,
                "kind": kind,
                "detail": detail,
                "examples": [],
            }
        )
        same.write(
            {
                "count": same.count + len(contact_ids),
                "examples": [*(same.examples or []), *contact_ids][:EXAMPLES],
            }
        )
        return same

    def action_open(self):
        """Open customers with this problem."""
        self.ensure_one()
        self.run_id._check_managed()
        labels = dict(self._fields["kind"]._description_selection(self.env))
        name = self.detail or labels.get(self.kind, "")
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "res.partner",
            "view_mode": "list,form",
            "domain": [("id", "in", self.examples or [])],
        }
