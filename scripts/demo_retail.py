"""Load a year of a real shop's invoices and show the segments of its customers.

Runs inside Odoo, on a database of its own (it sets the company's name and currency)::

    odoo shell -d crm_extended_retail --no-http < scripts/demo_retail.py

The data file is the one of the tests; ``RETAIL_DATA`` names another place of it. A
second run finds everything there by its external id and only scores anew.
"""

import csv
import gzip
import io
import os
import time
from collections import Counter

DATA = "tests/data/online_retail_invoices.csv.gz"
# The day after the last invoice.
AS_OF = "2011-12-10"
CURRENCY = "GBP"
# Module part of the external ids, by which a second run knows what is there.
MODULE = "online_retail"
# Rows a batch: the import screen's own number.
BATCH = 2000

# The file's names of countries that Odoo spells otherwise. The Channel Islands are two
# countries in Odoo; Jersey is the larger.
COUNTRIES = {
    "Channel Islands": "Jersey",
    "EIRE": "Ireland",
    "European Community": "",
    "RSA": "South Africa",
    "USA": "United States",
    "Unspecified": "",
}

PARTNER_FIELDS = ["id", "name", "ref", "country_id"]
PURCHASE_FIELDS = [
    "id",
    "partner_id/id",
    "date",
    "amount",
    "currency_id/id",
    "reference",
    "channel",
]
CSV_OPTIONS = {
    "has_headers": True,
    "quoting": '"',
    "separator": ",",
    "encoding": "utf-8",
    "date_format": "%Y-%m-%d",
    "float_decimal_separator": ".",
    "float_thousand_separator": ",",
}


def read_invoices(path):
    """Read the invoices of the file.

    :param str path: gzipped CSV
    :return: one dict of strings an invoice
    :rtype: list[dict[str, str]]
    """
    if not os.path.exists(path):
        raise SystemExit(
            f"{path} is not there: start from the project's folder, or set RETAIL_DATA "
            "to the place of the file."
        )
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def usable(invoices):
    """Keep what is a known customer's purchase or refund.

    :return: the invoices kept, and how many were left out for which reason
    :rtype: tuple[list[dict], Counter[str]]
    """
    kept, left_out = [], Counter()
    for invoice in invoices:
        if invoice["kind"] not in ("sale", "credit"):
            left_out["bookkeeping entry"] += 1
        elif not invoice["customer_id"]:
            left_out["no customer"] += 1
        else:
            kept.append(invoice)
    return kept, left_out


def partner_rows(invoices):
    """Customers as rows to import, in the columns of ``PARTNER_FIELDS``.

    The few customers with two countries get that of their last invoice.
    """
    countries = {
        invoice["customer_id"]: invoice["country"]
        for invoice in sorted(invoices, key=lambda row: row["invoice_datetime"])
    }
    return [
        [
            f"{MODULE}.customer_{customer}",
            f"Customer {customer}",
            customer,
            COUNTRIES.get(country, country),
        ]
        for customer, country in sorted(countries.items())
    ]


def purchase_rows(invoices):
    """Purchases and refunds as rows to import, in the columns of ``PURCHASE_FIELDS``.

    Customers and currency go by external id, as anything that matches thousands of rows
    should: a name would be searched anew for every row.
    """
    return [
        [
            f"{MODULE}.invoice_{invoice['invoice_no']}",
            f"{MODULE}.customer_{invoice['customer_id']}",
            invoice["invoice_datetime"][:10],
            invoice["amount"],
            f"base.{CURRENCY}",
            invoice["invoice_no"],
            "Mail order",
        ]
        for invoice in invoices
    ]


def missing(env, rows):
    """Rows whose external id (the first column) is not in the database yet."""
    known = env["ir.model.data"].search_read([("module", "=", MODULE)], ["name"])
    names = {f"{MODULE}.{record['name']}" for record in known}
    return [row for row in rows if row[0] not in names]


def import_rows(env, model, fields, rows, what):
    """Import rows as the import screen does: as a CSV file, batch by batch.

    Each batch is committed, so what is done stays done if the next one fails.

    :param str what: what the rows are, for the messages
    :return: seconds it took
    :rtype: float
    :raise RuntimeError: with Odoo's messages, if a row is refused
    """
    text = io.StringIO()
    csv.writer(text).writerows([fields, *rows])
    wizard = env["base_import.import"].create(
        {
            "res_model": model,
            "file": text.getvalue().encode(),
            "file_name": f"{model}.csv",
            "file_type": "text/csv",
        }
    )
    print(f"Importing {len(rows):,} {what} …", flush=True)
    started = time.monotonic()
    for done in range(0, len(rows), BATCH):
        options = {**CSV_OPTIONS, "skip": done, "limit": BATCH}
        # No column labels: Odoo would remember them as the user's own mapping.
        result = wizard.execute_import(fields, [], options)
        if not result.get("ids"):
            messages = [message["message"] for message in result["messages"]]
            raise RuntimeError(f"{what} were refused: " + "; ".join(messages))
        env.cr.commit()
        seconds = time.monotonic() - started
        reached = min(done + BATCH, len(rows))
        print(f"  {reached:,} of {len(rows):,} {what}, {seconds:.0f} s", flush=True)
    return time.monotonic() - started


def load(env, invoices):
    """Bring customers and purchases into the database, those that are not there yet.

    :param invoices: usable ones
    :return: number of purchases imported, and seconds it took
    :rtype: tuple[int, float]
    """
    for model, fields, rows, what in (
        ("res.partner", PARTNER_FIELDS, partner_rows(invoices), "customers"),
        ("crm.purchase.history", PURCHASE_FIELDS, purchase_rows(invoices), "purchases"),
    ):
        to_import = missing(env, rows)
        if to_import:
            seconds = import_rows(env, model, fields, to_import, what)
        else:
            print(f"All {len(rows):,} {what} are there already.", flush=True)
            seconds = 0.0
    return len(to_import), seconds


def prepare_company(env):
    """Make the company the shop of the data: pounds, and all purchases count."""
    currency = env.ref(f"base.{CURRENCY}")
    currency.active = True
    company = env.company
    # Odoo refuses to change the currency once there are journal items.
    if company.currency_id != currency:
        company.currency_id = currency
    company.name = "Online Retail"
    company.rfm_window_months = 0
    env.cr.commit()


def segment_lines(env):
    """The company's segments as lines of text: customers and revenue, with shares."""
    groups = env["crm.rfm.score"]._read_group(
        [("company_id", "=", env.company.id)],
        ["segment_id"],
        ["__count", "revenue:sum"],
    )
    groups.sort(key=lambda group: group[0].sequence)
    customers = sum(count for _segment, count, _revenue in groups)
    revenue = sum(amount for _segment, _count, amount in groups)
    rows = [(segment.name or "(none)", *figures) for segment, *figures in groups]
    lines = [
        f"{'Segment':<22}{'Customers':>10}{'Share':>9}{f'Revenue {CURRENCY}':>16}{'Share':>9}"
    ]
    for name, count, amount in [*rows, ("Total", customers, revenue)]:
        lines.append(
            f"{name:<22}{count:>10,}{count / customers:>9.1%}"
            f"{amount:>16,.2f}{amount / revenue:>9.1%}"
        )
    return lines


def customers_line(invoices, scored):
    """Say how many customers have a score, and why the others have none.

    :param invoices: usable ones
    :param int scored: number of customers with a score
    """
    everybody = {invoice["customer_id"] for invoice in invoices}
    buyers = {row["customer_id"] for row in invoices if float(row["amount"]) > 0}
    refunded = {row["customer_id"] for row in invoices if float(row["amount"]) < 0}
    only_refunds = len(refunded - buyers)
    only_free = len(everybody - refunded - buyers)
    return (
        f"{len(everybody):,} customers in the file, {scored:,} have a score. The others "
        f"never paid anything: {only_refunds} have refunds of earlier purchases only, "
        f"{only_free} free goods only."
    )


def main(env):
    """Load the data, score the customers, and print what came of it."""
    invoices, left_out = usable(read_invoices(os.environ.get("RETAIL_DATA", DATA)))
    reasons = ", ".join(f"{count:,} {why}" for why, count in left_out.items())
    print(f"{len(invoices):,} invoices to load; left out: {reasons}.", flush=True)
    prepare_company(env)
    count, seconds = load(env, invoices)
    if count:
        print(
            f"{count:,} purchases imported, {seconds / count * 1000:.2f} s per 1,000."
        )
    print(f"Scoring the customers as of {AS_OF} …", flush=True)
    refresh = env["crm.rfm.score"]._refresh(env.company, as_of=AS_OF)
    # Or tonight's refresh would count the days up to today.
    env.ref("crm_extended.ir_cron_rfm_refresh").active = False
    env.cr.commit()
    print(f"  done in {refresh.duration:.2f} s\n")
    print("\n".join(segment_lines(env)))
    print()
    print(customers_line(invoices, refresh.customer_count))


# ``env`` is there in ``odoo shell`` only; without it this is a module to import.
if "env" in globals():
    main(env)  # noqa: F821
