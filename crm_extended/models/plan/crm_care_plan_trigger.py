from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from .filter_domain import to_domain

# What is off is not offered.
OF_FEATURES = {
    "loyalty": ("tier_up", "tier_down", "tier_risk"),
    "care": ("case_solved", "complaint_solved"),
    "timeline": ("inactive",),
    "insight": ("recommended", "lifecycle", "next_purchase"),
}


class CrmCarePlan(models.Model):
    """A part of plans: what enrolls customers in particular, and the filters that people
    write."""

    _inherit = "crm.care.plan"

    list_id = fields.Many2one(
        "crm.customer.list",
        string="Customer List",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Only customers who are on the list when the plan wants them, as its owner "
        "sees it.",
    )
    trigger_when = fields.Selection(
        [("before", "Before the date"), ("after", "After the date")],
        string="Before or After",
        required=True,
        default="before",
    )
    date_field = fields.Selection(
        selection="_date_fields",
        string="Date",
        help="A date on the contact, of customers and of their people.",
    )
    date_yearly = fields.Boolean(
        string="Every Year", help="A full year or more after the date."
    )
    product_tmpl_ids = fields.Many2many(
        "product.template",
        "crm_care_plan_product_rel",
        string="Products",
        check_company=True,
        help="Only purchases of one of these, or of the categories. Empty: all purchases.",
    )
    product_categ_ids = fields.Many2many(
        "product.category",
        "crm_care_plan_categ_rel",
        string="Product Categories",
        help="Also of the categories below them.",
    )
    goal_product_tmpl_ids = fields.Many2many(
        "product.template",
        "crm_care_plan_goal_product_rel",
        string="Goal Products",
        check_company=True,
        help="Only a purchase of one of these, or of the categories, reaches the goal. "
        "Empty: any purchase.",
    )
    goal_categ_ids = fields.Many2many(
        "product.category",
        "crm_care_plan_goal_categ_rel",
        string="Goal Categories",
        help="Also of the categories below them.",
    )

    available_triggers = fields.Json(compute="_compute_available_triggers")

    @api.depends_context("uid")
    def _compute_available_triggers(self):
        is_on = self.env["crm.feature"]._is_on
        off = {
            each
            for key, names in OF_FEATURES.items()
            if not is_on(key)
            for each in names
        }
        labels = self._fields["trigger"]._description_selection(self.env)
        self.available_triggers = [key for key, _label in labels if key not in off]

    @api.model
    def _date_fields(self):
        """The dates on contacts that the user may read."""
        found = self.env["res.partner"].fields_get(
            attributes=["string", "type", "store"]
        )
        return sorted(
            (
                (name, field["string"])
                for name, field in found.items()
                if field["type"] in ("date", "datetime")
                and field["store"]
                and name != "write_date"
            ),
            key=lambda pair: pair[1],
        )

    @api.constrains("domain", "exit_domain")
    def _check_domains(self):
        # Before: what else cannot be saved is not the filter's fault.
        self.env.flush_all()
        for plan in self:
            for text in (plan.domain, plan.exit_domain):
                try:
                    with self.env.cr.savepoint():
                        plan._partners().search(plan._to_domain(text), limit=1)
                except Exception as error:
                    raise ValidationError(
                        self.env._("This filter cannot be used: %s", error)
                    ) from error

    def _check_filters(self):
        """They could be used when they were saved: since then, a field may be gone.

        :raise ValidationError: with a sentence about the first that cannot
        """
        self._check_domains()
        for plan in self.filtered("list_id"):
            try:
                plan._on_list()
            except ValueError as error:
                raise ValidationError(
                    self.env._(
                        "The filter of “%(list)s” cannot be used: %(error)s",
                        list=plan.list_id.name,
                        error=error,
                    )
                ) from error

    @api.constrains("list_id")
    def _check_list(self):
        for plan in self:
            # What the owner of a list may not read is no reason to enroll anyone.
            if plan.list_id and not plan._list_reader():
                raise ValidationError(
                    self.env._(
                        "“%s” has no owner in sales. Give it one first.",
                        plan.list_id.name,
                    )
                )

    # -- Filters

    def _partners(self):
        """``res.partner``, for the filters of the plan: figures are those of its company,
        and days such as "today" are those of its zone."""
        return self.env["res.partner"].with_context(
            active_test=False,
            tz=self._get_zone(),
            allowed_company_ids=self.company_id.ids or self.env.companies.ids,
        )

    def _to_domain(self, text) -> Domain:
        """A filter of the plan. The current user, in it, is the plan's responsible."""
        return to_domain(text, self.user_id.id, self._get_zone())

    # -- Lists

    def _list_reader(self):
        """The list as the user with whose rights it is read; empty where there is none."""
        # sudo: only to learn who that is, for users who do not see the list.
        return self.sudo().list_id._counting()

    def _on_list(self) -> SQL:
        """Whether the customer ``p`` is on the plan's list."""
        reader = self._list_reader()
        if not reader:
            return SQL("FALSE")
        partners = reader._partners().with_context(tz=self._get_zone())
        # sudo: the text of the filter; it is applied with the rights of its owner.
        domain = reader.sudo()._customers_domain()
        found = partners._search(domain)
        return SQL("p.id IN %s", found.subselect())
