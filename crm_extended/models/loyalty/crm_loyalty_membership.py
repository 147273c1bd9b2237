from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..common.client_actions import RELOAD, notification
from ..purchase.counted_days import until_domain
from .empty_help import tiers_help
from .membership_words import keep_sentence, next_sentence
from .overview_page import overview
from .res_company import DEFAULT_PERIOD_MONTHS

# Within how many days a tier that is not kept is about to be lost.
SOON = 30

COMPARISONS = {"<": SQL("<"), "<=": SQL("<="), ">": SQL(">"), ">=": SQL(">=")}


def _months_after(day: date, months: int) -> date:
    """The day so many months later; the last one there is, where that lies beyond."""
    try:
        return day + relativedelta(months=months)
    except (ValueError, OverflowError):
        return date.max


class CrmLoyaltyMembership(models.Model):
    """A customer's tier in a company. Written by the assessment and manually.

    Parts: ``crm_loyalty_membership_manual.py``, tiers that a manager sets.
    """

    _name = "crm.loyalty.membership"
    _inherit = "crm.customer.record.mixin"
    _description = "Loyalty Membership"
    _rec_name = "partner_id"
    _order = "qualifying_amount desc, id"

    partner_id = fields.Many2one(ondelete="cascade", readonly=True)
    company_id = fields.Many2one(ondelete="cascade", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    tier_id = fields.Many2one(
        "crm.loyalty.tier",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        group_expand="_group_expand_tier_id",
    )
    tier_color = fields.Integer(related="tier_id.color", aggregator=None)
    tier_icon = fields.Selection(related="tier_id.icon")
    benefit_ids = fields.Many2many(related="tier_id.benefit_ids")
    date_from = fields.Date(string="Member Since", required=True, readonly=True)
    valid_date = fields.Date(
        readonly=True,
        help="Empty while the tier is kept in a rolling period: it is then valid for "
        "a full period from each day on.",
    )
    as_of = fields.Date(
        string="As of",
        readonly=True,
        help="Set if the tier was assessed for a day other than the day of the "
        "assessment.",
    )
    valid_until = fields.Date(
        compute="_compute_valid_until",
        search="_search_valid_until",
        help="The customer keeps the tier until this date, even without further "
        "purchases.",
    )
    falls_after = fields.Date(
        string="Downgraded After",
        compute="_compute_valid_until",
        help="The last day of the grace period.",
    )
    state = fields.Selection(
        [("active", "Active"), ("grace", "In Grace Period"), ("locked", "Manual")],
        required=True,
        readonly=True,
        default="active",
    )
    qualifying_amount = fields.Monetary(
        readonly=True,
        help="Spent in the current qualifying period, net of refunds.",
    )
    qualifying_orders = fields.Integer(
        readonly=True, help="Purchases in the current qualifying period."
    )
    last_period_amount = fields.Monetary(
        string="Spent in the Last Period",
        readonly=True,
        help="Spent in the previous qualifying period, net of refunds; 0 for rolling "
        "periods.",
    )
    amount_to_keep = fields.Monetary(string="To Keep Tier", readonly=True)
    orders_to_keep = fields.Integer(string="Orders to Keep Tier", readonly=True)
    next_tier_id = fields.Many2one(
        "crm.loyalty.tier", readonly=True, ondelete="set null", index="btree_not_null"
    )
    amount_to_next = fields.Monetary(string="To Next Tier", readonly=True)
    orders_to_next = fields.Integer(string="Orders to Next Tier", readonly=True)
    next_progress = fields.Float(
        string="Progress",
        readonly=True,
        aggregator=None,
        help="Progress to the next tier, in percent.",
    )
    close_to_next = fields.Boolean(
        string="Close to the Next Tier",
        compute="_compute_prospects",
        search="_search_close_to_next",
        help="At most the percentage in the company's settings is missing to the next "
        "tier.",
    )
    about_to_fall = fields.Boolean(
        string="At Risk of Downgrade",
        compute="_compute_prospects",
        search="_search_about_to_fall",
        help="In the grace period, or valid for at most 30 days and not yet secured.",
    )
    missing_to_next = fields.Char(
        string="To Next Tier (Text)",
        compute="_compute_missing",
        help="As text, without thresholds that the tier does not require.",
    )
    missing_to_keep = fields.Char(
        string="To Keep Tier (Text)",
        compute="_compute_missing",
        help="As text, without thresholds that the tier does not require.",
    )
    next_text = fields.Char(
        string="To Next Tier (Sentence)",
        compute="_compute_missing",
        help="What is missing to the next tier, and which one that is.",
    )
    keep_text = fields.Char(
        string="To Keep Tier (Sentence)",
        compute="_compute_missing",
        help="Until when the tier is secured, or what keeping it takes.",
    )
    lock_until = fields.Date(string="Override Until", readonly=True)
    lock_reason = fields.Char(string="Override Reason", readonly=True)
    former_tier_id = fields.Many2one(
        "crm.loyalty.tier",
        string="Previous Tier",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        help="The customer's tier before the manual override. It is restored "
        "afterwards if it is still valid.",
    )
    former_valid_date = fields.Date(
        string="Previous Valid Date",
        readonly=True,
        help="Until when the tier before the manual override is valid.",
    )
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")
    notification_pending = fields.Boolean(
        readonly=True,
        help="The notification that the tier is about to be lost is still to be sent.",
    )
    notified_valid_date = fields.Date(
        readonly=True,
        help="The validity date for which the upcoming loss of the tier was announced.",
    )

    # A constraint, not a unique index: Odoo's merge of partners looks for constraints
    # to know where two rows may collide.
    _unique_customer = models.Constraint(
        "UNIQUE (partner_id, company_id)",
        "A customer can only have one tier per company.",
    )
    _notification_pending_index = models.Index(
        "(company_id, id) WHERE notification_pending"
    )

    @api.model_create_multi
    def create(self, vals_list):
        members = super().create(vals_list)
        # Contacts, leads and orders join the membership: none of their fields depends on
        # its creation.
        self.env.invalidate_all()
        return members

    # -- Valid until: follows today while the tier is being kept in a rolling period

    @api.depends("valid_date", "as_of", "company_id")
    @api.depends_context("tz")
    def _compute_valid_until(self):
        today = fields.Date.context_today(self)
        for membership in self:
            company = membership.company_id
            valid_until = membership.valid_date or _months_after(
                membership.as_of or today,
                company.loyalty_period_months or DEFAULT_PERIOD_MONTHS,
            )
            membership.valid_until = valid_until
            membership.falls_after = _months_after(
                valid_until, company.loyalty_grace_months
            )

    def _search_valid_until(self, operator, value):
        if operator == "in":
            days = [fields.Date.to_date(day) for day in value if day]

            def to_sql(model, alias, query):
                return SQL("%s = ANY(%s)", model._valid_until_sql(alias), days)
        elif operator in COMPARISONS:
            day = fields.Date.to_date(value)

            def to_sql(model, alias, query):
                comparison = COMPARISONS[operator]
                return SQL("%s %s %s", model._valid_until_sql(alias), comparison, day)
        else:
            return NotImplemented
        return Domain.custom(to_sql=to_sql)

    def _valid_until_sql(self, alias):
        return SQL(
            """
            COALESCE(%(valid_date)s, (
                SELECT (COALESCE(%(as_of)s, %(today)s)
                        + make_interval(months => COALESCE(
                            NULLIF(loyalty_period_months, 0), %(default)s)))::date
                  FROM res_company WHERE id = %(company_id)s))
            """,
            valid_date=SQL.identifier(alias, "valid_date"),
            as_of=SQL.identifier(alias, "as_of"),
            today=SQL("%s::date", fields.Date.context_today(self)),
            company_id=SQL.identifier(alias, "company_id"),
            default=DEFAULT_PERIOD_MONTHS,
        )

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr == "valid_until":
            return self._valid_until_sql(alias)
        return super()._field_to_sql(alias, field_expr, query)

    # -- Two ready questions: who is close to the next tier, who is about to fall

    @api.depends(
        "next_progress",
        "amount_to_next",
        "orders_to_next",
        "company_id.loyalty_close_percent",
        "state",
        "valid_until",
        "amount_to_keep",
        "orders_to_keep",
    )
    def _compute_prospects(self):
        falling = self._about_to_fall()
        for membership in self:
            missing = membership.amount_to_next > 0 or membership.orders_to_next > 0
            way = 100 - membership.company_id.loyalty_close_percent
            membership.close_to_next = missing and membership.next_progress >= way
            membership.about_to_fall = membership.filtered_domain(falling)

    def _search_close_to_next(self, operator, value):
        return self._close_to_next() if operator == "in" else NotImplemented

    def _search_about_to_fall(self, operator, value):
        return self._about_to_fall() if operator == "in" else NotImplemented

    @api.model
    def _close_to_next(self):
        # Members who meet all thresholds and lack only the segment are not close.
        missing = Domain("amount_to_next", ">", 0) | Domain("orders_to_next", ">", 0)
        percent = self.env["res.company"]._fields["loyalty_close_percent"]

        def to_sql(model, alias, query):
            return SQL(
                "COALESCE(%s >= 100 - (SELECT %s FROM res_company WHERE id = %s), FALSE)",
                model._field_to_sql(alias, "next_progress", query),
                SQL.identifier(percent.name, to_flush=percent),
                model._field_to_sql(alias, "company_id", query),
            )

        return missing & Domain.custom(to_sql=to_sql)

    @api.model
    def _about_to_fall(self):
        soon = fields.Date.context_today(self) + timedelta(days=SOON)
        missing = Domain("amount_to_keep", ">", 0) | Domain("orders_to_keep", ">", 0)
        return Domain("state", "=", "grace") | (
            Domain("valid_until", "<=", soon) & missing
        )

    @api.model
    def _group_expand_tier_id(self, tiers, domain):
        return self._in_order(tiers._of_company(self.env.company) | tiers)

    # -- For what depends on a customer's tier

    @api.model
    def _get_tiers(self, customers, company) -> dict:
        """The tiers that customers have in a company: the question to ask for service
        targets, care plans, points and whatever else depends on the tier.

        A manual override and a tier in grace count like any other. To act when a tier
        comes or goes, extend ``crm.loyalty.assessment._process_effects`` or read
        ``crm.loyalty.change``.

        :param res.partner customers: contacts or companies; the company counts
        :return: tier by customer as given; those without one are left out
        """
        # sudo: what customers are entitled to must not depend on who serves them.
        members = self.sudo().search_fetch(
            [
                ("partner_id", "in", customers.commercial_partner_id.ids),
                ("company_id", "=", company.id),
            ],
            ["partner_id", "tier_id"],
        )
        tier_of = {member.partner_id.id: member.tier_id for member in members}
        return {
            customer: tier_of[customer.commercial_partner_id.id]
            for customer in customers
            if customer.commercial_partner_id.id in tier_of
        }

    # -- In words, for customers and salespeople

    @api.depends(
        "tier_id.match",
        "tier_id.rise_amount",
        "tier_id.rise_orders",
        "amount_to_keep",
        "orders_to_keep",
        "next_tier_id.match",
        "next_tier_id.rise_amount",
        "next_tier_id.rise_orders",
        "amount_to_next",
        "orders_to_next",
        "tier_id.name",
        "next_tier_id.name",
        "state",
        "valid_until",
        "falls_after",
        "lock_until",
    )
    @api.depends_context("lang", "tz")
    def _compute_missing(self):
        for membership in self:
            membership.missing_to_next = membership._missing_to_next()
            membership.missing_to_keep = membership._missing_to_keep()
            membership.next_text = next_sentence(membership)
            membership.keep_text = keep_sentence(membership)

    def _missing_to_keep(self) -> str:
        """What is missing to keep the tier; empty if nothing is, or without a member."""
        if not self:
            return ""
        return self.tier_id._in_words(
            self.amount_to_keep, self.orders_to_keep, self.currency_id
        )

    def _missing_to_next(self) -> str:
        """What is missing to the next tier; empty if there is none, if it is restricted
        to some customers, or without a member."""
        if not self.next_tier_id:
            return ""
        return self.next_tier_id._in_words(
            self.amount_to_next, self.orders_to_next, self.currency_id
        )

    # -- Assessment

    @api.model
    def _assess(self, companies=None, as_of=None):
        """Give all customers the tiers that their purchases earn, keep or lose.

        :param res.company companies: all companies when left out
        :param as_of: date or its ISO string, today when left out; purchases after it
            are left out of account, and customers with later changes are left alone
        :return: one record a company, with what was found
        :rtype: crm.loyalty.assessment
        :raise UserError: while another assessment of the same company is at work
        """
        return self.env["crm.loyalty.assessment"]._run_now(companies, as_of)

    # -- Customers who become one: merged, or a contact who comes to belong to another

    @api.model
    def _merge_into(self, sources, destination):
        """Leave one membership in each company for partners that are being merged: the
        one of the highest tier, among equals a manual override. The next assessment sums
        up what all of them bought.

        :raise UserError: while an assessment of their company is at work
        """
        customer = destination.commercial_partner_id
        members = self.search([("partner_id", "in", (sources | customer).ids)])
        for company in members.company_id.sorted("id"):
            self.env["crm.loyalty.assessment"]._lock_company_or_raise(company)
        for those in members.grouped("company_id").values():
            best = those.sorted(
                lambda member: (
                    (member.tier_id.sequence, member.tier_id.id),
                    member.state == "locked",
                    member.partner_id == customer,
                )
            )[-1]
            (those - best).unlink()
            # Moving several memberships to one customer would collide.
            self.env.flush_all()
            best.partner_id = customer
        if customer != destination:
            changes = self.env["crm.loyalty.change"]
            changes.search([("partner_id", "in", sources.ids)]).partner_id = customer
        self.env.flush_all()

    @api.model
    def _apply_pricelists_after_merge(self, destination):
        """Give the customer the prices of the remaining tier."""
        customer = destination.commercial_partner_id
        for company in self.search([("partner_id", "=", customer.id)]).company_id:
            self.env["crm.loyalty.pricelist"]._apply_pricelists(company, 1, customer)

    @api.model
    def _hand_over(self, company):
        """Give the tiers of contacts who now belong to another customer to that customer,
        whose purchases theirs count as.

        Called when tiers are assessed, so that users who edit contacts do not wait.
        """
        self.env.flush_all()
        ids = [
            id_
            for [id_] in self.env.execute_query(
                SQL(
                    """
                    SELECT contact.id
                      FROM crm_loyalty_membership AS member
                      JOIN res_partner AS contact ON contact.id = member.partner_id
                     WHERE member.company_id = %s
                       AND contact.parent_id IS NOT NULL
                       AND contact.commercial_partner_id <> contact.id
                    """,
                    company.id,
                )
            )
        ]
        contacts = self.env["res.partner"].browse(ids)
        changes = self.env["crm.loyalty.change"]
        for customer, those in contacts.grouped("commercial_partner_id").items():
            self._merge_into(those, customer)
            changes.search([("partner_id", "in", those.ids)]).partner_id = customer

    # -- The tier overview

    @api.model
    @api.readonly
    def get_overview(self):
        """What the tier overview of the current company shows.

        :return: a dictionary with

            - ``company``, ``currency_id``, ``members``, ``amount``, ``may_assess``,
              ``may_see_revenue``
            - ``tiers``: the highest first, each with ``id``, ``name``, ``color``,
              ``icon``, ``members``, ``share``, ``amount``, ``amount_share``, ``close``,
              ``falling``, ``benefits``, and ``sizes``: the members at the end of each
              month, ``None`` where that is not known
            - ``months``: their names, the present one last
            - ``moves``: for each of :data:`~.overview_page.KINDS` the number of
              customers in each month
        """
        return overview(self)

    @api.model
    @api.readonly
    def action_view_revenue(self):
        """Open what the current company's customers of each tier bought, by month."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended.crm_customer_transaction_tier_action"
        )
        domain = [
            ("company_id", "=", self.env.company.id),
            *until_domain(fields.Date.context_today(self)),
        ]
        return {**action, "domain": domain}

    # -- Buttons

    def action_assess(self):
        """Assess the current company's customers and show the result."""
        self.env["crm.loyalty.tier"].check_access("write")
        assessment = self._assess(self.env.company)
        return notification(
            assessment._describe(),
            title=self.env._("Tiers of %s", self.env.company.display_name),
            next=RELOAD,
        )

    def action_view_changes(self):
        """Open the customer's history of tiers."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended.crm_loyalty_change_action"
        )
        domain = Domain("partner_id", "=", self.partner_id.id)
        domain &= Domain("company_id", "=", self.company_id.id)
        return {**action, "domain": list(domain), "context": {}}

    @api.model
    def _cron_assess(self):
        """Assess company by company, each in a transaction of its own."""
        if not self.env["crm.feature"]._is_on("loyalty"):
            return
        # sudo: as in _assess, whichever user the administrator lets the job run as.
        self.env["crm.loyalty.assessment"].sudo()._run_all()

    @api.model
    def get_empty_list_help(self, help_message):
        return tiers_help(self.env, super().get_empty_list_help(help_message))
