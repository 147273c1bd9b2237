"""Open activities in the timeline; those that are done have left a message."""

from dataclasses import dataclass, field

from odoo.fields import Domain
from odoo.tools import SQL

from ..actions import mark_as_done, put_off
from ..entry import contact_of, id_array
from .base import COUNT_LIMIT, TimelineSource


@dataclass(kw_only=True)
class ActivitySource(TimelineSource):
    """Activities on the customer's records.

    ``mail.activity`` checks access after the limit of a search.
    """

    with_archived: bool = False
    actions: dict = field(
        default_factory=lambda: {"done": mark_as_done, "reschedule": put_off}
    )

    def links_domain(self, scope):
        return Domain.OR(
            Domain("res_model", "=", model) & Domain("res_id", "in", ids)
            for model, ids in scope.documents.items()
        )

    def page(self, scope, key, limit, cursor=None):
        rows = self._all(scope)
        if cursor:
            rows = [row for row in rows if (row[0], key, row[1]) < tuple(cursor)]
        return rows[:limit]

    def count(self, scope):
        found = min(len(self._all(scope)), COUNT_LIMIT)
        return {self.kind: found} if found else {}

    def upcoming(self, scope, now, limit):
        """All of them: what is overdue is still ahead."""
        return self._all(scope)[::-1][:limit]

    def _all(self, scope):
        """All of them, newest first: there are few open ones, and access is only known
        after a search."""
        if scope.open_activities is None:
            scope.open_activities = (
                self._rows(scope, self.full_domain(scope), self.date)
                if self._is_any(scope)
                else []
            )
        return scope.open_activities

    def _is_any(self, scope) -> bool:
        """Whether there is an activity at all, regardless of access: a search as the
        reader costs many times as much, and most customers have none."""
        scope.env[self.model].flush_model(["res_model", "res_id"])
        [[found]] = scope.env.execute_query(
            SQL(
                "SELECT EXISTS (SELECT FROM mail_activity WHERE %s)",
                SQL(" OR ").join(
                    SQL("(res_model = %s AND res_id = ANY(%s))", model, id_array(ids))
                    for model, ids in scope.documents.items()
                ),
            )
        )
        return found

    def _contact(self, scope, record):
        document = record.env[record.res_model].browse(record.res_id)
        # sudo: only to learn who it is; shown are contacts that the reader may see.
        document = document.sudo()
        if document._name != "res.partner":
            if "partner_id" not in document._fields:
                return False
            document = document["partner_id"]
        return contact_of(scope, document)

    def entry(self, scope, record, now):
        entry = super().entry(scope, record, now)
        today = scope.days.day_at(now)
        overdue = record.date_deadline < today
        document = record.env[record.res_model].browse(record.res_id)
        if document.has_access("read"):
            entry["record"] = {
                "model": document._name,
                "id": document.id,
                "name": document.display_name or "",
            }
        entry.update(
            overdue=overdue,
            upcoming=not overdue,
            state=self._urgency(record, today),
        )
        return entry

    @staticmethod
    def _urgency(activity, today):
        if activity.date_deadline < today:
            return {"label": activity.env._("Overdue"), "color": "danger"}
        if activity.date_deadline == today:
            return {"label": activity.env._("Today"), "color": "warning"}
        return {"label": activity.env._("Planned"), "color": "success"}
