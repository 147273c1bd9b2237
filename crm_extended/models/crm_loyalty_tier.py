from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_amount

from .crm_loyalty_assessing import Rung

THRESHOLDS = ("rise_amount", "keep_amount", "rise_orders", "keep_orders")


class CrmLoyaltyTier(models.Model):
    """A rung of the ladder: what it takes to rise to it and to keep it."""

    _name = "crm.loyalty.tier"
    _description = "Loyalty Tier"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10, help="The lowest rung comes first.")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        index="btree_not_null",
        ondelete="cascade",
        help="A company with tiers of its own uses those and none of the shared ones.",
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    color = fields.Integer()
    icon = fields.Selection(
        [
            ("fa-star-o", "Star, outlined"),
            ("fa-star", "Star"),
            ("fa-trophy", "Trophy"),
            ("fa-diamond", "Diamond"),
            ("fa-heart", "Heart"),
            ("fa-shield", "Shield"),
        ],
        default="fa-star",
    )
    match = fields.Selection(
        [("all", "All of them"), ("any", "Any of them")],
        string="Thresholds to Meet",
        required=True,
        default="all",
        help="Whether amount and number of orders must both be met, or one is enough. "
        "A threshold of 0 to rise is not asked for.",
    )
    rise_amount = fields.Monetary(
        string="Amount to Rise",
        help="Spent in the qualifying period, net of refunds. 0 asks for nothing.",
    )
    keep_amount = fields.Monetary(
        string="Amount to Keep", help="Not more than the amount to rise."
    )
    rise_orders = fields.Integer(
        string="Orders to Rise",
        help="Purchases in the qualifying period. 0 asks for nothing.",
    )
    keep_orders = fields.Integer(
        string="Orders to Keep", help="Not more than the orders to rise."
    )
    segment_ids = fields.Many2many(
        "crm.rfm.segment",
        string="Only Segments",
        help="Only customers in these segments rise to the tier; empty for everybody. "
        "Who has the tier keeps it in any segment.",
    )
    pricelist_id = fields.Many2one(
        "product.pricelist",
        ondelete="restrict",
        check_company=True,
        help="Applied to a customer when the tier comes, and taken back when it goes; "
        "never over a pricelist that somebody chose for the customer.",
    )
    benefit_ids = fields.Many2many(
        "crm.loyalty.benefit", string="Benefits", check_company=True
    )
    membership_ids = fields.One2many("crm.loyalty.membership", "tier_id")
    member_count = fields.Integer(string="Members", compute="_compute_member_count")

    @api.depends("company_id")
    @api.depends_context("company")
    def _compute_currency_id(self):
        for tier in self:
            tier.currency_id = (tier.company_id or self.env.company).currency_id

    @api.depends_context("company", "uid")
    def _compute_member_count(self):
        counts = dict(
            self.env["crm.loyalty.membership"]._read_group(
                [("company_id", "=", self.env.company.id), ("tier_id", "in", self.ids)],
                ["tier_id"],
                ["__count"],
            )
        )
        for tier in self:
            tier.member_count = counts.get(tier, 0)

    @api.constrains(*THRESHOLDS)
    def _check_thresholds(self):
        for tier in self:
            if any(tier[name] < 0 for name in THRESHOLDS):
                raise ValidationError(
                    self.env._(
                        "Tier “%s”: a threshold cannot be negative. Enter 0 to ask for "
                        "nothing.",
                        tier.name,
                    )
                )
            for what, rise, keep in (
                (self.env._("amount"), tier.rise_amount, tier.keep_amount),
                (self.env._("number of orders"), tier.rise_orders, tier.keep_orders),
            ):
                if keep > rise:
                    raise ValidationError(
                        self.env._(
                            "Tier “%(tier)s”: the %(what)s to keep it, %(keep)g, is "
                            "higher than the one to rise to it, %(rise)g. Keeping a "
                            "tier must not take more than earning it.",
                            tier=tier.name,
                            what=what,
                            keep=keep,
                            rise=rise,
                        )
                    )

    # -- The ladder of a company

    @api.model
    def _of_company(self, company):
        """The company's own tiers, or the shared ones where it has none; the lowest
        first."""
        # Archived ones never count, whatever the caller looks at.
        tiers = self.with_context(active_test=True)
        own = tiers.search([("company_id", "=", company.id)])
        return own or tiers.search([("company_id", "=", False)])

    def _rungs(self) -> list[Rung]:
        return [
            Rung(
                tier_id=tier.id,
                rise_amount=tier.rise_amount,
                rise_orders=tier.rise_orders,
                keep_amount=tier.keep_amount,
                keep_orders=tier.keep_orders,
                any_of_them=tier.match == "any",
                # With archived ones: without anybody in it, not open to everybody.
                segment_ids=tier.with_context(active_test=False).segment_ids.ids,
            )
            for tier in self
        ]

    # -- In words, for customers and salespeople

    def _in_words(self, amount: float, orders: int, currency) -> str:
        """An amount and a number of orders that this tier asks for.

        What it does not ask for at all is left out, and so is what is not missing.
        """
        self.ensure_one()
        parts = []
        if self.rise_amount > 0 and amount > 0:
            parts.append(format_amount(self.env, amount, currency))
        if self.rise_orders > 0 and orders > 0:
            parts.append(
                self.env._("1 purchase")
                if orders == 1
                else self.env._("%s purchases", orders)
            )
        if len(parts) < 2:
            return "".join(parts)
        if self.match == "any":
            return self.env._(
                "%(amount)s or %(orders)s", amount=parts[0], orders=parts[1]
            )
        return self.env._("%(amount)s and %(orders)s", amount=parts[0], orders=parts[1])

    def _rise_in_words(self, company) -> str:
        """What it takes to rise to this tier, in the company's currency."""
        return self._in_words(
            self.rise_amount, self.rise_orders, company.currency_id
        ) or self.env._("1 purchase")

    # -- Tiers in use

    @api.ondelete(at_uninstall=False)
    def _unlink_reassessing_members(self):
        # sudo: members whom the user does not see hold the tier, too.
        members = self.env["crm.loyalty.membership"].sudo()
        members = members.search([("tier_id", "in", self.ids)])
        locked = members.filtered(lambda member: member.state == "locked")
        if locked:
            raise UserError(
                self.env._(
                    "“%(tier)s” cannot be deleted: %(count)s customers hold it by hand. "
                    "Give them another tier or lift the lock, then delete it, or "
                    "archive it.",
                    tier=locked[0].tier_id.name,
                    count=len(locked),
                )
            )
        if members:
            # Off the ladder first, so that they come to stand on another rung.
            self.active = False
            members._assess(members.company_id)

    def action_view_members(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended.crm_loyalty_membership_action"
        )
        action["display_name"] = self.name
        action["domain"] = [
            ("tier_id", "=", self.id),
            ("company_id", "=", self.env.company.id),
        ]
        action["context"] = {}
        return action
