from odoo import api, models


class MailingList(models.Model):
    """As for contacts: people who have refused the purpose of a list come to it opted
    out."""

    _inherit = "mailing.list"

    @api.model_create_multi
    def create(self, vals_list):
        lists = super().create(vals_list)
        if any(vals.get("contact_ids") for vals in vals_list):
            self.env["mailing.subscription"]._opted_in(lists)._opt_out_refused()
        return lists

    def write(self, vals):
        if "contact_ids" not in vals:
            return super().write(vals)
        before = self.env["mailing.subscription"]._opted_in(self)
        result = super().write(vals)
        self._opt_out_new(before)
        return result

    def action_merge(self, src_lists, archive):
        before = self.env["mailing.subscription"]._opted_in(self)
        result = super().action_merge(src_lists, archive)
        self._opt_out_new(before)
        return result

    def _opt_out_new(self, before):
        """Opt out people who were not on these lists before, and have refused."""
        after = self.env["mailing.subscription"]._opted_in(self)
        (after - before)._opt_out_refused()
