from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...analytics.insight.lifecycle import UNUSUAL
from ...analytics.insight.trap import (
    LEAST_ACTIVE,
    LEAST_NPS,
    LEAST_RATING,
    LEAST_RATIO,
)
from ...models.agenda.allowed_channels import purposes_of
from ...models.common.empty_help import HelpButton, extend_help
from ...models.common.local_time import local_sql
from ...models.insight.forecast_of_today import active_sql
from ...models.insight.known_fields import NeverZeroFloat

# So long what a customer said counts.
MONTHS = 12


class CrmSatisfactionTrap(models.Model):
    """Customers who said that they are satisfied, and do not buy again although nothing is
    open with them: they left without a complaint.

    What counts is the latest answer of the customer in 12 months, of a survey or a service
    case. ``analytics/insight/trap.py`` has the rule. Computed when it is read.
    """

    _name = "crm.satisfaction.trap"
    _inherit = [
        "crm.customer.record.mixin",
        "crm.insight.dimension.mixin",
        "crm.satisfaction.said.mixin",
    ]
    _said_columns = ("rating", "nps", "ratio")
    _description = "Satisfied, Not Buying Again"
    _auto = False
    _rec_name = "partner_id"
    _order = "days_since desc, id"
    _depends = {
        "crm.satisfaction.answer": ["partner_id", "company_id", "date", "nps"],
        "crm.care.satisfaction": ["partner_id", "company_id", "date", "rating", "nps"],
        "crm.lifecycle": ["partner_id", "company_id", "last_date", "median_interval"],
    }

    partner_id = fields.Many2one(readonly=True)
    company_id = fields.Many2one(readonly=True)
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")
    said_date = fields.Date(string="Said On", readonly=True)
    rating = fields.Integer(
        readonly=True, aggregator=None, help="1 unhappy, 3 neutral, 5 happy."
    )
    nps = fields.Integer(
        string="Would Recommend",
        readonly=True,
        aggregator=None,
        help="0 not at all to 10 most likely.",
    )
    has_nps = fields.Boolean(string="Was Asked to Recommend", readonly=True)
    ratio = fields.Float(
        string="Perceived / Expected", readonly=True, aggregator=None, digits=(16, 2)
    )
    said_text = fields.Char(string="What They Said", compute="_compute_said_text")
    last_date = fields.Date(string="Last Purchase", readonly=True)
    days_since = fields.Integer(
        string="Days Since Last Purchase", readonly=True, aggregator="avg"
    )
    median_interval = fields.Float(
        string="Median Interval (Days)",
        readonly=True,
        aggregator=None,
        digits=(16, 1),
        help="Half of the intervals between purchase days are shorter, half are longer.",
    )
    p_active = NeverZeroFloat(
        string="Active Probability",
        readonly=True,
        aggregator=None,
        help="How likely it is that they still buy. Empty without a forecast.",
    )
    date = fields.Date(
        string="Since",
        readonly=True,
        help="The day on which they were satisfied and away: that of the answer, or when "
        "twice their own interval had passed.",
    )

    @property
    def _table_query(self):
        for name in (
            "crm.satisfaction.answer",
            "crm.care.satisfaction",
            "crm.care.case",
            "crm.consent",
            "crm.consent.purpose",
            "crm.forecast",
            "crm.lead",
            "crm.lifecycle",
            "res.partner",
            "sale.order",
        ):
            self.env[name].flush_model()
        return SQL(" UNION ALL ").join(
            SQL("(%s)", self._query_of(company)) for company in self.env.companies
        )

    def _query_of(self, company) -> SQL:
        today = fields.Date.context_today(self)
        # sudo: the parameters of models, for figures of customers whom the user sees.
        models_ = self.env["crm.forecast.model"].sudo()._get_parameters()
        policy = self.env["crm.contact.policy"].with_company(company)
        return SQL(
            """
            SELECT lifecycle.id, lifecycle.partner_id, lifecycle.company_id,
                   %(said_day)s AS said_date, said.rating, said.nps,
                   said.nps IS NOT NULL AS has_nps, said.ratio::float8 AS ratio,
                   lifecycle.last_date, %(today)s - lifecycle.last_date AS days_since,
                   lifecycle.median_interval, active.p AS p_active,
                   CASE WHEN %(is_late)s
                        THEN GREATEST(%(said_day)s, lifecycle.last_date + 1
                                      + floor(%(unusual)s * lifecycle.median_interval)::int)
                        ELSE %(said_day)s END AS date
              FROM (SELECT DISTINCT ON (partner_id) *
                      FROM (%(said)s) AS said
                  ORDER BY partner_id, date DESC
                   ) AS said
              JOIN crm_lifecycle AS lifecycle
                ON lifecycle.partner_id = said.partner_id
               AND lifecycle.company_id = %(company_id)s
         LEFT JOIN crm_forecast AS forecast
                ON forecast.partner_id = said.partner_id
               AND forecast.company_id = %(company_id)s
        CROSS JOIN LATERAL (SELECT %(active)s AS p) AS active
             WHERE (said.rating >= %(rating)s OR said.nps >= %(nps)s
                    OR said.ratio >= %(ratio)s::numeric)
               AND (%(is_late)s OR active.p < %(least)s::float8)
               AND %(profiling)s AND %(nothing_open)s
            """,
            today=SQL("%s::date", today),
            said_day=SQL("%s::date", local_sql(company, SQL("said.date"))),
            is_late=SQL(
                "COALESCE(%s::date - lifecycle.last_date"
                " > %s * NULLIF(lifecycle.median_interval, 0), FALSE)",
                today,
                UNUSUAL,
            ),
            unusual=UNUSUAL,
            said=self._said(company),
            company_id=company.id,
            active=active_sql("forecast", models_, today),
            rating=LEAST_RATING,
            nps=LEAST_NPS,
            ratio=str(LEAST_RATIO),
            least=LEAST_ACTIVE,
            profiling=policy._answered(
                purposes_of(self.env)["profiling"], person=SQL("said.partner_id")
            ),
            nothing_open=self._nothing_open(company),
        )

    def _said(self, company) -> SQL:
        """What customers said about a company: customer, moment, rating, recommendation and
        perceived over expected, each NULL where it was not asked. An answer to none of
        them is one, too: it replaces what was said before."""
        since = fields.Datetime.now() - relativedelta(months=MONTHS)
        parts = [
            SQL(
                """
                SELECT partner_id, date, NULL::int AS rating,
                       CASE WHEN nps_group IS NOT NULL THEN nps END AS nps,
                       perceived::numeric / NULLIF(expected, 0) AS ratio
                  FROM crm_satisfaction_answer
                 WHERE partner_id IS NOT NULL AND company_id = %s AND date > %s
                """,
                company.id,
                since,
            )
        ]
        if self.env["crm.feature"]._is_on("care"):
            parts.append(
                SQL(
                    """
                    SELECT contact.commercial_partner_id, answer.date,
                           NULLIF(answer.rating, 0),
                           CASE WHEN answer.nps_group IS NOT NULL THEN answer.nps END,
                           answer.perceived::numeric / NULLIF(answer.expected, 0)
                      FROM crm_care_satisfaction AS answer
                      JOIN res_partner AS contact ON contact.id = answer.partner_id
                     WHERE answer.company_id = %s AND answer.date > %s
                       AND (answer.rating > 0 OR answer.nps_group IS NOT NULL
                            OR answer.expected > 0)
                    """,
                    company.id,
                    since,
                )
            )
        return SQL(" UNION ALL ").join(parts)

    def _nothing_open(self, company) -> SQL:
        """Whether a customer has no open opportunity, quotation, order or case.

        An order is open until all of it is invoiced. Where orders are the purchases, it is
        open until it counts as one.
        """
        if company.rfm_source == "sale":
            ordered = SQL("document.date_order >= lifecycle.last_date + 1")
        else:
            ordered = SQL(
                "COALESCE(document.invoice_status, 'no') IN ('no', 'to invoice')"
            )
        documents = [
            SQL(
                """
                SELECT FROM res_partner AS person
                  JOIN crm_lead AS document ON document.partner_id = person.id
                 WHERE person.commercial_partner_id = said.partner_id
                   AND document.active AND document.won_status = 'pending'
                   AND (document.company_id IS NULL OR document.company_id = %s)
                """,
                company.id,
            ),
            SQL(
                """
                SELECT FROM res_partner AS person
                  JOIN sale_order AS document ON document.partner_id = person.id
                 WHERE person.commercial_partner_id = said.partner_id
                   AND (document.state IN ('draft', 'sent')
                        OR document.state = 'sale' AND %s)
                   AND document.company_id = %s
                """,
                ordered,
                company.id,
            ),
        ]
        if self.env["crm.feature"]._is_on("care"):
            documents.append(
                SQL(
                    """
                    SELECT FROM res_partner AS person
                      JOIN crm_care_case AS document ON document.partner_id = person.id
                      JOIN crm_care_stage AS stage ON stage.id = document.stage_id
                     WHERE person.commercial_partner_id = said.partner_id
                       AND document.active AND stage.outcome IN ('open', 'waiting')
                       AND document.company_id = %s
                    """,
                    company.id,
                )
            )
        return SQL(" AND ").join(SQL("NOT EXISTS (%s)", each) for each in documents)

    @api.depends("rating", "nps", "has_nps", "ratio")
    @api.depends_context("lang")
    def _compute_said_text(self):
        for row in self:
            row.said_text = row._in_words(
                row.rating, row.has_nps and row.nps, row.ratio
            )

    @api.model
    def _in_words(self, rating, nps, ratio) -> str:
        """What a customer said, in words.

        :param nps: False or None where they were not asked
        """
        words = []
        if rating:
            words.append(self.env._("rated %s of 5", rating))
        if nps is not False and nps is not None:
            words.append(self.env._("would recommend: %s of 10", nps))
        if ratio:
            words.append(self.env._("perceived / expected: %s", f"{ratio:.2f}"))
        return ", ".join(words)

    # -- What one can do

    def action_add_to_list(self):
        """Put the customers on a customer list."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended.crm_customer_list_wizard_action"
        )
        return {**action, "context": self._customers_context()}

    def action_schedule_call(self):
        """Schedule a call with each of the customers."""
        call = self.env.ref("mail.mail_activity_data_call", raise_if_not_found=False)
        context = self._customers_context()
        if call:
            context["default_activity_type_id"] = call.id
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Schedule Call"),
            "res_model": "mail.activity.schedule",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": context,
        }

    def _customers_context(self) -> dict:
        self.check_access("read")
        ids = self.partner_id.ids
        return {
            "active_model": "res.partner",
            "active_ids": ids,
            "active_id": ids and ids[0],
        }

    @api.model
    def get_empty_list_help(self, help_message):
        button = HelpButton(
            self.env._("Open the Satisfaction Index"),
            "crm_extended.crm_satisfaction_report_action",
        )
        return extend_help(super().get_empty_list_help(help_message), [button])
