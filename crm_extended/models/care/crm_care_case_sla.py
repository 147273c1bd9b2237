from datetime import datetime

from odoo import api, fields, models
from odoo.tools import SQL

from ...analytics.care.sla_policy import Facts, choose
from ...analytics.care.working_time import due
from ..common.sql_fields import search_state
from .crm_care_case_customer import JOINED
from .crm_care_sla_status import STATES, moving_state, moving_state_sql
from .crm_care_stage import CLOSED

# What becomes of a case whose targets are all settled.
RESULTS = [("ongoing", "Ongoing"), ("reached", "Reached"), ("failed", "Missed")]


class CrmCareCase(models.Model):
    """The targets of a case: which it has, when they are due, what became of them."""

    _inherit = "crm.care.case"

    sla_status_ids = fields.One2many(
        "crm.care.sla.status", "case_id", string="Targets", readonly=True
    )
    first_response_date = fields.Datetime(
        readonly=True,
        copy=False,
        help="First message from staff that the customer can see.",
    )
    # The nearest of those that are not reached, and what became of the others.
    sla_deadline = fields.Datetime(
        string="Due",
        compute="_compute_sla_deadline",
        store=True,
        help="When the nearest target of the case is due.",
    )
    sla_result = fields.Selection(
        RESULTS, compute="_compute_sla_deadline", store=True, string="Targets' Result"
    )
    sla_state = fields.Selection(
        STATES,
        string="Target",
        compute="_compute_sla_state",
        search="_search_sla_state",
        help="What the nearest target of the case comes to, at this moment.",
    )
    sla_paused_since = fields.Datetime(readonly=True, copy=False)
    sla_pauses = fields.Json(readonly=True, copy=False)
    # What the targets were chosen and reckoned by.
    sla_tier_id = fields.Many2one(
        "crm.loyalty.tier", readonly=True, copy=False, index="btree_not_null"
    )
    sla_segment_id = fields.Many2one(
        "crm.rfm.segment", readonly=True, copy=False, index="btree_not_null"
    )

    @api.depends("outcome", "sla_status_ids.deadline", "sla_status_ids.reached_date")
    def _compute_sla_deadline(self):
        for case in self:
            # sudo: what is due is the same, whoever makes it be reckoned.
            statuses = case.sudo().sla_status_ids
            going = statuses.filtered(lambda status: not status.reached_date)
            late = statuses.filtered(lambda status: status._is_late())
            if case.outcome in CLOSED:
                # What was missed in a case that was cancelled.
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

    # -- The state, at every moment

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

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr != "sla_state":
            return super()._field_to_sql(alias, field_expr, query)
        # Through the columns' own fields, so that they are flushed before.
        result, deadline, paused = (
            super(CrmCareCase, self)._field_to_sql(alias, name, query)
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
        """Fields of a case that its targets are chosen and reckoned by."""
        return {
            "company_id",
            "team_id",
            "type",
            "priority",
            "category_id",
            "partner_id",
            "opened_date",
        }

    def _apply_targets(self, corrected=None):
        """Choose and reckon the targets of open cases anew.

        What is decided, stays, with two exceptions. Misses of targets that an
        administrator has corrected are judged anew. And a target that was decided when it
        came to the case, as by a star too many, goes again with what brought it.

        :param corrected: targets that were entered wrongly or have been taken off
        """
        # sudo: targets are written here only, whoever changes what they follow from.
        cases = self.sudo()
        if not cases:
            return
        now = fields.Datetime.now()
        # Memberships and scores come and go without telling.
        cases.invalidate_recordset([*JOINED, "tier_id", "segment_id"], flush=False)
        for case in cases:
            case._update_if_changed(
                sla_tier_id=case.tier_id, sla_segment_id=case.segment_id
            )
        # sudo: targets hold for a case, whoever opens it.
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
                anew = status in misses or not status._is_decided(now)
                if policy and anew:
                    kept.append(status.id)
                elif not policy and (anew or status._came_decided()):
                    dropped.append(status.id)
            new += [case._status_values(policy, now) for policy in chosen.values()]
        with misses._noted():
            statuses.browse(dropped).unlink()
            (statuses.browse(kept) + statuses.create(new))._reckon()

    def _status_values(self, policy, now) -> dict:
        return {
            "case_id": self.id,
            "sla_id": policy.id,
            "metric": policy.metric,
            "chosen_date": now,
            "paused_since": self.sla_paused_since,
            # One that comes after the answer was in time or late with it.
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

    def _update_if_changed(self, **values):
        changed = {name: value for name, value in values.items() if self[name] != value}
        if changed:
            self.write(changed)

    @api.model
    def _follow_standings(self, company):
        """Reckon anew the open cases whose customers have another tier or segment than
        their targets were reckoned by."""
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
                   AND care.company_id = %s
                   AND (care.sla_tier_id IS DISTINCT FROM member.tier_id
                        OR care.sla_segment_id IS DISTINCT FROM score.segment_id)
              ORDER BY care.id
                """,
                company.id,
            )
        )
        self.browse([case_id for [case_id] in rows])._apply_targets()

    # -- What happens to a case

    def _follow_targets(self, before, now):
        """Pause, settle and take up targets as the outcome of cases changes.

        :param dict before: the outcomes of the cases until now
        """
        for case in self.sudo():
            old, new = before[case], case.outcome
            if old == new:
                continue
            if old == "waiting":
                case._end_pause(now)
            if new in CLOSED and old not in CLOSED:
                case._settle(now)
            elif old in CLOSED and new not in CLOSED:
                case._take_up(now)
            if new == "waiting":
                case.sla_paused_since = now
                case.sla_status_ids.filtered(
                    lambda status: not status.reached_date
                ).write({"paused_since": now, "next_escalation_date": False})

    def _end_pause(self, now):
        going = self.sla_status_ids.filtered(lambda status: not status.reached_date)
        # Looked at before the pause ends: what is past now was moved by it.
        moving = going.filtered(lambda status: not status._is_decided(now))
        self._add_pause(self.sla_paused_since, now)
        self.sla_paused_since = False
        going.paused_since = False
        moving._reckon()
        (going - moving)._plan_escalation()

    def _settle(self, now):
        going = self.sla_status_ids.filtered(lambda status: not status.reached_date)
        going.next_escalation_date = False
        if self.outcome == "solved":
            going.reached_date = now
        else:
            # What was missed before it was cancelled, stays missed.
            going.filtered(lambda status: not status._is_decided(now)).unlink()

    def _take_up(self, now):
        """Targets that the closing reached in time were not reached after all; the time
        in which the case was closed does not count."""
        self._add_pause(self.closed_date, now)
        again = self.sla_status_ids.filtered(
            lambda status: status.reached_date and not status._is_late()
        )
        if self.first_response_date:
            again = again.filtered(lambda status: status.metric == "resolution")
        again.reached_date = False
        again._reckon()
        # Targets of a case that was cancelled, or other ones meanwhile.
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
        """Staff has answered: the targets for that are reached.

        :param datetime when: UTC
        """
        self.ensure_one()
        # sudo: whoever may answer a case settles its targets by it.
        case = self.sudo()
        if case.first_response_date:
            return
        case.first_response_date = when
        case.sla_status_ids.filtered(
            lambda status: status.metric == "first_response" and not status.reached_date
        ).write({"reached_date": when, "next_escalation_date": False})


class CrmCareSlaStatus(models.Model):
    _inherit = "crm.care.sla.status"

    def _by_working_time(self):
        """The targets by the hours of the teams of their cases.

        :return: pairs of working time and targets
        """
        status_of = self.grouped("case_id")
        for time, cases in self.case_id._by_working_time():
            yield time, self.browse().union(*(status_of[case] for case in cases))

    def _reckon(self):
        """Reckon deadlines anew, whatever they were."""
        for time, statuses in self._by_working_time():
            for status in statuses:
                hours = status._allowed_hours()
                status._update_if_changed(
                    hours=hours, deadline=status._due(time, hours)
                )
            statuses._plan_escalation(time)

    def _update_if_changed(self, **values):
        changed = {name: value for name, value in values.items() if self[name] != value}
        if changed:
            self.write(changed)

    def _allowed_hours(self) -> float:
        factor = (
            self.case_id.sla_tier_id.care_factor if self.sla_id.use_tier_factor else 1
        )
        return self.sla_id.hours * (factor or 1)

    def _due(self, time, hours) -> datetime | bool:
        """When so many hours are over, by the working time at hand."""
        case = self.case_id
        moment = due(time, case.opened_date, round(hours * 3600), case._pauses())
        return moment and moment.replace(microsecond=0) or False

    def _plan_escalation(self, time=None):
        """Set when the next escalation rule is to be looked at.

        :param WorkingTime time: that of these targets' calendar, if it is at hand
        """
