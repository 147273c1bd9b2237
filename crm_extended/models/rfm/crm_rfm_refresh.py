import time
from datetime import date

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL, format_list

from ...analytics.rfm.grid import cells, code
from ..common.progress import NO_PROGRESS, Phase
from ..common.quiet_changes import DEFINITION_CHANGED
from .empty_help import scores_help
from .scoring_query import STANDING_TABLE, Scoring, refresh_query, summing_query


class CrmRfmRefresh(models.Model):
    """One computation of a company's scores: when, of what day, with what outcome."""

    _name = "crm.rfm.refresh"
    _inherit = ["crm.company.job.mixin", "crm.event.dispatch.mixin"]
    _description = "Score Update"
    _event_model = "crm.rfm.change"
    _definition_flag = "rfm_definition_changed"
    _definition_evidence = "crm.rfm.score"
    _dispatch_cron = "crm_extended.ir_cron_rfm_announce"

    customer_count = fields.Integer(string="Customers", readonly=True)
    moved_count = fields.Integer(
        string="Changed",
        readonly=True,
        help="Customers whose score or segment changed.",
    )
    added_count = fields.Integer(string="New", readonly=True)
    removed_count = fields.Integer(
        string="Removed",
        readonly=True,
        help="Customers who no longer have purchases, for example because their only "
        "invoice was reset to draft.",
    )
    unrated_currency_ids = fields.Many2many(
        "res.currency",
        string="Without Exchange Rate",
        readonly=True,
        help="Purchases in these currencies were counted one to one because there is "
        "no exchange rate.",
    )
    recency_cuts = fields.Json(string="Recency Cut Points", readonly=True)
    frequency_cuts = fields.Json(string="Frequency Cut Points", readonly=True)
    monetary_cuts = fields.Json(string="Monetary Cut Points", readonly=True)

    # -- Scoring

    def _sum_up(self, scoring: Scoring) -> int:
        """Make the table that the scores are computed from, for this transaction.

        :return: how many customers are in it
        """
        table = SQL.identifier(STANDING_TABLE)
        # A transaction may refresh one company after the other.
        self.env.cr.execute(SQL("DROP TABLE IF EXISTS pg_temp.%s", table))
        self.env.cr.execute(summing_query(scoring))
        customers = self.env.cr.rowcount
        # How many customers there are, and that none is there twice.
        self.env.cr.execute(SQL("ANALYZE pg_temp.%s (partner_id)", table))
        return customers

    @api.model
    def _get_phases(self) -> dict[str, Phase]:
        """The phases of an update, with the shares of the time that they take where a
        company with millions of invoices is scored for the first time."""
        return {
            "reading": Phase(
                self.env._("Reading purchases"), 5, self.env._("customers found: %s")
            ),
            "scoring": Phase(
                self.env._("Scoring customers"), 45, self.env._("changes: %s")
            ),
            "finishing": Phase(self.env._("Recording changes"), 90),
        }

    @api.model
    def _scoring(self, company, as_of: date) -> Scoring:
        """How the company wants its customers scored, on the given day."""
        months = company.rfm_window_months
        bins = company._get_rfm_bins()
        owners, lost = self.env["crm.rfm.segment"]._get_grid(company)
        no_segment = self.env["crm.rfm.segment"]
        return Scoring(
            transactions=self.env["crm.customer.transaction"]._for_sums(company, as_of),
            company_id=company.id,
            as_of=as_of,
            start=as_of - relativedelta(months=months) if months else None,
            bins=bins,
            measure=company.rfm_monetary_measure,
            rounding=company.currency_id.rounding,
            grid=[
                (*cell, code(*cell), owners.get(cell, no_segment).id or None)
                for cell in cells(bins)
            ],
            lost_segment_id=lost.id or None,
            thresholds=company._get_rfm_thresholds(),
            reason=DEFINITION_CHANGED if company.rfm_definition_changed else None,
        )

    def _score_customers(self, scoring: Scoring, pinned: bool, progress) -> tuple:
        """Write the scores that changed, and record the changes.

        :return: the row of :func:`refresh_query`
        """
        progress.enter("reading")
        self._prepare_for_sums()
        progress.enter("scoring", self._sum_up(scoring))
        [row] = self.env.execute_query(refresh_query(scoring, pinned=pinned))
        self.env.invalidate_all(flush=False)
        _count, moved, added, gone, *_rest = row
        progress.enter("finishing", moved + added + gone)
        return row

    @api.model
    def _run(self, company, as_of: date | None, *, progress=NO_PROGRESS):
        """Compute and write the scores of a company, which is locked.

        :param as_of: today when left out
        :param Progress progress: of a user who waits, with :meth:`_get_phases`
        :return: the record of it
        """
        today = fields.Date.context_today(self)
        started = time.monotonic()
        scoring = self._scoring(company, as_of or today)
        [count, moved, added, gone, first, last, *cuts] = self._score_customers(
            scoring, scoring.as_of != today, progress
        )
        days, times, money = (cut or [] for cut in cuts)
        unrated = self.env["crm.purchase.history"]._get_unrated_currencies(company)
        refresh = self.create(
            {
                "company_id": company.id,
                "as_of": scoring.as_of,
                "definition_changed": bool(scoring.reason),
                "duration": time.monotonic() - started,
                "customer_count": count,
                "moved_count": moved,
                "added_count": added,
                "removed_count": gone,
                "first_change_id": first,
                "last_change_id": last,
                "unrated_currency_ids": unrated.ids,
                "recency_cuts": days,
                "frequency_cuts": times,
                "monetary_cuts": money,
            }
        )
        changes = self.env["crm.rfm.change"]
        if last and changes._get_subscribers_to(company, bool(scoring.reason)):
            refresh._dispatch_or_schedule(moved + added + gone)
        refresh._settle_definition()
        return refresh

    def _count_definition_changes(self):
        segments = 0
        for refresh in self.filtered("last_change_id"):
            for old, new, count in self.env["crm.rfm.change"]._read_group(
                [
                    ("company_id", "=", refresh.company_id.id),
                    ("id", ">=", refresh.first_change_id),
                    ("id", "<=", refresh.last_change_id),
                ],
                ["old_segment_id", "new_segment_id"],
                ["__count"],
            ):
                segments += count * (old != new)
        customers = sum(
            refresh.moved_count + refresh.added_count + refresh.removed_count
            for refresh in self
        )
        page = "crm_extended.crm_rfm_change_definition_action"
        return [
            (
                self.env._("Customers whose score changed: %s", customers),
                customers,
                page,
            ),
            (
                self.env._("Customers whose segment changed: %s", segments),
                segments,
                page,
            ),
        ]

    def _describe(self) -> str:
        """The results of the refreshes, and what was missing, in words."""
        found = self.env._(
            "%(customers)s customers scored: %(moved)s changed, %(added)s new, "
            "%(removed)s removed.",
            customers=sum(self.mapped("customer_count")),
            moved=sum(self.mapped("moved_count")),
            added=sum(self.mapped("added_count")),
            removed=sum(self.mapped("removed_count")),
        )
        unrated = self.unrated_currency_ids
        if not unrated:
            return found
        missing = self.env._(
            "Imported purchases in %s were counted one to one because there is no "
            "exchange rate. Enter a rate in the list of currencies, then update the "
            "scores again.",
            format_list(self.env, unrated.mapped("name")),
        )
        return f"{found} {missing}"

    @api.model
    def get_empty_list_help(self, help_message):
        return scores_help(self.env, super().get_empty_list_help(help_message))
