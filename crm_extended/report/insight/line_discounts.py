"""What was taken off the price of the lines of purchases."""

from odoo.tools import SQL

# Columns of the read model.
DISCOUNT = ("discount", "list_amount")
# Those of a purchase whose prices are not known.
NO_DISCOUNT = {
    "discount": SQL("NULL::numeric"),
    "list_amount": SQL("NULL::numeric"),
}
# The currencies of prices and amounts, left out where no discount is asked for.
DISCOUNT_JOINS = SQL(
    """
    LEFT JOIN res_currency AS price_currency ON price_currency.id = line.currency_id
    LEFT JOIN res_company AS price_company ON price_company.id = bought.company_id
    LEFT JOIN res_currency AS own_currency ON own_currency.id = price_company.currency_id
    """
)


def discount_columns(source, sign: SQL, net: SQL, payments: list[SQL]) -> dict:
    """The discount of a line in company currency, and its amount before that.

    Together they are the amount of the line, to the cent. Three kinds of lines:

    - A line with a negative price lowers what the others cost: all of it is discount, and
      before it there was nothing.
    - A line with a percentage: the price before it, less what is left. Where the price
      includes taxes, which is seen from what is left, it is the percentage of that.
    - Any other, also one with a raised price (a negative percentage): none.

    :param source: :class:`LineSource`
    :param sign: of the document
    :param net: the line's amount, without roundings of the document
    :param payments: conditions on lines with a negative price that pay, and so lower
        nothing
    """
    if source.rate is None:
        return NO_DISCOUNT
    values = {
        "net": net,
        "gross": SQL("(line.price_unit::numeric * line.quantity::numeric)"),
        "share": SQL("(line.discount::numeric / 100)"),
        "subtotal": SQL("line.price_subtotal::numeric"),
        "is_payment": SQL(" OR ").join(
            [SQL("NOT COALESCE(%s, TRUE)", source.is_reduction), *payments]
        ),
        "per_unit": SQL(
            "(%s) / COALESCE(NULLIF((%s)::numeric, 0), 1)", sign, source.rate
        ),
    }
    discount = SQL(
        """
        CASE WHEN line.price_unit IS NULL THEN NULL
             WHEN line.price_unit < 0
             THEN CASE WHEN %(is_payment)s THEN 0 ELSE -(%(net)s) END
             WHEN line.discount > 0 IS NOT TRUE THEN 0
             WHEN %(subtotal)s <> 0 AND abs(%(gross)s * (1 - %(share)s) - %(subtotal)s)
                  <= COALESCE(price_currency.rounding, 0.01)
             THEN %(net)s * (%(gross)s / %(subtotal)s - 1)
             WHEN %(subtotal)s <> 0 AND line.discount < 100
             THEN %(net)s * %(share)s / (1 - %(share)s)
             ELSE %(gross)s * %(share)s * %(per_unit)s END
        """,
        **values,
    )
    rounded = SQL(
        "round((%s)::numeric / own_currency.rounding) * own_currency.rounding", discount
    )
    return {"discount": rounded, "list_amount": SQL("NULL::numeric")}


def before_discount(columns: dict[str, SQL], amount: SQL) -> dict[str, SQL]:
    """The amount before discount of a line whose discount is among the columns."""
    return {"list_amount": SQL("%s + %s", amount, columns["discount"])}
