from typing import NamedTuple

from odoo.tools import SQL


class PurchaseSource(NamedTuple):
    """A source of purchases: an entry of ``_transaction_sources``."""

    # Model of the documents.
    res_model: str
    # One row for each document: ``id``, ``partner_id``, ``company_id``, ``date``, ``amount``,
    # ``reference``, and the columns named below. Or several queries, each of which has
    # some of the documents: PostgreSQL uses no index behind a ``UNION`` of its own.
    query: SQL | tuple[SQL, ...]
    # The columns out of ``posted_date``, ``purchase_key``, ``customer_id``, ``res_id`` and
    # ``origin_id`` that the query has.
    columns: tuple[str, ...] = ()
    # Value of the field ``source``, if it is not the entry's key.
    source: str | None = None
    # Model and column of the document that the contact bought with, if it is not the
    # row's own.
    bought_with: tuple[str, str] | None = None

    @property
    def queries(self) -> tuple[SQL, ...]:
        return (self.query,) if isinstance(self.query, SQL) else self.query

    def column(self, name: str, otherwise: SQL) -> SQL:
        """A column of the query, or its value if the query does not have it.

        :param name: of an optional column
        """
        return SQL.identifier("arm", name) if name in self.columns else otherwise
