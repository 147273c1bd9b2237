"""Open activities in the timeline; those that are done have left a message."""

from dataclasses import dataclass

from odoo import fields
from odoo.fields import Domain

from .crm_timeline_scope import as_moment
from .crm_timeline_source import COUNT_LIMIT, TimelineSource


@dataclass(kw_only=True)
class ActivitySource(TimelineSource):
    """Activities on the customer's records.

    ``mail.activity`` checks access after the limit of a search: pages are filled up.
    """

    with_archived: bool = False

    def links_domain(self, scope):
        return Domain.OR(
            Domain("res_model", "=", model) & Domain("res_id", "in", ids)
            for model, ids in scope.documents.items()
        )

    def page(self, scope, key, limit, cursor=None):
        portion = limit
        while True:
            rows = super().page(scope, key, portion, cursor)
            if len(rows) >= limit or self._reads_all(scope, key, portion, cursor):
                return rows[:limit]
            portion *= 8

    def _reads_all(self, scope, key, portion, cursor) -> bool:
        """Whether a search with that limit left nothing out."""
        domain = self.full_domain(scope)
        if cursor:
            domain &= self.before_domain(key, cursor)
        # sudo: only whether there are more to look through, which nobody is told.
        activities = self._model(scope).sudo()
        return activities.search_count(domain, limit=portion + 1) <= portion

    def count(self, scope):
        found = len(self.page(scope, "", COUNT_LIMIT))
        return {self.kind: found} if found else {}

    def upcoming(self, scope, now, limit):
        """All of them: what is overdue is still ahead."""
        rows = self._rows(scope, self.full_domain(scope), None, f"{self.date}, id")
        return rows[:limit]

    def entry(self, scope, record, now):
        entry = super().entry(scope, record, now)
        today = fields.Date.context_today(record)
        overdue = record.date_deadline < today
        document = record.env[record.res_model].browse(record.res_id)
        if document.has_access("read"):
            entry["record"] = {
                "model": document._name,
                "id": document.id,
                "name": document.display_name or "",
            }
        entry.update(
            date=as_moment(record.date_deadline),
            overdue=overdue,
            upcoming=not overdue,
            state={
                "label": record.env._("Overdue")
                if overdue
                else record.env._("Today")
                if record.date_deadline == today
                else record.env._("Planned"),
                "color": "danger"
                if overdue
                else "warning"
                if record.date_deadline == today
                else "success",
            },
        )
        return entry
