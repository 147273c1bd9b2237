"""How columns of amounts are read, without a database; then imports of them."""

import io
from decimal import Decimal

from openpyxl import Workbook

from odoo.tests import BaseCase, tagged

from ...analytics.purchase.amounts import (
    AMBIGUOUS,
    CONTRADICTS,
    NO_NUMBER,
    Unread,
    read_column,
    told_decimal,
)
from ..common import CustomerValueCommon

POINT, COMMA = (",", "."), (".", ",")
SIGNS = ("€", "EUR", "$", "CHF", "kr", "R$", "Rs.", "¥")


class TestAmounts(BaseCase):
    def outcome(self, *values, **options):
        return [
            amount.reason
            if isinstance(amount, Unread)
            else amount and str(amount.normalize() + 0)
            for amount in read_column(values, currencies=SIGNS, **options)
        ]

    def assertRead(self, values, expected, **options):
        self.assertEqual(
            read_column(values, currencies=SIGNS, **options),
            [
                value if value is None or isinstance(value, Unread) else Decimal(value)
                for value in expected
            ],
        )

    def test_a_decimal_comma_tells_of_its_neighbours(self):
        self.assertRead(["1.234,56", "-99,90"], ["1234.56", "-99.90"])
        self.assertRead(["99,90", "1.234"], ["99.90", "1234"])
        self.assertRead(["1.234", "0,5", "7"], ["1234", "0.5", "7"])
        self.assertRead(["1.234.567", "1,5"], ["1234567", "1.5"])

    def test_a_decimal_point_does_too(self):
        self.assertRead(["1,234.56", "-99.90"], ["1234.56", "-99.90"])
        self.assertRead(["99.9", "1,234"], ["99.9", "1234"])
        self.assertRead(["1,234,567", "1,234"], ["1234567", "1234"])

    def test_thousands_alone_are_not_guessed(self):
        for value in ("1.234", "1,234", "-12.345", "(123,456)", "€ 1.234"):
            self.assertEqual(self.outcome(value, "5"), [AMBIGUOUS, "5"])

    def test_a_choice_decides_what_the_column_does_not(self):
        self.assertRead(["1.234", "1,234"], ["1.234", "1234"], chosen=POINT)
        self.assertRead(["1.234", "1,234"], ["1234", "1.234"], chosen=COMMA)

    def test_a_choice_against_the_column_reads_nothing_wrong(self):
        self.assertRead(["1.234,56", "-99,90"], ["1234.56", "-99.90"], chosen=POINT)
        self.assertEqual(
            self.outcome("99,90", "1.234", chosen=POINT), ["99.9", AMBIGUOUS]
        )

    def test_two_ways_in_one_column_are_refused(self):
        [first, second, third] = read_column(["1,234.50", "7", "1.234,50"])
        self.assertEqual((first, second), (Decimal("1234.50"), Decimal(7)))
        self.assertEqual(third, Unread(CONTRADICTS, "1,234.50"))
        self.assertEqual(
            self.outcome("1,234.50", "1.234,50", chosen=COMMA), [CONTRADICTS, "1234.5"]
        )
        self.assertEqual(self.outcome("99.5", "99,5", "1.234")[2], AMBIGUOUS)

    def test_what_has_no_group_of_three_has_decimals(self):
        for value, expected in (
            ("1234,567", "1234.567"),
            ("0,123", "0.123"),
            ("1,2345", "1.2345"),
            (",50", "0.50"),
            ("00,125", "0.125"),
        ):
            self.assertRead([value], [expected])

    def test_blanks_and_apostrophes_stand_between_thousands(self):
        for blank in (" ", "\xa0", "\u202f", "\u2009", "'", "’"):
            self.assertRead([f"1{blank}234{blank}567,89"], ["1234567.89"])
            self.assertRead([f"-1{blank}234.5"], ["-1234.5"])
            self.assertRead([f"12{blank}345"], ["12345"])
        for value in ("12 34", "1 234 56", "1 234'567", "1 23,4 5"):
            self.assertEqual(self.outcome(value), [NO_NUMBER])

    def test_indian_groups(self):
        self.assertRead(
            ["Rs. 12,34,567.50", "1,23,456", "1,234"], ["1234567.5", "123456", "1234"]
        )

    def test_negative_amounts(self):
        for value in (
            "-99,90",
            "−99,90",
            "–99,90",
            "99,90-",
            "99,90 -",
            "(99,90)",
            "( 99,90 )",
            "€ -99,90",
            "-€ 99,90",
            "-99,90 €",
            "(€ 99,90)",
            "(99,90) €",
            "EUR -99,90",
            "-99,90 EUR",
        ):
            self.assertRead([value], ["-99.90"])
        for value in ("--5", "(-5)", "-5-", "5-3", "-", "()"):
            self.assertEqual(self.outcome(value), [NO_NUMBER])

    def test_prices_without_cents_are_not_negative(self):
        for value in ("99,-", "99,–", "99.--", "€ 99,-", "99,- €"):
            self.assertRead([value], ["99"])

    def test_currencies(self):
        for value in (
            "€5,50",
            "5,50 €",
            "5,50€",
            "EUR 5,50",
            "5,50 eur",
            "CHF\xa05,50",
            "5,50 kr",
            "R$ 5,50",
            "₹ 5,50",
            "+5,50",
        ):
            self.assertRead([value], ["5.50"])
        for value in ("5,50 Taler", "about 5", "EURO 5", "5,50 krx", "5%"):
            self.assertEqual(self.outcome(value), [NO_NUMBER])

    def test_wide_digits(self):
        self.assertRead(["¥１，２３４．５０", "（５００）"], ["1234.5", "-500"])

    def test_scientific_numbers(self):
        self.assertRead(["1,5E+03", "1.234"], ["1500", "1234"])
        self.assertRead(["1.5e3"], ["1500"])
        self.assertEqual(self.outcome("1E99", "1e999", "9" * 20), [NO_NUMBER] * 3)

    def test_no_numbers(self):
        for value in ("abc", "1.2.3", "1,2.3,4", "1.234.56", "12.34,56", "²", "1/2"):
            self.assertEqual(self.outcome(value), [NO_NUMBER], value)

    def test_empty_cells(self):
        self.assertRead(["", "  ", "\xa0", "5"], [None, None, None, "5"])
        self.assertEqual(read_column([]), [])

    def test_numbers_of_a_spreadsheet_are_left(self):
        self.assertRead(
            ["1.234", "99.5", "-3", "1e+16"],
            ["1.234", "99.5", "-3", Unread(NO_NUMBER)],
            numbers=True,
        )
        self.assertEqual(
            self.outcome("1.234", "99.5", "1.234,56", numbers=True),
            [AMBIGUOUS, "99.5", "1234.56"],
        )

    def test_what_a_column_tells(self):
        self.assertEqual(told_decimal(["7", "1.234", "99,90"]), ",")
        self.assertEqual(told_decimal(["1,234", "99.90"]), ".")
        self.assertIsNone(told_decimal(["1,234", "7", ""]))
        self.assertIsNone(told_decimal(["9,90", "9.90"]))


# What the import page of Odoo sends for a file that was just chosen.
PAGE = {
    "quoting": '"',
    "separator": "",
    "encoding": "",
    "has_headers": True,
    "date_format": "",
    "datetime_format": "",
    "float_thousand_separator": ",",
    "float_decimal_separator": ".",
    "skip": 0,
    "limit": 2000,
    "keep_matches": False,
    "advanced": True,
}


@tagged("post_install", "-at_install")
class TestImportedAmounts(CustomerValueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer("Imported Customer")

    def importing(self, content, **values):
        return (
            self.env["base_import.import"]
            .with_user(self.manager)
            .create(
                {
                    "res_model": "crm.purchase.history",
                    "file": content,
                    "file_name": "purchases.csv",
                    "file_type": "text/csv",
                    **values,
                }
            )
        )

    def csv(self, *amounts):
        rows = [
            f'Imported Customer;2026-01-{number % 28 + 1:02};"{amount}"\n'
            for number, amount in enumerate(amounts)
        ]
        return self.importing(("Customer;Date;Amount\n" + "".join(rows)).encode())

    def run_import(self, wizard, preview=True, **chosen):
        options = dict(PAGE)
        if preview:
            options.update(wizard.parse_preview(dict(options))["options"])
        options.update(chosen)
        result = wizard.execute_import(
            ["partner_id", "date", "amount"], ["Customer", "Date", "Amount"], options
        )
        purchases = self.env["crm.purchase.history"].browse(result.get("ids") or [])
        return purchases.mapped("amount"), result["messages"]

    def test_continental_files(self):
        for preview in (True, False):
            amounts, messages = self.run_import(
                self.csv("1.234,56", "-99,90", "1.234"), preview
            )
            if preview:
                self.assertFalse(messages)
                self.assertEqual(amounts, [1234.56, -99.9, 1234])
            else:
                # The page's defaults say the opposite.
                self.assertFalse(amounts)
                self.assertEqual([message["record"] for message in messages], [2])

    def test_the_page_shows_what_the_amounts_tell(self):
        for amounts, expected in (
            (("1.234,56", "7"), (".", ",")),
            (("1,234.56", "7"), (",", ".")),
            (("1,234", "7"), ("", ".")),
        ):
            options = self.csv(*amounts).parse_preview(dict(PAGE))["options"]
            self.assertEqual(
                (
                    options["float_thousand_separator"],
                    options["float_decimal_separator"],
                ),
                expected,
            )

    def test_what_can_be_read_in_two_ways_is_asked_for(self):
        wizard = self.csv("7", "1.234")
        amounts, [message] = self.run_import(wizard)
        self.assertFalse(amounts)
        self.assertEqual((message["record"], message["field"]), (1, "amount"))
        self.assertIn("Row 3: the amount “1.234” can be read", message["message"])
        for thousands, decimal, expected in ((".", ",", 1234), (",", ".", 1.234)):
            # Amounts of the company's currency have two decimals.
            amounts, messages = self.run_import(
                wizard,
                float_thousand_separator=thousands,
                float_decimal_separator=decimal,
            )
            self.assertFalse(messages)
            self.assertEqual(amounts, [7, round(expected, 2)])

    def test_two_ways_in_one_file_are_refused(self):
        amounts, [message] = self.run_import(self.csv("1,234.50", "5", "1.234,50"))
        self.assertFalse(amounts)
        self.assertEqual(message["record"], 2)
        self.assertIn("“1.234,50”", message["message"])
        self.assertIn("“1,234.50”", message["message"])

    def test_later_batches_are_read_as_the_first(self):
        wizard = self.csv("99,90", "1.234", "2.345")
        amounts, messages = self.run_import(wizard, skip=1, limit=2)
        self.assertFalse(messages)
        self.assertEqual(amounts, [1234, 2345])

    def test_signs_brackets_and_blanks(self):
        amounts, messages = self.run_import(
            self.csv("€ 1\xa0234,50", "(99,90)", "5,00- EUR", "US$ 5", "7,-")
        )
        self.assertEqual([message["record"] for message in messages], [3])
        amounts, messages = self.run_import(
            self.csv("€ 1\xa0234,50", "(99,90)", "5,00- EUR", "7,-")
        )
        self.assertFalse(messages)
        self.assertEqual(amounts, [1234.5, -99.9, -5, 7])

    def test_an_empty_amount_is_still_asked_for(self):
        amounts, messages = self.run_import(self.csv("1,50", ""))
        self.assertFalse(amounts)
        self.assertIn("needs an amount", messages[0]["message"])

    def test_numbers_of_a_spreadsheet(self):
        book = Workbook()
        for row in (
            ("Customer", "Date", "Amount"),
            ("Imported Customer", "2026-01-01", 1.5),
            ("Imported Customer", "2026-01-02", -1234.56),
            ("Imported Customer", "2026-01-03", 1234),
            ("Imported Customer", "2026-01-04", 10.125),
        ):
            book.active.append(row)
        content = io.BytesIO()
        book.save(content)
        wizard = self.importing(
            content.getvalue(),
            file_name="purchases.xlsx",
            file_type="application/"
            "vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        )
        amounts, messages = self.run_import(wizard)
        self.assertFalse(messages)
        self.assertEqual(amounts, [1.5, -1234.56, 1234, 10.13])

    def test_imports_of_other_models_are_odoos(self):
        options = {**PAGE, "separator": ";"}
        wizard = self.importing(
            b"Name;Latitude\nElsewhere;99,90\n", res_model="res.partner"
        )
        wizard = wizard.sudo()
        shown = wizard.parse_preview(dict(options))["options"]
        self.assertEqual(shown["float_thousand_separator"], ",")
        result = wizard.execute_import(
            ["name", "partner_latitude"], ["Name", "Latitude"], options
        )
        partner = self.env["res.partner"].browse(result["ids"])
        self.assertEqual(partner.partner_latitude, 9990)
