"""The page of the dashboard "The Month", out of its description: see ``dashboard.py``."""

import json

# The version of the format of Odoo's own dashboards.
VERSION = "18.5.10"
MONTH = "crm.insight.month"
MONTHS = 24
LAST_24_MONTHS = [["date", ">=", f"-{MONTHS - 1}m =1d"]]

# Pixels. So wide and high is a printed page: A4, with the margins that Odoo prints.
WIDTH, PAGE = 756, 1085
FIRST_COLUMN, COLUMNS = 140, 8
ROW, HEADING, TABLE_HEADER = 23, 40, 44
CARD_WIDTH, CARD_HEIGHT, CARDS_IN_A_ROW, GAP = 183, 96, 4, 6
CHART_ROWS = 13
# Legends of wide charts take several lines on a phone.
WIDE_CHART_ROWS = 17

TITLE, LABEL, HEADER, CELL, TOTAL = 1, 2, 3, 4, 5
STYLES = {
    TITLE: {"textColor": "#01666b", "bold": True, "fontSize": 14},
    LABEL: {
        "bold": True,
        "fontSize": 11,
        "textColor": "#434343",
        "verticalAlign": "middle",
    },
    HEADER: {
        "bold": True,
        # "Downgraded" on one line, also in a wide font.
        "fontSize": 8,
        "textColor": "#434343",
        "align": "center",
        "verticalAlign": "middle",
        "wrapping": "wrap",
    },
    CELL: {"textColor": "#434343", "verticalAlign": "middle"},
    TOTAL: {"bold": True},
}
PERCENT, CHANGE, NUMBER, MONTH_NAME = 1, 2, 3, 4
FORMATS = {
    PERCENT: "0.0%",
    CHANGE: "+0.0%;-0.0%;0.0%",
    NUMBER: "#,##0",
    MONTH_NAME: "mmm yyyy",
}
UP, DOWN = "#00A04A", "#DC6965"
# Which pivot a column of the figures asks: the period, the one before, the year before.
PERIODS = ("period", "before", "year_before")


class Sheet:
    """The page, filled from the top."""

    def __init__(self):
        self.row = 0
        # Pixels above the row.
        self.top = 0
        self.rows = {}
        self.cells = {}
        self.styles = {}
        self.formats = {}
        self.borders = {}
        self.figures = []
        self.tables = []

    def heading(self, texts):
        """A line of headings, each a text or link by its column."""
        for column, text in texts.items():
            self.cells[f"{column}{self.row + 1}"] = text
            self.styles[f"{column}{self.row + 1}"] = TITLE
        self.borders[f"A{self.row + 1}:H{self.row + 1}"] = 1
        self.add_row(HEADING)

    def add_row(self, size=ROW):
        if size != ROW:
            self.rows[str(self.row)] = {"size": size}
        self.row += 1
        self.top += size

    def keep_together(self, height):
        """Go on to the next printed page where the rest of this one is lower."""
        rest = PAGE - self.top % PAGE
        if height > rest:
            self.add_row(rest)

    def figure(self, name, data, x, y, width, height):
        self.figures.append(
            {
                "id": name,
                "tag": "chart",
                "col": 0,
                "row": self.row,
                "offset": {"x": x, "y": y},
                "width": width,
                "height": height,
                "data": {**data, "chartId": name},
            }
        )

    def table(self, last_column, lines):
        first = self.row + 1
        self.styles[f"A{first}"] = LABEL
        self.styles[f"B{first}:{last_column}{first}"] = HEADER
        self.styles[f"A{first + 1}:{last_column}{first + lines}"] = CELL
        self.tables.append(
            {
                "range": f"A{first}:{last_column}{first + lines}",
                "type": "static",
                "config": {
                    "hasFilters": False,
                    "totalRow": False,
                    "firstColumn": False,
                    "lastColumn": False,
                    "numberOfHeaders": 1,
                    "bandedRows": True,
                    "bandedColumns": False,
                    "automaticAutofill": True,
                    "styleId": "None",
                },
            }
        )
        self.add_row(TABLE_HEADER)
        for _line in range(lines + 1):
            self.add_row()


def column(number):
    return chr(ord("A") + number)


def filter_id(description, name):
    return f"{description['id']}-{name}"


def matching(description, model, period="period"):
    """Which field of a model each filter asks for.

    :param period: one of :data:`PERIODS`; none for what knows no period
    """
    fields = description["models"][model]
    found = {}
    for each in description["filters"]:
        name = each["name"]
        if name != "period":
            match = {"chain": fields[name], "type": "many2one"}
        elif period is None:
            continue
        else:
            is_later = period == "year_before"
            match = {
                "chain": fields["year_before" if is_later else "period"],
                "type": "date",
                "offset": -1 if period == "before" else 0,
            }
        found[filter_id(description, name)] = match
    return found


def measure_of(spec):
    name, _colon, aggregator = spec.partition(":")
    return {"id": spec, "fieldName": name, "aggregator": aggregator}


def pivot(description, number, measures, by=None, name=None, period="period"):
    """A pivot over the months, without the names of measures, which are the fields' own
    in the language of the reader."""
    return {
        "type": "ODOO",
        "id": str(number),
        "formulaId": str(number),
        "name": name or period,
        "model": MONTH,
        "domain": [],
        "context": {},
        "measures": [measure_of(spec) for spec in measures],
        "columns": [],
        "rows": [{"fieldName": by}] if by else [],
        # Segments and tiers come in their own order.
        "sortedColumn": None,
        "actionXmlId": description["models"][MONTH]["action"],
        "fieldMatching": matching(description, MONTH, period),
    }


def link(description, title, model, view, **context):
    """A heading that opens what is below it."""
    views = [[False, view], *([False, v] for v in ("list", "search") if v != view)]
    action = {
        "viewType": view,
        "action": {
            "xmlId": description["models"][model]["action"],
            "domain": context.pop("domain", []),
            "context": context,
            "modelName": model,
            "views": views,
        },
        "threshold": 0,
        "name": title,
    }
    return f"[{title}](odoo://view/{json.dumps(action, separators=(',', ':'))})"


def figure_pivots(description):
    """The pivots of the figures: by whether they are secret, and period."""
    found = {}
    for is_secret in (False, True):
        measures = [
            figure["measure"]
            for figure in description["figures"]
            if figure.get("secret", False) == is_secret
        ]
        for period in PERIODS:
            number = len(found) + 1
            found[is_secret, period] = pivot(
                description, number, measures, period=period
            )
    return found


def card_rows(description):
    """How many rows the figures on top cover."""
    cards = sum(bool(figure.get("card")) for figure in description["figures"])
    lines = -(-cards // CARDS_IN_A_ROW)
    return -(-(lines * (CARD_HEIGHT + GAP) + 2 * GAP) // ROW)


def add_cards(sheet, description, lines):
    """The figures on top, compared with the period before.

    :param lines: the line that a figure has in the table, by its label
    :return: the menus that they open
    """
    cards = [figure for figure in description["figures"] if figure.get("card")]
    menus = {}
    for number, card in enumerate(cards):
        down, across = divmod(number, CARDS_IN_A_ROW)
        name = f"{description['id']}-card-{card['measure'].partition(':')[0]}"
        menus[name] = card["menu"]
        line = lines[card["label"]]
        good, bad = (DOWN, UP) if card.get("less") else (UP, DOWN)
        data = {
            "type": "scorecard",
            "title": {"text": card["label"], "bold": True, "color": "#434343"},
            "background": "#EFF6FF" if across % 2 == 0 else "#FFF7ED",
            "keyValue": f"B{line}",
            "baseline": f"C{line}",
            "baselineMode": "percentage" if card.get("percent") else "difference",
            # In full for amounts of six figures, and in languages with long words.
            "keyDescr": {"fontSize": 26},
            "baselineDescr": {"text": "vs last period", "fontSize": 13},
            "baselineColorUp": good,
            "baselineColorDown": bad,
            "humanize": True,
        }
        sheet.figure(
            name,
            data,
            across * (CARD_WIDTH + GAP) + GAP // 2,
            GAP + down * (CARD_HEIGHT + GAP),
            CARD_WIDTH,
            CARD_HEIGHT,
        )
    for _row in range(card_rows(description)):
        sheet.add_row()
    return menus


def add_figures(sheet, description, pivots):
    """The table of all figures, with the two comparisons.

    :param pivots: none for the sample
    """
    title = link(
        description,
        "Figures",
        MONTH,
        "pivot",
        group_by=[],
        pivot_measures=["after", "gained", "lost", "revenue"],
        pivot_row_groupby=["date:month"],
        pivot_column_groupby=[],
    )
    sheet.heading({"A": title})
    headers = ("Period", "Period Before", "Change", "Year Before", "Change")
    for number, header in enumerate(headers, 1):
        sheet.cells[f"{column(number)}{sheet.row + 1}"] = f'=_t("{header}")'
    first = sheet.row + 2
    for line, figure in enumerate(description["figures"], first):
        sheet.cells[f"A{line}"] = f'=_t("{figure["label"]}")'
        for place, (cell, period) in enumerate(zip("BCE", PERIODS, strict=True)):
            if pivots:
                number = pivots[figure.get("secret", False), period]["id"]
                value = f'=PIVOT.VALUE({number},"{figure["measure"]}")'
            else:
                value = str(figure["sample"][place])
                sheet.formats[f"{cell}{line}"] = NUMBER
            sheet.cells[f"{cell}{line}"] = value
            if figure.get("share"):
                sheet.formats[f"{cell}{line}"] = PERCENT
        for cell, other in (("D", "C"), ("F", "E")):
            change = f"B{line}-{other}{line}"
            if not figure.get("share"):
                change = f"({change})/ABS({other}{line})"
            sheet.cells[f"{cell}{line}"] = (
                f'=IF(OR(B{line}="",{other}{line}=""),"",IFERROR({change},""))'
            )
            sheet.formats[f"{cell}{line}"] = CHANGE
    sheet.table("F", len(description["figures"]))


def add_table_of_sample(sheet, table):
    """The cells of a table, below a line of headers."""
    headers = [table["name"], *table["headers"]]
    for place, header in enumerate(headers):
        sheet.cells[f"{column(place)}{sheet.row + 1}"] = f'=_t("{header}")'
    for line, (name, *values) in enumerate(table["sample"], sheet.row + 2):
        sheet.cells[f"A{line}"] = f'=_t("{name}")'
        for place, value in enumerate(values, 1):
            sheet.cells[f"{column(place)}{line}"] = str(value)
    last = column(len(table["measures"]))
    sheet.formats[f"B{sheet.row + 2}:{last}{sheet.row + 1 + table['lines']}"] = NUMBER


def add_tables(sheet, description, pivots):
    """Tables of the period by something.

    :param pivots: gets theirs; none for the sample
    """
    for table in description["tables"]:
        lines = table["lines"]
        sheet.keep_together(HEADING + TABLE_HEADER + lines * ROW)
        title = link(
            description,
            table["title"],
            MONTH,
            "pivot",
            group_by=[],
            pivot_measures=[spec.partition(":")[0] for spec in table["measures"]],
            pivot_row_groupby=[table["by"]],
            pivot_column_groupby=[],
        )
        sheet.heading({"A": title})
        if pivots:
            number = len(pivots) + 1
            pivots[table["title"]] = pivot(
                description, number, table["measures"], table["by"], table["name"]
            )
            cell = f"A{sheet.row + 1}"
            sheet.cells[cell] = f"=PIVOT({number}, {lines}, FALSE, FALSE)"
        else:
            add_table_of_sample(sheet, table)
        for place, spec in enumerate(table["measures"], 1):
            if spec.endswith(":avg"):
                cells = f"{column(place)}{sheet.row + 2}:{column(place)}"
                sheet.formats[f"{cells}{sheet.row + 1 + lines}"] = PERCENT
        sheet.table(column(len(table["measures"])), lines)


def chart_looks(chart):
    """What the chart has in common with its sample. Phones show charts without the cells
    around them, so their titles are their own."""
    return {
        "title": {
            "text": chart["title"],
            "bold": True,
            "fontSize": 16,
            "color": STYLES[TITLE]["textColor"],
        },
        "background": "#FFFFFF",
        "legendPosition": "top" if len(chart["by"]) > 1 else "none",
        "stacked": True,
        "fillArea": chart["type"] == "line",
        "cumulative": False,
    }


def chart_data(description, chart):
    model = chart.get("model", MONTH)
    is_month = model == MONTH
    domain = LAST_24_MONTHS if is_month else chart.get("domain", [])
    context = {}
    if "known" in chart:
        domain = [*domain, [chart["known"], ">", 0]]
        # Odoo would draw the months in between as zero.
        context = {"fill_temporal": False}
    return {
        "type": f"odoo_{chart['type']}",
        **chart_looks(chart),
        "metaData": {
            "groupBy": chart["by"],
            "measure": chart["measure"],
            "order": None,
            "resModel": model,
            "mode": chart["type"],
        },
        "searchParams": {
            "comparison": None,
            "context": context,
            "domain": domain,
            "groupBy": chart["by"],
            "orderBy": [],
        },
        "dataSets": [{}],
        "verticalAxisPosition": "left",
        "actionXmlId": description["models"][model]["action"],
        # Months are all shown, and today is today, whatever the period.
        "fieldMatching": matching(description, model, None),
    }


def add_charts(sheet, description, data_of):
    """Charts, two in a row but for wide ones.

    :param data_of: gives what a chart shows
    """
    charts = description["charts"]
    start = 0
    while start < len(charts):
        pair = charts[start : start + 2]
        rows = CHART_ROWS
        if any(chart.get("wide") for chart in pair):
            pair = pair[:1]
            if pair[0].get("wide"):
                rows = WIDE_CHART_ROWS
        sheet.keep_together(rows * ROW)
        width = WIDTH // len(pair) - GAP
        height = rows * ROW - 2 * GAP
        for number, chart in enumerate(pair):
            name = f"{description['id']}-chart-{start + number + 1}"
            left = number * WIDTH // 2 + GAP // 2
            sheet.figure(name, data_of(chart), left, GAP, width, height)
        for _row in range(rows):
            sheet.add_row()
        start += len(pair)


def filter_of(description, each):
    found = {
        "id": filter_id(description, each["name"]),
        "type": "relation" if "model" in each else "date",
        "label": each["label"],
    }
    if "model" in each:
        return {**found, "modelName": each["model"], "defaultValueDisplayNames": []}
    return {**found, "defaultValue": each["default"]}


def sheet_frame(sheet_id, name, rows, columns):
    """An empty sheet."""
    return {
        "id": sheet_id,
        "name": name,
        "colNumber": columns,
        "rowNumber": rows,
        "rows": {},
        "cols": {},
        "merges": [],
        "cells": {},
        "styles": {},
        "formats": {},
        "borders": {},
        "conditionalFormats": [],
        "dataValidationRules": [],
        "figures": [],
        "tables": [],
        "areGridLinesVisible": True,
        "isVisible": True,
        "headerGroups": {"ROW": [], "COL": []},
        "comments": {},
    }


def page(description, pivots, data_of):
    """The sheet that is seen.

    :return: the sheet, and the menus that its cards open
    """
    sheet = Sheet()
    # Cards come first and show cells of the table below them: after its heading and header.
    first = card_rows(description) + 3
    lines = {
        figure["label"]: line
        for line, figure in enumerate(description["figures"], first)
    }
    menus = add_cards(sheet, description, lines)
    add_figures(sheet, description, pivots)
    add_tables(sheet, description, pivots)
    add_charts(sheet, description, data_of)
    columns = {"0": {"size": FIRST_COLUMN}}
    for number in range(1, COLUMNS):
        columns[str(number)] = {"size": (WIDTH - FIRST_COLUMN) // (COLUMNS - 1)}
    frame = sheet_frame(
        f"{description['id']}-dashboard", description["name"], sheet.row, COLUMNS
    )
    return {
        **frame,
        "rows": sheet.rows,
        "cols": columns,
        "cells": sheet.cells,
        "styles": sheet.styles,
        "formats": sheet.formats,
        "borders": sheet.borders,
        "figures": sheet.figures,
        "tables": sheet.tables,
    }, menus
