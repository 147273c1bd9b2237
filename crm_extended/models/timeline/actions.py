"""What readers of a timeline do with its entries, beside opening them.

Nothing here needs a right of its own: each action is one of Odoo's, done as the reader.
"""

from datetime import date

from odoo.exceptions import UserError

FEEDBACK_LENGTH = 10_000


def read_values(env, values) -> dict:
    """Values of an action, checked: they come from outside."""
    values = values or {}
    if not isinstance(values, dict) or set(values) - {"date", "feedback"}:
        raise UserError(env._("These values do not belong to an action."))
    feedback = values.get("feedback") or ""
    if not isinstance(feedback, str):
        raise UserError(env._("The feedback must be a text."))
    return {
        "date": _read_day(env, values.get("date")),
        "feedback": feedback.replace("\0", "").strip()[:FEEDBACK_LENGTH],
    }


def _read_day(env, value):
    if not value:
        return None
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise UserError(env._("Enter a date as 2026-01-31.")) from None


def mark_as_done(activity, values):
    activity.action_feedback(feedback=values["feedback"] or False)


def put_off(activity, values):
    if not values["date"]:
        raise UserError(activity.env._("Choose a new date."))
    activity.date_deadline = values["date"]


def open_in_dialog(record, values):
    """The record in a dialog, where its times are changed."""
    return {
        "type": "ir.actions.act_window",
        "name": record.display_name,
        "res_model": record._name,
        "res_id": record.id,
        "views": [[False, "form"]],
        "target": "new",
    }


def may_post_on(records) -> set[int]:
    """Ids of the records on which the user may post, by the rule of Odoo's chatter."""
    # A chat is answered where it takes place.
    if "message_ids" not in records._fields or records._name == "discuss.channel":
        return set()
    # Rules read a field or two, not all that a record has.
    records = records.with_context(prefetch_fields=False)
    operations = records._mail_group_by_operation_for_mail_message_operation("create")
    return {
        record_id
        for operation, found in operations.items()
        for record_id in found._filtered_access(operation).ids
    }


def compose_mail(record, message=None):
    """Odoo's composer for a mail about a record, or for a reply to a message on it.

    :param mail.message message: one that the user may read
    """
    env, context = record.env, {}
    # As in the chatter: users who may create contacts can answer unknown senders.
    suggested = record._message_get_suggested_recipients(
        reply_message=message,
        no_create=not env.user.has_group("base.group_partner_manager"),
    )
    own = env.user.partner_id.id
    partner_ids = [found["partner_id"] for found in suggested]
    partner_ids = [id_ for id_ in partner_ids if id_ and id_ != own]
    if not partner_ids and record._name == "res.partner":
        partner_ids = record.ids
    if message:
        context = {
            "default_parent_id": message.id,
            "default_subject": _reply_subject(record, message),
        }
    return {
        "type": "ir.actions.act_window",
        "name": env._("Reply") if message else env._("Send Email"),
        "res_model": "mail.compose.message",
        "views": [[False, "form"]],
        "target": "new",
        "context": {
            "default_composition_mode": "comment",
            "default_model": record._name,
            "default_res_ids": record.ids,
            "default_partner_ids": partner_ids,
            "default_subtype_xmlid": "mail.mt_comment",
            **context,
        },
    }


def _reply_subject(record, message):
    subject = message.subject or record.display_name or ""
    is_reply = subject.casefold().startswith(("re:", "re："))
    return subject if is_reply else f"Re: {subject}"
