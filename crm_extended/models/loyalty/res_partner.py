from odoo import api, fields, models

from ..common.joined_fields import JoinedFloat, JoinedInteger, JoinedMonetary
from .crm_loyalty_pricelist import PRICES
from .groups import USE_LOYALTY


class ResPartner(models.Model):
    """Contacts show the tier of the customer they belong to, in the current company:
    the membership is joined on demand, and the other fields are read through it.

    Prices that a contact has from the tier of their company stay with the company.
    Odoo copies them to contacts and never takes them away. Creating or editing a contact
    costs nothing here; prices change with the next assessment after a contact gets
    another company, becomes one, or loses theirs.
    """

    _inherit = "res.partner"

    loyalty_membership_id = fields.Many2one(
        "crm.loyalty.membership",
        compute="_compute_loyalty_membership_id",
        search="_search_loyalty_membership_id",
        groups=USE_LOYALTY,
        help="Loyalty tier of the customer, which is the company for all its contacts, "
        "in your current company.",
    )
    loyalty_tier_id = fields.Many2one(
        related="loyalty_membership_id.tier_id", string="Tier", groups=USE_LOYALTY
    )
    loyalty_tier_color = fields.Integer(
        related="loyalty_membership_id.tier_color",
        string="Tier Color",
        aggregator=None,
        groups=USE_LOYALTY,
    )
    loyalty_tier_icon = fields.Selection(
        related="loyalty_membership_id.tier_icon",
        string="Tier Icon",
        groups=USE_LOYALTY,
    )
    loyalty_membership_state = fields.Selection(
        related="loyalty_membership_id.state", string="Tier Status", groups=USE_LOYALTY
    )
    loyalty_membership_valid_until = fields.Date(
        related="loyalty_membership_id.valid_until",
        string="Tier Valid Until",
        groups=USE_LOYALTY,
    )
    loyalty_membership_falls_after = fields.Date(
        related="loyalty_membership_id.falls_after",
        string="Tier Downgraded After",
        groups=USE_LOYALTY,
    )
    loyalty_membership_lock_reason = fields.Char(
        related="loyalty_membership_id.lock_reason",
        string="Tier Override Reason",
        groups=USE_LOYALTY,
    )
    loyalty_membership_next_tier_id = fields.Many2one(
        related="loyalty_membership_id.next_tier_id",
        string="Next Tier",
        groups=USE_LOYALTY,
    )
    loyalty_membership_progress = JoinedFloat(
        related="loyalty_membership_id.next_progress",
        string="Progress to Next Tier",
        aggregator=None,
        groups=USE_LOYALTY,
    )
    loyalty_membership_currency_id = fields.Many2one(
        related="loyalty_membership_id.currency_id",
        string="Tier Currency",
        groups=USE_LOYALTY,
    )
    loyalty_membership_amount_to_next = JoinedMonetary(
        related="loyalty_membership_id.amount_to_next",
        string="To Next Tier",
        currency_field="loyalty_membership_currency_id",
        aggregator=None,
        groups=USE_LOYALTY,
    )
    loyalty_membership_orders_to_next = JoinedInteger(
        related="loyalty_membership_id.orders_to_next",
        string="Orders to Next Tier",
        aggregator=None,
        groups=USE_LOYALTY,
    )
    loyalty_membership_amount_to_keep = JoinedMonetary(
        related="loyalty_membership_id.amount_to_keep",
        string="To Keep Tier",
        currency_field="loyalty_membership_currency_id",
        aggregator=None,
        groups=USE_LOYALTY,
    )
    loyalty_membership_orders_to_keep = JoinedInteger(
        related="loyalty_membership_id.orders_to_keep",
        string="Orders to Keep Tier",
        aggregator=None,
        groups=USE_LOYALTY,
    )
    loyalty_membership_missing_to_next = fields.Char(
        related="loyalty_membership_id.missing_to_next", groups=USE_LOYALTY
    )
    loyalty_membership_missing_to_keep = fields.Char(
        related="loyalty_membership_id.missing_to_keep", groups=USE_LOYALTY
    )
    loyalty_membership_next_text = fields.Char(
        related="loyalty_membership_id.next_text", groups=USE_LOYALTY
    )
    loyalty_membership_keep_text = fields.Char(
        related="loyalty_membership_id.keep_text", groups=USE_LOYALTY
    )
    loyalty_membership_close_to_next = fields.Boolean(
        related="loyalty_membership_id.close_to_next",
        string="Close to the Next Tier",
        groups=USE_LOYALTY,
    )
    loyalty_membership_about_to_fall = fields.Boolean(
        related="loyalty_membership_id.about_to_fall",
        string="At Risk of Downgrade",
        groups=USE_LOYALTY,
    )

    def write(self, vals):
        if "parent_id" in vals or "is_company" in vals:
            # sudo: prices follow the tier regardless of who edits contacts.
            pricelists = self.env["crm.loyalty.pricelist"].sudo()
            pricelists._note_leaving(self.sudo()._filtered_leaving(vals))
        return super().write(vals)

    def _filtered_leaving(self, vals):
        """Those whom such values give another parent, or make a company or none."""
        return self.filtered(
            lambda partner: (
                partner.parent_id.id
                != (vals.get("parent_id", partner.parent_id.id) or False)
                or partner.is_company
                != bool(vals.get("is_company", partner.is_company))
            )
        )

    @api.ondelete(at_uninstall=False)
    def _note_contacts_without_company(self):
        contacts = self.with_context(active_test=False).sudo()
        contacts = contacts.search([("parent_id", "in", self.ids)]) - contacts
        # sudo: as above.
        self.env["crm.loyalty.pricelist"].sudo()._note_leaving(contacts)

    def _get_synced_commercial_values(self):
        # What Odoo hands up to the company that a contact comes to.
        values = super()._get_synced_commercial_values()
        if values.get(PRICES):
            # sudo: as above.
            pricelists = self.env["crm.loyalty.pricelist"].sudo()
            if pricelists._has_taken_along(self):
                del values[PRICES]
        return values

    # -- Figures in forms

    def _get_customer_figures(self):
        figures = super()._get_customer_figures()
        if not self.env.user.has_group(USE_LOYALTY):
            return figures
        return figures | {
            "tier": self._tier_figure,
            "next_tier": self._next_tier_figure,
        }

    def _tier_figure(self):
        tier = self.loyalty_tier_id
        return tier and {"label": self.env._("Tier"), "text": tier.display_name}

    def _next_tier_figure(self):
        text = self.loyalty_membership_next_text
        return text and {"label": "", "text": text}

    def _get_customer_blocks(self):
        blocks = super()._get_customer_blocks()
        if not self.env.user.has_group(USE_LOYALTY):
            return blocks
        method = "action_loyalty_membership"
        return blocks | {
            "tier": {
                "title": self.env._("Loyalty"),
                "sequence": 25,
                "rows": lambda: self._rows_of_figures(
                    {"tier": method, "next_tier": method}
                ),
            }
        }

    # -- The membership, joined by customer and current company

    @api.model
    def _get_customer_joins(self):
        return super()._get_customer_joins() | {
            "loyalty_membership_id": ("crm.loyalty.membership", "id")
        }

    @api.depends("commercial_partner_id")
    @api.depends_context("company")
    def _compute_loyalty_membership_id(self):
        self._compute_customer_join("loyalty_membership_id")

    @api.model
    def _recall_joined(self):
        self.env["crm.loyalty.tier"]._recall_badges()
        return super()._recall_joined()

    def _search_loyalty_membership_id(self, operator, value):
        return self._search_customer_join("loyalty_membership_id", operator, value)

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
