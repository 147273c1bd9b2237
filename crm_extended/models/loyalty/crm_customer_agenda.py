from odoo import api, models
from odoo.tools import SQL

from ..agenda import AgendaSource


class CrmCustomerAgenda(models.AbstractModel):
    """Members who are about to lose their tier, or to reach the next one."""

    _inherit = "crm.customer.agenda"

    @api.model
    def _agenda_sources(self):
        sources = super()._agenda_sources()
        if not self.env["crm.feature"]._is_on("loyalty"):
            return sources
        return {
            **sources,
            "tier_at_risk": AgendaSource(
                label=self.env._("Tier at risk"),
                icon="fa-exclamation-triangle",
                weight=0.6,
                is_about_customers=True,
                rest_days=14,
                model="crm.loyalty.membership",
                query=at_risk_query,
                sentences=at_risk_sentences,
            ),
            "tier_in_reach": AgendaSource(
                label=self.env._("Next tier within reach"),
                icon="fa-trophy",
                purpose="marketing",
                channels=("phone", "email", "letter"),
                weight=0.2,
                is_about_customers=True,
                rest_days=30,
                model="crm.loyalty.membership",
                query=in_reach_query,
                sentences=in_reach_sentences,
            ),
        }


def at_risk_query(scope) -> SQL:
    return _members(scope, "about_to_fall", "valid_until")


def in_reach_query(scope) -> SQL:
    return _members(scope, "close_to_next")


def _members(scope, name, due=None) -> SQL:
    """Members of whom a ready question holds."""
    query = scope.records_of_mine("crm.loyalty.membership", [(name, "=", True)])
    members = scope.env["crm.loyalty.membership"]
    return scope.reasons(
        query,
        customer=SQL.identifier(query.table, "partner_id"),
        due=due and members._field_to_sql(query.table, due, query),
    )


def at_risk_sentences(scope, reasons) -> list[str]:
    members = scope.env["crm.loyalty.membership"].browse(
        [reason.res_id for reason in reasons]
    )
    return [one.keep_text for one in members]


def in_reach_sentences(scope, reasons) -> list[str]:
    members = scope.env["crm.loyalty.membership"].browse(
        [reason.res_id for reason in reasons]
    )
    return [one.next_text or one.next_tier_id.name or "" for one in members]
