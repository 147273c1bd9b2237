from odoo import models
from odoo.fields import Domain


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Of customers who turn out to be one, the enrollment that is further on stays."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        partners = self.env["res.partner"].browse(partner_ids).exists()
        self.env["crm.care.enrollment"]._prepare_merge(partners)
        # Odoo moves rows in SQL: the indices must see who has left.
        self.env["crm.care.enrollment"].flush_model()
        result = super()._merge(partner_ids, dst_partner, extra_checks)
        # What one of them has refused counts for the one who is left.
        # sudo: of all companies, whoever merges.
        enrollments = self.env["crm.care.enrollment"].sudo()
        left = Domain("partner_id", "in", partners.exists().ids)
        enrollments._open_of(left)._leave_refused()
        return result
