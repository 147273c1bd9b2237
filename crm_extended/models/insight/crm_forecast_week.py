from odoo import fields, models


class CrmForecastWeek(models.Model):
    """Repeat purchases of a week, beside those that the model expected: of the customers
    who had bought before the hold-out."""

    _name = "crm.forecast.week"
    _description = "Forecast Test by Week"
    _order = "model_id desc, date"
    _rec_name = "date"

    model_id = fields.Many2one(
        "crm.forecast.model", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="model_id.company_id", store=True)
    date = fields.Date(string="Week", required=True, help="The first day of the week.")
    actual = fields.Float(string="Happened", digits=(16, 1))
    expected = fields.Float(digits=(16, 1))
    is_holdout = fields.Boolean(
        string="Predicted",
        help="The week was predicted from the weeks before, without looking at it.",
    )
