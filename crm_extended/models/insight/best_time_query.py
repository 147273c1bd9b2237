"""When customers answer, write and buy, in SQL: events of some customers or of all, counted
by weekday and hour of the wall clock of the contact they are of."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from odoo.fields import Domain
from odoo.tools import SQL

from ...analytics.consent.zones import zones_of
from ..interaction.crm_customer_contact import TALK

#: How far back contacts count.
MONTHS = 12
#: Messages of a contact that are looked at, the newest ones.
MOST_MESSAGES = 500
#: Of a customer with more contacts of a kind than this they weigh as so many among those of
#: all customers: a machine that writes every hour must not decide for everyone.
MOST_OF_ONE = 100


class BestTimeScope(NamedTuple):
    """Whose events are asked for. Records are found as the user of the environment."""

    env: object
    #: from this moment on (UTC, naive)
    since: datetime
    #: ids of contacts; None for all
    person_ids: list[int] | None = None

    def query(self, model, domain, date: str, contact="partner_id"):
        """A query for the records of the current company that the user may read; None
        where they may read none."""
        records = self.env[model].with_context(active_test=False)
        if not records.has_access("read"):
            return None
        domain = (
            Domain(domain)
            & Domain(date, ">=", self.since)
            & Domain("company_id", "=", self.env.company.id)
        )
        if self.person_ids is not None:
            domain &= Domain(contact, "in", self.person_ids)
        return records._search(domain)


class BestTimeSource(NamedTuple):
    """Events of one kind."""

    #: of ``crm.best.time``
    kind: str
    #: a function of the scope that gives a query for ``contact_id``, ``company_id`` (NULL:
    #: the contact's), ``date`` (UTC) and ``hits`` (1, or 0 for a call that was not
    #: answered); None where there is nothing to read
    events: Callable[[BestTimeScope], SQL | None]


def call_events(scope) -> SQL | None:
    """Calls: those that customers make are answered ones. Whoever asks to be called back
    has answered; a voice mail has not."""
    query = scope.query("crm.interaction", [("channel", "=", "phone")], "date")
    if query is None:
        return None
    column = _columns(query)
    return query.select(
        column("partner_id"),
        column("company_id"),
        column("date"),
        SQL(
            "CASE WHEN %s = 'in' OR %s NOT IN ('no_answer', 'left_message')"
            " THEN 1 ELSE 0 END",
            column("direction"),
            column("outcome"),
        ),
    )


def order_events(scope) -> SQL | None:
    """Confirmed orders. What was imported with a day alone is at midnight."""
    query = scope.query("sale.order", [("state", "=", "sale")], "date_order")
    if query is None:
        return None
    column = _columns(query)
    query.add_where(SQL("%s::time <> '00:00'", column("date_order")))
    return query.select(
        column("partner_id"), column("company_id"), column("date_order"), SQL("1")
    )


def message_events(scope) -> SQL:
    """What customers write, by mail or in the portal, but not in a chat, where both sides
    are there at the same time."""
    condition = SQL(
        "%s AND message.date >= %s AND message.model IS DISTINCT FROM 'discuss.channel'",
        TALK,
        scope.since,
    )
    if scope.person_ids is None:
        return SQL(
            """
            SELECT message.author_id, message.record_company_id, message.date, 1
              FROM mail_message AS message
             WHERE message.author_id IS NOT NULL AND %s
            """,
            condition,
        )
    newest = SQL(
        """
        SELECT newest.*
          FROM unnest(%(ids)s::int[]) AS person (id)
    CROSS JOIN LATERAL (
               SELECT message.id, message.author_id, message.record_company_id,
                      message.date
                 FROM mail_message AS message
                WHERE message.author_id = person.id AND %(condition)s
             ORDER BY message.date DESC, message.id DESC
                LIMIT %(most)s) AS newest
        """,
        ids=scope.person_ids,
        condition=condition,
        most=MOST_MESSAGES,
    )
    allowed = SQL("TRUE")
    if not scope.env.su:
        # Odoo looks at the rights on messages after it has found them.
        found = [row[0] for row in scope.env.execute_query(newest)]
        readable = scope.env["mail.message"]._search([("id", "in", found)])
        allowed = SQL("message.id = ANY(%s)", list(readable.get_result_ids()))
    return SQL(
        "SELECT author_id, record_company_id, date, 1 FROM (%s) AS message WHERE %s",
        newest,
        allowed,
    )


def _columns(query):
    return lambda name: SQL.identifier(query.table, name)


def union_of(scope, sources) -> SQL | None:
    """The events of all sources, with their ``kind``; None without any."""
    arms = [
        SQL("SELECT %s, found.* FROM (%s) AS found", source.kind, events)
        for source in sources
        if (events := source.events(scope)) is not None
    ]
    return SQL(" UNION ALL ").join(arms) if arms else None


def count_query(env, events: SQL, persons: SQL) -> SQL:
    """Events by customer, kind, weekday (Monday is 0) and hour.

    :param events: see :class:`BestTimeSource`, with the kind before
    :param persons: a query for ``id``, ``customer_id``, ``company_id`` and ``zone`` of the
        contacts; it may use ``event``
    """
    return SQL(
        """
        WITH event (kind, contact_id, company_id, date, hits) AS MATERIALIZED (%(events)s),
             person (id, customer_id, company_id, zone) AS MATERIALIZED (%(persons)s)
        SELECT person.customer_id, event.kind,
               (EXTRACT(isodow FROM clock.time) - 1)::int AS weekday,
               EXTRACT(hour FROM clock.time)::int AS hour,
               sum(event.hits) AS hits, count(*) AS tries
          FROM event
          JOIN person ON person.id = event.contact_id
    CROSS JOIN LATERAL (
               SELECT timezone(person.zone, timezone('UTC', event.date)) AS time) AS clock
         WHERE COALESCE(event.company_id, person.company_id, %(company)s) = %(company)s
      GROUP BY person.customer_id, event.kind, weekday, hour
        """,
        events=events,
        persons=persons,
        company=env.company.id,
    )


def known_persons(rows) -> SQL:
    """Contacts that have been read, as ``persons`` of :func:`count_query`.

    :param rows: their columns
    """
    ids, customers, companies, zones = zip(*rows, strict=True)
    return SQL(
        "SELECT * FROM unnest(%s::int[], %s::int[], %s::int[], %s::text[])",
        list(ids),
        list(customers),
        list(companies),
        list(zones),
    )


def persons_of_events(env) -> SQL:
    """The contacts of events who are no employees, as ``persons`` of
    :func:`count_query`."""
    policy = env["crm.contact.policy"]
    # sudo: only codes of countries.
    codes = env["res.country"].sudo().search([]).mapped("code")
    zones = {code: zones_of(code)[0] for code in codes if code and zones_of(code)}
    return SQL(
        """
        SELECT found.id, found.customer_id, found.company_id,
               COALESCE(found.own, country_zone.zone, %(fallback)s)
          FROM (SELECT p.id, p.commercial_partner_id, p.company_id, %(zone)s
                  FROM res_partner AS p
             LEFT JOIN res_country AS country ON country.id = p.country_id
                 WHERE p.partner_share AND p.id IN (SELECT contact_id FROM event)
               ) AS found (id, customer_id, company_id, own, country)
     LEFT JOIN unnest(%(codes)s::text[], %(zones)s::text[]) AS country_zone (code, zone)
            ON country_zone.code = found.country
        """,
        fallback=policy._company_zone(),
        zone=policy._zone(),
        codes=list(zones),
        zones=list(zones.values()),
    )


def write_query(company_id: int, counts: SQL) -> SQL:
    """Write what all customers of a company do together, where it differs.

    :param counts: :func:`count_query` of all
    :return: a query for one row: rows there are now, added, changed, and gone ones
    """
    return SQL(
        """
        WITH weighed AS (
            SELECT *, LEAST(1, %(most)s::numeric
                               / sum(tries) OVER (PARTITION BY customer_id, kind)) AS weight
              FROM (%(counts)s) AS counted
        ),
        fresh AS MATERIALIZED (
            SELECT kind, weekday, hour, round(sum(hits * weight), 4)::float8 AS hits,
                   round(sum(tries * weight), 4)::float8 AS tries
              FROM weighed
          GROUP BY kind, weekday, hour
        ),
        gone AS (
            DELETE FROM crm_best_time AS kept
                  WHERE company_id = %(company)s
                    AND NOT EXISTS (
                        SELECT FROM fresh
                         WHERE (fresh.kind, fresh.weekday, fresh.hour)
                             = (kept.kind, kept.weekday, kept.hour))
              RETURNING id
        ),
        changed AS (
            UPDATE crm_best_time AS kept
               SET hits = fresh.hits, tries = fresh.tries,
                   write_date = now() AT TIME ZONE 'UTC'
              FROM fresh
             WHERE kept.company_id = %(company)s
               AND (fresh.kind, fresh.weekday, fresh.hour)
                 = (kept.kind, kept.weekday, kept.hour)
               AND (fresh.hits, fresh.tries) IS DISTINCT FROM (kept.hits, kept.tries)
         RETURNING kept.id
        ),
        added AS (
            INSERT INTO crm_best_time (
                        company_id, kind, weekday, hour, hits, tries,
                        create_date, write_date)
                 SELECT %(company)s, kind, weekday, hour, hits, tries,
                        now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
                   FROM fresh
               ORDER BY kind, weekday, hour
            ON CONFLICT (company_id, kind, weekday, hour) DO NOTHING
              RETURNING id
        )
        SELECT (SELECT count(*) FROM fresh), (SELECT count(*) FROM added),
               (SELECT count(*) FROM changed), (SELECT count(*) FROM gone)
        """,
        most=MOST_OF_ONE,
        counts=counts,
        company=company_id,
    )
