import logging
from datetime import timedelta

from psycopg2.extensions import TRANSACTION_STATUS_IDLE

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.constants import GC_UNLINK_LIMIT

_logger = logging.getLogger(__name__)

# Memory of the database for each hash table or sort: what 300,000 customers need.
WORK_MEM = "64MB"

# How long the log of runs is kept, in days: a year, and a month to look back on it.
KEEP_DAYS = 400


class CrmCompanyRunMixin(models.AbstractModel):
    """The log of a computation over all customers of a company, and how such a
    computation is run: one at a time, nightly in a transaction of its own.

    What is computed stands in ``_run(company, as_of)``.
    """

    _name = "crm.company.run.mixin"
    _description = "Computation over a Company's Customers"
    _rec_name = "as_of"
    _order = "id desc"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    create_date = fields.Datetime(string="Done On", readonly=True)
    as_of = fields.Date(
        string="Standing Of",
        required=True,
        readonly=True,
        help="The day that was computed.",
    )
    duration = fields.Float(
        string="Seconds", readonly=True, digits=(16, 2), aggregator="avg"
    )

    @api.model
    def _run(self, company, as_of):
        """Compute a company, which is locked.

        :param as_of: date, or ``None`` for today
        :return: the record of it
        """
        raise NotImplementedError

    @api.model
    def _run_all(self):
        """Compute every company, each in a transaction of its own."""
        companies = self.env["res.company"].search([])
        progress = self.env["ir.cron"]
        progress._commit_progress(remaining=len(companies))
        for company in companies:
            self._read_committed()
            if self._lock_company(company):
                self._run_or_log(company)
            else:
                _logger.info("%s of company %s is at work.", self._name, company.id)
            if not progress._commit_progress(1):
                break

    def _run_or_log(self, company):
        """Compute one company; what goes wrong there must not keep the others waiting."""
        try:
            with self.env.cr.savepoint():
                self._run(company, None)
        except UserError as error:
            _logger.warning("%s, company %s: %s", self._name, company.id, error)
        except Exception:
            _logger.exception("%s failed for company %s.", self._name, company.id)

    def _read_committed(self):
        """Let a transaction that is about to begin live with what others commit.

        What is written refers to its customer. Where somebody edited him since the
        transaction began, that reference alone would be a serialization error under
        Odoo's REPEATABLE READ, and all the work lost. The one statement that computes
        sees one state of the database under either.
        """
        if self.env.cr.connection.info.transaction_status == TRANSACTION_STATUS_IDLE:
            self.env.cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")

    def _lock_company(self, company) -> bool:
        """Make this transaction the only one that computes the company."""
        [[locked]] = self.env.execute_query(
            SQL(
                "SELECT pg_try_advisory_xact_lock(hashtext(%s), %s)",
                self._table,
                company.id,
            )
        )
        return locked

    def _lock_company_or_raise(self, company):
        if not self._lock_company(company):
            raise UserError(
                self.env._(
                    "The customers of %s are being computed right now. "
                    "Wait until that is done, then try again.",
                    company.display_name,
                )
            )

    def _prepare_for_sums(self):
        """Make the rest of this transaction fit for summing up millions of rows.

        Compiling the statement takes PostgreSQL longer than running it, and with its
        default memory for hash tables it would swap customers to disk.
        """
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                "SELECT set_config('jit', 'off', true), set_config('work_mem', %s, true)",
                WORK_MEM,
            )
        )

    @api.autovacuum
    def _gc_runs(self):
        limit = fields.Datetime.now() - timedelta(days=KEEP_DAYS)
        self.search([("create_date", "<", limit)], limit=GC_UNLINK_LIMIT).unlink()
