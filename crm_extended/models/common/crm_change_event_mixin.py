import logging

from psycopg2 import OperationalError

from odoo import api, models

from .quiet_changes import DEFINITION_CHANGED, is_quiet, quietly

_logger = logging.getLogger(__name__)


class CrmChangeEventMixin(models.AbstractModel):
    """Changes of customers that are recorded in SQL, so that ``create()`` is not called
    for them: ``crm.event.dispatch.mixin`` dispatches them to subscribers."""

    _name = "crm.change.event.mixin"
    _description = "Customer Change Event"

    # Subscribers that also receive changes by another definition: they update figures,
    # and users do not notice what they do.
    _quiet_subscribers = ()

    @api.model
    def _get_subscribers(self, company) -> list[str]:
        """The subscribers to a company's changes.

        Add to it in an override, and only while there is something to do: without a
        subscriber, changes are recorded and not even read.

        :return: names of methods of this model. Each is called as superuser on changes
            of one company, a batch at a time and none of them twice; it must leave the
            changes as they are.
        """
        return []

    @api.model
    def _get_subscribers_to(self, company, quiet: bool) -> list[str]:
        """The subscribers that receive a company's changes.

        :param quiet: whether they follow from another definition, not from customers
        """
        subscribers = self._get_subscribers(company)
        if quiet:
            return [name for name in subscribers if name in self._quiet_subscribers]
        return subscribers

    @api.model
    def _is_quiet(self) -> bool:
        """Whether records are being changed because of another definition: then nothing
        that reacts to changes of records reacts to these."""
        return is_quiet(self.env)

    def _dispatch(self):
        """Call all subscribers on these changes."""
        for (company, reason), changes in self.grouped(
            lambda change: (change.company_id, change.reason)
        ).items():
            changes = changes.with_company(company)
            quiet = reason == DEFINITION_CHANGED
            if quiet:
                changes = quietly(changes)
            for subscriber in changes._get_subscribers_to(company, quiet):
                changes._notify_subscriber(subscriber)

    def _notify_subscriber(self, subscriber: str):
        """Call a subscriber. Where it fails, call it on each change alone, so that one
        wrong change does not keep back the others."""
        try:
            with self.env.cr.savepoint():
                getattr(self, subscriber)()
        except OperationalError:
            # Another transaction stood in the way: Odoo tries again as a whole.
            raise
        except Exception:
            if len(self) > 1:
                for change in self:
                    change._notify_subscriber(subscriber)
            else:
                _logger.exception(
                    "%s failed for %s, id %s.", subscriber, self._name, self.id
                )
