"""What the assessment of loyalty tiers depends on, and how its statements name things.

The statements are in the modules beside this one, in the order of the rules in the guide:
what candidates bought in the qualifying period (``qualification``), which level that earns
or keeps and what follows from it (``rules``), what changes if purchases exist no more
(``taken_back``), and what is written (``statements``).
"""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from odoo.tools import SQL


class TierLevel(NamedTuple):
    """A tier as the assessment sees it; levels are numbered from the lowest, 1."""

    tier_id: int
    rise_amount: float
    rise_orders: int
    keep_amount: float
    keep_orders: int
    # Whether one criterion is enough.
    any_of_them: bool
    # Segments the tier is restricted to; empty means no restriction.
    segment_ids: list[int]


# Columns of the table of levels: the thresholds of each, and its number.
LEVEL_COLUMNS = (*TierLevel._fields[:-1], "rank")

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

# Temporary tables: qualifying totals, and the periods between anniversaries they are of.
TOTALS_TABLE = "crm_loyalty_totals"
PERIODS_TABLE = "crm_loyalty_periods"


@dataclass(frozen=True)
class Parameters:
    """What the tiers of a company's customers on one day depend on."""

    # The read model, as a table expression with columns ``partner_id``,
    # ``company_id``, ``date``, ``posted_date``, ``amount``, ``tied_key``.
    transactions: SQL
    # The same as of that day, to be summed up: by the contact who bought, and with
    # ``is_purchase``.
    purchases: SQL
    company_id: int
    as_of: date
    # ``rolling``, ``calendar`` or ``anniversary``.
    period: str
    # Length of a rolling period.
    months: int
    grace_months: int
    # Whether members fall one level at a time.
    one_level: bool
    levels: list[TierLevel]
    # Whether that day is another than today: then it is stored with the memberships, and
    # customers with later changes are left alone.
    pinned: bool
    # Whether customers may have to be notified that they rose or fell.
    notify: bool = True
    # Whether changes follow from another definition; those are not notified.
    definition_changed: bool = False
    # The day of the assessment before, if that was not long ago.
    last_day: date | None = None
    # Whether its totals can be compared with the same day's totals as they are known now,
    # because they are of the same periods and purchases.
    comparable: bool = False
    # Totals recorded up to this day are of other periods or purchases.
    other_until: date | None = None
    # Whether purchases are invoices: cancelled invoices can still be seen.
    invoices_count: bool = True
    # Ids of the customers to be assessed; ``None`` for all.
    customer_ids: list[int] | None = None

    def chosen_sql(self, customer: SQL) -> SQL:
        """Whether a customer is one of those to be assessed.

        :param customer: column with the customer's id
        """
        if self.customer_ids is None:
            return SQL("TRUE")
        return SQL("%s = ANY(%s)", customer, self.customer_ids)

    @property
    def rolling(self) -> bool:
        return self.period == "rolling"


def columns_of(alias: str) -> SQL:
    """The columns that an assessment writes, of a table."""
    return SQL(", ").join(SQL.identifier(alias, column) for column in COLUMNS)


def stored_name(column: str) -> SQL:
    """The name of a column's stored value beside its new one."""
    return SQL.identifier(f"stored_{column}")


def temporary(name: str) -> SQL:
    """A temporary table of this transaction."""
    return SQL("pg_temp.%s", SQL.identifier(name))
