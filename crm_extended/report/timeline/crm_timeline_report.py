from odoo import api, fields, models
from odoo.exceptions import UserError

from ...models.timeline.days import ReaderDays

# More is no reading matter; the print says that it was cut.
PRINT_LIMIT = 1000
PAGE = 200
OPTIONS = (
    "res_model",
    "res_id",
    "scope",
    "kinds",
    "search",
    "date_from",
    "date_to",
    "author_id",
    "direction",
)


class ReportTimeline(models.AbstractModel):
    """The stream on paper: what the reader sees, and nothing else."""

    _name = "report.crm_extended.report_timeline"
    _description = "Timeline Report"

    @api.model
    def _get_report_values(self, docids, data=None):
        """:param dict data: comes from an address, so it is checked as any call is"""
        options = {name: data[name] for name in OPTIONS if (data or {}).get(name)}
        if "res_model" not in options or "res_id" not in options:
            raise UserError(self.env._("Print a timeline from the page that shows it."))
        # The zone of the browser that asked; one that is not known counts for nothing.
        zone = (data or {}).get("tz") or self.env.context.get("tz")
        timeline = self.env["crm.timeline"].with_context(tz=zone)
        entries, cursor = [], None
        while len(entries) < PRINT_LIMIT:
            page = timeline.get_page(**options, limit=PAGE, cursor=cursor)
            entries += page["entries"]
            cursor = page["cursor"]
            if not cursor:
                break
        head = timeline.head(
            options["res_model"], options["res_id"], options.get("scope", "company")
        )
        currencies = self.env["res.currency"].browse(
            {entry["currency_id"] for entry in entries if entry["currency_id"]}
        )
        return {
            "head": head,
            "kinds": {kind["key"]: kind["label"] for kind in head["kinds"]},
            "entries": [
                {**entry, "moment": fields.Datetime.from_string(entry["date"])}
                for entry in entries
            ],
            "currencies": {currency.id: currency for currency in currencies},
            "zone": str(ReaderDays(timeline.env)),
            "is_cut": bool(cursor),
            "limit": PRINT_LIMIT,
        }
