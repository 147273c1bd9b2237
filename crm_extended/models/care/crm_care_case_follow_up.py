import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from .crm_care_stage import CLOSED

_logger = logging.getLogger(__name__)

# Cases dealt with in one transaction.
BATCH = 50


class CrmCareCase(models.Model):
    """Cases that wait for a customer who does not answer."""

    _inherit = "crm.care.case"

    reminded_date = fields.Datetime(
        readonly=True,
        copy=False,
        help="When the customer was reminded that his answer is awaited.",
    )

    @api.model
    def _cron_follow_up(self):
        """Remind customers, and close what they do not answer, as the teams want it."""
        # sudo: whichever user the administrator lets the job run as.
        self = self.sudo()
        teams = self.env["crm.care.team"].sudo()
        for team in teams.search([("remind_days", ">", 0)]):
            waiting = self._waiting_for(team, team.remind_days)
            domain = waiting & Domain("reminded_date", "=", False)
            if not self._in_batches(domain, "_remind"):
                return
        for team in teams.search([("close_days", ">", 0)]):
            domain = self._waiting_for(team, team.close_days)
            if team.complaint_guard:
                # These want a cause and an action first.
                domain &= Domain("type", "!=", "complaint")
            if not self._in_batches(domain, "_close_unanswered"):
                return

    @api.model
    def _waiting_for(self, team, days) -> Domain:
        since = fields.Datetime.now() - timedelta(days=days)
        return Domain("team_id", "=", team.id) & Domain("sla_paused_since", "<=", since)

    @api.model
    def _in_batches(self, domain, method) -> bool:
        """Do something with all cases of a domain, so many in a transaction.

        :return: whether there is time to go on
        """
        last = 0
        while cases := self.search(
            domain & Domain("id", ">", last), order="id", limit=BATCH
        ):
            last = cases[-1].id
            for case in cases.try_lock_for_update():
                try:
                    with self.env.cr.savepoint():
                        getattr(case, method)()
                except Exception:
                    _logger.exception("%s failed for case %s.", method, case.id)
            remaining = 0 if len(cases) < BATCH else BATCH
            progress = self.env["ir.cron"]
            if not progress._commit_progress(len(cases), remaining=remaining):
                return False
        return True

    def _remind(self):
        """Remind the customer that his answer is awaited."""
        self.reminded_date = fields.Datetime.now()
        self._mail_customer("crm_extended.mail_template_care_reminder")

    def _close_unanswered(self):
        """Close a case whose customer did not answer, and tell him so."""
        self._move("solved")
        if self.outcome in CLOSED:
            self._mail_customer("crm_extended.mail_template_care_closed")

    def _mail_customer(self, template_ref):
        template = self.env.ref(template_ref, raise_if_not_found=False)
        if template and self.email_normalized:
            self.message_post_with_source(
                template,
                message_type="auto_comment",
                subtype_xmlid="mail.mt_note",
                email_layout_xmlid="mail.mail_notification_light",
            )
