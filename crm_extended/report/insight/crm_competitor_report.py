from odoo import fields, models
from odoo.tools import SQL

# More competitors than anyone has.
COMPETITORS = 2**20


class CrmCompetitorReport(models.Model):
    """Leads and opportunities with a competitor: a row for each of both. Users see those
    whose lead they may read."""

    _name = "crm.competitor.report"
    _inherit = ["crm.parent.access.mixin", "crm.insight.dimension.mixin"]
    _description = "Wins and Losses"
    _auto = False
    _rec_name = "lead_id"
    _order = "id desc"
    _seen_with = "lead_id"
    _depends = {
        "crm.lead": [
            "competitor_ids",
            "partner_id",
            "company_id",
            "user_id",
            "team_id",
            "stage_id",
            "type",
            "lost_reason_id",
            "won_status",
            "date_closed",
            "expected_revenue",
        ],
        "res.partner": ["commercial_partner_id"],
    }

    competitor_id = fields.Many2one("crm.competitor", readonly=True)
    lead_id = fields.Many2one("crm.lead", string="Opportunity", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    stage_id = fields.Many2one("crm.stage", readonly=True)
    lost_reason_id = fields.Many2one("crm.lost.reason", readonly=True)
    type = fields.Selection(
        [("lead", "Lead"), ("opportunity", "Opportunity")], readonly=True
    )
    won_status = fields.Selection(
        [("won", "Won"), ("lost", "Lost"), ("pending", "Open")],
        string="Result",
        readonly=True,
    )
    date_closed = fields.Datetime(string="Closed On", readonly=True)
    amount = fields.Monetary(
        string="Expected Revenue", readonly=True, help="As entered on the lead."
    )
    won_amount = fields.Monetary(string="Amount Won", readonly=True)
    lost_amount = fields.Monetary(string="Amount Lost", readonly=True)
    win_rate = fields.Float(
        readonly=True,
        aggregator="avg",
        help="Share of those won in all that were won or lost.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT lead.id::bigint * %(competitors)s + tag.competitor_id AS id,
                   tag.competitor_id, lead.id AS lead_id,
                   customer.commercial_partner_id AS partner_id,
                   COALESCE(lead.company_id, %(company_id)s) AS company_id,
                   lead.user_id, lead.team_id, lead.stage_id, lead.lost_reason_id,
                   lead.type, lead.won_status, lead.date_closed,
                   lead.expected_revenue AS amount,
                   CASE WHEN lead.won_status = 'won' THEN lead.expected_revenue END
                       AS won_amount,
                   CASE WHEN lead.won_status = 'lost' THEN lead.expected_revenue END
                       AS lost_amount,
                   CASE lead.won_status WHEN 'won' THEN 1.0 WHEN 'lost' THEN 0.0 END
                       AS win_rate
              FROM crm_competitor_lead_rel AS tag
              JOIN crm_lead AS lead ON lead.id = tag.lead_id
         LEFT JOIN res_partner AS customer ON customer.id = lead.partner_id
            """,
            competitors=COMPETITORS,
            company_id=self.env.company.id,
        )

    def action_open_lead(self):
        """Open the lead or opportunity."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "crm.lead",
            "res_id": self.lead_id.id,
            "view_mode": "form",
        }
