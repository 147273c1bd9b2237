from odoo import models
from odoo.tools import float_round


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _get_loyalty_tier(self):
        """The tier of the order's customer in the order's company, as superuser."""
        self.ensure_one()
        # sudo: the salesperson or the customer in the shop need not be allowed to see
        # tiers, for a program to be right.
        order = self.sudo()
        members = order.env["crm.loyalty.membership"]
        if not self.env["crm.feature"]._is_on("loyalty"):
            return members.tier_id
        tiers = members._get_tiers(order.partner_id, order.company_id)
        return tiers.get(order.partner_id, members.tier_id)

    def _get_programs_of_other_tiers(self):
        """Programs that are limited to tiers the order's customer does not have."""
        # sudo: a tier that the user does not see limits the program all the same.
        programs = self.env["loyalty.program"].sudo().with_context(active_test=False)
        limited = programs.search([("tier_ids", "!=", False)])
        tier = limited and self._get_loyalty_tier()
        return limited.filtered(lambda program: tier not in program.tier_ids)

    def _get_program_domain(self):
        others = self._get_programs_of_other_tiers()
        return [*super()._get_program_domain(), ("id", "not in", others.ids)]

    def _get_trigger_domain(self):
        others = self._get_programs_of_other_tiers()
        return [*super()._get_trigger_domain(), ("program_id", "not in", others.ids)]

    def _program_check_compute_points(self, programs):
        result = super()._program_check_compute_points(programs)
        collecting = [
            status
            for program, status in result.items()
            if program.program_type == "loyalty" and any(status.get("points", []))
        ]
        tier = collecting and self._get_loyalty_tier()
        if tier:
            for status in collecting:
                status["points"] = [
                    # As Odoo rounds points for money.
                    float_round(
                        points * tier.point_factor,
                        precision_digits=2,
                        rounding_method="DOWN",
                    )
                    for points in status["points"]
                ]
        return result
