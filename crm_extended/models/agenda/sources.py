"""Reasons out of Odoo's own records, interactions and days of people."""

from datetime import date, timedelta

from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ...analytics.agenda.ranking import usual_gap
from ..interaction.crm_interaction import LIVE_CHANNELS
from ..interaction.silence_days import start_of_day
from .agenda_source import AgendaSource

# A quotation is a reason from so many days before it expires to so many days after.
EXPIRES_IN, EXPIRED_SINCE = 7, 14
# Opportunities and customers that have not moved for longer are not going cold any more.
COLD_FOR = 365
SILENT_FOR = 730
# A known rhythm is broken after so many times its usual gap, and not before so many days.
TIMES, LEAST_SILENCE = 2, 14
# Outcomes of a call or visit of the customer in which someone spoke with them.
ANSWERED = ("reached", "done")
# Days of people are reasons so many days ahead.
AHEAD = 3


def own_sources(agenda) -> dict[str, AgendaSource]:
    """The sources of this package."""
    env = agenda.env
    sources = {
        "quotation": AgendaSource(
            label=env._("Quotation expires"),
            icon="fa-file-text-o",
            weight=0.8,
            rest_days=2,
            model="sale.order",
            query=quotation_query,
            facts=quotation_facts,
            sentences=quotation_sentences,
        ),
        "activity": AgendaSource(
            label=env._("Activity due"),
            icon="fa-clock-o",
            weight=0.8,
            # Someone planned it, whatever happened before.
            rest_days=0,
            model="mail.activity",
            query=activity_query,
            facts=activity_facts,
            sentences=activity_sentences,
        ),
        "lead": AgendaSource(
            label=env._("Opportunity going cold"),
            icon="fa-snowflake-o",
            weight=0.4,
            model="crm.lead",
            query=lead_query,
            facts=lead_facts,
            sentences=lead_sentences,
        ),
    }
    feature = env["crm.feature"]
    if feature._is_on("timeline"):
        sources["silence"] = AgendaSource(
            label=env._("No interaction for longer than usual"),
            icon="fa-bell-slash-o",
            weight=0.3,
            is_about_customers=True,
            query=silence_query,
            confirm=confirm_silence,
            sentences=silence_sentences,
        )
    if feature._is_on("consent"):
        sources["date"] = AgendaSource(
            label=env._("Birthday or other date"),
            icon="fa-birthday-cake",
            purpose="marketing",
            channels=("phone", "email", "letter"),
            weight=0.1,
            rest_days=AHEAD,
            model="crm.customer.date",
            query=date_query,
            facts=date_facts,
            sentences=date_sentences,
        )
    return sources


# -- Activities


def activity_query(scope) -> SQL:
    """The user's own activities that are due, on records with a customer."""
    agenda = scope.env["crm.customer.agenda"]
    documents = agenda._agenda_documents()
    # Past the access of activities: users may always read their own.
    query = scope.env["mail.activity"]._search(
        [
            ("user_id", "=", scope.env.uid),
            ("date_deadline", "<=", scope.today),
            ("res_model", "in", list(documents)),
        ],
        bypass_access=True,
    )
    record_id = SQL.identifier(query.table, "res_id")
    contacts = []
    for model, path in documents.items():
        contact = record_id
        if path != "id":
            # As above; of archived ones, too.
            records = scope.env[model].with_context(active_test=False)
            of_customers = agenda._agenda_documents_domain(model)
            found = records._search(
                of_customers & scope.company_domain, bypass_access=True
            )
            found.add_where(
                SQL("%s = %s", SQL.identifier(found.table, "id"), record_id)
            )
            contact = SQL("(%s)", found.select(SQL.identifier(found.table, path)))
        contacts.append(SQL("WHEN %s THEN %s", model, contact))
    query.add_join(
        "JOIN",
        "contact",
        "res_partner",
        SQL(
            "contact.id = CASE %s %s END",
            SQL.identifier(query.table, "res_model"),
            SQL(" ").join(contacts),
        ),
    )
    return scope.reasons(
        query,
        customer=SQL("contact.commercial_partner_id"),
        contact=SQL("contact.id"),
        due=SQL.identifier(query.table, "date_deadline"),
    )


def activity_facts(scope, ids) -> SQL:
    return scope.facts(
        "mail.activity",
        ids,
        summary="summary",
        kind="activity_type_id.name",
        date="date_deadline",
    )


def activity_sentences(scope, reasons) -> list[str]:
    env, said = scope.env, []
    for reason in reasons:
        facts = reason.facts
        what = facts["summary"] or facts["kind"] or env._("To-Do")
        if reason.due >= scope.today:
            said.append(env._("%(activity)s: due today", activity=what))
        else:
            said.append(
                env._(
                    "%(activity)s: overdue since %(date)s",
                    activity=what,
                    date=format_date(env, reason.due, date_format="medium"),
                )
            )
    return said


# -- Quotations


def quotation_query(scope) -> SQL:
    """Quotations that expire soon, or have expired lately."""
    query = scope.records(
        "sale.order",
        [
            ("state", "in", ("draft", "sent")),
            ("validity_date", ">=", scope.today - timedelta(days=EXPIRED_SINCE)),
            ("validity_date", "<=", scope.today + timedelta(days=EXPIRES_IN)),
        ],
    )
    return scope.reasons(
        query,
        customer=scope.customer_of(query, user=SQL.identifier(query.table, "user_id")),
        contact=SQL.identifier(query.table, "partner_id"),
        amount=SQL(
            "%s / COALESCE(NULLIF(%s, 0), 1)",
            SQL.identifier(query.table, "amount_untaxed"),
            SQL.identifier(query.table, "currency_rate"),
        ),
        due=SQL.identifier(query.table, "validity_date"),
    )


def quotation_facts(scope, ids) -> SQL:
    return scope.facts("sale.order", ids, name="name")


def quotation_sentences(scope, reasons) -> list[str]:
    env, said = scope.env, []
    for reason in reasons:
        values = {
            "quotation": reason.facts["name"],
            "date": format_date(env, reason.due, date_format="medium"),
        }
        if reason.due < scope.today:
            said.append(env._("Quotation %(quotation)s expired on %(date)s", **values))
        elif reason.due == scope.today:
            said.append(env._("Quotation %(quotation)s expires today", **values))
        else:
            said.append(env._("Quotation %(quotation)s expires on %(date)s", **values))
    return said


# -- Opportunities


def lead_query(scope) -> SQL:
    """Open opportunities that have stayed in their stage for long, with nothing planned."""
    query = scope.records(
        "crm.lead",
        [
            ("type", "=", "opportunity"),
            ("won_status", "=", "pending"),
            ("partner_id", "!=", False),
            (
                "date_last_stage_update",
                ">=",
                start_of_day(scope.env, scope.today - timedelta(days=COLD_FOR)),
            ),
        ],
    )
    stage = query.left_join(query.table, "stage_id", "crm_stage", "id", "agenda_stage")
    moved = SQL.identifier(query.table, "date_last_stage_update")
    cold = SQL(
        "(%s + make_interval(days => COALESCE(NULLIF(%s, 0), %s)))",
        moved,
        SQL.identifier(stage, "rotting_threshold_days"),
        scope.lead_days,
    )
    query.add_where(
        SQL("%s < %s", cold, start_of_day(scope.env, scope.today + timedelta(days=1)))
    )
    query.add_where(
        SQL(
            """
            NOT EXISTS (SELECT FROM mail_activity AS planned
                         WHERE planned.res_model = 'crm.lead' AND planned.res_id = %s
                           AND planned.active AND planned.date_deadline >= %s)
            """,
            SQL.identifier(query.table, "id"),
            scope.today,
        )
    )
    return scope.reasons(
        query,
        customer=scope.customer_of(query, user=SQL.identifier(query.table, "user_id")),
        contact=SQL.identifier(query.table, "partner_id"),
        # An opportunity without an expected revenue says nothing of what is at stake.
        amount=SQL("NULLIF(%s, 0)", SQL.identifier(query.table, "expected_revenue")),
        # Not since that moment: it is listed from the morning of that day on.
        due=scope.day(cold),
    )


def lead_facts(scope, ids) -> SQL:
    moved = SQL.identifier("crm_lead", "date_last_stage_update")
    return scope.facts("crm.lead", ids, name="name", date=scope.day(moved))


def lead_sentences(scope, reasons) -> list[str]:
    env = scope.env
    return [
        env._(
            "“%(opportunity)s” has not moved since %(date)s",
            opportunity=reason.facts["name"],
            date=format_date(env, reason.facts["date"], date_format="medium"),
        )
        for reason in reasons
    ]


# -- Silence


def silence_query(scope) -> SQL:
    """Customers of the user whose last interaction was long enough ago that it may be
    longer than usual; whether it is, is asked of few."""
    contacts = scope.env["crm.last.contact"]
    contacts._flush_pending()
    least = min(LEAST_SILENCE, scope.silence_days)
    return SQL(
        """
        SELECT mine.id, NULL, NULL, %(day)s, NULL, NULL
          FROM mine
    CROSS JOIN LATERAL (
               SELECT contact.date
                 FROM crm_last_contact AS contact
                WHERE contact.partner_id = mine.id AND %(known)s
             ORDER BY contact.date DESC, contact.id DESC
                LIMIT 1) AS last
         WHERE last.date < %(until)s AND last.date >= %(since)s AND %(wanted)s
        """,
        day=scope.day(SQL("last.date")),
        known=contacts._known_condition("contact"),
        until=start_of_day(scope.env, scope.today - timedelta(days=least - 1)),
        since=start_of_day(scope.env, scope.today - timedelta(days=SILENT_FOR)),
        wanted=scope.is_asked(SQL("mine.id")),
    )


def contact_days(scope, customer_ids) -> SQL:
    """A query for moments of contacts with customers, and whether it was not them alone
    who were active: they wrote to us, but where they called and someone answered, both
    were."""
    return SQL(
        """
        SELECT contact.partner_id, contact.date,
               contact.direction IS DISTINCT FROM 'in'
               OR contact.source = 'interaction' AND contact.channel = ANY(%(live)s)
                  AND EXISTS (SELECT FROM crm_interaction AS talk
                               WHERE talk.id = contact.source_id
                                 AND talk.outcome = ANY(%(answered)s))
          FROM (%(contacts)s) AS contact
         WHERE contact.partner_id = ANY(%(ids)s) AND contact.date >= %(since)s
           AND contact.date <= statement_timestamp() AT TIME ZONE 'UTC'
           AND (contact.company_id = %(company_id)s OR contact.company_id IS NULL)
        """,
        contacts=scope.env["crm.customer.contact"]._contacts(),
        live=list(LIVE_CHANNELS),
        answered=list(ANSWERED),
        ids=customer_ids,
        since=start_of_day(scope.env, scope.today - timedelta(days=SILENT_FOR)),
        company_id=scope.company.id,
    )


def confirm_silence(scope, reasons) -> list[bool]:
    """Whether customers have been silent for longer than is usual for them."""
    answers = []
    for reason in reasons:
        days = scope.contact_days.get(reason.customer_id, [])
        gap = usual_gap(day.toordinal() for day, _moment in days)
        passed = (scope.today - reason.due).days
        reason.facts = {"days": passed, "usual": gap}
        if gap is None:
            answers.append(passed >= scope.silence_days)
        else:
            answers.append(passed > max(TIMES * gap, LEAST_SILENCE))
    return answers


def silence_sentences(scope, reasons) -> list[str]:
    env, said = scope.env, []
    for reason in reasons:
        if reason.facts["usual"]:
            said.append(
                env._(
                    "No interaction for %(days)s days, usually every %(usual)s days",
                    **reason.facts,
                )
            )
        else:
            said.append(
                env._("No interaction for %(days)s days", days=reason.facts["days"])
            )
    return said


# -- Days of people


def date_query(scope) -> SQL:
    """Days of people that are today or in a few days."""
    days = [scope.today + timedelta(days=number) for number in range(AHEAD + 1)]
    query = scope.records(
        "crm.customer.date",
        Domain("yearly", "=", True)
        | (Domain("date", ">=", days[0]) & Domain("date", "<=", days[-1])),
    )
    day = SQL.identifier(query.table, "date")
    # The day of the year, and the date on which it is this time.
    dates = [(month_and_day(each), each) for each in days]
    for each in days:
        if is_28_of_short_february(each):
            dates.append((229, each))
    query.add_join(
        "JOIN",
        "ahead",
        SQL("(VALUES %s)", SQL(", ").join(SQL("(%s, %s)", *pair) for pair in dates)),
        SQL("TRUE"),
    )
    query.add_where(
        SQL(
            "ahead.column1 = extract(month FROM %s) * 100 + extract(day FROM %s)",
            day,
            day,
        )
    )
    # Not of people who are born this year.
    query.add_where(SQL("%s <= ahead.column2", day))
    return scope.reasons(
        query,
        customer=scope.customer_of(query),
        contact=SQL.identifier(query.table, "partner_id"),
        due=SQL("ahead.column2"),
    )


def month_and_day(day: date) -> int:
    return day.month * 100 + day.day


def is_28_of_short_february(day: date) -> bool:
    """Whether people born on February 29 celebrate on this day."""
    return month_and_day(day) == 228 and (day + timedelta(days=1)).month == 3


def date_facts(scope, ids) -> SQL:
    return scope.facts(
        "crm.customer.date", ids, kind="kind_id.name", person="partner_id.name"
    )


def date_sentences(scope, reasons) -> list[str]:
    env, said = scope.env, []
    for reason in reasons:
        values = {
            **reason.facts,
            "date": format_date(env, reason.due, date_format="medium"),
        }
        if reason.due == scope.today:
            said.append(env._("%(kind)s of %(person)s: today", **values))
        else:
            said.append(env._("%(kind)s of %(person)s: %(date)s", **values))
    return said
