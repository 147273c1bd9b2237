from odoo import models


class CrmLead(models.Model):
    """An index that opportunities going cold are found by."""

    _inherit = "crm.lead"

    # All columns that are asked of open opportunities, few among those that are won.
    _agenda_index = models.Index(
        "(date_last_stage_update)"
        " INCLUDE (id, partner_id, user_id, stage_id, company_id, expected_revenue)"
        " WHERE active IS TRUE AND type = 'opportunity' AND won_status = 'pending'"
    )
