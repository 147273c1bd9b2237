from odoo.http import request, route

from odoo.addons.portal.controllers.portal import CustomerPortal

from ...models.insight.crm_referral_link import (
    LONGEST_EMAIL,
    LONGEST_MESSAGE,
    LONGEST_NAME,
)
from ..care.portal import LAST_ID, read_text

FIELDS = ("name", "email", "message")


class ReferralLink(CustomerPortal):
    """The personal link that customers find in the portal, and the page it leads to."""

    # -- Of the customer

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if not counters:
            values["referral_links"] = self._referral_links()
        return values

    def _referral_links(self) -> bool:
        # sudo: a setting of the company whose portal it is.
        company = request.env.company.sudo()
        return request.env["crm.referral.link"]._is_on(company)

    @route(
        "/my/recommend",
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
        readonly=True,
    )
    def portal_my_recommend(self, **kw):
        if not self._referral_links():
            return request.redirect("/my")
        customer = request.env.user.partner_id.commercial_partner_id
        links = request.env["crm.referral.link"]
        values = self._prepare_portal_layout_values()
        values.update(
            {
                "page_name": "recommend",
                "company": request.env.company,
                "link": customer.get_base_url() + links._path(customer),
            }
        )
        return request.render("crm_extended.portal_my_recommend", values)

    # -- Of those who were recommended

    @route(
        "/recommended/<int:customer_id>/<int:company_id>/<string:token>",
        type="http",
        auth="public",
        methods=["GET", "POST"],
        website=True,
        sitemap=False,
    )
    def recommended(self, customer_id, company_id, token, sent=None, **post):
        """Opening it changes nothing, as programs that follow links do that, too."""
        links = request.env["crm.referral.link"]
        recommender = links.browse()
        if max(customer_id, company_id) <= LAST_ID:
            recommender = links._recommender(customer_id, company_id, token)
        if not recommender:
            return self._referral_page("crm_extended.recommended_invalid", {}, 404)
        values = {"company": recommender.env.company, "sent": bool(sent)}
        if request.httprequest.method != "POST":
            return self._referral_form(values)
        form = {name: read_text(post.get(name)).strip() for name in FIELDS}
        if read_text(post.get("url")):
            # Only programs fill in a field that no one sees.
            return request.redirect(f"{request.httprequest.path}?sent=1")
        error = links._error(**form)
        if not error and links._is_full(recommender):
            error = request.env._(
                "Too many messages were sent today. Please try again tomorrow."
            )
        if error:
            return self._referral_form(values | {"error": error, "form": form})
        links._receive(recommender, **form)
        return request.redirect(f"{request.httprequest.path}?sent=1")

    def _referral_form(self, values):
        return self._referral_page(
            "crm_extended.recommended",
            {
                "form": {},
                "error": None,
                "longest_name": LONGEST_NAME,
                "longest_email": LONGEST_EMAIL,
                "longest_message": LONGEST_MESSAGE,
                **values,
            },
        )

    @staticmethod
    def _referral_page(template, values, status=200):
        response = request.render(template, values, status=status)
        # The address is a secret: no other site learns it, and nothing keeps it.
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex"
        response.headers["Cache-Control"] = "no-store"
        return response
