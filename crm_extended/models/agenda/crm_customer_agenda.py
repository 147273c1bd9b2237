import logging
from dataclasses import dataclass, field
from datetime import date

from markupsafe import Markup
from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from ...analytics.agenda.ranking import log_rest, rank
from ..common.groups import ALL_DOCUMENTS, SALES, SETTINGS
from .agenda_page import page
from .agenda_source import PURPOSES, AgendaScope, AgendaSource, Reason
from .allowed_channels import apply_policy
from .ranking_query import arm, ranking
from .sources import contact_days, own_sources

_logger = logging.getLogger(__name__)

# So many customers are looked at first for each that is wanted, and so many times as many
# in each further round.
AHEAD, FURTHER = 3, 4
# Of a salesperson's customers the best buyers by whom it is tried first, for each that is
# wanted.
BUYERS = 40


@dataclass(kw_only=True)
class Candidate:
    """A customer with the reasons that are known of it."""

    customer_id: int
    revenue: float
    reasons: list[Reason] = field(default_factory=list)

    @property
    def money(self) -> float:
        """What is at stake: the largest amount of its reasons."""
        return max((self.amount(reason) for reason in self.reasons), default=0.0)

    def amount(self, reason) -> float:
        return self.revenue if reason.amount is None else reason.amount

    @property
    def place(self) -> tuple[float, date, int]:
        """What customers are sorted by: the highest rank, then the oldest due date."""
        due = [reason.due for reason in self.reasons if reason.due]
        return -self.score, min(due, default=date.max), self.customer_id

    @property
    def score(self) -> float:
        return rank(self.money, [reason.log for reason in self.reasons])


class CrmCustomerAgenda(models.AbstractModel):
    """Whom to contact today, and why.

    Sources give reasons (:meth:`_agenda_sources`). One statement ranks the customers by
    them. The contact policy is then asked about the best ones only: what it drops lowers
    a rank and never raises one, so the first customers are known as soon as none below
    can come before them.
    """

    _name = "crm.customer.agenda"
    _description = "My Customers Today"

    # -- Hooks for other packages and addons

    @api.model
    def _agenda_sources(self) -> dict[str, AgendaSource]:
        """The sources of reasons, by their keys. An override adds to what ``super()``
        gives, as long as its feature is on.

        A reason rests after a contact, unless it came up after it. Sources of records that
        have a moment give it as ``since``, so that what happens later on the day of the
        contact counts; for the others, see ``COLUMNS`` of ``agenda_source``.
        """
        return own_sources(self)

    @api.model
    def _agenda_actions(self) -> list[dict]:
        """What else the user may do with a customer of the list: packages add ``name``,
        ``label`` and ``title`` of a button, and its ``action`` (an external id), which gets the
        customer as active record; for some also ``reasons`` (keys of sources), without one
        of which the customer has no such button."""
        return []

    @api.model
    def _agenda_hints(self, rows) -> dict[int, dict]:
        """What helps to contact customers of the list, by their ids: packages add ``text``
        and ``title`` (more of it), asked for once for all.

        :param rows: as the page has them, see ``agenda_page``
        """
        return {}

    @api.model
    def _agenda_documents(self) -> dict[str, str]:
        """Models whose activities are reasons, with the field of their contact."""
        return {
            "res.partner": "id",
            "crm.lead": "partner_id",
            "sale.order": "partner_id",
            "account.move": "partner_id",
        }

    @api.model
    def _agenda_documents_domain(self, model) -> Domain:
        """Which records of a model of :meth:`_agenda_documents` are about customers."""
        if model == "account.move":
            # Bills are about vendors, and entries about anyone.
            types = self.env[model].get_sale_types(include_receipts=True)
            return Domain("move_type", "in", types)
        return Domain.TRUE

    @api.model
    def _agenda_revenue(self, scope) -> SQL:
        """A query for what customers (``partner_id``) bought in 12 months (``amount``):
        it is at stake where a reason has no amount."""
        return SQL("SELECT NULL::int AS partner_id, NULL::float8 AS amount WHERE FALSE")

    # -- Finding

    @api.model
    def _scope(self, customer_ids=None) -> AgendaScope:
        """The agenda of the current user and company.

        :param customer_ids: only these customers
        :raise AccessError: if the user is not in sales
        """
        self.env["res.partner"].check_access("read")
        if not self.env.user.has_group(SALES):
            raise AccessError(self.env._("The agenda is for users in sales."))
        self.env.flush_all()
        settings, changed = self.env["crm.agenda.reason"]._read_settings()
        sources = {}
        for key, source in self._agenda_sources().items():
            is_active, weight, purpose = changed.get(
                key, (True, source.weight, source.purpose)
            )
            if is_active:
                purpose = purpose if purpose in PURPOSES else "service"
                sources[key] = source, weight, purpose
        return AgendaScope(
            env=self.env,
            today=fields.Date.context_today(self),
            customer_ids=customer_ids,
            sources=sources,
            **settings,
        )

    @api.model
    def _carefully(self, scope, do):
        """Do something with all sources. Where one fails, do it again, and try each of them
        for itself."""
        try:
            with self.env.cr.savepoint():
                return do()
        except OperationalError:
            # Another transaction stood in the way: Odoo tries again as a whole.
            raise
        except Exception:
            _logger.info("A source of the agenda fails; each is tried for itself.")
        scope.is_careful = True
        return do()

    @api.model
    def _each(self, scope, keys, do) -> dict:
        """Do something for each source. Once one has failed, see :meth:`_carefully`, the
        others are done all the same, and an administrator is notified.

        :return: results by key, without those that failed
        """
        if not scope.is_careful:
            return {key: do(key) for key in keys}
        done = {}
        for key in keys:
            try:
                with self.env.cr.savepoint(flush=False):
                    done[key] = do(key)
            except OperationalError:
                raise
            except Exception as error:
                _logger.exception("Source %s of the agenda failed.", key)
                self._report_failure(key, error)
        return done

    @api.model
    def _find(self, scope, size=None) -> list[Candidate]:
        """The customers to contact first.

        :param size: how many; all of ``scope.customer_ids`` where it is left out
        """
        return self._carefully(scope, lambda: self._find_all(scope, size))

    @api.model
    def _find_all(self, scope, size=None) -> list[Candidate]:
        if scope.is_careful:
            working = self._each(
                scope, scope.sources, lambda key: self._ask(scope, [key], 1)
            )
            scope.sources = {
                key: found for key, found in scope.sources.items() if key in working
            }
        known, limit = {}, size and AHEAD * size + 10
        buyers = size and BUYERS * size
        while True:
            found, floor = self._ask(scope, list(scope.sources), limit, buyers)
            new = [one for one in found if one.customer_id not in known]
            ends = size is None or len(found) < limit
            # What the next customer could at best come to.
            bound = None if ends else found[-1].place
            self._drop(scope, new)
            known.update((one.customer_id, one) for one in new)
            listed = sorted(
                (one for one in known.values() if one.reasons),
                key=lambda one: one.place,
            )
            sure = [one for one in listed if bound is None or one.place <= bound]
            if floor is None and (ends or len(sure) >= size):
                return sure[:size]
            # What customers who buy less could at best come to.
            first = [one for one in sure if one.score > (floor or 0.0)]
            if len(first) >= size:
                return first[:size]
            if ends or len(sure) >= size:
                buyers = None
            else:
                limit *= FURTHER

    @api.model
    def _own(self, scope):
        """Queries for the customers that count as the user's (commercial entities).

        :return: theirs, and for users who see all documents those without a salesperson,
            after whom no one would look otherwise (None for others)
        """
        # Said like this, PostgreSQL knows how many there are.
        customers = scope.company_domain & (
            Domain("is_company", "=", True) | Domain("parent_id", "=", False)
        )
        if scope.customer_ids is not None:
            customers &= Domain("id", "in", scope.customer_ids)
        partners, free = self.env["res.partner"], None
        if not scope.is_of_all and self.env.user.has_group(ALL_DOCUMENTS):
            free = partners._search(
                customers
                & Domain("user_id", "=", False)
                & Domain("partner_share", "=", True)
            )
        if not scope.is_of_all:
            customers &= Domain("user_id", "=", self.env.uid)
        return partners._search(customers), free

    @api.model
    def _ask(self, scope, keys, limit, buyers=None) -> tuple[list[Candidate], float]:
        """The customers of the highest ranks, with all their reasons; the policy has not
        been asked yet.

        :param buyers: number of the user's customers who buy most: only of them sources
            that ask about customers are asked, and of those that another source found
        :return: also the revenue that all other customers are at or below; None where
            there are no others
        """
        if not keys:
            return [], None
        logs = [log_rest(scope.sources[key][1]) for key in keys]
        arms, customer_arms = [], []
        for number, key in enumerate(keys):
            source = scope.sources[key][0]
            chosen = customer_arms if source.is_about_customers else arms
            chosen.append(arm(number, logs[number], source.query(scope)))
        own, free = self._own(scope)
        rows = self.env.execute_query(
            ranking(
                scope,
                own=own,
                free=free,
                arms=arms,
                customer_arms=customer_arms,
                visible=self.env["res.partner"]._search(scope.company_domain),
                revenue=self._agenda_revenue(scope),
                excluded=self.env["crm.agenda.item"]._excluded(scope),
                limit=limit,
                buyers=buyers,
            )
        )
        found, floor = {}, None
        for customer_id, revenue, row_floor, number, *columns in rows:
            if number is None:
                # The row that tells of the others.
                floor = row_floor
                continue
            contact_id, amount, due, res_id, since = columns
            source, weight, purpose = scope.sources[keys[number]]
            candidate = found.setdefault(
                customer_id,
                Candidate(customer_id=customer_id, revenue=max(revenue or 0.0, 0.0)),
            )
            candidate.reasons.append(
                Reason(
                    key=keys[number],
                    source=source,
                    customer_id=customer_id,
                    contact_id=contact_id,
                    amount=amount,
                    due=due,
                    res_id=res_id,
                    since=since,
                    weight=weight,
                    log=logs[number],
                    purpose=purpose,
                )
            )
        return list(found.values()), floor

    @api.model
    def _drop(self, scope, candidates):
        """Leave out reasons that do not hold on a closer look, that rest after a contact,
        or that the contact policy forbids to act on today."""
        by_key = _by_key(candidates)
        if not by_key:
            return
        self._look_back(scope, [one.customer_id for one in candidates])

        def confirmed(key):
            reasons = [r for r in by_key[key] if not self._rests(scope, r)]
            if confirm := scope.sources[key][0].confirm:
                answers = confirm(scope, reasons)
                return [r for r, holds in zip(reasons, answers, strict=True) if holds]
            return reasons

        kept = {
            reason
            for reasons in self._each(scope, by_key, confirmed).values()
            for reason in reasons
        }
        apply_policy(scope, list(kept))
        for one in candidates:
            one.reasons = [r for r in one.reasons if r in kept and r.allowed]

    @api.model
    def _look_back(self, scope, customer_ids):
        """Read the days on which customers and we had contact: what lists of the agenda
        say, and interactions."""
        arms = [self.env["crm.agenda.item"]._done_days(scope, customer_ids)]
        if self.env["crm.feature"]._is_on("timeline"):
            arms.append(contact_days(scope, customer_ids))
        found = self.env.execute_query(
            SQL(
                """
                SELECT customer_id, %s AS day,
                       max(date) FILTER (WHERE is_ours)
                  FROM (%s) AS contacted (customer_id, date, is_ours)
              GROUP BY customer_id, day
              ORDER BY customer_id, day DESC
                """,
                scope.day(SQL("date")),
                SQL(" UNION ALL ").join(arms),
            )
        )
        for customer_id, day, last in found:
            scope.contact_days.setdefault(customer_id, []).append((day, last))

    @api.model
    def _rests(self, scope, reason) -> bool:
        """Whether a reason rests because someone contacted the customer lately."""
        days = reason.source.rest_days
        contacts = scope.contact_days.get(reason.customer_id, ())
        day, last = next((one for one in contacts if one[1]), (None, None))
        if not days or not last or (scope.today - day).days >= days:
            return False
        if reason.since:
            return reason.since <= last
        # What is due later was there at the time of the contact, too.
        return reason.due is None or reason.due <= day or reason.due > scope.today

    # -- Showing

    @api.model
    def get_today(self, more=False) -> dict:
        """The current user's list of today, which is made when it is first asked for.

        :param bool more: add as many customers as a day has
        :return: see ``agenda_page``
        :raise AccessError: if the user is not in sales
        """
        scope = self._scope()
        items = self.env["crm.agenda.item"]

        def make():
            listed, added = items._of_day(scope), []
            if more or not listed:
                added = self._find_all(scope, scope.size)
                listed += items._add(scope, added, listed)
            return page(self, scope, listed, added)

        return self._carefully(scope, make)

    @api.model
    def _reasons_of(self, customer) -> list[tuple[Reason, str]]:
        """The reasons to contact one customer today, whoever their salesperson is, the
        most pressing first, each with its sentence."""
        scope = self._scope(customer_ids=customer.ids)
        scope.is_of_all = True

        def ask():
            candidates = self._find_all(scope)
            sentences = self._sentences(scope, candidates)
            return sorted(sentences.items(), key=lambda pair: -pair[0].weight)

        return self._carefully(scope, ask)

    @api.model
    def _sentences(self, scope, candidates) -> dict[Reason, str]:
        """A sentence for each reason; a source that cannot say any is left out."""
        by_key = _by_key(candidates)
        self._read_facts(scope, by_key)
        said = self._each(
            scope,
            by_key,
            lambda key: scope.sources[key][0].sentences(scope, by_key[key]),
        )
        return {
            reason: sentence
            for key, sentences in said.items()
            for reason, sentence in zip(by_key[key], sentences, strict=True)
        }

    @api.model
    def _read_facts(self, scope, by_key):
        """Read what the sources need for their sentences, in one query."""

        def ask(keys):
            arms = [
                SQL(
                    "SELECT %s, id, facts FROM (%s) AS one (id, facts)",
                    key,
                    scope.sources[key][0].facts(
                        scope, [reason.res_id for reason in by_key[key]]
                    ),
                )
                for key in keys
            ]
            found = {
                (key, id_): facts
                for key, id_, facts in self.env.execute_query(
                    SQL(" UNION ALL ").join(arms)
                )
            }
            for key in keys:
                for reason in by_key[key]:
                    reason.facts = found.get((key, reason.res_id), {})

        keys = [key for key in by_key if scope.sources[key][0].facts]
        if scope.is_careful:
            self._each(scope, keys, lambda key: ask([key]))
        elif keys:
            ask(keys)

    # -- Sources that fail

    @api.model
    def _report_failure(self, key, error):
        """Notify the administrators, once a day for each source and company."""
        source = self._agenda_sources()[key]
        # sudo: users who meet the failure need not be allowed to change settings, to read
        # users, or to write to them.
        reasons, company = self.env["crm.agenda.reason"].sudo(), self.env.company
        if not reasons._note_failure(key, source, company, error):
            return
        # sudo: salespeople need not see who administrates, nor write to them.
        administrators = (
            self.env.ref(SETTINGS)
            .sudo()
            .all_user_ids.filtered(lambda user: user.active and user._is_internal())
        )
        theirs = administrators.filtered(lambda user: company in user.company_ids)
        agenda = self.sudo().with_context(lang=(theirs or administrators)[:1].lang)
        self.env["mail.thread"].sudo().message_notify(
            author_id=self.env.ref("base.partner_root").id,
            partner_ids=(theirs or administrators).partner_id.ids,
            subject=agenda.env._("My Customers Today: a reason cannot be shown"),
            body=Markup("<p>%s</p><p><code>%s</code></p>")
            % (
                agenda.env._(
                    "“%(reason)s” failed in %(company)s. The other reasons are shown. "
                    "You are notified once a day.",
                    reason=agenda._agenda_sources()[key].label,
                    company=company.display_name,
                ),
                f"{type(error).__name__}: {error}"[:500],
            ),
        )


def _by_key(candidates) -> dict[str, list[Reason]]:
    """The reasons of candidates by their source."""
    found = {}
    for one in candidates:
        for reason in one.reasons:
            found.setdefault(reason.key, []).append(reason)
    return found
