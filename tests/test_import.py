"""What Odoo's import says to files of purchases: to the template, and to bad ones."""

import pytest
from odoo_shell import ask, database

HEADER = "Customer,Date,Amount,Currency,Reference,Channel\n"
BEFORE = "Alpha,2024-01-01,10.00,USD,OLD-1,Shop\n"
GOOD_1 = "Alpha,2024-01-02,20.00,USD,NEW-1,Shop\n"
GOOD_2 = "Beta,2024-01-03,30.00,USD,NEW-2,Web\n"
# A bad row between (or after) good ones, and what the import has to say about it. Rows
# are counted from 0 without the header, as the import screen gets them; problems with
# dates come with the number in words instead.
BAD_FILES = {
    "unknown customer": (
        GOOD_1 + "Nobody,2024-01-01,1.00,USD,BAD,Shop\n" + GOOD_2,
        1,
        "No matching record found for name 'Nobody' in field 'Customer'",
    ),
    "unknown currency": (
        GOOD_1 + "Alpha,2024-01-01,1.00,ZZZ,BAD,Shop\n" + GOOD_2,
        1,
        "No matching record found for name 'ZZZ' in field 'Currency'",
    ),
    "no customer": (
        GOOD_1 + ",2024-01-01,1.00,USD,BAD,Shop\n" + GOOD_2,
        1,
        "Missing required value for the field 'Customer'",
    ),
    "date that does not exist": (
        GOOD_1 + "Alpha,2024-02-31,1.00,USD,BAD,Shop\n" + GOOD_2,
        None,
        "Error in line 2",
    ),
    "date that is none": (
        GOOD_1 + "Alpha,yesterday,1.00,USD,BAD,Shop\n" + GOOD_2,
        None,
        "Error in line 2",
    ),
    "reference twice in the file": (
        GOOD_1 + GOOD_2 + GOOD_1,
        2,
        "already exists or appears twice in the file",
    ),
    "reference imported before": (
        GOOD_1 + BEFORE + GOOD_2,
        1,
        "already exists or appears twice in the file",
    ),
}

# Imports one purchase, then every bad file, then all good rows; and lets Odoo match the
# columns of the template.
IMPORT = """
import os
from odoo.tools.misc import file_path

FIELDS = ["partner_id", "date", "amount", "currency_id", "reference", "channel"]
OPTIONS = {
    "has_headers": True, "quoting": '"', "separator": ",", "encoding": "utf-8",
    "date_format": "%Y-%m-%d", "float_decimal_separator": ".",
    "float_thousand_separator": ",",
}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Purchase = env["crm.purchase.history"]


def wizard(content, mime):
    return env["base_import.import"].create(
        {"res_model": Purchase._name, "file": content, "file_type": mime}
    )


def load(text):
    result = wizard(text.encode(), "text/csv").execute_import(FIELDS, [], {**OPTIONS})
    return {
        "imported": len(result.get("ids") or []),
        "messages": [
            {key: message.get(key) for key in ("type", "rows", "message")}
            for message in result["messages"]
        ],
        "references": sorted(Purchase.search([]).mapped("reference")),
    }


def preview_template():
    [template] = Purchase.get_import_templates()
    with open(file_path(template["template"].lstrip("/")), "rb") as file:
        found = wizard(file.read(), XLSX).parse_preview({"has_headers": True})
    return {key: found.get(key) for key in ("error", "headers", "matches", "preview", "num_rows")}


env["res.partner"].create([{"name": "Alpha"}, {"name": "Beta"}])
answer = {
    "before": load(job["before"]),
    "bad": {name: load(text) for name, text in job["bad"].items()},
    "good": load(job["good"]),
    "template": preview_template(),
}
"""


@pytest.fixture(scope="module")
def answer(tmp_path_factory):
    """What Odoo said to each file."""
    job = {
        "before": HEADER + BEFORE,
        "bad": {name: HEADER + rows for name, (rows, *_rest) in BAD_FILES.items()},
        "good": HEADER + GOOD_1 + GOOD_2,
    }
    with database("test_import") as name:
        return ask(name, tmp_path_factory.mktemp("import"), IMPORT, job)


@pytest.mark.parametrize("name", BAD_FILES)
def test_bad_row_is_named_and_nothing_imported(answer, name):
    _rows, row, text = BAD_FILES[name]
    result = answer["bad"][name]
    said = [message for message in result["messages"] if text in message["message"]]
    assert len(said) == 1
    assert said[0]["type"] == "error"
    assert said[0]["rows"] == (None if row is None else {"from": row, "to": row})
    # Nothing is said against the good rows.
    assert {str(message["rows"]) for message in result["messages"]} == {
        str(said[0]["rows"])
    }
    assert result["imported"] == 0
    assert result["references"] == ["OLD-1"]


def test_good_file_is_imported(answer):
    assert answer["before"]["imported"] == 1
    assert answer["good"]["messages"] == []
    assert answer["good"]["references"] == ["NEW-1", "NEW-2", "OLD-1"]


def test_template_columns_match_by_themselves(answer):
    template = answer["template"]
    assert template["error"] is None
    assert template["headers"] == HEADER.strip().split(",")
    fields = ["partner_id", "date", "amount", "currency_id", "reference", "channel"]
    assert template["matches"] == {
        str(column): [field] for column, field in enumerate(fields)
    }
    assert template["num_rows"] == 4
