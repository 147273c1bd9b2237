from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import SQL

from ..common.groups import SALES
from ..common.joined_fields import (
    JoinedFloat,
    JoinedInteger,
    JoinedMonetary,
    search_joined,
)
from ..purchase.crm_customer_former_contact import BELONGING

# What is joined on demand, by customer and current company; the rest hangs off it.
JOINED = ("rfm_score_id", "loyalty_membership_id")
JOINED_NAMES = ("rfm_", "loyalty_membership_", "loyalty_tier_")


class ResPartner(models.Model):
    _inherit = "res.partner"

    # Nothing of this is stored: the score is joined on demand, the rest hangs off it.
    rfm_score_id = fields.Many2one(
        "crm.rfm.score",
        string="Customer Standing",
        compute="_compute_rfm_score_id",
        search="_search_rfm_score_id",
        groups=SALES,
        help="Standing of the customer, which is the company for all its contacts, in "
        "your current company.",
    )
    rfm_segment_id = fields.Many2one(
        related="rfm_score_id.segment_id", string="Segment", groups=SALES
    )
    rfm_segment_color = fields.Integer(
        related="rfm_score_id.segment_color", aggregator=None, groups=SALES
    )
    rfm_segment_action = fields.Text(
        related="rfm_score_id.segment_action", groups=SALES
    )
    rfm_segment_date = fields.Date(related="rfm_score_id.segment_date", groups=SALES)
    rfm_code = fields.Char(related="rfm_score_id.code", groups=SALES)
    rfm_last_date = fields.Date(related="rfm_score_id.last_date", groups=SALES)
    # No aggregate: a company's figures stand on each of its contacts, a sum over
    # contacts would count them again and again. Sums are in the views of the scores.
    rfm_recency = JoinedInteger(
        related="rfm_score_id.recency", aggregator=None, groups=SALES
    )
    rfm_frequency = JoinedInteger(
        related="rfm_score_id.frequency", aggregator=None, groups=SALES
    )
    rfm_currency_id = fields.Many2one(
        related="rfm_score_id.currency_id", string="Standing Currency", groups=SALES
    )
    rfm_monetary = JoinedMonetary(
        related="rfm_score_id.monetary",
        currency_field="rfm_currency_id",
        aggregator=None,
        groups=SALES,
    )
    rfm_bins = fields.Integer(
        related="rfm_score_id.bins", aggregator=None, groups=SALES
    )
    rfm_recency_score = JoinedInteger(
        related="rfm_score_id.recency_score", aggregator=None, groups=SALES
    )
    rfm_frequency_score = JoinedInteger(
        related="rfm_score_id.frequency_score", aggregator=None, groups=SALES
    )
    rfm_monetary_score = JoinedInteger(
        related="rfm_score_id.monetary_score", aggregator=None, groups=SALES
    )

    loyalty_membership_id = fields.Many2one(
        "crm.loyalty.membership",
        compute="_compute_loyalty_membership_id",
        search="_search_loyalty_membership_id",
        groups=SALES,
        help="Loyalty tier of the customer, which is the company for all its contacts, "
        "in your current company.",
    )
    loyalty_tier_id = fields.Many2one(
        related="loyalty_membership_id.tier_id", string="Tier", groups=SALES
    )
    loyalty_tier_color = fields.Integer(
        related="loyalty_membership_id.tier_color",
        string="Tier Color",
        aggregator=None,
        groups=SALES,
    )
    loyalty_tier_icon = fields.Selection(
        related="loyalty_membership_id.tier_icon", string="Tier Icon", groups=SALES
    )
    loyalty_membership_state = fields.Selection(
        related="loyalty_membership_id.state", string="Tier State", groups=SALES
    )
    loyalty_membership_valid_until = fields.Date(
        related="loyalty_membership_id.valid_until",
        string="Tier Valid Until",
        groups=SALES,
    )
    loyalty_membership_falls_after = fields.Date(
        related="loyalty_membership_id.falls_after",
        string="Tier Falls After",
        groups=SALES,
    )
    loyalty_membership_lock_reason = fields.Char(
        related="loyalty_membership_id.lock_reason",
        string="Tier Set Because",
        groups=SALES,
    )
    loyalty_membership_next_tier_id = fields.Many2one(
        related="loyalty_membership_id.next_tier_id", string="Next Tier", groups=SALES
    )
    loyalty_membership_progress = JoinedFloat(
        related="loyalty_membership_id.next_progress",
        string="Progress to Next Tier",
        aggregator=None,
        groups=SALES,
    )
    loyalty_membership_currency_id = fields.Many2one(
        related="loyalty_membership_id.currency_id",
        string="Tier Currency",
        groups=SALES,
    )
    loyalty_membership_amount_to_next = JoinedMonetary(
        related="loyalty_membership_id.amount_to_next",
        string="Missing to Next Tier",
        currency_field="loyalty_membership_currency_id",
        aggregator=None,
        groups=SALES,
    )
    loyalty_membership_orders_to_next = JoinedInteger(
        related="loyalty_membership_id.orders_to_next",
        string="Orders Missing to Next Tier",
        aggregator=None,
        groups=SALES,
    )
    loyalty_membership_amount_to_keep = JoinedMonetary(
        related="loyalty_membership_id.amount_to_keep",
        string="Missing to Keep the Tier",
        currency_field="loyalty_membership_currency_id",
        aggregator=None,
        groups=SALES,
    )
    loyalty_membership_orders_to_keep = JoinedInteger(
        related="loyalty_membership_id.orders_to_keep",
        string="Orders Missing to Keep the Tier",
        aggregator=None,
        groups=SALES,
    )
    loyalty_membership_missing_to_next = fields.Char(
        related="loyalty_membership_id.missing_to_next", groups=SALES
    )
    loyalty_membership_missing_to_keep = fields.Char(
        related="loyalty_membership_id.missing_to_keep", groups=SALES
    )
    loyalty_membership_close_to_next = fields.Boolean(
        related="loyalty_membership_id.close_to_next",
        string="Close to the Next Tier",
        groups=SALES,
    )
    loyalty_membership_about_to_fall = fields.Boolean(
        related="loyalty_membership_id.about_to_fall",
        string="About to Fall",
        groups=SALES,
    )

    def write(self, vals):
        if BELONGING.isdisjoint(vals):
            return super().write(vals)
        former = self.env["crm.customer.former.contact"]
        joining = self if "parent_id" in vals else self.browse()
        before = former._get_belonging(self, vals)
        result = super().write(vals)
        if before:
            former._note_left(before, joining)
        return result

    def unlink(self):
        # Contacts below them stay, and belong to nobody else any more.
        former = self.env["crm.customer.former.contact"]
        before = former._get_belonging_below(self)
        result = super().unlink()
        if before:
            former._note_left(before, self.browse())
        return result

    @api.depends("commercial_partner_id")
    @api.depends_context("company")
    def _compute_rfm_score_id(self):
        self._compute_joined("rfm_score_id")

    @api.depends("commercial_partner_id")
    @api.depends_context("company")
    def _compute_loyalty_membership_id(self):
        self._compute_joined("loyalty_membership_id")
        self.env["crm.loyalty.tier"]._recall_badges()

    def _compute_joined(self, name):
        """Set a field to the customer's record in the current company."""
        customers = self.commercial_partner_id._origin
        # sudo: whoever may read the contact and is in sales sees the standing of the
        # company it belongs to; the field's group keeps out everybody else.
        records = self.env[self._fields[name].comodel_name].sudo()
        if customers:
            records = records.search_fetch(
                [
                    ("partner_id", "in", customers.ids),
                    ("company_id", "=", self.env.company.id),
                ],
                order="id",
            )
        record_of = {record.partner_id.id: record.id for record in records}
        for partner in self:
            partner[name] = record_of.get(partner.commercial_partner_id._origin.id)

    def _search_rfm_score_id(self, operator, value):
        return search_joined(self, "rfm_score_id", operator, value)

    def _search_loyalty_membership_id(self, operator, value):
        return search_joined(self, "loyalty_membership_id", operator, value)

    def _join_by_customer(self, name, alias, query) -> str:
        """Join to a query what a field points to: each customer's record in the current
        company.

        Every search, order, group and aggregate by a standing or tier passes here, and
        mostly as superuser: Odoo follows related fields as such, and so do some of its
        search methods. So it is the user himself who must be in sales.

        :return: alias of the joined table
        :raise AccessError: if he is not
        """
        field = self._fields[name]
        if self.env.uid != SUPERUSER_ID:
            self.sudo(False)._check_field_access(field, "read")
        # Another alias than the one that Odoo makes of the field's name, to go on from
        # here to the record itself.
        joined = query.make_alias(alias, name.removesuffix("_id"))
        query.add_join(
            "LEFT JOIN",
            joined,
            self.env[field.comodel_name]._table,
            SQL(
                "%s = %s AND %s = %s",
                SQL.identifier(alias, "commercial_partner_id"),
                SQL.identifier(joined, "partner_id"),
                SQL.identifier(joined, "company_id"),
                self.env.company.id,
            ),
        )
        return joined

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr in JOINED and query is not None:
            joined = self._join_by_customer(field_expr, alias, query)
            return SQL.identifier(joined, "id")
        return super()._field_to_sql(alias, field_expr, query)

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        if field_name.startswith(JOINED_NAMES) and not nulls.code:
            # Whoever never bought comes last, also when the best come first.
            nulls = SQL("NULLS LAST")
        return super()._order_field_to_sql(alias, field_name, direction, nulls, query)

    def action_rfm_score(self):
        """Open the standing of the customer this contact belongs to."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Customer Standing"),
            "res_model": "crm.rfm.score",
            "res_id": self.rfm_score_id.id,
            "view_mode": "form",
        }

    def action_loyalty_membership(self):
        """Open the membership of the customer this contact belongs to."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Loyalty Membership"),
            "res_model": "crm.loyalty.membership",
            "res_id": self.loyalty_membership_id.id,
            "view_mode": "form",
        }

    def action_loyalty_changes(self):
        """Open the history of tiers of the customer this contact belongs to."""
        self.ensure_one()
        return self.loyalty_membership_id.action_view_changes()

    def _get_loyalty_change(self):
        """The last change of the customer's tier in the current company, for the mail
        about it."""
        self.ensure_one()
        changes = self.env["crm.loyalty.change"].search(
            [
                ("partner_id", "=", self.commercial_partner_id.id),
                ("company_id", "=", self.env.company.id),
                ("reason", "!=", "kept"),
            ],
            order="id desc",
            limit=10,
        )
        return changes.filtered(
            lambda change: change.old_tier_id != change.new_tier_id
        )[:1]
