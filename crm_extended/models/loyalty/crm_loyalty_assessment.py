import time
from datetime import date, timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from ..common.quiet_changes import quietly
from .assessment.parameters import Assessing
from .assessment.qualification import born_sql, figures_sql, summing_queries
from .assessment.statements import assess_query
from .res_company import DEFAULT_PERIOD_MONTHS

# Customers dealt with in one transaction.
FOLLOW_LIMIT = 500

# How far back the last assessment may be for its figures to be compared with.
COMPARE_DAYS = 366

# Changes with the definition of purchases in the code.
PURCHASES = "2"

_lt = LazyTranslate(__name__)


class CrmLoyaltyAssessment(models.Model):
    """One assessment of a company's tiers: when, of what day, with what outcome."""

    _name = "crm.loyalty.assessment"
    _inherit = "crm.company.job.mixin"
    _description = "Assessment of Loyalty Tiers"
    _definition_flag = "loyalty_definition_changed"
    _definition_evidence = "crm.loyalty.assessment"

    definition = fields.Char(
        readonly=True, help="Which purchases of which period the figures are of."
    )
    member_count = fields.Integer(string="Members", readonly=True)
    added_count = fields.Integer(string="New", readonly=True)
    risen_count = fields.Integer(string="Risen", readonly=True)
    fallen_count = fields.Integer(string="Fallen", readonly=True)
    removed_count = fields.Integer(string="Left the Ladder", readonly=True)

    @api.model
    def _assessing(
        self, company, as_of: date, pinned: bool, customers=None
    ) -> Assessing:
        """How the company wants its tiers assessed, on the given day.

        :param customers: only these; all when left out
        """
        transactions = self.env["crm.customer.transaction"]
        return Assessing(
            transactions=transactions._of_company(company),
            purchases=transactions._for_sums(company, as_of)
            if customers is None
            # Those of a few are found by index.
            else transactions._of_company(company, by_contact=True),
            company_id=company.id,
            as_of=as_of,
            period=company.loyalty_period or "rolling",
            months=company.loyalty_period_months or DEFAULT_PERIOD_MONTHS,
            grace_months=company.loyalty_grace_months,
            one_rung=company.loyalty_fall != "earned",
            rungs=self.env["crm.loyalty.tier"]._of_company(company)._rungs(),
            pinned=pinned,
            to_tell=self.env["crm.loyalty.notification"]._tells_changes(company, as_of),
            **self._compared_with(company, as_of),
            invoices_count=(company.rfm_source or "invoice") == "invoice",
            # What is done by hand is told as ever.
            definition_changed=customers is None and company.loyalty_definition_changed,
            customer_ids=None if customers is None else customers.ids,
        )

    @api.model
    def _definition(self, company) -> str:
        """What the figures of an assessment are of, to tell which can be compared."""
        parts = [company.rfm_source or "invoice", company.loyalty_period or "rolling"]
        if parts[-1] == "rolling":
            parts.append(str(company.loyalty_period_months or DEFAULT_PERIOD_MONTHS))
        return ",".join([PURCHASES, *parts])

    @api.model
    def _compared_with(self, company, as_of: date) -> dict:
        """What the figures are compared with, to notice purchases that exist no more."""
        mine = Domain("company_id", "=", company.id)
        definition = self._definition(company)
        last = self.search(mine, limit=1)
        day = last.as_of
        if not (day and as_of - timedelta(days=COMPARE_DAYS) <= day <= as_of):
            day = None
        other = self.search(mine & Domain("definition", "!=", definition), limit=1)
        return {
            "last_day": day,
            "comparable": bool(day) and last.definition == definition,
            "other_until": other.as_of or None,
        }

    def _sum_up(self, assessing: Assessing):
        """Make the tables that tiers are assessed from, for this transaction."""
        for name, query in summing_queries(assessing).items():
            table = SQL.identifier(name)
            # A transaction may assess one company after the other.
            self.env.cr.execute(SQL("DROP TABLE IF EXISTS pg_temp.%s", table))
            self.env.cr.execute(query)
            # How many there are, and that nobody is there twice.
            self.env.cr.execute(SQL("ANALYZE pg_temp.%s (partner_id)", table))

    @api.model
    def _run(self, company, as_of: date | None):
        """Assess the tiers of a company, which is locked.

        :param as_of: today when left out
        :return: the record of it
        """
        today = fields.Date.context_today(self)
        as_of = as_of or today
        started = time.monotonic()
        members = self.env["crm.loyalty.membership"]
        members._hand_over(company)
        self._prepare_for_sums()
        assessing = self._assessing(company, as_of, pinned=as_of != today)
        added, risen, fallen, removed = self._decide(assessing)
        assessment = self.create(
            {
                "company_id": company.id,
                "as_of": as_of,
                "definition": self._definition(company),
                "definition_changed": assessing.definition_changed,
                "duration": time.monotonic() - started,
                "member_count": members.search_count([("company_id", "=", company.id)]),
                "added_count": added,
                "risen_count": risen,
                "fallen_count": fallen,
                "removed_count": removed,
            }
        )
        if assessing.definition_changed:
            # sudo: the company remembers that its pricelists are to follow quietly.
            company.sudo().loyalty_prices_quietly = True
        assessment._follow_or_schedule()
        assessment._settle_definition()
        return assessment

    @api.model
    def _run_for(self, company, customers):
        """Assess the tiers of a few customers of a company, which is locked, today."""
        self._prepare_for_sums()
        today = fields.Date.context_today(self)
        self._decide(self._assessing(company, today, pinned=False, customers=customers))

    @api.model
    def _figures_of(self, company, customer) -> tuple[float, int]:
        """What one customer bought in the present qualifying period: amount and orders."""
        today = fields.Date.context_today(self)
        assessing = self._assessing(company, today, pinned=False, customers=customer)
        periods = SQL("(%s)", born_sql(assessing))
        for _id, amount, orders, *_last in self.env.execute_query(
            figures_sql(assessing, periods)
        ):
            return amount, orders
        return 0, 0

    def _decide(self, assessing: Assessing) -> tuple[int, int, int, int]:
        """Write memberships and history.

        :return: how many are new, rose, fell, and are members no more
        """
        self._sum_up(assessing)
        [counts] = self.env.execute_query(assess_query(assessing, user_id=self.env.uid))
        self.env.invalidate_all(flush=False)
        return counts

    @api.model
    def _is_definition_pending(self, company):
        # Without tiers no assessment will come.
        return super()._is_definition_pending(company) and bool(
            self.env["crm.loyalty.tier"]._of_company(company)
        )

    def _count_definition_changes(self):
        tiers = sum(
            assessment.added_count
            + assessment.risen_count
            + assessment.fallen_count
            + assessment.removed_count
            for assessment in self
        )
        return [
            (
                _lt("Customers whose tier changed: %s", tiers),
                tiers,
                "crm_extended.crm_loyalty_change_definition_action",
            )
        ]

    def _describe(self) -> str:
        """Say what the assessments found."""
        return self.env._(
            "%(members)s members: %(added)s new, %(risen)s risen, %(fallen)s fallen, "
            "%(removed)s left the ladder.",
            members=sum(self.mapped("member_count")),
            added=sum(self.mapped("added_count")),
            risen=sum(self.mapped("risen_count")),
            fallen=sum(self.mapped("fallen_count")),
            removed=sum(self.mapped("removed_count")),
        )

    # -- What follows from tiers: prices, and telling customers and salespeople

    @api.model
    def _follow(self, company, limit: int) -> int:
        """Let what tiers bring follow them, for so many customers at most.

        Extend it for what else a tier brings: it must find by itself what is to be done,
        and stand being stopped and called again.

        :return: how many customers there were; nothing is left where they are fewer than
            the limit
        """
        pricelists = self.env["crm.loyalty.pricelist"]
        if company.loyalty_prices_quietly:
            pricelists = quietly(pricelists)
        count = pricelists._follow(company, limit)
        if company.loyalty_prices_quietly and count < limit:
            # sudo: as above.
            company.sudo().loyalty_prices_quietly = False
        return count + self.env["crm.loyalty.notification"]._follow(
            company, limit - count
        )

    def _follow_or_schedule(self):
        """At once where it is little, else by the scheduled action."""
        self.ensure_one()
        if self._follow(self.company_id, FOLLOW_LIMIT) >= FOLLOW_LIMIT:
            self.env.ref("crm_extended.ir_cron_loyalty_follow")._trigger()

    @api.model
    def _cron_follow(self):
        """Do what is left to do, each batch in a transaction of its own."""
        progress = self.env["ir.cron"]
        # sudo: whichever user the administrator lets the job run as.
        companies = self.env["res.company"].sudo().search([])
        for company in companies:
            count = FOLLOW_LIMIT
            while count >= FOLLOW_LIMIT:
                count = self.sudo()._follow(company, FOLLOW_LIMIT)
                if count and not progress._commit_progress(count):
                    return
