from odoo import api, fields, models
from odoo.tools import SQL

from ..common.bulk_sql import STANDS, sum_by_customer
from ..purchase.counted_days import until_sql

# Bits of the number of a document, below those of its day: the first document is the
# lowest of both together.
ID_BITS = 40


class CrmInsightOriginMixin(models.AbstractModel):
    """Where customers came from, as dimensions of an analysis: source and campaign, and
    the product, of their first purchase.

    Nothing is stored. Queries that ask for such a field join the first purchases of the
    companies' customers; others cost what they did. Fields are not prefetched, so that
    reading another one asks for none of them.
    """

    _name = "crm.insight.origin.mixin"
    _description = "Customer Origin Dimensions"

    source_id = fields.Many2one(
        "utm.source",
        readonly=True,
        prefetch=False,
        help="Source of the first purchase's document, or else of the customer's first "
        "lead that has a source or campaign.",
    )
    campaign_id = fields.Many2one(
        "utm.campaign",
        readonly=True,
        prefetch=False,
        help="Campaign of the first purchase's document, or else of the customer's first "
        "lead that has a source or campaign.",
    )
    first_product_id = fields.Many2one(
        "product.template",
        string="First Product Bought",
        readonly=True,
        prefetch=False,
        help="The product that brought most of the first purchase's revenue; empty for "
        "imported purchases.",
    )

    def _field_to_sql(self, alias, field_expr, query=None):
        queries = {
            "source_id": self._sources_query,
            "campaign_id": self._sources_query,
            "first_product_id": self._first_products_query,
        }
        if query is None or field_expr not in queries:
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        make_query = queries[field_expr]
        joined = query.make_alias(alias, make_query.__name__.strip("_"))
        if joined not in query._joins:
            rows = SQL(" UNION ALL ").join(
                # sudo: the source of purchases, of companies that the user works in.
                make_query(company)
                for company in self.env.companies.sudo()
            )
            query.add_join(
                "LEFT JOIN",
                joined,
                SQL("(%s)", rows),
                SQL(
                    "%s = %s AND %s = %s",
                    SQL.identifier(alias, "partner_id"),
                    SQL.identifier(joined, "partner_id"),
                    SQL.identifier(alias, "company_id"),
                    SQL.identifier(joined, "company_id"),
                ),
            )
        return SQL.identifier(joined, field_expr)

    @api.model
    def _firsts_query(self, company) -> SQL:
        """The document of each customer's first purchase that was not taken back:
        ``partner_id``, ``res_model``, ``res_id`` and ``purchase_key``."""
        today = fields.Date.context_today(self)
        transactions = self.env["crm.customer.transaction"]._for_sums(company, today)
        bought = SQL(
            """
            SELECT t.partner_id, t.tied_key,
                   min((t.date - '0001-01-01'::date)::bigint << %(bits)s | t.id)
                       FILTER (WHERE t.is_purchase) AS first,
                   sum(t.amount) FILTER (WHERE t.tied_key IS NOT NULL) AS total
              FROM %(transactions)s AS t
             WHERE t.date <= %(today)s AND t.posted_date <= %(today)s
          GROUP BY t.partner_id, t.tied_key
            """,
            bits=ID_BITS,
            transactions=transactions,
            today=today,
        )
        customers = sum_by_customer(
            bought, SQL("min(bought.first) FILTER (WHERE %s) AS first", STANDS)
        )
        return SQL(
            """
            SELECT customer.partner_id, t.res_model, t.res_id, t.purchase_key
              FROM (%s) AS customer
              JOIN %s AS t ON t.id = customer.first & ((1::bigint << %s) - 1)
            """,
            customers,
            transactions,
            ID_BITS,
        )

    @api.model
    def _sources_query(self, company) -> SQL:
        """Source and campaign that customers of a company came by.

        The user may see the customer. Leads are read whoever they are assigned to: only
        the customer's source and campaign are shown of them.
        """
        self.env["crm.lead"].flush_model(
            ["partner_id", "company_id", "source_id", "campaign_id"]
        )
        return SQL(
            """
            SELECT first.partner_id, %(company)s AS company_id,
                   CASE WHEN %(has_own)s
                        THEN COALESCE(move.source_id, sale.source_id)
                        ELSE lead.source_id END AS source_id,
                   CASE WHEN %(has_own)s
                        THEN COALESCE(move.campaign_id, sale.campaign_id)
                        ELSE lead.campaign_id END AS campaign_id
              FROM (%(firsts)s) AS first
         LEFT JOIN account_move AS move
                ON first.res_model = 'account.move' AND move.id = first.res_id
         LEFT JOIN sale_order AS sale
                ON first.res_model = 'sale.order' AND sale.id = first.res_id
         LEFT JOIN (
                    SELECT DISTINCT ON (contact.commercial_partner_id)
                           contact.commercial_partner_id AS partner_id,
                           lead.source_id, lead.campaign_id
                      FROM crm_lead AS lead
                      JOIN res_partner AS contact ON contact.id = lead.partner_id
                     WHERE (lead.source_id IS NOT NULL OR lead.campaign_id IS NOT NULL)
                       AND (lead.company_id IS NULL OR lead.company_id = %(company)s)
                  ORDER BY contact.commercial_partner_id, lead.create_date, lead.id
                   ) AS lead ON lead.partner_id = first.partner_id
            """,
            company=company.id,
            has_own=SQL(
                "COALESCE(move.source_id, move.campaign_id, sale.source_id, "
                "sale.campaign_id) IS NOT NULL"
            ),
            firsts=self._firsts_query(company),
        )

    @api.model
    def _first_products_query(self, company) -> SQL:
        """The product of the first purchase with the highest revenue; of equal ones the
        one entered first."""
        lines = self.env["crm.customer.purchase.line"]
        return SQL(
            """
            SELECT DISTINCT ON (first.partner_id)
                   first.partner_id, %(company)s AS company_id,
                   bought.product_tmpl_id AS first_product_id
              FROM (%(firsts)s) AS first
              JOIN (SELECT purchase_key, product_tmpl_id, sum(amount) AS amount
                      FROM %(lines)s AS line
                     WHERE product_tmpl_id IS NOT NULL AND %(until)s
                  GROUP BY purchase_key, product_tmpl_id
                   ) AS bought ON bought.purchase_key = first.purchase_key
          ORDER BY first.partner_id, bought.amount DESC, bought.product_tmpl_id
            """,
            company=company.id,
            firsts=self._firsts_query(company),
            lines=lines._of_company(company),
            until=until_sql("line", fields.Date.context_today(self)),
        )
