import logging
from datetime import timedelta

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.tools import SQL, frozendict

from ..common.bulk_sql import read_committed
from .crm_care_plan_step_kind import Outcome

_logger = logging.getLogger(__name__)

# Customers for whom a step is done in one transaction.
BATCH = 500
# What has been due for so long is done first, whatever the priority of its plan.
STARVING = timedelta(days=1)
# What every step needs of an enrollment; the others are read where something asks.
NEEDED = (
    "partner_id",
    "company_id",
    "plan_id",
    "step_id",
    "state",
    "planned_date",
    "next_date",
)
# When a step that failed is tried again.
RETRIES = (
    timedelta(minutes=5),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(hours=24),
)


class CrmCareEnrollment(models.Model):
    """A part of enrollments: the engine that does what is due.

    A batch is the customers who are due at one step; what it does, what it records and
    where the customers go from there are one transaction.
    """

    _inherit = "crm.care.enrollment"

    @api.model
    def _cron_run(self):
        """Do all that is due, batch by batch, each in a transaction of its own."""
        if not self.env["crm.feature"]._is_on("plans"):
            return
        progress = self.env["ir.cron"]
        # sudo: whichever user the administrator lets the job run as.
        self = self.sudo()
        read_committed(self.env.cr)
        busy = list(
            self.env["res.company"].search([("care_plans_stopped", "=", False)])
        )
        for company in busy:
            self.with_company(company)._let_in()
        # In turns, so that a company with very many customers keeps no other waiting.
        while busy:
            for company in busy.copy():
                done = self.with_company(company)._run_next()
                if not done:
                    busy.remove(company)
                if not progress._commit_progress(done, remaining=BATCH * len(busy)):
                    return
                # See what others have committed meanwhile: another worker that is at the
                # same customers, a plan that was paused.
                read_committed(self.env.cr)
                self.env.invalidate_all()

    @api.model
    def _run_next(self) -> int:
        """Do a step that is due in the current company, for as many customers as one
        batch takes: of the plan with the highest priority first, as it gets the customer
        where a touch limit lets only one plan have them.

        :return: how many customers were dealt with; 0 where nothing is due
        """
        self.flush_model()
        self.env["res.company"].flush_model(["care_plans_stopped"])
        due = self.env.execute_query(self._due_query())
        if not due:
            return 0
        [[step_id, since]] = due
        if step_id and since > fields.Datetime.now() - STARVING:
            self.env["crm.care.plan"].flush_model(["priority"])
            self.env["crm.care.plan.step"].flush_model(["plan_id"])
            [[step_id]] = self.env.execute_query(self._first_query()) or [[step_id]]
        enrollments = self._lock_due(step_id)
        if enrollments and not step_id:
            # The step was deleted with its version: nothing is left to do.
            enrollments._complete()
        elif enrollments:
            enrollments._run_step_or_wait(enrollments.step_id)
        return len(enrollments)

    @api.model
    def _due_query(self) -> SQL:
        """The step that has been due longest in the current company, and since when: one
        look into an index, however many customers are in plans."""
        return SQL(
            """
            SELECT step_id, next_date FROM crm_care_enrollment
             WHERE company_id = %(company)s AND state = 'running' AND next_date <= %(now)s
               AND arm = 'plan'
               AND NOT EXISTS (SELECT FROM res_company
                                WHERE id = %(company)s AND care_plans_stopped)
          ORDER BY next_date, id LIMIT 1
            """,
            company=self.env.company.id,
            now=fields.Datetime.now(),
        )

    @api.model
    def _first_query(self) -> SQL:
        """The step that is due in the plan with the highest priority: one look for each
        step of the company."""
        return SQL(
            """
            SELECT step.id
              FROM crm_care_plan AS plan
              JOIN crm_care_plan_step AS step ON step.plan_id = plan.id
        CROSS JOIN LATERAL (SELECT next_date, id FROM crm_care_enrollment
                             WHERE step_id = step.id AND state = 'running'
                               AND arm = 'plan' AND next_date <= %s
                          ORDER BY next_date, id LIMIT 1) AS due
             WHERE plan.company_id = %s
          ORDER BY plan.priority DESC, due.next_date, due.id LIMIT 1
            """,
            fields.Datetime.now(),
            self.env.company.id,
        )

    @api.model
    def _lock_due(self, step_id):
        """Customers who are due at a step, locked. Those that another worker has locked
        are left to it."""
        now = fields.Datetime.now()
        domain = [
            ("company_id", "=", self.env.company.id),
            ("step_id", "=", step_id or False),
            ("state", "=", "running"),
            ("next_date", "<=", now),
            # Whatever gave one of the control group a date: nothing is done for them.
            ("arm", "=", "plan"),
        ]
        # More than one batch, so that workers do not wait for one another.
        found = self.search(domain, order="next_date, id", limit=4 * BATCH)
        locked = found.try_lock_for_update(limit=BATCH)
        # What another worker has done between the search and the lock.
        locked.invalidate_recordset()
        locked.fetch(NEEDED)
        return locked.filtered(
            lambda each: (
                each.state == "running"
                and each.step_id.id == (step_id or False)
                and each.next_date <= now
            )
        )

    def _run_step_or_wait(self, step):
        """Do a step for these customers. Where even asking who is meant fails, as by a
        filter about a field that is no more, they all try again later: other plans go
        on."""
        try:
            with self.env.cr.savepoint():
                self._run_step(step)
        except OperationalError:
            # Another transaction stood in the way: the job tries again.
            raise
        except Exception as error:
            _logger.exception("Care plan step %s could not be done.", step.id)
            self.env.invalidate_all()
            for each in self:
                each._try_again(step, step._sentence(error))

    def _run_step(self, step):
        """Do a step for these customers, and lead them on."""
        plan = step.plan_id
        if plan.state != "running":
            # Paused or ended meanwhile.
            self.filtered(lambda each: plan.state == "paused").state = "held"
            self.filtered(lambda each: plan.state != "paused")._exit("ended")
            return
        # Notes and activities are for colleagues.
        step = step.with_context(lang=plan.user_id.lang or self.env.lang)
        stay = self._leave_if_due()
        before = stay._having_done_before(step)
        stay = before | step._wait_for_best_time(stay - before)
        meeting = step._meets(stay - before)
        # Automation rules may react to what is done, and enroll in turn.
        depths = {"care_plan_depths": frozendict(meeting._depths())}
        outcomes = step.with_context(**depths)._run_for(meeting.with_context(**depths))
        for each in before:
            outcomes[each.id] = Outcome("skipped", "done_before")
        passing = stay - before - meeting
        for each in passing:
            outcomes[each.id] = Outcome("skipped", "condition")
        stay._record(step, outcomes)
        stay._go_on(step, outcomes, otherwise=passing)

    def _having_done_before(self, step):
        """Of these customers those who did a step in an earlier version of the plan, and
        were moved to one where it comes later. They do not do it twice."""
        if not step.origin_id:
            return self.browse()
        lines = self.env["crm.care.enrollment.step"].search_fetch(
            [
                ("enrollment_id", "in", self.ids),
                ("step_id", "in", (step._in_all_versions() - step).ids),
                ("outcome", "=", "done"),
            ],
            ["enrollment_id"],
        )
        return self & lines.enrollment_id

    def _record(self, step, outcomes):
        """Write down what became of a step for each customer, in one statement. No user
        did it, so none is named."""
        rows = [
            {
                "enrollment_id": each.id,
                "partner_id": each.partner_id.id,
                "planned_date": each.planned_date,
                "outcome": outcomes[each.id].key,
                "reason": outcomes[each.id].reason,
                **outcomes[each.id].made,
            }
            for each in self
            if outcomes[each.id].key in ("done", "skipped")
        ]
        if not rows:
            return
        now = fields.Datetime.now()
        common = {
            "company_id": step.company_id.id,
            "plan_id": step.plan_id.id,
            "step_id": step.id,
            "date": now,
            "create_date": now,
            "write_date": now,
        }
        lines = self.env["crm.care.enrollment.step"]
        # What is referred to has to be there.
        self.env.flush_all()
        names = sorted(set().union(*rows))
        self.env.cr.execute(
            SQL(
                "INSERT INTO crm_care_enrollment_step (%s) SELECT %s, %s",
                SQL(", ").join(SQL.identifier(name) for name in [*names, *common]),
                SQL(", ").join(
                    SQL(
                        "unnest(%s::%s[])",
                        [row.get(name) or None for row in rows],
                        SQL.identifier(lines._fields[name].column_type[0]),
                    )
                    for name in names
                ),
                SQL(", ").join(SQL("%s", value) for value in common.values()),
            )
        )
        self.invalidate_recordset(["step_ids"])

    def _go_on(self, step, outcomes, otherwise):
        """Lead customers to their next step, or let them wait, or try again."""
        ahead = self.browse()
        for each in self:
            outcome = outcomes[each.id]
            if outcome.key == "wait":
                each.write({"next_date": outcome.date, "wait_reason": outcome.reason})
            elif outcome.key == "error":
                each._try_again(step, outcome.reason)
            else:
                ahead += each
        passing = ahead & otherwise
        passing._lead_to(step.else_step_id or step._next(passed=True))
        (ahead - passing)._lead_to(step._next())

    def _try_again(self, step, error):
        """A step failed: try it again later, and in the end leave it to a person."""
        if self.attempts < len(RETRIES):
            self.write(
                {
                    "attempts": self.attempts + 1,
                    "error": error,
                    "next_date": fields.Datetime.now() + RETRIES[self.attempts],
                }
            )
            return
        self.write({"state": "failed", "error": error, "next_date": False})
        self.env["crm.care.enrollment.step"].create(
            {
                "enrollment_id": self.id,
                "partner_id": self.partner_id.id,
                "company_id": self.company_id.id,
                "plan_id": self.plan_id.id,
                "step_id": step.id,
                "planned_date": self.planned_date,
                "date": fields.Datetime.now(),
                "outcome": "failed",
                "error": error,
            }
        )

    def _lead_to(self, step):
        """Plan the next step, counted from the planned moment of the one before; all in
        one statement, whatever moments they are."""
        if not self:
            return
        if not step:
            self._complete()
            return
        self.flush_recordset()
        planned = step._moments_after(self.mapped("planned_date"))
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_care_enrollment AS enrollment
                   SET step_id = %s, planned_date = due.moment, next_date = due.moment,
                       wait_reason = NULL, attempts = 0, error = NULL
                  FROM unnest(%s::int[], %s::timestamp[]) AS due(id, moment)
                 WHERE enrollment.id = due.id
                """,
                step.id,
                self.ids,
                [planned[each.planned_date] for each in self],
            )
        )
        self.invalidate_recordset()

    def _complete(self):
        """Their plan is over. Plans that follow it begin."""
        plans = self.grouped("plan_id")
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_care_enrollment
                   SET state = 'done', end_date = %s, step_id = NULL, next_date = NULL,
                       wait_reason = NULL, attempts = 0, error = NULL
                 WHERE id = ANY(%s)
                """,
                fields.Datetime.now(),
                self.ids,
            )
        )
        self.invalidate_recordset()
        for plan, theirs in plans.items():
            plan._follow_up(theirs)

    # -- Those who wait for a place

    @api.model
    def _let_in(self):
        """Let customers begin who were too many for a day, highest revenue first."""
        plans = self.env["crm.care.plan"].search(
            [("company_id", "=", self.env.company.id), ("state", "=", "running")]
        )
        for plan in plans:
            if plan._has_waiting():
                self._let_in_plan(plan)

    @api.model
    def _let_in_plan(self, plan):
        places = plan._places_today()
        mine = [("plan_id", "=", plan.id), ("state", "=", "waiting")]
        # For no limit Odoo says 0.
        waiting = self.search(mine, order="revenue desc, id", limit=places or 1)
        waiting = waiting[:places].try_lock_for_update()
        waiting.invalidate_recordset()
        waiting.filtered(lambda each: each.state == "waiting")._begin(plan)

    def _begin(self, plan):
        """Begin the plan with its version in force."""
        if not self:
            return
        now = fields.Datetime.now()
        first = plan.version_id._first_step()
        planned = first._opens_after(now) if first else False
        self.write({"state": "running", "start_date": now})
        # sudo: salespeople do not see who is in the control group.
        treated = self.sudo().filtered(lambda each: each.arm == "plan")
        treated.write(
            {
                "version_id": plan.version_id.id,
                "step_id": first.id,
                "planned_date": planned,
                "next_date": planned or now,
            }
        )
