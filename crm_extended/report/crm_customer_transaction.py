from odoo import api, fields, models
from odoo.tools import SQL

# Put into the context where purchases are not rolled up to customers. An object, because
# a string could come from outside.
BY_CONTACT = object()


class CrmCustomerTransaction(models.Model):
    """Purchases and refunds of all customers, read where they stand; never written."""

    _name = "crm.customer.transaction"
    _inherit = [
        "crm.customer.record.mixin",
        "crm.rfm.dimension.mixin",
        "crm.loyalty.dimension.mixin",
    ]
    _description = "Customer Transaction"
    _auto = False
    _rec_name = "reference"
    _order = "date desc, id desc"
    _rfm_customer_field = "partner_id"

    # Whatever an arm below reads is flushed before, and makes what was read stale.
    _depends = {
        "account.move": [
            "name",
            "state",
            "move_type",
            "partner_id",
            "company_id",
            "invoice_date",
            "amount_untaxed_signed",
        ],
        "sale.order": [
            "name",
            "state",
            "partner_id",
            "company_id",
            "date_order",
            "amount_untaxed",
            "currency_rate",
        ],
        "crm.purchase.history": [
            "partner_id",
            "company_id",
            "date",
            "amount",
            "currency_id",
            "reference",
        ],
        "res.company": ["rfm_source", "currency_id", "partner_id", "parent_path"],
        "res.currency": ["rounding"],
        "res.currency.rate": ["name", "rate", "company_id", "currency_id"],
        "res.partner": ["commercial_partner_id", "tz"],
    }

    partner_id = fields.Many2one(readonly=True)
    company_id = fields.Many2one(readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(readonly=True)
    amount = fields.Monetary(
        readonly=True,
        help="Untaxed, after discounts, in the company's currency; negative for a refund.",
    )
    is_refund = fields.Boolean(string="Refund", readonly=True)
    source = fields.Selection(
        [
            ("invoice", "Invoice"),
            ("sale", "Sales Order"),
            ("history", "Purchase History"),
        ],
        readonly=True,
    )
    reference = fields.Char(readonly=True)
    res_model = fields.Char(string="Document Model", readonly=True)
    res_id = fields.Many2oneReference(
        string="Document", model_field="res_model", readonly=True
    )

    @property
    def _table_query(self):
        sources = self._transaction_sources()
        # Contacts as the documents name them, or the customers they belong to.
        customer, rolled_up = SQL("arm.partner_id"), SQL()
        if self.env.context.get("transaction_by_contact") is not BY_CONTACT:
            customer = SQL("customer.commercial_partner_id")
            rolled_up = SQL(
                "JOIN res_partner AS customer ON customer.id = arm.partner_id"
            )
        return SQL(" UNION ALL ").join(
            SQL(
                """
                SELECT arm.id::bigint * %(arms)s + %(number)s AS id,
                       %(customer)s AS partner_id,
                       arm.company_id,
                       arm.date,
                       arm.amount,
                       arm.amount < 0 AS is_refund,
                       %(source)s AS source,
                       arm.reference,
                       %(res_model)s AS res_model,
                       arm.id AS res_id
                  FROM (%(query)s) AS arm
                       %(rolled_up)s
                """,
                arms=len(sources),
                number=number,
                customer=customer,
                rolled_up=rolled_up,
                source=SQL("%s::varchar", source),
                res_model=SQL("%s::varchar", res_model),
                query=query,
            )
            for number, (source, (res_model, query)) in enumerate(sources.items())
            if not self._is_empty(source)
        )

    @api.model
    def _transaction_sources(self) -> dict[str, tuple[str, SQL]]:
        """Where purchases come from: the hook for other apps.

        An addon that sells through another channel adds an entry to what ``super()``
        gives, its key to :attr:`source`, and the fields it reads to ``_depends``. It must
        leave out what another arm counts already.

        :return: model and query by source; a query has the columns ``id``,
            ``partner_id`` (any contact of the customer), ``company_id``, ``date``,
            ``amount`` (company currency, untaxed, refunds negative) and ``reference``
        """
        return {
            "invoice": ("account.move", self._invoice_query()),
            "sale": ("sale.order", self._sale_query()),
            "history": ("crm.purchase.history", self._history_query()),
        }

    @api.model
    def _of_company(self, company, by_contact: bool = False) -> SQL:
        """The transactions of one company, as a table expression.

        The same rows as the read model has of it, but out of a query that PostgreSQL can
        share among processes, and of which it knows how many contacts it has: without a
        join to companies, and without the sources that have nothing of this one.

        :param by_contact: ``partner_id`` is whichever contact of the customer bought.
            To be summed up before contacts are rolled up: there are fewer contacts than
            purchases.
        """
        # Which sources have something is looked up in the database.
        self.env.flush_all()
        return self.with_context(
            transaction_company_id=company.id,
            transaction_by_contact=BY_CONTACT if by_contact else None,
        )._table_sql

    def _is_empty(self, source: str) -> bool:
        """Whether a source is known to have nothing of the one company asked for.

        :param source: a key of :meth:`_transaction_sources`
        """
        company_id = self.env.context.get("transaction_company_id")
        if company_id is None:
            return False
        if source == "history":
            # sudo: whether there is anything is no secret to who may sum it up.
            history = self.env["crm.purchase.history"].sudo()
            return not history.search_count([("company_id", "=", company_id)], limit=1)
        return source in ("invoice", "sale") and source != self._counted_source()

    def _counted_source(self) -> str:
        """Which documents the one company asked for counts."""
        # sudo: what its company counts is no secret to who may sum up its documents.
        company = self.env["res.company"].sudo()
        company = company.browse(self.env.context["transaction_company_id"])
        return company.rfm_source or "invoice"

    def _is_company_counting(self, source: str, column: SQL) -> SQL:
        """Whether a document's company counts this source.

        :param source: ``invoice`` or ``sale``
        :param column: the document's company
        """
        company_id = self.env.context.get("transaction_company_id")
        if company_id is None:
            return SQL(
                """
                %s IN (SELECT id FROM res_company
                        WHERE COALESCE(rfm_source, 'invoice') = %s)
                """,
                column,
                source,
            )
        if source != self._counted_source():
            return SQL("FALSE")
        return SQL("%s = %s", column, company_id)

    def _is_in_history(self, comparison: SQL) -> SQL:
        """Whether an imported purchase is in, or not in, its company's own currency.

        :param comparison: ``=`` or ``<>``
        """
        condition = SQL("history.currency_id %s company.currency_id", comparison)
        company_id = self.env.context.get("transaction_company_id")
        if company_id is None:
            return condition
        [[found]] = self.env.execute_query(
            SQL(
                """
                SELECT EXISTS (
                       SELECT FROM crm_purchase_history AS history
                         JOIN res_company AS company ON company.id = history.company_id
                        WHERE history.company_id = %s AND %s)
                """,
                company_id,
                condition,
            )
        )
        if not found:
            return SQL("FALSE")
        return SQL("%s AND history.company_id = %s", condition, company_id)

    def _invoice_query(self) -> SQL:
        """Posted customer invoices and credit notes of companies that count those."""
        return SQL(
            """
            SELECT move.id, move.partner_id, move.company_id, move.invoice_date AS date,
                   move.amount_untaxed_signed AS amount, move.name AS reference
              FROM account_move AS move
             WHERE move.state = 'posted'
               AND move.move_type IN ('out_invoice', 'out_refund')
               AND %s
            """,
            self._is_company_counting("invoice", SQL("move.company_id")),
        )

    def _sale_query(self) -> SQL:
        """Confirmed sales orders of companies that count those, on the day it was in the
        company's time zone."""
        return SQL(
            """
            SELECT sale.id, sale.partner_id, sale.company_id,
                   (sale.date_order AT TIME ZONE 'UTC'
                       AT TIME ZONE COALESCE(company_partner.tz, 'UTC'))::date AS date,
                   %(amount)s AS amount, sale.name AS reference
              FROM sale_order AS sale
              JOIN res_company AS company ON company.id = sale.company_id
              JOIN res_partner AS company_partner
                ON company_partner.id = company.partner_id
              JOIN res_currency AS currency ON currency.id = company.currency_id
             WHERE sale.state = 'sale'
               AND %(counting)s
            """,
            counting=self._is_company_counting("sale", SQL("sale.company_id")),
            amount=self._rounded_sql(
                SQL("sale.amount_untaxed / COALESCE(NULLIF(sale.currency_rate, 0), 1)")
            ),
        )

    def _history_query(self) -> SQL:
        """Imported purchases, converted at the rate of their day.

        Converted when read, not when imported: rates that are entered or corrected
        later count. The rate is chosen as ``res.currency`` chooses it.

        An import that has the number and the day of an invoice or order that is
        counted already is that invoice or order, and is left out.
        """
        converted = self._rounded_sql(
            SQL(
                "history.amount * %s / %s",
                self._rate_sql(SQL("company.currency_id")),
                self._rate_sql(SQL("history.currency_id")),
            )
        )
        # Two halves, so that looking up rates weighs on the plan of foreign ones alone.
        return SQL(" UNION ALL ").join(
            SQL(
                """
                SELECT history.id, history.partner_id, history.company_id, history.date,
                       %(amount)s AS amount, history.reference
                  FROM crm_purchase_history AS history
                  JOIN res_company AS company ON company.id = history.company_id
                  JOIN res_currency AS currency ON currency.id = company.currency_id
                 WHERE %(in_history)s
                   AND NOT EXISTS (
                       SELECT
                         FROM (%(invoices)s UNION ALL %(orders)s) AS counted
                        WHERE counted.reference = history.reference
                          AND counted.company_id = history.company_id
                          AND counted.date = history.date)
                """,
                invoices=self._invoice_query(),
                orders=self._sale_query(),
                amount=amount,
                in_history=self._is_in_history(comparison),
            )
            for amount, comparison in (
                (SQL("history.amount"), SQL("=")),
                (converted, SQL("<>")),
            )
        )

    @staticmethod
    def _rounded_sql(amount: SQL) -> SQL:
        """An amount in units of the row's ``currency``."""
        return SQL(
            "round((%s)::numeric / currency.rounding) * currency.rounding", amount
        )

    @staticmethod
    def _rate_sql(currency_id: SQL) -> SQL:
        """Rate of a currency on the day of the row of ``history``: the last one until
        that day before the first one after, the company's own before a shared one."""
        own = SQL("rate.company_id = split_part(company.parent_path, '/', 1)::int")
        shared = SQL("rate.company_id IS NULL")
        until = SQL("rate.name <= history.date ORDER BY rate.name DESC")
        after = SQL("rate.name > history.date ORDER BY rate.name")
        found = [
            SQL(
                """
                (SELECT rate.rate
                   FROM res_currency_rate AS rate
                  WHERE rate.currency_id = %s AND %s AND %s
                  LIMIT 1)
                """,
                currency_id,
                owner,
                period,
            )
            for period in (until, after)
            for owner in (own, shared)
        ]
        return SQL("COALESCE(%s, 1.0)", SQL(", ").join(found))

    def action_open_document(self):
        """Open the invoice, order or imported purchase behind a row."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "view_mode": "form",
        }
