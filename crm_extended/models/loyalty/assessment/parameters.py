"""What the assessment of loyalty tiers depends on, and how its statements name things.

The statements are in the modules beside this one, and read like the rules in the guide:
what everybody bought in the qualifying period (``_sums``), which thresholds that meets
(``_thresholds``), which rung it earns or keeps (``_judging``), what follows for who is a
member (``_deciding``), and what is written (``_queries``).
"""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from odoo.tools import SQL


class Rung(NamedTuple):
    """A tier as the assessment sees it; rungs are numbered from the lowest, 1."""

    tier_id: int
    rise_amount: float
    rise_orders: int
    keep_amount: float
    keep_orders: int
    # Whether one criterion is enough.
    any_of_them: bool
    # Segments of whom the tier is reserved to; empty for everybody.
    segment_ids: list[int]


# The table of rungs: the thresholds of each, and its number.
RUNG_COLUMNS = (*Rung._fields[:-1], "rank")

# What an assessment writes of a membership, where it differs.
COLUMNS = (
    "tier_id",
    "date_from",
    "state",
    "valid_date",
    "as_of",
    "qualifying_amount",
    "qualifying_orders",
    "last_period_amount",
    "amount_to_keep",
    "orders_to_keep",
    "next_tier_id",
    "amount_to_next",
    "orders_to_next",
    "next_progress",
)

# Where an assessment keeps the sums it starts from, and the periods they are of.
FIGURES_TABLE = "crm_loyalty_figures"
BORN_TABLE = "crm_loyalty_born"


@dataclass(frozen=True)
class Assessing:
    """What the tiers of a company's customers on one day depend on."""

    # The read model, as a table expression with columns ``partner_id``,
    # ``company_id``, ``date``, ``posted_date``, ``amount``, ``tied_key``.
    transactions: SQL
    # The same as of that day, to be summed up: with whichever contact of the customer
    # bought, and with ``is_purchase``.
    purchases: SQL
    company_id: int
    as_of: date
    # ``rolling``, ``calendar`` or ``anniversary``.
    period: str
    # Length of a rolling period.
    months: int
    grace_months: int
    # Whether who falls, falls one rung only.
    one_rung: bool
    rungs: list[Rung]
    # Whether that day is another than today: it is kept with the memberships then, and
    # whoever has changed after it is left alone.
    pinned: bool
    # Whether there may be somebody to tell who rose or fell.
    to_tell: bool = True
    # Whether what changes follows from another definition, of which nobody is told.
    definition_changed: bool = False
    # The day of the assessment before, if that was not long ago.
    last_day: date | None = None
    # Whether its figures can be compared with those of the same day as they are known
    # now: it was of the same periods and purchases.
    comparable: bool = False
    # Figures that were recorded up to this day are of other periods or purchases.
    other_until: date | None = None
    # Whether purchases are invoices, of which cancelled ones can be seen still.
    invoices_count: bool = True
    # Ids of the customers to be assessed; ``None`` for all.
    customer_ids: list[int] | None = None

    def chosen_sql(self, customer: SQL) -> SQL:
        """Whether a customer is one of those to be assessed.

        :param customer: column with his id
        """
        if self.customer_ids is None:
            return SQL("TRUE")
        return SQL("%s = ANY(%s)", customer, self.customer_ids)

    @property
    def rolling(self) -> bool:
        return self.period == "rolling"


def columns_of(alias: str) -> SQL:
    """What an assessment writes, out of a table."""
    return SQL(", ").join(SQL.identifier(alias, column) for column in COLUMNS)


def stored_name(column: str) -> SQL:
    """The name under which what is stored of a membership comes along."""
    return SQL.identifier(f"stored_{column}")


def temporary(name: str) -> SQL:
    """A table of this transaction's own."""
    return SQL("pg_temp.%s", SQL.identifier(name))
