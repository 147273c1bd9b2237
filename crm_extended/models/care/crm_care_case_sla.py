from datetime import datetime

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ...analytics.care.sla_policy import Facts, choose
from ...analytics.care.working_time import elapsed
from ..common.sql_fields import search_state
from .changed_values import update_if_changed
from .crm_care_sla_status import STATES, moving_state, moving_state_sql
from .crm_care_stage import CLOSED, OPEN
from .groups import MANAGER

# The result of a case by its targets.
RESULTS = [("ongoing", "Ongoing"), ("reached", "Met"), ("failed", "Missed")]


class CrmCareCase(models.Model):
    """The targets of a case: which apply, when they are due, what became of them, and the
    working time until the answer and the solution."""

    _inherit = "crm.care.case"

    sla_status_ids = fields.One2many(
        "crm.care.sla.status", "case_id", string="SLA Targets", readonly=True
    )
    first_response_date = fields.Datetime(
        readonly=True,
        copy=False,
        help="First staff message that is visible to the customer.",
    )
    # The nearest deadline of targets not reached yet, and the result of the others.
    sla_deadline = fields.Datetime(
        string="Due",
        compute="_compute_sla_deadline",
        store=True,
        help="When the next SLA target of the case is due.",
    )
    sla_result = fields.Selection(
        RESULTS, compute="_compute_sla_deadline", store=True, string="SLA Result"
    )
    sla_state = fields.Selection(
        STATES,
        string="SLA Target",
        compute="_compute_sla_state",
        search="_search_sla_state",
        help="Current status of the next SLA target of the case.",
    )
    sla_paused_since = fields.Datetime(
        string="SLA Paused Since", readonly=True, copy=False
    )
    sla_pauses = fields.Json(string="SLA Pauses", readonly=True, copy=False)
    # The tier and segment by which the targets were chosen and their deadlines computed.
    sla_tier_id = fields.Many2one(
        "crm.loyalty.tier",
        string="SLA Tier",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    sla_segment_id = fields.Many2one(
        "crm.rfm.segment",
        string="SLA Segment",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )

    # Stored: working hours, with leaves, lunch breaks and summer time, are beyond SQL,
    # and they are final once the dates are. So they depend on the dates alone: a
    # calendar, a team or a holiday that changes later does not rewrite history, nor does
    # a pause after the answer.
    first_response_hours = fields.Float(
        string="Hours to First Response",
        compute="_compute_first_response_hours",
        store=True,
        # Averages are in the reports, which leave out cases that have none yet.
        aggregator=None,
        help="Working hours of the team from opening to the first response visible to "
        "the customer, excluding the time spent waiting for the customer.",
    )
    resolution_hours = fields.Float(
        string="Hours to Resolution",
        compute="_compute_resolution_hours",
        store=True,
        # Averages are in the reports, which leave out cases that have none yet.
        aggregator=None,
        help="Working hours of the team from opening to resolution, excluding the "
        "time when the case was waiting for the customer or closed.",
    )

    @api.depends("outcome", "sla_status_ids.deadline", "sla_status_ids.reached_date")
    def _compute_sla_deadline(self):
        for case in self:
            # sudo: the deadline does not depend on the user who computes it.
            statuses = case.sudo().sla_status_ids
            going = statuses.filtered(lambda status: not status.reached_date)
            late = statuses.filtered(lambda status: status._is_late())
            if case.outcome in CLOSED:
                # Targets that were missed in a case that was cancelled.
                late |= going
                going = going.browse()
            deadlines = [deadline for deadline in going.mapped("deadline") if deadline]
            case.sla_deadline = min(deadlines, default=False)
            if going:
                case.sla_result = "ongoing"
            elif late:
                case.sla_result = "failed"
            else:
                case.sla_result = "reached" if statuses else False

    # -- The state, at each moment

    @api.depends("sla_deadline", "sla_result", "sla_paused_since")
    def _compute_sla_state(self):
        now = fields.Datetime.now()
        for case in self:
            if case.sla_result == "ongoing":
                case.sla_state = moving_state(
                    now, case.sla_deadline, case.sla_paused_since
                )
            else:
                case.sla_state = case.sla_result

    def _search_sla_state(self, operator, value):
        return search_state("sla_state", dict(STATES))(self, operator, value)

    def _sla_state_to_sql(self, alias, query) -> SQL:
        # Through the columns' own fields, so that they are flushed before.
        result, deadline, paused = (
            self._field_to_sql(alias, name, query)
            for name in ("sla_result", "sla_deadline", "sla_paused_since")
        )
        now = SQL("%s::timestamp", fields.Datetime.now())
        return SQL(
            "(CASE WHEN %(result)s = 'ongoing' THEN %(moving)s ELSE %(result)s END)",
            result=result,
            moving=moving_state_sql(now, deadline, paused),
        )

    # -- Which targets

    @api.model
    def _targets_depend_on(self) -> set:
        """Fields of a case by which its targets are chosen and computed."""
        return {
            "company_id",
            "team_id",
            "type",
            "priority",
            "category_id",
            "partner_id",
            "opened_date",
        }

    def _update_targets(self, vals):
        """Choose and compute targets again, where the values change what they depend on."""
        if vals.keys().isdisjoint(self._targets_depend_on() | {"active"}):
            return
        going = self.filtered(lambda case: case.outcome in OPEN)
        corrected = None
        if "opened_date" in vals and not self._is_automatic():
            # A target missed by a date entered wrongly, was not missed.
            corrected = going.sudo().sla_status_ids.sla_id
        going._apply_targets(corrected)

    def _update_escalations(self, vals):
        if "active" in vals:
            # sudo: archived cases no longer escalate, regardless of who archived them.
            self.sudo().sla_status_ids._plan_escalation()

    def _apply_targets(self, corrected=None):
        """Recompute which targets apply to open cases, and their deadlines. Targets
        already reached or missed are left alone.

        With two exceptions. Misses of targets that an administrator has corrected are
        judged again. And a target that was decided when it came to the case, as by a
        star too many, leaves again with what brought it.

        :param corrected: targets that were entered wrongly or have been removed
        """
        # sudo: targets are written only here, regardless of who causes the change.
        cases = self.sudo()
        if not cases:
            return
        now = fields.Datetime.now()
        # Memberships and scores change without invalidating the cache.
        joined = self._get_customer_joins()
        cases.invalidate_recordset([*joined, "tier_id", "segment_id"], flush=False)
        for case in cases:
            update_if_changed(
                case, sla_tier_id=case.tier_id, sla_segment_id=case.segment_id
            )
        # sudo: targets apply to a case regardless of who opens it.
        policies = self.env["crm.care.sla"].sudo()._policies()
        statuses = self.env["crm.care.sla.status"].sudo()
        misses = statuses._misses(cases, corrected)
        dropped, kept, new = [], [], []
        for case in cases:
            chosen = {policy.id: policy for policy in choose(policies, case._facts())}
            for status in case.sla_status_ids:
                policy = chosen.get(status.sla_id.id)
                if policy and policy.metric != status.metric:
                    # It has become another target.
                    dropped.append(status.id)
                    continue
                chosen.pop(status.sla_id.id, None)
                is_open = status in misses or not status._is_decided(now)
                if policy and is_open:
                    kept.append(status.id)
                elif not policy and (is_open or status._came_decided()):
                    dropped.append(status.id)
            new += [case._status_values(policy, now) for policy in chosen.values()]
        with misses._noted():
            statuses.browse(dropped).unlink()
            (statuses.browse(kept) + statuses.create(new))._compute_deadlines()

    def _status_values(self, policy, now) -> dict:
        return {
            "case_id": self.id,
            "sla_id": policy.id,
            "metric": policy.metric,
            "chosen_date": now,
            "paused_since": self.sla_paused_since,
            # A target that comes after the answer is met or missed by it.
            "reached_date": policy.metric == "first_response"
            and self.first_response_date,
        }

    def _facts(self) -> Facts:
        self.ensure_one()
        return Facts(
            company_id=self.company_id.id,
            team_id=self.team_id.id or 0,
            type=self.type,
            priority=int(self.priority),
            category_id=self.category_id.id or 0,
            tier_id=self.sla_tier_id.id or 0,
            segment_id=self.sla_segment_id.id or 0,
            default_ids=frozenset(self.team_id.default_sla_ids.ids),
        )

    @api.model
    def _has_open_cases(self, company) -> bool:
        # sudo: also cases that the user cannot see.
        cases = self.sudo().with_context(active_test=False)
        domain = [("company_id", "=", company.id), ("outcome", "in", OPEN)]
        return bool(cases.search_count(domain, limit=1))

    @api.model
    def _apply_changes(self, company, quiet: bool, customers=None):
        """Let the open cases of a company follow the tiers and segments of its customers.

        :param quiet: these follow from another definition of purchases. Cases keep the
            targets that were promised then: others could be missed at once, and
            escalated, although no one has done anything.
        :param res.partner customers: of these; of all when left out
        """
        whose = SQL("care.company_id = %s", company.id)
        if customers is not None:
            whose = SQL(
                "%s AND care.commercial_partner_id IN %s",
                whose,
                tuple(customers.ids) or (None,),
            )
        if quiet:
            self._adopt_tiers_and_segments(whose)
        else:
            self._update_open_cases(whose)

    @api.model
    def _update_open_cases(self, whose: SQL):
        """Recompute the targets of open cases whose customers have another tier or
        segment than the one their targets were computed by.

        :param whose: condition on the table of cases, ``care``
        """
        self.flush_model()
        self.env["crm.loyalty.membership"].flush_model(["tier_id"])
        self.env["crm.rfm.score"].flush_model(["segment_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT care.id
                  FROM crm_care_case AS care
             LEFT JOIN crm_loyalty_membership AS member
                    ON member.partner_id = care.commercial_partner_id
                   AND member.company_id = care.company_id
             LEFT JOIN crm_rfm_score AS score
                    ON score.partner_id = care.commercial_partner_id
                   AND score.company_id = care.company_id
                 WHERE care.outcome IN ('open', 'waiting')
                   AND (care.sla_tier_id IS DISTINCT FROM member.tier_id
                        OR care.sla_segment_id IS DISTINCT FROM score.segment_id)
                   AND %s
              ORDER BY care.id
                """,
                whose,
            )
        )
        self.browse([case_id for [case_id] in rows])._apply_targets()

    @api.model
    def _adopt_tiers_and_segments(self, whose: SQL):
        """Note the customers' tiers and segments on open cases, without recomputing
        targets.

        :param whose: condition on the table of cases, ``care``
        """
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                """
                UPDATE crm_care_case AS care
                   SET sla_tier_id = (
                           SELECT tier_id FROM crm_loyalty_membership AS member
                            WHERE member.partner_id = care.commercial_partner_id
                              AND member.company_id = care.company_id),
                       sla_segment_id = (
                           SELECT segment_id FROM crm_rfm_score AS score
                            WHERE score.partner_id = care.commercial_partner_id
                              AND score.company_id = care.company_id)
                 WHERE care.outcome IN ('open', 'waiting') AND %s
                """,
                whose,
            )
        )
        self.invalidate_model(["sla_tier_id", "sla_segment_id"], flush=False)

    # -- What happens to a case

    def _apply_outcomes_to_targets(self, before, now):
        """Pause, resume, close and reopen targets as the outcome of cases changes.

        :param dict before: the outcomes of the cases until now
        """
        for case in self.sudo():
            old, new = before[case], case.outcome
            if old == new:
                continue
            if old == "waiting":
                case._resume(now)
            if new in CLOSED and old not in CLOSED:
                case._close_targets(now)
            elif old in CLOSED and new not in CLOSED:
                case._reopen_targets(now)
            if new == "waiting":
                case._pause(now)

    def _pause(self, now):
        self.sla_paused_since = now
        self.sla_status_ids.filtered(lambda status: not status.reached_date).write(
            {"paused_since": now, "next_escalation_date": False}
        )

    def _resume(self, now):
        going = self.sla_status_ids.filtered(lambda status: not status.reached_date)
        # Selected before the pause ends, which moves their deadlines.
        moving = going.filtered(lambda status: not status._is_decided(now))
        self._add_pause(self.sla_paused_since, now)
        self.sla_paused_since = False
        going.paused_since = False
        moving._compute_deadlines()
        (going - moving)._plan_escalation()

    def _close_targets(self, now):
        going = self.sla_status_ids.filtered(lambda status: not status.reached_date)
        going.next_escalation_date = False
        if self.outcome == "solved":
            going.reached_date = now
        else:
            # Targets missed before the case was cancelled stay missed.
            going.filtered(lambda status: not status._is_decided(now)).unlink()

    def _reopen_targets(self, now):
        """Reopen targets that were reached by closing the case; the time in which it was
        closed does not count."""
        self._add_pause(self.closed_date, now)
        again = self.sla_status_ids.filtered(
            lambda status: status.reached_date and not status._is_late()
        )
        if self.first_response_date:
            again = again.filtered(lambda status: status.metric == "resolution")
        again.reached_date = False
        again._compute_deadlines()
        # Others may apply by now, and those of a cancelled case were removed.
        self._apply_targets()

    def _add_pause(self, start, end):
        if start and start < end:
            self.sla_pauses = [
                *(self.sla_pauses or []),
                [start.isoformat(), end.isoformat()],
            ]

    def _pauses(self) -> list[tuple[datetime, datetime]]:
        return [
            (datetime.fromisoformat(start), datetime.fromisoformat(end))
            for start, end in self.sla_pauses or []
        ]

    def _by_working_time(self):
        """The cases by the hours of their teams.

        :return: pairs of working time and cases
        """
        for team, cases in self.grouped("team_id").items():
            yield team._care_time(min(cases.mapped("opened_date"))), cases

    def _note_first_response(self, when):
        """Staff has answered: first-response targets are reached.

        :param datetime when: UTC
        """
        self.ensure_one()
        # sudo: the right to answer a case includes meeting its targets.
        case = self.sudo()
        if case.first_response_date:
            return
        case.first_response_date = when
        if case.sla_paused_since and case.sla_paused_since < when:
            # The answer is held against a deadline that the pause has moved so far; the
            # pause goes on.
            case._resume(when)
            case._pause(when)
        case.sla_status_ids.filtered(
            lambda status: status.metric == "first_response" and not status.reached_date
        ).write({"reached_date": when, "next_escalation_date": False})

    # -- Working time until the answer and the solution

    @api.depends("opened_date", "first_response_date")
    def _compute_first_response_hours(self):
        answered = self.filtered(
            lambda case: case.opened_date and case.first_response_date
        )
        (self - answered).first_response_hours = False
        for case, hours in answered._hours_until("first_response_date"):
            case.first_response_hours = hours

    @api.depends("opened_date", "closed_date", "outcome")
    def _compute_resolution_hours(self):
        solved = self.filtered(
            lambda case: (
                case.opened_date and case.closed_date and case.outcome == "solved"
            )
        )
        (self - solved).resolution_hours = False
        for case, hours in solved._hours_until("closed_date"):
            case.resolution_hours = hours

    def _hours_until(self, name):
        """Working hours from the opening of cases to another of their dates.

        :param str name: the other date
        :return: pairs of case and hours
        """
        for time, cases in self._by_working_time():
            for case in cases:
                pauses = case._pauses()
                if case.sla_paused_since:
                    pauses.append((case.sla_paused_since, case[name]))
                seconds = elapsed(time, case.opened_date, case[name], pauses)
                yield case, seconds / 3600

    # -- Misses by targets that were entered wrongly, or no longer apply

    def action_recompute_targets(self):
        """Judge these cases again by the targets as they are now.

        :raise AccessError: if the user is no care manager
        """
        if not self.env.user.has_group(MANAGER):
            raise AccessError(
                self.env._(
                    "Only administrators of Service Care can recompute SLA targets."
                )
            )
        self.check_access("write")
        # sudo: targets of the cases, which managers may read.
        return self._recompute_targets(self.sudo().sla_status_ids.sla_id)

    def _recompute_targets(self, slas):
        """Judge misses of targets again. Targets met in time stay met.

        :return: action that says how many no longer count as missed
        """
        # sudo: only the system writes targets; the user's rights were checked before.
        cases = self.sudo()
        misses = self.env["crm.care.sla.status"].sudo()._misses(cases, slas)
        before = len(misses)
        closed = cases.filtered(lambda case: case.outcome in CLOSED)
        closed._judge_closed(misses.filtered(lambda status: status.case_id in closed))
        (cases - closed)._apply_targets(corrected=slas)
        now = fields.Datetime.now()
        after = len(misses.exists().filtered(lambda status: status._is_missed(now)))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if before > after else "info",
                "message": self.env._(
                    "%(changed)s of %(all)s missed targets no longer count as missed.",
                    changed=before - after,
                    all=before,
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _judge_closed(self, misses):
        """Judge again what was missed in cases that are closed."""
        if not misses:
            return
        # sudo: targets apply to a case regardless of who closed it.
        policies = self.env["crm.care.sla"].sudo()._policies()
        applying = {
            case: {
                policy.id: policy.metric for policy in choose(policies, case._facts())
            }
            for case in misses.case_id
        }
        kept = misses.filtered(
            lambda status: (
                applying[status.case_id].get(status.sla_id.id) == status.metric
            )
        )
        with misses._noted():
            (misses - kept).unlink()
            kept._compute_deadlines()
            # A cancelled case keeps only the targets that were over by then.
            kept.filtered(
                lambda status: (
                    not status.reached_date
                    and not (
                        status.deadline
                        and status.case_id.closed_date
                        and status.deadline < status.case_id.closed_date
                    )
                )
            ).unlink()
