import logging
from collections import defaultdict
from contextlib import contextmanager
from datetime import datetime, timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import SQL

from ...analytics.care.working_time import due
from ..common.sql_fields import search_state
from .changed_values import update_if_changed
from .crm_care_sla import METRICS
from .crm_care_stage import CLOSED

_logger = logging.getLogger(__name__)

# Targets dealt with in one transaction.
BATCH = 100

STATES = [
    ("ongoing", "Ongoing"),
    ("paused", "Paused"),
    ("reached", "Met"),
    ("failed", "Missed"),
]


def moving_state(now, deadline, paused_since):
    """The state of a target that is not reached yet, at a moment.

    Exactly at its deadline it is not missed yet. A target missed before the pause stays
    missed.
    """
    if deadline and deadline < (paused_since or now):
        return "failed"
    return "paused" if paused_since else "ongoing"


def moving_state_sql(now, deadline: SQL, paused_since: SQL) -> SQL:
    """:func:`moving_state` in SQL."""
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


def state_sql(now, deadline: SQL, reached: SQL, paused_since: SQL) -> SQL:
    """The state of a target in SQL, as ``crm.care.sla.status`` computes it."""
    return SQL(
        """
        (CASE WHEN %(reached)s IS NULL THEN %(moving)s
              WHEN %(deadline)s < %(reached)s THEN 'failed'
              ELSE 'reached' END)
        """,
        reached=reached,
        deadline=deadline,
        moving=moving_state_sql(now, deadline, paused_since),
    )


class CrmCareSlaStatus(models.Model):
    """A target on a case. Dates are stored; the state follows from them and from now.

    ``next_escalation_date`` is when escalation rules look at the target again.
    """

    _name = "crm.care.sla.status"
    _inherit = "crm.care.case.record.mixin"
    _description = "Case SLA Target"
    _order = "deadline, id"
    _rec_name = "sla_id"

    sla_id = fields.Many2one(
        "crm.care.sla",
        string="SLA Target",
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
    reached_date = fields.Datetime(string="Met On", readonly=True)
    paused_since = fields.Datetime(readonly=True)
    never_due = fields.Boolean(
        compute="_compute_never_due",
        help="The team's working hours never reach the time allowed.",
    )
    state = fields.Selection(STATES, compute="_compute_state", search="_search_state")
    next_escalation_date = fields.Datetime(readonly=True)
    # To tell what was missed on a case from what was over when it came to the case.
    chosen_date = fields.Datetime(
        string="Applied On",
        readonly=True,
        help="Date from which the SLA target applies to the case.",
    )
    log_ids = fields.One2many("crm.care.escalation.log", "status_id", readonly=True)

    _unique_sla = models.Constraint(
        "UNIQUE (case_id, sla_id)", "An SLA target can only apply once to a case."
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
        """Whether it is reached or missed for good."""
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
        now = SQL("%s::timestamp", fields.Datetime.now())
        return state_sql(now, deadline, reached, paused)

    # -- Misses that can be taken back

    def _is_missed(self, now) -> bool:
        """Whether it was not reached in time."""
        return self._is_decided(now) and (not self.reached_date or self._is_late())

    def _came_decided(self) -> bool:
        """Whether it was reached, or missed, before it applied to the case."""
        return bool(
            self.chosen_date
            and (
                (self.reached_date and self.reached_date < self.chosen_date)
                or (self.deadline and self.deadline < self.chosen_date)
            )
        )

    def _misses(self, cases, slas):
        """The misses of some targets on cases."""
        if not slas:
            return self.browse()
        now = fields.Datetime.now()
        return cases.sla_status_ids.filtered(
            lambda status: status.sla_id in slas and status._is_missed(now)
        )

    @contextmanager
    def _noted(self):
        """Log on each case which of these misses no longer count after the block."""
        names = {status: status.sla_id.display_name for status in self}
        cases = {status: status.case_id for status in self}
        yield
        if not self:
            return
        now = fields.Datetime.now()
        left = self.exists()
        lines = defaultdict(list)
        for status in self:
            if status not in left:
                line = self.env._(
                    "SLA target “%s” no longer applies and does not count as missed.",
                    names[status],
                )
            elif not status._is_missed(now):
                line = self.env._(
                    "SLA target “%s” was recomputed and does not count as missed.",
                    names[status],
                )
            else:
                continue
            lines[cases[status]].append(line)
        if lines:
            self.env["crm.care.case"].union(*lines)._message_log_batch(
                bodies={
                    case.id: Markup("<br/>").join(texts)
                    for case, texts in lines.items()
                }
            )

    # -- Deadlines

    def _by_working_time(self):
        """Group the targets by the working time of the teams of their cases.

        :return: pairs of working time and targets
        """
        status_of = self.grouped("case_id")
        for time, cases in self.case_id._by_working_time():
            yield time, self.browse().union(*(status_of[case] for case in cases))

    def _compute_deadlines(self):
        """Compute hours and deadlines, whatever they were."""
        for time, statuses in self._by_working_time():
            for status in statuses:
                hours = status._allowed_hours()
                update_if_changed(
                    status, hours=hours, deadline=status._deadline(time, hours)
                )
            statuses._plan_escalation(time)

    def _allowed_hours(self) -> float:
        factor = (
            self.case_id.sla_tier_id.care_factor if self.sla_id.use_tier_factor else 1
        )
        return self.sla_id.hours * (factor or 1)

    def _deadline(self, time, hours) -> datetime | bool:
        """When this many working hours after the opening are over."""
        case = self.case_id
        moment = due(time, case.opened_date, round(hours * 3600), case._pauses())
        return moment and moment.replace(microsecond=0) or False

    # -- Escalation

    def _plan_escalation(self, time=None):
        """Set when escalation rules look at these targets again.

        :param WorkingTime time: of these targets' calendar, if it is at hand
        """
        if not self:
            return
        rules = self.env["crm.care.escalation"].sudo().search([])
        waiting = self.filtered(
            lambda status: (
                not status.reached_date
                and not status.paused_since
                and status.case_id.active
                and status.case_id.outcome not in CLOSED
            )
        )
        for known, statuses in (
            [(time, waiting)] if time else waiting._by_working_time()
        ):
            for status in statuses:
                update_if_changed(
                    status,
                    next_escalation_date=status._next_escalation(rules, known),
                )
        (self - waiting).filtered("next_escalation_date").next_escalation_date = False

    def _rules_to_come(self, rules):
        if not self.sla_id.active:
            # An archived target escalates no more.
            return rules.browse()
        return (rules - self.log_ids.rule_id).filtered(
            lambda rule: rule._concerns(self)
        )

    def _next_escalation(self, rules, time):
        """When the first of the rules that have not fired yet fires."""
        to_come = self._rules_to_come(rules)
        if not to_come or not self.deadline:
            return False
        return self._deadline(time, self.hours * min(to_come.mapped("percent")) / 100)

    @api.model
    def _cron_escalate(self):
        """Fire the rules that are due; targets without a due rule are not read."""
        if not self.env["crm.feature"]._is_on("care"):
            return
        progress = self.env["ir.cron"]
        # sudo: whichever user the administrator lets the job run as.
        self = self.sudo()
        domain = [("next_escalation_date", "<=", fields.Datetime.now())]
        done = self.browse()
        while due := self.search(
            [*domain, ("id", "not in", done.ids)],
            order="next_escalation_date, id",
            limit=BATCH,
        ):
            # Targets locked by other transactions come with the next run.
            due.try_lock_for_update()._escalate()
            done += due
            remaining = 0 if len(due) < BATCH else BATCH
            if not progress._commit_progress(len(due), remaining=remaining):
                return

    def _escalate(self):
        """Fire the due rules of these targets together. Where that fails, one after the
        other: an error in one must not hold up the others."""
        try:
            with self.env.cr.savepoint():
                self._fire_due()
        except Exception:
            if len(self) > 1:
                for status in self:
                    status._escalate()
                return
            _logger.exception("Escalation of target %s failed.", self.id)
            # Again, but not at once.
            self.next_escalation_date = fields.Datetime.now() + timedelta(hours=1)

    def _fire_due(self):
        """Fire all rules that are due, in their order."""
        Rules = self.env["crm.care.escalation"]
        rules = Rules.search([])
        now = fields.Datetime.now()
        notices = []
        for time, statuses in self._by_working_time():
            left, failed = statuses, dict.fromkeys(statuses, Rules)
            while wave := left._next_wave(rules, time, now, failed):
                for rule, fired in wave.items():
                    new_notices, wrong = fired._fire_rule(rule)
                    notices += new_notices
                    for status in wrong:
                        failed[status] |= rule
                # A rule's change may have removed a target from its case.
                left = left.exists()
            left._plan_escalation(time)
            for status in left:
                if failed[status]:
                    status._try_again(rules - failed[status], time, now)
        Rules._notify(notices)

    def _fire_rule(self, rule):
        """Fire a rule for these targets together. Where that fails, one after the other:
        an error in one, or in a rule, must not hold up others.

        :return: the notices to send, and the targets for which the rule failed
        """
        try:
            with self.env.cr.savepoint():
                return rule._fire(self), self.browse()
        except Exception:
            if len(self) > 1:
                notices, failed = [], self.browse()
                for status in self:
                    new_notices, wrong = status._fire_rule(rule)
                    notices += new_notices
                    failed += wrong
                return notices, failed
            _logger.exception(
                "Escalation rule %s failed for target %s.", rule.id, self.id
            )
            return [], self

    def _try_again(self, others, time, now):
        """Set when to look again at a target for which a rule failed: within an hour.

        :param others: the rules that did not fail
        """
        later = now + timedelta(hours=1)
        date = self._next_escalation(others, time)
        self.next_escalation_date = min(date, later) if date else later

    def _next_wave(self, rules, time, now, failed) -> dict:
        """The first due rule of each target, as targets by rule.

        One target of a case at a time: a rule's changes count for the next.

        :param failed: rules that failed, by target: not again now
        """
        wave, cases = {}, set()
        for status in self:
            if status.case_id in cases:
                continue
            for rule in status._rules_to_come(rules - failed[status]):
                moment = status._deadline(time, status.hours * rule.percent / 100)
                if moment and moment <= now:
                    wave.setdefault(rule, []).append(status.id)
                    cases.add(status.case_id)
                    break
        return {rule: self.browse(ids) for rule, ids in wave.items()}
