from odoo import api, fields, models


class CrmConsentPurpose(models.Model):
    """A purpose names the mailing lists whose mails it is about."""

    _inherit = "crm.consent.purpose"

    mailing_list_ids = fields.Many2many(
        "mailing.list",
        "crm_consent_purpose_mailing_list_rel",
        "purpose_id",
        "list_id",
        string="Mailing Lists",
        groups="mass_mailing.group_mass_mailing_user",
        # Managers copy purposes, and need not be allowed to use mailings.
        copy=False,
        help="Customers who refuse the purpose are opted out of these lists, and "
        "customers who opt out of one of them refuse the purpose.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        purposes = super().create(vals_list)
        for purpose in purposes:
            # sudo: managers of purposes need not be allowed to use mailings.
            purpose._take_up_lists(purpose.sudo().mailing_list_ids)
        return purposes

    def write(self, vals):
        if "mailing_list_ids" not in vals:
            return super().write(vals)
        # sudo: as above.
        before = {purpose: purpose.sudo().mailing_list_ids for purpose in self}
        result = super().write(vals)
        for purpose in self:
            purpose._take_up_lists(purpose.sudo().mailing_list_ids - before[purpose])
        return result

    def _take_up_lists(self, lists):
        """Bring lists that this purpose names from now on in step with it: people who
        have opted out of them refuse it, and people who have refused it are opted
        out."""
        if not lists:
            return
        # sudo: as above.
        subscriptions = self.env["mailing.subscription"].sudo()
        subscriptions = subscriptions.search([("list_id", "in", lists.ids)])
        opted_out = subscriptions.filtered("opt_out")
        # Whoever was opted out by an answer has said it of another purpose.
        opted_out.filtered(lambda each: not each.opted_out_by_answer)._refuse_purposes(
            purposes=self
        )
        (subscriptions - opted_out)._opt_out_refused(purposes=self)
