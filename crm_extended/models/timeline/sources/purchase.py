"""Purchases imported from a former system."""

from .base import TimelineSource


def purchase_sources(timeline) -> dict[str, TimelineSource]:
    return {
        "purchase": TimelineSource(
            model="crm.purchase.history",
            kind="purchase",
            label=timeline.env._("Imported Purchases"),
            icon="fa-shopping-bag",
            date="date",
            title=_purchase_title,
            body="channel",
            search=("reference", "channel"),
            author=None,
            amount="amount",
            state=_purchase_state,
            fields=("reference",),
        ),
    }


def _purchase_title(purchase):
    if purchase.reference:
        return purchase.reference
    if purchase.amount < 0:
        return purchase.env._("Refund")
    return purchase.env._("Purchase")


def _purchase_state(purchase):
    if purchase.amount >= 0:
        return False
    return {"label": purchase.env._("Refund"), "color": "warning"}
