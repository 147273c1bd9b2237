from uuid import uuid4

from werkzeug.exceptions import NotFound

from odoo.exceptions import AccessError, MissingError
from odoo.http import request, route
from odoo.tools import plaintext2html

from ...models.care.crm_care_case import TYPES
from .portal import CarePortal, read_number, read_text, require_care, require_post

# What a new case may hold.
MOST_FILES = 10
LONGEST_SUBJECT = 200
LONGEST_TEXT = 20_000


class CareNewPortal(CarePortal):
    """New cases, by type."""

    def _care_previous(self, previous):
        """The case of the user that a new one follows, as superuser; none where it is
        not theirs."""
        # sudo: the case is returned as superuser; that it is the user's is checked below.
        none = request.env["crm.care.case"].sudo().browse()
        try:
            case_sudo = self._care_case(read_number(previous))
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
                # Tells a form that is sent again from one that is opened again.
                "form_token": (error and values.get("form_token")) or uuid4().hex,
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
        require_care()
        if not self._care_team():
            return request.redirect("/my")
        return self._care_form(kw)

    @route("/my/cases/new", type="http", auth="user", methods=["POST"], website=True)
    def portal_my_case_create(self, **post):
        require_post()
        require_care()
        team_sudo = self._care_team()
        if not team_sudo:
            raise NotFound
        files = [
            (read_text(file.filename), file.read())
            for file in request.httprequest.files.getlist("attachments")
            if file.filename
        ]
        name, text = (read_text(post.get(key)).strip() for key in ("name", "text"))
        if error := self._care_error(post.get("type"), name, text, files):
            return self._care_form(post, error)
        values = {
            "name": name,
            "type": post["type"],
            "channel": "portal",
            "partner_id": request.env.user.partner_id.id,
        }
        previous = self._care_previous(post.get("previous"))
        # sudo: customers make cases in no other way than this, of what is in here.
        Case, token = request.env["crm.care.case"].sudo(), post.get("form_token")
        key = Case._submission_key(
            token, team_sudo.id, previous.id, *values.values(), text, *sum(files, ())
        )
        case_sudo = Case._submitted_case(
            key, only_recent=not token
        ) or self._care_create(
            team_sudo, previous, {**values, "submission_key": key}, text, files
        )
        return request.redirect(case_sudo.access_url)

    def _care_error(self, kind, name, text, files):
        """What is wrong with a form, in the customer's words."""
        if kind not in dict(TYPES):
            return self.env._("Choose what it is about.")
        if not name or not text:
            return self.env._("Fill in the subject and how we can help you.")
        if len(name) > LONGEST_SUBJECT or len(text) > LONGEST_TEXT:
            return self.env._("This is too long. You can attach it as a file.")
        if len(files) > MOST_FILES:
            return self.env._("At most %s files can be attached.", MOST_FILES)
        return None

    def _care_create(self, team_sudo, previous, values, text, files):
        """Open a case, its text as the customer's first message, as in a mail."""
        taken_over = previous._follow_up_values() if previous else {}
        # sudo: see the caller.
        case_sudo = (
            request.env["crm.care.case"]
            .sudo()
            ._create_submitted({"team_id": team_sudo.id, **taken_over, **values})
        )
        case_sudo.message_subscribe(case_sudo.partner_id.ids)
        # Files of strangers are text where a browser could run them.
        case_sudo.with_context(attachments_mime_plainxml=True).message_post(
            body=plaintext2html(text),
            author_id=request.env.user.partner_id.id,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            attachments=files,
        )
        case_sudo._acknowledge()
        return case_sudo
