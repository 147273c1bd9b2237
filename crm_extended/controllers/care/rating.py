from werkzeug.exceptions import BadRequest, NotFound

from odoo.exceptions import ValidationError
from odoo.http import request, route
from odoo.tools import get_lang

from odoo.addons.rating.controllers.main import Rating
from odoo.addons.rating.models.rating_data import (
    RATING_HAPPY_VALUE,
    RATING_NEUTRAL_VALUE,
    RATING_UNHAPPY_VALUE,
)

from ...models.care.crm_care_satisfaction import HIGHEST, LOWEST
from .portal import CarePortal

FACES = (RATING_HAPPY_VALUE, RATING_NEUTRAL_VALUE, RATING_UNHAPPY_VALUE)
LONGEST_COMMENT = 4000


class CareRating(Rating):
    """The form that Odoo's link to a rating opens, for ratings of cases.

    The link is the right to answer, once. Opening it stores nothing: programs that look
    into mails do that, too. The page's own script posts the face that was clicked in the
    mail, with the page's token; the form adds the rest to that answer, or corrects it.
    Users who are logged in must be of the customer's company, as Odoo has it for other
    ratings.
    """

    @route()
    def action_open_rating(self, token, rate, **kwargs):
        rating = self._care_rating(token)
        if rating is None:
            return super().action_open_rating(token, rate, **kwargs)
        if refusal := self._care_refusal(rating, token):
            return refusal
        if request.httprequest.method != "POST":
            clicked = rate if rate in FACES else None
            return self._care_form(rating, token, {"rate": str(rate)}, clicked=clicked)
        if rate not in FACES:
            raise BadRequest
        # sudo: the token, checked above, gives the right to answer.
        case = request.env["crm.care.case"].sudo().browse(rating.res_id)
        answer = case._keep_face(rating, rate)
        return request.make_json_response(
            {"rate": answer.rating, "face": self._care_faces().get(answer.rating)}
        )

    @route()
    def action_submit_rating(self, token, rate=0, **kwargs):
        rating = self._care_rating(token)
        if rating is None:
            return super().action_submit_rating(token, rate=rate, **kwargs)
        if refusal := self._care_refusal(rating, token):
            return refusal
        if request.httprequest.method != "POST":
            return self._care_form(rating, token, {})
        post = {**kwargs, "rate": rate}
        try:
            values = self._care_parse(rating, post)
        except ValidationError as error:
            return self._care_form(rating, token, post, error=error.args[0], status=400)
        # sudo: the token, checked above, gives the right to answer.
        case = request.env["crm.care.case"].sudo().browse(rating.res_id)
        case._rate_by_customer(rating, **values)
        return request.redirect(f"/rate/{token}/submit_feedback")

    # -- Who may

    def _care_rating(self, token):
        """The rating of a case that a link is for.

        :return: as superuser; empty where the link is of nothing, None where it is of
            something else than a case
        """
        # What is not of letters and digits is no token, and may be no text for PostgreSQL.
        if not (token.isascii() and token.isalnum()):
            return request.env["rating.rating"]
        try:
            rating, record = self._get_rating_and_record(token)
        except NotFound:
            # sudo: as in Odoo's method, the token gives the right.
            answers = request.env["crm.care.satisfaction"].sudo()
            return answers.search([("reply_token", "=", token)], limit=1).rating_id
        return rating if record._name == "crm.care.case" else None

    def _care_answer(self, rating):
        # sudo: the token gives the right to see what was asked and answered.
        answers = request.env["crm.care.satisfaction"].sudo()
        return answers.search([("rating_id", "=", rating.id)])

    def _care_refusal(self, rating, token):
        """The page that says why a link does not lead to the form; None if it does."""
        lang = rating.partner_id.lang if rating else None
        request.update_context(lang=get_lang(request.env, lang).code)
        if not rating or not request.env["crm.feature"]._is_on("care"):
            return self._care_page(
                "crm_extended.care_rating_invalid", {}, status=NotFound.code
            )
        user = request.env.user
        customer = rating.partner_id.commercial_partner_id
        if not user._is_public() and user.partner_id.commercial_partner_id != customer:
            return self._care_page(
                "rating.rating_external_page_invalid_partner",
                {
                    "model_name": request.env["ir.model"]
                    ._get(rating.res_model)
                    .display_name,
                    "name": rating.res_name,
                    "web_base_url": rating.get_base_url(),
                },
                status=403,
            )
        if rating.consumed and self._care_answer(rating).reply_token != token:
            posted = request.httprequest.method == "POST"
            return self._care_page(
                "crm_extended.care_rating_used",
                {"posted": posted},
                status=409 if posted else 200,
            )
        return None

    # -- The form

    def _care_page(self, template, values, status=200):
        response = request.render(template, values)
        response.status_code = status
        return response

    def _care_faces(self) -> dict:
        return {
            RATING_UNHAPPY_VALUE: self.env._("Unhappy"),
            RATING_NEUTRAL_VALUE: self.env._("Neutral"),
            RATING_HAPPY_VALUE: self.env._("Happy"),
        }

    def _care_form(self, rating, token, post, error=None, status=200, clicked=None):
        """
        :param int clicked: the face of the mail that the page is opened with
        """
        # sudo: the token gives the right to see the questions and their case.
        case = request.env["crm.care.case"].sudo().browse(rating.res_id)
        answer = self._care_answer(rating)
        faces = self._care_faces()
        kept = answer.rating if rating.consumed else None
        post = {key: value for key, value in post.items() if isinstance(value, str)}
        return self._care_page(
            "crm_extended.care_rating_form",
            {
                "case": case,
                "token": token,
                "post": post if clicked or not kept else {"rate": str(kept), **post},
                "error": error,
                "faces": faces,
                # What is saved, and what the page's script is to save.
                "kept": faces.get(kept),
                "clicked": clicked if not kept else None,
                "scale": range(LOWEST, HIGHEST + 1),
                "ask_expectation": case.team_id.ask_expectation,
                "ask_nps": answer.nps_asked,
                "longest_comment": LONGEST_COMMENT,
            },
            status=status,
        )

    def _care_parse(self, rating, post) -> dict:
        """What the form was filled in with.

        :raise ValidationError: in the customer's words, if it cannot be used
        """
        rate = self._care_number(post.get("rate"), 0, max(FACES))
        if rate not in FACES:
            raise ValidationError(self.env._("Please choose one of the three faces."))
        expected, perceived = (
            self._care_number(post.get(name), LOWEST, HIGHEST)
            for name in ("expected", "perceived")
        )
        if (expected is None) != (perceived is None):
            raise ValidationError(
                self.env._(
                    "Please answer both questions from 1 (poor) to 10 (excellent), or "
                    "neither."
                )
            )
        comment = post.get("feedback")
        # PostgreSQL has no text with NUL in it.
        comment = comment.replace("\0", "") if isinstance(comment, str) else ""
        return {
            "rate": rate,
            "comment": comment.strip()[:LONGEST_COMMENT],
            "expected": expected or 0,
            "perceived": perceived or 0,
            "nps": self._care_number(post.get("nps"), 0, HIGHEST),
        }

    def _care_number(self, text, lowest, highest):
        """:return: the number, None for no answer"""
        if text in (None, "", 0):
            return None
        number = (
            int(text)
            if isinstance(text, str)
            and len(text) <= 2
            and text.isascii()
            and text.isdecimal()
            else None
        )
        if number is None or not lowest <= number <= highest:
            raise ValidationError(
                self.env._(
                    "Please choose a number from %(lowest)s to %(highest)s.",
                    lowest=lowest,
                    highest=highest,
                )
            )
        return number


class CareRatingPortal(CarePortal):
    """The way to the form from a case in the portal."""

    def _get_page_view_values(
        self,
        document,
        access_token,
        values,
        session_history,
        no_breadcrumbs,
        **kwargs,
    ):
        values = super()._get_page_view_values(
            document, access_token, values, session_history, no_breadcrumbs, **kwargs
        )
        if document._name == "crm.care.case":
            values["can_rate"] = (
                self._care_is_customer(document) and document._customer_can_rate()
            )
        return values

    def _care_is_customer(self, case_sudo) -> bool:
        """Whether the user is surely the customer. The link of the case may have been
        sent to a colleague, who rates by a link of their own."""
        user = request.env.user
        return not user._is_public() and case_sudo.partner_id == user.partner_id

    @route(
        "/my/cases/<int:case_id>/rate",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
    )
    def portal_my_case_rate(self, case_id, access_token=None, **kw):
        found = []
        Case = type(request.env["crm.care.case"])
        page = self._care_change(
            case_id, access_token, Case._customer_can_rate, found.append
        )
        if not found:
            return page
        [case_sudo] = found
        if not self._care_is_customer(case_sudo):
            return page
        token = case_sudo._satisfaction_request().rating_id.access_token
        return request.redirect(f"/rate/{token}/submit_feedback")
