import logging

from psycopg2 import OperationalError

from odoo import api, models

from .quiet_changes import DEFINITION_CHANGED, is_quiet, quietly

_logger = logging.getLogger(__name__)


class CrmChangeEventMixin(models.AbstractModel):
    """Changes of customers that are recorded in SQL, so that nobody learns of them by
    ``create()``: those who listen are told by ``crm.event.dispatch.mixin``."""

    _name = "crm.change.event.mixin"
    _description = "Change That Is Announced"

    # Listeners that hear of changes by another definition, too: they bring figures up to
    # date, and whatever they do is noticed by nobody.
    _quiet_subscribers = ()

    @api.model
    def _get_subscribers(self, company) -> list[str]:
        """Who wants to hear of a company's changes.

        Add to it in an override, and only while there is something to do: where nobody
        listens, changes are recorded and not even read.

        :return: names of methods of this model. Each is called as superuser on changes
            of one company, a batch at a time and none of them twice; it must leave the
            changes as they are.
        """
        return []

    @api.model
    def _get_subscribers_to(self, company, quiet: bool) -> list[str]:
        """Who hears of a company's changes.

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
        """Tell these changes to everybody who listens."""
        for (company, reason), changes in self.grouped(
            lambda change: (change.company_id, change.reason)
        ).items():
            changes = changes.with_company(company)
            quiet = reason == DEFINITION_CHANGED
            if quiet:
                changes = quietly(changes)
            for subscriber in changes._get_subscribers_to(company, quiet):
                changes._tell(subscriber)

    def _tell(self, subscriber: str):
        """Call a subscriber; where it fails, on each change alone, so that what is wrong
        with one keeps nobody from hearing of the others."""
        try:
            with self.env.cr.savepoint():
                getattr(self, subscriber)()
        except OperationalError:
            # Another transaction stood in the way: Odoo tries again as a whole.
            raise
        except Exception:
            if len(self) > 1:
                for change in self:
                    change._tell(subscriber)
            else:
                _logger.exception(
                    "%s failed for %s, id %s.", subscriber, self._name, self.id
                )
