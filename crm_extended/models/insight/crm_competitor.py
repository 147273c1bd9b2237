from odoo import Command, api, fields, models
from odoo.tools import SQL

from ...analytics.common.intervals import wilson
from ..common.shared_company import check_company_domain_of_shared

DECIDED = ("won", "lost")


class CrmCompetitor(models.Model):
    """A competitor: a tag on leads, interactions and customers, with what was won and lost
    against it."""

    _name = "crm.competitor"
    _inherit = "crm.rechecked.record.mixin"
    _description = "Competitor"
    _order = "name, id"
    _check_company_domain = check_company_domain_of_shared

    name = fields.Char(required=True)
    color = fields.Integer()
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        index="btree_not_null",
        ondelete="cascade",
        help="Empty: a competitor of all companies.",
    )
    # The table is here, so that contacts have none: they read it with their score.
    partner_ids = fields.Many2many(
        "res.partner",
        "crm_competitor_partner_rel",
        "competitor_id",
        "partner_id",
        string="Customers with This Tag",
        copy=False,
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_results")
    won_count = fields.Integer(
        string="Leads Won",
        compute="_compute_results",
        help="Leads and opportunities with this competitor that your current company won.",
    )
    lost_count = fields.Integer(
        string="Leads Lost",
        compute="_compute_results",
        help="Those that it lost, to this competitor or another.",
    )
    open_count = fields.Integer(
        string="Open", compute="_compute_results", help="Those that are not decided."
    )
    won_amount = fields.Monetary(
        string="Amount Won",
        compute="_compute_results",
        help="Expected revenue of those that were won.",
    )
    lost_amount = fields.Monetary(
        string="Amount Lost",
        compute="_compute_results",
        help="Expected revenue of those that were lost.",
    )
    win_rate = fields.Float(
        compute="_compute_results",
        aggregator=None,
        help="Share of those won in all that were won or lost.",
    )
    win_rate_text = fields.Char(
        string="95% Interval",
        compute="_compute_results",
        help="Where the true win rate is likely to be. It is wide while few leads are "
        "decided.",
    )
    customer_count = fields.Integer(
        string="Customers",
        compute="_compute_customer_count",
        help="Customers in contact with this competitor: with its tag on the customer or a "
        "contact, on a lead or an interaction.",
    )

    _unique_name = models.UniqueIndex(
        "(lower(name), COALESCE(company_id, 0))", "This competitor already exists."
    )

    @api.model
    def _ids_of_customer(self, customer: SQL) -> SQL:
        """The competitors of a customer and of its contacts, in the current company, as an
        array."""
        return SQL(
            """
            (SELECT array_agg(DISTINCT tag.competitor_id)
               FROM res_partner AS tagged
               JOIN crm_competitor_partner_rel AS tag ON tag.partner_id = tagged.id
               JOIN crm_competitor AS competitor ON competitor.id = tag.competitor_id
              WHERE tagged.commercial_partner_id = %s AND competitor.active
                AND COALESCE(competitor.company_id, %s) = %s)
            """,
            customer,
            *[self.env.company.id] * 2,
        )

    @api.model
    def _tag_customers(self, wanted):
        """Keep what users enter on contacts that they may write.

        :param wanted: the competitors of customers (commercial entities)
        """
        customers = self.env["res.partner"].union(*wanted)
        tagged = [("partner_ids.commercial_partner_id", "in", customers.ids)]
        known = self.search(tagged)
        (known | self.union(*wanted.values())).check_access("read")
        # sudo: whoever may write the contact may choose from competitors that they see.
        for competitor in (known | self.union(*wanted.values())).sudo():
            before = competitor.partner_ids.filtered(
                lambda one: one.commercial_partner_id in customers.sudo()
            )
            after = customers.sudo().filtered(
                lambda one, competitor=competitor: (
                    competitor.sudo(False) in wanted[one.sudo(False)]
                )
            )
            gone = before.filtered(
                lambda one, after=after: one.commercial_partner_id not in after
            )
            new = after - before.commercial_partner_id
            if gone or new:
                competitor.partner_ids = [
                    *(Command.unlink(id_) for id_ in gone.ids),
                    *(Command.link(id_) for id_ in new.ids),
                ]
        self.env["res.partner"].invalidate_model(["competitor_ids"], flush=False)

    @api.depends_context("company", "uid", "lang")
    def _compute_results(self):
        """Of leads that the user may see, in their current company."""
        reports = self.env["crm.competitor.report"].with_context(
            allowed_company_ids=self.env.company.ids
        )
        found = {
            (competitor.id, status): (count, amount or 0.0)
            for competitor, status, count, amount in reports._read_group(
                self._of_company(),
                ["competitor_id", "won_status"],
                ["__count", "amount:sum"],
            )
        }
        nothing = (0, 0.0)
        for competitor in self:
            id_ = competitor._origin.id
            won, won_amount = found.get((id_, "won"), nothing)
            lost, lost_amount = found.get((id_, "lost"), nothing)
            competitor.currency_id = self.env.company.currency_id
            competitor.won_count, competitor.won_amount = won, won_amount
            competitor.lost_count, competitor.lost_amount = lost, lost_amount
            competitor.open_count = found.get((id_, "pending"), nothing)[0]
            decided = won + lost
            competitor.win_rate = won / decided if decided else 0.0
            competitor.win_rate_text = (
                self._interval_text(won, decided) if decided else False
            )

    def _of_company(self) -> list:
        return [
            ("competitor_id", "in", self.ids),
            ("company_id", "=", self.env.company.id),
        ]

    def _interval_text(self, won, decided) -> str:
        low, high = wilson(won, decided)
        return self.env._(
            "%(low)s%% to %(high)s%%", low=round(100 * low), high=round(100 * high)
        )

    @api.depends_context("company", "uid")
    def _compute_customer_count(self):
        customers = self.env["crm.competitor.customer"].with_context(
            allowed_company_ids=self.env.company.ids
        )
        counts = dict(
            customers._read_group(self._of_company(), ["competitor_id"], ["__count"])
        )
        for competitor in self:
            competitor.customer_count = counts.get(competitor._origin, 0)

    def action_open_leads(self):
        """Open the leads and opportunities with the competitor."""
        return self._action_open("crm_extended.crm_competitor_report_action")

    def action_open_customers(self):
        """Open the customers in contact with the competitor."""
        return self._action_open("crm_extended.crm_competitor_customer_action")

    def _action_open(self, name):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(name)
        return {**action, "domain": [("competitor_id", "=", self.id)]}
