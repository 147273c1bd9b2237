from odoo import fields, models

from .groups import USE_INSIGHT


class CrmInteraction(models.Model):
    """Interactions in which a competitor came up."""

    _inherit = "crm.interaction"

    competitor_ids = fields.Many2many(
        "crm.competitor",
        "crm_competitor_interaction_rel",
        "interaction_id",
        "competitor_id",
        string="Competitors",
        check_company=True,
        groups=USE_INSIGHT,
        help="Competitors that the customer spoke of.",
    )
