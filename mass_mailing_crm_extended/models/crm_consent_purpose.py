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
        purposes._opt_out_refusing()
        return purposes

    def write(self, vals):
        result = super().write(vals)
        if "mailing_list_ids" in vals:
            self._opt_out_refusing()
        return result

    def _opt_out_refusing(self):
        """Opt out people who have refused these purposes before their lists were named."""
        # sudo: managers of purposes need not be allowed to use mailings.
        subscriptions = self.env["mailing.subscription"].sudo()
        lists = self.sudo().mailing_list_ids
        if lists:
            subscriptions.search(
                [("list_id", "in", lists.ids), ("opt_out", "=", False)]
            )._opt_out_refused()
