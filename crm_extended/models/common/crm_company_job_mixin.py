import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.constants import GC_UNLINK_LIMIT

from .bulk_sql import read_committed, tune_for_bulk
from .formats import format_day

_logger = logging.getLogger(__name__)

# How long the log of runs is kept, in days: a year, and a month to look back on it.
KEEP_DAYS = 400


class CrmCompanyJobMixin(models.AbstractModel):
    """The log of a computation over all customers of a company, and how such a
    computation is run: one at a time, nightly in a transaction of its own.

    ``_run(company, as_of)`` computes. The first run of today after a change of the
    definition is quiet, see ``res_company.py``.
    """

    _name = "crm.company.job.mixin"
    _description = "Company Job"
    _rec_name = "as_of"
    _order = "id desc"

    # The company's field that says that the next computation is by another definition.
    _definition_flag = None
    # The model that has records of a company once the company has been computed.
    _definition_evidence = None

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    create_date = fields.Datetime(string="Done On", readonly=True)
    as_of = fields.Date(
        string="As of",
        required=True,
        readonly=True,
        help="The day for which the results were computed.",
    )
    duration = fields.Float(
        string="Seconds", readonly=True, digits=(16, 2), aggregator="avg"
    )

    definition_changed = fields.Boolean(
        readonly=True,
        help="The first update with a new definition of purchases: the changes were "
        "recorded, but no notifications were sent.",
    )
    to_report = fields.Boolean(
        readonly=True,
        help="Administrators have not been notified yet about the effects of a "
        "definition change.",
    )

    @api.depends("as_of")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for record in self:
            record.display_name = format_day(self.env, record.as_of)

    @api.model
    def _run(self, company, as_of):
        """Compute a company, which is locked.

        :param as_of: date, or ``None`` for today
        :return: the record of it
        """
        raise NotImplementedError

    @api.model
    def _run_now(self, companies=None, as_of=None, **options):
        """Compute companies at once, in the transaction of the caller.

        :param res.company companies: all companies when left out
        :param as_of: date or its ISO string, today when left out
        :param options: of :meth:`_run`
        :return: one record a company
        :raise UserError: while another computation of the same company is at work
        """
        as_of = fields.Date.to_date(as_of)
        # sudo: the computation is the company's business, whoever starts it, and they get
        # no figure of another company.
        this = self.sudo()
        if companies is None:
            companies = this.env["res.company"].search([])
        runs = this.browse()
        for company in companies.sudo():
            this._lock_company_or_raise(company)
            runs += this._run(company, as_of, **options)
        return runs.sudo(False)

    @api.model
    def _run_all(self):
        """Compute every company, each in a transaction of its own.

        Companies come in the order of their last runs, oldest first, so that each one
        gets its turn even when the server stops before the end. All of them are done in
        one call, however long it takes: a second call could not tell which ones are
        left, and would begin with the first company again.
        """
        companies = self._oldest_first(self.env["res.company"].search([]))
        progress = self.env["ir.cron"]
        progress._commit_progress(remaining=len(companies))
        for company in companies:
            read_committed(self.env.cr)
            if self._lock_company(company):
                self._run_or_log(company)
            else:
                _logger.info("%s of company %s is at work.", self._name, company.id)
            progress._commit_progress(1)

    def _settle_definition(self):
        """Make later computations ordinary ones again, in the transaction of the first one
        by another definition. Only a computation of today does so."""
        self.ensure_one()
        if self.definition_changed and self.as_of == fields.Date.context_today(self):
            # sudo: the user who started the computation need not be allowed to change it.
            company = self.company_id.sudo()
            company[self._definition_flag] = False
            self.to_report = True
            company._report_definition_change()

    @api.model
    def _is_definition_pending(self, company) -> bool:
        """Whether the first run by a changed definition is still to come."""
        return company[self._definition_flag]

    def _count_definition_changes(self) -> list[tuple[str, int, str]]:
        """How many customers changed what, for the message to the administrators.

        :return: sentence in the language of the context, number of customers in it, and
            external id of the page that shows the changes
        """
        raise NotImplementedError

    def _oldest_first(self, companies):
        last = dict(self._read_group([], ["company_id"], ["id:max"]))
        return companies.sorted(lambda company: last.get(company, 0))

    def _run_or_log(self, company):
        """Compute one company; an error there must not stop the others."""
        try:
            with self.env.cr.savepoint():
                self._run(company, None)
        except UserError as error:
            _logger.warning("%s, company %s: %s", self._name, company.id, error)
        except Exception:
            _logger.exception("%s failed for company %s.", self._name, company.id)

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
                    "An update is already running for %s. Wait until it is finished, "
                    "then try again.",
                    company.display_name,
                )
            )

    def _prepare_for_sums(self):
        self.env.flush_all()
        tune_for_bulk(self.env)

    @api.autovacuum
    def _gc_runs(self):
        if self._abstract:
            return
        limit = fields.Datetime.now() - timedelta(days=KEEP_DAYS)
        self.search([("create_date", "<", limit)], limit=GC_UNLINK_LIMIT).unlink()
