from odoo.http import request, route

from odoo.addons.portal.controllers.portal import CustomerPortal

from .preferences import ContactPreferences


class ConsentPortal(CustomerPortal):
    """The same page for customers who are logged in: for themselves, and the company whose
    portal it is."""

    @route(
        "/my/preferences",
        type="http",
        auth="user",
        methods=["GET", "POST"],
        website=True,
    )
    def portal_my_preferences(self, **post):
        if not request.env["crm.feature"]._is_on("consent"):
            return request.redirect("/my")
        # sudo: portal users have no access to purposes; these are their own answers.
        contact = request.env.user.partner_id.sudo().with_company(request.env.company)
        saved = request.httprequest.method == "POST"
        if saved:
            chosen = ContactPreferences._chosen(contact, post)
            ip = request.httprequest.remote_addr
            contact._answer_preferences(chosen, "portal", ip)
        values = self._prepare_portal_layout_values()
        values.update(
            {
                "contact": contact,
                "company": contact.env.company,
                "questions": contact._preference_questions(),
                "blacklisted": contact.is_blacklisted,
                "asked": 0,
                "saved": saved,
                "confirmed": False,
                "action": "/my/preferences",
                "page_name": "contact_preferences",
            }
        )
        return request.render("crm_extended.portal_my_preferences", values)

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if not counters:
            values["contact_policy"] = request.env["crm.feature"]._is_on("consent")
        return values
