import math
from collections import defaultdict
from datetime import date, timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .crm_last_contact import DATES, MOMENT, PENDING
from .groups import USE_TIMELINE
from .silence_days import (
    FIRST_TERM,
    ORDERED,
    RANGES,
    days_before,
    is_anything,
    range_of,
    start_of_day,
    to_days,
)

# In the context while only partners with a contact are searched.
CONTACTED = "crm_silence_contacted"

# Changed, they move a contact to another customer or to another company of ours.
PARTNER_FIELDS = {"parent_id", "is_company", "company_id"}

# What the used channels are counted from.
COUNTED = (
    "mail.message",
    "mail.message.subtype",
    "crm.interaction",
    "crm.preferred.channel",
)


class ResPartner(models.Model):
    """Silence and preferred channel of customers: partners store nothing of it. The last
    contact is joined to the customer when it is read, see ``crm.last.contact``.

    What forms and the customer page say of them is in ``res_partner_page.py``.
    """

    _inherit = "res.partner"

    last_contact_date = fields.Date(
        string="Last Interaction",
        compute="_compute_last_contact",
        search="_search_last_contact_date",
        groups=USE_TIMELINE,
        help="The last day on which the customer, which is the company for all its "
        "contacts, and your current company interacted: an email or message "
        "written or received by the customer, a logged interaction, a meeting "
        "held, or a call or meeting activity marked as done. Notes, mailings and "
        "automatic messages do not count.",
    )
    days_of_silence = fields.Integer(
        string="Days Since Last Interaction",
        compute="_compute_last_contact",
        search="_search_days_of_silence",
        aggregator=None,
        groups=USE_TIMELINE,
        help="Days since the last interaction with the customer, which is the company "
        "for all its contacts. Empty if there has never been one.",
    )
    silence_range = fields.Selection(
        [(key, label) for key, label, _from, _to in RANGES],
        string="Inactivity",
        compute="_compute_last_contact",
        search="_search_silence_range",
        groups=USE_TIMELINE,
        help="Time since the last interaction with the customer.",
    )

    last_contact_moment = fields.Datetime(
        compute="_compute_last_contact_moment", groups=USE_TIMELINE, exportable=False
    )
    preferred_channel = fields.Selection(
        lambda self: self.env["crm.preferred.channel"]._get_channels(),
        compute="_compute_preferred_channel",
        inverse="_inverse_preferred_channel",
        search="_search_preferred_channel",
        groups=USE_TIMELINE,
        help="How the customer, which is the company for all its contacts, prefers to "
        "be contacted: the channel they used most to contact you in the last 12 "
        "months, unless you set another one. Clear the field to return to "
        "automatic.",
    )
    preferred_channel_by_hand = fields.Boolean(
        string="Channel Set Manually",
        compute="_compute_preferred_channel",
        groups=USE_TIMELINE,
    )

    @api.depends("commercial_partner_id")
    @api.depends_context("company")
    def _compute_last_contact_moment(self):
        self.env["crm.last.contact"]._flush_pending()
        self._compute_customer_join(MOMENT)

    @api.model
    def _get_customer_terms(self, customer):
        terms = super()._get_customer_terms(customer)
        if PENDING in self.env.cr.precommit.data:
            # Read when it is asked for: others shall not have to enter it before.
            return terms
        last_moment = self.env["crm.last.contact"]._last_moment(customer)
        return {**terms, MOMENT: last_moment}

    @api.depends(MOMENT)
    @api.depends_context("company", "tz")
    def _compute_last_contact(self):
        today = fields.Date.context_today(self)
        # Many partners of a list share a day; setting fields one by one takes longer.
        by_day = defaultdict(self.browse)
        for moment, partners in self.grouped(MOMENT).items():
            day = moment and fields.Datetime.context_timestamp(self, moment).date()
            by_day[day] |= partners
        for day, partners in by_day.items():
            days = (today - day).days if day else None
            partners.last_contact_date = day
            partners.days_of_silence = days
            partners.silence_range = range_of(days)

    def write(self, vals):
        moves = PARTNER_FIELDS & vals.keys()
        before = self.commercial_partner_id if moves else self.browse()
        result = super().write(vals)
        if moves:
            customers = before | self.commercial_partner_id
            self.env["crm.last.contact"]._enqueue_customers(customers)
        return result

    def unlink(self):
        # The company of a deleted contact stays.
        customers = self.commercial_partner_id - self
        result = super().unlink()
        if customers:
            self.env["crm.last.contact"]._enqueue_customers(customers)
        return result

    # -- Search: days become the moments between which the last contact was

    def _search_last_contact_date(self, operator, value):
        if is_anything(operator, value):
            return self._last_contact_domain([(None, None)])
        if operator == "in":
            between = [
                (day, day + timedelta(days=1) if day < date.max else None)
                for day in map(fields.Date.to_date, value)
                if day
            ]
            return self._last_contact_domain(between, never=False in value)
        if operator not in ("<", "<=", ">", ">="):
            return NotImplemented
        day = fields.Date.to_date(value)
        if not day:
            return Domain.FALSE
        if operator in ("<=", ">"):
            if day == date.max:
                found = [(None, None)] if operator == "<=" else []
                return self._last_contact_domain(found)
            day += timedelta(days=1)
        between = (None, day) if operator in ("<", "<=") else (day, None)
        return self._last_contact_domain([between])

    def _search_days_of_silence(self, operator, value):
        if is_anything(operator, value):
            return self._last_contact_domain([(None, None)])
        if operator == "in":
            numbers = [to_days(self.env, days) for days in value if days is not False]
            days = [(days, days) for days in numbers if days == int(days)]
        elif value is False:
            return Domain.FALSE
        elif operator in (">", "<="):
            value = math.floor(to_days(self.env, value))
            days = [(value + 1, None) if operator == ">" else (None, value)]
        elif operator in (">=", "<"):
            value = math.ceil(to_days(self.env, value))
            days = [(value, None) if operator == ">=" else (None, value - 1)]
        else:
            return NotImplemented
        # Not "False in value": 0 days would be it, too.
        never = operator == "in" and any(number is False for number in value)
        return self._silence_domain(days, never)

    def _search_silence_range(self, operator, value):
        if operator != "in":
            return NotImplemented
        days = [
            (first, last)
            for key, _label, first, last in RANGES
            if key in value and first is not None
        ]
        return self._silence_domain(days, never="never" in value)

    def _silence_domain(self, days, never=False):
        """Partners of customers whose days of silence are in one of some ranges.

        :param days: pairs of first and last, each a number or ``None``
        """
        today = fields.Date.context_today(self)
        return self._last_contact_domain(
            [
                (
                    None if last is None else days_before(today, last),
                    None if first is None else days_before(today, first - 1),
                )
                for first, last in days
            ],
            never,
        )

    def _last_contact_domain(self, between, never=False):
        """Partners of customers by the day of their last contact.

        :param between: pairs of the first day and the day after the last one, in the
            time zone of the user; either can be ``None``
        :param never: whether customers without any contact are found, too
        """
        moments = [
            tuple(day and start_of_day(self.env, day) for day in pair)
            for pair in between
        ]

        def to_sql(model, alias, query):
            moment = SQL.identifier(model._join_last_contact(alias, query), "date")
            # Never NULL, so that its negation is right too.
            conditions = []
            for start, end in moments:
                bounds = [SQL("%s IS NOT NULL", moment)]
                if start:
                    bounds.append(SQL("%s >= %s", moment, start))
                if end:
                    bounds.append(SQL("%s < %s", moment, end))
                conditions.append(SQL("(%s)", SQL(" AND ").join(bounds)))
            if never:
                conditions.append(SQL("%s IS NULL", moment))
            return SQL("(%s)", SQL(" OR ").join(conditions or [SQL("FALSE")]))

        return Domain.custom(to_sql=to_sql)

    # -- Sort and group: the same join

    def _join_last_contact(self, alias, query) -> str:
        """Join to a query the last contact of each partner's customer.

        Every search, order and group by silence passes here, some of them as superuser,
        so the user must be in sales.

        :return: alias of the joined table
        :raise AccessError: if the user is not
        """
        self._check_in_sales("last_contact_date")
        Contact = self.env["crm.last.contact"]
        Contact._flush_pending()
        joined = query.make_alias(alias, "last_contact")
        customer = SQL.identifier(alias, "commercial_partner_id")
        query.add_join(
            "LEFT JOIN",
            joined,
            Contact._table,
            Contact._last_condition(joined, customer),
        )
        return joined

    def _check_in_sales(self, name):
        """Make sure that the user may read a field, even while acting as superuser."""
        if self.env.uid != SUPERUSER_ID:
            self.sudo(False)._check_field_access(self._fields[name], "read")

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr not in DATES or query is None:
            return super()._field_to_sql(alias, field_expr, query)
        moment = SQL.identifier(self._join_last_contact(alias, query), "date")
        day = SQL("timezone(%s, timezone('UTC', %s))::date", str(self.env.tz), moment)
        if field_expr == "last_contact_date":
            return day
        today = fields.Date.context_today(self)
        if field_expr == "days_of_silence":
            return SQL("(%s::date - %s)", today, day)
        whens = [
            SQL(
                "WHEN %s >= %s THEN %s",
                moment,
                start_of_day(self.env, today - timedelta(days=to)),
                key,
            )
            for key, _label, _from, to in RANGES
            if to is not None
        ]
        return SQL(
            "CASE WHEN %s IS NULL THEN 'never' %s ELSE 'd999' END",
            moment,
            SQL(" ").join(whens),
        )

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, **options):
        if limit and order and FIRST_TERM.match(order)["name"] in DATES:
            # Customers without any contact come last. A page without them need not look
            # at all customers: the index has the others in order.
            among = super(ResPartner, self.with_context(**{CONTACTED: True}))
            if self._leaves_out_never(domain):
                return among._search(domain, offset, limit, order, **options)
            contacted = Domain(domain) & Domain("last_contact_date", "!=", False)
            found = among._search(contacted, offset, limit, order, **options)
            ids = found.get_result_ids()
            if len(ids) == limit:
                return self.browse(ids)._as_query()
        return super()._search(domain, offset, limit, order, **options)

    def _leaves_out_never(self, domain) -> bool:
        """Whether no customer without contacts can match a domain.

        For such a customer, conditions on silence are true or false; any other condition
        may be true.
        """

        def of_never(condition):
            operator, value = condition.operator, condition.value
            if condition.field_expr not in DATES:
                return Domain.TRUE
            if operator in ("in", "not in"):
                # Not "False in value": 0 days would be it, too.
                is_asked = any(one is False or one == "never" for one in value)
                return Domain(is_asked == (operator == "in"))
            return Domain.FALSE if operator in ORDERED else Domain.TRUE

        return Domain(domain).optimize(self).map_conditions(of_never).is_false()

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        if field_name not in DATES:
            return super()._order_field_to_sql(
                alias, field_name, direction, nulls, query
            )
        # By the moment itself, which has an index; customers without contacts come last
        # in either direction.
        moment = SQL.identifier(self._join_last_contact(alias, query), "date")
        query._order_groupby.append(moment)
        descending = direction.code.upper() == "DESC"
        if field_name != "last_contact_date":
            descending = not descending
        return SQL(
            "%s %s %s",
            moment,
            SQL("DESC") if descending else SQL("ASC"),
            # Without customers to come last, the index serves both directions.
            SQL() if self.env.context.get(CONTACTED) else SQL("NULLS LAST"),
        )

    def action_log_interaction(self):
        """Open the dialog that logs an interaction with the contact."""
        self.ensure_one()
        return self.env["crm.interaction"]._action_log(self)

    # -- Preferred channel

    @api.depends("commercial_partner_id")
    @api.depends_context("company")
    def _compute_preferred_channel(self):
        customers = self.commercial_partner_id._origin
        by_hand, used = {}, {}
        if customers:
            self._flush_channels()
            # sudo: users in sales who may read the contact may also read the channel of
            # the company it belongs to; the field's group excludes all other users.
            Channel = self.env["crm.preferred.channel"].sudo()
            by_hand = {
                record.partner_id.id: record.channel
                for record in Channel.search([("partner_id", "in", customers.ids)])
            }
            used = dict(self.env.execute_query(Channel._used_channels(customers.ids)))
        for partner in self:
            customer = partner.commercial_partner_id._origin.id
            partner.preferred_channel = by_hand.get(customer) or used.get(customer)
            partner.preferred_channel_by_hand = customer in by_hand

    def _inverse_preferred_channel(self):
        channel_of = {
            partner.commercial_partner_id: partner.preferred_channel for partner in self
        }
        Channel = self.env["crm.preferred.channel"]
        records = Channel.search([("partner_id", "in", [c.id for c in channel_of])])
        record_of = {record.partner_id: record for record in records}
        new = []
        for customer, channel in channel_of.items():
            record = record_of.get(customer, Channel)
            if not channel:
                record.unlink()
            elif record:
                record.channel = channel
            else:
                new.append({"partner_id": customer.id, "channel": channel})
        Channel.create(new)
        self.env["res.partner"].invalidate_model(
            ["preferred_channel", "preferred_channel_by_hand"]
        )

    def _search_preferred_channel(self, operator, value):
        if operator != "in":
            return NotImplemented
        channels = [channel for channel in value if channel]

        def to_sql(model, alias, query):
            model._check_in_sales("preferred_channel")
            model._flush_channels()
            customer = SQL.identifier(alias, "commercial_partner_id")
            preferred = SQL(
                """
                SELECT customer_id
                  FROM (SELECT COALESCE(by_hand.partner_id, used.partner_id)
                                   AS customer_id,
                               COALESCE(by_hand.channel, used.channel) AS channel
                          FROM crm_preferred_channel AS by_hand
                     FULL JOIN (%s) AS used ON used.partner_id = by_hand.partner_id
                       ) AS preferred
                """,
                self.env["crm.preferred.channel"]._used_channels(),
            )
            found = SQL(
                "%s IN (%s WHERE channel = ANY(%s))", customer, preferred, channels
            )
            if False in value:
                return SQL("(%s OR %s NOT IN (%s))", found, customer, preferred)
            return found

        return Domain.custom(to_sql=to_sql)

    def _flush_channels(self):
        for model in COUNTED:
            self.env[model].flush_model()

    def action_preferred_channel_automatic(self):
        """Go back to the channel the customer uses."""
        self.preferred_channel = False
        return True
