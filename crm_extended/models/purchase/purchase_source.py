from typing import NamedTuple

from odoo.tools import SQL


class PurchaseSource(NamedTuple):
    """Where purchases come from: an entry of ``_transaction_sources``."""

    # Model of the documents.
    res_model: str
    # One row a document: ``id``, ``partner_id``, ``company_id``, ``date``, ``amount``,
    # ``reference``, and the columns named below. Or several queries, each of which has
    # some of the documents: PostgreSQL uses no index behind a ``UNION`` of its own.
    query: SQL | tuple[SQL, ...]
    # Those of ``posted_date``, ``purchase_key``, ``customer_id`` and ``res_id`` that the
    # query has.
    columns: tuple[str, ...] = ()
    # Value of the field ``source``, where that is another than the entry's key.
    source: str | None = None
    # Model and column of the document that the contact bought with, where it is another
    # than the row's own.
    bought_with: tuple[str, str] | None = None

    @property
    def queries(self) -> tuple[SQL, ...]:
        return (self.query,) if isinstance(self.query, SQL) else self.query

    def column(self, name: str, otherwise: SQL) -> SQL:
        """A column of the query, or what it is where the query has none.

        :param name: one of those that may be left out
        """
        return SQL.identifier("arm", name) if name in self.columns else otherwise
