"""The sources of the timeline in the addon itself."""

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..entry import channel_of
from .activity import ActivitySource
from .base import TimelineSource
from .message import MessageSource


class CrmTimeline(models.AbstractModel):
    _inherit = "crm.timeline"

    @api.model
    def _timeline_sources(self) -> dict[str, TimelineSource]:
        """Where entries come from: the hook for other apps.

        An addon adds an entry to what ``super()`` gives. Its key becomes part of the
        entries' ids and of cursors: letters, digits and underscores.

        :return: sources by key; those whose model the reader may not read are left out
            by the caller
        """
        return {
            **super()._timeline_sources(),
            **self._talk_sources(),
            **self._lead_sources(),
            **self._sale_sources(),
            **self._account_sources(),
            **self._standing_sources(),
        }

    @api.model
    def _talk_sources(self):
        return {
            "message": MessageSource(
                model="mail.message",
                kind="message",
                label=self.env._("Messages"),
                kinds=self._message_kinds(),
            ),
            "activity": ActivitySource(
                model="mail.activity",
                kind="activity",
                label=self.env._("Activities"),
                icon="fa-check",
                date="date_deadline",
                links={},
                body="note",
                search=("summary", "note", "activity_type_id.name"),
                channel=self._activity_channel,
            ),
            "meeting": TimelineSource(
                model="calendar.event",
                kind="meeting",
                label=self.env._("Meetings"),
                icon="fa-calendar",
                date="start",
                all_day="allday",
                day="start_date",
                # Others see of a private meeting that somebody is busy, and nothing here.
                domain=self._meetings_domain,
                links={"res.partner": "partner_ids", "crm.lead": "opportunity_id"},
                title="name",
                body="description",
                search=("name", "description"),
                is_calendar=True,
                with_archived=False,
            ),
            "interaction": TimelineSource(
                model="crm.interaction",
                kind="interaction",
                label=self.env._("Logged Contacts"),
                icon="fa-phone",
                date="date",
                links={
                    "res.partner": "partner_id",
                    "crm.lead": "lead_id",
                    "crm.care.case": "case_id",
                },
                title=self._interaction_title,
                body="summary",
                search=("summary", "channel", "outcome"),
                state="outcome",
                colors={
                    "reached": "success",
                    "done": "success",
                    "callback": "warning",
                    "left_message": "info",
                    "no_answer": "muted",
                },
                direction="direction",
                fields=("channel",),
                channel=self._interaction_channel,
            ),
            "rating": TimelineSource(
                model="rating.rating",
                kind="rating",
                label=self.env._("Ratings"),
                icon="fa-star",
                date="rated_on",
                domain=self._ratings_domain,
                title=lambda rating: rating.res_name or rating.display_name,
                body="feedback",
                search=("res_name", "feedback"),
                author="partner_id",
                state="rating_text",
                colors={"top": "success", "ok": "warning", "ko": "danger"},
                direction="in",
            ),
        }

    @api.model
    def _message_kinds(self):
        kinds = {
            "email": (self.env._("Emails"), "fa-envelope"),
            "message": (self.env._("Messages"), "fa-comment"),
        }
        if self.env.user._is_internal():
            kinds["note"] = self.env._("Notes"), "fa-sticky-note"
            kinds["activity"] = self.env._("Activities"), "fa-check"
        return kinds

    @staticmethod
    def _activity_channel(activity):
        if activity.activity_category != "phonecall":
            return False
        return channel_of(activity.env, "phone")

    @staticmethod
    def _interaction_channel(interaction):
        return channel_of(interaction.env, interaction.channel)

    @api.model
    def _interaction_title(self, interaction):
        return self._interaction_channel(interaction)["label"]

    @api.model
    def _lead_sources(self):
        common = {
            "model": "crm.lead",
            "kind": "lead",
            "label": self.env._("Leads"),
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
                body="description",
                search=("name", "description"),
                state=state(self.env._("Created"), "info"),
            ),
            "lead_won": TimelineSource(
                **common,
                date="date_closed",
                domain=[("won_status", "=", "won")],
                search=("name",),
                state=state(self.env._("Won"), "success"),
            ),
            "lead_lost": TimelineSource(
                **common,
                date="date_closed",
                domain=[("won_status", "=", "lost")],
                body="lost_reason_id.name",
                search=("name", "lost_reason_id.name"),
                state=state(self.env._("Lost"), "danger"),
            ),
        }

    @api.model
    def _sale_sources(self):
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
        if "opportunity_id" in self.env["sale.order"]._fields:
            common["links"]["crm.lead"] = "opportunity_id"
        return {
            "quotation": TimelineSource(
                **common,
                kind="quotation",
                label=self.env._("Quotations"),
                icon="fa-file-text-o",
                domain=[("state", "!=", "sale")],
            ),
            "order": TimelineSource(
                **common,
                kind="order",
                label=self.env._("Orders"),
                icon="fa-shopping-cart",
                domain=[("state", "=", "sale")],
            ),
        }

    @api.model
    def _account_sources(self):
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
                label=self.env._("Invoices"),
                icon="fa-file-text",
                domain=posted
                & Domain("move_type", "in", ("out_invoice", "out_receipt")),
                amount="amount_total",
            ),
            "credit_note": TimelineSource(
                **common,
                kind="credit_note",
                label=self.env._("Credit Notes"),
                icon="fa-undo",
                domain=posted & Domain("move_type", "=", "out_refund"),
                amount=lambda move: -move.amount_total,
            ),
            "payment": TimelineSource(
                model="account.payment",
                kind="payment",
                label=self.env._("Payments"),
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
                    payment.amount
                    if payment.payment_type == "inbound"
                    else -payment.amount
                ),
                state="state",
                colors={"paid": "success", "in_process": "info"},
            ),
        }

    @api.model
    def _standing_sources(self):
        return {
            "tier": TimelineSource(
                model="crm.loyalty.change",
                kind="tier",
                label=self.env._("Loyalty Tiers"),
                icon="fa-trophy",
                date="date",
                # Of tiers that have been deleted since, the names are left.
                domain=self._moved("old_tier_id", "new_tier_id")
                | self._moved("old_tier_name", "new_tier_name"),
                title=self._tier_title,
                body="note",
                search=(
                    "old_tier_id.name",
                    "new_tier_id.name",
                    "old_tier_name",
                    "new_tier_name",
                    "note",
                ),
                author=None,
                state="reason",
                colors={
                    "earned": "success",
                    "fell": "warning",
                    "taken_back": "warning",
                },
            ),
            "segment": TimelineSource(
                model="crm.rfm.change",
                kind="segment",
                label=self.env._("Segments"),
                icon="fa-pie-chart",
                date="date",
                domain=self._moved("old_segment_id", "new_segment_id"),
                title=self._segment_title,
                search=("old_segment_id.name", "new_segment_id.name"),
                author=None,
                state="reason",
            ),
        }

    @api.model
    def _moved(self, old, new) -> Domain:
        """Changes that led somewhere else."""

        def to_sql(model, alias, query):
            return SQL(
                "%s IS DISTINCT FROM %s",
                model._field_to_sql(alias, old, query),
                model._field_to_sql(alias, new, query),
            )

        return Domain.custom(to_sql=to_sql)

    @staticmethod
    def _tier_title(change):
        return f"{change.old_tier_label or '–'} → {change.new_tier_label or '–'}"

    @staticmethod
    def _segment_title(change):
        segments = change.old_segment_id, change.new_segment_id
        return " → ".join(segment.name or "–" for segment in segments)
