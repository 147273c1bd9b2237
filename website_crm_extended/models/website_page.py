from odoo import api, models

# The pages of service care: the key of a page stays when a website gets its own copy,
# its external id when it is renamed.
PAGES = {
    "website_crm_extended.crm_care_help_page": "website_crm_extended.crm_care_help",
    "website_crm_extended.crm_care_help_thanks_page": (
        "website_crm_extended.crm_care_help_thanks"
    ),
}


class WebsitePage(models.Model):
    """The pages of service care are gone while it is off, for designers too. They are
    found in the list of pages, as they were."""

    _inherit = "website.page"

    @api.model
    def _get_hidden_keys(self) -> tuple[set, set]:
        """Ids and keys of the pages of features that are off."""
        if self.env["crm.feature"]._is_on("care"):
            return set(), set()
        find = self.env["ir.model.data"]._xmlid_to_res_id
        return {find(name) for name in PAGES}, set(PAGES.values())

    def _without_hidden(self):
        """These pages, without those of features that are off."""
        ids, keys = self._get_hidden_keys()
        if not keys:
            return self
        # sudo: visitors may not read pages.
        return self.filtered(
            lambda page: page.id not in ids and page.sudo().key not in keys
        )

    def _compute_visible(self):
        result = super()._compute_visible()
        (self - self._without_hidden()).is_visible = False
        return result

    def _get_response(self, request):
        if not self._without_hidden():
            # Not found.
            return None
        return super()._get_response(request)
