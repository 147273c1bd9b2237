import math
import re
from collections import defaultdict
from datetime import date, datetime, time, timedelta

import pytz

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .crm_last_contact_keep import DATES

SALES = "sales_team.group_sale_salesman"

# In the context while only partners who were contacted are looked for.
CONTACTED = "crm_silence_contacted"

# The field a list is sorted by first.
FIRST_TERM = re.compile(r"\s*(?P<name>\w*)")

# What nobody fulfils who has no date.
ORDERED = ("<", "<=", ">", ">=")

# Ranges of days of silence: key, label, from, to. Their names sort as their days do.
RANGES = (
    ("d030", "Up to 30 days", 0, 30),
    ("d090", "31 to 90 days", 31, 90),
    ("d180", "91 to 180 days", 91, 180),
    ("d365", "181 to 365 days", 181, 365),
    ("d999", "Over a year", 366, None),
    ("never", "Never contacted", None, None),
)


# Changed, they make a customer another one or let it belong to another company.
PARTNER_FIELDS = {"parent_id", "is_company", "company_id"}


class CrmSilenceMixin(models.AbstractModel):
    """Silence of partners: nothing of it is stored with them. The moment of the last
    contact is joined to the customer when it is asked for, see ``crm.last.contact``."""

    _name = "crm.silence.mixin"
    _description = "Silence of Customers"

    last_contact_date = fields.Date(
        string="Last Contact",
        compute="_compute_last_contact",
        search="_search_last_contact_date",
        groups=SALES,
        help="The last day on which the customer, which is the company for all its "
        "contacts, and your current company had to do with each other: an e-mail or "
        "message written or received by the customer, a logged contact, a meeting held, "
        "or a call or meeting activity marked as done. Notes, mailings and what the "
        "system sends by itself do not count.",
    )
    days_of_silence = fields.Integer(
        string="Days of Silence",
        compute="_compute_last_contact",
        search="_search_days_of_silence",
        aggregator=None,
        groups=SALES,
        help="Days since the last contact with the customer, which is the company for "
        "all its contacts. Where there has never been one, none are shown.",
    )
    silence_range = fields.Selection(
        [(key, label) for key, label, _from, _to in RANGES],
        string="Silence",
        compute="_compute_last_contact",
        search="_search_silence_range",
        groups=SALES,
        help="How long ago the last contact with the customer was.",
    )

    @api.depends("commercial_partner_id")
    @api.depends_context("company", "tz")
    def _compute_last_contact(self):
        customers = self.commercial_partner_id._origin
        last = self.env["crm.last.contact"]._last_dates(customers)
        today = fields.Date.context_today(self)
        # Many of a list share a day, and to set a field one by one takes time.
        by_moment = self.grouped(
            lambda partner: last.get(partner.commercial_partner_id._origin.id)
        )
        by_day = defaultdict(self.browse)
        for moment, partners in by_moment.items():
            day = moment and fields.Datetime.context_timestamp(self, moment).date()
            by_day[day] |= partners
        for day, partners in by_day.items():
            days = (today - day).days if day else None
            partners.last_contact_date = day
            partners.days_of_silence = days
            partners.silence_range = self._silence_range_of(days)

    @staticmethod
    def _silence_range_of(days):
        if days is None:
            return "never"
        return next(
            key for key, _label, _from, to in RANGES if to is None or days <= to
        )

    def write(self, vals):
        moves = PARTNER_FIELDS & vals.keys()
        before = self.commercial_partner_id if moves else self.browse()
        result = super().write(vals)
        if moves:
            customers = before | self.commercial_partner_id
            self.env["crm.last.contact"]._note_customers(customers)
        return result

    def unlink(self):
        # The company of a contact goes on without it.
        customers = self.commercial_partner_id - self
        result = super().unlink()
        if customers:
            self.env["crm.last.contact"]._note_customers(customers)
        return result

    # -- Search: days become the moments between which the last contact was

    def _search_last_contact_date(self, operator, value):
        if _is_anything(operator, value):
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
        if _is_anything(operator, value):
            return self._last_contact_domain([(None, None)])
        if operator == "in":
            numbers = [self._to_days(days) for days in value if days is not False]
            days = [(days, days) for days in numbers if days == int(days)]
        elif value is False:
            return Domain.FALSE
        elif operator in (">", "<="):
            value = math.floor(self._to_days(value))
            days = [(value + 1, None) if operator == ">" else (None, value)]
        elif operator in (">=", "<"):
            value = math.ceil(self._to_days(value))
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

    def _to_days(self, value):
        """A number out of a domain.

        :raise UserError: if it is none
        """
        try:
            days = float(value)
        except (TypeError, ValueError):
            days = math.nan
        if math.isnan(days):
            raise UserError(self.env._("“%s” is not a number of days.", value))
        # Far longer than anybody can have been silent; dates reach no further.
        return max(min(days, 500_000.0), -500_000.0)

    def _silence_domain(self, days, never=False):
        """Partners of customers silent for one of the stretches of days.

        :param days: pairs of first and last, each a number or ``None``
        """
        today = fields.Date.context_today(self)
        return self._last_contact_domain(
            [
                (
                    None if last is None else _days_before(today, last),
                    None if first is None else _days_before(today, first - 1),
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
            tuple(day and self._start_of_day(day) for day in pair) for pair in between
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

    def _start_of_day(self, day):
        """The moment (UTC) a day of the user's time zone begins."""
        midnight = datetime.combine(day, time.min)
        if not 2 < day.year < 9998:
            return midnight
        local = pytz.timezone(str(self.env.tz)).localize(midnight)
        return local.astimezone(pytz.utc).replace(tzinfo=None)

    # -- Sort and group: the same join

    def _join_last_contact(self, alias, query) -> str:
        """Join to a query the last contact of each partner's customer.

        Every search, order and group by silence passes here, some of them as superuser:
        so it is the user himself who must be in sales.

        :return: alias of the joined table
        :raise AccessError: if he is not
        """
        self._check_in_sales("last_contact_date")
        Contact = self.env["crm.last.contact"]
        Contact._settle_pending()
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
        """Make sure the user himself may read a field, superuser or not for now."""
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
                self._start_of_day(today - timedelta(days=to)),
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
    def _search(
        self,
        domain,
        offset=0,
        limit=None,
        order=None,
        *,
        active_test=True,
        bypass_access=False,
    ):
        options = {"active_test": active_test, "bypass_access": bypass_access}
        if limit and order and FIRST_TERM.match(order)["name"] in DATES:
            # Those never contacted come last. A page without them needs no look at
            # everybody: the index has the others in order.
            among = super(CrmSilenceMixin, self.with_context(**{CONTACTED: True}))
            if self._leaves_out_never(domain):
                return among._search(domain, offset, limit, order, **options)
            contacted = Domain(domain) & Domain("last_contact_date", "!=", False)
            found = among._search(contacted, offset, limit, order, **options)
            ids = found.get_result_ids()
            if len(ids) == limit:
                return self.browse(ids)._as_query()
        return super()._search(domain, offset, limit, order, **options)

    def _leaves_out_never(self, domain) -> bool:
        """Whether nobody who was never contacted can fulfil a domain.

        Taken for such a customer, what is asked of silence is true or false; what is asked
        of anything else may be true.
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
        # By the moment itself, so that an index can serve it; whoever was never
        # contacted comes last in either direction.
        moment = SQL.identifier(self._join_last_contact(alias, query), "date")
        query._order_groupby.append(moment)
        descending = direction.code.upper() == "DESC"
        if field_name != "last_contact_date":
            descending = not descending
        return SQL(
            "%s %s %s",
            moment,
            SQL("DESC") if descending else SQL("ASC"),
            # Without anybody to come last, the index is as good backwards as forwards.
            SQL() if self.env.context.get(CONTACTED) else SQL("NULLS LAST"),
        )


def _is_anything(operator, value):
    """Whether somebody looks for those with any contact at all: told as such, and not
    as the contrary of none, PostgreSQL knows that it can go along the index."""
    return operator == "not in" and all(none is False for none in value)


def _days_before(day, days):
    """A day some days before another one, as far as dates reach."""
    try:
        return day - timedelta(days=int(days))
    except OverflowError:
        return date.min if days > 0 else date.max
