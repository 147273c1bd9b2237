from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class CrmCareMergeWizard(models.TransientModel):
    """Put cases about the same thing together into one."""

    _name = "crm.care.merge.wizard"
    _description = "Merge Cases"

    case_ids = fields.Many2many("crm.care.case", string="Cases", required=True)
    target_id = fields.Many2one(
        "crm.care.case",
        string="Merge Into",
        required=True,
        domain="[('id', 'in', case_ids)]",
    )
    other_customers = fields.Boolean(
        compute="_compute_other_customers",
        help="The cases belong to different customers.",
    )

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        cases = self.env["crm.care.case"]
        if self.env.context.get("active_model") == cases._name:
            cases = cases.browse(self.env.context.get("active_ids", []))
        cases = cases.filtered(lambda case: not case.merged_into_id)
        # The oldest was asked first.
        values["case_ids"] = [Command.set(cases.ids)]
        values["target_id"] = cases.sorted(lambda case: (case.opened_date, case.id))[
            :1
        ].id
        return values

    @api.depends("case_ids")
    def _compute_other_customers(self):
        for wizard in self:
            senders = {
                case.commercial_partner_id or case.email_normalized
                for case in wizard.case_ids
            }
            wizard.other_customers = len(senders) > 1

    def action_merge(self):
        """Merge the cases and open what they have become.

        :raise UserError: where there is nothing to merge
        """
        self.ensure_one()
        others = self.case_ids - self.target_id
        if not others or self.target_id not in self.case_ids:
            raise UserError(self.env._("Choose at least two cases to merge."))
        if len(self.case_ids.company_id) > 1:
            raise UserError(self.env._("Cases of several companies cannot be merged."))
        # Another user may have merged them while the dialog was open.
        if merged := self.case_ids.filtered("merged_into_id"):
            raise UserError(
                self.env._(
                    "Some of these cases were already merged: %s. Close the dialog, "
                    "select the cases again and merge them.",
                    ", ".join(merged.mapped("display_name")),
                )
            )
        others._merge_into(self.target_id)
        return {
            "type": "ir.actions.act_window",
            "res_model": "crm.care.case",
            "res_id": self.target_id.id,
            "view_mode": "form",
        }
