from odoo import fields, models

# Of companies that were created before these fields.
DEFAULTS = {"agenda_size": 20, "agenda_lead_days": 30, "agenda_silence_days": 90}


class ResCompany(models.Model):
    _inherit = "res.company"

    agenda_size = fields.Integer(
        string="Customers per Day",
        default=DEFAULTS["agenda_size"],
        help="How many customers a day's list has. Salespeople who are done can ask for "
        "more.",
    )
    agenda_lead_days = fields.Integer(
        string="Opportunities Go Cold After (Days)",
        default=DEFAULTS["agenda_lead_days"],
        help="Days in a stage after which an opportunity without a planned activity is "
        "going cold. A stage with “Days to rot” of its own goes by these.",
    )
    agenda_silence_days = fields.Integer(
        string="No Interaction For (Days)",
        default=DEFAULTS["agenda_silence_days"],
        help="Days without an interaction that are long for customers whose usual rhythm "
        "is not known. With a known rhythm, twice the usual number of days is long.",
    )

    _agenda_check = models.Constraint(
        "CHECK (agenda_size BETWEEN 0 AND 500 AND agenda_lead_days BETWEEN 0 AND 3650 "
        "AND agenda_silence_days BETWEEN 0 AND 3650)",
        "A day's list has up to 500 customers, and days are counted up to 3,650.",
    )
