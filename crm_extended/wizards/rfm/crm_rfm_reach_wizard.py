from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import formatLang

from ...analytics.rfm.pareto import share_of
from ...models.common.client_actions import notification
from ...models.common.formats import format_share

# Points of the curve: as many as can be told apart on a screen.
CURVE_POINTS = 40
# What the page opens with: one in five customers, but no more than a person can call.
DEFAULT_PERCENT = 20
MAX_DEFAULT = 100
# The customers chosen travel to the browser as a list of ids.
MAX_CONTACTS = 20_000


class CrmRfmReachWizard(models.TransientModel):
    """A page that asks how many customers can be contacted, and chooses those who will
    bring most: it opens with the answer for a fifth of them.

    The best customers have the highest expected revenue, see ``crm.rfm.pareto``; among
    equals, the older score comes first. Shares refer to the expected revenue of all
    customers of the company whom the user may see and who bought in the lookback period.
    """

    _name = "crm.rfm.reach.wizard"
    _description = "Plan a Campaign"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    contact_count = fields.Integer(
        string="Number of Customers",
        required=True,
        default=lambda self: self._default_contact_count(),
        help="The number of customers that you have the time or budget to contact.",
    )
    segment_ids = fields.Many2many(
        "crm.rfm.segment",
        string="Segments",
        help="Only customers in one of these segments. Empty: all.",
    )
    user_ids = fields.Many2many(
        "res.users",
        string="Salespeople",
        domain=[("share", "=", False)],
        help="Only customers of these salespeople. Empty: all.",
    )
    team_ids = fields.Many2many(
        "crm.team",
        string="Sales Teams",
        help="Only customers whose salesperson belongs to one of these teams.",
    )
    country_ids = fields.Many2many("res.country", string="Countries")
    tag_ids = fields.Many2many("res.partner.category", string="Tags")
    list_id = fields.Many2one(
        "crm.customer.list",
        string="Customer List",
        domain="[('company_id', '=', company_id)]",
        help="Only customers who are on this list now. Empty: all.",
    )
    with_email = fields.Boolean()
    with_phone = fields.Boolean()
    without_blacklisted = fields.Boolean(
        string="Exclude Blacklisted",
        default=True,
        help="Exclude customers whose email address is blacklisted.",
    )

    total_count = fields.Integer(string="All Customers", compute="_compute_reach")
    eligible_count = fields.Integer(
        string="Matching Customers",
        compute="_compute_reach",
        help="All customers who match the criteria.",
    )
    refused_count = fields.Integer(
        string="Profiling Refused",
        compute="_compute_reach",
        help="Customers who refused profiling are left out of campaigns.",
    )
    chosen_count = fields.Integer(string="Selected", compute="_compute_reach")
    customer_share = fields.Float(string="Share of Customers", compute="_compute_reach")
    expected_revenue = fields.Monetary(
        string="Yearly Run Rate",
        compute="_compute_reach",
        help="What the selected customers will spend in the next 12 months if they "
        "continue as in the lookback period.",
    )
    expected_share = fields.Float(
        string="Share of Revenue",
        compute="_compute_reach",
        help="Share of the yearly run rate of all customers you can see.",
    )
    curve = fields.Json(compute="_compute_reach")
    headline = fields.Char(compute="_compute_headline")

    filter_name = fields.Char(
        string="Favorite Name",
        help="The favorite saves the conditions, not the customers: the criteria above "
        "and, as a minimum, the yearly run rate of the last selected customer. The "
        "matching customers change as customers buy. To keep the current selection, "
        "tag the customers.",
    )
    filter_shared = fields.Boolean(
        string="Share with All Users",
        help="Make this favorite available to all users.",
    )
    list_name = fields.Char(
        help="All selected customers are put on a list with this name, and stay on it.",
    )
    tag_id = fields.Many2one(
        "res.partner.category",
        help="All selected customers get this tag and keep it.",
    )

    @api.model
    def _default_contact_count(self):
        """The top 20% of the customers, or 100 where that is more."""
        domain = self.env["crm.rfm.pareto"]._population()
        domain &= Domain("company_id", "=", self.env.company.id)
        count = self.env["crm.rfm.score"].search_count(domain)
        return min(-(-count * DEFAULT_PERCENT // 100), MAX_DEFAULT) or MAX_DEFAULT

    @api.constrains("contact_count")
    def _check_contact_count(self):
        for wizard in self:
            if not 1 <= wizard.contact_count <= MAX_CONTACTS:
                raise ValidationError(
                    self.env._(
                        "Enter a number of customers from 1 to %s.", MAX_CONTACTS
                    )
                )

    # -- Who is chosen

    def _restrictions(self):
        """What is asked of a customer, as a domain on ``crm.rfm.pareto``."""
        self.ensure_one()
        domain = Domain("company_id", "=", self.company_id._origin.id)
        for path, chosen in (
            ("segment_id", self.segment_ids),
            ("partner_id.user_id", self.user_ids),
            ("partner_id.user_id.sale_team_id", self.team_ids),
            ("partner_id.country_id", self.country_ids),
            ("partner_id.category_id", self.tag_ids),
        ):
            if chosen:
                domain &= Domain(path, "in", chosen._origin.ids)
        if self.list_id:
            listed = self.list_id._origin._customers_domain()
            domain &= Domain("partner_id", "any", listed)
        if self.with_email:
            domain &= Domain("partner_id.email", "!=", False)
        if self.with_phone:
            domain &= Domain("partner_id.phone", "!=", False)
        if self.without_blacklisted:
            # Those who are, turned round: looking up the others costs seconds.
            domain &= Domain("partner_id", "not any", [("is_blacklisted", "=", True)])
        refused = Domain("partner_id", "any", [("profiling_refused", "=", True)])
        return domain & ~refused

    def _customers(self):
        """Customers to search, as their answers to the company of the campaign count."""
        # Of other companies the user sees no customers anyway.
        company = self.company_id._origin & self.env.companies
        return self.env["crm.rfm.pareto"].with_company(company)

    def _chosen(self):
        """The customers chosen, the best first.

        :rtype: crm.rfm.pareto
        :raise UserError: if nobody fits
        """
        self._check_contact_count()
        chosen = self._customers().search(
            self._restrictions(),
            limit=self.contact_count,
            order="expected_revenue desc, id",
        )
        if not chosen:
            raise UserError(
                self.env._("No customers match. Remove some of the criteria.")
            )
        return chosen

    @api.depends(
        "company_id",
        "contact_count",
        "segment_ids",
        "user_ids",
        "team_ids",
        "country_ids",
        "tag_ids",
        "list_id",
        "with_email",
        "with_phone",
        "without_blacklisted",
    )
    def _compute_reach(self):
        for wizard in self:
            company = Domain("company_id", "=", wizard.company_id._origin.id)
            [[total, expected]] = self.env["crm.rfm.pareto"]._read_group(
                company, [], ["__count", "expected_revenue:sum"]
            )
            points = wizard._points()
            wanted = max(wizard.contact_count, 0)
            # The last point that is still within reach: the customer number N, or the
            # last one where there are fewer.
            rank, reached = max(
                (point for point in points if point[0] <= wanted), default=(0, 0.0)
            )
            wizard.total_count = total
            wizard.refused_count = wizard._customers().search_count(
                company
                & Domain("partner_id", "any", [("profiling_refused", "=", True)])
            )
            wizard.eligible_count = points[-1][0] if points else 0
            wizard.chosen_count = rank
            wizard.customer_share = rank / total if total else 0.0
            wizard.expected_revenue = reached
            wizard.expected_share = share_of(reached, expected or 0.0) or 0.0
            wizard.curve = [
                {"customers": number, "share": share_of(amount, expected) or 0.0}
                for number, amount in points
            ]

    @api.depends("chosen_count", "total_count", "expected_revenue", "expected_share")
    @api.depends_context("lang")
    def _compute_headline(self):
        for wizard in self:
            wizard.headline = False
            if not wizard.chosen_count:
                continue
            wizard.headline = self.env._(
                "The top %(count)s of %(total)s customers account for %(share)s of the "
                "yearly run rate: %(amount)s.",
                count=formatLang(self.env, wizard.chosen_count, digits=0),
                total=formatLang(self.env, wizard.total_count, digits=0),
                share=format_share(self.env, wizard.expected_share),
                amount=formatLang(
                    self.env, wizard.expected_revenue, currency_obj=wizard.currency_id
                ),
            )

    def _points(self) -> list[tuple[int, float]]:
        """Points of the curve of reach: number of customers, and what they bring.

        Among them are the number asked for and the last one there is.
        """
        eligible = self._customers()._search(self._restrictions())
        return self.env.execute_query(
            SQL(
                """
                SELECT rank, reached
                  FROM (
                    SELECT row_number() OVER best AS rank,
                           sum(expected_revenue) OVER best AS reached,
                           count(*) OVER () AS count
                      FROM (%(eligible)s) AS eligible
                    WINDOW best AS (ORDER BY expected_revenue DESC, id
                                     ROWS UNBOUNDED PRECEDING)
                       ) AS ranked
                 WHERE rank IN (%(wanted)s, count)
                    OR rank %% GREATEST(count / %(points)s, 1) = 0
              ORDER BY rank
                """,
                eligible=eligible.select(
                    SQL("crm_rfm_pareto.id"),
                    SQL("crm_rfm_pareto.expected_revenue::float8 AS expected_revenue"),
                ),
                wanted=self.contact_count,
                points=CURVE_POINTS,
            )
        )

    # -- Buttons

    def action_show_customers(self):
        chosen = self._chosen()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended.crm_rfm_pareto_action"
        )
        action["display_name"] = self.env._("Top Customers: %s", len(chosen))
        action["domain"] = [("id", "in", chosen.ids)]
        action["context"] = {}
        return action

    def action_save_filter(self):
        """Keep the condition as a favorite of the list of customers by revenue."""
        self.ensure_one()
        if not self.filter_name:
            raise UserError(self.env._("Enter a name for the favorite first."))
        chosen = self._chosen()
        lowest = Domain("expected_revenue", ">=", chosen[-1].expected_revenue)
        self.env["ir.filters"].create(
            {
                "name": self.filter_name,
                "model_id": "crm.rfm.pareto",
                "action_id": self.env.ref("crm_extended.crm_rfm_pareto_action").id,
                "domain": repr(list(self._restrictions() & lowest)),
                "user_ids": []
                if self.filter_shared
                else [Command.set(self.env.user.ids)],
            }
        )
        return notification(
            self.env._(
                "“%s” was added to the favorites of Customers by Revenue.",
                self.filter_name,
            )
        )

    def action_save_list(self):
        """Put the customers chosen on a new list of their own."""
        self.ensure_one()
        if not self.list_name:
            raise UserError(self.env._("Enter a name for the list first."))
        customers = self._chosen().partner_id
        self.env["crm.customer.list"].create(
            {
                "name": self.list_name,
                "company_id": self.company_id.id,
                "is_filtered": False,
                "added_ids": [Command.set(customers.ids)],
            }
        )
        return notification(
            self.env._(
                "Customers on the list “%(list)s”: %(count)s.",
                count=len(customers),
                list=self.list_name,
            )
        )

    def action_tag_customers(self):
        """Put a tag on the customers chosen, as a list that stays as it is."""
        self.ensure_one()
        if not self.tag_id:
            raise UserError(self.env._("Select or create a tag first."))
        customers = self._chosen().partner_id
        customers.write({"category_id": [Command.link(self.tag_id.id)]})
        return notification(
            self.env._(
                "Customers tagged “%(tag)s”: %(count)s.",
                count=len(customers),
                tag=self.tag_id.name,
            )
        )
