from werkzeug.exceptions import MethodNotAllowed, NotFound

from odoo.exceptions import AccessError, MissingError
from odoo.fields import Domain
from odoo.http import request, route

from odoo.addons.portal.controllers.portal import CustomerPortal

from ...models.care.crm_care_stage import CLOSED

# Beyond that there is no id in PostgreSQL.
LAST_ID = 2**31 - 1
MOST_DIGITS = len(str(LAST_ID))


def read_number(text) -> int:
    """A number out of an address or a form; 0 for what is none."""
    text = str(text or "")
    if len(text) > MOST_DIGITS or not (text.isascii() and text.isdecimal()):
        return 0
    return int(text)


def read_text(text) -> str:
    """A text as PostgreSQL can store it."""
    return text.replace("\0", "") if isinstance(text, str) else ""


def require_care():
    """:raise NotFound: while service care is switched off"""
    if not request.env["crm.feature"]._is_on("care"):
        raise NotFound


def require_post():
    """Odoo lets OPTIONS pass to each route, and asks it for no token.

    :raise MethodNotAllowed: unless something is posted, which Odoo has checked to come
        from a page of ours
    """
    if request.httprequest.method != "POST":
        raise MethodNotAllowed(valid_methods=["POST"])


class CarePortal(CustomerPortal):
    """Cases as their customers see them.

    Portal users read what ``PORTAL_READABLE`` names, of the cases that the record rule
    gives them. What they write, is written as superuser after `_care_case` has found the
    case to be theirs.
    """

    # -- Home

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if not request.env["crm.feature"]._is_on("care"):
            return values
        if "care_case_count" in counters:
            Case = request.env["crm.care.case"]
            values["care_case_count"] = (
                Case.search_count(self._care_domain()) if Case.has_access("read") else 0
            )
        if not counters:
            values["care_on"] = True
            values["care_open"] = bool(self._care_team())
        return values

    def _care_domain(self) -> Domain:
        """What the list shows of the cases that the user may read: staff find those
        of which they are the customers themselves."""
        if request.env.user.share:
            return Domain.TRUE
        return Domain("partner_id", "=", request.env.user.partner_id.id)

    def _care_team(self):
        """The team that gets new cases of the portal, as superuser; none where no team
        of the company is in the portal."""
        # sudo: customers have no access to teams.
        return (
            request.env["crm.care.team"]
            .sudo()
            .search(
                [
                    ("company_id", "=", request.env.company.id),
                    ("use_portal", "=", True),
                ],
                limit=1,
            )
        )

    # -- Words

    def _care_labels(self) -> dict:
        return {
            "open": self.env._("Open"),
            "waiting": self.env._("Waiting for You"),
            "solved": self.env._("Solved"),
            "cancelled": self.env._("Cancelled"),
        }

    def _care_types(self) -> dict:
        field = request.env["crm.care.case"]._fields["type"]
        return dict(field._description_selection(request.env))

    # -- One case

    def _care_case(self, case_id, access_token=None):
        """A case that the user may see in the portal.

        :return: the case, as superuser
        :raise AccessError: if the user may not see it
        :raise MissingError: if there is none, or its team is not in the portal
        :raise NotFound: while service care is switched off
        """
        require_care()
        if not 0 < case_id <= LAST_ID:
            raise MissingError(self.env._("This document does not exist."))
        if request.env.user._is_internal() or not (access_token or "").isascii():
            # Links are for customers: staff come in by their own right. What is not
            # ASCII is no token, and cannot be compared with one.
            access_token = None
        case_sudo = self._document_check_access("crm.care.case", case_id, access_token)
        if not case_sudo._is_in_portal():
            raise MissingError(self.env._("This document does not exist."))
        # As superuser, but with the user of the request.
        return request.env["crm.care.case"].sudo().browse(case_sudo.id)

    def _care_is_own(self, case_sudo) -> bool:
        """Whether the user may change the state of a case they see: as its customer, or
        by its link without being logged in. Colleagues of the customer may not."""
        user = request.env.user
        return user._is_public() or case_sudo.partner_id == user.partner_id

    def _care_merged_into(self, case_sudo):
        """The case that a closed one was put together with, as superuser, if the user
        sees that in the portal; else none."""
        none = case_sudo.browse()
        target = case_sudo.merged_into_id
        if case_sudo.outcome not in CLOSED or case_sudo._became() == case_sudo:
            return none
        try:
            return self._care_case(target.id)
        except (AccessError, MissingError):
            return none

    @route(
        "/my/cases/<int:case_id>",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
    )
    def portal_my_case(self, case_id, access_token=None, **kw):
        try:
            case_sudo = self._care_case(case_id, access_token)
        except (AccessError, MissingError):
            return request.redirect("/my")
        if elsewhere := self._care_merged_into(case_sudo):
            return request.redirect(elsewhere.access_url)
        user = request.env.user
        own = self._care_is_own(case_sudo)
        closed = case_sudo.outcome in CLOSED
        values = {
            "page_name": "care_case",
            "case": case_sudo,
            "label": self._care_labels()[case_sudo.outcome or "open"],
            "type_label": self._care_types()[case_sudo.type],
            "can_close": own and case_sudo._customer_can_close(),
            "can_reopen": own and case_sudo._customer_can_reopen(),
            "merged": closed and bool(case_sudo.merged_into_id),
            "can_follow_up": own
            and not user._is_public()
            and closed
            and not case_sudo.merged_into_id
            and bool(self._care_team()),
            # An answer opens the case again, if it is not too late.
            "can_answer": (
                not user._is_internal() or case_sudo.sudo(False).has_access("write")
            )
            and (not closed or case_sudo._customer_can_reopen()),
        }
        values = self._get_page_view_values(
            case_sudo, access_token, values, "my_cases_history", False, **kw
        )
        if user.share and not user._is_public():
            # For the chatter. Signed for this user alone: the token would let them write
            # as the customer.
            case_sudo._portal_ensure_token()
            values["pid"] = user.partner_id.id
            values["hash"] = case_sudo._sign_token(user.partner_id.id)
        return request.render("crm_extended.portal_my_case", values)

    # -- Changes

    def _care_change(self, case_id, access_token, can, change):
        require_post()
        try:
            case_sudo = self._care_case(case_id, access_token)
        except (AccessError, MissingError) as error:
            raise NotFound from error
        if not self._care_is_own(case_sudo):
            raise NotFound
        if can(case_sudo):
            change(case_sudo)
        public = request.env.user._is_public()
        return request.redirect(
            case_sudo.get_portal_url() if public else case_sudo.access_url
        )

    @route(
        "/my/cases/<int:case_id>/close",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
    )
    def portal_my_case_close(self, case_id, access_token=None, **kw):
        Case = type(request.env["crm.care.case"])
        return self._care_change(
            case_id, access_token, Case._customer_can_close, Case._close_by_customer
        )

    @route(
        "/my/cases/<int:case_id>/reopen",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
    )
    def portal_my_case_reopen(self, case_id, access_token=None, **kw):
        Case = type(request.env["crm.care.case"])
        return self._care_change(
            case_id, access_token, Case._customer_can_reopen, Case._reopen_by_customer
        )
