from werkzeug.exceptions import NotFound

from odoo.http import Controller, request, route
from odoo.tools import get_lang

ADDRESS = "<int:contact_id>/<int:company_id>/<string:token>"
STATES = {"yes": "given", "no": "refused"}


class ContactPreferences(Controller):
    """The page on which a person chooses what they may be contacted for, without logging
    in: the signed link of a mail is the right to do so.

    Opening it changes nothing, as programs that follow links do that, too.
    """

    @route(
        f"/contact/preferences/{ADDRESS}",
        type="http",
        auth="public",
        methods=["GET", "POST"],
        website=True,
        sitemap=False,
    )
    def contact_preferences(self, contact_id, company_id, token, purpose=None, **post):
        contact = self._contact(contact_id, company_id, token)
        if not contact:
            return self._invalid()
        saved = request.httprequest.method == "POST"
        if saved:
            contact._answer_preferences(self._chosen(contact, post), "link", self._ip())
        return self._page(
            "crm_extended.contact_preferences",
            {
                "contact": contact,
                "company": contact.env.company,
                "questions": contact._preference_questions(),
                "blacklisted": contact.is_blacklisted,
                "asked": self._number(purpose),
                "saved": saved,
                # Who opens the link of a mail confirms by saving.
                "confirmed": True,
                "action": request.httprequest.path,
            },
        )

    @route(
        f"/contact/unsubscribe/{ADDRESS}",
        type="http",
        auth="public",
        methods=["GET", "POST"],
        csrf=False,
        website=True,
        sitemap=False,
        save_session=False,
    )
    def contact_unsubscribe(self, contact_id, company_id, token, purpose=None, **post):
        """The address of ``List-Unsubscribe``: mail programs post to it without having
        opened a page before, so there is no other token than the signature."""
        contact = self._contact(contact_id, company_id, token)
        if not contact:
            return self._invalid()
        if request.httprequest.method == "POST":
            asked = self._number(purpose)
            # Also of a purpose that was archived after the mail was sent: it may be used
            # again.
            known = {
                each["id"] for each in contact._preference_questions(archived=True)
            }
            if asked not in known:
                return self._invalid()
            contact._answer_preferences({asked: "refused"}, "link", self._ip())
            return request.make_response("OK", [("Content-Type", "text/plain")])
        policy = contact.env["crm.contact.policy"]
        query = f"?purpose={self._number(purpose)}" if self._number(purpose) else ""
        return request.redirect(policy._preference_path(contact) + query)

    def _contact(self, contact_id, company_id, token):
        """The person whom the link belongs to, in their language; empty where it is not
        valid, whatever the reason."""
        if not request.env["crm.feature"]._is_on("consent"):
            return request.env["res.partner"]
        policy = request.env["crm.contact.policy"]
        contact = policy._preference_contact(contact_id, company_id, token)
        lang = get_lang(request.env, contact.lang or None).code
        request.update_context(lang=lang)
        return contact.with_context(lang=lang)

    @staticmethod
    def _chosen(contact, post) -> dict[int, str]:
        """The answers of the form, by id of the purpose."""
        questions = contact._preference_questions()
        if "refuse_all" in post:
            return {each["id"]: "refused" for each in questions}
        return {
            each["id"]: STATES[post[f"purpose_{each['id']}"]]
            for each in questions
            if post.get(f"purpose_{each['id']}") in STATES
        }

    @staticmethod
    def _number(text) -> int:
        # A form can also post a file.
        is_number = isinstance(text, str) and text.isdecimal() and len(text) < 10
        return int(text) if is_number else 0

    @staticmethod
    def _ip():
        return request.httprequest.remote_addr

    @staticmethod
    def _page(template, values, status=200):
        response = request.render(template, values)
        response.status_code = status
        # No cache keeps it, and no other page learns its address.
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    def _invalid(self):
        return self._page(
            "crm_extended.contact_preferences_invalid", {}, status=NotFound.code
        )
