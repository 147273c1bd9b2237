"""Customers whose next purchase was expected lately, and has not come."""

from datetime import timedelta

from odoo.tools import SQL

from ..agenda import AgendaSource
from ..agenda.allowed_channels import purposes_of
from ..common.formats import format_day
from . import agenda_decline, agenda_replenishment
from .forecast_of_today import active_sql, next_date_sql

KEY = "purchase_overdue"
# A customer is to be contacted for so many days after the expected purchase.
OVERDUE_SINCE = 30


def overdue_source(env) -> AgendaSource:
    return AgendaSource(
        label=env._("Purchase overdue"),
        icon="fa-calendar-times-o",
        purpose="marketing",
        channels=("phone", "email", "letter"),
        weight=0.4,
        is_about_customers=True,
        rest_days=14,
        model="crm.forecast",
        query=overdue_query,
        facts=overdue_facts,
        sentences=overdue_sentences,
    )


def overdue_query(scope) -> SQL:
    """Customers whose next purchase was expected lately, by their own interval or by that
    of the model. Those who refused profiling are
    left out, and those who probably are gone; also those whom the agenda lists for what
    says the same and more: what they need again, or that they moved to decline."""
    query = scope.records_of_mine(
        "crm.forecast",
        [
            ("expected_date", "<", scope.today),
            ("expected_date", ">=", scope.today - timedelta(days=OVERDUE_SINCE)),
        ],
    )
    table = query.table
    customer = SQL.identifier(table, "partner_id")
    query.add_where(
        scope.env["crm.contact.policy"]._answered(
            purposes_of(scope.env)["profiling"], person=customer
        )
    )
    models_ = scope.env["crm.forecast.model"]._get_parameters()
    probability = active_sql(table, models_, scope.today)
    query.add_where(
        SQL("(%s) IS NOT NULL", next_date_sql(table, probability, scope.today))
    )
    # As far as the company lists them.
    if agenda_replenishment.KEY in scope.sources:
        query.add_where(
            SQL("NOT %s", agenda_replenishment.needs_again(scope, customer))
        )
    if agenda_decline.KEY in scope.sources:
        query.add_where(SQL("NOT %s", agenda_decline.declined(scope, customer)))
    return scope.reasons(
        query, customer=customer, due=SQL.identifier(table, "expected_date")
    )


def overdue_facts(scope, ids) -> SQL:
    return scope.facts(
        "crm.forecast", ids, own="own_interval", interval="median_interval"
    )


def overdue_sentences(scope, reasons) -> list[str]:
    return [_sentence(scope.env, reason) for reason in reasons]


def _sentence(env, reason) -> str:
    date = format_day(env, reason.due)
    if not reason.facts["own"]:
        return env._(
            "Next purchase expected on %s; interval of similar customers", date
        )
    return env._(
        "Next purchase expected on %(date)s; median interval: %(days)s days",
        date=date,
        days=f"{round(float(reason.facts['interval'] or 0)):d}",
    )
