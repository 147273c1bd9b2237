from odoo import models

ORIGIN = "mail.message_origin_link"


class MailThread(models.AbstractModel):
    """The line "created from" is one of the system.

    Odoo posts it as any program posts a note. It is internal to its readers already; the
    mark on the message distinguishes it from notes of colleagues.
    """

    _inherit = "mail.thread"

    def message_post_with_source(self, source_ref, **kwargs):
        if isinstance(source_ref, str) and source_ref == ORIGIN:
            kwargs.setdefault("is_internal", True)
        return super().message_post_with_source(source_ref, **kwargs)
