from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from ...models.common.client_actions import CLOSE, notification
from ...models.interaction.groups import USE_TIMELINE
from ...models.rfm.empty_help import scores_help

_lt = LazyTranslate(__name__)

# Names of nothing are exported for translation only where they are marked.
NEW = _lt("New")
NO_SEGMENT = _lt("No Segment")
DEFAULT_PERIOD = relativedelta(months=3)


class CrmRfmMovement(models.Model):
    """The score of each customer on one day, and on a later one.

    Both days come from the context (``rfm_date_from``, ``rfm_date_to``, ISO strings).
    When left out, they are three months ago, or the first known day where history is
    shorter, and today. A score of the past is found backwards: it is the old side of the
    first score change after that day, or today's where there is none. Companies whose
    history starts after the first day are left out.
    """

    _name = "crm.rfm.movement"
    _inherit = ["crm.customer.record.mixin", "crm.rfm.history.mixin"]
    _description = "Segment Flow"
    _auto = False
    _rec_name = "partner_id"
    _order = "new_monetary_score desc, revenue desc, id"
    _depends = {
        "crm.rfm.score": [
            "partner_id",
            "company_id",
            "segment_id",
            "code",
            "recency_score",
            "frequency_score",
            "monetary_score",
            "revenue",
            "last_date",
        ],
        "crm.rfm.change": [
            "partner_id",
            "company_id",
            "date",
            "old_code",
            "old_segment_id",
            "old_recency_score",
            "old_frequency_score",
            "old_monetary_score",
        ],
    }

    partner_id = fields.Many2one(readonly=True)
    company_id = fields.Many2one(readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    old_segment_id = fields.Many2one(
        "crm.rfm.segment", string="From Segment", readonly=True, falsy_value_label=NEW
    )
    new_segment_id = fields.Many2one(
        "crm.rfm.segment",
        string="To Segment",
        readonly=True,
        falsy_value_label=NO_SEGMENT,
    )
    old_segment_color = fields.Integer(
        related="old_segment_id.color",
        string="Old Segment Color",
        aggregator=None,
    )
    new_segment_color = fields.Integer(
        related="new_segment_id.color",
        string="New Segment Color",
        aggregator=None,
    )
    action = fields.Text(related="new_segment_id.action")
    old_code = fields.Char(string="Old RFM", readonly=True)
    new_code = fields.Char(string="New RFM", readonly=True)
    recency_change = fields.Integer(string="R Change", readonly=True, aggregator="avg")
    frequency_change = fields.Integer(
        string="F Change", readonly=True, aggregator="avg"
    )
    monetary_change = fields.Integer(string="M Change", readonly=True, aggregator="avg")
    new_monetary_score = fields.Integer(string="M", readonly=True, aggregator="avg")
    revenue = fields.Monetary(readonly=True)
    last_date = fields.Date(string="Last Purchase", readonly=True)
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")
    last_contact_date = fields.Date(
        string="Last Interaction",
        compute="_compute_last_contact_date",
        groups=USE_TIMELINE,
        help="Date of the last interaction with the customer, as shown on the contact.",
    )

    profiling_refused = fields.Boolean(
        compute="_compute_profiling_refused",
        search="_search_profiling_refused",
        help="The customer refused profiling by the company of this row.",
    )

    @api.model
    def _dates(self):
        """The two days that are compared, the earlier one first."""
        today = fields.Date.context_today(self)
        date_to = fields.Date.to_date(self.env.context.get("rfm_date_to")) or today
        date_from = fields.Date.to_date(self.env.context.get("rfm_date_from"))
        if not date_from:
            date_from = date_to - DEFAULT_PERIOD
            known = min(filter(None, self._history_starts().values()), default=None)
            if known and date_from < known < date_to:
                date_from = known
        return min(date_from, date_to), max(date_from, date_to)

    @api.model
    def _history_days(self):
        return self._dates()

    @api.model
    def _shows_history(self, starts):
        date_from, _date_to = self._dates()
        return min(starts) <= date_from

    @api.model
    @api.readonly
    def get_history(self):
        """As for each report on past scores, and ``ranks``: how good the customers of a
        segment are, to tell up from down; ``left_out``: how many customers the watch list
        leaves out because they refused profiling."""
        segments = self.env["crm.rfm.segment"].with_context(active_test=False)
        return super().get_history() | {
            "ranks": {
                segment.id: segment._get_rank() for segment in segments.search([])
            },
            "left_out": self.env.context.get("is_watch_list")
            and self.search_count(
                [
                    *("|", ("recency_change", "<", 0), ("frequency_change", "<", 0)),
                    ("profiling_refused", "=", True),
                ]
            ),
        }

    @property
    def _table_query(self):
        date_from, date_to = self._dates()
        return SQL(
            """
            WITH past AS (%(past)s), recent AS (%(recent)s), start AS (%(starts)s)
            SELECT score.id, score.partner_id, score.company_id, score.last_date,
                   score.revenue,
                   %(old_segment)s AS old_segment_id,
                   %(new_segment)s AS new_segment_id,
                   %(old_code)s AS old_code,
                   %(new_code)s AS new_code,
                   %(new_monetary)s AS new_monetary_score,
                   %(new_recency)s - %(old_recency)s AS recency_change,
                   %(new_frequency)s - %(old_frequency)s AS frequency_change,
                   %(new_monetary)s - %(old_monetary)s AS monetary_change
              FROM crm_rfm_score AS score
              JOIN start ON start.company_id = score.company_id
                        AND start.day <= %(date_from)s
         LEFT JOIN past ON past.partner_id = score.partner_id
                       AND past.company_id = score.company_id
         LEFT JOIN recent ON recent.partner_id = score.partner_id
                         AND recent.company_id = score.company_id
                -- Customers who came after both days are not among the compared.
             WHERE recent.id IS NULL
                OR recent.old_code IS NOT NULL
                OR past.old_code IS NOT NULL
            """,
            starts=self._history_starts_sql(),
            date_from=date_from,
            past=self._first_moves_after(date_from),
            recent=self._first_moves_after(date_to),
            old_segment=self._at("past", "segment_id"),
            new_segment=self._at("recent", "segment_id"),
            old_code=self._at("past", "code"),
            new_code=self._at("recent", "code"),
            old_recency=self._at("past", "recency_score"),
            new_recency=self._at("recent", "recency_score"),
            old_frequency=self._at("past", "frequency_score"),
            new_frequency=self._at("recent", "frequency_score"),
            old_monetary=self._at("past", "monetary_score"),
            new_monetary=self._at("recent", "monetary_score"),
        )

    @api.model
    def _first_moves_after(self, day) -> SQL:
        return SQL(
            """
            SELECT DISTINCT ON (partner_id, company_id) *
              FROM crm_rfm_change
             WHERE date > %s
          ORDER BY partner_id, company_id, date, id
            """,
            day,
        )

    @staticmethod
    def _at(alias: str, column: str) -> SQL:
        """A column as it was on the day of ``alias``."""
        return SQL(
            "CASE WHEN %s IS NULL THEN %s ELSE %s END",
            SQL.identifier(alias, "id"),
            SQL.identifier("score", column),
            SQL.identifier(alias, f"old_{column}"),
        )

    @api.depends("partner_id", "company_id")
    @api.depends_context("tz")
    def _compute_last_contact_date(self):
        for company, movements in self.grouped("company_id").items():
            # All at once, so that it is one query.
            partners = movements.partner_id.with_company(company)
            last = {partner.id: partner.last_contact_date for partner in partners}
            for movement in movements:
                movement.last_contact_date = last.get(movement.partner_id.id)

    @api.depends("partner_id", "company_id")
    def _compute_profiling_refused(self):
        policy = self.env["crm.contact.policy"]
        for company, movements in self.grouped("company_id").items():
            refusing = policy.with_company(company)._refusing_profiling(
                movements.partner_id
            )
            for movement in movements:
                movement.profiling_refused = movement.partner_id in refusing

    @api.model
    def _search_profiling_refused(self, operator, value):
        if operator != "in":
            return NotImplemented
        policy = self.env["crm.contact.policy"]
        refused = policy._profiling_refused_rows("partner_id", "company_id")
        return Domain.OR(refused if each else ~refused for each in set(value))

    def action_schedule_activities(self):
        """Give the salesperson of each customer a call to make, due today."""
        call = self.env.ref("mail.mail_activity_data_call")
        self.env["mail.activity"].create(
            [
                {
                    "activity_type_id": call.id,
                    "res_model_id": self.env["ir.model"]._get_id("res.partner"),
                    "res_id": movement.partner_id.id,
                    "user_id": (movement.user_id or self.env.user).id,
                    "summary": self.env._(
                        "%(before)s → %(now)s",
                        before=movement.old_code or "–",
                        now=movement.new_code or "–",
                    ),
                    "note": movement.action,
                }
                for movement in self
            ]
        )
        return notification(
            self.env._("%s activities scheduled for salespeople.", len(self)),
            next=CLOSE,
        )

    @api.model
    def get_empty_list_help(self, help_message):
        return scores_help(self.env, super().get_empty_list_help(help_message))
