"""Invoices, credit notes and payments."""

from odoo.fields import Domain

from .base import TimelineSource


def account_sources(timeline) -> dict[str, TimelineSource]:
    common = {
        "model": "account.move",
        "date": "invoice_date",
        "title": "name",
        "body": "ref",
        "search": ("name", "ref"),
        "author": "invoice_user_id",
        "state": "payment_state",
        "colors": {
            "paid": "success",
            "in_payment": "success",
            "partial": "warning",
            "not_paid": "info",
        },
        "has_chatter": True,
    }
    posted = Domain("state", "=", "posted")
    return {
        "invoice": TimelineSource(
            **common,
            kind="invoice",
            label=timeline.env._("Invoices"),
            icon="fa-file-text",
            domain=posted & Domain("move_type", "in", ("out_invoice", "out_receipt")),
            amount="amount_total",
        ),
        "credit_note": TimelineSource(
            **common,
            kind="credit_note",
            label=timeline.env._("Credit Notes"),
            icon="fa-undo",
            domain=posted & Domain("move_type", "=", "out_refund"),
            amount=lambda move: -move.amount_total,
        ),
        "payment": TimelineSource(
            model="account.payment",
            kind="payment",
            label=timeline.env._("Payments"),
            icon="fa-money",
            date="date",
            domain=[
                ("state", "in", ("in_process", "paid")),
                ("partner_type", "=", "customer"),
            ],
            title=lambda payment: payment.name or payment.display_name,
            body="memo",
            search=("name", "memo"),
            author="create_uid",
            amount=lambda payment: (
                payment.amount if payment.payment_type == "inbound" else -payment.amount
            ),
            state="state",
            colors={"paid": "success", "in_process": "info"},
        ),
    }
