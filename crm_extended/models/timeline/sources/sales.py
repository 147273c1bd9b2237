"""Leads, quotations and orders."""

from .base import TimelineSource


def lead_sources(timeline) -> dict[str, TimelineSource]:
    common = {
        "model": "crm.lead",
        "kind": "lead",
        "label": timeline.env._("Leads"),
        "icon": "fa-handshake-o",
        "links": {"res.partner": "partner_id", "crm.lead": "id"},
        "title": "name",
        "amount": "expected_revenue",
        "currency": "company_currency",
        "has_chatter": True,
    }

    def state(label, color):
        return lambda lead: {"label": label, "color": color}

    return {
        "lead": TimelineSource(
            **common,
            has_opening=True,
            body="description",
            search=("name", "description"),
            state=state(timeline.env._("Created"), "info"),
        ),
        "lead_won": TimelineSource(
            **common,
            date="date_closed",
            domain=[("won_status", "=", "won")],
            search=("name",),
            state=state(timeline.env._("Won"), "success"),
        ),
        "lead_lost": TimelineSource(
            **common,
            date="date_closed",
            domain=[("won_status", "=", "lost")],
            body="lost_reason_id.name",
            search=("name", "lost_reason_id.name"),
            state=state(timeline.env._("Lost"), "danger"),
        ),
    }


def sale_sources(timeline) -> dict[str, TimelineSource]:
    common = {
        "model": "sale.order",
        "date": "date_order",
        "links": {"res.partner": "partner_id"},
        "title": "name",
        "body": "note",
        "search": ("name", "note"),
        "amount": "amount_total",
        "state": "state",
        "colors": {"draft": "muted", "sent": "info", "sale": "success"},
        "has_chatter": True,
    }
    if "opportunity_id" in timeline.env["sale.order"]._fields:
        common["links"]["crm.lead"] = "opportunity_id"
    return {
        "quotation": TimelineSource(
            **common,
            kind="quotation",
            label=timeline.env._("Quotations"),
            icon="fa-file-text-o",
            domain=[("state", "!=", "sale")],
        ),
        "order": TimelineSource(
            **common,
            kind="order",
            label=timeline.env._("Orders"),
            icon="fa-shopping-cart",
            domain=[("state", "=", "sale")],
        ),
    }
