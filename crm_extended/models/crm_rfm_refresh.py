import time
from datetime import date

from dateutil.relativedelta import relativedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_list

from ..analytics.rfm_grid import DEFAULT_BINS, cells, code
from .crm_rfm_scoring import STANDING_TABLE, Scoring, refresh_query, summing_query

# Moves announced in one transaction.
ANNOUNCE_LIMIT = 200


class CrmRfmRefresh(models.Model):
    """One computation of a company's scores: when, of what day, with what outcome."""

    _name = "crm.rfm.refresh"
    _inherit = "crm.company.run.mixin"
    _description = "Refresh of Customer Standings"

    customer_count = fields.Integer(string="Customers", readonly=True)
    moved_count = fields.Integer(
        string="Moved",
        readonly=True,
        help="Customers whose scores or segment changed.",
    )
    added_count = fields.Integer(string="New", readonly=True)
    removed_count = fields.Integer(
        string="Removed",
        readonly=True,
        help="Customers with no purchase any more, for example because their only "
        "invoice was reset to draft.",
    )
    first_change_id = fields.Integer(
        readonly=True, aggregator=None, help="The first of the moves recorded."
    )
    last_change_id = fields.Integer(
        readonly=True, aggregator=None, help="The last of the moves recorded."
    )
    next_change_id = fields.Integer(
        readonly=True,
        aggregator=None,
        help="The next of the moves to be announced to those who react to them; 0 when "
        "none is left.",
    )
    unrated_currency_ids = fields.Many2many(
        "res.currency",
        string="Without Exchange Rate",
        readonly=True,
        help="Purchases in these currencies were counted one to one, because there is "
        "no rate to convert them at.",
    )
    recency_cuts = fields.Json(readonly=True)
    frequency_cuts = fields.Json(readonly=True)
    monetary_cuts = fields.Json(readonly=True)

    # -- Scoring

    def _sum_up(self, scoring: Scoring):
        """Make the table that the scores are computed from, for this transaction."""
        table = SQL.identifier(STANDING_TABLE)
        # A transaction may refresh one company after the other.
        self.env.cr.execute(SQL("DROP TABLE IF EXISTS pg_temp.%s", table))
        self.env.cr.execute(summing_query(scoring))
        # How many there are, and that nobody is there twice.
        self.env.cr.execute(SQL("ANALYZE pg_temp.%s (partner_id)", table))

    @api.model
    def _scoring(self, company, as_of: date) -> Scoring:
        """How the company wants its customers scored, on the given day."""
        months = company.rfm_window_months
        bins = company.rfm_bins or DEFAULT_BINS
        owners, lost = self.env["crm.rfm.segment"]._get_grid(company)
        nobody = self.env["crm.rfm.segment"]
        return Scoring(
            transactions=self.env["crm.customer.transaction"]._of_company(
                company, by_contact=True
            ),
            company_id=company.id,
            as_of=as_of,
            start=as_of - relativedelta(months=months) if months else None,
            bins=bins,
            measure=company.rfm_monetary_measure,
            rounding=company.currency_id.rounding,
            grid=[
                (*cell, code(*cell), owners.get(cell, nobody).id or None)
                for cell in cells(bins)
            ],
            lost_segment_id=lost.id or None,
            thresholds=company._get_rfm_thresholds(),
        )

    @api.model
    def _run(self, company, as_of: date | None):
        """Compute and write the scores of a company, which is locked.

        :param as_of: today when left out
        :return: the record of it
        """
        today = fields.Date.context_today(self)
        started = time.monotonic()
        scoring = self._scoring(company, as_of or today)
        self._prepare_for_sums()
        self._sum_up(scoring)
        [[count, moved, added, gone, first, last, *cuts]] = self.env.execute_query(
            refresh_query(scoring, pinned=scoring.as_of != today)
        )
        self.env.invalidate_all(flush=False)
        days, times, money = (cut or [] for cut in cuts)
        unrated = self.env["crm.purchase.history"]._get_unrated_currencies(company)
        refresh = self.create(
            {
                "company_id": company.id,
                "as_of": scoring.as_of,
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
        refresh._announce_or_schedule()
        return refresh

    # -- Announcing the moves

    def _announce_or_schedule(self):
        """Announce the moves just recorded: at once where they are few, else by the
        scheduled action. Whoever begins to listen later does not hear of them."""
        self.ensure_one()
        listeners = self.env["crm.rfm.change"]._get_listeners(self.company_id)
        if not (self.last_change_id and listeners):
            return
        self.next_change_id = self.first_change_id
        if self.moved_count + self.added_count + self.removed_count <= ANNOUNCE_LIMIT:
            self._announce_next()
        else:
            self.env.ref("crm_extended.ir_cron_rfm_announce")._trigger()

    def _moves_to_announce(self) -> Domain:
        self.ensure_one()
        return (
            Domain("company_id", "=", self.company_id.id)
            & Domain("id", ">=", self.next_change_id)
            & Domain("id", "<=", self.last_change_id)
        )

    def _announce_next(self) -> int:
        """Announce the next batch of moves, and remember how far that went.

        :return: how many they were
        """
        # Whoever started the refresh: OdooBot tells what it found, and rules of
        # automation act in his name.
        moves = self.env["crm.rfm.change"].with_user(SUPERUSER_ID)
        moves = moves.search(
            self._moves_to_announce(), order="id", limit=ANNOUNCE_LIMIT
        )
        moves._announce()
        done = len(moves) < ANNOUNCE_LIMIT or moves[-1].id == self.last_change_id
        self.next_change_id = 0 if done else moves[-1].id + 1
        return len(moves)

    @api.model
    def _announce_rest(self, company) -> bool:
        """Announce all that is left of a company's moves.

        :return: False where the scheduled action is just doing that
        """
        refreshes = self.search(
            [("company_id", "=", company.id), ("next_change_id", ">", 0)], order="id"
        )
        if len(refreshes.try_lock_for_update()) < len(refreshes):
            return False
        for refresh in refreshes:
            while refresh.next_change_id:
                refresh._announce_next()
        return True

    @api.model
    def _cron_announce(self):
        """Announce what is left of moves, each batch in a transaction of its own."""
        progress = self.env["ir.cron"]
        # sudo: whichever user the administrator lets the job run as.
        refreshes = self.sudo().search([("next_change_id", ">", 0)], order="id")
        moves = self.env["crm.rfm.change"].sudo()
        progress._commit_progress(
            remaining=sum(
                moves.search_count(refresh._moves_to_announce())
                for refresh in refreshes
            )
        )
        for refresh in refreshes:
            while refresh.try_lock_for_update() and refresh.next_change_id:
                if not progress._commit_progress(refresh._announce_next()):
                    return

    def _describe(self) -> str:
        """Say what the refreshes found, and what was missing."""
        found = self.env._(
            "%(customers)s customers scored: %(moved)s moved, %(added)s new, "
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
            "Imported purchases in %s were counted one to one: there is no exchange "
            "rate. Enter one in the list of currencies, then refresh again.",
            format_list(self.env, unrated.mapped("name")),
        )
        return f"{found} {missing}"
