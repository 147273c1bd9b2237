from odoo import models

from .groups import USE_INSIGHT


class ResPartner(models.Model):
    """Contacts show what their customer prefers to buy (``res_partner_preferences.py``) and
    what customers like them also bought, once they are unfolded."""

    _inherit = "res.partner"

    def _get_customer_figures(self):
        figures = super()._get_customer_figures()
        if not self.env.user.has_group(USE_INSIGHT):
            return figures
        return figures | {"also_bought": self._also_bought_figure}

    def _also_bought_figure(self):
        """The recommended products in one line, for the forms of leads."""
        rows = self._also_bought_rows()
        return (
            {
                "label": self.env._("Customers like this also bought"),
                "text": " · ".join(row["text"] for row in rows),
            }
            if rows
            else None
        )

    def _get_customer_blocks(self):
        blocks = super()._get_customer_blocks()
        if not self.env.user.has_group(USE_INSIGHT):
            return blocks
        return blocks | {
            "preferences": {
                "title": self.env._("Preferences"),
                "sequence": 35,
                "rows": self._preferences_rows,
            },
            "also_bought": {
                "title": self.env._("Customers Like This Also Bought"),
                "sequence": 55,
                "rows": self._also_bought_rows,
            },
        }

    def _also_bought_rows(self):
        recommendation = self.env["crm.product.recommendation"]
        return [
            {
                "label": "",
                "text": self.env._(
                    "%(product)s, because they bought %(because)s",
                    product=found.product.display_name,
                    because=found.because.display_name,
                ),
                "res_model": found.product._name,
                "res_id": found.product.id,
            }
            for found in recommendation._recommend(self, self.env.company)
        ]
