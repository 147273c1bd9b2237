from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools.misc import formatLang

from ..common.formats import format_day
from ..common.groups import SETTINGS
from ..common.month_names import format_month
from ..common.progress import Progress
from .crm_rfm_rebuild import MAX_DAYS
from .first_steps import FirstStep, button

# How many administrators are named to users who have to ask one.
MAX_NAMES = 3


class OnboardingOnboardingStep(models.Model):
    """The steps of the first hour that are about purchases and scores."""

    _inherit = "onboarding.onboarding.step"

    @api.model
    def _first_steps(self) -> dict[str, FirstStep]:
        """What there is to know of each step, by its opening action; packages add their
        own, with a record of the step in their data."""
        model = type(self)
        return {
            "action_first_step_source": FirstStep(
                model._is_source_chosen, model._describe_source
            ),
            "action_first_step_import": FirstStep(
                model._is_history_imported, model._describe_import
            ),
            "action_first_step_scores": FirstStep(
                model._is_scored, model._describe_scores
            ),
            "action_first_step_rebuild": FirstStep(
                model._is_history_rebuilt, model._describe_rebuild
            ),
        }

    def _set_first_step(self, state: str, is_skipped: bool = False):
        """Record how far a step is in the current company.

        :param state: ``not_done`` or ``done``
        """
        # sudo: users have no access to what is recorded about onboardings.
        step = self.sudo()
        if not step.current_progress_step_id:
            step.onboarding_ids._search_or_create_progress()
            step._create_progress_steps()
            step.invalidate_recordset()
        step.current_progress_step_id.write(
            {"step_state": state, "is_skipped": is_skipped}
        )

    @api.model
    def _finish_first_step(self, action: str):
        """Record that the user has done a step, by its opening action."""
        onboarding = self.env["onboarding.onboarding"]._first_steps_or_raise()
        for step in onboarding.step_ids:
            if step.panel_step_open_action_name == action:
                step._set_first_step("done")

    # -- Who may

    @api.model
    def _check_first_steps(self):
        """:raise AccessError: if the user is no sales manager"""
        self.env["onboarding.onboarding"]._first_steps_or_raise()

    @api.model
    def _may_switch(self) -> bool:
        """Whether the user may change what is for the whole database or company."""
        return self.env.user.has_group(SETTINGS)

    @api.model
    def _check_may_switch(self):
        self._check_first_steps()
        if not self._may_switch():
            raise AccessError(self._ask_administrator())

    @api.model
    def _ask_administrator(self) -> str:
        """Who can do what the user cannot, in a sentence."""
        # sudo: only the names of some colleagues, who are administrators.
        users = self.env.ref(SETTINGS).sudo().all_user_ids
        users = users.filtered(
            lambda user: (
                user.active
                and user._is_internal()
                and self.env.company in user.company_ids
            )
        )
        names = ", ".join(users.sorted("name")[:MAX_NAMES].mapped("name"))
        if not names:
            return self.env._("Only an administrator can do this.")
        return self.env._("Only an administrator can do this: ask %s.", names)

    # -- 1. What counts as a purchase

    def _is_source_chosen(self):
        # The default may be a choice, too, but only the user can say so.
        return self.env.company.rfm_source == "sale" or None

    def _describe_source(self):
        company = self.env.company
        chosen = company.rfm_source or "invoice"
        transactions = self.env["crm.customer.transaction"]
        transactions.check_access("read")
        choices = []
        field = company._fields["rfm_source"]
        for value, label in field._description_selection(self.env):
            count = transactions._count_of_source(company, value)
            choices.append(
                {
                    "value": value,
                    "label": label,
                    "figures": self.env._(
                        "Customers: %(customers)s · Purchases: %(purchases)s",
                        customers=self._number(count.customers),
                        purchases=self._number(count.purchases),
                    ),
                    "is_chosen": value == chosen,
                    "is_locked": value != chosen and not self._may_switch(),
                }
            )
        return {
            "choices": choices,
            "choose": "action_first_step_source",
            "refusal": "" if self._may_switch() else self._ask_administrator(),
        }

    @api.model
    def action_first_step_source(self, value=None):
        """Let the company count the chosen documents as purchases; those it counts
        already by default."""
        self._check_first_steps()
        company = self.env.company
        value = value or company.rfm_source or "invoice"
        # A list: a caller can send what has no hash.
        if value not in [
            key for key, _label in company._fields["rfm_source"].selection
        ]:
            raise UserError(self.env._("Choose one of the documents."))
        if value != (company.rfm_source or "invoice"):
            self._check_may_switch()
            company.rfm_source = value
        self._finish_first_step("action_first_step_source")

    # -- 2. Purchases of a former system

    def _is_history_imported(self):
        history = self.env["crm.purchase.history"]
        return bool(
            history.search_count([("company_id", "=", self.env.company.id)], limit=1)
        )

    def _describe_import(self):
        history = self.env["crm.purchase.history"]
        count = history.search_count([("company_id", "=", self.env.company.id)])
        return {
            "facts": [
                self.env._("Imported purchases: %s", self._number(count)),
                self.env._(
                    "A CSV or Excel file with customer, date and amount is enough. The "
                    "import page offers a template."
                ),
            ],
            "buttons": [
                button(
                    self.env._("Import Purchases"),
                    "action_first_step_import",
                    is_primary=not count,
                )
            ],
        }

    @api.model
    def action_first_step_import(self):
        """Open the import of purchase history."""
        self._check_first_steps()
        return self.env["ir.actions.client"]._for_xml_id(
            "crm_extended.crm_purchase_history_import_action"
        )

    # -- 3. Scores

    def _is_scored(self):
        scores = self.env["crm.rfm.score"]
        return bool(
            scores.search_count([("company_id", "=", self.env.company.id)], limit=1)
        )

    def _describe_scores(self):
        scores = self.env["crm.rfm.score"]
        count = scores.search_count([("company_id", "=", self.env.company.id)])
        last = self.env["crm.rfm.refresh"].search(
            [("company_id", "=", self.env.company.id)], limit=1
        )
        facts = [self.env._("Customers scored: %s", self._number(count))]
        if last:
            facts.append(
                self.env._("Last update: %s", format_day(self.env, last.create_date))
            )
        if last and not count:
            facts.append(
                self.env._("No purchases were found. Import some, or post invoices.")
            )
        return {
            "facts": facts,
            "buttons": [
                button(
                    self.env._("Update Scores"),
                    "action_first_step_scores",
                    is_primary=not count,
                    wait=self.env._("Scoring all customers…"),
                )
            ],
        }

    @api.model
    def action_first_step_scores(self):
        """Update the scores of the current company, and say how far it is."""
        self._check_first_steps()
        progress = Progress(self.env, self.env["crm.rfm.refresh"]._get_phases())
        return self.env["crm.rfm.score"]._refresh_and_notify(progress)

    # -- 4. The past

    def _get_rebuilds(self):
        return self.env["crm.rfm.rebuild"].search(
            [("company_id", "=", self.env.company.id)]
        )

    def _is_history_rebuilt(self):
        return "done" in self._get_rebuilds().mapped("state")

    def _get_months(self):
        """The first day of the month of the first purchase, and how many months ago that
        is; both empty where no purchase is older than the present month."""
        company = self.env.company
        source = company.rfm_source or "invoice"
        first = (
            self.env["crm.customer.transaction"]._count_of_source(company, source).first
        )
        this_month = fields.Date.context_today(self).replace(day=1)
        if not first or first >= this_month:
            return None, 0
        first = first.replace(day=1)
        passed = relativedelta(this_month, first)
        months = 12 * passed.years + passed.months
        # A rebuild has a limit; today is a step, too.
        if months > MAX_DAYS - 2:
            months = MAX_DAYS - 2
            first = this_month - relativedelta(months=months)
        return first, months

    def _describe_rebuild(self):
        running = self._get_rebuilds().filtered(lambda job: job.state == "running")[:1]
        if running:
            return {
                "facts": [
                    self.env._(
                        "History is being rebuilt in the background. You can leave this "
                        "page."
                    )
                ],
                "progress": running.progress,
            }
        failed = self._get_rebuilds()[:1].filtered(lambda job: job.state == "failed")
        facts = [failed.error] if failed.error else []
        self.env["crm.customer.transaction"].check_access("read")
        first, months = self._get_months()
        if not first:
            return {
                "facts": [
                    *facts,
                    self.env._(
                        "No purchases before this month were found: there is no past to "
                        "rebuild. Import purchases first, or skip this step."
                    ),
                ]
            }
        facts.append(
            self.env._(
                "Months found: %(months)s. The first purchase was in %(month)s.",
                months=self._number(months),
                month=format_month(self.env, first),
            )
        )
        return {
            "facts": facts,
            "buttons": [
                button(
                    self.env._("Rebuild History"),
                    "action_first_step_rebuild",
                    is_primary=not self._is_history_rebuilt(),
                    confirm=self._warn_of_replacing(first),
                )
            ],
        }

    def _warn_of_replacing(self, first) -> str:
        """A question where score changes were recorded already; empty otherwise."""
        changes = self.env["crm.rfm.change"].search_count(
            [
                ("company_id", "=", self.env.company.id),
                ("date", ">=", first),
                ("old_segment_id", "!=", False),
            ],
            limit=1,
        )
        if not changes:
            return ""
        return self.env._(
            "Score changes recorded since then are replaced by changes rebuilt from "
            "today's purchase data. Current scores are kept."
        )

    @api.model
    def action_first_step_rebuild(self):
        """Rebuild the history of the current company since its first purchase, month by
        month, in the background."""
        self._check_first_steps()
        rebuilds = self.env["crm.rfm.rebuild"]
        rebuilds.check_access("create")
        first, _months = self._get_months()
        if not first:
            raise UserError(
                self.env._("There are no purchases before this month to rebuild from.")
            )
        # One that is running is not disturbed.
        if "running" not in self._get_rebuilds().mapped("state"):
            rebuilds.create({"date_from": first, "step": "month"}).action_start()

    # -- In words

    @api.model
    def _number(self, number: int) -> str:
        return formatLang(self.env, number, digits=0)
