"""Customers whose revenue or purchases fell off: moved to decline lately."""

from datetime import timedelta

from odoo.tools import SQL
from odoo.tools.misc import formatLang

from ..agenda import AgendaSource
from ..agenda.allowed_channels import purposes_of
from ..rfm.crm_customer_agenda import SLIPPED_SINCE

KEY = "decline"
# A customer is to be contacted for so many days after they moved to decline.
DECLINED_SINCE = 30


def decline_source(env) -> AgendaSource:
    return AgendaSource(
        label=env._("Moved to decline"),
        icon="fa-arrow-circle-down",
        purpose="marketing",
        channels=("phone", "email", "letter"),
        weight=0.45,
        is_about_customers=True,
        rest_days=14,
        model="crm.lifecycle",
        query=declined_query,
        facts=declined_facts,
        sentences=declined_sentences,
    )


def declined_query(scope) -> SQL:
    """Customers who moved to decline lately and are still there. Those who refused
    profiling are left out, and those whose score fell in the same days: high spenders
    among them are on the list for that."""
    since = scope.today - timedelta(days=DECLINED_SINCE)
    query = scope.records_of_mine(
        "crm.lifecycle", [("stage", "=", "decline"), ("stage_date", ">", since)]
    )
    table = query.table
    customer = SQL.identifier(table, "partner_id")
    query.add_where(
        scope.env["crm.contact.policy"]._answered(
            purposes_of(scope.env)["profiling"], person=customer
        )
    )
    query.add_where(
        SQL(
            """
            EXISTS (SELECT FROM crm_lifecycle_change AS change
                     WHERE change.partner_id = %(customer)s
                       AND change.company_id = %(company_id)s
                       AND change.date = %(date)s AND change.new_stage = 'decline'
                       AND change.reason IS NULL)
            AND NOT EXISTS (
                    SELECT FROM crm_rfm_score AS score
                      JOIN crm_rfm_change AS fall
                        ON fall.partner_id = score.partner_id
                       AND fall.company_id = score.company_id
                     WHERE score.partner_id = %(customer)s
                       AND score.company_id = %(company_id)s
                       AND score.monetary_score > %(high)s
                       AND fall.date > %(slipped)s AND fall.reason IS NULL
                       AND (score.recency_score < fall.old_recency_score
                            OR score.frequency_score < fall.old_frequency_score)
                       AND (fall.new_recency_score < fall.old_recency_score
                            OR fall.new_frequency_score < fall.old_frequency_score))
            """,
            customer=customer,
            company_id=scope.company.id,
            date=SQL.identifier(table, "stage_date"),
            # sudo: how many scores a company gives is no secret.
            high=scope.company.sudo()._get_rfm_bins() * 3 / 5,
            slipped=scope.today - timedelta(days=SLIPPED_SINCE),
        )
    )
    return scope.reasons(
        query, customer=customer, due=SQL.identifier(table, "stage_date")
    )


def declined(scope, customer: SQL) -> SQL:
    """Whether a customer moved to decline lately and is still there, for other reasons of
    the agenda."""
    return SQL(
        """
        EXISTS (SELECT FROM crm_lifecycle AS now
                  JOIN crm_lifecycle_change AS change
                    ON change.partner_id = now.partner_id
                   AND change.company_id = now.company_id
                   AND change.date = now.stage_date AND change.new_stage = 'decline'
                   AND change.reason IS NULL
                 WHERE now.partner_id = %(customer)s AND now.company_id = %(company_id)s
                   AND now.stage = 'decline' AND now.stage_date > %(since)s)
        """,
        customer=customer,
        company_id=scope.company.id,
        since=scope.today - timedelta(days=DECLINED_SINCE),
    )


def declined_facts(scope, ids) -> SQL:
    """The revenue of both periods."""
    return scope.facts("crm.lifecycle", ids, now="revenue_now", before="revenue_before")


def declined_sentences(scope, reasons) -> list[str]:
    env = scope.env
    # sudo: the period and the currency are no secret to those who see stages by them.
    company = scope.company.sudo()
    days = company._get_lifecycle_days()

    def money(amount):
        return formatLang(env, float(amount or 0), currency_obj=company.currency_id)

    return [
        env._(
            "Moved to decline: %(now)s in the last %(days)s days, %(before)s in the "
            "%(days)s days before",
            now=money(reason.facts["now"]),
            before=money(reason.facts["before"]),
            days=days,
        )
        for reason in reasons
    ]
