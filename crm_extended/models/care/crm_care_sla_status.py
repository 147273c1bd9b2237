from odoo import api, fields, models
from odoo.tools import SQL

from ..common.sql_fields import search_state
from .crm_care_sla import METRICS

STATES = [
    ("ongoing", "Ongoing"),
    ("paused", "Paused"),
    ("reached", "Reached"),
    ("failed", "Missed"),
]


def moving_state(now, deadline, paused_since):
    """The state of a target that is not reached yet, at a moment.

    Exactly at its deadline it is not missed yet. What was missed before the pause, stays
    missed.
    """
    if deadline and deadline < (paused_since or now):
        return "failed"
    return "paused" if paused_since else "ongoing"


def moving_state_sql(now, deadline: SQL, paused_since: SQL) -> SQL:
    """:func:`moving_state` as the database reckons it."""
    return SQL(
        """
        CASE WHEN %(deadline)s < COALESCE(%(paused)s, %(now)s) THEN 'failed'
             WHEN %(paused)s IS NOT NULL THEN 'paused'
             ELSE 'ongoing' END
        """,
        now=now,
        deadline=deadline,
        paused=paused_since,
    )


class CrmCareSlaStatus(models.Model):
    """A target on a case. Stored are dates; its state follows from them and from now."""

    _name = "crm.care.sla.status"
    _inherit = "crm.care.case.record.mixin"
    _description = "Service Target of a Case"
    _order = "deadline, id"
    _rec_name = "sla_id"

    sla_id = fields.Many2one(
        "crm.care.sla",
        string="Target",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    metric = fields.Selection(METRICS, required=True, readonly=True)
    hours = fields.Float(
        string="Hours Allowed",
        readonly=True,
        aggregator="avg",
        help="Working hours, with the factor of the customer's tier.",
    )
    deadline = fields.Datetime(readonly=True)
    reached_date = fields.Datetime(string="Reached On", readonly=True)
    paused_since = fields.Datetime(readonly=True)
    never_due = fields.Boolean(
        compute="_compute_never_due",
        help="The working hours of the team never open long enough.",
    )
    state = fields.Selection(STATES, compute="_compute_state", search="_search_state")
    # When the next escalation rule is to be looked at.
    next_escalation_date = fields.Datetime(readonly=True)
    team_id = fields.Many2one(related="case_id.team_id", store=True, index=True)
    user_id = fields.Many2one(related="case_id.user_id", store=True)

    _unique_sla = models.Constraint(
        "UNIQUE (case_id, sla_id)", "A case has each target once."
    )
    _escalation_index = models.Index(
        "(next_escalation_date) WHERE next_escalation_date IS NOT NULL"
    )

    @api.depends("deadline")
    def _compute_never_due(self):
        for status in self:
            status.never_due = not status.deadline

    @api.depends("deadline", "reached_date", "paused_since")
    def _compute_state(self):
        now = fields.Datetime.now()
        for status in self:
            if not status.reached_date:
                status.state = moving_state(now, status.deadline, status.paused_since)
            elif status._is_late():
                status.state = "failed"
            else:
                status.state = "reached"

    def _is_late(self) -> bool:
        """Whether it was reached, but not in time."""
        return bool(
            self.reached_date and self.deadline and self.deadline < self.reached_date
        )

    def _is_decided(self, now) -> bool:
        """Whether nothing can change what became of it."""
        return bool(self.reached_date) or (
            moving_state(now, self.deadline, self.paused_since) == "failed"
        )

    def _search_state(self, operator, value):
        return search_state("state", dict(STATES))(self, operator, value)

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr != "state":
            return super()._field_to_sql(alias, field_expr, query)
        # Through the columns' own fields, so that they are flushed before.
        deadline, reached, paused = (
            super(CrmCareSlaStatus, self)._field_to_sql(alias, name, query)
            for name in ("deadline", "reached_date", "paused_since")
        )
        return SQL(
            """
            (CASE WHEN %(reached)s IS NULL THEN %(moving)s
                  WHEN %(deadline)s < %(reached)s THEN 'failed'
                  ELSE 'reached' END)
            """,
            reached=reached,
            deadline=deadline,
            moving=moving_state_sql(
                SQL("%s::timestamp", fields.Datetime.now()),
                deadline,
                paused,
            ),
        )
