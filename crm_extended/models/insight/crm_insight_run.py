import logging
import time

from odoo import api, fields, models

from ..common.client_actions import RELOAD, notification

_logger = logging.getLogger(__name__)


class CrmInsightRun(models.Model):
    """One step of an update of a company's analyses: when, how long, with what outcome.

    The steps of a company run one after the other. If one fails, what it has written is
    taken back, its run has the error, and the next step follows.
    """

    _name = "crm.insight.run"
    _inherit = "crm.company.job.mixin"
    _description = "Analytics Update"

    step = fields.Selection(
        [
            ("product", "Products of Customers"),
            ("best_time", "Best Times to Contact"),
            ("campaign", "Campaign Response"),
            ("month", "Months"),
        ],
        required=True,
        readonly=True,
    )
    row_count = fields.Integer(string="Rows", readonly=True)
    added_count = fields.Integer(string="New", readonly=True)
    changed_count = fields.Integer(string="Changed", readonly=True)
    removed_count = fields.Integer(string="Removed", readonly=True)
    error = fields.Char(readonly=True, help="Why nothing was updated.")
    fingerprint = fields.Char(
        readonly=True, help="The settings and documents that closed months came from."
    )

    @api.model
    def _steps(self) -> dict:
        """What is computed, by value of :attr:`step`, in this order: functions of a
        company that give ``rows``, ``added``, ``changed`` and ``removed``; and
        ``fingerprint``, where the next run asks for it."""
        return {
            "product": self.env["crm.customer.product"]._refresh,
            "best_time": self.env["crm.best.time"]._refresh,
            "campaign": self.env["crm.campaign.reach"]._refresh,
            "month": self.env["crm.insight.month"]._refresh,
        }

    @api.model
    def _run(self, company, as_of=None):
        """Compute all steps of a company, which is locked.

        :return: their runs
        """
        self._prepare_for_sums()
        runs = self.browse()
        for step, compute in self._steps().items():
            runs += self._run_step(company, step, compute)
        return runs

    def _run_step(self, company, step: str, compute):
        started = time.monotonic()
        found, error = {}, False
        try:
            with self.env.cr.savepoint():
                found = compute(company)
        except Exception as problem:
            _logger.exception("%s of company %s failed.", step, company.id)
            error = str(problem) or type(problem).__name__
        return self.create(
            {
                "company_id": company.id,
                "as_of": fields.Date.context_today(self),
                "step": step,
                "duration": time.monotonic() - started,
                "row_count": found.get("rows", 0),
                "added_count": found.get("added", 0),
                "changed_count": found.get("changed", 0),
                "removed_count": found.get("removed", 0),
                "fingerprint": found.get("fingerprint"),
                "error": error,
            }
        )

    @api.model
    def _cron_run(self):
        """Compute company by company, each in a transaction of its own."""
        if self.env["crm.feature"]._is_on("insight"):
            # sudo: whichever user the administrator lets the job run as.
            self.sudo()._run_all()

    @api.model
    def action_update(self):
        """Compute the current company, and tell the user what changed.

        :raise AccessError: unless the user may see the log of updates
        """
        self.check_access("read")
        return self._run_now(self.env.company)._notify()

    def _notify(self) -> dict:
        """The notification about some runs of one company."""
        if errors := [run.error for run in self if run.error]:
            return notification(" ".join(errors), "danger", sticky=True)
        # Best times and months are the same few rows for any number of customers.
        counted = self.filtered(lambda run: run.step not in ("best_time", "month"))
        message = self.env._(
            "%(new)s new, %(changed)s changed, %(removed)s removed.",
            new=sum(counted.mapped("added_count")),
            changed=sum(counted.mapped("changed_count")),
            removed=sum(counted.mapped("removed_count")),
        )
        return notification(
            message,
            title=self.env._("Analytics of %s", self.company_id.display_name),
            next=RELOAD,
        )
