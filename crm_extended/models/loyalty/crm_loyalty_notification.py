import logging
from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..common.formats import format_day

_logger = logging.getLogger(__name__)

# Changes older than this are not notified any more: a past that was assessed again, and
# notifications that could not be sent in time.
NOTIFY_DAYS = 7

# Marks looked at by one statement.
CHUNK = 2000

# How soon the salesperson is to act.
ACT_WITHIN_DAYS = 7

# Setting and template of each kind of mail.
MAILS = {
    "risen": ("loyalty_mail_risen", "crm_extended.mail_template_loyalty_risen"),
    "grace": ("loyalty_mail_grace", "crm_extended.mail_template_loyalty_grace"),
    "fallen": ("loyalty_mail_fallen", "crm_extended.mail_template_loyalty_fallen"),
}


class CrmLoyaltyNotification(models.AbstractModel):
    """Notifies customers by mail that they rose, fell or are about to, and salespeople
    by an activity of customers who are about to fall.

    The assessment marks the changes and memberships to notify of. One statement takes
    and clears the marks, in the transaction that queues the mails: a run that is stopped
    in between has sent nothing, and nothing is sent twice. Without marks no record is
    read.
    """

    _name = "crm.loyalty.notification"
    _description = "Loyalty Tier Notification"

    @api.model
    def _send_notifications(self, company, limit: int) -> int:
        """Send the pending notifications.

        :param limit: how many at most
        :return: how many there were
        """
        # sudo: users who assess tiers need not be allowed to see all customers.
        self = self.sudo().with_company(company)
        self.env.flush_all()
        templates = self._get_templates(company)
        count = 0
        for take in (self._take_changes, self._take_grace):
            try:
                # A broken template must not undo the assessment. The marks come back
                # then.
                with self.env.cr.savepoint():
                    taken = take(company, templates, limit - count)
                    self._notify(company, templates, taken)
                    count += len(taken)
            except Exception:
                _logger.exception(
                    "Customers of company %s could not be notified of their tiers. It will "
                    "be tried again for %s days.",
                    company.id,
                    NOTIFY_DAYS,
                )
        return count

    @api.model
    def _forget_all(self):
        """Clear the marks of all pending notifications: none is sent later."""
        # sudo: marks of customers the user cannot see, too.
        for name in ("crm.loyalty.change", "crm.loyalty.membership"):
            marked = self.env[name].sudo().search([("notification_pending", "=", True)])
            marked.notification_pending = False

    @api.model
    def _notifies_changes(self, company, day) -> bool:
        """Whether customers may have to be notified of changes of that day. If not, the
        assessment need not mark them: a first one would mark all of them in vain."""
        if not self.env["crm.feature"]._is_on("loyalty"):
            return False
        age = (fields.Date.context_today(self) - day).days
        wanted = company.loyalty_mail_risen or company.loyalty_mail_fallen
        return wanted and 0 <= age <= NOTIFY_DAYS

    @api.model
    def _get_templates(self, company) -> dict:
        """The templates of the mails that the company sends, by kind."""
        templates = {}
        for kind, (setting, xmlid) in MAILS.items():
            template = company[setting] and self.env.ref(
                xmlid, raise_if_not_found=False
            )
            # A deleted template is never sent.
            if template:
                templates[kind] = template
        return templates

    # -- Pending notifications

    def _mailable(self, partner: str) -> SQL:
        """Whether a customer can be written to, and may be.

        :param partner: alias of ``res_partner``
        """
        return SQL(
            """
            (%(partner)s.active AND %(email)s IS NOT NULL AND NOT EXISTS (
                SELECT FROM mail_blacklist AS listed
                 WHERE listed.active AND listed.email = %(email)s))
            """,
            partner=SQL.identifier(partner),
            email=SQL.identifier(partner, "email_normalized"),
        )

    @api.model
    def _take_changes(self, company, templates, limit) -> list[tuple]:
        """Take the marks of customers who rose or fell, and clear marks without a
        notification.

        A customer is notified only of the last change. Changes of the tier program and
        manual overrides are the company's own to announce.

        :return: id of the customer, and the kind
        """
        today = fields.Date.context_today(self)
        return self._take(
            "crm.loyalty.change",
            company,
            limit,
            SQL(
                """
                SELECT *
                  FROM (
                        SELECT moved.id, moved.partner_id, moved.kind
                          FROM (%(moved)s) AS moved
                          JOIN res_partner AS p ON p.id = moved.partner_id
                         WHERE moved.kind = ANY(%(kinds)s) AND %(mailable)s
                           AND moved.date BETWEEN %(oldest)s AND %(today)s
                        OFFSET 0
                       ) AS notified
                 WHERE NOT EXISTS (
                       SELECT
                         FROM (
                               -- One customer's, by index, although the table may have
                               -- been filled a moment ago and have no statistics.
                               SELECT * FROM crm_loyalty_change
                                WHERE partner_id = notified.partner_id OFFSET 0
                              ) AS later
                        WHERE later.company_id = %(company_id)s AND later.id > notified.id
                          AND later.old_tier_id IS DISTINCT FROM later.new_tier_id)
                """,
                moved=self._moved(),
                company_id=company.id,
                kinds=[kind for kind in templates if kind != "grace"],
                mailable=self._mailable("p"),
                oldest=today - timedelta(days=NOTIFY_DAYS),
                today=today,
            ),
            # Changes dated tomorrow (in time zones ahead of ours) are notified tomorrow.
            SQL("date <= %s", today),
        )

    def _moved(self) -> SQL:
        """Where the marked changes led: to a higher tier, to a lower one, or to nothing
        that customers are notified of."""
        return SQL(
            """
            SELECT c.id, c.partner_id, c.date,
                   CASE WHEN c.reason IN ('fell', 'taken_back') THEN 'fallen'
                        WHEN c.reason = 'earned' AND c.new_tier_id IS NOT NULL
                        THEN 'risen'
                        WHEN c.reason = 'lock_ended' AND c.old_tier_id IS NOT NULL
                        THEN CASE WHEN (new.sequence, new.id) > (old.sequence, old.id)
                                  THEN 'risen' ELSE 'fallen' END
                         END AS kind
              FROM marked AS c
         LEFT JOIN crm_loyalty_tier AS old ON old.id = c.old_tier_id
         LEFT JOIN crm_loyalty_tier AS new ON new.id = c.new_tier_id
            """
        )

    @api.model
    def _take_grace(self, company, templates, limit) -> list[tuple]:
        """Take the marks of members who came into grace, and clear marks without a
        recipient.

        Where the tier was assessed for another day, the mark stays until it is assessed
        for today.

        :return: id of the customer, and the kind
        """
        return self._take(
            "crm.loyalty.membership",
            company,
            limit,
            SQL(
                """
                SELECT m.id, m.partner_id,
                       CASE WHEN %(mailed)s AND %(mailable)s THEN 'grace' END AS kind
                  FROM marked AS m
                  JOIN res_partner AS p ON p.id = m.partner_id
             LEFT JOIN res_users AS u ON u.id = p.user_id AND u.active AND NOT u.share
                 WHERE m.state = 'grace'
                   AND (u.id IS NOT NULL OR (%(mailed)s AND %(mailable)s))
                """,
                mailed="grace" in templates,
                mailable=self._mailable("p"),
            ),
            SQL("as_of IS NULL"),
        )

    def _take(self, model, company, limit, wanted, clearable) -> list[tuple]:
        """Clear marks up to the last of those wanted that fit the limit.

        :param wanted: a query on ``marked``, records of the model, with columns ``id``,
            ``partner_id``, ``kind``
        :param clearable: condition of the marks to clear
        :return: ``partner_id`` and ``kind`` of those wanted
        """
        table = SQL.identifier(self.env[model]._table)
        taken, last = [], 0
        while limit and not taken:
            # In two steps, each right whatever the planner knows of a table that was
            # filled a moment ago.
            ids = [
                id_
                for [id_] in self.env.execute_query(
                    SQL(
                        """
                        SELECT id FROM %(table)s
                         WHERE notification_pending AND company_id = %(company_id)s
                           AND id > %(last)s AND %(clearable)s
                      ORDER BY id LIMIT %(chunk)s
                        """,
                        table=table,
                        company_id=company.id,
                        last=last,
                        clearable=clearable,
                        chunk=CHUNK,
                    )
                )
            ]
            if not ids:
                break
            last = ids[-1]
            taken = self.env.execute_query(
                SQL(
                    """
                    WITH marked AS MATERIALIZED (
                        SELECT * FROM %(table)s WHERE id = ANY(%(ids)s)
                    ),
                    wanted AS MATERIALIZED (
                        SELECT * FROM (%(wanted)s) AS w ORDER BY id LIMIT %(limit)s
                    ),
                    cleared AS (
                        UPDATE %(table)s SET notification_pending = FALSE
                         WHERE id = ANY(%(ids)s) AND notification_pending
                           AND company_id = %(company_id)s
                           AND id BETWEEN %(first)s AND %(last)s
                           AND (id <= (SELECT max(id) FROM wanted)
                                OR (SELECT count(*) FROM wanted) < %(limit)s)
                     RETURNING id
                    )
                    SELECT partner_id, kind
                      FROM cleared JOIN wanted USING (id)
                  ORDER BY id
                    """,
                    table=table,
                    ids=ids,
                    company_id=company.id,
                    first=ids[0],
                    last=last,
                    wanted=wanted,
                    limit=limit,
                )
            )
        self.env[model].invalidate_model(["notification_pending"], flush=False)
        return taken

    # -- Notifications

    @api.model
    def _notify(self, company, templates, taken):
        customers_of = defaultdict(list)
        for partner_id, kind in taken:
            customers_of[kind].append(partner_id)
        purpose = self.env.ref("crm_extended.purpose_loyalty")
        for kind, template in templates.items():
            if customers := self.env["res.partner"].browse(customers_of[kind]):
                self.env["crm.contact.hold"]._send_by_policy(
                    customers,
                    purpose,
                    "email",
                    "loyalty",
                    template,
                    {customer.id: customer for customer in customers},
                )
        in_grace = customers_of["grace"] + customers_of[None]
        self._schedule_activities(company, in_grace)

    def _send_mails(self, template, partner_ids):
        """Queue mails.

        :raise UserError: if one of them cannot be made
        """
        # A notification stays in the customer's history when the mail is sent and
        # deleted.
        mails = template.send_mail_batch(
            partner_ids, force_send=False, email_values={"is_notification": True}
        )
        self.env["crm.contact.policy"]._sign_mails(
            mails, self.env.ref("crm_extended.purpose_loyalty")
        )

    @api.model
    def _schedule_activities(self, company, partner_ids):
        """Notify the salespeople of customers who are about to lose their tier."""
        members = self.env["crm.loyalty.membership"].search_fetch(
            [
                ("partner_id", "in", partner_ids),
                ("company_id", "=", company.id),
                ("user_id.active", "=", True),
                ("user_id.share", "=", False),
                ("user_id.company_ids", "in", company.ids),
            ]
        )
        activity_type = self.env.ref(
            "crm_extended.mail_activity_type_loyalty_grace", raise_if_not_found=False
        ) or self.env.ref("mail.mail_activity_data_todo")
        activities = self.env["mail.activity"]
        values = [
            {
                "activity_type_id": activity_type.id,
                "res_model_id": self.env["ir.model"]._get_id("res.partner"),
                "res_id": member.partner_id.id,
                "user_id": member.user_id.id,
                "automated": True,
                **self._describe_loss(member.with_context(lang=member.user_id.lang)),
            }
            for member in members
        ]
        present = {
            (activity.res_id, activity.user_id.id, activity.summary)
            for activity in activities.search_fetch(
                [
                    ("activity_type_id", "=", activity_type.id),
                    ("res_model", "=", "res.partner"),
                    ("res_id", "in", members.partner_id.ids),
                ],
                ["res_id", "user_id", "summary"],
            )
        }
        # No mail about each: at the end of a year it can be hundreds.
        activities.with_context(mail_activity_quick_update=True).create(
            [
                value
                for value in values
                if (value["res_id"], value["user_id"], value["summary"]) not in present
            ]
        )

    def _describe_loss(self, member) -> dict:
        """Summary, note and deadline of the activity about a member, in the
        salesperson's language."""
        env = member.env
        summary = env._(
            "About to lose %(tier)s on %(date)s: %(missing)s needed to keep it",
            tier=member.tier_id.name,
            date=format_day(env, member.falls_after),
            missing=member._missing_to_keep() or env._("nothing"),
        )
        if len(member.user_id.company_ids) > 1:
            summary = f"{member.company_id.name}: {summary}"
        today = fields.Date.context_today(self)
        soon = today + timedelta(days=ACT_WITHIN_DAYS)
        return {
            "summary": summary,
            "date_deadline": max(today, min(soon, member.falls_after)),
        }
