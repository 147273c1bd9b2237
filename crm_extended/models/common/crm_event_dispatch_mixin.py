from odoo import SUPERUSER_ID, api, fields, models
from odoo.fields import Domain

# Changes dispatched in one transaction.
DISPATCH_LIMIT = 200


class CrmEventDispatchMixin(models.AbstractModel):
    """A computation over a company's customers (``crm.company.job.mixin``) that
    dispatches the changes it has recorded, each of them once."""

    _name = "crm.event.dispatch.mixin"
    _description = "Customer Change Event Dispatch"

    # Name of the model of the changes: has ``crm.change.event.mixin``.
    _event_model = None
    # XML id of the scheduled action that calls ``_cron_dispatch``.
    _dispatch_cron = None

    first_change_id = fields.Integer(
        readonly=True, aggregator=None, help="The first recorded change."
    )
    last_change_id = fields.Integer(
        readonly=True, aggregator=None, help="The last recorded change."
    )
    next_change_id = fields.Integer(
        readonly=True,
        aggregator=None,
        help="The next change to be processed by features that react to changes. 0 if "
        "none is left.",
    )

    def _dispatch_or_schedule(self, count: int):
        """Dispatch the changes just recorded: at once if they are few, else by the
        scheduled action. Later subscribers do not receive them.

        :param count: how many they are
        """
        self.ensure_one()
        self.next_change_id = self.first_change_id
        if count <= DISPATCH_LIMIT:
            self._dispatch_next()
        else:
            self.env.ref(self._dispatch_cron)._trigger()

    @api.model
    def _recorded_by_runs(self, company) -> Domain:
        """The changes of a company that such computations have recorded."""
        return Domain("company_id", "=", company.id)

    def _changes_to_dispatch(self) -> Domain:
        self.ensure_one()
        return (
            self._recorded_by_runs(self.company_id)
            & Domain("id", ">=", self.next_change_id)
            & Domain("id", "<=", self.last_change_id)
        )

    def _dispatch_next(self) -> int:
        """Dispatch the next batch of changes, and remember how far that went.

        :return: how many they were
        """
        # No matter who started the computation: OdooBot reports the results, and
        # automation rules act in its name.
        changes = self.env[self._event_model].with_user(SUPERUSER_ID)
        changes = changes.search(
            self._changes_to_dispatch(), order="id", limit=DISPATCH_LIMIT
        )
        changes._dispatch()
        done = len(changes) < DISPATCH_LIMIT or changes[-1].id == self.last_change_id
        self.next_change_id = 0 if done else changes[-1].id + 1
        return len(changes)

    @api.model
    def _dispatch_rest(self, company) -> bool:
        """Dispatch all pending changes of a company.

        :return: False if the scheduled action is just doing that
        """
        runs = self.search(
            [("company_id", "=", company.id), ("next_change_id", ">", 0)], order="id"
        )
        if len(runs.try_lock_for_update()) < len(runs):
            return False
        for run in runs:
            while run.next_change_id:
                run._dispatch_next()
        return True

    @api.model
    def _cron_dispatch(self):
        """Dispatch pending changes, each batch in a transaction of its own."""
        progress = self.env["ir.cron"]
        # sudo: whichever user the administrator lets the job run as.
        runs = self.sudo().search([("next_change_id", ">", 0)], order="id")
        changes = self.env[self._event_model].sudo()
        progress._commit_progress(
            remaining=sum(
                changes.search_count(run._changes_to_dispatch()) for run in runs
            )
        )
        for run in runs:
            while run.try_lock_for_update() and run.next_change_id:
                if not progress._commit_progress(run._dispatch_next()):
                    return
