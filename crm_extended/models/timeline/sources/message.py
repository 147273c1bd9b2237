"""Messages in the timeline: mails, notes, comments, and activities that were done."""

from collections import defaultdict
from dataclasses import dataclass

from odoo.tools import is_html_empty

from ..actions import compose_mail, may_post_on
from ..entry import (
    CONTACT_NAME_FIELDS,
    author_of,
    channel_of,
    contact_of,
    html_text,
    name_of,
    read_names,
    shorten,
    split_done,
    split_title,
)
from .message_count import MessageCount

SHOWN_FIELDS = (
    "model",
    "res_id",
    "date",
    "author_id",
    "partner_ids",
    "message_type",
    "subtype_id",
    "is_internal",
    "mail_activity_type_id",
    "subject",
    "body",
)


@dataclass(kw_only=True)
class MessageSource(MessageCount):
    """Messages on the customer's records, and mails the customer sent or received."""

    #: title by kind, of messages on the record itself that have none
    titles: dict

    def entries(self, scope, ids, now):
        Message = scope.env["mail.message"].with_context(prefetch_fields=False)
        messages = Message.browse(ids)
        messages.fetch(SHOWN_FIELDS)
        read_names(messages, "author_id", "partner_ids")
        documents = self._readable_documents(scope, messages)
        changes = self._changes(messages)
        entries = {
            message.id: self._entry(
                scope,
                message,
                message_sudo,
                documents.get((message.model, message.res_id)),
                changes.get(message.id, ""),
            )
            # sudo: the subtype's name and flags and the author of messages that the reader
            # may read, as the chatter shows them.
            for message, message_sudo in zip(messages, messages.sudo(), strict=True)
        }
        self._offer_replies(scope, entries)
        return entries

    @staticmethod
    def _offer_replies(scope, entries):
        """Mails and messages on records where the reader may post are answered there."""
        if not scope.env.user._is_internal():
            return
        answered = defaultdict(set)
        for entry in entries.values():
            if entry["record"] and entry["kind"] in ("email", "message"):
                answered[entry["record"]["model"]].add(entry["record"]["id"])
        postable = {
            model: may_post_on(scope.env[model].browse(sorted(ids)))
            for model, ids in answered.items()
        }
        for entry in entries.values():
            record = entry["record"]
            if (
                record
                and entry["kind"] in ("email", "message")
                and record["id"] in postable[record["model"]]
            ):
                entry["actions"] = ["reply"]

    def act(self, scope, record_id, name, values):
        message = scope.env["mail.message"].browse(record_id)
        return compose_mail(scope.env[message.model].browse(message.res_id), message)

    def readable_of_kinds(self, scope, ids) -> set[int]:
        """Those of some messages that the reader may read and has kinds for."""
        if not ids:
            return set()
        kinds = self._by_kind(scope, ids)
        wanted = set().union(*(kinds.get(kind, ()) for kind in self.kinds))
        return self._accessible(scope, sorted(wanted))

    @staticmethod
    def _changes(messages) -> dict[int, str]:
        """What messages without a text report: changed fields that the reader may see."""
        # sudo: only administrators may read them; Odoo shows readers of the message the
        # changes of fields that they may see.
        trackings = (
            messages.sudo()
            .filtered(lambda message: is_html_empty(message.body))
            .tracking_value_ids._filter_has_field_access(messages.env)
        )
        shown = {change["id"]: change for change in trackings._tracking_value_format()}
        lines = {}
        for tracking in trackings:
            change = shown[tracking.id]
            lines.setdefault(tracking.mail_message_id.id, []).append(
                f"{change['fieldInfo']['changedField']}: "
                f"{change['oldValue'] or '–'} → {change['newValue'] or '–'}"
            )
        return {message_id: "\n".join(found) for message_id, found in lines.items()}

    @staticmethod
    def _readable_documents(scope, messages) -> dict:
        """The documents the messages are on, as far as the reader may open them."""
        readable = {}
        ids_by_model = {}
        for message in messages:
            if message.model in messages.env and message.res_id:
                ids_by_model.setdefault(message.model, set()).add(message.res_id)
        for model, ids in ids_by_model.items():
            records = messages.env[model].with_context(active_test=False)
            if model == "res.partner" and ids <= scope.partner_ids:
                # They were found as the reader already.
                found = scope.partners.browse(ids)
                found.fetch(CONTACT_NAME_FIELDS)
                readable.update(((model, record.id), record) for record in found)
            elif records.has_access("read"):
                # What is not named would be read with all else of these records.
                shown = ["display_name"]
                if "partner_id" in records._fields:
                    shown.append("partner_id")
                domain = [("id", "in", list(ids))]
                found = records.search_fetch(domain, shown, order="id")
                readable.update(((model, record.id), record) for record in found)
        return readable

    def _entry(self, scope, message, message_sudo, document, changes):
        subtype, author = message_sudo.subtype_id, message_sudo.author_id
        kind = self._kind(
            message, message.is_internal or not subtype or subtype.internal
        )
        html, title, state = message.body, "", False
        if kind == "activity":
            state = {"label": message.env._("Done"), "color": "success"}
            title, html = split_done(html) or ("", html)
        text = html_text(html) or changes
        title = title or self._title(scope, message_sudo, document, kind)
        if not title and kind == "system":
            title, text = split_title(text)
        body, more = shorten(text)
        direction = False
        if kind in ("email", "message"):
            is_author_outside = (
                author.partner_share if author else message.message_type == "email"
            )
            direction = "in" if is_author_outside else "out"
        return {
            "kind": kind,
            "date": message.date,
            "all_day": False,
            "title": title or self.titles.get(kind) or self.kinds[kind][0],
            "body": body,
            "more": more,
            "author": author_of(author),
            "contact": self._contact_of(scope, message_sudo, document),
            "amount": False,
            "currency_id": False,
            "state": state,
            "direction": direction,
            "channel": self._channel(message, kind),
            "record": name_of(document) if document else False,
            "overdue": False,
            "upcoming": False,
            "actions": [],
        }

    def _title(self, scope, message, document, kind) -> str:
        """:param mail.message message: as superuser"""
        if message.subject:
            return message.subject
        if kind == "activity":
            return message.mail_activity_type_id.name or ""
        if message.message_type == "notification" and message.subtype_id.description:
            return message.subtype_id.description
        if document and document != scope.record:
            return document.display_name or ""
        return ""

    @staticmethod
    def _contact_of(scope, message, document):
        """The contact of the customer that wrote it, received it, or has it on their page.

        :param mail.message message: as superuser
        """
        partners = message.author_id + message.partner_ids
        # sudo: see the caller; shown are contacts that the reader may see.
        document = document and document.sudo()
        if document and document._name == "res.partner":
            partners += document
        elif document and "partner_id" in document._fields:
            partner = document["partner_id"]
            if partner._name == "res.partner":
                partners += partner
        return contact_of(scope, partners)

    @staticmethod
    def _channel(message, kind):
        by_type = {"sms": "sms", "snail_mail": "letter"}
        key = "email" if kind == "email" else by_type.get(message.message_type)
        return channel_of(message.env, key) if key else False
