import tempfile
from contextlib import ExitStack

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...models.insight.transaction_file import (
    can_write_parquet,
    write_csv,
    write_parquet,
)


def _numbers(ids) -> list[int]:
    """Ids among what a client sent."""
    return [each for each in ids if isinstance(each, int)] if ids else []


class CrmInsightExportWizard(models.TransientModel):
    """Takes purchases out for analysis, in a file."""

    _name = "crm.insight.export.wizard"
    _description = "Export for Analysis"

    file_format = fields.Selection(
        [("csv", "CSV"), ("parquet", "Parquet")],
        string="Format",
        required=True,
        default="csv",
        help="CSV opens everywhere. Parquet is smaller, and keeps dates and numbers as "
        "what they are.",
    )
    scope = fields.Selection(
        [("list", "As in the List"), ("all", "All Purchases")],
        string="Purchases",
        required=True,
        default="list",
        help="As in the list: the selected purchases, or else all that its search finds. "
        "All purchases: of the companies that are selected, and of customers you can see.",
    )
    selected_count = fields.Integer(string="Selected", readonly=True)
    is_parquet_missing = fields.Boolean(compute="_compute_is_parquet_missing")
    # What the list showed: its search, selected purchases, and companies.
    search_domain = fields.Json(readonly=True)
    selected_ids = fields.Json(string="Selected Purchases", readonly=True)
    company_list = fields.Json(readonly=True)

    def _compute_is_parquet_missing(self):
        self.is_parquet_missing = not can_write_parquet()

    def action_export(self):
        """Download the file."""
        self.ensure_one()
        self._check_format()
        return {
            "type": "ir.actions.act_url",
            "url": f"/crm_extended/purchases/{self.id}",
            "target": "new",
            "close": True,
        }

    def _check_format(self):
        if self.file_format == "parquet" and not can_write_parquet():
            raise UserError(
                self.env._(
                    "Parquet needs the Python package pyarrow on the server. Ask your "
                    "administrator to install it and to restart Odoo, or choose CSV."
                )
            )

    def _get_domain(self) -> Domain:
        """The purchases that were asked for.

        :raise ValueError: where the list's search is none
        """
        if self.scope == "all":
            return Domain.TRUE
        if self.selected_ids:
            return Domain("id", "in", _numbers(self.selected_ids))
        return Domain(self.search_domain or [])

    def _get_query(self) -> SQL:
        """The rows of the file, of the companies that the list was of.

        :raise UserError: where the list's search is none
        """
        companies = _numbers(self.company_list) or self.env.companies.ids
        purchases = self.env["crm.customer.transaction"].with_context(
            allowed_company_ids=companies
        )
        try:
            return purchases._export_query(
                self._get_domain(), harmless=self.file_format == "csv"
            )
        except (TypeError, ValueError) as error:
            raise UserError(
                self.env._(
                    "The search of the list cannot be read. Open the list again."
                )
            ) from error

    def _write_file(self):
        """Write the file, as the user may see the purchases.

        :return: an open temporary file, at its beginning: it is gone once it is closed
        """
        self.ensure_one()
        self._check_format()
        with ExitStack() as stack:
            file = stack.enter_context(tempfile.TemporaryFile())
            write_csv(self.env, self._get_query(), file)
            file.seek(0)
            if self.file_format == "parquet":
                source = file
                file = stack.enter_context(tempfile.TemporaryFile())
                write_parquet(source, file)
                source.close()
                file.seek(0)
            # It stays open where nothing went wrong.
            stack.pop_all()
        return file
