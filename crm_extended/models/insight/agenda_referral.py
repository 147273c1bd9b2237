"""Customers who recommended someone, and were not thanked yet."""

from datetime import timedelta

from odoo.tools import SQL, format_date

from ..agenda import AgendaSource
from .crm_referral import TO_THANK

KEY = "referral"
# A recommendation is a reason for so many days.
THANK_WITHIN = 90


def referral_source(env) -> AgendaSource:
    return AgendaSource(
        label=env._("Thank for a recommendation"),
        icon="fa-thumbs-o-up",
        weight=0.4,
        rest_days=14,
        model="crm.referral",
        query=referral_query,
        facts=referral_facts,
        sentences=referral_sentences,
    )


def _first_date(referral) -> SQL:
    """The first purchase of the customer that a referral is about, since then.

    :param referral: alias of the table
    """
    return SQL(
        """
        (SELECT bought.first_date
           FROM res_partner AS referred
           JOIN crm_rfm_score AS bought
             ON bought.partner_id = referred.commercial_partner_id
          WHERE referred.id = %(referred_id)s AND bought.company_id = %(company_id)s
            AND bought.first_date >= %(date)s)
        """,
        referred_id=SQL.identifier(referral, "referred_id"),
        company_id=SQL.identifier(referral, "company_id"),
        date=SQL.identifier(referral, "date"),
    )


def referral_query(scope) -> SQL:
    """What was entered and, since then, the first purchase. What a stranger says counts
    once there is a customer."""
    query = scope.records(
        "crm.referral",
        [("date", "<=", scope.today), *TO_THANK],
    )
    table = query.table
    due = SQL("GREATEST(%s, %s)", SQL.identifier(table, "date"), _first_date(table))
    query.add_where(
        SQL(
            "%s BETWEEN %s AND %s",
            due,
            scope.today - timedelta(days=THANK_WITHIN),
            scope.today,
        )
    )
    customer = scope.customer_of(query)
    query.add_where(
        SQL(
            """
            NOT EXISTS (SELECT FROM res_partner AS self
                         WHERE self.id = %s AND self.commercial_partner_id = %s)
            """,
            SQL.identifier(table, "referred_id"),
            customer,
        )
    )
    return scope.reasons(query, customer=customer, due=due)


def referral_facts(scope, ids) -> SQL:
    return scope.facts(
        "crm.referral",
        ids,
        date="date",
        customer="referred_id.name",
        first_date=_first_date("crm_referral"),
    )


def referral_sentences(scope, reasons) -> list[str]:
    env, said = scope.env, []
    for reason in reasons:
        facts = reason.facts
        values = {
            "customer": facts["customer"],
            "date": format_date(
                env, facts["first_date"] or facts["date"], date_format="medium"
            ),
        }
        if facts["first_date"]:
            said.append(
                env._(
                    "Recommended %(customer)s, who bought for the first time on "
                    "%(date)s: thank them",
                    **values,
                )
            )
        elif facts["customer"]:
            said.append(
                env._("Recommended %(customer)s on %(date)s: thank them", **values)
            )
        else:
            said.append(env._("Recommended you on %(date)s: thank them", **values))
    return said
