import logging
import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.constants import GC_UNLINK_LIMIT

from ..common.bulk_sql import read_committed, tune_for_bulk

_logger = logging.getLogger(__name__)

# Partners looked at in one transaction.
PORTION = 20_000

# How long the log of checks is kept, in days.
KEEP_DAYS = 90


class CrmLastContactCheck(models.Model):
    """The nightly look at all customers, whether their last contacts are right.

    The first one, after installation, finds the contacts of the past. Later ones clear
    away what is superseded and put right what no change of a record has told: another
    customer of a lead, somebody who has become one of the staff, a subtype of messages
    that is now internal, what was changed by SQL. It goes through the partners in
    portions, each in a transaction of its own, and where it is stopped the next one goes
    on.
    """

    _name = "crm.last.contact.check"
    _description = "Check of Last Contacts"
    _rec_name = "create_date"
    _order = "id desc"

    create_date = fields.Datetime(string="Begun On", readonly=True)
    next_id = fields.Integer(
        string="Next Partner",
        readonly=True,
        aggregator=None,
        help="0 when all is done.",
    )
    added_count = fields.Integer(string="Added", readonly=True)
    removed_count = fields.Integer(string="Removed", readonly=True)
    duration = fields.Float(string="Seconds", readonly=True, digits=(16, 2))

    @api.model
    def _cron_check(self):
        """Look at all customers, or go on where the last check was stopped."""
        progress = self.env["ir.cron"]
        check, next_id, last = self._begin()
        progress._commit_progress(remaining=self._portions(next_id, last))
        while next_id:
            read_committed(self.env.cr)
            next_id = check._portion(last)
            progress._commit_progress(1, remaining=self._portions(next_id, last))
        _logger.info(
            "Last contacts: %s added, %s removed.",
            check.added_count,
            check.removed_count,
        )

    @api.model
    def _check_all(self):
        """Look at all customers in this transaction."""
        check, next_id, last = self._begin()
        while next_id:
            next_id = check._portion(last)
        return check

    @api.model
    def _begin(self):
        """The check to do, the partner to go on with and the last one."""
        check = self.search([], limit=1)
        if not check.next_id:
            check = self.create({"next_id": 1})
        [[last]] = self.env.execute_query(SQL("SELECT max(id) FROM res_partner"))
        return check, check.next_id, last

    @staticmethod
    def _portions(next_id, last):
        return -(-(last - next_id + 1) // PORTION) if next_id else 0

    def _portion(self, last):
        """Put the next portion right.

        :param int last: id of the last partner
        :return: id to go on with, 0 when all is done
        """
        started = time.monotonic()
        self.env.flush_all()
        tune_for_bulk(self.env)
        end = self.next_id + PORTION
        added, removed = self.env["crm.last.contact"]._put_right(
            SQL(
                "contact.partner_id >= %s AND contact.partner_id < %s",
                self.next_id,
                end,
            )
        )
        self.write(
            {
                "next_id": end if end <= last else 0,
                "added_count": self.added_count + added,
                "removed_count": self.removed_count + removed,
                "duration": self.duration + time.monotonic() - started,
            }
        )
        return self.next_id

    @api.autovacuum
    def _gc_checks(self):
        limit = fields.Datetime.now() - timedelta(days=KEEP_DAYS)
        self.search([("create_date", "<", limit)], limit=GC_UNLINK_LIMIT).unlink()
