import logging
from datetime import date, datetime, timedelta
from typing import NamedTuple

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL
from odoo.tools.constants import GC_UNLINK_LIMIT

from ..common.crm_company_job_mixin import KEEP_DAYS
from ..common.groups import SALES

_logger = logging.getLogger(__name__)

# Lists are made from this hour on, for users who had one in so many days.
BEGIN, LATELY = 4, 14
# States of the customer, from the one that says least to the one that says most.
SAYS = ("gone", "open", "skipped", "done", "snoozed")
# How far ahead a customer can be snoozed.
LONGEST_SNOOZE = timedelta(days=366)


class Listed(NamedTuple):
    """What the page needs of an item."""

    id: int
    customer_id: int
    state: str
    place: int
    #: since when it has the state
    state_date: datetime


class CrmAgendaItem(models.Model):
    """A customer on a user's list of a day, and what came of it.

    What is shown about the customer is found anew each time, as the user. Kept is what
    the list was made of, so that it ends, and that managers see what came of it.
    """

    _name = "crm.agenda.item"
    _inherit = "crm.customer.record.mixin"
    _description = "Customer of the Day"
    _rec_name = "partner_id"
    _order = "day desc, user_id, place, id"

    partner_id = fields.Many2one(ondelete="cascade", readonly=True, index=True)
    company_id = fields.Many2one(ondelete="cascade", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(
        "res.users", required=True, readonly=True, ondelete="cascade"
    )
    day = fields.Date(required=True, readonly=True)
    place = fields.Integer(
        readonly=True, aggregator=None, help="Where the customer stood in the list."
    )
    money = fields.Monetary(
        string="At Stake",
        readonly=True,
        currency_field="currency_id",
        help="The largest amount of the reasons, or the customer's revenue.",
    )
    reason_keys = fields.Char(
        readonly=True,
        help="Keys of the reasons, with commas between them.",
    )
    reason_text = fields.Char(string="Reasons", compute="_compute_reason_text")
    state = fields.Selection(
        [
            ("open", "To Do"),
            ("done", "Contacted"),
            ("snoozed", "Snoozed"),
            ("skipped", "Not Now"),
            ("gone", "No Longer Needed"),
        ],
        required=True,
        readonly=True,
        default="open",
    )
    state_date = fields.Datetime(string="Since", readonly=True)
    done_by_id = fields.Many2one(
        "res.users", string="Contacted By", readonly=True, ondelete="set null"
    )
    snoozed_until = fields.Date(readonly=True)
    snooze_reason = fields.Char(readonly=True)

    # A constraint, not a unique index: Odoo's merge of partners looks for constraints to
    # know where two rows may collide.
    _unique_customer = models.Constraint(
        "UNIQUE (user_id, company_id, day, partner_id)",
        "This customer is on the list already.",
    )
    _open_index = models.Index("(partner_id, day) WHERE state = 'open'")
    _snoozed_index = models.Index(
        "(user_id, company_id, snoozed_until) WHERE state = 'snoozed'"
    )

    @api.depends("reason_keys")
    @api.depends_context("lang")
    def _compute_reason_text(self):
        sources = self.env["crm.customer.agenda"]._agenda_sources()
        labels = {key: source.label for key, source in sources.items()}
        for item in self:
            keys = (item.reason_keys or "").split(",")
            item.reason_text = ", ".join(labels.get(key, key) for key in keys)

    # -- Making the list of a day

    @api.model
    def _of_day(self, scope) -> list[Listed]:
        """The items of a user's day, in their order."""
        query = self._search(
            [
                ("user_id", "=", scope.env.uid),
                ("company_id", "=", scope.company.id),
                ("day", "=", scope.today),
            ],
            order="place, id",
        )
        # Another one than the item's where the customer now belongs to a company.
        partner = query.join(query.table, "partner_id", "res_partner", "id", "customer")
        columns = (
            (query.table, "id"),
            (partner, "commercial_partner_id"),
            (query.table, "state"),
            (query.table, "place"),
            (query.table, "state_date"),
        )
        return [
            Listed(*row)
            for row in self.env.execute_query(
                query.select(*(SQL.identifier(*column) for column in columns))
            )
        ]

    @api.model
    def _excluded(self, scope) -> SQL:
        """A condition on ``reason`` for customers that are not to be put on the list:
        those that are or were on it today, and those that the user has snoozed."""
        if scope.customer_ids is not None:
            return SQL("FALSE")
        return SQL(
            """
            reason.customer_id IN (
                -- Another one than the item's where the customer now belongs to a company.
                SELECT partner.commercial_partner_id
                  FROM crm_agenda_item AS item
                  JOIN res_partner AS partner ON partner.id = item.partner_id
                 WHERE item.user_id = %(user_id)s AND item.company_id = %(company_id)s
                   AND (item.day = %(today)s
                        OR item.state = 'snoozed' AND item.snoozed_until > %(today)s))
            """,
            user_id=scope.env.uid,
            company_id=scope.company.id,
            today=scope.today,
        )

    @api.model
    def _add(self, scope, candidates, listed=()) -> list[Listed]:
        """Put customers on the list of today, after those that are on it.

        Two windows may do so at once: what is there already stays as it is.
        """
        if not candidates:
            return []
        first = max((one.place for one in listed), default=0) + 1
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO crm_agenda_item (
                            user_id, company_id, day, partner_id, place, money,
                            reason_keys, state, state_date, create_uid, create_date,
                            write_uid, write_date)
                SELECT %(user_id)s, %(company_id)s, %(day)s, one.partner_id, one.place,
                       one.money, one.keys, 'open', %(now)s, %(user_id)s, %(now)s,
                       %(user_id)s, %(now)s
                  FROM unnest(%(ids)s, %(places)s, %(money)s::numeric[], %(keys)s)
                       AS one (partner_id, place, money, keys)
                ON CONFLICT DO NOTHING
                  RETURNING id, partner_id, state, place, state_date
                """,
                user_id=scope.env.uid,
                company_id=scope.company.id,
                day=scope.today,
                now=fields.Datetime.now(),
                ids=[one.customer_id for one in candidates],
                places=list(range(first, first + len(candidates))),
                money=[one.money for one in candidates],
                keys=[
                    ",".join(dict.fromkeys(reason.key for reason in one.reasons))
                    for one in candidates
                ],
            )
        )
        return sorted((Listed(*row) for row in rows), key=lambda one: one.place)

    @api.model
    def _done_days(self, scope, customer_ids) -> SQL:
        """A query for moments at which customers of anyone's list were contacted."""
        return SQL(
            """
            SELECT partner.commercial_partner_id, item.state_date, TRUE
              FROM res_partner AS partner
              JOIN crm_agenda_item AS item ON item.partner_id = partner.id
             WHERE partner.commercial_partner_id = ANY(%s) AND item.company_id = %s
               AND item.state = 'done'
            """,
            customer_ids,
            scope.company.id,
        )

    # -- Before the day begins

    @api.model
    def _cron_prepare(self):
        """Make the lists of users who worked with theirs lately, once their day has begun:
        then a page of many customers opens at once. What it shows is found anew."""
        due = self._due_lists()
        progress = self.env["ir.cron"]
        progress._commit_progress(remaining=len(due))
        for user, company in due:
            # As the user, wherever and in whichever language they work.
            agenda = (
                self.env["crm.customer.agenda"]
                .with_user(user)
                .with_context(
                    allowed_company_ids=company.ids, tz=user.tz, lang=user.lang
                )
            )
            try:
                with self.env.cr.savepoint():
                    agenda.get_today()
            except OperationalError as error:
                # The user did the same just now, or will.
                _logger.info("List of user %s: %s", user.id, error)
            except Exception:
                _logger.exception("The list of user %s cannot be made.", user.id)
            if not progress._commit_progress(1):
                break

    @api.model
    def _due_lists(self) -> list[tuple]:
        """Users and companies whose day has begun without a list."""
        since = fields.Date.today() - timedelta(days=LATELY)
        last = self._read_group(
            [("day", ">=", since)], ["user_id", "company_id"], ["day:max"]
        )
        due = []
        for user, company, day in last:
            moment = fields.Datetime.context_timestamp(
                self.with_context(tz=user.tz or "UTC"), fields.Datetime.now()
            )
            if (
                user.active
                and company in user.company_ids
                and user.has_group(SALES)
                and moment.hour >= BEGIN
                and day < moment.date()
            ):
                due.append((user, company))
        return due

    @api.autovacuum
    def _gc_items(self):
        limit = fields.Date.today() - timedelta(days=KEEP_DAYS)
        self.search([("day", "<", limit)], limit=GC_UNLINK_LIMIT).unlink()

    # -- What comes of it

    @api.model
    def _let_go(self, ids):
        """Nothing is left to contact the customers of these items for, or not today."""
        # sudo: the state follows from what happened, users do not write it.
        if items := self.sudo().browse(ids):
            items.write({"state": "gone", "state_date": fields.Datetime.now()})

    @api.model
    def _contacted(self, customers, company=None):
        """Customers have been contacted by the current user: whoever has them on a list of
        today is done with them.

        :param customers: contacts or companies; the company counts
        :param company: only lists of this company
        """
        # sudo: only to learn whose contacts these are.
        companies = customers.sudo().commercial_partner_id
        domain = [
            ("partner_id.commercial_partner_id", "in", companies.ids),
            ("state", "=", "open"),
            # In each time zone it is one of these days.
            ("day", ">=", fields.Date.today() - timedelta(days=1)),
        ]
        if company:
            domain.append(("company_id", "=", company.id))
        # sudo: the lists of all users.
        items = self.sudo().search(domain) if customers else self.browse()
        items = items.filtered(
            lambda item: (
                item.day
                == fields.Date.context_today(
                    item.with_context(tz=item.user_id.tz or "UTC")
                )
            )
        )
        if items:
            items._settle("done", done_by_id=self.env.uid)

    # -- Merged customers

    @api.model
    def _merge_into(self, customers, customer):
        """Where customers are on the same list as the one they are merged into, keep the
        item that says most; Odoo would delete all of theirs, of all days."""
        # sudo: the lists of all users, no matter who merges.
        items = self.sudo().search([("partner_id", "in", (customers | customer).ids)])
        doubles = self.browse()
        for ones in items.grouped(
            lambda item: (item.user_id, item.company_id, item.day)
        ).values():
            first = max(ones, key=CrmAgendaItem._says)
            doubles |= (ones - first).sudo(False)
        # sudo: as above.
        doubles.sudo().unlink()

    def _says(self):
        """How much an item says, to compare: what was decided of the customer stays, and
        of that what holds longest."""
        until = self.snoozed_until or date.min
        return until, SAYS.index(self.state), -self.place

    def _settle(self, state, **values):
        # sudo: the state is written by the steps of this model only, whose callers have
        # checked whose items they are.
        self.sudo().write(
            {
                "done_by_id": False,
                "snoozed_until": False,
                "snooze_reason": False,
                "state": state,
                "state_date": fields.Datetime.now(),
                **values,
            }
        )

    def _check_own(self):
        self.check_access("read")
        if self.user_id - self.env.user:
            raise AccessError(self.env._("This is on the list of another user."))

    def action_done(self):
        """The customers have been contacted."""
        self._check_own()
        self._settle("done", done_by_id=self.env.uid)
        return True

    def action_skip(self):
        """Leave the customers out for today."""
        self._check_own()
        self._settle("skipped")
        return True

    def action_snooze(self, until, reason=False):
        """Leave the customers out until a day, on which they may be listed again.

        :param until: a date or its ISO string
        :param reason: in the user's words
        :raise UserError: where the day is not in the future
        """
        self._check_own()
        try:
            until = fields.Date.to_date(until)
        except (ValueError, TypeError):
            until = None
        today = fields.Date.context_today(self)
        if not until or not today < until <= today + LONGEST_SNOOZE:
            raise UserError(
                self.env._("Choose a day in the future, at most one year ahead.")
            )
        if reason and not isinstance(reason, str):
            raise UserError(self.env._("The reason is a text."))
        self._settle("snoozed", snoozed_until=until, snooze_reason=reason or False)
        return True

    def action_reopen(self):
        """Put the customers back on today's list."""
        self._check_own()
        self._settle("open")
        return True
