from odoo import fields, models


class CrmTimelinePin(models.Model):
    """An entry of a customer's timeline that all staff keep at hand."""

    _name = "crm.timeline.pin"
    _inherit = "crm.customer.record.mixin"
    _description = "Pinned Timeline Entry"
    _rec_name = "source"
    _order = "id desc"

    partner_id = fields.Many2one(
        index=True,
        ondelete="cascade",
        help="The customer: the company, or a person without a company.",
    )
    company_id = fields.Many2one(
        ondelete="cascade", default=lambda self: self.env.company
    )
    source = fields.Char(required=True, help="Where the entry comes from.")
    res_id = fields.Many2oneReference(
        string="Record", required=True, model_field="res_model"
    )
    res_model = fields.Char(string="Model", required=True)

    _unique_entry = models.Constraint(
        "UNIQUE (partner_id, company_id, source, res_id)",
        "The entry is already pinned.",
    )
