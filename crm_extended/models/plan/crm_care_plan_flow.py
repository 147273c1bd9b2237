from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_list

from .crm_care_plan_step import TOGETHER

# Where customers are who begin, go on or have ended, by the key of their number.
PLACES = {
    "enrolled": Domain("state", "!=", "waiting"),
    "queued": Domain("state", "=", "waiting"),
    "waiting": Domain("state", "in", ("running", "held")),
    "failed": Domain("state", "=", "failed"),
    "completed": Domain("state", "=", "done"),
    "goal": Domain("state", "=", "exited") & Domain("exit_reason", "=", "goal"),
    "left": Domain("state", "=", "exited") & Domain("exit_reason", "!=", "goal"),
}
OF_STEP = ("waiting", "done", "skipped", "failed")
# What became of a step. Customers who did it in an earlier version are counted there.
OUTCOMES = ("done", "skipped")
COUNTED = Domain("outcome", "in", OUTCOMES) & Domain("reason", "!=", "done_before")


class CrmCarePlan(models.Model):
    """A part of plans: the picture of its steps, with the customers at each.

    The page draws the picture out of the steps that it shows, so that it follows what is
    being edited. The numbers come from here: a step is the same in all versions, and
    numbers are of the customers whom the user may see.
    """

    _inherit = "crm.care.plan"

    trigger_text = fields.Char(string="Begins With", compute="_compute_trigger_text")

    # -- Numbers

    @api.readonly
    def get_flow(self) -> dict:
        """How many customers are where in the plan, without the control group.

        :return: ``total`` (0: none has ever been enrolled), ``start`` (``enrolled``,
            ``queued``), ``steps`` (by id of the steps in force and of the draft:
            ``waiting``, ``done``, ``skipped``, ``failed``), ``elsewhere`` (``waiting``
            and ``failed`` at steps that are not shown) and ``end`` (``completed``,
            ``goal``, ``left``); numbers of 0 are left out
        """
        self.ensure_one()
        self.check_access("read")
        origins, shown = self._flow_steps()
        of_step = {origin: dict.fromkeys(OF_STEP, 0) for origin in origins.values()}
        elsewhere, others = dict.fromkeys(OF_STEP, 0), dict.fromkeys(PLACES, 0)
        for step, state, reason, count in self.env["crm.care.enrollment"]._read_group(
            self._treated(), ["step_id", "state", "exit_reason"], ["__count"]
        ):
            place = self._flow_place(state, reason)
            if place != "queued":
                others["enrolled"] += count
            if place not in OF_STEP:
                others[place] += count
                continue
            origin = origins.get(step.id)
            (of_step[origin] if origin in shown else elsewhere)[place] += count
        for step, outcome, count in self.env["crm.care.enrollment.step"]._read_group(
            self._flow_lines(), ["step_id", "outcome"], ["__count"]
        ):
            if step.id in origins:
                of_step[origins[step.id]][outcome] += count
        return {
            "total": others["enrolled"] + others["queued"],
            "start": self._flow_known(others, ("enrolled", "queued")),
            "steps": {
                id_: self._flow_known(of_step[origin], OF_STEP)
                for id_, origin in origins.items()
                if origin in shown
            },
            "elsewhere": self._flow_known(elsewhere, ("waiting", "failed")),
            "end": self._flow_known(others, ("completed", "goal", "left")),
        }

    @staticmethod
    def _flow_known(numbers, keys) -> dict:
        return {key: numbers[key] for key in keys if numbers[key]}

    @staticmethod
    def _flow_place(state, reason) -> str:
        """The key in ``PLACES`` of an enrollment."""
        if state == "exited":
            return "goal" if reason == "goal" else "left"
        return {"waiting": "queued", "done": "completed", "failed": "failed"}.get(
            state, "waiting"
        )

    def _flow_steps(self) -> tuple[dict, set]:
        """The steps of all versions with the step that each is the same as, and those of
        the version that is shown, by id."""
        steps = self.env["crm.care.plan.step"].search_fetch(
            [("plan_id", "=", self.id)], ["origin_id", "version_id"], order="id"
        )
        origins = {step.id: (step.origin_id or step).id for step in steps}
        version = self.version_ids.filtered(lambda each: not each.published_date)[-1:]
        version = version or self.version_id
        shown = {origins[step.id] for step in steps if step.version_id == version}
        return origins, shown

    def _flow_lines(self) -> Domain:
        """What became of the steps of these plans, without the control group."""
        return (
            Domain("plan_id", "in", self.ids)
            & COUNTED
            & Domain("enrollment_id", "any", self._treated())
        )

    # -- What a number opens

    def action_flow_customers(self, key, step_id=None):
        """Open the customers of a number: as many as it says.

        :param str key: as in ``get_flow``
        :param int step_id: the step; for ``waiting`` and ``failed`` without one, the
            customers at steps that are not shown
        """
        self.ensure_one()
        self.check_access("read")
        step = self.env["crm.care.plan.step"].search(
            [("id", "=", step_id), ("plan_id", "=", self.id)]
        )
        if key not in {*PLACES, *OUTCOMES} or bool(step_id or key in OUTCOMES) != bool(
            step
        ):
            raise UserError(
                self.env._("This step is no longer in the plan. Reload the page.")
            )
        if key in OUTCOMES:
            return self._flow_open_lines(key, step)
        domain = self._treated() & PLACES[key]
        if step:
            domain &= Domain("step_id", "in", step._in_all_versions().ids)
        elif key in OF_STEP:
            origins, shown = self._flow_steps()
            here = [id_ for id_, origin in origins.items() if origin in shown]
            domain &= Domain("step_id", "not in", here)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended.crm_care_enrollment_action"
        )
        return {
            **action,
            **self._flow_title(key, step),
            "domain": list(domain),
            # Without the filter of the action, which would leave some of them out.
            "context": {"one_plan": True},
        }

    def _flow_open_lines(self, key, step):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended.crm_care_enrollment_step_action"
        )
        domain = (
            self._flow_lines()
            & Domain("outcome", "=", key)
            & Domain("step_id", "in", step._in_all_versions().ids)
        )
        return {
            **action,
            **self._flow_title(key, step),
            "domain": list(domain),
        }

    def _flow_title(self, key, step) -> dict:
        of = step.name or self.name
        if key in OF_STEP and not step:
            of = self.env._("%s, steps that are no longer here", of)
        title = {
            "enrolled": self.env._("Enrolled: %s", of),
            "queued": self.env._("Waiting for a place: %s", of),
            "waiting": self.env._("Waiting: %s", of),
            "done": self.env._("Done: %s", of),
            "skipped": self.env._("Skipped: %s", of),
            "failed": self.env._("Failed: %s", of),
            "completed": self.env._("Completed: %s", of),
            "goal": self.env._("Goal reached: %s", of),
            "left": self.env._("Left: %s", of),
        }[key]
        # Pages show the one, breadcrumbs the other.
        return {"name": title, "display_name": title}

    # -- Words

    @api.depends(
        "trigger",
        "trigger_days",
        "trigger_when",
        "date_kind_id.name",
        "date_field",
        "date_yearly",
        "segment_ids.name",
        "product_tmpl_ids.name",
        "product_categ_ids.name",
        "trigger_plan_id.name",
        "to_exploration",
        "to_formation",
        "to_stable",
        "to_decline",
    )
    @api.depends_context("lang", "uid")
    def _compute_trigger_text(self):
        labels = dict(self._fields["trigger"]._description_selection(self.env))
        for plan in self:
            say = getattr(plan, f"_say_trigger_{plan.trigger}", str)
            plan.trigger_text = say() or labels.get(plan.trigger, "")

    def _say_trigger_segment(self):
        names = self._say_any(self.segment_ids)
        return names and self.env._("Moved to %s", names)

    def _say_trigger_segment_left(self):
        names = self._say_any(self.segment_ids)
        return names and self.env._("Moved from %s", names)

    def _say_trigger_plan(self):
        name = self.trigger_plan_id.name
        return name and self.env._("“%s” completed", name)

    def _say_trigger_purchase(self):
        names = self._say_any(self.product_tmpl_ids) or self._say_any(
            self.product_categ_ids
        )
        if not names:
            return self.env._("%s after a purchase", self._say_days())
        return self.env._(
            "%(days)s after a purchase of %(products)s",
            days=self._say_days(),
            products=names,
        )

    def _say_trigger_inactive(self):
        return self.env._("%s without interaction", self._say_days())

    def _say_trigger_regular(self):
        return self.env._("Every %s", self._say_days())

    def _say_trigger_date(self):
        return self._say_date(self.date_kind_id.name)

    def _say_trigger_field(self):
        date = dict(self._fields["date_field"]._description_selection(self.env)).get(
            self.date_field
        )
        return self._say_date(
            self.env._("%s, every year", date) if date and self.date_yearly else date
        )

    def _say_trigger_anniversary(self):
        return self._say_date(self.env._("Anniversary of the first purchase"))

    def _say_trigger_next_purchase(self):
        return self._say_date(self.env._("Expected next purchase"))

    def _say_date(self, date):
        if not (date and self.trigger_days):
            return date
        if self.trigger_when == "after":
            return self.env._(
                "%(days)s after: %(date)s", days=self._say_days(), date=date
            )
        return self.env._("%(days)s before: %(date)s", days=self._say_days(), date=date)

    def _say_days(self) -> str:
        if self.trigger_days == 1:
            return self.env._("1 day")
        return self.env._("%s days", self.trigger_days)

    def _say_any(self, records) -> str:
        names = [name for name in records.mapped("name") if name]
        return format_list(self.env, names, style="or") if names else ""

    # -- Places

    def _with_steps_together(self, vals):
        """Where steps change places, they pass through orders that are not meant: these
        are checked after the last of them (``_check_steps``)."""
        if "draft_step_ids" not in vals:
            return self
        return self.with_context(care_plan_steps=TOGETHER)

    def _check_steps(self, vals):
        if "draft_step_ids" in vals:
            self.draft_step_ids._check_order()
