from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmLoyaltyTier(models.Model):
    _inherit = "crm.loyalty.tier"

    point_factor = fields.Float(
        string="Points Multiplier",
        default=1.0,
        digits=(16, 2),
        help="Multiplies the points that a loyalty program gives members for an "
        "order. 0: no points.",
    )

    _check_point_factor = models.Constraint(
        "CHECK (point_factor >= 0)", "The points multiplier cannot be negative."
    )

    @api.model
    def _number_limits(self):
        return super()._number_limits() | {"point_factor": 1000}

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_programs(self):
        # Without its last tier a program would be open to everybody.
        # sudo: programs that the user does not see count, too.
        programs = self.env["loyalty.program"].sudo().with_context(active_test=False)
        program = programs.search([("tier_ids", "in", self.ids)], limit=1)
        if program:
            raise UserError(
                self.env._(
                    "The program “%s” is limited to this tier. Choose other tiers there "
                    "first.",
                    program.name,
                )
            )
