from odoo import fields, models
from odoo.tools import SQL

# Together below what JavaScript can count: 268 million contacts, 16,384 competitors and
# 2,048 companies.
COMPETITORS, COMPANIES = 2**14, 2**11


class CrmCompetitorCustomer(models.Model):
    """Customers in contact with competitors: a row for each of both, in a company. What is
    on a contact, a lead or an interaction is the customer's, which is the company for all
    its contacts."""

    _name = "crm.competitor.customer"
    _inherit = [
        "crm.customer.record.mixin",
        "crm.insight.dimension.mixin",
        "crm.lifecycle.dimension.mixin",
    ]
    _description = "Customer in Contact with a Competitor"
    _auto = False
    _rec_name = "partner_id"
    _order = "last_date desc, id"
    _depends = {
        "crm.competitor": ["company_id", "partner_ids"],
        "crm.interaction": ["competitor_ids", "partner_id", "company_id", "date"],
        "crm.lead": ["competitor_ids", "partner_id", "company_id", "create_date"],
        "crm.rfm.score": ["partner_id", "company_id", "revenue"],
        "res.partner": ["commercial_partner_id", "company_id"],
    }

    partner_id = fields.Many2one(readonly=True)
    company_id = fields.Many2one(readonly=True)
    competitor_id = fields.Many2one("crm.competitor", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")
    country_id = fields.Many2one(related="partner_id.country_id")
    on_contact = fields.Boolean(
        readonly=True, help="The competitor is on the customer or one of its contacts."
    )
    lead_count = fields.Integer(
        string="Leads",
        readonly=True,
        help="Leads and opportunities of the customer with the competitor.",
    )
    interaction_count = fields.Integer(
        string="Interactions",
        readonly=True,
        help="Interactions in which the competitor came up.",
    )
    last_date = fields.Date(
        string="Last Seen",
        readonly=True,
        help="Day of the last interaction with the competitor, or on which the last lead "
        "was created.",
    )
    revenue = fields.Monetary(
        readonly=True,
        help="What the customer bought in the lookback period, untaxed and net of refunds.",
    )

    @property
    def _table_query(self):
        for model in (
            "crm.competitor",
            "crm.lead",
            "crm.interaction",
            "res.partner",
            "crm.rfm.score",
        ):
            self.env[model].flush_model()
        return SQL(
            """
            SELECT (found.partner_id::bigint * %(competitors)s + found.competitor_id)
                       * %(companies)s + found.company_id AS id,
                   found.*, COALESCE(score.revenue, 0) AS revenue
              FROM (
                    SELECT contact.commercial_partner_id AS partner_id,
                           known.competitor_id, company.id AS company_id,
                           bool_or(known.source = 'contact') AS on_contact,
                           (count(*) FILTER (WHERE known.source = 'lead'))::int
                               AS lead_count,
                           (count(*) FILTER (WHERE known.source = 'interaction'))::int
                               AS interaction_count,
                           max((known.date AT TIME ZONE 'UTC' AT TIME ZONE
                                COALESCE(company_partner.tz, 'UTC'))::date) AS last_date
                      FROM (
                            SELECT tag.competitor_id, tag.partner_id, own.company_id,
                                   'contact' AS source, NULL::timestamp AS date
                              FROM crm_competitor_partner_rel AS tag
                              JOIN res_partner AS own ON own.id = tag.partner_id
                         UNION ALL
                            SELECT tag.competitor_id, lead.partner_id, lead.company_id,
                                   'lead', lead.create_date
                              FROM crm_competitor_lead_rel AS tag
                              JOIN crm_lead AS lead ON lead.id = tag.lead_id
                         UNION ALL
                            SELECT tag.competitor_id, interaction.partner_id,
                                   interaction.company_id, 'interaction',
                                   interaction.date
                              FROM crm_competitor_interaction_rel AS tag
                              JOIN crm_interaction AS interaction
                                ON interaction.id = tag.interaction_id
                           ) AS known
                      JOIN res_partner AS contact ON contact.id = known.partner_id
                      JOIN crm_competitor AS competitor
                        ON competitor.id = known.competitor_id
                      JOIN res_company AS company
                        ON company.id = ANY(%(company_ids)s)
                       AND company.id = COALESCE(known.company_id, company.id)
                       AND company.id = COALESCE(competitor.company_id, company.id)
                      JOIN res_partner AS company_partner
                        ON company_partner.id = company.partner_id
                  GROUP BY contact.commercial_partner_id, known.competitor_id, company.id
                   ) AS found
         LEFT JOIN crm_rfm_score AS score
                ON score.partner_id = found.partner_id
               AND score.company_id = found.company_id
            """,
            competitors=COMPETITORS,
            companies=COMPANIES,
            company_ids=self.env.companies.ids,
        )
