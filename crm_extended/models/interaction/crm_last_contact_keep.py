from odoo import api, models
from odoo.tools import SQL

from .crm_customer_contact import NOW

# What a transaction still has to enter, in the data of its precommit hooks.
PENDING = "crm_extended.last_contact"

DATES = ("last_contact_date", "days_of_silence", "silence_range")


class CrmLastContact(models.Model):
    """How the index of last contacts follows the contacts.

    Whoever creates, changes or deletes something a contact follows from notes its id.
    At the end of the transaction, or when somebody asks before that, one statement
    enters what is new. It only adds rows, so that two people who write to one customer
    at once do not wait for each other and neither has to try again. Where a row follows
    from something changed or deleted, that customer's rows are made anew from all
    contacts; since superseded contacts have no row, most changes find none.
    """

    _inherit = "crm.last.contact"

    @api.model
    def _note(self, source, ids, new=False):
        """Remember records that contacts follow from.

        :param str source: a name of ``_contact_sources``
        :param ids: of the records
        :param bool new: whether they have just been created
        """
        pending = self._get_pending()
        pending["new" if new else "changed"].setdefault(source, set()).update(ids)

    @api.model
    def _note_customers(self, customers):
        """Remember customers whose contacts are to be looked up again."""
        self._get_pending()["customers"].update(customers.ids)

    def _get_pending(self):
        precommit = self.env.cr.precommit
        if PENDING not in precommit.data:
            precommit.data[PENDING] = {"new": {}, "changed": {}, "customers": set()}
            # sudo: what it does does not depend on who has posted a message.
            precommit.add(self.sudo()._settle)
        self.env["res.partner"].invalidate_model(DATES, flush=False)
        return precommit.data[PENDING]

    @api.model
    def _settle_pending(self):
        """Enter what is noted, before somebody reads."""
        if PENDING in self.env.cr.precommit.data:
            self.env.flush_all()
            self._settle()

    def _settle(self):
        pending = self.env.cr.precommit.data.pop(PENDING, None)
        if not pending:
            return
        customers = pending["customers"] | self._customers_of(pending["changed"])
        if customers:
            self._put_right(SQL("contact.partner_id = ANY(%s)", list(customers)))
        noted = pending["new"]
        for source, ids in pending["changed"].items():
            noted.setdefault(source, set()).update(ids)
        if noted:
            self._enter(noted)

    def _customers_of(self, changed):
        """Customers with a row that follows from one of the records."""
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
    def _from_records(noted) -> list[SQL]:
        return [
            SQL(
                "(contact.source = %s AND contact.source_id = ANY(%s))",
                source,
                list(ids),
            )
            for source, ids in noted.items()
        ]

    def _enter(self, noted):
        """Add the contacts that follow from records, unless a later one is known."""
        self.env.execute_query(
            SQL(
                """
                INSERT INTO crm_last_contact (
                            partner_id, company_id, date, source, source_id)
                SELECT DISTINCT ON (contact.partner_id, contact.company_id, %(future)s)
                       contact.partner_id, contact.company_id, contact.date,
                       contact.source, contact.source_id
                  FROM (%(contacts)s) AS contact
                 WHERE (%(noted)s)
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
                contacts=self.env["crm.customer.contact"]._contacts(noted),
                noted=SQL(" OR ").join(self._from_records(noted)),
                future=SQL("CASE WHEN contact.date > %s THEN contact.date END", NOW),
                now=NOW,
            )
        )

    def _put_right(self, which: SQL):
        """Make the rows of customers what follows from their contacts.

        Written is only what differs.

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
