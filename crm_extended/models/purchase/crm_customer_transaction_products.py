"""What was bought with a purchase, and when on its day.

These few questions are for care plans, until there is a read model of all lines.
"""

from odoo import api, models
from odoo.tools import SQL

from ..common.local_time import company_today
from .counted_days import until_sql


class CrmCustomerTransaction(models.Model):
    _inherit = "crm.customer.transaction"

    @api.model
    def _purchase_lines(self) -> dict[str, SQL]:
        """What was bought with documents, by their model: the hook for other apps, which
        add their documents to the result of ``super()``.

        :return: queries for ``document_id`` and ``product_id``, without what was taken
            back
        """
        return {
            "account.move": SQL(
                """
                SELECT line.move_id AS document_id, line.product_id
                  FROM account_move_line AS line
                 WHERE line.display_type = 'product' AND line.quantity > 0
                """
            ),
            "sale.order": SQL(
                """
                SELECT line.order_id AS document_id, line.product_id
                  FROM sale_order_line AS line
                 WHERE line.display_type IS NULL AND line.product_uom_qty > 0
                """
            ),
        }

    @api.model
    def _purchase_times(self) -> dict[str, str]:
        """Models of documents that know the time of a purchase, with its field, a moment:
        the hook for other apps. An invoice knows its day only."""
        return {"sale.order": "date_order"}

    @api.model
    def _moment_sql(self, alias: str) -> SQL:
        """The moment of a purchase; NULL where its document does not know it.

        :param alias: of :meth:`_of_company` in the statement
        """
        moments = [
            SQL(
                "WHEN %s THEN (SELECT document.%s FROM %s AS document WHERE document.id = %s)",
                SQL("%s = %s", SQL.identifier(alias, "res_model"), model),
                SQL.identifier(name),
                SQL.identifier(self.env[model]._table),
                SQL.identifier(alias, "res_id"),
            )
            for model, name in self._purchase_times().items()
        ]
        return SQL("CASE %s END", SQL(" ").join(moments))

    @api.model
    def _with_products(self, alias: str, products, categories) -> SQL:
        """Whether one of these products was bought with a purchase.

        Imported purchases are of no product.

        :param alias: of :meth:`_of_company` in the statement
        :param products: ``product.template``
        :param categories: ``product.category``; theirs and those below them
        """
        if not (products or categories):
            return SQL("TRUE")
        # sudo: all categories below, whoever asks.
        below = categories.sudo().search([("id", "child_of", categories.ids)])
        meant = SQL(
            """
            SELECT product.id
              FROM product_product AS product
              JOIN product_template AS template ON template.id = product.product_tmpl_id
             WHERE template.id = ANY(%s) OR template.categ_id = ANY(%s)
            """,
            products.ids,
            below.ids if categories else [],
        )
        bought = [
            SQL(
                """
                (%s = %s AND EXISTS (
                    SELECT FROM (%s) AS line
                     WHERE line.document_id = %s AND line.product_id IN (%s)))
                """,
                SQL.identifier(alias, "res_model"),
                model,
                lines,
                SQL.identifier(alias, "res_id"),
                meant,
            )
            for model, lines in self._purchase_lines().items()
        ]
        return SQL("(%s)", SQL(" OR ").join(bought))

    @api.model
    def _stands(self, alias: str, company) -> SQL:
        """Whether a purchase has not been taken back in full, as scores count it: what
        will take it back does not count yet.

        :param alias: of :meth:`_of_company` in the statement
        """
        return SQL(
            """
            (%(key)s IS NULL OR
             (SELECT sum(same.amount) FROM %(transactions)s AS same
               WHERE same.company_id = %(company)s AND same.partner_id = %(partner)s
                 AND same.tied_key = %(key)s
                 AND same.posted_date <= GREATEST(%(today)s, %(posted_date)s)) > 0)
            """,
            key=SQL.identifier(alias, "tied_key"),
            partner=SQL.identifier(alias, "partner_id"),
            company=company.id,
            transactions=self._of_company(company),
            today=company_today(company),
            posted_date=SQL.identifier(alias, "posted_date"),
        )

    @api.model
    def _bought_between(self, company, first, last, products, categories) -> SQL:
        """Who bought in a company from one day to another, by its own choice of documents
        and in its calendar; without what was taken back in full.

        :param products: only with one of these ``product.template``, or
        :param categories: of these ``product.category`` or below; both empty: anything
        :return: a query for ``partner_id`` (the customer) and ``date``
        """
        return SQL(
            """
            SELECT bought.partner_id, bought.date
              FROM %s AS bought
             WHERE bought.company_id = %s AND bought.amount > 0
               AND bought.date BETWEEN %s AND %s AND %s AND %s AND %s
            """,
            self._of_company(company),
            company.id,
            first,
            last,
            until_sql("bought", company_today(company)),
            self._with_products("bought", products, categories),
            self._stands("bought", company),
        )
