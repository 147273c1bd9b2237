import time
from datetime import date, timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..common.quiet_changes import quietly
from .assessment.parameters import Parameters
from .assessment.qualification import (
    anniversary_periods_sql,
    qualifying_totals_sql,
    summing_queries,
)
from .assessment.statements import assess_query
from .empty_help import tiers_help
from .res_company import DEFAULT_PERIOD_MONTHS

# Customers whose effects are processed in one transaction.
EFFECTS_LIMIT = 500

# How far back the last assessment may be for its figures to be compared with.
COMPARE_DAYS = 366

# Changes with the definition of purchases in the code.
PURCHASES = "2"


class CrmLoyaltyAssessment(models.Model):
    """One assessment of a company's tiers: when, of what day, with what outcome. It
    dispatches the tier changes it has recorded."""

    _name = "crm.loyalty.assessment"
    _inherit = ["crm.company.job.mixin", "crm.event.dispatch.mixin"]
    _description = "Loyalty Tier Assessment"
    _definition_flag = "loyalty_definition_changed"
    _definition_evidence = "crm.loyalty.assessment"
    _event_model = "crm.loyalty.change"
    _dispatch_cron = "crm_extended.ir_cron_loyalty_announce"

    definition = fields.Char(
        readonly=True, help="Which purchases of which period the figures are based on."
    )
    member_count = fields.Integer(string="Members", readonly=True)
    added_count = fields.Integer(string="New", readonly=True)
    risen_count = fields.Integer(string="Upgraded", readonly=True)
    fallen_count = fields.Integer(string="Downgraded", readonly=True)
    removed_count = fields.Integer(string="Left", readonly=True)

    @api.model
    def _get_parameters(
        self, company, as_of: date, pinned: bool, customers=None
    ) -> Parameters:
        """How the company wants its tiers assessed, on the given day.

        :param customers: only these; all when left out
        """
        transactions = self.env["crm.customer.transaction"]
        return Parameters(
            transactions=transactions._of_company(company),
            purchases=transactions._for_sums(company, as_of)
            if customers is None
            # The purchases of a few customers are found by index.
            else transactions._of_company(company, by_contact=True),
            company_id=company.id,
            as_of=as_of,
            period=company.loyalty_period or "rolling",
            months=company.loyalty_period_months or DEFAULT_PERIOD_MONTHS,
            grace_months=company.loyalty_grace_months,
            one_level=company.loyalty_fall != "earned",
            levels=self.env["crm.loyalty.tier"]._of_company(company)._get_levels(),
            pinned=pinned,
            notify=self.env["crm.loyalty.notification"]._notifies_changes(
                company, as_of
            ),
            **self._compared_with(company, as_of),
            invoices_count=(company.rfm_source or "invoice") == "invoice",
            # Manual overrides are notified as ever.
            definition_changed=customers is None and company.loyalty_definition_changed,
            customer_ids=None if customers is None else customers.ids,
        )

    @api.model
    def _definition(self, company) -> str:
        """What the totals of an assessment are of, to know which can be compared."""
        parts = [company.rfm_source or "invoice", company.loyalty_period or "rolling"]
        if parts[-1] == "rolling":
            parts.append(str(company.loyalty_period_months or DEFAULT_PERIOD_MONTHS))
        return ",".join([PURCHASES, *parts])

    @api.model
    def _compared_with(self, company, as_of: date) -> dict:
        """What the totals are compared with, to notice purchases that exist no more."""
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

    def _sum_up(self, params: Parameters):
        """Make the tables that tiers are assessed from, for this transaction."""
        for name, query in summing_queries(params).items():
            table = SQL.identifier(name)
            # A transaction may assess one company after the other.
            self.env.cr.execute(SQL("DROP TABLE IF EXISTS pg_temp.%s", table))
            self.env.cr.execute(query)
            # How many customers there are, and that none is there twice.
            self.env.cr.execute(SQL("ANALYZE pg_temp.%s (partner_id)", table))

    @api.model
    def _run(self, company, as_of: date | None):
        """Assess the tiers of a company, which is locked.

        :param as_of: today when left out
        :return: the record of it
        """
        last_id = self._last_id(company, company.loyalty_definition_changed)
        today = fields.Date.context_today(self)
        as_of = as_of or today
        started = time.monotonic()
        members = self.env["crm.loyalty.membership"]
        members._hand_over(company)
        self._prepare_for_sums()
        params = self._get_parameters(company, as_of, pinned=as_of != today)
        added, risen, fallen, removed = self._decide(params)
        assessment = self.create(
            {
                "company_id": company.id,
                "as_of": as_of,
                "definition": self._definition(company),
                "definition_changed": params.definition_changed,
                "duration": time.monotonic() - started,
                "member_count": members.search_count([("company_id", "=", company.id)]),
                "added_count": added,
                "risen_count": risen,
                "fallen_count": fallen,
                "removed_count": removed,
            }
        )
        if params.definition_changed:
            # sudo: the company remembers to update its pricelists without messages.
            company.sudo().loyalty_prices_quietly = True
        assessment._process_or_schedule_effects()
        assessment._settle_definition()
        assessment._dispatch_since(last_id)
        return assessment

    @api.model
    def _run_for(self, company, customers):
        """Assess the tiers of a few customers of a company, which is locked, today."""
        last_id = self._last_id(company, quiet=False)
        self._prepare_for_sums()
        today = fields.Date.context_today(self)
        self._decide(
            self._get_parameters(company, today, pinned=False, customers=customers)
        )
        if last_id is not None:
            # At once for all of them, as for a manual override.
            changes = self.env["crm.loyalty.change"].with_user(SUPERUSER_ID)
            changes.search(
                self._recorded_since(company, last_id), order="id"
            )._dispatch()

    @api.model
    def _get_qualifying_totals(self, company, customer) -> tuple[float, int]:
        """What one customer bought in the present qualifying period: amount and orders."""
        today = fields.Date.context_today(self)
        params = self._get_parameters(company, today, pinned=False, customers=customer)
        periods = SQL("(%s)", anniversary_periods_sql(params))
        for _id, amount, orders, *_last in self.env.execute_query(
            qualifying_totals_sql(params, periods)
        ):
            return amount, orders
        return 0, 0

    def _decide(self, params: Parameters) -> tuple[int, int, int, int]:
        """Write memberships and history.

        :return: how many are new, rose, fell, and are members no more
        """
        self._sum_up(params)
        [counts] = self.env.execute_query(assess_query(params, user_id=self.env.uid))
        self.env.invalidate_all(flush=False)
        return counts

    @api.model
    def _is_definition_pending(self, company):
        # Without tiers there is no assessment to come.
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
                self.env._("Customers whose tier changed: %s", tiers),
                tiers,
                "crm_extended.crm_loyalty_change_definition_action",
            )
        ]

    def _describe(self) -> str:
        """The results of the assessments, in words."""
        return self.env._(
            "%(members)s members: %(added)s new, %(upgraded)s upgraded, "
            "%(downgraded)s downgraded, %(removed)s left.",
            members=sum(self.mapped("member_count")),
            added=sum(self.mapped("added_count")),
            upgraded=sum(self.mapped("risen_count")),
            downgraded=sum(self.mapped("fallen_count")),
            removed=sum(self.mapped("removed_count")),
        )

    # -- Dispatch of changes

    @api.model
    def _recorded_by_runs(self, company):
        # Manual overrides create their changes, at the same time perhaps, and those who
        # wait for these have received them.
        return super()._recorded_by_runs(company) & Domain("reason", "!=", "by_hand")

    @api.model
    def _recorded_since(self, company, last_id: int) -> Domain:
        return self._recorded_by_runs(company) & Domain("id", ">", last_id)

    @api.model
    def _last_id(self, company, quiet: bool) -> int | None:
        """The last change there is, or ``None`` where there is no subscriber.

        The company is locked, so the assessment that is about to begin records exactly
        what its assessments record after this, whatever ids others take meanwhile.

        :param quiet: whether changes follow from another definition
        """
        # sudo: only an id is handed on.
        changes = self.env["crm.loyalty.change"].sudo()
        if not changes._get_subscribers_to(company, quiet):
            return None
        return changes.search([], order="id desc", limit=1).id or 0

    def _dispatch_since(self, last_id: int | None):
        """Dispatch what this assessment recorded.

        :param last_id: the last change before it; ``None`` without subscribers
        """
        self.ensure_one()
        if last_id is None:
            return
        # sudo: as above.
        [[count, first_id, last_id]] = (
            self.env["crm.loyalty.change"]
            .sudo()
            ._read_group(
                self._recorded_since(self.company_id, last_id),
                [],
                ["__count", "id:min", "id:max"],
            )
        )
        if count:
            self.write({"first_change_id": first_id, "last_change_id": last_id})
            self._dispatch_or_schedule(count)

    # -- Effects of tiers: pricelists, and notifications of customers and salespeople

    @api.model
    def _process_effects(self, company, limit: int) -> int:
        """Process what tiers bring to their customers, for at most ``limit`` of them.

        Extend it for what else a tier brings. An extension finds by itself what is to be
        done, and can be stopped and called again.

        :return: how many customers there were; nothing is left where they are fewer than
            the limit
        """
        if not self.env["crm.feature"]._is_on("loyalty"):
            return 0
        pricelists = self.env["crm.loyalty.pricelist"]
        if company.loyalty_prices_quietly:
            pricelists = quietly(pricelists)
        count = pricelists._apply_pricelists(company, limit)
        if company.loyalty_prices_quietly and count < limit:
            # sudo: as in _run.
            company.sudo().loyalty_prices_quietly = False
        return count + self.env["crm.loyalty.notification"]._send_notifications(
            company, limit - count
        )

    def _process_or_schedule_effects(self):
        """At once where there are few, else by the scheduled action."""
        self.ensure_one()
        if self._process_effects(self.company_id, EFFECTS_LIMIT) >= EFFECTS_LIMIT:
            self.env.ref("crm_extended.ir_cron_loyalty_follow")._trigger()

    @api.model
    def _cron_process_effects(self):
        """Process the effects that are left, each batch in a transaction of its own."""
        progress = self.env["ir.cron"]
        # sudo: whichever user the administrator lets the job run as.
        companies = self.env["res.company"].sudo().search([])
        for company in companies:
            count = EFFECTS_LIMIT
            while count >= EFFECTS_LIMIT:
                count = self.sudo()._process_effects(company, EFFECTS_LIMIT)
                if count and not progress._commit_progress(count):
                    return

    @api.model
    def get_empty_list_help(self, help_message):
        return tiers_help(self.env, super().get_empty_list_help(help_message))
