import logging

from odoo import api, fields, models
from odoo.tools import SQL

from ..common.bulk_sql import read_committed, tune_for_bulk
from .crm_customer_contact import NOW

_logger = logging.getLogger(__name__)

# What a transaction still has to enter, in the data of its precommit hooks.
PENDING = "crm_extended.last_contact"

# Fields of partners that show the last contact.
DATES = ("last_contact_date", "days_of_silence", "silence_range")
# The field that these are computed from.
MOMENT = "last_contact_moment"

# Partners that the check looks at in one transaction.
PORTION = 20_000
# System parameter with the partner at which a stopped check goes on.
CURSOR = "crm_extended.last_contact_next_id"
# System parameter: the feature was off, and the check has not yet found what happened
# meanwhile.
BEHIND = "crm_extended.last_contact_behind"


class CrmLastContact(models.Model):
    """When a customer and a company last had to do with each other.

    An index of the contacts of ``crm.customer.contact``: each customer's last contact in
    each company, meetings in the future, and superseded contacts until the nightly check
    removes them. A read decides which of a customer's rows counts (``_last_condition``):
    the latest one that is not in the future and that the company may know of. So a
    meeting counts once it is over, and users who post messages at the same time do not
    have to change the same row.

    How it is kept: records that a contact is derived from enqueue their ids when they are
    created, changed or deleted. Before the next read, or at the end of the transaction,
    one statement enters the new contacts. It only adds rows, so two users who write to
    one customer at once neither wait nor retry. Where a row is derived from a changed or
    deleted record, the rows of its customer are rebuilt from all contacts. Superseded
    contacts have no row, so most changes find none. The nightly check repairs what no
    record can observe.
    """

    _name = "crm.last.contact"
    _inherit = "crm.customer.record.mixin"
    _description = "Last Customer Interaction"
    _order = "date desc, id desc"
    _rec_name = "partner_id"
    _log_access = False

    partner_id = fields.Many2one(readonly=True, ondelete="cascade")
    company_id = fields.Many2one(
        required=False,
        readonly=True,
        ondelete="cascade",
        help="Only this company knows of the interaction; if empty, all companies do.",
    )
    date = fields.Datetime(required=True, readonly=True)
    source = fields.Char(required=True, readonly=True)
    source_id = fields.Many2oneReference(
        string="Record", model_field="source", required=True, readonly=True
    )

    # To sort customers by their last contact; to find that of one customer; to find the
    # rows of a changed record. The first two contain all columns that are read.
    _date_index = models.Index("(date, id, partner_id, company_id)")
    _partner_index = models.Index("(partner_id, date, id, company_id)")
    _source_index = models.Index("(source_id, source)")

    def _last_condition(self, alias: str, customer: SQL) -> SQL:
        """Whether a row is the last contact of a customer for the current company.

        :param str alias: of the row
        :param SQL customer: whose
        """
        return SQL(
            """
            %(row_partner)s = %(customer)s AND %(known)s
            AND NOT EXISTS (
                SELECT
                  FROM crm_last_contact AS later
                 WHERE later.partner_id = %(row_partner)s
                   AND (later.date, later.id) > (%(row_date)s, %(row_id)s)
                   AND %(later_known)s)
            """,
            customer=customer,
            row_partner=SQL.identifier(alias, "partner_id"),
            row_date=SQL.identifier(alias, "date"),
            row_id=SQL.identifier(alias, "id"),
            known=self._known_condition(alias),
            later_known=self._known_condition("later"),
        )

    def _known_condition(self, alias: str) -> SQL:
        """Contacts in the past that the current company may know of."""
        return SQL(
            "(%(company)s = %(current)s OR %(company)s IS NULL) AND %(date)s <= %(now)s",
            company=SQL.identifier(alias, "company_id"),
            current=self.env.company.id,
            date=SQL.identifier(alias, "date"),
            now=NOW,
        )

    def _last_moment(self, customer: SQL) -> SQL:
        """The moment (UTC) of a customer's last contact in the current company."""
        return SQL(
            """(
            SELECT max(last_contact.date)
              FROM crm_last_contact AS last_contact
             WHERE last_contact.partner_id = %s AND %s)
            """,
            customer,
            self._known_condition("last_contact"),
        )

    # -- Records enqueue themselves

    @api.model
    def _enqueue(self, source, ids, new=False):
        """Remember records that contacts are derived from.

        :param str source: a name of ``_contact_sources``
        :param ids: of the records
        :param bool new: whether they have just been created
        """
        if not self.env["crm.feature"]._is_on("timeline"):
            return
        pending = self._get_pending()
        pending["new" if new else "changed"].setdefault(source, set()).update(ids)

    @api.model
    def _enqueue_customers(self, customers):
        """Remember customers whose contacts are to be looked up again."""
        if not self.env["crm.feature"]._is_on("timeline"):
            return
        self._get_pending()["customers"].update(customers.ids)

    def _get_pending(self):
        precommit = self.env.cr.precommit
        if PENDING not in precommit.data:
            precommit.data[PENDING] = {"new": {}, "changed": {}, "customers": set()}
            # sudo: the result does not depend on who has posted a message.
            precommit.add(self.sudo()._flush_pending)
        shown = (MOMENT, *DATES)
        self.env["res.partner"].invalidate_model(shown, flush=False)
        return precommit.data[PENDING]

    @api.model
    def _flush_pending(self):
        """Enter what is enqueued: before a read, and at the end of the transaction."""
        if PENDING not in self.env.cr.precommit.data:
            return
        self.env.flush_all()
        pending = self.env.cr.precommit.data.pop(PENDING)
        customers = pending["customers"] | self._customers_of(pending["changed"])
        if customers:
            self._rebuild(SQL("contact.partner_id = ANY(%s)", list(customers)))
        changed = pending["new"]
        for source, ids in pending["changed"].items():
            changed.setdefault(source, set()).update(ids)
        if changed:
            self._enter(changed)

    def _customers_of(self, changed):
        """Customers with a row that is derived from one of the records."""
        if not changed:
            return set()
        conditions = SQL(" OR ").join(self._from_records(changed))
        return {
            customer
            for [customer] in self.env.execute_query(
                SQL(
                    """
                    SELECT DISTINCT contact.partner_id
                      FROM crm_last_contact AS contact
                     WHERE %s
                    """,
                    conditions,
                )
            )
        }

    @staticmethod
    def _from_records(changed) -> list[SQL]:
        return [
            SQL(
                "(contact.source = %s AND contact.source_id = ANY(%s))",
                source,
                list(ids),
            )
            for source, ids in changed.items()
        ]

    def _enter(self, changed):
        """Add the contacts that are derived from records, unless a later one is known."""
        self.env.execute_query(
            SQL(
                """
                INSERT INTO crm_last_contact (
                            partner_id, company_id, date, source, source_id)
                SELECT DISTINCT ON (contact.partner_id, contact.company_id, %(future)s)
                       contact.partner_id, contact.company_id, contact.date,
                       contact.source, contact.source_id
                  FROM (%(contacts)s) AS contact
                 WHERE (%(records)s)
                   AND NOT EXISTS (
                       SELECT
                         FROM crm_last_contact AS known
                        WHERE known.partner_id = contact.partner_id
                          AND known.date >= contact.date
                          AND (known.date <= %(now)s OR known.date = contact.date)
                          AND (known.company_id = contact.company_id
                               OR known.company_id IS NULL))
              ORDER BY contact.partner_id, contact.company_id, %(future)s,
                       contact.date DESC
                RETURNING id
                """,
                contacts=self.env["crm.customer.contact"]._contacts(changed),
                records=SQL(" OR ").join(self._from_records(changed)),
                future=SQL("CASE WHEN contact.date > %s THEN contact.date END", NOW),
                now=NOW,
            )
        )

    def _rebuild(self, which: SQL):
        """Derive the rows of customers from their contacts again. Only differences are
        written.

        :param SQL which: a condition on ``contact.partner_id``
        :return: how many rows were added, and how many removed
        :rtype: tuple[int, int]
        """
        [counts] = self.env.execute_query(
            SQL(
                """
                WITH last AS (
                    SELECT DISTINCT ON (
                               contact.partner_id, contact.company_id, %(future)s)
                           contact.partner_id, contact.company_id, contact.date,
                           contact.source, contact.source_id,
                           max(contact.date) FILTER (
                               WHERE contact.company_id IS NULL
                                 AND contact.date <= %(now)s)
                               OVER (PARTITION BY contact.partner_id) AS for_all
                      FROM (%(contacts)s) AS contact
                     WHERE %(which)s
                  ORDER BY contact.partner_id, contact.company_id, %(future)s,
                           contact.date DESC, contact.source, contact.source_id
                ), right_rows AS MATERIALIZED (
                    SELECT *
                      FROM last
                     WHERE company_id IS NULL OR for_all IS NULL OR date > for_all
                ), wrong_rows AS MATERIALIZED (
                    SELECT contact.id
                      FROM crm_last_contact AS contact
                 LEFT JOIN right_rows
                        ON right_rows.partner_id = contact.partner_id
                       AND COALESCE(right_rows.company_id, 0)
                           = COALESCE(contact.company_id, 0)
                       AND right_rows.date = contact.date
                       AND right_rows.source = contact.source
                       AND right_rows.source_id = contact.source_id
                     WHERE %(which)s AND right_rows.partner_id IS NULL
                ), removed AS (
                    DELETE FROM crm_last_contact
                     WHERE id IN (SELECT id FROM wrong_rows)
                 RETURNING id
                ), added AS (
                    INSERT INTO crm_last_contact (
                                partner_id, company_id, date, source, source_id)
                    SELECT partner_id, company_id, date, source, source_id
                      FROM right_rows AS contact
                     WHERE NOT EXISTS (
                           SELECT
                             FROM crm_last_contact AS known
                            WHERE known.partner_id = contact.partner_id
                              AND COALESCE(known.company_id, 0)
                                  = COALESCE(contact.company_id, 0)
                              AND known.date = contact.date
                              AND known.source = contact.source
                              AND known.source_id = contact.source_id)
                 RETURNING id
                )
                SELECT (SELECT count(*) FROM added), (SELECT count(*) FROM removed)
                """,
                contacts=self.env["crm.customer.contact"]._contacts(),
                which=which,
                future=SQL("CASE WHEN contact.date > %s THEN contact.date END", NOW),
                now=NOW,
            )
        )
        return counts

    # -- The nightly check

    @api.model
    def _cron_check(self):
        """Rebuild the rows of all customers, or go on where the last check was stopped.

        The first check, after installation, finds the contacts of the past. Later ones
        remove superseded contacts and repair what no hook can observe: another customer
        of a lead, a contact who has become an employee, a subtype of messages that is now
        internal, a change by SQL. Each portion of partners has its own transaction.
        """
        if not self.env["crm.feature"]._is_on("timeline"):
            return
        progress = self.env["ir.cron"]
        next_id, last_id = self._get_next_id(), self._get_last_partner_id()
        counts = [0, 0]
        progress._commit_progress(remaining=self._portions(next_id, last_id))
        while next_id:
            read_committed(self.env.cr)
            next_id = self._check_portion(next_id, last_id, counts)
            progress._commit_progress(1, remaining=self._portions(next_id, last_id))
        _logger.info("Last contacts: %s added, %s removed.", *counts)

    @api.model
    def _check_all(self) -> list[int]:
        """Do the check in this transaction.

        :return: how many rows were added, and how many removed
        """
        next_id, last_id = self._get_next_id(), self._get_last_partner_id()
        counts = [0, 0]
        while next_id:
            next_id = self._check_portion(next_id, last_id, counts)
        return counts

    @api.model
    def _get_last_partner_id(self) -> int:
        [[last_id]] = self.env.execute_query(SQL("SELECT max(id) FROM res_partner"))
        return last_id

    @staticmethod
    def _portions(next_id, last_id):
        return -(-(last_id - next_id + 1) // PORTION) if next_id else 0

    @api.model
    def _check_portion(self, next_id, last_id, counts) -> int:
        """Rebuild the rows of the next portion of partners.

        :param counts: of added and removed rows so far; updated
        :return: id to go on with, 0 at the end
        """
        self.env.flush_all()
        tune_for_bulk(self.env)
        end = next_id + PORTION
        found = self._rebuild(
            SQL("contact.partner_id >= %s AND contact.partner_id < %s", next_id, end)
        )
        counts[:] = [total + more for total, more in zip(counts, found, strict=True)]
        next_id = end if end <= last_id else 0
        self._set_next_id(next_id)
        if not next_id and self._is_catching_up():
            # sudo: a mark of ours, no setting.
            self.env["ir.config_parameter"].sudo().set_param(BEHIND, False)
        return next_id

    @api.model
    def _catch_up(self):
        """Let the check begin now, with the first customer: nothing was noticed for a
        while."""
        self._set_next_id(1)
        # sudo: a mark of ours, no setting.
        self.env["ir.config_parameter"].sudo().set_param(BEHIND, "1")
        self.env.ref("crm_extended.ir_cron_last_contact_check").sudo()._trigger()

    @api.model
    def _forget_check(self):
        """Leave no trace of a check that was stopped or is yet to come."""
        self._set_next_id(0)
        # sudo: as above.
        self.env["ir.config_parameter"].sudo().set_param(BEHIND, False)

    @api.model
    def _is_catching_up(self) -> bool:
        """Whether last contacts may be missing until the check is done."""
        # sudo: as above.
        return bool(self.env["ir.config_parameter"].sudo().get_param(BEHIND))

    # In SQL: the ORM would empty the caches of all workers after each portion.

    @api.model
    def _get_next_id(self) -> int:
        """The partner to go on with: the first one, unless a check was stopped."""
        rows = self.env.execute_query(
            SQL("SELECT value FROM ir_config_parameter WHERE key = %s", CURSOR)
        )
        return int(rows[0][0]) if rows and rows[0][0].isdigit() else 1

    @api.model
    def _set_next_id(self, next_id: int):
        """:param next_id: 0 when the check is done"""
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO ir_config_parameter (key, value)
                VALUES (%s, %s)
                    ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value
                """,
                CURSOR,
                str(next_id),
            )
            if next_id
            else SQL("DELETE FROM ir_config_parameter WHERE key = %s", CURSOR)
        )
