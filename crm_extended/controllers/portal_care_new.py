from werkzeug.exceptions import NotFound

from odoo.exceptions import AccessError, MissingError
from odoo.http import request, route
from odoo.tools import plaintext2html

from ..models.crm_care_case import TYPES
from .portal_care import CarePortal

# What a new case may hold.
MOST_FILES = 10
LONGEST_SUBJECT = 200
LONGEST_TEXT = 20_000


class CareNewPortal(CarePortal):
    """New cases, by type."""

    def _care_previous(self, previous):
        """The case of the user that a new one follows, as superuser; none where it is
        not his."""
        # sudo: what is given back is read as superuser; that it is his is checked below.
        none = request.env["crm.care.case"].sudo().browse()
        if not str(previous or "").isdecimal():
            return none
        try:
            case_sudo = self._care_case(int(previous))
        except (AccessError, MissingError):
            return none
        return case_sudo if self._care_is_own(case_sudo) else none

    def _care_form(self, values, error=None):
        layout = self._prepare_portal_layout_values()
        layout.update(
            {
                "page_name": "care_case_new",
                "types": self._care_types(),
                "values": values,
                "error": error,
                "longest_subject": LONGEST_SUBJECT,
                "longest_text": LONGEST_TEXT,
                "previous": self._care_previous(values.get("previous")),
            }
        )
        return request.render("crm_extended.portal_my_case_new", layout)

    @route(
        "/my/cases/new",
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
        readonly=True,
    )
    def portal_my_case_new(self, **kw):
        if not self._care_team():
            return request.redirect("/my")
        return self._care_form(kw)

    @route("/my/cases/new", type="http", auth="user", methods=["POST"], website=True)
    def portal_my_case_create(self, **post):
        team_sudo = self._care_team()
        if not team_sudo:
            raise NotFound
        files = [
            file
            for file in request.httprequest.files.getlist("attachments")
            if file.filename
        ]
        name, text = (post.get(key, "").strip() for key in ("name", "text"))
        error = None
        if post.get("type") not in dict(TYPES):
            error = self.env._("Choose what it is about.")
        elif not name or not text:
            error = self.env._("Fill in the subject and what we can do for you.")
        elif len(name) > LONGEST_SUBJECT or len(text) > LONGEST_TEXT:
            error = self.env._("This is too long. You can attach it as a file.")
        elif len(files) > MOST_FILES:
            error = self.env._("At most %s files can be attached.", MOST_FILES)
        if error:
            return self._care_form(post, error)
        values = {
            "name": name,
            "type": post["type"],
            "channel": "portal",
            "partner_id": request.env.user.partner_id.id,
        }
        previous = self._care_previous(post.get("previous"))
        case_sudo = self._care_create(team_sudo, previous, values, text, files)
        return request.redirect(case_sudo.access_url)

    def _care_create(self, team_sudo, previous, values, text, files):
        """Open a case, its text as the customer's first message, as in a mail."""
        taken_over = previous._follow_up_values() if previous else {}
        # sudo: customers make cases in no other way than this, of what is in here.
        case_sudo = (
            request.env["crm.care.case"]
            .sudo()
            .create({"team_id": team_sudo.id, **taken_over, **values})
        )
        case_sudo.message_subscribe(case_sudo.partner_id.ids)
        # Files of strangers are text where a browser could run them.
        case_sudo.with_context(attachments_mime_plainxml=True).message_post(
            body=plaintext2html(text),
            author_id=request.env.user.partner_id.id,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            attachments=[(file.filename, file.read()) for file in files],
        )
        case_sudo._acknowledge()
        return case_sudo
