import time

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...models.common.client_actions import notification
from .crm_care_plan_dry_run import TREATED

# Customers whose messages are rendered together.
BATCH = 500
# How long messages are checked at a time, in seconds: a request must not last.
SECONDS = 20
# Where it takes longer than this, the page says so; in seconds.
LONG = 15
# Rendering a message for a customer, as measured, in seconds.
EACH = 0.002
# So many are checked at once with the page.
FEW = 500
# What users choose on the page.
CHOSEN = ("who", "preview_step_id", "preview_partner_id")
# Different errors of a step that are listed separately.
ERRORS = 30


class CrmCarePlanDryRun(models.TransientModel):
    """A part of dry runs: how messages come out. They are rendered with the rights of the
    user, and sent to no customer."""

    _inherit = "crm.care.plan.dry.run"

    problem_ids = fields.One2many("crm.care.plan.dry.run.problem", "run_id")
    # So many customers have been looked at, highest revenue first.
    checked_count = fields.Integer(readonly=True)
    to_check_count = fields.Integer(compute="_compute_to_check")
    check_text = fields.Char(compute="_compute_to_check")
    mail_step_ids = fields.Many2many(
        "crm.care.plan.step", compute="_compute_mail_step_ids"
    )
    preview_step_id = fields.Many2one(
        "crm.care.plan.step", string="Email", ondelete="cascade"
    )
    preview_partner_id = fields.Many2one(
        "res.partner",
        string="For Customer",
        check_company=True,
        ondelete="cascade",
    )
    preview_subject = fields.Char(string="Subject", compute="_compute_preview")
    # Mails have styles of their own, as in Odoo's preview.
    preview_body = fields.Html(compute="_compute_preview", sanitize=False)
    preview_error = fields.Char(compute="_compute_preview")

    @api.depends("plan_id")
    def _compute_mail_step_ids(self):
        for run in self:
            run.mail_step_ids = run._messages().filtered(
                lambda step: step.kind == "mail"
            )

    # -- Checking all of them

    def _messages(self):
        """Steps that reach people, of the version that is tried."""
        steps = self.plan_id._tried_version().step_ids
        return steps.filtered(lambda step: step._is_message())

    @api.depends("begin_count", "later_count", "checked_count")
    @api.depends_context("lang")
    def _compute_to_check(self):
        for run in self:
            messages = len(run._messages())
            left = run.begin_count + run.later_count - run.checked_count
            run.to_check_count = left if messages else 0
            run.check_text = run._say_check(run.to_check_count * messages * EACH)

    def _say_check(self, seconds) -> str:
        env, done, left = self.env, self.checked_count, self.to_check_count
        if not left and done:
            return env._("All customers checked: %s", done)
        if not left and self._messages():
            return env._("There are no customers to check the messages for.")
        if not left:
            return env._("There are no messages to check.")
        said = (
            env._(
                "Customers checked: %(done)s. Still to check: %(left)s.",
                done=done,
                left=left,
            )
            if done
            else env._("Customers still to check: %s.", left)
        )
        if seconds < LONG:
            return said
        takes = env._("Estimated time: %s min.", max(round(seconds / 60), 1))
        return f"{said} {takes}"

    def _begin_check(self):
        """Begin from the first; where it takes a moment, it is done at once."""
        self.problem_ids.unlink()
        self.checked_count = 0
        self.preview_step_id = self.preview_step_id or self.mail_step_ids[:1]
        first = self.env["crm.care.plan.dry.run.customer"].search(
            [("run_id", "=", self.id), ("status", "in", TREATED)], limit=1
        )
        self.preview_partner_id = self.preview_partner_id or first.partner_id
        if self.to_check_count * len(self._messages()) <= FEW:
            self.action_check()

    def action_check(self):
        """Render all messages for the next customers, as many as the time allows."""
        self.ensure_one()
        self._check_managed()
        end = time.monotonic() + SECONDS
        steps = self._messages()
        while self.to_check_count and time.monotonic() < end:
            found = self.env["crm.care.plan.dry.run.customer"].search_fetch(
                [("run_id", "=", self.id), ("status", "in", TREATED)],
                ["partner_id"],
                offset=self.checked_count,
                limit=BATCH,
            )
            # By their numbers: what is rendered empties the cache, which others are read by.
            customers = self.env["res.partner"].browse(found.partner_id.ids)
            for step in steps:
                self._check_step(step, customers)
            # Customers who were deleted since are gone from the list.
            done = self.checked_count + len(found)
            total = self.begin_count + self.later_count
            self.checked_count = done if found else total
        return True

    def _check_step(self, step, customers):
        # sudo: as the plan finds whom it addresses.
        plan = self.plan_id.sudo().with_company(self.company_id)
        contacts = plan._contacts_of(customers.sudo(), step._get_channel())
        without = [id_ for id_, contact in contacts.items() if not contact]
        problems = self.problem_ids.filtered(lambda one: one.step_id == step)
        if without:
            problems |= problems._add(self, step, "no_address", False, without)
        people = customers.browse(
            dict.fromkeys(contact.id for contact in contacts.values() if contact)
        )
        for problem in step._proof(people):
            detail = problem.detail
            errors = problems.filtered(lambda one: one.kind == "error")
            if problem.kind == "error" and len(errors) >= ERRORS:
                detail = self.env._("Other errors")
            if problem.kind == "untranslated":
                detail = self.env["res.lang"]._get_data(code=detail).name or detail
            problems |= problems._add(
                self, step, problem.kind, detail, problem.contact_ids
            )

    # -- One of them

    def _addressee(self):
        """The person whom the chosen customer's mail would be for."""
        plan = self.plan_id.sudo().with_company(self.company_id)  # sudo: as above.
        customer = self.preview_partner_id
        contacts = plan._contacts_of(customer.sudo(), "email")
        return (contacts.get(customer.id) or customer).sudo(False)

    @api.depends("preview_step_id", "preview_partner_id")
    @api.depends_context("lang", "uid")
    def _compute_preview(self):
        chosen = {run: {name: run[name] for name in CHOSEN} for run in self}
        rendered = {run: run._render_preview() for run in self}
        for run, (values, error) in rendered.items():
            if not run.id:
                # To undo what rendering did empties the cache, and with it what was
                # chosen on the page and is not saved.
                run._update_cache(
                    {
                        name: run._fields[name].convert_to_write(value, run)
                        for name, value in chosen[run].items()
                    },
                    validate=False,
                )
            run.preview_subject = values.get("subject")
            run.preview_body = values.get("body_html")
            run.preview_error = error

    def _render_preview(self) -> tuple[dict, str | None]:
        step, customer = self.preview_step_id, self.preview_partner_id._origin
        template = step.template_id
        if not (customer and template) or template.model != "res.partner":
            return {}, None
        contact = self._addressee()
        try:
            return (
                step._render_undone(template.with_company(self.company_id), contact),
                None,
            )
        except Exception as error:
            return {}, step._short_sentence(error)

    def action_send_test(self):
        """Send the chosen mail to the user, and to no one else."""
        self.ensure_one()
        self._check_managed()
        step, customer = self.preview_step_id, self.preview_partner_id
        if not customer or step not in self.mail_step_ids or not step.template_id:
            raise UserError(self.env._("Choose an email and a customer first."))
        self._check_company()
        user = self.env.user
        if not user.email:
            raise UserError(
                self.env._("Enter your email address in your preferences first.")
            )
        try:
            with self.env.cr.savepoint():
                step._queue_test(self._addressee(), customer)
        except OperationalError:
            raise
        except Exception as error:
            raise UserError(step._short_sentence(error)) from error
        return notification(
            self.env._("A test was sent to %s. No customer gets it.", user.email)
        )
