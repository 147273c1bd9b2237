from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from ..agenda import AgendaSource
from ..agenda.allowed_channels import purposes_of

# A customer is slipping for so many days after the score fell.
SLIPPED_SINCE = 30


class CrmCustomerAgenda(models.AbstractModel):
    """Good customers whose score fell; and what customers are worth."""

    _inherit = "crm.customer.agenda"

    @api.model
    def _agenda_sources(self):
        return {
            **super()._agenda_sources(),
            "slipped": AgendaSource(
                label=self.env._("High spender slipping"),
                icon="fa-level-down",
                purpose="marketing",
                channels=("phone", "email", "letter"),
                weight=0.5,
                is_about_customers=True,
                rest_days=14,
                model="crm.rfm.score",
                query=slipped_query,
                facts=slipped_facts,
                sentences=slipped_sentences,
            ),
        }

    @api.model
    def _agenda_revenue(self, scope):
        # Of customers that the user sees, as the statement around it takes care.
        return SQL(
            """
            SELECT score.partner_id, score.revenue AS amount
              FROM crm_rfm_score AS score
             WHERE score.company_id = %s
            """,
            scope.company.id,
        )


def slipped_query(scope) -> SQL:
    """Customers with a high M whose R or F fell lately, and is still lower. Those who
    refused profiling are left out, as from the watch list."""
    bins = scope.company.sudo()._get_rfm_bins()
    query = scope.records_of_mine(
        "crm.rfm.score", [("monetary_score", ">", bins * 3 / 5)]
    )
    table = query.table
    query.add_where(
        scope.env["crm.contact.policy"]._answered(
            purposes_of(scope.env)["profiling"],
            person=SQL.identifier(table, "partner_id"),
        )
    )
    query.add_join(
        "JOIN",
        "slipped",
        SQL(
            """
            LATERAL (
             SELECT max(date) AS date, max(old_recency_score) AS recency,
                    max(old_frequency_score) AS frequency
               FROM crm_rfm_change
              WHERE partner_id = %(partner_id)s AND company_id = %(company_id)s
                AND date > %(since)s AND reason IS NULL
                AND (new_recency_score < old_recency_score
                     OR new_frequency_score < old_frequency_score))
            """,
            partner_id=SQL.identifier(table, "partner_id"),
            company_id=scope.company.id,
            since=scope.today - timedelta(days=SLIPPED_SINCE),
        ),
        SQL("slipped.date IS NOT NULL"),
    )
    query.add_where(
        SQL(
            "(%s < slipped.recency OR %s < slipped.frequency)",
            SQL.identifier(table, "recency_score"),
            SQL.identifier(table, "frequency_score"),
        )
    )
    return scope.reasons(
        query, customer=SQL.identifier(table, "partner_id"), due=SQL("slipped.date")
    )


def slipped_facts(scope, ids) -> SQL:
    """The code of now, and what it was before the first change."""
    return scope.facts(
        "crm.rfm.score",
        ids,
        new="code",
        segment="segment_id.name",
        old=SQL(
            """
            (SELECT change.old_code
               FROM crm_rfm_change AS change
              WHERE change.partner_id = crm_rfm_score.partner_id
                AND change.company_id = crm_rfm_score.company_id
                AND change.date > %s AND change.reason IS NULL
           ORDER BY change.date, change.id LIMIT 1)
            """,
            scope.today - timedelta(days=SLIPPED_SINCE),
        ),
    )


def slipped_sentences(scope, reasons) -> list[str]:
    env, said = scope.env, []
    for reason in reasons:
        values = {"old": reason.facts["old"] or "–", "new": reason.facts["new"]}
        if segment := reason.facts["segment"]:
            said.append(
                env._(
                    "Score fell from %(old)s to %(new)s: %(segment)s",
                    segment=segment,
                    **values,
                )
            )
        else:
            said.append(env._("Score fell from %(old)s to %(new)s", **values))
    return said
