import logging

from werkzeug.wsgi import wrap_file

from odoo import fields
from odoo.http import Controller, Response, content_disposition, request, route

_logger = logging.getLogger(__name__)

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
}


class PurchaseExport(Controller):
    """The file that *Export for Analysis* offers."""

    @route(
        "/crm_extended/purchases/<int:wizard_id>",
        type="http",
        auth="user",
        methods=["GET"],
    )
    def export_purchases(self, wizard_id, **kw):
        """Send purchases as the user asked for them in the dialog.

        The whole file is written before the first byte is sent: one that breaks off would
        look complete.
        """
        if not request.env["crm.feature"]._is_on("insight"):
            raise request.not_found()
        wizard = request.env["crm.insight.export.wizard"].browse(wizard_id).exists()
        if not wizard:
            raise request.not_found()
        # By a record rule, users may only read dialogs of their own.
        wizard.check_access("read")
        file = wizard._write_file()
        size = file.seek(0, 2)
        file.seek(0)
        _logger.info(
            "User %d exported purchases (%s, %s, %d bytes) from %s. Search: %s",
            request.env.uid,
            wizard.file_format,
            wizard.scope,
            size,
            request.httprequest.environ["REMOTE_ADDR"],
            wizard.search_domain,
        )
        day = fields.Date.context_today(wizard)
        name = f"purchases-{day}.{wizard.file_format}"
        return Response(
            wrap_file(request.httprequest.environ, file),
            headers=[
                ("Content-Type", TYPES[wizard.file_format]),
                ("Content-Length", str(size)),
                ("Content-Disposition", content_disposition(name)),
                ("Cache-Control", "no-store"),
            ],
            direct_passthrough=True,
        )
