from odoo import api, models


class CrmTimeline(models.AbstractModel):
    _inherit = "crm.timeline"

    @api.model
    @api.readonly
    def get_page(self, res_model, res_id, **kwargs):
        """What :meth:`fetch` gives, for the web client.

        Odoo keeps a method of that name on every model, and nobody may call that one
        remotely; an override of it is refused with it.
        """
        return self.fetch(res_model, res_id, **kwargs)
