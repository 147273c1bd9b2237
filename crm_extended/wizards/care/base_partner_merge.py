from odoo import models

from ...models.care.crm_care_stage import OPEN


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Targets of open cases follow the customer that theirs is merged into."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        partners = self.env["res.partner"].browse(partner_ids).exists()
        customers = partners.commercial_partner_id
        result = super()._merge(partner_ids, dst_partner, extra_checks)
        customers |= partners.exists().commercial_partner_id
        # sudo: targets depend on the tier and segment of the merged customer, in all
        # companies, whoever merges.
        cases = self.env["crm.care.case"].sudo().with_context(active_test=False)
        cases.search(
            [
                ("commercial_partner_id", "in", customers.exists().ids),
                ("outcome", "in", OPEN),
            ]
        )._apply_targets()
        return result
