from odoo import api, fields, models

from .groups import USE_INSIGHT


class ResPartner(models.Model):
    """Contacts show the life-cycle stage of the customer they belong to, in the current
    company: it is joined on demand."""

    _inherit = "res.partner"

    lifecycle_id = fields.Many2one(
        "crm.lifecycle",
        string="Life Cycle",
        compute="_compute_lifecycle_id",
        search="_search_lifecycle_id",
        groups=USE_INSIGHT,
        help="Life-cycle stage of the customer in your current company. All contacts of "
        "a company share the company's stage.",
    )
    lifecycle_stage = fields.Selection(
        related="lifecycle_id.stage", string="Life-Cycle Stage", groups=USE_INSIGHT
    )
    lifecycle_date = fields.Date(
        related="lifecycle_id.stage_date",
        string="In Life-Cycle Stage Since",
        groups=USE_INSIGHT,
    )

    @api.model
    def _get_customer_joins(self):
        return super()._get_customer_joins() | {"lifecycle_id": ("crm.lifecycle", "id")}

    @api.depends("commercial_partner_id")
    @api.depends_context("company")
    def _compute_lifecycle_id(self):
        self._compute_customer_join("lifecycle_id")

    def _search_lifecycle_id(self, operator, value):
        return self._search_customer_join("lifecycle_id", operator, value)

    def action_lifecycle(self):
        """Open the life-cycle stage of the customer, with the figures behind it."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Life-Cycle Stage"),
            "res_model": "crm.lifecycle",
            "res_id": self.lifecycle_id.id,
            "view_mode": "form",
        }
