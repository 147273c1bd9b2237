"""When customers of the agenda are best contacted: a hint beside the reasons."""

from odoo import fields

from .best_time_words import sentence, today_text, window_text

# Channels of the agenda with the kind of contacts that says when they work, the first one
# that is allowed.
KINDS = {"phone": "phone", "email": "email"}


def best_time_hints(env, rows) -> dict[int, dict]:
    """Hints by id of the customer: ``text`` and ``title``. Customers with few contacts of
    their own have none: all would read the same."""
    chosen = {}
    for row in rows:
        contact_of = {one["channel"]: one["contact_id"] for one in row["channels"]}
        if channel := next((one for one in KINDS if one in contact_of), None):
            chosen[row["partner_id"]] = channel, contact_of[channel]
    contacts = env["res.partner"].browse({id_ for _channel, id_ in chosen.values()})
    times_of = env["crm.best.time"]._times_of(contacts)
    hints = {}
    for customer_id, (channel, contact_id) in chosen.items():
        times = times_of.get(contact_id)
        window = times and times.window(KINDS[channel])
        if window and window.is_own:
            hints[customer_id] = {
                "text": _hint(env, KINDS[channel], times, window),
                "title": sentence(env, KINDS[channel], window, times.zone),
            }
    return hints


def _hint(env, kind, times, window) -> str:
    today = times.of_today(kind, fields.Datetime.now())
    values = {
        "when": window_text(env, window, times.zone),
        "today": today_text(env, *today) if today else "",
    }
    if kind == "phone" and today:
        return env._("Best time to call: %(when)s; %(today)s", **values)
    if kind == "phone":
        return env._("Best time to call: %(when)s", **values)
    if today:
        return env._("Best time to write: %(when)s; %(today)s", **values)
    return env._("Best time to write: %(when)s", **values)
