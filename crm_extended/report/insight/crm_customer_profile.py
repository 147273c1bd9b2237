from collections.abc import Callable

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...models.care.crm_care_satisfaction import FACES
from ...models.care.groups import USE_CARE
from ...models.common.bulk_sql import tune_for_bulk
from ...models.insight.groups import SEE_MARGIN, USE_INSIGHT
from ...models.interaction.groups import USE_TIMELINE
from ...models.rfm.empty_help import scores_help
from .profile_queries import (
    categories_query,
    channels_query,
    competitors_query,
    deciles_query,
    margins_query,
    satisfaction_query,
    sizes_query,
)

# Ages as a customer, from the youngest, each below the months since the first purchase.
AGES = (("new", 3), ("year", 12), ("two", 24), ("five", 60))


class CrmCustomerProfile(models.Model):
    """Who the customers are: a row for each score, with what is known of its customer.

    Customers who refused profiling have none. Everything is of today. What the score does
    not tell is joined only to queries that ask for it, see :meth:`_get_profile_queries`;
    such fields are not prefetched, so that reading another one asks for none of them.

    What the page shows is in ``crm_customer_profile_page.py``.
    """

    _name = "crm.customer.profile"
    _inherit = [
        "crm.customer.record.mixin",
        "crm.insight.dimension.mixin",
        "crm.lifecycle.dimension.mixin",
    ]
    _description = "Customer Profile"
    _auto = False
    _rec_name = "partner_id"
    _order = "revenue desc, id"
    _ordered_selections = (
        "lifecycle_stage",
        "active_band",
        "decile",
        "customer_size",
        "customer_age",
        "satisfaction",
    )
    _depends = {
        "crm.rfm.score": ["partner_id", "company_id", "revenue", "first_date"],
        "crm.customer.product": ["partner_id", "company_id", "amount"],
        "crm.care.satisfaction": ["case_id", "partner_id", "rating_text", "date"],
        "crm.care.case": ["company_id"],
        "product.template": ["categ_id"],
        "res.partner": [
            "commercial_partner_id",
            "parent_id",
            "is_company",
            "active",
            "type",
            "country_id",
            "industry_id",
            "user_id",
        ],
    }

    partner_id = fields.Many2one(readonly=True)
    company_id = fields.Many2one(readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")
    country_id = fields.Many2one(related="partner_id.country_id")
    industry_id = fields.Many2one(related="partner_id.industry_id", string="Industry")
    forecast_id = fields.Many2one(
        "crm.forecast",
        compute="_compute_forecast_id",
        search="_search_forecast_id",
        groups=USE_INSIGHT,
    )
    active_band = fields.Selection(
        related="forecast_id.active_band",
        string="Activity",
        groups=USE_INSIGHT,
        help="How likely they are still active: the risk of losing them.",
    )
    first_date = fields.Date(string="First Purchase", readonly=True)
    last_date = fields.Date(string="Last Purchase", readonly=True)
    customer_age = fields.Selection(
        [
            ("new", "Under 3 months"),
            ("year", "3 to 12 months"),
            ("two", "1 to 2 years"),
            ("five", "2 to 5 years"),
            ("old", "5 years or more"),
        ],
        string="Customer For",
        readonly=True,
        help="Time since the first purchase.",
    )
    customer_size = fields.Selection(
        [
            ("person", "Person"),
            ("one", "Company, up to 1 contact"),
            ("few", "2 to 5 contacts"),
            ("several", "6 to 20 contacts"),
            ("many", "More than 20 contacts"),
        ],
        string="Size",
        readonly=True,
        prefetch=False,
        help="By the number of people among the customer's contacts, without addresses "
        "and archived ones. Odoo knows neither employees nor turnover of a company.",
    )
    decile = fields.Selection(
        lambda self: self._get_deciles(),
        string="Rank by Revenue",
        readonly=True,
        prefetch=False,
        help="Customers with purchases in the lookback period, ranked by revenue and "
        "divided into ten groups of equal size, among the customers you can see. Empty "
        "for customers without purchases in that period.",
    )
    channel = fields.Selection(
        lambda self: self.env["crm.preferred.channel"]._get_channels(),
        string="Preferred Channel",
        readonly=True,
        prefetch=False,
        groups=USE_TIMELINE,
    )
    categ_id = fields.Many2one(
        "product.category",
        string="Main Product Category",
        readonly=True,
        prefetch=False,
        help="The category with the customer's highest revenue of all time.",
    )
    satisfaction = fields.Selection(
        FACES,
        string="Last Satisfaction",
        readonly=True,
        prefetch=False,
        groups=USE_CARE,
        help="The customer's last answer to how satisfied they were with a service case.",
    )
    competitor_id = fields.Many2one(
        "crm.competitor",
        string="Last Competitor",
        readonly=True,
        prefetch=False,
        help="Of several competitors, the one that came up last.",
    )
    customer_count = fields.Integer(string="Customers", readonly=True)
    share = fields.Float(
        string="Share of All Customers",
        compute="_compute_share",
        aggregator="sum",
        help="Share of all customers you can see, whatever is filtered.",
    )
    revenue = fields.Monetary(
        readonly=True, help="Untaxed and net of refunds, in the lookback period."
    )
    margin = fields.Monetary(
        readonly=True,
        prefetch=False,
        groups=SEE_MARGIN,
        help="Revenue with cost, less cost, in the lookback period; empty if the margin "
        "is unknown.",
    )

    @api.model
    def _get_deciles(self):
        labels = [
            self.env._("%(low)s%% to %(high)s%%", low=low, high=low + 10)
            for low in range(10, 100, 10)
        ]
        labels.insert(0, self.env._("Top 10%"))
        return [(str(number), label) for number, label in enumerate(labels, 1)]

    @api.model
    def _get_customer_joins(self):
        return super()._get_customer_joins() | {"forecast_id": ("crm.forecast", "id")}

    @api.depends("partner_id", "company_id")
    def _compute_forecast_id(self):
        self._compute_customer_join("forecast_id")

    def _search_forecast_id(self, operator, value):
        return self._search_customer_join("forecast_id", operator, value)

    # -- Rows

    @property
    def _table_query(self):
        tune_for_bulk(self.env)
        policy = self.env["crm.contact.policy"]
        policy._flush_what_is_read()
        return SQL(
            """
            SELECT score.id, score.partner_id, score.company_id, 1 AS customer_count,
                   score.first_date, score.last_date, score.revenue,
                   %(age)s AS customer_age
              FROM crm_rfm_score AS score
             WHERE score.company_id = ANY(%(companies)s) AND %(allowed)s
            """,
            age=self._age_sql(),
            companies=self.env.companies.ids,
            allowed=policy._answered_company(
                # sudo: only which answers are asked for.
                self.env.ref("crm_extended.purpose_profiling").sudo(),
                SQL("score.partner_id"),
                SQL("score.company_id"),
            ),
        )

    @api.model
    def _age_sql(self) -> SQL:
        today = fields.Date.context_today(self)
        return SQL(
            "CASE WHEN score.first_date IS NULL THEN NULL %s ELSE 'old' END",
            SQL(" ").join(
                SQL(
                    "WHEN score.first_date > %s THEN %s",
                    today - relativedelta(months=months),
                    key,
                )
                for key, months in AGES
            ),
        )

    @api.model
    def _get_profile_queries(self) -> dict[str, Callable]:
        """What else is known of customers, by the names of fields of this model: the hook
        for further ones, such as an index of satisfaction.

        :return: functions of an environment and a company that give a query with at most
            one row for a customer, with ``partner_id``, ``company_id`` and the field's
            column
        """
        return {
            "customer_size": sizes_query,
            "decile": deciles_query,
            "channel": channels_query,
            "categ_id": categories_query,
            "satisfaction": satisfaction_query,
            "competitor_id": competitors_query,
            "margin": margins_query,
        }

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr == "share":
            return SQL("(1 / NULLIF(%s, 0)::float8)", self._count_all())
        make_query = self._get_profile_queries().get(field_expr)
        if query is None or not make_query:
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        joined = query.make_alias(alias, f"known_{field_expr}")
        if joined not in query._joins:
            rows = SQL(" UNION ALL ").join(
                SQL("(%s)", make_query(self.env, company))
                # sudo: settings of companies that the user works in.
                for company in self.env.companies.sudo()
            )
            query.add_join(
                "LEFT JOIN",
                joined,
                SQL("(%s)", rows),
                SQL(
                    "%s = %s AND %s = %s",
                    SQL.identifier(alias, "partner_id"),
                    SQL.identifier(joined, "partner_id"),
                    SQL.identifier(alias, "company_id"),
                    SQL.identifier(joined, "company_id"),
                ),
            )
        return SQL.identifier(joined, field_expr)

    @api.model
    def _count_all(self) -> int:
        """How many customers the user may see in the companies they work in."""
        return self.search_count([])

    def _compute_share(self):
        total = self._count_all()
        for row in self:
            row.share = 1 / total if total else 0.0

    # -- Buttons

    def action_add_to_list(self):
        """Put the customers of the chosen rows on a customer list, or take them off."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended.crm_customer_list_wizard_action"
        )
        return {**action, "context": {"default_partner_ids": self.partner_id.ids}}

    @api.model
    def get_empty_list_help(self, help_message):
        return scores_help(self.env, super().get_empty_list_help(help_message))
