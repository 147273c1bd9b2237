"""Files of purchases for analysts. PostgreSQL writes the rows, so none of them is ever in
the memory of Odoo; Parquet is made of that file, block by block."""

import importlib.util

from odoo.tools import SQL

from ..common.bulk_sql import tune_for_bulk

# Spreadsheets take text that begins so for a formula, as Odoo's own export knows.
FORMULA = "^[=+@\t\r-]"
# Bytes of CSV that are turned into Parquet at once.
BLOCK = 8 << 20
# The columns in their order, with the kind each has in Parquet.
COLUMNS = {
    "customer_id": "int32",
    "customer": "string",
    "date": "date32",
    "amount": "float64",
    "currency": "string",
    "company_id": "int32",
    "company": "string",
    "is_refund": "bool_",
    "source": "string",
    "purchase_key": "string",
    "posted_date": "date32",
    "reference": "string",
}


def can_write_parquet() -> bool:
    """Whether the server has the package that Parquet needs."""
    return importlib.util.find_spec("pyarrow") is not None


def columns_of(values: dict[str, SQL], harmless: bool) -> list[SQL]:
    """The columns as they are written: ISO dates, ``true`` and ``false``.

    :param values: expressions by the names of :data:`COLUMNS`
    :param harmless: put an apostrophe before what a spreadsheet would run
    """
    found = []
    for name, kind in COLUMNS.items():
        value = values[name]
        if kind == "date32":
            value = SQL("to_char(%s, 'YYYY-MM-DD')", value)
        elif kind == "bool_":
            value = SQL("(%s)::text", value)
        elif kind == "string" and harmless:
            value = SQL(
                "CASE WHEN %(value)s ~ %(formula)s THEN '''' || %(value)s ELSE %(value)s END",
                value=value,
                formula=FORMULA,
            )
        found.append(SQL("%s AS %s", value, SQL.identifier(name)))
    return found


def write_csv(env, query: SQL, file) -> None:
    """Write the rows of a query as CSV: UTF-8, commas, dots, the names first.

    :param file: of bytes, open for writing
    """
    env.flush_query(query)
    tune_for_bulk(env)
    copy = SQL("COPY (%s) TO STDOUT WITH (FORMAT csv, HEADER, ENCODING 'UTF8')", query)
    # COPY has no parameters: they are written into the statement.
    env.cr.copy_expert(env.cr.mogrify(copy.code, copy.params), file)


def write_parquet(source, file) -> None:
    """Turn CSV of :func:`write_csv` into Parquet.

    :param source: of bytes, at its beginning
    :param file: of bytes, open for writing
    :raise ImportError: without pyarrow
    """
    import pyarrow as pa
    from pyarrow import csv, parquet

    schema = pa.schema([(name, getattr(pa, kind)()) for name, kind in COLUMNS.items()])
    reader = csv.open_csv(
        source,
        read_options=csv.ReadOptions(block_size=BLOCK, use_threads=False),
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=csv.ConvertOptions(
            column_types=schema,
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        for batch in reader:
            writer.write_batch(batch)
