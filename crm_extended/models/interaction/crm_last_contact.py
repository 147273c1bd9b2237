from odoo import fields, models
from odoo.tools import SQL

from .crm_customer_contact import NOW


class CrmLastContact(models.Model):
    """When a customer and a company last had to do with each other.

    An index of the contacts of ``crm.customer.contact``, and no more: each customer's last
    one in each company, meetings that are still to come, and contacts that a later one
    has overtaken until the nightly check clears them away. Which of a customer's rows
    counts is decided when it is read (``_last_condition``): the latest that is not in
    the future and that the company may know of. So a meeting counts as soon as it is
    over, and nobody who posts a message has to change a row that another one changes.
    """

    _name = "crm.last.contact"
    _inherit = "crm.customer.record.mixin"
    _description = "Last Contact with a Customer"
    _order = "date desc, id desc"
    _rec_name = "partner_id"
    _log_access = False

    partner_id = fields.Many2one(readonly=True, ondelete="cascade")
    company_id = fields.Many2one(
        required=False,
        readonly=True,
        ondelete="cascade",
        help="Only this company knows of it; all companies where there is none.",
    )
    date = fields.Datetime(required=True, readonly=True)
    source = fields.Char(required=True, readonly=True)
    source_id = fields.Many2oneReference(
        string="Record", model_field="source", required=True, readonly=True
    )

    # To go through the customers by their last contact; to find a customer's; to find
    # what follows from a record that has changed. The first two hold all that is asked for.
    _date_index = models.Index("(date, id, partner_id, company_id)")
    _partner_index = models.Index("(partner_id, date, id, company_id)")
    _source_index = models.Index("(source_id, source)")

    def _last_condition(self, alias: str, customer: SQL) -> SQL:
        """What makes a row the last contact of a customer for the current company.

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
        """What is over, and what the current company may know of."""
        return SQL(
            "(%(company)s = %(current)s OR %(company)s IS NULL) AND %(date)s <= %(now)s",
            company=SQL.identifier(alias, "company_id"),
            current=self.env.company.id,
            date=SQL.identifier(alias, "date"),
            now=NOW,
        )

    def _last_dates(self, customers):
        """The moment of the last contact in the current company.

        :param res.partner customers: commercial entities
        :return: moment (UTC) by id of the customer, without those there is none of
        :rtype: dict
        """
        self._settle_pending()
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT row.partner_id, max(row.date)
                      FROM crm_last_contact AS row
                     WHERE row.partner_id = ANY(%s) AND %s
                  GROUP BY row.partner_id
                    """,
                    customers.ids,
                    self._known_condition("row"),
                )
            )
            if customers
            else ()
        )
