from odoo import models


class Website(models.Model):
    """The site map, searches and suggested links leave out pages that a feature hides."""

    _inherit = "website"

    def _get_website_pages(self, domain=None, order="name", limit=None):
        pages = super()._get_website_pages(domain=domain, order=order, limit=limit)
        return pages._without_hidden()
