import math
from dataclasses import replace

from odoo import api, fields, models, tools
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL, format_amount

from ..common.badges import read_badges, recall_badges
from ..common.seen_customers import seen_condition
from ..common.shared_company import check_company_domain_of_shared
from .assessment.parameters import TierLevel
from .assessment.statements import preview_query

THRESHOLDS = ("rise_amount", "keep_amount", "rise_orders", "keep_orders")

# Largest accepted values; anything beyond, or NaN, is rejected with our own message
# instead of a database error.
LIMITS = {
    "rise_amount": 10**12,
    "keep_amount": 10**12,
    "rise_orders": 10**9,
    "keep_orders": 10**9,
}

# What is shown of a tier wherever a customer is, what it takes to say what is missing,
# and what access depends on.
BADGE = ("name", "color", "icon", "match", "rise_amount", "rise_orders", "company_id")

# What of a form a preview looks at.
PREVIEWED = (
    *THRESHOLDS,
    "name",
    "sequence",
    "active",
    "company_id",
    "color",
    "icon",
    "match",
    "segment_ids",
)


class CrmLoyaltyTier(models.Model):
    """A level of the tier program: what it takes to rise to it and to keep it."""

    _name = "crm.loyalty.tier"
    _inherit = "crm.rechecked.record.mixin"
    _description = "Loyalty Tier"
    _order = "sequence, id"
    _check_company_auto = True
    _check_company_domain = check_company_domain_of_shared

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10, help="The lowest tier comes first.")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        index="btree_not_null",
        ondelete="cascade",
        default=lambda self: self._default_company(),
        help="A company with its own tiers uses only those, not the shared ones.",
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
        [("all", "All"), ("any", "Any")],
        string="Require",
        required=True,
        default="all",
        help="Whether both the amount and the number of orders must be met, or one of "
        "them is enough. A threshold of 0 is ignored.",
    )
    rise_amount = fields.Monetary(
        string="Amount to Reach",
        help="Spent in the qualifying period, net of refunds. 0: not required.",
    )
    keep_amount = fields.Monetary(
        string="Amount to Keep", help="Cannot exceed the amount to reach the tier."
    )
    rise_orders = fields.Integer(
        string="Orders to Reach",
        help="Number of purchases in the qualifying period. 0: not required.",
    )
    keep_orders = fields.Integer(
        string="Orders to Keep", help="Cannot exceed the orders to reach the tier."
    )
    segment_ids = fields.Many2many(
        "crm.rfm.segment",
        string="Limit to Segments",
        check_company=True,
        # With archived segments: then no customer is in it, and it is not open to all.
        context={"active_test": False},
        help="Only customers in these segments can reach the tier; leave empty for "
        "all customers. Members keep the tier in any segment.",
    )
    pricelist_id = fields.Many2one(
        "product.pricelist",
        ondelete="restrict",
        # Not Odoo's check: every pricelist has a company, so a shared tier could have
        # none. It is applied in its own company only.
        domain="company_id and [('company_id', 'in', [company_id, False])] or []",
        help="Applied to customers when they reach the tier, and removed when they "
        "lose it. A pricelist chosen manually for a customer is never replaced.",
    )
    is_usual_pricelist = fields.Boolean(
        compute="_compute_is_usual_pricelist",
        help="Customers without the tier use its pricelist, too: it is the first one, "
        "which Odoo applies to every customer without a specific pricelist.",
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

    @api.depends(
        "pricelist_id.sequence", "pricelist_id.country_group_ids", "company_id"
    )
    @api.depends_context("company")
    def _compute_is_usual_pricelist(self):
        usual = {}
        for tier in self:
            company = tier.company_id or self.env.company
            if tier.pricelist_id and company not in usual:
                # sudo: which prices customers get does not depend on who looks at tiers.
                pricelists = self.env["product.pricelist"].sudo().with_company(company)
                # As Odoo finds the prices of a customer without country.
                usual[company] = pricelists._get_country_pricelist_multi([])[False]
            tier.is_usual_pricelist = tier.pricelist_id and (
                tier.pricelist_id._origin == usual[company]
            )

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

    @api.model
    def _number_limits(self) -> dict[str, float]:
        """The largest value of fields with numbers that matter; to be extended."""
        return LIMITS

    @api.model
    def _check_numbers(self, vals):
        """Refuse what is no number, before it is written.

        :param dict vals: of a form, an import or another call
        :raise ValidationError: also for infinity and what is too large
        """
        limits = self._number_limits()
        for name in limits.keys() & vals.keys():
            try:
                number = float(vals[name] or 0)
            except (TypeError, ValueError, OverflowError):
                number = math.nan
            # NaN is not within any limit.
            if not abs(number) <= limits[name]:
                raise ValidationError(
                    self.env._(
                        "“%(field)s” must be a number up to %(limit)s.",
                        field=self._fields[name].get_description(self.env, ["string"])[
                            "string"
                        ],
                        limit=limits[name],
                    )
                )

    @api.constrains(*THRESHOLDS)
    def _check_thresholds(self):
        for tier in self:
            if any(tier[name] < 0 for name in THRESHOLDS):
                raise ValidationError(
                    self.env._(
                        "Tier “%s”: a threshold cannot be negative. Enter 0 for no "
                        "requirement.",
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
                            "higher than the one to reach it, %(rise)g. Keeping a "
                            "tier cannot require more than reaching it.",
                            tier=tier.name,
                            what=what,
                            keep=keep,
                            rise=rise,
                        )
                    )

    @api.constrains("pricelist_id", "company_id")
    def _check_pricelist(self):
        for tier in self:
            # sudo: a pricelist of a company that the user does not see is refused, too.
            company = tier.sudo().pricelist_id.company_id
            if tier.company_id and company and company != tier.company_id:
                raise ValidationError(
                    self.env._(
                        "Tier “%(tier)s” belongs to %(company)s, its pricelist to "
                        "another company. Choose one of the tier's company.",
                        tier=tier.name,
                        company=tier.company_id.name,
                    )
                )

    # -- The tier program of a company

    @api.model
    def _default_company(self):
        """The company whose tier program a new tier joins: none if the current company
        uses the shared one, which a tier of its own would put out of use."""
        tiers = self._of_company(self.env.company)
        return self.env.company if not tiers or tiers.company_id else False

    @api.model
    def _of_company(self, company):
        """The company's own tiers, or the shared ones where it has none; the lowest
        first."""
        # Archived ones never count, whatever the caller looks at.
        tiers = self.with_context(active_test=True)
        own = tiers.search([("company_id", "=", company.id)])
        return own or tiers.search([("company_id", "=", False)])

    def _get_levels(self) -> list[TierLevel]:
        return [
            TierLevel(
                # A new one that is being entered has no number yet.
                tier_id=tier._origin.id or 0,
                rise_amount=tier.rise_amount,
                rise_orders=tier.rise_orders,
                keep_amount=tier.keep_amount,
                keep_orders=tier.keep_orders,
                any_of_them=tier.match == "any",
                segment_ids=tier.segment_ids._origin.ids,
            )
            for tier in self
        ]

    # -- Names and colors, which every contact and lead shows

    @api.model
    @tools.ormcache("self.env.lang")
    def _get_badges(self) -> tuple[list[int], list[list]]:
        """Ids of all tiers, and the columns :data:`BADGE` of them, in the user's
        language. Cached between requests: tiers are few and seldom change."""
        return read_badges(self, BADGE)

    @api.model
    def _recall_badges(self):
        """Save this transaction the query for the tiers that it shows."""
        recall_badges(self, BADGE, self._get_badges())

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_numbers(vals)
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        self._check_numbers(vals)
        if not vals.keys().isdisjoint(BADGE):
            self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    def update_field_translations(self, field_name, translations, source_lang=""):
        self.env.registry.clear_cache()
        return super().update_field_translations(field_name, translations, source_lang)

    # -- What thresholds would give

    @api.model
    def get_preview(self, tier_id, values):
        """Count the customers of each tier today, with the values entered in a form: as
        far as the user may see them.

        What the form does not say is as it is stored. Nothing is saved.

        :param int tier_id: the tier in the form, ``False`` for a new one
        :param dict values: of the form, by name of field
        :return: ``{'levels': [{'id', 'name', 'color', 'icon', 'customers', 'amount',
            'members'}, …], 'customers', 'without', 'currency_id'}``, the highest first
        :raise AccessError: if the user may not change tiers
        :raise ValidationError: for thresholds that could not be saved
        """
        self.check_access("write")
        stored = self.browse(tier_id or [])
        stored.check_access("read")
        values = {name: values[name] for name in PREVIEWED if name in values}
        self._check_numbers(values)
        tier = self.new(values, origin=stored)
        tier._check_thresholds()
        company = tier.company_id._origin or self.env.company
        if company not in self.env.companies:
            raise AccessError(self.env._("Choose one of your current companies."))
        # Archived ones never count.
        others = self.with_context(active_test=True)
        others = others.search([("company_id", "=", tier.company_id._origin.id)])
        tiers = [*(others - stored), *(tier if tier.active else ())]
        # In their order once it is saved: a new tier comes last among equals.
        tiers.sort(key=lambda each: (each.sequence, each._origin.id or float("inf")))
        return self._preview(company, tiers)

    @api.model
    def get_program_preview(self):
        """Count the customers whom the tiers of the current company would take today: as
        far as the user may see them.

        :return: as :meth:`get_preview`, and for each level what it takes to reach it, in
            words (``rise``)
        :raise AccessError: if the user may not change tiers
        """
        self.check_access("write")
        company = self.env.company
        tiers = self._of_company(company)
        preview = self._preview(company, list(tiers))
        for level in preview["levels"]:
            level["rise"] = self.browse(level["id"])._rise_in_words(company)
        return preview

    def _preview(self, company, tiers):
        runs = self.env["crm.loyalty.assessment"]
        runs._prepare_for_sums()
        levels = [level for tier in tiers for level in tier._get_levels()]
        today = fields.Date.context_today(self)
        params = runs._get_parameters(company, today, pinned=False)
        params = replace(params, levels=levels)
        seen = seen_condition(self.env, SQL.identifier("x", "partner_id"))
        found = {
            rank: (count, amount)
            for rank, count, amount in self.env.execute_query(
                preview_query(params, seen)
            )
        }
        members = dict(
            self.env["crm.loyalty.membership"]._read_group(
                [("company_id", "=", company.id)], ["tier_id"], ["__count"]
            )
        )
        return {
            "levels": [
                {
                    "id": tier._origin.id,
                    "name": tier.name or "",
                    "color": tier.color,
                    "icon": tier.icon,
                    "customers": found.get(rank, (0, 0))[0],
                    "amount": found.get(rank, (0, 0))[1],
                    "members": members.get(tier._origin, 0),
                }
                for rank, tier in reversed(list(enumerate(tiers, 1)))
            ],
            "customers": sum(count for count, _amount in found.values()),
            "without": found.get(0, (0, 0))[0],
            "currency_id": company.currency_id.id,
        }

    # -- In words, for customers and salespeople

    def _in_words(self, amount: float, orders: int, currency) -> str:
        """An amount and a number of orders that this tier asks for.

        Left out is what it does not ask for, and what is not missing.
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

    def _missing_to_rise(self, company, customer) -> str:
        """What a customer without a tier lacks to rise to this one; empty if nothing is
        missing, or if the tier is restricted to some customers."""
        self.ensure_one()
        if self.segment_ids:
            return ""
        amount, orders = self.env["crm.loyalty.assessment"]._get_qualifying_totals(
            company, customer
        )
        return self._in_words(
            self.rise_amount - float(amount),
            self.rise_orders - orders,
            company.currency_id,
        )

    # -- Tiers in use

    @api.ondelete(at_uninstall=False)
    def _unlink_reassessing_members(self):
        # sudo: members whom the user does not see have the tier, too.
        members = self.env["crm.loyalty.membership"].sudo()
        members = members.search([("tier_id", "in", self.ids)])
        locked = members.filtered(lambda member: member.state == "locked")
        if locked:
            raise UserError(
                "\n".join(
                    tier._refuse_deletion(len(those))
                    for tier, those in locked.grouped("tier_id").items()
                )
            )
        if members:
            # Archived first, so that its members get another tier.
            self.active = False
            members._assess(members.company_id)
        self._leave_names()

    def _refuse_deletion(self, count: int) -> str:
        if count == 1:
            return self.env._(
                "“%s” cannot be deleted: one customer has it by manual override. "
                "Give this customer another tier or remove the override, then delete "
                "it, or archive it.",
                self.name,
            )
        return self.env._(
            "“%(tier)s” cannot be deleted: %(count)s customers have it by manual "
            "override. Give them another tier or remove the override, then delete "
            "it, or archive it.",
            tier=self.name,
            count=count,
        )

    def _leave_names(self):
        """Write the tiers' names into the history, which outlives them."""
        changes = self.env["crm.loyalty.change"]
        changes.flush_model()
        names = SQL(
            "SELECT * FROM unnest(%s::int[], %s::text[]) AS tier (id, name)",
            self.ids,
            self.mapped("name"),
        )
        self.env.cr.execute(
            SQL(
                """
                WITH gone AS (%s)
              UPDATE crm_loyalty_change AS change
                 SET old_tier_name = COALESCE(
                         (SELECT name FROM gone WHERE id = old_tier_id), old_tier_name),
                     new_tier_name = COALESCE(
                         (SELECT name FROM gone WHERE id = new_tier_id), new_tier_name)
               WHERE old_tier_id = ANY(%s) OR new_tier_id = ANY(%s)
                """,
                names,
                self.ids,
                self.ids,
            )
        )
        changes.invalidate_model(["old_tier_name", "new_tier_name"], flush=False)

    @api.model
    def _let_go(self):
        """Release what tiers refer to before the addon is uninstalled. Odoo then deletes
        the records of its data one by one, before it drops the tables."""
        # Not deleted as a user would do: assessing all members again could take minutes,
        # and their history goes with the tables.
        self.env["crm.loyalty.membership"].flush_model()
        self.env.cr.execute(SQL("DELETE FROM crm_loyalty_membership"))
        self.env.invalidate_all(flush=False)
        tiers = self.with_context(active_test=False).search([])
        tiers.pricelist_id = False

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
