import re

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from .actions import compose_mail, may_post_on, read_values
from .sources.base import LARGEST_ID

ENTRY = re.compile(r"([a-z0-9_]{1,64})-([0-9]{1,10})")


class CrmTimeline(models.AbstractModel):
    """What readers do with entries: pin them, answer, mark as done, reschedule."""

    _inherit = "crm.timeline"

    # -- Pins

    @api.model
    def pin(self, res_model, res_id, entry_id):
        """Keep an entry at hand, for all who may see it.

        :return: True
        :raise UserError: where there is no such entry in the stream, or no customer yet
        :raise AccessError: unless the user may read the record and pin entries
        """
        stream, customer, key, record_id = self._pin_target(res_model, res_id, entry_id)
        source = stream.sources.get(key)
        if not source or record_id not in source.visible(stream, [record_id]):
            raise UserError(self.env._("This entry is no longer in the timeline."))
        pins = self.env["crm.timeline.pin"]
        if not pins.search_count(self._pin_domain(customer, key, record_id), limit=1):
            pins.create(
                {
                    "partner_id": customer.id,
                    "company_id": self.env.company.id,
                    "source": key,
                    "res_model": source.model,
                    "res_id": record_id,
                }
            )
        return True

    @api.model
    def unpin(self, res_model, res_id, entry_id):
        """Undo :meth:`pin` of any user.

        :return: True
        """
        _stream, customer, key, record_id = self._pin_target(
            res_model, res_id, entry_id
        )
        pins = self.env["crm.timeline.pin"]
        pins.search(self._pin_domain(customer, key, record_id)).unlink()
        return True

    @api.model
    def _pins(self, stream):
        """Pinned rows of the customer, newest first, whether visible or not."""
        pins = self.env["crm.timeline.pin"]
        if not stream.partners or not pins.has_access("read"):
            return []
        # sudo: the company's id is compared with, and never shown.
        customer = stream.partners[:1].sudo().commercial_partner_id
        domain = [("partner_id", "=", customer.id)]
        # sudo: most customers have none for any user, and this look is much faster.
        if not pins.sudo().search_count(domain, limit=1):
            return []
        found = pins.search_fetch(domain, ["source", "res_id"])
        return [
            (pin.create_date, pin.source, pin.res_id)
            for pin in found
            if pin.source in stream.sources
        ]

    @api.model
    def _pin_domain(self, customer, key, record_id):
        return (
            Domain("partner_id", "=", customer.id)
            & Domain("source", "=", key)
            & Domain("res_id", "=", record_id)
            & Domain("company_id", "=", self.env.company.id)
        )

    @api.model
    def _pin_target(self, res_model, res_id, entry_id):
        stream = self._scope(res_model, res_id, "company")
        key, record_id = self._read_entry_id(entry_id)
        # sudo: only the id of the company that the reader's contact belongs to.
        customer = self._customer_of(stream.record).sudo().commercial_partner_id
        if not customer:
            raise UserError(
                self.env._(
                    "Entries are pinned for a customer: set a customer on this "
                    "record first."
                )
            )
        return stream, customer.sudo(False), key, record_id

    # -- Actions

    @api.model
    def act(self, res_model, res_id, entry_id, action, values=None):
        """Do one of the ``actions`` of an entry.

        :param str action: ``reply``, ``done``, ``reschedule``
        :param dict values: ``feedback`` on what is done, ``date`` (ISO) for what is
            rescheduled
        :return: an action of the web client, or True
        :raise UserError: where there is no such entry in the stream
        :raise AccessError: where the reader may not do that
        """
        stream = self._scope(res_model, res_id, "company")
        key, record_id = self._read_entry_id(entry_id)
        source = stream.sources.get(key)
        if not source or record_id not in source.visible(stream, [record_id]):
            raise UserError(self.env._("This entry is no longer in the timeline."))
        values = read_values(self.env, values)
        now = fields.Datetime.now()
        if action not in source.entries(stream, [record_id], now)[record_id]["actions"]:
            raise AccessError(self.env._("You cannot do this with the entry."))
        return source.act(stream, record_id, action, values)

    @api.model
    def compose(self, res_model, res_id):
        """The action that opens a new mail to the customer.

        :raise UserError, AccessError: as :meth:`fetch`, and unless the reader may post
            on the record
        """
        record = self._scope(res_model, res_id, "contact").record
        if not self._may_post(record):
            raise AccessError(self.env._("You cannot send emails from this record."))
        return compose_mail(record)

    @api.model
    def _may_post(self, record) -> bool:
        """Whether the reader may send mails from a record and plan activities on it."""
        return self.env.user._is_internal() and record.id in may_post_on(record)

    @api.model
    def _read_entry_id(self, entry_id) -> tuple[str, int]:
        """Key of the source and id of the record."""
        found = ENTRY.fullmatch(entry_id) if isinstance(entry_id, str) else None
        if not found or int(found[2]) > LARGEST_ID:
            raise UserError(self.env._("This entry does not exist."))
        return found[1], int(found[2])
