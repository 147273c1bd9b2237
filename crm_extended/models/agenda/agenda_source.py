"""A source of the agenda: why customers are to be contacted, and what each of them reads."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from odoo.fields import Domain
from odoo.tools import SQL

# What sources ask for: the purposes of the contact policy that are meant.
PURPOSES = {
    "service": "crm_extended.purpose_service",
    "marketing": "crm_extended.purpose_marketing",
}


@dataclass(kw_only=True)
class AgendaSource:
    """Reasons of one kind to contact customers today."""

    #: what the kind is called, translated
    label: str
    #: ``service`` or ``marketing``; companies can change it
    purpose: str = "service"
    #: keys of channels on which it makes sense, the best first
    channels: tuple[str, ...] = ("phone", "email", "visit")
    #: how pressing it is, 0 to 1; companies can change it
    weight: float = 0.5
    #: a function of the scope that gives a query with the columns of :data:`COLUMNS`, as
    #: :meth:`AgendaScope.reasons` makes it
    query: Callable[["AgendaScope"], SQL]
    #: a function of the scope and the reasons that are shown: a sentence for each
    sentences: Callable[["AgendaScope", list["Reason"]], list[str]]
    #: a function of the scope and some records of the source that gives a query for their
    #: id and what the sentences need, as one ``jsonb``. It is asked for together with
    #: those of the other sources, and found in :attr:`Reason.facts`
    facts: Callable[["AgendaScope", list[int]], SQL] | None = None
    #: a function of the scope and some reasons that says of each whether it holds, where
    #: that cannot be asked of all customers; it may note what it found in ``facts``
    confirm: Callable[["AgendaScope", list["Reason"]], list[bool]] | None = None
    #: whether the query asks about customers of the user (``mine``) one by one, and what is
    #: at stake is their revenue: then it can be asked about the best buyers first
    is_about_customers: bool = False
    #: days for which the reason rests after someone contacted the customer. A reason that
    #: came up after the contact does not: see ``since`` of :data:`COLUMNS`
    rest_days: int = 7
    #: model of the records that reasons are about, to be opened
    model: str | None = None
    icon: str = "fa-circle-o"


#: What the query of a source has, in this order. The customer is a commercial entity; the
#: contact is whom to write to (NULL: the customer or any of its contacts); the amount is
#: in the company's currency (NULL: the customer's revenue is at stake). Due is a day of the
#: user's time zone, as :meth:`AgendaScope.day` makes it out of a moment. ``since`` is the
#: moment (UTC) at which the reason came up. Where it is NULL, only the day is known, ``due``,
#: and a contact on that day came after it.
COLUMNS = ("customer_id", "contact_id", "amount", "due", "res_id", "since")


@dataclass(kw_only=True, eq=False)
class Reason:
    """Why one customer is to be contacted."""

    key: str
    source: AgendaSource
    customer_id: int
    contact_id: int | None
    amount: float | None
    due: date | None
    res_id: int | None
    #: when it came up, where that is more than the day it is due
    since: datetime | None = None
    weight: float
    #: scaled logarithm of what the weight leaves, see ``analytics.agenda.ranking``
    log: int
    purpose: str
    #: allowed channels: whom to contact, and from which moment on (None: now)
    allowed: dict[str, tuple[int, datetime | None]] = field(default_factory=dict)
    #: what the source told for the sentence
    facts: dict = field(default_factory=dict)

    def is_later(self, channel) -> bool:
        """Whether an allowed channel is not allowed now, but later today."""
        return self.allowed[channel][1] is not None


@dataclass(kw_only=True)
class AgendaScope:
    """Whose agenda it is, and which customers are asked for."""

    env: object
    #: the user's own day
    today: date
    #: settings of the company: customers of a day, days until opportunities go cold, days
    #: without an interaction that are long
    size: int
    lead_days: int
    silence_days: int
    #: sources by key, each with the weight and the purpose that the company gives it
    sources: dict[str, tuple[AgendaSource, float, str]]
    #: only these customers; all that are the user's without it
    customer_ids: list[int] | None = None
    #: whether they count as the user's, whose salesperson may be anyone
    is_of_all: bool = False
    #: whether a source failed, so that each is asked for itself
    is_careful: bool = False
    #: days of contacts with the customers that are looked at closely, the latest first;
    #: each with the last moment at which it was not the customer alone who was active
    contact_days: dict[int, list[tuple[date, datetime | None]]] = field(
        default_factory=dict
    )

    @property
    def company(self):
        return self.env.company

    @property
    def user(self):
        return self.env.user

    @cached_property
    def company_domain(self) -> Domain:
        """Records of the company, or of none."""
        return Domain("company_id", "in", [self.company.id, False])

    def day(self, moment: SQL) -> SQL:
        """The day of a moment (UTC), in the time zone of the user."""
        return SQL("timezone(%s, timezone('UTC', %s))::date", str(self.env.tz), moment)

    def records(self, model: str, domain):
        """A query for records of the company, or of none, that the user may read.

        :return: ``Query``, for :meth:`reasons`
        """
        return self.env[model]._search(Domain(domain) & self.company_domain)

    def records_of_mine(self, model: str, domain):
        """The same for ``crm.customer.record.mixin``, of the user's own customers. These
        have been found as the user already, so only the rules of the model are asked."""
        records = self.env[model]
        if not records.has_access("read"):
            domain = Domain.FALSE
        rules = self.env["ir.rule"]._compute_domain(model, "read")
        query = records._search(
            Domain(domain) & Domain("company_id", "=", self.company.id) & rules,
            bypass_access=True,
        )
        query.add_where(
            SQL(
                "%s IN (SELECT id FROM mine)", SQL.identifier(query.table, "partner_id")
            )
        )
        return query

    def customer_of(self, query, table=None, field="partner_id", user=None):
        """The customer of documents, by their contact.

        Keeps those of the user's customers, and those the user is in charge of; of
        customers without a salesperson, those that no one else is in charge of. The
        contacts of the user's customers are known (``person``), so that no contact is
        looked up for documents of others.

        :param table: alias of the documents in the query; its main table without it
        :param user: SQL of who is in charge of a document
        :return: SQL of the customer's id
        """
        contact = SQL.identifier(table or query.table, field)
        query.add_join("LEFT JOIN", "person", None, SQL("person.id = %s", contact))
        is_mine = SQL("person.is_mine")
        if user is not None:
            # Of customers without a salesperson others may be in charge.
            is_mine = SQL(
                "(%(is_mine)s OR %(user)s = %(uid)s OR %(is_free)s AND %(user)s IS NULL)",
                is_mine=is_mine,
                is_free=SQL("person.is_free"),
                user=user,
                uid=self.env.uid,
            )
        else:
            is_mine = SQL("(%s OR person.is_free)", is_mine)
        query.add_where(is_mine)
        if self.customer_ids is not None:
            query.add_where(SQL("person.id IS NOT NULL"))
            return SQL("person.customer_id")
        return SQL(
            """
            COALESCE(person.customer_id, (SELECT other.commercial_partner_id
                                            FROM res_partner AS other
                                           WHERE other.id = %s))
            """,
            contact,
        )

    def is_asked(self, customer: SQL) -> SQL:
        """Whether a customer is one of those that are asked for."""
        if self.customer_ids is None:
            return SQL("TRUE")
        return SQL("%s = ANY(%s)", customer, self.customer_ids)

    def facts(self, model, ids, **columns) -> SQL:
        """A query for ``facts`` of a source: fields of its records, by their names.

        The records were found as the user. Many2one fields give their ids.

        :param columns: what is called otherwise: SQL, or names of fields
        """
        records = self.env[model].with_context(active_test=False)
        # sudo: as above.
        query = records.sudo()._search([("id", "in", ids)])
        pairs = []
        for name, column in columns.items():
            if isinstance(column, str):
                # sudo: as above.
                column = self._column(records.sudo(), query, column)
            pairs.append(SQL("%s, %s", name, column))
        return query.select(
            SQL.identifier(query.table, "id"),
            SQL("jsonb_build_object(%s)", SQL(", ").join(pairs)),
        )

    @staticmethod
    def _column(records, query, path) -> SQL:
        """A field of records, or one of what a many2one field leads to."""
        name, _dot, rest = path.partition(".")
        if not rest:
            return records._field_to_sql(query.table, name, query)
        target = records.env[records._fields[name].comodel_name]
        joined = query.left_join(query.table, name, target._table, "id", name)
        return target._field_to_sql(joined, rest, query)

    def reasons(
        self, query, *, customer, contact=None, amount=None, due=None, since=None
    ) -> SQL:
        """The query of a source, out of one for records.

        :param query: what :meth:`records` gives
        :param customer: SQL of the customer's id, and so on for the other columns
        :param since: SQL of the moment at which the reason came up; it is due on that day
            unless ``due`` says otherwise
        """
        if since and not due:
            due = self.day(since)
        query.add_where(self.is_asked(customer))
        null = SQL("NULL")
        return query.select(
            customer,
            contact or null,
            amount or null,
            due or null,
            SQL.identifier(query.table, "id"),
            since or null,
        )
