from odoo import models

from .sources.message_conditions import (
    MESSAGE_CLASS,
    MESSAGE_PART,
    MESSAGE_SUBTYPE,
)


class MailMessage(models.Model):
    """The timeline reads the messages of a record in the order of their dates."""

    _inherit = "mail.message"

    # What Odoo logs stands apart: it is most of a record's messages and seldom asked for.
    # With the columns that tell the other kinds apart, to find few of a kind among many
    # without reading all of them.
    _timeline_index = models.Index(
        f"(model, res_id, {' '.join(MESSAGE_PART.split())}, date, id) INCLUDE"
        " (message_type, subtype_id, is_internal, mail_activity_type_id)"
    )
    # Messages of all customers in the order of their dates: a page of a customer with
    # many messages spans a short time.
    _timeline_date_index = models.Index("(date, id)")

    # To count few of a kind among many. Most messages of a record have the same values,
    # so the index is a tenth of the size of the others.
    _timeline_kind_index = models.Index(
        f"(model, res_id, {' '.join(MESSAGE_CLASS.split())}, ({MESSAGE_SUBTYPE}))"
        " WHERE message_type <> 'user_notification'"
    )
