from odoo import fields, models


class CrmCarePlan(models.Model):
    """A part of plans: the campaign that their customers are reached by."""

    _inherit = "crm.care.plan"

    campaign_id = fields.Many2one(
        "utm.campaign",
        index="btree_not_null",
        ondelete="set null",
        help="Customers of the plan count as reached by this campaign on the day they are "
        "enrolled; the control group is compared with them.",
    )
