from odoo import api, models
from odoo.tools.mimetypes import guess_mimetype

from ...analytics.purchase.amounts import (
    AMBIGUOUS,
    COMMA,
    CONTRADICTS,
    POINT,
    Unread,
    read_column,
    told_decimal,
)

PURCHASES = "crm.purchase.history"
AMOUNT = "amount"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
# The import page shows one message for all that is wrong in a column.
MOST_MESSAGES = 100


class _UnreadAmountsError(Exception):
    """Amounts of an import that are not read."""

    def __init__(self, messages):
        super().__init__(messages[0]["message"])
        self.messages = messages


class BaseImport(models.TransientModel):
    """Amounts of purchases are read by the format of their whole column.

    Odoo reads one value after the other, with the defaults of the import page where a
    value is ambiguous: beside ``1.234,56`` it reads ``99,90`` as 9,990.
    """

    _inherit = "base_import.import"

    def parse_preview(self, options, count=10):
        result = super().parse_preview(options, count)
        if self.res_model != PURCHASES or "options" not in result:
            return result
        # What the page shows is the separators the amounts tell, or that none are chosen
        # yet; so what is sent with the import has been told or chosen.
        decimal = self._told_decimal(result, options)
        result["options"].update(
            {
                "float_thousand_separator": {POINT: COMMA, COMMA: POINT}.get(
                    decimal, ""
                ),
                "float_decimal_separator": decimal or POINT,
            }
        )
        return result

    def _told_decimal(self, preview, options):
        columns = [
            index
            for index, path in (preview.get("matches") or {}).items()
            if path == [AMOUNT]
        ]
        if not columns:
            return None
        _length, rows = self._read_file(options)
        return told_decimal(
            [row[columns[0]] for row in rows[1:] if len(row) > columns[0]],
            currencies=self._currency_signs(),
            numbers=self._has_numbers(options),
        )

    def execute_import(self, fields, columns, options, dryrun=False):
        try:
            return super().execute_import(fields, columns, options, dryrun=dryrun)
        except _UnreadAmountsError as error:
            return {"messages": error.messages}

    @api.model
    def _convert_import_data(self, fields, options):
        if self.res_model != PURCHASES or AMOUNT not in fields:
            return super()._convert_import_data(fields, options)
        # A later batch alone may not tell what the whole column does.
        skip = options.get("skip") or 0
        options["skip"] = 0
        try:
            data, import_fields = super()._convert_import_data(fields, options)
        finally:
            options["skip"] = skip
        self._read_amounts(data, import_fields.index(AMOUNT), options)
        return data[skip:], import_fields

    def _read_amounts(self, data, index, options):
        """Replace what is written in the column of amounts by numbers.

        :raise _UnreadAmountsError: naming the rows that are not read
        """
        values = [row[index] for row in data]
        chosen = self._chosen_separators(options)
        amounts = read_column(
            values,
            chosen=chosen,
            currencies=self._currency_signs(),
            numbers=self._has_numbers(options),
        )
        skip = options.get("skip") or 0
        messages = [
            {
                "type": "error",
                "record": number - skip,
                "rows": {"from": number - skip, "to": number - skip},
                "field": AMOUNT,
                "field_path": [AMOUNT],
                "message": self._describe_unread(
                    amount,
                    value,
                    number + (2 if options.get("has_headers") else 1),
                    chosen,
                ),
            }
            for number, (value, amount) in enumerate(zip(values, amounts, strict=True))
            if isinstance(amount, Unread)
        ]
        if messages:
            raise _UnreadAmountsError(messages[:MOST_MESSAGES])
        for row, amount in zip(data, amounts, strict=True):
            row[index] = "" if amount is None else f"{amount:f}"

    def _describe_unread(self, unread, value, row, chosen) -> str:
        if unread.reason == AMBIGUOUS:
            return self.env._(
                "Row %(row)s: the amount “%(value)s” can be read in two ways. Choose the "
                "thousands separator and the decimals separator of the file.",
                row=row,
                value=value,
            )
        if unread.reason == CONTRADICTS and unread.other:
            return self.env._(
                "Row %(row)s: the amount “%(value)s” is written in another way than "
                "“%(other)s”. Write all amounts with the same decimals separator.",
                row=row,
                value=value,
                other=unread.other,
            )
        if unread.reason == CONTRADICTS:
            return self.env._(
                "Row %(row)s: the amount “%(value)s” does not fit the decimals separator "
                "“%(decimal)s”. Write all amounts with the same decimals separator.",
                row=row,
                value=value,
                decimal=chosen[1],
            )
        return self.env._(
            "Row %(row)s: “%(value)s” is not an amount. Enter a number.",
            row=row,
            value=value,
        )

    @api.model
    def _chosen_separators(self, options):
        """Thousands and decimals separator of the import page; none where no choice was
        made."""
        thousands = options.get("float_thousand_separator")
        decimal = options.get("float_decimal_separator")
        if thousands and decimal in (POINT, COMMA) and thousands != decimal:
            return thousands, decimal
        return None

    @api.model
    def _currency_signs(self) -> set[str]:
        currencies = self.env["res.currency"].with_context(active_test=False)
        currencies = currencies.search_fetch([], ["name", "symbol"])
        return {
            sign
            for sign in (*currencies.mapped("name"), *currencies.mapped("symbol"))
            if sign and any(char.isalpha() or not char.isascii() for char in sign)
        } | {"$"}

    def _has_numbers(self, options) -> bool:
        """Whether cells of the file may hold numbers, and not only texts."""
        return bool(options.get("sheets")) and guess_mimetype(self.file or b"") != ODS

    @api.model
    def _parse_float_from_data(self, data, index, name, options):
        if self.res_model == PURCHASES and name == AMOUNT:
            # Read already.
            return None
        return super()._parse_float_from_data(data, index, name, options)
