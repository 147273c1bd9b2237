import ast
import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..common.groups import SALES

_logger = logging.getLogger(__name__)

# The trend of a list goes over so many days.
TREND_DAYS = 7


class CrmCustomerList(models.Model):
    """A named filter on customers, with some added or left out by people or plans.

    Who is in it is found when it is asked, as the user who asks: the filter knows all
    figures of customers, and nobody sees customers by a list that they do not see
    otherwise. Who was in it on a day is kept by ``crm.customer.list.snapshot``.
    """

    _name = "crm.customer.list"
    _inherit = "crm.rechecked.record.mixin"
    _description = "Customer List"
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        index=True,
        ondelete="cascade",
        help="Figures of customers are those of this company.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        default=lambda self: self.env.user,
        # Who duplicates a list owns the copy.
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        domain="[('share', '=', False)]",
        help="The owner changes the list, and so do sales managers.",
    )
    is_shared = fields.Boolean(
        string="Shared",
        default=True,
        help="All salespeople of the company see and use the list.",
    )
    note = fields.Text(string="What It Is For")
    is_filtered = fields.Boolean(
        string="By a Filter",
        default=True,
        help="Customers who match the filter are on the list. Without it, only those who "
        "were added.",
    )
    domain = fields.Char(
        string="Filter",
        default="[]",
        help="Customers are found by it each time the list is used.",
    )
    added_ids = fields.Many2many(
        "res.partner",
        "crm_customer_list_added_rel",
        domain="['|', ('is_company', '=', True), ('parent_id', '=', False)]",
        check_company=True,
        help="Also on the list, whether they match the filter or not.",
    )
    left_out_ids = fields.Many2many(
        "res.partner",
        "crm_customer_list_left_out_rel",
        domain="['|', ('is_company', '=', True), ('parent_id', '=', False)]",
        check_company=True,
        help="Never on the list, even if they match the filter.",
    )
    snapshot_ids = fields.One2many(
        "crm.customer.list.snapshot", "list_id", string="Snapshots"
    )
    customer_count = fields.Integer(
        string="Customers Now",
        compute="_compute_customer_count",
        aggregator=None,
        help="How many of the customers on the list you can see.",
    )
    count_ids = fields.One2many(
        "crm.customer.list.count", "list_id", string="Daily Counts"
    )
    last_count = fields.Integer(
        string="Customers",
        compute="_compute_last",
        aggregator=None,
        help="How many they were when they were last counted, which is done each night.",
    )
    last_date = fields.Date(string="Counted On", compute="_compute_last")
    trend = fields.Integer(
        string="Change in 7 Days",
        compute="_compute_last",
        aggregator=None,
        help="How many more or fewer they are than a week before.",
    )

    # -- Who is on it

    def _get_filter(self) -> Domain:
        """The filter; nobody matches where the list goes without one.

        :raise ValueError: where it is no domain
        """
        self.ensure_one()
        if not self.is_filtered:
            return Domain.FALSE
        return Domain(ast.literal_eval(self.domain or "[]"))

    def _customers_domain(self) -> Domain:
        """The customers on the list: commercial entities of its company, or of none."""
        self.ensure_one()
        customers = Domain("is_company", "=", True) | Domain("parent_id", "=", False)
        customers &= Domain("company_id", "in", [self.company_id.id, False])
        chosen = self._get_filter() | Domain("id", "in", self.added_ids._origin.ids)
        return (
            customers & chosen & Domain("id", "not in", self.left_out_ids._origin.ids)
        )

    def _partners(self):
        """``res.partner`` as the current user, who looks at the company of the list."""
        self.ensure_one()
        allowed = [self.company_id.id]
        return self.env["res.partner"].with_context(allowed_company_ids=allowed)

    def _get_customers(self, limit=None):
        """The customers on the list that the current user may see.

        :rtype: res.partner
        """
        partners = self._partners().search(self._customers_domain(), limit=limit)
        return partners.with_env(self.env)

    def _count(self) -> int:
        return self._partners().search_count(self._customers_domain())

    @api.depends("domain", "is_filtered", "added_ids", "left_out_ids", "company_id")
    @api.depends_context("uid")
    def _compute_customer_count(self):
        for one in self:
            try:
                with self.env.cr.savepoint():
                    one.customer_count = one._count()
            except Exception as error:
                # A field of the filter is gone, or the user may not read it; saving the
                # list says so.
                _logger.info("Filter of customer list %s: %s", one.id, error)
                one.customer_count = 0

    @api.depends("count_ids.count", "count_ids.date")
    def _compute_last(self):
        found = {}
        for count in self.env["crm.customer.list.count"].search(
            [("list_id", "in", self.ids)], order="list_id, date desc"
        ):
            found.setdefault(count.list_id.id, []).append(count)
        for one in self:
            counts = found.get(one.id, [])
            last = counts[0] if counts else None
            one.last_count = last.count if last else 0
            one.last_date = last.date if last else False
            week = timedelta(days=TREND_DAYS)
            # A list that is younger than a week is compared with its first count.
            before = next((c for c in counts if c.date <= last.date - week), None)
            before = before or (counts[-1] if counts else None)
            one.trend = last.count - before.count if last else 0

    @api.constrains("domain", "is_filtered")
    def _check_domain(self):
        """Refuse filters that cannot be asked, while the one who wrote them is there."""
        for one in self:
            try:
                with self.env.cr.savepoint():
                    one._partners().search(one._customers_domain(), limit=1)
            except UserError:
                # Of a field that the user may not read, say: it says so itself.
                raise
            except Exception as error:
                _logger.info("Filter of a customer list: %s", error)
                raise ValidationError(
                    self.env._("The filter of “%s” cannot be used.", one.name)
                ) from error

    @api.constrains("added_ids", "left_out_ids")
    def _check_added(self):
        for one in self:
            if both := one.added_ids & one.left_out_ids:
                raise ValidationError(
                    self.env._(
                        "%s cannot be added and left out at the same time.",
                        both[0].display_name,
                    )
                )

    def copy_data(self, default=None):
        return [
            {**vals, "name": self.env._("%s (copy)", one.name)}
            if "name" not in (default or {})
            else vals
            for one, vals in zip(self, super().copy_data(default), strict=True)
        ]

    @api.model
    def _owner_fields(self):
        # Who gives a list away does not change it any more, and filters are counted with
        # the rights of the owner.
        return super()._owner_fields() | {"user_id"}

    # -- Counted each night

    def _counting(self):
        """The list as the user who counts for it: its owner, so that its figure does not
        depend on who looks. Empty where the owner is gone: a filter is never applied with
        the rights of anyone else."""
        self.ensure_one()
        # sudo: only to learn whether the owner still works in sales.
        owner = self.sudo().user_id
        is_there = owner.active and self.company_id in owner.company_ids
        if is_there and owner.has_group(SALES):
            return self.with_user(owner)
        return self.browse()

    def _keep_count(self, count=None):
        """Keep how many customers are on the list today.

        :param count: how many, where that is known
        """
        self.ensure_one()
        today = fields.Date.context_today(self)
        if count is None:
            counting = self._counting()
            if not counting:
                return
            count = counting._count()
        values = {"count": count}
        # sudo: counts are written by lists only.
        counts = self.env["crm.customer.list.count"].sudo()
        former = counts.search([("list_id", "=", self.id), ("date", "=", today)])
        if former:
            former.write(values)
        else:
            counts.create({"list_id": self.id, "date": today, **values})

    @api.model
    def _cron_count(self):
        """Count the customers of all lists, for their trends."""
        today = fields.Date.today()
        due = self.search([("count_ids", "not any", [("date", ">=", today)])])
        progress = self.env["ir.cron"]
        progress._commit_progress(remaining=len(due))
        for one in due:
            try:
                with self.env.cr.savepoint():
                    one._keep_count()
            except Exception as error:
                # A field of the filter is gone, say; the list itself says so.
                _logger.info("Customer list %s cannot be counted: %s", one.id, error)
            if not progress._commit_progress(1):
                break

    def action_open_trend(self):
        """Open how many customers were on the list, day by day."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended.crm_customer_list_count_action"
        )
        return {**action, "domain": [("list_id", "=", self.id)]}

    # -- By people and plans

    def _add(self, customers):
        """Put customers on the lists, whether they match the filter or not."""
        customers = customers.commercial_partner_id
        for one in self:
            one.write(
                {
                    "added_ids": [fields.Command.link(id_) for id_ in customers.ids],
                    "left_out_ids": [
                        fields.Command.unlink(id_) for id_ in customers.ids
                    ],
                }
            )

    def _leave_out(self, customers):
        """Take customers off the lists, whether they match the filter or not."""
        customers = customers.commercial_partner_id
        for one in self:
            one.write(
                {
                    "added_ids": [fields.Command.unlink(id_) for id_ in customers.ids],
                    "left_out_ids": [fields.Command.link(id_) for id_ in customers.ids],
                }
            )

    # -- Buttons

    def action_open_customers(self):
        """Open the customers who are on the list now."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": "res.partner",
            "view_mode": "list,kanban,form",
            "domain": list(self._customers_domain()),
            "context": {"allowed_company_ids": self.company_id.ids},
        }

    def action_snapshot(self):
        """Keep who is on the lists today, as far as the user sees them."""
        self.check_access("read")
        for one in self:
            self.env["crm.customer.list.snapshot"]._take(one)
        return True
