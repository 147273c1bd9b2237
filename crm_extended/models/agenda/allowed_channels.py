"""Which reasons the contact policy lets a user act on today, whom to contact, and how."""

from collections import defaultdict
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from odoo.tools import SQL

from .agenda_source import PURPOSES

# Contacts of a company that are looked at, beside the company itself.
PERSONS = 10


def apply_policy(scope, reasons):
    """Note in each reason the channels that are allowed today.

    Nothing is asked for a purpose and a channel that no reason has.
    """
    env = scope.env
    named = {reason.contact_id for reason in reasons if reason.contact_id}
    persons = _persons(env, {reason.customer_id for reason in reasons}, named)
    seen = {id_ for ids in persons.values() for id_ in ids}
    # A contact who is archived, or whom the user does not see, is left out: the others
    # of the customer can be contacted all the same.
    whom = {
        reason: [reason.contact_id]
        if reason.contact_id in seen
        else persons.get(reason.customer_id, [reason.customer_id])[: PERSONS + 1]
        for reason in reasons
    }
    asked = defaultdict(set)
    for reason in reasons:
        for channel in reason.source.channels:
            asked[reason.purpose, channel].update(whom[reason])
    end = end_of_day(scope)
    purposes, keys = purposes_of(env), sorted(asked)
    questions = [
        (
            env["res.partner"].browse(sorted(asked[purpose, channel])),
            purposes[purpose],
            channel,
        )
        for purpose, channel in keys
    ]
    told = env["crm.contact.policy"]._check_many(questions)
    answers = dict(zip(keys, told, strict=True))
    for reason in reasons:
        for channel in reason.source.channels:
            answer_of = answers[reason.purpose, channel]
            found = _first_allowed(answer_of, whom[reason], end)
            if found:
                reason.allowed[channel] = found


def purposes_of(env):
    """The purposes of the contact policy, by what sources call them, and ``profiling``;
    read at once."""
    id_of = env["ir.model.data"]._xmlid_to_res_id
    named = {**PURPOSES, "profiling": "crm_extended.purpose_profiling"}
    ids = {name: id_of(xml_id) for name, xml_id in named.items()}
    # sudo: whoever asks; the policy looks at their basis and channels.
    purposes = env["crm.consent.purpose"].sudo().browse(ids.values())
    return {
        name: purposes.browse(id_).with_prefetch(purposes.ids)
        for name, id_ in ids.items()
    }


def _first_allowed(answers, ids, end):
    """Whom to contact, and from which moment on (None: now): the first of these who may
    be contacted now, or else the one who may be first; None where it is no one today."""
    later = []
    for id_ in ids:
        answer = answers.get(id_)
        if answer and answer["allowed"]:
            return id_, None
        if answer and answer["date"] and answer["date"] < end:
            later.append((answer["date"], id_))
    if not later:
        return None
    moment, id_ = min(later)
    return id_, moment


def end_of_day(scope) -> datetime:
    """The moment (UTC, naive) at which the user's day ends."""
    midnight = datetime.combine(scope.today + timedelta(days=1), time.min)
    local = midnight.replace(tzinfo=ZoneInfo(str(scope.env.tz)))
    return local.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)


def _persons(env, customer_ids, named) -> dict[int, list[int]]:
    """Customers with contacts of theirs that the user sees, the customer first.

    :param named: ids of contacts that are looked up in any case
    """
    if not customer_ids:
        return {}
    partners = env["res.partner"]
    query = partners._search(
        [
            ("commercial_partner_id", "in", list(customer_ids)),
            "|",
            ("type", "in", ("contact", "other", False)),
            ("id", "in", list(named)),
        ]
    )
    customer = SQL.identifier(query.table, "commercial_partner_id")
    id_ = SQL.identifier(query.table, "id")
    ranked = query.select(
        SQL("%s AS customer_id", customer),
        SQL("%s AS id", id_),
        SQL(
            "row_number() OVER (PARTITION BY %s ORDER BY %s <> %s, %s) AS place",
            customer,
            id_,
            customer,
            id_,
        ),
    )
    found = defaultdict(list)
    for customer_id, partner_id in env.execute_query(
        SQL(
            """
            SELECT customer_id, id FROM (%s) AS person
             WHERE place <= %s OR id = ANY(%s) ORDER BY customer_id, place
            """,
            ranked,
            PERSONS + 1,
            list(named),
        )
    ):
        found[customer_id].append(partner_id)
    return found
