from odoo import fields, models

# What is needed to close a complaint where the team wants it.
CAUSE_AND_ACTION = ("cause", "corrective_action")


class CrmCareCase(models.Model):
    """What came of a complaint."""

    _inherit = "crm.care.case"

    cause = fields.Text(help="Why it happened.")
    corrective_action = fields.Text(help="What was done about it for this customer.")
    preventive_action = fields.Text(help="What is done so that it does not come again.")
    action_user_id = fields.Many2one(
        "res.users",
        string="Responsible for the Action",
        domain=[("share", "=", False)],
        index="btree_not_null",
    )
    action_deadline = fields.Date()
    compensation = fields.Selection(
        [
            ("none", "None"),
            ("credit_note", "Credit Note"),
            ("coupon", "Coupon"),
            ("goods", "Goods"),
            ("amount", "Amount"),
        ],
        help="What the customer was given.",
    )
    compensation_move_id = fields.Many2one(
        "account.move",
        string="Credit Note",
        check_company=True,
        domain=[("move_type", "=", "out_refund")],
        index="btree_not_null",
    )
    compensation_amount = fields.Monetary(
        currency_field="currency_id", help="What it was worth, without taxes."
    )
    compensation_note = fields.Char(
        string="Compensation Given", help="Which goods, which coupon."
    )
    currency_id = fields.Many2one(related="company_id.currency_id")

    def _guarded_names(self) -> tuple[str, ...]:
        """What must be filled in because the case is a complaint that is being closed."""
        if (
            self.type == "complaint"
            and self.outcome == "solved"
            and self.team_id.complaint_guard
        ):
            return CAUSE_AND_ACTION
        return ()
