from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal

# How many products an order shows.
SHOWN = 3


class InsightPortal(CustomerPortal):
    """What customers like the one of an order also bought, in companies that show it."""

    def _get_page_view_values(self, document, *args, **kwargs):
        values = super()._get_page_view_values(document, *args, **kwargs)
        if document._name == "sale.order":
            values["also_bought"] = self._get_also_bought(document)
        return values

    def _get_also_bought(self, order):
        """Only for the customer themselves: others may have been given the link, and what
        is recommended tells what was bought.

        :param sale.order order: as superuser
        """
        user = request.env.user
        customer = user.partner_id.commercial_partner_id
        if (
            # All visitors are one contact.
            user._is_public()
            or not order.company_id.recommend_in_portal
            or order.partner_id.commercial_partner_id != customer
        ):
            return []
        return order._recommend(SHOWN, published=True)
