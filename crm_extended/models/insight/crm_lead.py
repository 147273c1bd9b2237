from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .crm_referral import Entry
from .groups import SEE_MARGIN, USE_INSIGHT
from .known_fields import ModelJoinedMonetary, NeverZeroJoinedFloat
from .secret_fields import SecretMonetary


class CrmLead(models.Model):
    """Leads show who recommended their customer or, before they have one, who recommended
    them. Nothing of it is stored here. Competitors are tags. What the customer prefers to
    buy opens from here; its life-cycle stage and what is expected of it are shown."""

    _name = "crm.lead"
    _inherit = ["crm.lead", "crm.selection.order.mixin"]
    _ordered_selections = ("lifecycle_stage",)

    referred_by_id = fields.Many2one(
        "res.partner",
        string="Recommended By",
        compute="_compute_referred_by_id",
        inverse="_inverse_referred_by_id",
        search="_search_referred_by_id",
        groups=USE_INSIGHT,
        help="The customer who recommended you to this lead. Its customer, once it has "
        "one, is the recommended customer.",
    )
    is_referral_claim = fields.Boolean(
        string="Not Verified",
        compute="_compute_referred_by_id",
        groups=USE_INSIGHT,
        help="Someone who used the personal link of a customer says that the customer "
        "recommended you. It counts once the lead has a customer.",
    )

    lifecycle_stage = fields.Selection(
        related="partner_id.lifecycle_stage",
        string="Customer Life-Cycle Stage",
        groups=USE_INSIGHT,
    )
    competitor_ids = fields.Many2many(
        "crm.competitor",
        "crm_competitor_lead_rel",
        "lead_id",
        "competitor_id",
        string="Competitors",
        check_company=True,
        groups=USE_INSIGHT,
        help="Competitors that the customer also looks at, or went to.",
    )
    forecast_p_active = NeverZeroJoinedFloat(
        related="partner_id.forecast_p_active",
        string="Customer's Active Probability",
        aggregator=None,
        groups=USE_INSIGHT,
    )
    forecast_next_date = fields.Date(
        related="partner_id.forecast_next_date",
        string="Customer's Next Purchase",
        groups=USE_INSIGHT,
    )
    forecast_currency_id = fields.Many2one(
        related="partner_id.forecast_currency_id",
        string="Forecast Currency",
        groups=USE_INSIGHT,
    )
    forecast_lifetime_revenue = ModelJoinedMonetary(
        related="partner_id.forecast_lifetime_revenue",
        string="Customer's Future Revenue",
        currency_field="forecast_currency_id",
        aggregator=None,
        groups=USE_INSIGHT,
    )
    forecast_lifetime_value = SecretMonetary(
        related="partner_id.forecast_lifetime_value",
        string="Customer's Future Value",
        currency_field="forecast_currency_id",
        aggregator=None,
        groups=SEE_MARGIN,
    )

    def _referral_entry(self):
        """The lead as an entry of referrals, without who recommends."""
        return Entry(
            self.company_id._origin or self.env.company,
            self.partner_id.commercial_partner_id._origin,
            self._origin,
            self.env["res.partner"],
        )

    @api.depends("partner_id", "company_id")
    @api.depends_context("company")
    def _compute_referred_by_id(self):
        entries = {lead: lead._referral_entry() for lead in self}
        # sudo: who may read the lead may know who recommended it; the group of the field
        # excludes all other users.
        referrals = self.env["crm.referral"].sudo()
        by_customer, by_lead = referrals._find(entries.values())
        for lead, (company, customer, origin, _nobody) in entries.items():
            found = by_customer.get((company, customer), referrals)._first()
            if not found:
                found = by_lead.get(origin, referrals)
            recommender = found.partner_id.commercial_partner_id
            if recommender == customer:
                recommender = found = referrals.partner_id
            lead.referred_by_id = recommender
            lead.is_referral_claim = bool(
                found and found.source == "link" and not found.referred_id
            )

    def _inverse_referred_by_id(self):
        self.env["crm.referral"]._enter(
            [
                lead._referral_entry()._replace(recommender=lead.referred_by_id)
                for lead in self
            ]
        )

    def _search_referred_by_id(self, operator, value):
        if operator == "in":
            chosen = [("id", "in", [id_ for id_ in value if id_])]
            found = self._recommended_by(chosen)
            return found | ~self._recommended_by([]) if False in value else found
        if operator == "any":
            return self._recommended_by(value)
        return NotImplemented

    @api.model
    def _recommended_by(self, domain) -> Domain:
        """Leads recommended by some customers, or whose customers are."""
        partners = (
            self.env["res.partner"].with_context(active_test=False)._search(domain)
        )
        # sudo: as in _compute_referred_by_id.
        query = (
            self.env["crm.referral"]
            .sudo()
            ._search(
                [
                    ("lead_id", "!=", False),
                    ("referred_id", "=", False),
                    ("partner_id", "in", partners),
                ]
            )
        )
        of_leads = query.subselect(SQL.identifier(query.table, "lead_id"))
        return Domain("id", "in", of_leads) | Domain(
            "partner_id", "any", [("referred_by_id", "any", Domain(domain))]
        )

    def unlink(self):
        # sudo: referrals of these leads that are about no customer go with them, whoever
        # entered them.
        self.env["crm.referral"].sudo().search(
            [("lead_id", "in", self.ids), ("referred_id", "=", False)]
        ).unlink()
        return super().unlink()

    def _merge_dependences(self, opportunities):
        result = super()._merge_dependences(opportunities)
        self.env["crm.referral"]._merge_leads(opportunities, self)
        # sudo: competitors, for users who merge leads and do not see analytics.
        lead = self.sudo()
        lead.competitor_ids |= opportunities.sudo().competitor_ids
        return result

    def action_preferences(self):
        self.ensure_one()
        self.check_access("read")
        return self.partner_id.action_preferences()

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr == "forecast_lifetime_value":
            # Odoo follows the path as superuser; to order or sum by it is the user's own
            # question.
            self._check_field_access(self._fields[field_expr], "read")
        return super()._field_to_sql(alias, field_expr, query)
