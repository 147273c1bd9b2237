from odoo import api, fields, models
from odoo.tools import SQL

from ...models.insight.empty_help import referral_help
from .crm_customer_margin import COMPANIES


class CrmReferralReport(models.Model):
    """Customers who recommended others: what they buy themselves and, beside it, whom they
    recommended and what those buy. The two are never added up."""

    _name = "crm.referral.report"
    _inherit = [
        "crm.customer.record.mixin",
        "crm.insight.dimension.mixin",
        "crm.lifecycle.dimension.mixin",
    ]
    _description = "Recommending Customer"
    _auto = False
    _rec_name = "partner_id"
    _order = "referral_count desc, referred_revenue desc, id"
    _depends = {
        "crm.referral": [
            "partner_id",
            "referred_id",
            "company_id",
            "date",
            "source",
            "thanked_date",
        ],
        "crm.rfm.score": ["partner_id", "company_id", "revenue", "first_date"],
        "res.partner": ["commercial_partner_id"],
    }

    partner_id = fields.Many2one(string="Recommended By", readonly=True)
    company_id = fields.Many2one(readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")
    country_id = fields.Many2one(related="partner_id.country_id")
    revenue = fields.Monetary(
        string="Own Revenue",
        readonly=True,
        help="What the customer bought themselves in the lookback period. Revenue of those "
        "they recommended is not in it.",
    )
    referral_count = fields.Integer(string="Recommended Customers", readonly=True)
    buyer_count = fields.Integer(
        string="Of Them Bought",
        readonly=True,
        help="Recommended customers with a first purchase.",
    )
    referred_revenue = fields.Monetary(
        string="Revenue of Recommended Customers",
        readonly=True,
        help="What they bought in the lookback period, untaxed and net of refunds.",
    )
    lead_count = fields.Integer(
        string="Recommended Leads",
        readonly=True,
        help="Leads without a customer yet. Leads that came by a personal link are here, "
        "too; they are not verified.",
    )
    to_thank_count = fields.Integer(
        string="To Thank",
        readonly=True,
        help="Recommended customers that they were not thanked for yet.",
    )
    last_date = fields.Date(string="Last Referral", readonly=True)

    @property
    def _table_query(self):
        self.env["crm.rfm.score"].flush_model()
        return SQL(
            """
            SELECT one.partner_id::bigint * %(companies)s + one.company_id AS id,
                   one.partner_id, one.company_id,
                   count(one.referred_id)::int AS referral_count,
                   (count(*) FILTER (WHERE one.referred_id IS NULL))::int AS lead_count,
                   (count(one.referred_id) FILTER (WHERE one.thanked_date IS NULL))::int
                       AS to_thank_count,
                   count(bought.first_date)::int AS buyer_count,
                   COALESCE(sum(bought.revenue), 0) AS referred_revenue,
                   COALESCE(max(own.revenue), 0) AS revenue,
                   max(one.date) AS last_date
              FROM (
                    SELECT company_id, partner_id, referred_id, date, thanked_date
                      FROM (%(counted)s) AS known
                 UNION ALL
                    SELECT referral.company_id, recommender.commercial_partner_id, NULL,
                           referral.date, referral.thanked_date
                      FROM crm_referral AS referral
                      JOIN crm_lead AS lead ON lead.id = referral.lead_id
                      JOIN res_partner AS recommender
                        ON recommender.id = referral.partner_id
                     WHERE referral.company_id = ANY(%(company_ids)s)
                       AND referral.referred_id IS NULL AND lead.partner_id IS NULL
                   ) AS one
         LEFT JOIN crm_rfm_score AS bought
                ON bought.partner_id = one.referred_id
               AND bought.company_id = one.company_id
         LEFT JOIN crm_rfm_score AS own
                ON own.partner_id = one.partner_id AND own.company_id = one.company_id
          GROUP BY one.partner_id, one.company_id
            """,
            companies=COMPANIES,
            # sudo: the rules are those of this model.
            counted=self.env["crm.referral"].sudo()._counted(self.env.companies),
            company_ids=self.env.companies.ids,
        )

    def action_open_referrals(self):
        """Open the referrals behind the figures."""
        self.ensure_one()
        referrals = self.env["crm.referral"].with_company(self.company_id)
        return referrals._action_of(self.partner_id)

    @api.model
    def get_empty_list_help(self, help_message):
        return referral_help(self.env, super().get_empty_list_help(help_message))
