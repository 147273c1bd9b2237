import time
from datetime import date

from odoo import api, fields, models

from .crm_loyalty_assessing import Assessing, assess_query
from .res_company import DEFAULT_PERIOD_MONTHS


class CrmLoyaltyAssessment(models.Model):
    """One assessment of a company's tiers: when, of what day, with what outcome."""

    _name = "crm.loyalty.assessment"
    _inherit = "crm.company.run.mixin"
    _description = "Assessment of Loyalty Tiers"

    member_count = fields.Integer(string="Members", readonly=True)
    added_count = fields.Integer(string="New", readonly=True)
    risen_count = fields.Integer(string="Risen", readonly=True)
    fallen_count = fields.Integer(string="Fallen", readonly=True)
    removed_count = fields.Integer(string="Left the Ladder", readonly=True)

    @api.model
    def _assessing(self, company, as_of: date, pinned: bool) -> Assessing:
        """How the company wants its tiers assessed, on the given day."""
        return Assessing(
            transactions=self.env["crm.customer.transaction"]._table_sql,
            company_id=company.id,
            as_of=as_of,
            period=company.loyalty_period or "rolling",
            months=company.loyalty_period_months or DEFAULT_PERIOD_MONTHS,
            grace_months=company.loyalty_grace_months,
            one_rung=company.loyalty_fall != "earned",
            rungs=self.env["crm.loyalty.tier"]._of_company(company)._rungs(),
            pinned=pinned,
        )

    @api.model
    def _run(self, company, as_of: date | None):
        """Assess the tiers of a company, which is locked.

        :param as_of: today when left out
        :return: the record of it
        """
        today = fields.Date.context_today(self)
        as_of = as_of or today
        started = time.monotonic()
        self._prepare_for_sums()
        assessing = self._assessing(company, as_of, pinned=as_of != today)
        [[members, added, risen, fallen, removed]] = self.env.execute_query(
            assess_query(assessing, user_id=self.env.uid)
        )
        self.env.invalidate_all(flush=False)
        return self.create(
            {
                "company_id": company.id,
                "as_of": as_of,
                "duration": time.monotonic() - started,
                "member_count": members,
                "added_count": added,
                "risen_count": risen,
                "fallen_count": fallen,
                "removed_count": removed,
            }
        )
