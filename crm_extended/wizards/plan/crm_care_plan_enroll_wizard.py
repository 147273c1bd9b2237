from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...models.common.client_actions import CLOSE, notification
from ...models.plan.groups import MANAGE_PLANS

# Sees enrollments of all customers, as the record rules say; others see those of their
# own, and enroll these.
ALL_CUSTOMERS = "sales_team.group_sale_salesman_all_leads"


class CrmCarePlanEnrollWizard(models.TransientModel):
    """Enrolls the customers of chosen contacts or lists in a care plan, and says before
    how many that will be."""

    _name = "crm.care.plan.enroll.wizard"
    _description = "Enroll in a Care Plan"

    partner_ids = fields.Many2many(
        "res.partner", string="Contacts", context={"active_test": False}
    )
    list_ids = fields.Many2many("crm.customer.list", string="Customer Lists")
    plan_id = fields.Many2one(
        "crm.care.plan",
        string="Care Plan",
        required=True,
        domain="[('state', '=', 'running')]",
    )
    customer_count = fields.Integer(
        string="Customers", compute="_compute_customer_count"
    )
    enrolled_count = fields.Integer(compute="_compute_summary")
    summary = fields.Text(compute="_compute_summary")

    @api.model
    def default_get(self, fields):
        defaults = super().default_get(fields)
        model = self.env.context.get("active_model")
        ids = self.env.context.get("active_ids") or []
        if model == "crm.customer.list":
            defaults["list_ids"] = [Command.set(ids)]
        elif model == "res.partner":
            defaults["partner_ids"] = [Command.set(ids)]
        elif model in ("crm.rfm.score", "crm.loyalty.membership", "crm.agenda.item"):
            partners = self.env[model].browse(ids).partner_id
            defaults["partner_ids"] = [Command.set(partners.ids)]
        if "plan_id" in fields and "plan_id" not in defaults:
            plans = self.env["crm.care.plan"].search(self._running_domain(), limit=2)
            # Where there is one only, there is nothing to choose.
            defaults["plan_id"] = plans.id if len(plans) == 1 else False
        return defaults

    @api.model
    def _running_domain(self):
        return Domain("state", "=", "running") & Domain(
            "company_id", "in", self.env.companies.ids
        )

    def _customers(self):
        """The chosen customers, as far as the user may read them."""
        self.ensure_one()
        chosen = self.partner_ids._origin
        for one in self.list_ids._origin:
            chosen |= one._get_customers()
        return chosen.commercial_partner_id._filtered_access("read")

    def _sees_control(self):
        return self.env.su or self.env.user.has_group(MANAGE_PLANS)

    def _own(self, customers):
        """Of these the customers whom the user may enroll."""
        if self.env.user.has_group(ALL_CUSTOMERS):
            return customers
        return customers.filtered(lambda one: one.user_id == self.env.user)

    @api.depends("partner_ids", "list_ids")
    def _compute_customer_count(self):
        for wizard in self:
            wizard.customer_count = len(wizard._customers())

    @api.depends("partner_ids", "list_ids", "plan_id")
    def _compute_summary(self):
        for wizard in self:
            customers = wizard._customers()
            plan = wizard.plan_id._origin
            wizard.enrolled_count, wizard.summary = 0, False
            # A call could name the plan of another company.
            if not plan or not customers or not plan.has_access("read"):
                continue
            if plan.company_id.care_plans_stopped:
                wizard.summary = self.env._(
                    "All care plans of %s are stopped in the settings. No customers are "
                    "enrolled.",
                    plan.company_id.name,
                )
                continue
            own = wizard._own(customers)
            counts = plan._reasons_against(plan._source(own)) if own else {}
            if not self._sees_control():
                # They would miss one in the plan.
                hidden = counts.pop("control", 0)
                counts["match"] = counts.get("match", 0) + hidden
            else:
                counts[None] = counts.get(None, 0) + counts.pop("control", 0)
            wizard.enrolled_count = counts.get(None, 0)
            if others := len(customers) - len(own):
                counts["other"] = others
            wizard.summary = "\n".join(wizard._sentences(plan, counts))

    def _sentences(self, plan, counts):
        """How many will be enrolled, and how many not, and why."""
        enrolled = counts.get(None, 0)
        yield self.env._(
            "%(count)s of %(total)s customers will be enrolled.",
            count=enrolled,
            total=sum(counts.values()),
        )
        # sudo: the day's limit is about all customers, also those the user does not see.
        later = enrolled - plan.sudo().with_company(plan.company_id)._places_today()
        if later > 0:
            yield self.env._("Begin on a later day because of the limit: %s", later)
        texts = {
            "customer": self.env._("Archived, or of another company: %s"),
            "inside": self.env._("In this plan already, or were before: %s"),
            "group": self.env._("In another plan of the same group: %s"),
            "match": self.env._("Do not match the plan: %s"),
            "unknown": self.env._("Do not match the plan, or were enrolled before: %s"),
            "refused": self.env._("Refused to be contacted: %s"),
            "other": self.env._("Customers of other salespeople: %s"),
        }
        if not self._sees_control():
            # "In this plan already" would name the control group, whom only managers see.
            hidden = ("inside", "group", "match")
            counts["unknown"] = sum(counts.pop(reason, 0) for reason in hidden)
        for reason, text in texts.items():
            if counts.get(reason):
                yield text % counts[reason]

    def action_enroll(self):
        """Enroll them.

        :raise UserError: where none can be
        """
        self.ensure_one()
        # The user may see the plan, and it runs: the rest is asked when they are enrolled.
        self.plan_id.check_access("read")
        customers = self._own(self._customers())
        if not customers:
            raise UserError(
                self.env._("None of these customers can be enrolled by you.")
            )
        to_see = self.enrolled_count
        count = self.plan_id.enroll(customers)
        if not self._sees_control():
            count = min(count, to_see)
        return notification(
            self.env._(
                "Customers enrolled in “%(plan)s”: %(count)s",
                count=count,
                plan=self.plan_id.name,
            ),
            "success" if count else "warning",
            next=CLOSE,
        )
