from psycopg2 import IntegrityError

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, mute_logger

from ..common.groups import SALES_MANAGER

FIRST_STEPS = "crm_extended.onboarding_first_steps"


class OnboardingOnboarding(models.Model):
    """The checklist of the first hour, on the page of segments.

    For sales managers, per company. Users have no access to onboardings and what is
    recorded about them: they are read and written here as superuser, after the role was
    checked, and for the user's current company only.
    """

    _inherit = "onboarding.onboarding"

    @api.model
    def get_first_steps(self) -> dict | bool:
        """The checklist of the current company.

        :return: ``company``, ``is_closed``, ``done`` (number of steps that are done or
            skipped) and ``steps``, each with ``id``, ``title``, ``description``, and
            ``state`` (``open``, ``done`` or ``skipped``); ``False`` for users
            who are no sales managers, or where an administrator has deleted it
        """
        onboarding = self._first_steps()
        if not onboarding:
            return False
        states = onboarding._get_first_states()
        return {
            "company": self.env.company.display_name,
            "is_closed": onboarding.is_onboarding_closed,
            "done": sum(state != "open" for state in states.values()),
            "steps": [
                {
                    "id": step.id,
                    "title": step.title,
                    "description": step.description,
                    "state": state,
                }
                for step, state in states.items()
            ],
        }

    @api.model
    def get_first_step_details(self, step_id: int) -> dict:
        """What a step shows when it is opened; see :class:`~.first_steps.FirstStep`.

        :raise AccessError: if the user is no sales manager
        """
        step, parts = self._find_first_step(step_id)
        # As the user: what the details read is for sales managers.
        return parts.describe(step.sudo(False).browse())

    @api.model
    def skip_first_step(self, step_id: int):
        """Skip a step in the current company."""
        step, _parts = self._find_first_step(step_id)
        step._set_first_step("done", is_skipped=True)

    @api.model
    def close_first_steps(self):
        """Hide the checklist in the current company; the gear menu shows it again."""
        self._set_closed(True)

    @api.model
    def show_first_steps(self) -> dict:
        """Show the checklist again.

        :return: the action that opens the page
        """
        self._set_closed(False)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended.crm_rfm_score_action"
        )
        return {**action, "target": "main"}

    def _set_closed(self, is_closed: bool):
        onboarding = self._first_steps_or_raise()
        progress = onboarding._search_or_create_progress()
        progress.is_onboarding_closed = is_closed

    # -- Access

    @api.model
    def _first_steps(self):
        """The checklist as superuser, for the current company; none for others than sales
        managers."""
        if not self.env.user.has_group(SALES_MANAGER):
            return self.browse()
        found = self.env.ref(FIRST_STEPS, raise_if_not_found=False)
        # sudo: see the class.
        return (found or self).sudo().with_company(self.env.company)

    @api.model
    def _first_steps_or_raise(self):
        onboarding = self._first_steps()
        if not onboarding:
            raise AccessError(self.env._("The first steps are for sales managers."))
        return onboarding

    @api.model
    def _find_first_step(self, step_id: int):
        """A step of the checklist, and what there is to know of it."""
        onboarding = self._first_steps_or_raise()
        for step, parts in onboarding._get_first_parts():
            if step.id == step_id:
                return step, parts
        raise UserError(self.env._("This step no longer exists. Reload the page."))

    def _get_first_parts(self) -> list[tuple]:
        """The steps in their order; those of an addon that is gone are left out."""
        known = self.env["onboarding.onboarding.step"]._first_steps()
        return [
            (step, known[step.panel_step_open_action_name])
            for step in self.step_ids.sorted(lambda step: (step.sequence, step.id))
            if step.panel_step_open_action_name in known
        ]

    # -- How far it is

    def _get_first_states(self) -> dict:
        """The state of each step. What was done elsewhere is recorded with it."""
        states = {}
        found = self.env["onboarding.onboarding.step"]
        for step, parts in self._get_first_parts():
            progress = step.current_progress_step_id
            is_done = parts.is_done(step.sudo(False).browse())
            if is_done is None:
                is_done = step.current_step_state in ("done", "just_done")
                is_done &= not progress.is_skipped
            if is_done:
                states[step] = "done"
                if step.current_step_state != "done" or progress.is_skipped:
                    found += step
            else:
                states[step] = "skipped" if progress.is_skipped else "open"
        if found:
            self._record_done(found)
        return states

    def _record_done(self, steps):
        """Record steps as done, unless another page does so at the same time."""
        [[locked]] = self.env.execute_query(
            SQL(
                "SELECT pg_try_advisory_xact_lock(hashtext('onboarding_progress'), %s)",
                self.env.company.id,
            )
        )
        if not locked:
            return
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                for step in steps:
                    step._set_first_step("done")
        except IntegrityError:
            # It had just done so.
            self.env.invalidate_all(flush=False)
