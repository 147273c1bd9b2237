"""What the page of a day's list shows."""

import logging
from dataclasses import replace

from psycopg2 import OperationalError

from ...analytics.agenda.ranking import pressure

_logger = logging.getLogger(__name__)

DONE = ("done", "snoozed", "skipped")
PARTNER_FIELDS = ("name", "phone", "email", "city", "is_company")


def page(agenda, scope, items, added) -> dict:
    """The list with what its customers read, and how far the user has come.

    Reasons are those of this moment: what was settled meanwhile is not listed any more.

    :param items: :class:`Listed`, all of the day
    :param added: candidates of the items that were made just now
    """
    known = {one.customer_id: one for one in added}
    open_items = [item for item in items if item.state == "open"]
    others = {item.customer_id for item in open_items} - known.keys()
    if others:
        asked = replace(scope, customer_ids=sorted(others))
        known.update((one.customer_id, one) for one in agenda._find_all(asked))
    contacted = [item for item in open_items if _is_contacted(scope, item)]
    if contacted:
        done_items = agenda.env["crm.agenda.item"].browse([one.id for one in contacted])
        done_items._settle("done")
        open_items = [item for item in open_items if item not in contacted]
    # Where customers were merged into a company, the list has it twice.
    listed = {
        item.customer_id: item
        for item in reversed(open_items)
        if item.customer_id in known
    }
    candidates = [known[id_] for id_ in reversed(listed)]
    sentences = agenda._sentences(scope, candidates)
    for one in candidates:
        one.reasons = [reason for reason in one.reasons if reason in sentences]
    candidates = [one for one in candidates if one.reasons]
    shown = {listed[one.customer_id].id for one in candidates}
    agenda.env["crm.agenda.item"]._let_go(
        [item.id for item in open_items if item.id not in shown]
    )
    people = _people(agenda.env, candidates)
    rows = [_row(listed[one.customer_id], one, sentences, people) for one in candidates]
    hints = _hints(agenda, scope, rows)
    done = sum(item.state in DONE for item in items) + len(contacted)
    return {
        "day": scope.today.isoformat(),
        "rows": [{**row, "hint": hints.get(row["partner_id"], False)} for row in rows],
        "done": done,
        "total": done + len(candidates),
        "size": scope.size,
        "currency_id": scope.company.currency_id.id,
        "actions": agenda._agenda_actions(),
        "rule": [
            {"key": key, "label": source.label, "weight": weight, "purpose": purpose}
            for key, (source, weight, purpose) in sorted(
                scope.sources.items(), key=lambda pair: -pair[1][1]
            )
        ],
    }


def _hints(agenda, scope, rows) -> dict[int, dict]:
    """Where hints fail, the list is made once more, and then without them."""
    if not scope.is_careful:
        return agenda._agenda_hints(rows)
    try:
        with agenda.env.cr.savepoint():
            return agenda._agenda_hints(rows)
    except OperationalError:
        # Another transaction stood in the way: Odoo tries again as a whole.
        raise
    except Exception:
        _logger.exception("Hints of the agenda failed.")
        return {}


def _is_contacted(scope, item) -> bool:
    """Whether anyone contacted the customer since they are on the list."""
    days = scope.contact_days.get(item.customer_id, ())
    return any(moment and moment > item.state_date for _day, moment in days)


def _people(env, candidates):
    """The contacts that rows name, read at once."""
    ids = {one.customer_id for one in candidates}
    for one in candidates:
        for reason in one.reasons:
            ids.update(id_ for id_, _moment in reason.allowed.values())
    people = env["res.partner"].browse(sorted(ids))
    people.fetch(PARTNER_FIELDS)
    return people


def _row(item, one, sentences, people) -> dict:
    customer = people.browse(one.customer_id)
    reasons = one.reasons
    return {
        "id": item.id,
        "partner_id": customer.id,
        "name": customer.name or "",
        "city": customer.city or "",
        "money": one.money,
        "is_revenue": all(
            reason.amount is None or one.amount(reason) < one.money
            for reason in reasons
        ),
        "pressure": round(pressure(reason.log for reason in reasons), 4),
        "channels": _channels(reasons, people),
        "reasons": [
            {
                "key": reason.key,
                "icon": reason.source.icon,
                "label": reason.source.label,
                "text": sentences[reason],
                "purpose": reason.purpose,
                "weight": reason.weight,
                "money": one.amount(reason),
                "res_model": reason.source.model or False,
                "res_id": reason.res_id or False,
                "channels": [
                    channel
                    for channel in reason.source.channels
                    if channel in reason.allowed
                ],
            }
            for reason in reasons
        ],
    }


def _channels(reasons, people) -> list[dict]:
    """How the customer may be contacted today, for any of the reasons: whom, and from
    when on."""
    found = {}
    for reason in reasons:
        for channel in reason.source.channels:
            if channel not in reason.allowed:
                continue
            id_, moment = reason.allowed[channel]
            start = moment.isoformat(" ", "seconds") if moment else ""
            # From now on is before any moment.
            if channel in found and (found[channel]["from"] or "") <= start:
                continue
            person = people.browse(id_)
            found[channel] = {
                "channel": channel,
                "contact_id": id_,
                "contact": person.name or "",
                "phone": person.phone or "",
                "email": person.email or "",
                # UTC, as fields of dates.
                "from": start or False,
            }
    return list(found.values())
