from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL, format_date

from ..agenda import AgendaSource
from ..interaction.silence_days import start_of_day
from .crm_care_stage import OPEN

# A bad rating is a reason for so many days, until someone contacts the customer.
RATED_SINCE = 14


class CrmCustomerAgenda(models.AbstractModel):
    """Complaints that are open, and customers who were not satisfied."""

    _inherit = "crm.customer.agenda"

    @api.model
    def _agenda_sources(self):
        sources = super()._agenda_sources()
        # Salespeople see cases while the feature is on.
        if not self.env["crm.feature"]._is_on("care"):
            return sources
        return {
            **sources,
            "complaint": AgendaSource(
                label=self.env._("Complaint open"),
                icon="fa-bullhorn",
                weight=1.0,
                rest_days=1,
                model="crm.care.case",
                query=complaint_query,
                facts=complaint_facts,
                sentences=complaint_sentences,
            ),
            "bad_rating": AgendaSource(
                label=self.env._("Bad rating"),
                icon="fa-frown-o",
                weight=0.9,
                rest_days=RATED_SINCE,
                model="crm.care.satisfaction",
                query=bad_rating_query,
                facts=bad_rating_facts,
                sentences=bad_rating_sentences,
            ),
        }

    @api.model
    def _agenda_documents(self):
        documents = super()._agenda_documents()
        if not self.env["crm.feature"]._is_on("care"):
            return documents
        return {**documents, "crm.care.case": "partner_id"}


def complaint_query(scope) -> SQL:
    query = scope.records(
        "crm.care.case", [("type", "=", "complaint"), ("outcome", "in", OPEN)]
    )
    return scope.reasons(
        query,
        customer=scope.customer_of(query, user=SQL.identifier(query.table, "user_id")),
        contact=SQL.identifier(query.table, "partner_id"),
        since=SQL.identifier(query.table, "opened_date"),
    )


def bad_rating_query(scope) -> SQL:
    """Low ratings that were given lately."""
    query = scope.records(
        "crm.care.satisfaction",
        [
            ("rating", "in", (1, 2)),
            (
                "date",
                ">=",
                start_of_day(scope.env, scope.today - timedelta(days=RATED_SINCE)),
            ),
        ],
    )
    case = query.join(query.table, "case_id", "crm_care_case", "id", "agenda_case")
    return scope.reasons(
        query,
        customer=scope.customer_of(query, case, user=SQL.identifier(case, "user_id")),
        contact=SQL.identifier(case, "partner_id"),
        since=SQL.identifier(query.table, "date"),
    )


def complaint_facts(scope, ids) -> SQL:
    return scope.facts("crm.care.case", ids, number="number", name="name")


def complaint_sentences(scope, reasons) -> list[str]:
    return [
        scope.env._(
            "Complaint “%(case)s” is open since %(date)s",
            case=_title(reason),
            date=format_date(scope.env, reason.due, date_format="medium"),
        )
        for reason in reasons
    ]


def bad_rating_facts(scope, ids) -> SQL:
    return scope.facts(
        "crm.care.satisfaction",
        ids,
        rating="rating",
        number="case_id.number",
        name="case_id.name",
    )


def bad_rating_sentences(scope, reasons) -> list[str]:
    return [
        scope.env._(
            "Rated “%(case)s” with %(rating)s of 5 on %(date)s",
            case=_title(reason),
            rating=reason.facts["rating"],
            date=format_date(scope.env, reason.due, date_format="medium"),
        )
        for reason in reasons
    ]


def _title(reason) -> str:
    number, name = reason.facts["number"], reason.facts["name"]
    return f"[{number}] {name}" if number else name
