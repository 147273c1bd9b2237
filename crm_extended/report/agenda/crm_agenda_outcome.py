from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...models.common.crm_company_job_mixin import KEEP_DAYS
from ...models.purchase.crm_customer_transaction import CrmCustomerTransaction

# What customers buy in so many days is looked at, and a customer who is listed on several
# of so many days is counted once.
DAYS = 14
# Any Monday: periods are counted from it.
EPOCH = "2000-01-03"


class CrmAgendaOutcome(models.Model):
    """What customers bought after lists of the day asked to contact them: those who were
    contacted, and those who were not.

    A customer counts once for each company and two weeks, from the day of the contact, or
    the first day of these on which they were listed. Only days whose two weeks are over
    are looked at, and customers whose reasons went away by themselves are left out.
    """

    _name = "crm.agenda.outcome"
    _inherit = "crm.customer.record.mixin"
    _description = "Purchases after a Day's List"
    _auto = False
    _rec_name = "partner_id"
    _order = "day desc, id desc"

    _depends = {
        **CrmCustomerTransaction._depends,
        "crm.agenda.item": ["partner_id", "company_id", "user_id", "day", "state"],
    }

    partner_id = fields.Many2one(readonly=True)
    company_id = fields.Many2one(readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(
        "res.users",
        string="Salesperson",
        readonly=True,
        help="On whose list they were.",
    )
    day = fields.Date(
        readonly=True, help="Day of the contact, or the first day on the list."
    )
    outcome = fields.Selection(
        [("contacted", "Contacted"), ("listed", "Listed, Not Contacted")], readonly=True
    )
    customers = fields.Integer(readonly=True, help="1 for each customer.")
    purchases = fields.Integer(
        readonly=True, help="Purchases from that day on, within 14 days."
    )
    buyers = fields.Integer(
        string="Customers with a Purchase",
        readonly=True,
        help="1 for a customer who bought within 14 days.",
    )
    share = fields.Float(
        string="Share with a Purchase", readonly=True, aggregator="avg"
    )
    revenue = fields.Monetary(
        readonly=True, help="Untaxed and net of refunds, within 14 days."
    )
    mean_revenue = fields.Monetary(
        string="Average per Customer", readonly=True, aggregator="avg"
    )

    @property
    def _table_query(self):
        today = fields.Date.context_today(self)
        return SQL(
            """
            WITH listed AS MATERIALIZED (
                SELECT min(item.id) AS id, item.company_id, item.partner_id,
                       (array_agg(item.user_id ORDER BY item.state = 'done' DESC,
                                  item.day, item.id))[1] AS user_id,
                       COALESCE(min(item.day) FILTER (WHERE item.state = 'done'),
                                min(item.day)) AS day,
                       bool_or(item.state = 'done') AS is_contacted
                  FROM crm_agenda_item AS item
              GROUP BY item.company_id, item.partner_id, (item.day - %(epoch)s::date) / %(days)s
                HAVING bool_or(item.state <> 'gone')
                   AND max(item.day) < %(until)s),
             bought AS (
                SELECT listed.id, sum(bought.amount) AS revenue,
                       count(DISTINCT bought.purchase_key)
                             FILTER (WHERE bought.is_purchase) AS purchases
                  FROM listed
                  JOIN (%(purchases)s) AS bought
                    ON bought.partner_id = listed.partner_id
                   AND bought.company_id = listed.company_id
                   AND bought.date BETWEEN listed.day AND listed.day + %(days)s
                 WHERE bought.date >= %(since)s AND bought.posted_date <= %(today)s
              GROUP BY listed.id)
            SELECT listed.id, listed.company_id, listed.partner_id, listed.user_id,
                   listed.day,
                   CASE WHEN listed.is_contacted THEN 'contacted' ELSE 'listed' END
                        AS outcome,
                   1 AS customers, COALESCE(bought.purchases, 0) AS purchases,
                   (COALESCE(bought.purchases, 0) > 0)::int AS buyers,
                   (COALESCE(bought.purchases, 0) > 0)::int::float8 AS share,
                   COALESCE(bought.revenue, 0) AS revenue,
                   COALESCE(bought.revenue, 0) AS mean_revenue
              FROM listed
         LEFT JOIN bought ON bought.id = listed.id
            """,
            epoch=EPOCH,
            days=DAYS,
            today=today,
            until=today - timedelta(days=DAYS),
            # Lists are kept as long.
            since=today - timedelta(days=KEEP_DAYS + DAYS),
            purchases=self.env["crm.customer.transaction"]._table_query,
        )

    @api.model
    @api.readonly
    def get_summary(self) -> dict:
        """What the page shows: both groups in the current company.

        :return: ``days``, and ``groups`` with ``outcome``, ``label``, ``customers``,
            ``buyers``, ``share``, ``revenue`` and ``mean_revenue``
        :raise AccessError: if the user is no sales manager
        """
        found = {
            outcome: values
            for outcome, *values in self._read_group(
                [("company_id", "=", self.env.company.id)],
                ["outcome"],
                [
                    "customers:sum",
                    "buyers:sum",
                    "share:avg",
                    "revenue:sum",
                    "mean_revenue:avg",
                ],
            )
        }
        labels = dict(self._fields["outcome"]._description_selection(self.env))
        names = ("customers", "buyers", "share", "revenue", "mean_revenue")
        return {
            "days": DAYS,
            "currency_id": self.env.company.currency_id.id,
            "groups": [
                {
                    "outcome": key,
                    "label": label,
                    **dict(zip(names, found.get(key, (0, 0, 0, 0, 0)), strict=True)),
                }
                for key, label in labels.items()
            ],
        }
