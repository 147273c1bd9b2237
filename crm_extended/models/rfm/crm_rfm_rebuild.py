import logging
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

from ..common.bulk_sql import read_committed
from ..common.empty_help import HelpButton, extend_help
from ..common.formats import format_day
from .rebuild_query import collect_query, replace_query

_logger = logging.getLogger(__name__)

STEPS = {
    "week": relativedelta(weeks=1),
    "month": relativedelta(months=1),
    "quarter": relativedelta(months=3),
}

# Fields that only the job writes, and fields that say which changes it replaces.
KEPT = {"company_id", "state", "done_count", "move_count", "error"}
PERIOD = {"date_from", "date_to", "step"}

# Each day costs as much as a refresh.
MAX_DAYS = 500


class _NotNowError(Exception):
    """The work of this step is rolled back, and maybe tried again later."""


class CrmRfmRebuild(models.Model):
    """A job that records the score changes of a past period, from the purchases known
    today.

    Works in the background, one day after the other. At the very end it replaces the
    changes recorded before, all at once.
    """

    _name = "crm.rfm.rebuild"
    _inherit = "crm.rechecked.record.mixin"
    _description = "History Rebuild"
    _rec_name = "date_from"
    _order = "id desc"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.company,
    )
    date_from = fields.Date(
        string="From",
        required=True,
        default=lambda self: fields.Date.context_today(self) - relativedelta(years=2),
        help="The scores on this day are the starting point for the changes.",
    )
    date_to = fields.Date(
        string="To",
        required=True,
        default=fields.Date.context_today,
        help="The last computed day. Score changes after this day are kept.",
    )
    step = fields.Selection(
        [("week", "Week"), ("month", "Month"), ("quarter", "Quarter")],
        string="Interval",
        required=True,
        default="month",
        help="Score changes are dated on the first computed day on which they appear.",
    )
    state = fields.Selection(
        [
            ("draft", "New"),
            ("running", "Running"),
            ("done", "Done"),
            ("cancelled", "Cancelled"),
            ("failed", "Failed"),
        ],
        required=True,
        readonly=True,
        default="draft",
        copy=False,
    )
    day_count = fields.Integer(string="Steps", compute="_compute_day_count")
    done_count = fields.Integer(string="Steps Completed", readonly=True, copy=False)
    progress = fields.Float(compute="_compute_progress")
    move_count = fields.Integer(string="Score Changes", readonly=True, copy=False)
    error = fields.Text(readonly=True, copy=False)

    _one_at_a_time = models.UniqueIndex(
        "(company_id) WHERE state = 'running'",
        "A rebuild is already running for this company. Wait until it is finished, or "
        "cancel it.",
    )

    @api.depends("date_from", "date_to", "step")
    def _compute_day_count(self):
        for rebuild in self:
            rebuild.day_count = len(rebuild._days()) if rebuild._is_valid() else 0

    @api.depends("day_count", "done_count")
    def _compute_progress(self):
        for rebuild in self:
            done = rebuild.state == "done"
            # The last bit is for putting the moves in their place.
            total = rebuild.day_count + 1
            rebuild.progress = 100 if done else 100 * rebuild.done_count / total

    @api.depends("date_from", "date_to")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for rebuild in self:
            first, last = (
                format_day(rebuild.env, day) if day else "–"
                for day in (rebuild.date_from, rebuild.date_to)
            )
            rebuild.display_name = f"{first} – {last}"

    def _is_valid(self) -> bool:
        return bool(
            self.date_from
            and self.date_to
            and self.step
            and self.date_from < self.date_to
        )

    def _days(self) -> list:
        """The days to compute: the first, one after each step, the last."""
        self.ensure_one()
        days, number = [], 0
        while (day := self.date_from + STEPS[self.step] * number) < self.date_to:
            days.append(day)
            number += 1
        return [*days, self.date_to]

    @api.constrains("date_from", "date_to", "step")
    def _check_dates(self):
        today = fields.Date.context_today(self)
        for rebuild in self:
            if rebuild.date_to > today:
                raise ValidationError(
                    self.env._(
                        "History cannot be rebuilt beyond today. Choose an earlier "
                        "last day."
                    )
                )
            if not rebuild._is_valid():
                raise ValidationError(
                    self.env._("The first day must be before the last day.")
                )
            if rebuild.day_count > MAX_DAYS:
                raise ValidationError(
                    self.env._(
                        "This period takes %(days)s steps, but the maximum is "
                        "%(limit)s. Choose a longer interval or a shorter period.",
                        days=rebuild.day_count,
                        limit=MAX_DAYS,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            for vals in vals_list:
                if vals.get("state", "draft") != "draft" or any(
                    vals.get(name) for name in KEPT - {"company_id", "state"}
                ):
                    self._refuse_kept()
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            if not KEPT.isdisjoint(vals):
                self._refuse_kept()
            if not PERIOD.isdisjoint(vals) and "running" in self.mapped("state"):
                raise UserError(
                    self.env._(
                        "This rebuild is running. Cancel it before changing its period."
                    )
                )
        return super().write(vals)

    def _refuse_kept(self):
        raise AccessError(
            self.env._(
                "The company, status and results of a rebuild cannot be edited. Use "
                "its buttons, or create a new rebuild."
            )
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_running(self):
        if "running" in self.mapped("state"):
            raise UserError(
                self.env._("This rebuild is running. Cancel it before deleting it.")
            )

    # -- Buttons

    def action_start(self):
        self.check_access("write")
        for rebuild in self:
            if rebuild.state == "running":
                continue
            rebuild._forget()
            # sudo: only the buttons and the job write these.
            rebuild.sudo().write({"state": "running", "done_count": 0, "error": False})
        # sudo: users who may rebuild history may start the job.
        self.env.ref("crm_extended.ir_cron_rfm_rebuild").sudo()._trigger()

    def action_cancel(self):
        self.check_access("write")
        running = self.filtered(lambda rebuild: rebuild.state == "running")
        # sudo: as above.
        running.sudo().state = "cancelled"
        running._forget()

    def action_view_moves(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended.crm_rfm_change_action"
        )
        action["domain"] = [
            ("company_id", "=", self.company_id.id),
            ("date", ">", self.date_from),
            ("date", "<=", self.date_to),
        ]
        return action

    # -- The work

    @api.model
    def _cron_rebuild(self):
        """Continue all rebuilds, each day in a transaction of its own."""
        # sudo: whichever user the administrator lets the job run as.
        rebuilds = self.sudo().search([("state", "=", "running")], order="id")
        left = sum(job.day_count + 1 - job.done_count for job in rebuilds)
        progress = self.env["ir.cron"]
        progress._commit_progress(remaining=left)
        for rebuild in rebuilds:
            while rebuild._work():
                if not progress._commit_progress(1):
                    return
            progress._commit_progress(1)

    def _work(self) -> bool:
        """Do the next piece of work.

        :return: whether there is more that can be done at once
        """
        read_committed(self.env.cr)
        self.invalidate_recordset()
        if not self.exists() or self.state != "running":
            return False
        try:
            with self.env.cr.savepoint():
                self._do_next()
            return self.state == "running"
        except _NotNowError:
            return False
        except UserError as error:
            message = str(error)
        except Exception:
            _logger.exception("The history of %s is not rebuilt.", self.company_id.name)
            message = self.env._(
                "The rebuild was stopped by an error. See the server log."
            )
        self._forget()
        self.write({"state": "failed", "error": message})
        return False

    def _do_next(self):
        """Compute one more day; after the last one, record the score changes.

        :raise _NotNowError: if it was cancelled meanwhile, or scores are being refreshed
        """
        days = self._days()
        if self.done_count < len(days):
            self._collect(days[self.done_count])
            done = {"done_count": self.done_count + 1}
        else:
            done = {"state": "done", "move_count": self._replace_moves()}
        # Checked at the end, so that users who cancel do not wait for the work.
        locked = self.try_lock_for_update(allow_referencing=True)
        self.invalidate_recordset(["state"])
        if not locked or self.state != "running":
            raise _NotNowError
        self.write(done)
        if self.state == "done":
            self._forget()
            self._notify_done()

    def _collect(self, day):
        refresh = self.env["crm.rfm.refresh"]
        refresh._prepare_for_sums()
        scoring = refresh._scoring(self.company_id, day)
        self.env.execute_query(collect_query(scoring, self.id))

    def _replace_moves(self) -> int:
        refresh = self.env["crm.rfm.refresh"]
        if not refresh._lock_company(self.company_id):
            raise _NotNowError
        # The changes lead to the customers' scores of today.
        refresh._run(self.company_id, None)
        # Dispatch pending changes of the period before deleting them.
        if not refresh._dispatch_rest(self.company_id):
            raise _NotNowError
        [[next_move]] = self.env["crm.rfm.change"]._read_group(
            [("company_id", "=", self.company_id.id), ("date", ">", self.date_to)],
            aggregates=["date:min"],
        )
        today = fields.Date.context_today(self)
        [[moves]] = self.env.execute_query(
            replace_query(
                rebuild_id=self.id,
                company_id=self.company_id.id,
                first=self.date_from,
                last=self.date_to,
                joined=next_move - timedelta(days=1) if next_move else today,
                user_id=self.create_uid.id,
            )
        )
        self.env["crm.rfm.change"].invalidate_model(flush=False)
        return moves

    def _forget(self):
        """Drop the points collected so far, without reading a million of them."""
        points = self.env["crm.rfm.rebuild.point"]
        self.env.execute_query(
            SQL(
                "DELETE FROM %s WHERE rebuild_id = ANY(%s)",
                SQL.identifier(points._table),
                self.ids,
            )
        )
        points.invalidate_model(flush=False)

    def _notify_done(self):
        user = self.create_uid
        rebuild = self.with_context(lang=user.lang)
        user._bus_send(
            "simple_notification",
            {
                "type": "success",
                "title": rebuild.env._("History rebuilt"),
                "message": rebuild.env._(
                    "%(company)s, %(period)s: %(moves)s score changes.",
                    company=self.company_id.display_name,
                    period=self.display_name,
                    moves=self.move_count,
                ),
            },
        )

    @api.model
    def get_empty_list_help(self, help_message):
        return extend_help(
            super().get_empty_list_help(help_message),
            [
                HelpButton(
                    self.env._("Rebuild History"),
                    "crm_extended.crm_rfm_rebuild_new_action",
                )
            ],
        )
