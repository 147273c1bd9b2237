from odoo import models

ORIGIN = "mail.message_origin_link"


class MailThread(models.AbstractModel):
    """The line "created from" is one of the system.

    Odoo posts it as any program posts a note. Marked as internal, which it is for its
    readers already, it is told from what colleagues note.
    """

    _inherit = "mail.thread"

    def message_post_with_source(self, source_ref, **kwargs):
        if source_ref == ORIGIN:
            kwargs.setdefault("is_internal", True)
        return super().message_post_with_source(source_ref, **kwargs)
