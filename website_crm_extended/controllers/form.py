from werkzeug.exceptions import MethodNotAllowed

from odoo import SUPERUSER_ID
from odoo.exceptions import UserError
from odoo.http import request

from odoo.addons.website.controllers import form

# What a new case may hold, as in the portal.
MOST_FILES = 10
LONGEST_TEXT = 20_000

CASE = "crm.care.case"
# Proofs that a person has sent it, which are made anew each time.
OF_EACH_SENDING = {"recaptcha_token_response", "turnstile_captcha"}


class WebsiteForm(form.WebsiteForm):
    """Forms that open a service case."""

    def extract_data(self, model_sudo, values):
        if model_sudo.model == CASE:
            # Odoo lets OPTIONS pass to each route, and asks it for no token.
            if request.httprequest.method != "POST":
                raise MethodNotAllowed(valid_methods=["POST"])
            values = {_text(key): _text(value) for key, value in values.items()}
            files = [value for value in values.values() if hasattr(value, "filename")]
            texts = [value for value in values.values() if isinstance(value, str)]
            if len(files) > MOST_FILES:
                raise UserError(
                    self.env._("At most %s files can be attached.", MOST_FILES)
                )
            if sum(map(len, texts)) > LONGEST_TEXT:
                raise UserError(
                    self.env._("This is too long. You can attach it as a file.")
                )
        return super().extract_data(model_sudo, values)

    def insert_record(self, request, model_sudo, values, custom, meta=None):
        if model_sudo.model != CASE:
            return super().insert_record(request, model_sudo, values, custom, meta=meta)
        # As Odoo does with all forms: visitors have no rights of their own. What they
        # may set is white-listed and looked at in `website_form_input_filter`.
        cases = request.env[CASE].with_user(SUPERUSER_ID)
        token = request.httprequest.form.get("csrf_token")
        if not token:
            return cases._open_by_form(values, custom, meta).id
        # A page has a token of its own, or that of the visitor where it was cached. With
        # the same one, the same form was sent twice.
        key = request.env[CASE]._submission_key(
            token, *_sent_fields(request), *_sent_files(request)
        )
        request.care_case = cases._submitted_case(key, only_recent=True)
        if request.care_case:
            return request.care_case.id
        return cases._open_by_form({**values, "submission_key": key}, custom, meta).id

    def insert_attachment(self, model_sudo, id_record, files):
        if model_sudo.model != CASE:
            return super().insert_attachment(model_sudo, id_record, files)
        if getattr(request, "care_case", None):
            # Sent again: the files are there.
            return None
        case = request.env[CASE].with_user(SUPERUSER_ID).browse(id_record)
        return case._attach_by_form(
            [(_text(file.filename), file.read()) for file in files if file.filename]
        )


def _text(value):
    """What was sent, as PostgreSQL can keep it."""
    return value.replace("\0", "") if isinstance(value, str) else value


def _sent_fields(request):
    """Names and values of the fields as they were filled in."""
    for name, texts in sorted(request.httprequest.form.lists()):
        if name not in OF_EACH_SENDING:
            yield name
            yield from texts


def _sent_files(request):
    """Names and content of the files that were sent."""
    for files in request.httprequest.files.listvalues():
        for file in files:
            yield file.filename or ""
            yield file.read()
            file.seek(0)
