from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL

from .empty_help import purchases_help
from .purchase_source import PurchaseSource

# Context markers: purchases stay with the contacts that documents name; documents are
# included whether their company counts them or not. Objects, because RPC callers can
# only send JSON.
BY_CONTACT = object()
ALL_DOCUMENTS = object()


class Counting(NamedTuple):
    """In the context: ids of the companies that count invoices, or orders. A class,
    because RPC callers can only send JSON."""

    invoice: tuple[int, ...]
    sale: tuple[int, ...]


class Assumed(NamedTuple):
    """In the context: the documents to count as if the company had chosen them. A class,
    because RPC callers can only send JSON."""

    source: str


class CrmCustomerTransaction(models.Model):
    """Purchases and refunds of all customers, read from their documents; never written.

    Its parts: the sources ``crm_customer_transaction_invoice.py``,
    ``crm_customer_transaction_sale.py`` and ``crm_customer_transaction_history.py``; sums
    as of a day in ``crm_customer_transaction_sums.py``; documents that do not count at
    present in ``crm_customer_transaction_unfiltered.py``; what each choice of documents
    would count in ``crm_customer_transaction_choice.py``; and which products were bought
    in ``crm_customer_transaction_products.py``.
    """

    _name = "crm.customer.transaction"
    _inherit = "crm.customer.record.mixin"
    _description = "Customer Purchase"
    _auto = False
    _rec_name = "reference"
    _order = "date desc, id desc"

    # The fields that the sources read: flushed before a read, and invalidating it.
    _depends = {
        "account.move": [
            "name",
            "state",
            "move_type",
            "partner_id",
            "commercial_partner_id",
            "company_id",
            "invoice_date",
            "amount_untaxed_signed",
            "amount_total",
            "amount_residual",
            "reversed_entry_id",
        ],
        "account.move.line": [
            "move_id",
            "currency_id",
            "balance",
            "amount_currency",
            "display_type",
        ],
        "account.partial.reconcile": ["debit_move_id", "credit_move_id"],
        "sale.order": [
            "name",
            "state",
            "partner_id",
            "company_id",
            "date_order",
            "amount_untaxed",
            "currency_id",
            "currency_rate",
        ],
        "sale.order.line": ["order_id", "is_downpayment"],
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
        "crm.customer.former.contact": [
            "partner_id",
            "customer_id",
            "date_to",
            "last_ids",
            "documents",
        ],
    }

    partner_id = fields.Many2one(readonly=True)
    company_id = fields.Many2one(readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(
        readonly=True,
        help="Date of the purchase. A credit note takes the date of the invoice it "
        "reverses.",
    )
    posted_date = fields.Date(
        string="Document Date", readonly=True, help="Date of the document itself."
    )
    purchase_key = fields.Char(
        string="Purchase",
        readonly=True,
        help="Documents with the same key count as one purchase: an invoice and its "
        "credit notes, or the deposit and final invoice of an order.",
    )
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
        sources = self._get_rows_by_source().values()
        return SQL(" UNION ALL ").join(
            rows for _model, queries in sources for rows in queries
        )

    def _get_rows_by_source(self) -> dict[str, tuple[str, list[SQL]]]:
        """The queries of the read model, source by source.

        :return: by key of :meth:`_transaction_sources` the model of the documents, and
            queries that give the columns of the read model; none for a source that is
            known to have no rows
        """
        this = self._with_counting()
        sources = this._get_sources()
        found = {name: (source.res_model, []) for name, source in sources.items()}
        for number, (name, source) in enumerate(sources.items()):
            if not this._is_empty(name):
                key, arms = source.source or name, len(sources)
                found[name][1].extend(this._rows_of(source, key, number, arms))
        return found

    @api.model
    def _transaction_sources(self) -> dict[str, tuple]:
        """The sources of purchases: the hook for other apps.

        An addon that sells through another channel adds an entry to the result of
        ``super()``, its key to :attr:`source`, and the fields it reads to ``_depends``.
        It must leave out documents that another source counts already.

        :return: :class:`PurchaseSource` by source, or just model and query. A query has
            the columns ``id``, ``partner_id`` (any contact of the customer),
            ``company_id``, ``date``, ``amount`` (company currency, untaxed, refunds
            negative) and ``reference``. It may have, if the entry names them,

            - ``posted_date``, the document's own day, where ``date`` is the day of a
              document that it takes back; otherwise it is ``date``;
            - ``purchase_key``, a text that documents of one purchase have in common;
              NULL (or left out) for one that is a purchase by itself;
            - ``customer_id``, the customer, if the document names it; otherwise it is the
              customer of the contact on that day;
            - ``res_id``, id of the document, if ``id`` is not;
            - ``origin_id``, id of the document that it takes back.
        """
        return {
            "invoice": PurchaseSource(
                "account.move",
                self._invoice_queries(),
                ("posted_date", "purchase_key", "customer_id", "origin_id"),
            ),
            "sale": PurchaseSource("sale.order", self._sale_query(), ("purchase_key",)),
            "sale_credit": PurchaseSource(
                "account.move",
                self._sale_credit_query(),
                ("posted_date", "purchase_key", "res_id"),
                source="sale",
                bought_with=("sale.order", "order_id"),
            ),
            "history": PurchaseSource("crm.purchase.history", self._history_query()),
        }

    def _get_sources(self) -> dict[str, PurchaseSource]:
        return {
            name: PurchaseSource(*source)
            for name, source in self._transaction_sources().items()
        }

    @api.model
    def _get_contact_models(self) -> list[str]:
        """Models of documents that do not name the customer of the contact."""
        return sorted(
            {
                source.bought_with[0] if source.bought_with else source.res_model
                for source in self._get_sources().values()
                if "customer_id" not in source.columns
            }
        )

    def _rows_of(self, source: PurchaseSource, name: str, number: int, arms: int):
        """The queries that give the rows of one source, in the model's columns.

        Rolled up to the customers of today, or with the contacts as the documents name
        them. Beside the columns of the model there are ``tied_key``: the purchase's key
        where other documents may have the same, NULL where none can; and ``origin_id``:
        the invoice that a document takes back, NULL for all others.
        """
        res_model = SQL("%s::varchar", source.res_model)
        res_id = source.column("res_id", SQL("arm.id"))
        tied_key = source.column("purchase_key", SQL("NULL::text"))
        is_purchase = SQL("arm.amount > 0")
        if name == "invoice" and "transaction_settled" in self.env.context:
            is_purchase = SQL("arm.is_purchase")
        columns = SQL(
            """
            arm.id::bigint * %(arms)s + %(number)s AS id, arm.company_id, arm.date,
            %(posted_date)s AS posted_date, arm.amount, arm.amount < 0 AS is_refund,
            %(is_purchase)s AS is_purchase, %(tied_key)s AS tied_key,
            COALESCE(%(tied_key)s, %(res_model)s || ',' || %(res_id)s) AS purchase_key,
            %(origin_id)s AS origin_id,
            %(source)s AS source, arm.reference,
            %(res_model)s AS res_model, %(res_id)s AS res_id
            """,
            arms=arms,
            number=number,
            posted_date=source.column("posted_date", SQL("arm.date")),
            is_purchase=is_purchase,
            tied_key=tied_key,
            origin_id=source.column("origin_id", SQL("NULL::int")),
            res_model=res_model,
            res_id=res_id,
            source=SQL("%s::varchar", name),
        )
        for buyer, join, condition in self._buyers_of(source):
            if self.env.context.get("transaction_by_contact") is not BY_CONTACT:
                join = SQL(
                    "%s JOIN res_partner AS customer ON customer.id = %s", join, buyer
                )
                buyer = SQL("customer.commercial_partner_id")
            for query in source.queries:
                yield SQL(
                    "SELECT %s AS partner_id, %s FROM (%s) AS arm %s WHERE %s",
                    buyer,
                    columns,
                    query,
                    join,
                    condition,
                )

    def _buyers_of(self, source: PurchaseSource):
        """The customer of a purchase: a column, the join and the condition it needs.

        Either the document names the customer, or it is the one that its contact belonged
        to on that day. Contacts who left are a query of their own, so that both queries
        can use an index.
        """
        if "customer_id" in source.columns:
            yield SQL("arm.customer_id"), SQL(), SQL("TRUE")
            return
        if not self._has_former_contacts():
            yield SQL("arm.partner_id"), SQL(), SQL("TRUE")
            return
        model, document = source.bought_with or (source.res_model, "id")
        is_before = self.env["crm.customer.former.contact"]._is_before_sql
        of_document = (model, SQL.identifier("arm", document), SQL("arm.date"))
        former = SQL(
            "former.partner_id = arm.partner_id AND %s",
            is_before("former", *of_document),
        )
        yield (
            SQL("arm.partner_id"),
            SQL(),
            SQL(
                "NOT EXISTS (SELECT FROM crm_customer_former_contact AS former WHERE %s)",
                former,
            ),
        )
        yield (
            SQL("former.customer_id"),
            SQL("JOIN crm_customer_former_contact AS former ON %s", former),
            SQL(
                """
                former.customer_id IS NOT NULL
                AND NOT EXISTS (
                    SELECT FROM crm_customer_former_contact AS earlier
                     WHERE earlier.partner_id = former.partner_id
                       AND (earlier.date_to, earlier.id) < (former.date_to, former.id)
                       AND %s)
                """,
                is_before("earlier", *of_document),
            ),
        )

    def _has_former_contacts(self) -> bool:
        """Whether there are contacts who left a customer."""
        # sudo: only whether there are any, for users who may read purchases.
        former = self.env["crm.customer.former.contact"].sudo()
        return bool(former.search_count([], limit=1))

    @api.model
    def _of_company(self, company, by_contact: bool = False) -> SQL:
        """The transactions of one company, as a table expression.

        It has the same rows as the read model, but from a query that PostgreSQL can run
        in parallel, and whose number of contacts it can estimate: without a join to
        companies, and without sources that have nothing of this company.

        :param by_contact: ``partner_id`` is the contact that bought, not the customer. To
            aggregate by contact first: there are fewer contacts than purchases.
        """
        # The database is asked which sources have rows.
        self.env.flush_all()
        return self.with_context(
            transaction_company_id=company.id,
            transaction_by_contact=BY_CONTACT if by_contact else None,
        )._table_sql

    def _is_empty(self, source: str) -> bool:
        """Whether a source is known to have no rows, of the chosen company or at all.
        PostgreSQL need not plan what is left out.

        :param source: a key of :meth:`_transaction_sources`
        """
        company_id = self.env.context.get("transaction_company_id")
        if source == "history":
            # sudo: only whether there is any, for users who may sum it up.
            history = self.env["crm.purchase.history"].sudo()
            domain = [("company_id", "=", company_id)] if company_id else []
            return not history.search_count(domain, limit=1)
        counted = {"invoice": "invoice", "sale": "sale", "sale_credit": "sale"}
        if source not in counted:
            return False
        if company_id is not None:
            return counted[source] != self._counted_source()
        return not self._counting(counted[source])

    def _with_counting(self):
        """The same, with the sources that companies count in the context."""
        if self.env.context.get("transaction_company_id") is not None:
            return self
        # sudo: the source that companies count, for users who may read documents.
        companies = self.env["res.company"].sudo().with_context(active_test=False)
        by_sale = companies.search([("rfm_source", "=", "sale")])
        by_invoice = companies.search([]) - by_sale
        counting = Counting(tuple(by_invoice.ids), tuple(by_sale.ids))
        return self.with_context(transaction_counting=counting)

    def _counting(self, source: str) -> list[int]:
        """Ids of the companies that count a source.

        :param source: ``invoice`` or ``sale``
        """
        counting = self.env.context.get("transaction_counting")
        if not isinstance(counting, Counting):
            counting = self._with_counting().env.context["transaction_counting"]
        return list(getattr(counting, source))

    def _counted_source(self) -> str:
        """The documents that the chosen company counts."""
        assumed = self.env.context.get("transaction_assumed")
        if isinstance(assumed, Assumed):
            return assumed.source
        # sudo: as above, for users who may sum up its documents.
        company = self.env["res.company"].sudo()
        company = company.browse(self.env.context["transaction_company_id"])
        return company.rfm_source or "invoice"

    def _is_company_counting(self, source: str, column: SQL) -> SQL:
        """Whether a document's company counts this source.

        :param source: ``invoice`` or ``sale``
        :param column: the document's company
        """
        if self.env.context.get("transaction_all") is ALL_DOCUMENTS:
            return SQL("TRUE")
        company_id = self.env.context.get("transaction_company_id")
        if company_id is None:
            # Written out, so that an index by company serves.
            return SQL("%s = ANY(%s)", column, self._counting(source))
        if source != self._counted_source():
            return SQL("FALSE")
        return SQL("%s = %s", column, company_id)

    @staticmethod
    def _rounded_sql(amount: SQL) -> SQL:
        """An amount in units of the row's ``currency``."""
        return SQL(
            "round((%s)::numeric / currency.rounding) * currency.rounding", amount
        )

    def action_open_document(self):
        """Open the invoice, order or imported purchase behind a row."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "view_mode": "form",
        }

    @api.model
    def get_empty_list_help(self, help_message):
        return purchases_help(self.env, super().get_empty_list_help(help_message))
