from odoo import models


class WebsiteMenu(models.Model):
    """Entries of pages that a feature hides are hidden with them, for employees too."""

    _inherit = "website.menu"

    def _compute_visible(self):
        result = super()._compute_visible()
        # sudo: visitors may not read pages.
        for menu, shown in zip(self, self.sudo(), strict=True):
            if shown.page_id and not shown.page_id._without_hidden():
                menu.is_visible = False
        return result
