from odoo import models

from .sources.message_conditions import MESSAGE_CLASS, MESSAGE_SUBTYPE


class MailMessage(models.Model):
    """The timeline reads the messages of a record in the order of their dates."""

    _inherit = "mail.message"

    # With what tells the kinds apart, so that few of a kind among many are found without
    # reading the many.
    _timeline_index = models.Index(
        "(model, res_id, date, id) INCLUDE"
        " (message_type, subtype_id, is_internal, mail_activity_type_id)"
    )
    # Messages of anybody in the order of their dates: a page of a customer with many
    # messages spans a short time.
    _timeline_date_index = models.Index("(date, id)")

    # To count few of a kind among many: the same for most messages of a record, so that
    # it is a tenth of the others in size.
    _timeline_kind_index = models.Index(
        f"(model, res_id, {' '.join(MESSAGE_CLASS.split())}, ({MESSAGE_SUBTYPE}))"
        " WHERE message_type <> 'user_notification'"
    )
