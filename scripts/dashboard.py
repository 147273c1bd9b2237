"""Writes the dashboard "The Month" of spreadsheet_dashboard_crm_extended, and the sample
that an empty database shows, out of its short description, data/month.toml.

    python scripts/dashboard.py            writes month_dashboard.json and
                                           month_sample_dashboard.json in data/files
    python scripts/dashboard.py --check    says whether they are up to date
"""

import json
import sys
from pathlib import Path

import tomllib
from dashboard_page import (
    FORMATS,
    MONTH,
    MONTH_NAME,
    MONTHS,
    STYLES,
    VERSION,
    chart_data,
    chart_looks,
    column,
    figure_pivots,
    filter_of,
    page,
    sheet_frame,
)

DATA = (
    Path(__file__).resolve().parent.parent
    / "spreadsheet_dashboard_crm_extended"
    / "data"
)
DESCRIPTION = DATA / "month.toml"
FILES = DATA / "files"
DASHBOARD, SAMPLE = "month_dashboard.json", "month_sample_dashboard.json"


class SampleData:
    """A second sheet, with the figures of the charts of the sample."""

    def __init__(self):
        self.cells = {}
        self.columns = 0
        first = "EOMONTH(TODAY(),-1)+1"
        months = [f"=EDATE({first},{number + 1 - MONTHS})" for number in range(MONTHS)]
        self.months = self.add(['=_t("Month")', *months])
        self.formats = {f"A2:A{MONTHS + 1}": MONTH_NAME}

    def add(self, values):
        """Write a column, header first.

        :return: its range
        """
        letter = column(self.columns)
        self.columns += 1
        for line, value in enumerate(values, 1):
            self.cells[f"{letter}{line}"] = value
        return f"Data!{letter}1:{letter}{len(values)}"

    def chart(self, chart):
        """The chart with figures of its sample: months go from the first number of a
        series to its second, with a season; others have a number for each category."""
        sample = chart["sample"]
        if chart.get("model", MONTH) == MONTH:
            labels = self.months
            series = {name: season(*ends) for name, ends in sample.items()}
        else:
            labels = self.add(['=_t("Name")', *(f'=_t("{name}")' for name in sample)])
            series = {chart["title"]: list(sample.values())}
        ranges = [
            self.add([f'=_t("{name}")', *map(str, numbers)])
            for name, numbers in series.items()
        ]
        return {
            "type": chart["type"],
            **chart_looks(chart),
            "legendPosition": "top" if len(series) > 1 else "none",
            "dataSetsHaveTitle": True,
            "dataSets": [{"dataRange": cells} for cells in ranges],
            "labelRange": labels,
            "labelsAsText": True,
            "aggregated": False,
        }

    def sheet(self, description):
        return {
            **sheet_frame(
                f"{description['id']}-data", "Data", MONTHS + 1, self.columns
            ),
            "cells": self.cells,
            "formats": self.formats,
        }


def season(first, last):
    """A number for each month, from one to another, with two waves."""
    numbers = []
    for month in range(MONTHS):
        trend = first + (last - first) * month / (MONTHS - 1)
        # More in winter than in summer, by a tenth.
        wave = abs(month % 12 - 6) / 30 - 0.1
        number = trend * (1 + wave)
        numbers.append(round(number, 2) if max(first, last) <= 1 else round(number))
    return numbers


def spreadsheet(sheets, pivots, filters, menus):
    return {
        "version": VERSION,
        "sheets": sheets,
        "styles": {str(number): style for number, style in STYLES.items()},
        "formats": {str(number): text for number, text in FORMATS.items()},
        "borders": {"1": {"bottom": {"style": "thin", "color": "#CCCCCC"}}},
        "revisionId": "START_REVISION",
        "uniqueFigureIds": True,
        "settings": {
            "locale": {
                "name": "English (US)",
                "code": "en_US",
                "thousandsSeparator": ",",
                "decimalSeparator": ".",
                "dateFormat": "mm/dd/yyyy",
                "timeFormat": "hh:mm:ss",
                "formulaArgSeparator": ",",
                "weekStart": 7,
            }
        },
        "pivots": {each["id"]: each for each in pivots.values()},
        "pivotNextId": len(pivots) + 1,
        "customTableStyles": {},
        "globalFilters": filters,
        "lists": {},
        "listNextId": 1,
        "chartOdooMenusReferences": menus,
    }


def dashboard(description):
    """The spreadsheet.

    :param dict description: as in ``data/month.toml``
    :return: the data of a spreadsheet, which is plain JSON
    :rtype: dict
    """
    pivots = figure_pivots(description)
    sheet, menus = page(
        description, pivots, lambda chart: chart_data(description, chart)
    )
    filters = [filter_of(description, each) for each in description["filters"]]
    return spreadsheet([sheet], pivots, filters, menus)


def sample_dashboard(description):
    """The same with made-up figures, which asks the database for nothing.

    :param dict description: as in ``data/month.toml``
    :return: the data of a spreadsheet, which is plain JSON
    :rtype: dict
    """
    data = SampleData()
    sheet, menus = page(description, {}, data.chart)
    return spreadsheet([sheet, data.sheet(description)], {}, [], menus)


def written():
    """The texts of the files as they should be, by their names."""
    description = tomllib.loads(DESCRIPTION.read_text(encoding="utf-8"))
    files = {DASHBOARD: dashboard(description), SAMPLE: sample_dashboard(description)}
    return {
        name: json.dumps(data, indent=2, ensure_ascii=False) + "\n"
        for name, data in files.items()
    }


def main(is_check):
    is_old = False
    for name, text in written().items():
        if not is_check:
            (FILES / name).write_text(text, encoding="utf-8")
        elif (FILES / name).read_text(encoding="utf-8") != text:
            print(f"{name} is not what {DESCRIPTION.name} says.")
            is_old = True
    return int(is_old)


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv))
