import logging
from dataclasses import dataclass, field
from datetime import date, timedelta

from markupsafe import Markup
from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...analytics.agenda.ranking import log_rest, rank
from ..common.bulk_sql import turn_off_jit
from ..common.groups import SALES, SETTINGS
from .agenda_page import page
from .agenda_source import PURPOSES, AgendaScope, AgendaSource, Reason
from .allowed_channels import apply_policy
from .ranking_query import arm, ranking
from .sources import own_sources

_logger = logging.getLogger(__name__)

# So many customers are looked at first for each that is wanted, and so many times as many
# in each further round.
AHEAD, FURTHER = 3, 4


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
        score = rank(self.money, [reason.log for reason in self.reasons])
        return -score, min(due, default=date.max), self.customer_id


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
        gives, as long as its feature is on."""
        return own_sources(self)

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
    def _agenda_revenue(self, scope) -> SQL:
        """A query for what customers (``partner_id``) bought in 12 months (``amount``):
        it is at stake where a reason has no amount."""
        return SQL("SELECT NULL::int AS partner_id, NULL::float8 AS amount WHERE FALSE")

    # -- Finding

    @api.model
    def _scope(self, customer_ids=None) -> AgendaScope:
        """The agenda of the current user and company.

        :param customer_ids: only these customers
        """
        # sudo: settings of the company, whoever works with them.
        company = self.env.company.sudo()
        return AgendaScope(
            env=self.env,
            today=fields.Date.context_today(self),
            customer_ids=customer_ids,
            **company._agenda_settings(),
        )

    @api.model
    def _find(self, scope, size=None) -> list[Candidate]:
        """The customers to contact first.

        :param size: how many; all of ``scope.customer_ids`` where it is left out
        :raise AccessError: if the user is not in sales
        """
        self.env["res.partner"].check_access("read")
        if not self.env.user.has_group(SALES):
            raise self.env["ir.rule"]._make_access_error("read", self.env["crm.lead"])
        self.env.flush_all()
        turn_off_jit(self.env)
        sources, known = self._weighed_sources(scope), {}
        limit = size and AHEAD * size + 10
        while True:
            found = self._rank(scope, sources, limit)
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
            if ends:
                return listed[:size]
            sure = [one for one in listed if one.place <= bound]
            if len(sure) >= size:
                return sure[:size]
            limit *= FURTHER

    @api.model
    def _weighed_sources(self, scope) -> dict[str, tuple[AgendaSource, float, str]]:
        """Sources with the weight and the purpose that the company gives them."""
        # sudo: as in `_scope`.
        settings = self.env["crm.agenda.reason"].sudo().with_context(active_test=False)
        changed = {
            one.key: one
            for one in settings.search([("company_id", "=", scope.company.id)])
        }
        weighed = {}
        for key, source in self._agenda_sources().items():
            own = changed.get(key)
            if own and not own.active:
                continue
            weight = own.weight if own else source.weight
            purpose = own.purpose if own else source.purpose
            weighed[key] = source, weight, purpose if purpose in PURPOSES else "service"
        return weighed

    @api.model
    def _rank(self, scope, sources, limit) -> list[Candidate]:
        """The customers of the highest ranks, with all their reasons; the policy has not
        been asked yet."""
        try:
            with self.env.cr.savepoint(flush=False):
                return self._ask(scope, sources, limit)
        except OperationalError:
            # Another transaction stood in the way: Odoo tries again as a whole.
            raise
        except Exception:
            _logger.info("A source of the agenda fails; each is tried for itself.")
        working = self._each(
            sources, lambda key: self._ask(scope, {key: sources[key]}, 1)
        )
        for key in sources.keys() - working.keys():
            del sources[key]
        return self._ask(scope, sources, limit)

    @api.model
    def _ask(self, scope, sources, limit) -> list[Candidate]:
        if not sources:
            return []
        keys = list(sources)
        logs = [log_rest(weight) for _source, weight, _purpose in sources.values()]
        arms = [
            arm(number, logs[number], sources[key][0].query(scope))
            for number, key in enumerate(keys)
        ]
        partners = self.env["res.partner"]
        mine = partners._search(
            scope.company_domain & Domain("user_id", "=", self.env.uid)
        )
        mine.add_where(
            SQL(
                "%s = %s",
                SQL.identifier(mine.table, "id"),
                SQL.identifier(mine.table, "commercial_partner_id"),
            )
        )
        statement = ranking(
            mine,
            arms,
            partners._search(scope.company_domain),
            self._agenda_revenue(scope),
            self.env["crm.agenda.item"]._excluded(scope),
            limit,
        )
        found = {}
        for (
            customer_id,
            revenue,
            number,
            contact_id,
            amount,
            due,
            res_id,
        ) in self.env.execute_query(statement):
            source, weight, purpose = sources[keys[number]]
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
                    weight=weight,
                    log=logs[number],
                    purpose=purpose,
                )
            )
        return list(found.values())

    @api.model
    def _drop(self, scope, candidates):
        """Leave out reasons that do not hold on a closer look, that rest after a contact,
        or that the contact policy forbids to act on today."""
        by_key = {}
        for reason in (reason for one in candidates for reason in one.reasons):
            by_key.setdefault(reason.key, []).append(reason)

        def confirmed(key):
            reasons = by_key[key]
            if confirm := reasons[0].source.confirm:
                answers = confirm(scope, reasons)
                return {r for r, holds in zip(reasons, answers, strict=True) if holds}
            return set(reasons)

        if any(reasons[0].source.confirm for reasons in by_key.values()):
            kept = set().union(*self._each(by_key, confirmed).values())
        else:
            kept = set().union(*by_key.values())
        kept -= self._resting(scope, kept)
        apply_policy(scope, list(kept))
        for one in candidates:
            one.reasons = [r for r in one.reasons if r in kept and r.allowed]

    @api.model
    def _resting(self, scope, reasons) -> set[Reason]:
        """Reasons that rest because someone contacted the customer lately."""
        days = max((reason.source.rest_days for reason in reasons), default=0)
        if not days:
            return set()
        since = scope.today - timedelta(days=days)
        last = self.env["crm.agenda.item"]._last_contacts(
            scope, {reason.customer_id for reason in reasons}, since
        )

        def rests(reason):
            contact, due = last.get(reason.customer_id), reason.due
            if not contact or (scope.today - contact).days >= reason.source.rest_days:
                return False
            return due is None or due <= contact or due > scope.today

        return {reason for reason in reasons if rests(reason)}

    # -- Showing

    @api.model
    def get_today(self, more=False) -> dict:
        """The current user's list of today, which is made when it is first asked for.

        :param bool more: add as many customers as a day has
        :return: see ``agenda_page``
        :raise AccessError: if the user is not in sales
        """
        scope = self._scope()
        items = self.env["crm.agenda.item"]._of_day(scope)
        added = []
        if more or not items:
            added = self._find(scope, scope.size)
            items += items._add(scope, added)
        return page(self, scope, items, added)

    @api.model
    def _sentences(self, scope, candidates) -> dict[Reason, str]:
        """A sentence for each reason; one that cannot say it is left out."""
        by_key = {}
        for reason in (reason for one in candidates for reason in one.reasons):
            by_key.setdefault(reason.key, []).append(reason)
        said = self._each(
            by_key, lambda key: by_key[key][0].source.sentences(scope, by_key[key])
        )
        return {
            reason: sentence
            for key, sentences in said.items()
            for reason, sentence in zip(by_key[key], sentences, strict=True)
        }

    # -- Sources that fail

    @api.model
    def _each(self, keys, do) -> dict:
        """Do something for each source. Where one fails, the others are done all the
        same, and an administrator is notified.

        :return: results by key, without those that failed
        """
        try:
            with self.env.cr.savepoint(flush=False):
                return {key: do(key) for key in keys}
        except OperationalError:
            raise
        except Exception:
            _logger.info("A source of the agenda fails; each is tried for itself.")
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
    def _report_failure(self, key, error):
        """Notify the administrators, once a day for each source and company."""
        source = self._agenda_sources()[key]
        # sudo: users who meet the failure need not be allowed to change settings, to read
        # users, or to write to them.
        reasons, company = self.env["crm.agenda.reason"].sudo(), self.env.company
        if not reasons._note_failure(key, source, company, error):
            return
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
