"""Customers who said that they are satisfied, and do not buy again."""

from datetime import timedelta

from odoo import fields
from odoo.tools import SQL

from ..agenda import AgendaSource
from ..common.formats import format_day

KEY = "satisfied_away"
# A customer is to be contacted for so many days after they came into the trap.
SINCE = 90


def trap_source(env) -> AgendaSource:
    return AgendaSource(
        label=env._("Satisfied, not buying again"),
        icon="fa-smile-o",
        purpose="marketing",
        channels=("phone", "email", "visit"),
        weight=0.45,
        is_about_customers=True,
        rest_days=30,
        model="crm.satisfaction.trap",
        query=trap_query,
        facts=trap_facts,
        sentences=trap_sentences,
    )


def trap_query(scope) -> SQL:
    """Customers in the trap, lately. Those who refused profiling are in none."""
    query = scope.records_of_mine(
        "crm.satisfaction.trap",
        [("date", ">", scope.today - timedelta(days=SINCE))],
    )
    return scope.reasons(
        query,
        customer=SQL.identifier(query.table, "partner_id"),
        due=SQL.identifier(query.table, "date"),
    )


def trap_facts(scope, ids) -> SQL:
    return scope.facts(
        "crm.satisfaction.trap",
        ids,
        rating="rating",
        nps="nps",
        ratio="ratio",
        said="said_date",
        days="days_since",
    )


def trap_sentences(scope, reasons) -> list[str]:
    env = scope.env
    in_words = env["crm.satisfaction.trap"]._in_words
    return [
        env._(
            "Satisfied on %(date)s (%(said)s), last purchase %(days)s days ago",
            date=format_day(env, fields.Date.to_date(reason.facts["said"])),
            said=in_words(
                reason.facts["rating"], reason.facts["nps"], reason.facts["ratio"]
            ),
            days=reason.facts["days"],
        )
        for reason in reasons
    ]
