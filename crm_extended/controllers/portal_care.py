from operator import itemgetter

from werkzeug.exceptions import NotFound

from odoo.exceptions import AccessError, MissingError
from odoo.fields import Domain
from odoo.http import request, route
from odoo.tools import groupby as group_by
from odoo.tools import plaintext2html

from odoo.addons.portal.controllers.portal import CustomerPortal, pager

from ..models.crm_care_case import TYPES
from ..models.crm_care_stage import CLOSED

# What a new case may hold.
MOST_FILES = 10
LONGEST_SUBJECT = 200
LONGEST_TEXT = 20_000

# Beyond that there is no id in PostgreSQL.
LAST_ID = 2**31 - 1


class CarePortal(CustomerPortal):
    """Cases as their customers see them.

    Portal users read what ``PORTAL_READABLE`` names, of the cases that the record rule
    gives them. What they write, is written as superuser after `_care_case` has found the
    case to be theirs.
    """

    # -- Home

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "care_case_count" in counters:
            Case = request.env["crm.care.case"]
            values["care_case_count"] = (
                Case.search_count(self._care_domain()) if Case.has_access("read") else 0
            )
        if not counters:
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

    # -- The list

    def _care_labels(self) -> dict:
        _ = request.env._
        return {
            "open": _("Open"),
            "waiting": _("Waiting for You"),
            "solved": _("Solved"),
            "cancelled": _("Cancelled"),
        }

    def _care_types(self) -> dict:
        field = request.env["crm.care.case"]._fields["type"]
        return dict(field._description_selection(request.env))

    def _care_sortings(self) -> dict:
        _ = request.env._
        return {
            "date": {"label": _("Newest"), "order": "opened_date DESC, id DESC"},
            "number": {"label": _("Number"), "order": "number, id"},
            "name": {"label": _("Subject"), "order": "name, id"},
            "outcome": {"label": _("Status"), "order": "outcome, id DESC"},
        }

    def _care_filters(self) -> dict:
        _ = request.env._
        return {
            "all": {"label": _("All"), "domain": Domain.TRUE},
            "open": {
                "label": _("Not Closed"),
                "domain": Domain("outcome", "in", ("open", "waiting")),
            },
            "waiting": {
                "label": _("Waiting for You"),
                "domain": Domain("outcome", "=", "waiting"),
            },
            "closed": {
                "label": _("Closed"),
                "domain": Domain("outcome", "in", CLOSED),
            },
        }

    def _care_groups(self) -> dict:
        _ = request.env._
        return {
            "none": {"label": _("None"), "field": None},
            "outcome": {"label": _("Status"), "field": "outcome"},
            "type": {"label": _("Type"), "field": "type"},
            "partner_id": {"label": _("Contact"), "field": "partner_id"},
        }

    def _care_inputs(self) -> dict:
        _ = request.env._
        return {
            "all": {"input": "all", "label": _("Search in All")},
            "number": {"input": "number", "label": _("Search in Number")},
            "name": {"input": "name", "label": _("Search in Subject")},
        }

    def _care_search(self, search_in, search) -> Domain:
        if not search:
            return Domain.TRUE
        names = (search_in,) if search_in in ("number", "name") else ("number", "name")
        return Domain.OR(Domain(name, "ilike", search) for name in names)

    @route(
        ["/my/cases", "/my/cases/page/<int:page>"],
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
        readonly=True,
    )
    def portal_my_cases(
        self,
        page=1,
        sortby=None,
        filterby=None,
        groupby=None,
        search=None,
        search_in="all",
        **kw,
    ):
        Case = request.env["crm.care.case"]
        if not Case.has_access("read"):
            return request.redirect("/my")
        sortings, filters = self._care_sortings(), self._care_filters()
        groups, inputs = self._care_groups(), self._care_inputs()
        # What the address says is a key, never a field, an order or a domain.
        sortby = sortby if sortby in sortings else "date"
        filterby = filterby if filterby in filters else "all"
        groupby = groupby if groupby in groups else "none"
        search_in = search_in if search_in in inputs else "all"
        domain = (
            self._care_domain()
            & filters[filterby]["domain"]
            & self._care_search(search_in, search)
        )
        pages = pager(
            url="/my/cases",
            url_args={
                "sortby": sortby,
                "filterby": filterby,
                "groupby": groupby,
                "search_in": search_in,
                "search": search,
            },
            total=Case.search_count(domain),
            page=page,
            step=self._items_per_page,
        )
        order, field = sortings[sortby]["order"], groups[groupby]["field"]
        cases = Case.search(
            domain,
            order=f"{field}, {order}" if field else order,
            limit=self._items_per_page,
            offset=pages["offset"],
        )
        request.session["my_cases_history"] = cases.ids[:100]
        values = self._prepare_portal_layout_values()
        values.update(
            {
                "grouped_cases": [
                    Case.concat(*found)
                    for _key, found in group_by(cases, itemgetter(field))
                ]
                if field
                else [cases] * bool(cases),
                "page_name": "care_case",
                "default_url": "/my/cases",
                "pager": pages,
                "labels": self._care_labels(),
                "types": self._care_types(),
                "can_open": bool(self._care_team()),
                "searchbar_sortings": sortings,
                "searchbar_filters": filters,
                "searchbar_groupby": groups,
                "searchbar_inputs": inputs,
                "sortby": sortby,
                "filterby": filterby,
                "groupby": groupby,
                "search_in": search_in,
                "search": search,
            }
        )
        return request.render("crm_extended.portal_my_cases", values)

    # -- One case

    def _care_case(self, case_id, access_token=None):
        """A case that the user may see in the portal.

        :return: the case, as superuser
        :raise AccessError: if he may not
        :raise MissingError: if there is none, or its team is not in the portal
        """
        if case_id > LAST_ID:
            raise MissingError(request.env._("This document does not exist."))
        if request.env.user._is_internal() or not (access_token or "").isascii():
            # Links are for customers: staff come in by their own right. What is not
            # ASCII is no token, and cannot be compared with one.
            access_token = None
        case_sudo = self._document_check_access("crm.care.case", case_id, access_token)
        if not case_sudo._is_in_portal():
            raise MissingError(request.env._("This document does not exist."))
        # As superuser, but still the user whom it comes from.
        return request.env["crm.care.case"].sudo().browse(case_sudo.id)

    def _care_is_own(self, case_sudo) -> bool:
        """Whether the user changes the state of a case that he sees: its customer, or
        who was sent its link and is not logged in. Not his colleagues."""
        user = request.env.user
        return user._is_public() or case_sudo.partner_id == user.partner_id

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
            "can_follow_up": own
            and not user._is_public()
            and closed
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
            # For the chatter. Signed for him alone: the token would let him write as
            # the customer.
            case_sudo._portal_ensure_token()
            values["pid"] = user.partner_id.id
            values["hash"] = case_sudo._sign_token(user.partner_id.id)
        return request.render("crm_extended.portal_my_case", values)

    # -- Changes

    def _care_change(self, case_id, access_token, can, change):
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

    # -- A new case

    def _care_previous(self, previous):
        """The case of the user that a new one follows, as superuser; none where it is
        not his."""
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
        _ = request.env._
        error = None
        if post.get("type") not in dict(TYPES):
            error = _("Choose what it is about.")
        elif not name or not text:
            error = _("Fill in the subject and what we can do for you.")
        elif len(name) > LONGEST_SUBJECT or len(text) > LONGEST_TEXT:
            error = _("This is too long. You can attach it as a file.")
        elif len(files) > MOST_FILES:
            error = _("At most %s files can be attached.", MOST_FILES)
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
        return case_sudo
