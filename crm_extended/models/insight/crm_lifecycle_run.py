import time
from datetime import date, timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..common.quiet_changes import DEFINITION_CHANGED
from .empty_help import lifecycle_help
from .lifecycle_query import restore_query, stage_query
from .lifecycle_sum_query import (
    PATTERN_TABLE,
    SUM_TABLE,
    Lifecycle,
    contacts_query,
    due_query,
    pattern_query,
    sum_query,
)

# The reason of changes that a computation for an earlier day makes, and the first one of
# today after it takes back.
OTHER_DAY = "other_day"
# How customers buy is computed for all at once if it is wanted of more than this share.
MANY = 0.05


class CrmLifecycleRun(models.Model):
    """One computation of a company's life-cycle stages: when, of what day, with what
    outcome.

    A stage has to hold on two days in a row, so the day before must be known: where it
    was not computed, it is looked at first. A computation for an earlier day than the
    last one stands aside: what the rule says of it counts at once, its changes start
    nothing, and the next one goes on where the last one was.
    """

    _name = "crm.lifecycle.run"
    _inherit = ["crm.company.job.mixin", "crm.event.dispatch.mixin"]
    _description = "Life-Cycle Update"
    _event_model = "crm.lifecycle.change"
    _definition_flag = "lifecycle_definition_changed"
    _definition_evidence = "crm.lifecycle"
    _dispatch_cron = "crm_extended.ir_cron_lifecycle_dispatch"

    customer_count = fields.Integer(string="Customers", readonly=True)
    moved_count = fields.Integer(
        string="Changed", readonly=True, help="Customers whose stage changed."
    )
    added_count = fields.Integer(string="New", readonly=True)
    removed_count = fields.Integer(
        string="Removed",
        readonly=True,
        help="Customers who no longer have purchases, for example because their only "
        "invoice was reset to draft.",
    )
    pattern_count = fields.Integer(
        string="Purchases Changed",
        readonly=True,
        help="Customers whose purchase days were summed up again because their "
        "purchases changed.",
    )
    period_days = fields.Integer(string="Period (Days)", readonly=True, aggregator=None)
    settings_fingerprint = fields.Char(readonly=True)
    of_today = fields.Boolean(
        readonly=True, help="It was an update for the day on which it was made."
    )
    is_aside = fields.Boolean(
        string="Earlier Day",
        readonly=True,
        help="It was for an earlier day than the update before it.",
    )

    # -- What is computed

    @api.model
    def _fingerprint(self, company) -> str:
        """Of all settings that decide about stages."""
        return ",".join(
            str(value)
            for value in (
                company._get_lifecycle_days(),
                company.rfm_source or "invoice",
                company.currency_id.id,
            )
        )

    @api.model
    def _last(self, company, *domain):
        return self.search([("company_id", "=", company.id), *domain], limit=1)

    @api.model
    def _day_of(self, last, as_of: date | None) -> date:
        """The day to compute: today, and not the day before one that a user in another
        time zone has computed as their today."""
        today = fields.Date.context_today(self)
        if as_of or not last.of_today:
            return as_of or today
        return last.as_of if last.as_of == today + timedelta(days=1) else today

    @api.model
    def _run(self, company, as_of: date | None):
        """Compute and write the stages of a company, which is locked.

        :param as_of: today when left out
        :return: the record of it
        """
        started = time.monotonic()
        last = self._last(company, ("is_aside", "=", False))
        day = self._day_of(last, as_of)
        is_aside = bool(last) and day < last.as_of
        fingerprint = self._fingerprint(company)
        is_other = bool(last) and last.settings_fingerprint != fingerprint
        is_quiet = not is_aside and (is_other or company.lifecycle_definition_changed)
        leads_back = not is_aside and self._last(company) != last
        if is_aside or (leads_back and not is_quiet):
            reason = OTHER_DAY
        else:
            reason = DEFINITION_CHANGED if is_quiet else None
        of_today = not as_of or day == fields.Date.context_today(self)
        asked = {"pinned": not of_today, "reason": reason, "at_once": bool(reason)}
        results = []
        if last and not reason and day - last.as_of > timedelta(days=1):
            # What held on the day before is not known yet.
            eve = day - timedelta(days=1)
            results.append(self._compute_day(company, eve, confirms=False))
        results.append(self._compute_day(company, day, **asked))
        if leads_back:
            self.env.cr.execute(restore_query(company.id, OTHER_DAY))
        self.env.invalidate_all(flush=False)
        counts, ids = self._sum_results(results)
        run = self.create(
            {
                "company_id": company.id,
                "as_of": day,
                "definition_changed": is_quiet,
                "duration": time.monotonic() - started,
                "period_days": company._get_lifecycle_days(),
                "settings_fingerprint": fingerprint,
                "of_today": of_today,
                "is_aside": is_aside,
                "first_change_id": ids and min(ids),
                "last_change_id": ids and max(ids),
                **counts,
            }
        )
        changes = self.env["crm.lifecycle.change"]
        if (
            ids
            and reason != OTHER_DAY
            and changes._get_subscribers_to(company, is_quiet)
        ):
            run._dispatch_or_schedule(
                run.moved_count + run.added_count + run.removed_count
            )
        if company.lifecycle_definition_changed and is_quiet:
            run._settle_definition()
        return run

    @staticmethod
    def _sum_results(results) -> tuple[dict, list[int]]:
        """Counts of a run out of those of its days; and the ids of first and last
        changes."""
        names = ("moved_count", "added_count", "removed_count", "pattern_count")
        counts = {name: sum(result[name] for result in results) for name in names}
        counts["customer_count"] = results[-1]["customer_count"]
        ids = [id_ for result in results for id_ in result["ids"] if id_]
        return counts, ids

    def _compute_day(self, company, day: date, **options) -> dict:
        """Compute the stages of one day and write what changed.

        :param options: of :class:`Lifecycle`
        :return: counts, and ``ids`` of the first and the last change
        """
        self._prepare_for_sums()
        lifecycle = Lifecycle(
            transactions=self.env["crm.customer.transaction"]._for_sums(company, day),
            company_id=company.id,
            as_of=day,
            period=company._get_lifecycle_days(),
            digits=company.currency_id.decimal_places,
            **options,
        )
        cr = self.env.cr
        for table in (SUM_TABLE, PATTERN_TABLE):
            # A transaction may compute one company after the other.
            cr.execute(SQL("DROP TABLE IF EXISTS pg_temp.%s", SQL.identifier(table)))
        cr.execute(sum_query(lifecycle))
        customers = cr.rowcount
        # How many customers there are, and that none is there twice.
        cr.execute(SQL("ANALYZE pg_temp.%s (partner_id)", SQL.identifier(SUM_TABLE)))
        due = [row[0] for row in self.env.execute_query(due_query(lifecycle))]
        contacts = None
        if len(due) <= max(1000, customers * MANY):
            contacts = [row[0] for row in self.env.execute_query(contacts_query(due))]
        cr.execute(pattern_query(lifecycle, contacts))
        cr.execute(
            SQL("ANALYZE pg_temp.%s (partner_id)", SQL.identifier(PATTERN_TABLE))
        )
        [[count, moved, added, gone, *ids]] = self.env.execute_query(
            stage_query(lifecycle)
        )
        return {
            "customer_count": count,
            "moved_count": moved,
            "added_count": added,
            "removed_count": gone,
            "pattern_count": len(due),
            "ids": ids,
        }

    # -- Definitions

    @api.model
    def _is_definition_pending(self, company) -> bool:
        # While analytics are off there is no next run to wait for.
        is_on = self.env["crm.feature"]._is_on("insight")
        return is_on and super()._is_definition_pending(company)

    def _count_definition_changes(self):
        count = sum(
            run.moved_count + run.added_count + run.removed_count for run in self
        )
        return [
            (
                self.env._("Customers whose life-cycle stage changed: %s", count),
                count,
                "crm_extended.crm_lifecycle_change_definition_action",
            )
        ]

    # -- Words

    def _describe(self) -> str:
        """The results of the updates, in words."""
        return self.env._(
            "%(customers)s customers: %(moved)s changed their stage, %(added)s new, "
            "%(removed)s removed.",
            customers=sum(self.mapped("customer_count")),
            moved=sum(self.mapped("moved_count")),
            added=sum(self.mapped("added_count")),
            removed=sum(self.mapped("removed_count")),
        )

    @api.model
    def get_empty_list_help(self, help_message):
        return lifecycle_help(self.env, super().get_empty_list_help(help_message))
