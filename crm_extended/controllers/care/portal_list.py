from operator import itemgetter

from odoo.fields import Domain
from odoo.http import request, route
from odoo.tools import groupby as group_by

from odoo.addons.portal.controllers.portal import pager

from ...models.care.crm_care_stage import CLOSED, OPEN
from .portal import CarePortal, read_number, read_text, require_care


class CareListPortal(CarePortal):
    """The list of cases: searched, filtered, sorted, grouped."""

    def _care_sortings(self) -> dict:
        return {
            "date": {
                "label": self.env._("Newest"),
                "order": "opened_date DESC, id DESC",
            },
            "number": {"label": self.env._("Number"), "order": "number, id"},
            "name": {"label": self.env._("Subject"), "order": "name, id"},
            "outcome": {"label": self.env._("Status"), "order": "outcome, id DESC"},
        }

    def _care_filters(self) -> dict:
        return {
            "all": {"label": self.env._("All"), "domain": Domain.TRUE},
            "open": {
                "label": self.env._("Not Closed"),
                "domain": Domain("outcome", "in", OPEN),
            },
            "waiting": {
                "label": self.env._("Waiting for You"),
                "domain": Domain("outcome", "=", "waiting"),
            },
            "closed": {
                "label": self.env._("Closed"),
                "domain": Domain("outcome", "in", CLOSED),
            },
        }

    def _care_groups(self) -> dict:
        return {
            "none": {"label": self.env._("None"), "field": None},
            "outcome": {"label": self.env._("Status"), "field": "outcome"},
            "type": {"label": self.env._("Type"), "field": "type"},
            "partner_id": {"label": self.env._("Contact"), "field": "partner_id"},
        }

    def _care_inputs(self) -> dict:
        return {
            "all": {"input": "all", "label": self.env._("Search in All")},
            "number": {"input": "number", "label": self.env._("Search in Number")},
            "name": {"input": "name", "label": self.env._("Search in Subject")},
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
        require_care()
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
        search, page = read_text(search), read_number(page)
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
