from typing import NamedTuple

from odoo.tools import SQL


class LineSource(NamedTuple):
    """The lines of a source of purchases: an entry of ``_purchase_line_sources``."""

    # One row for each line of the documents: ``document_id``, ``line_id``, ``product_id``,
    # ``quantity`` and ``uom_id`` (as the document has them), and what the expressions
    # below name. It may name the purchase, ``bought``.
    query: SQL
    # What a row is analyzed by, over ``line`` and the purchase's ``document``: ``team_id``,
    # ``user_id``, ``medium_id``, ``source_id``, ``campaign_id``.
    dimensions: dict[str, SQL] = {}
    # In company currency, with the sign of the purchase; over the same.
    amount: SQL = SQL("line.amount")
    # The order line that a line is of, over ``line``; none if it is of none.
    sale_line: SQL | None = None
    # Whether a line without cost, or with a negative price, lowers what others cost; over
    # ``line``.
    is_reduction: SQL = SQL("TRUE")
    # Whether a line gives back a part of the price and no goods: then it has no quantity,
    # and costs nothing. Over ``line``, ``line_unit``, ``bought``, ``document`` and the joins.
    is_allowance: SQL | None = None
    # The joins that it needs, each of one row.
    allowance_joins: SQL = SQL()
    # What the quantity is multiplied with, over ``document``.
    sign: SQL = SQL("1")
    # Which lines are of a purchase, if not all of its document.
    condition: SQL = SQL("TRUE")
    # Whether the amounts of a document's lines sum up to that of the purchase. Otherwise
    # each is rounded, and what is left is added to the largest.
    is_exact: bool = False
    # Whether amounts are parts of the purchase: they are scaled to its amount.
    is_scaled: bool = False
    # Units of the currency of prices for one of the company's, over ``line`` and
    # ``document``. Where it is given, the query has ``price_unit``, ``discount`` (percent),
    # ``price_subtotal`` and ``currency_id``, too; without it discounts are not known.
    rate: SQL | None = None
    # The amount without what rounds the document; over the same.
    net: SQL | None = None


class CostSource(NamedTuple):
    """Where the cost of a line may come from: an entry of ``_purchase_line_costs``."""

    # The lower, the more it is trusted.
    trust: int
    # Cost of one unit of the product in company currency, over ``line``, ``bought``,
    # ``product``, ``product_unit`` and the joins. Zero says nothing, as NULL.
    unit: SQL
    # Joins it needs, each by a unique key.
    joins: SQL = SQL()
