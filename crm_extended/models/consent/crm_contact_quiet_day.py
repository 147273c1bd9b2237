from odoo import fields, models


class CrmContactQuietDay(models.Model):
    """A day on which no customer is contacted, beside the company's holidays."""

    _name = "crm.contact.quiet.day"
    _inherit = "crm.rechecked.record.mixin"
    _description = "Day without Contacts"
    _order = "date desc"
    _rec_name = "date"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        index=True,
        ondelete="cascade",
    )
    date = fields.Date(required=True)
    name = fields.Char(string="Reason")

    _unique_date = models.Constraint(
        "UNIQUE (company_id, date)", "This day is on the list already."
    )
