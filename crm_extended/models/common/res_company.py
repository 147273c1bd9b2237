import logging

from markupsafe import Markup

from odoo import api, models
from odoo.fields import Domain

_logger = logging.getLogger(__name__)


class ResCompany(models.Model):
    """What happens when the definition of purchases changes, so that the figures of many
    customers change at once: the first run of each job after it records what changed, and
    notifies only the administrators, by one message for all jobs.
    """

    _inherit = "res.company"

    @api.model
    def _get_definition_jobs(self) -> list[str]:
        """Models of the jobs (``crm.company.job.mixin``) whose first run after such a
        change is quiet, in the order in which the message lists what they changed."""
        return []

    @api.model
    def _expect_other_figures(self):
        """Make the next run of each job quiet, in companies that it has computed before."""
        companies = self.with_context(active_test=False)
        for name in self._get_definition_jobs():
            job = self.env[name]
            groups = self.env[job._definition_evidence]._read_group([], ["company_id"])
            companies.browse([company.id for [company] in groups])[
                job._definition_flag
            ] = True

    def _report_definition_change(self):
        """Notify the administrators of the effects of a changed definition on the company's
        figures, once all jobs have run with it."""
        self.ensure_one()
        jobs = [self.env[name] for name in self._get_definition_jobs()]
        if any(job._is_definition_pending(self) for job in jobs):
            return
        mine = Domain("company_id", "=", self.id) & Domain("to_report", "=", True)
        counts = []
        for job in jobs:
            runs = job.search(mine)
            counts += runs._count_definition_changes()
            runs.to_report = False
        if not any(count for _text, count, _action in counts):
            return
        try:
            # The figures stand in the logs as well: a message that cannot be sent must
            # not undo them.
            with self.env.cr.savepoint():
                self._send_definition_report(counts)
        except Exception:
            _logger.exception("Company %s: %s", self.id, counts)

    def _send_definition_report(self, counts):
        # sudo: users who start a computation need not be allowed to read users.
        administrators = self.env.ref("base.group_system").sudo().all_user_ids
        administrators = administrators.filtered(
            lambda user: user.active and user._is_internal()
        )
        theirs = administrators.filtered(lambda user: self in user.company_ids)
        for lang, users in (theirs or administrators).grouped("lang").items():
            subject, body = self.with_context(lang=lang)._describe_definition_change(
                counts
            )
            # sudo: as above.
            self.env["mail.thread"].sudo().message_notify(
                author_id=self.env.ref("base.partner_root").id,
                partner_ids=users.partner_id.ids,
                subject=subject,
                body=body,
            )

    def _describe_definition_change(self, counts) -> tuple[str, Markup]:
        """Subject and text of the message.

        :param counts: sentence, number of customers in it, and external id of the page
            that shows them
        """
        link = Markup('<a href="/odoo/action-%s">%s</a>')
        items = Markup().join(
            Markup("<li>%s</li>") % (link % (action, self.env._(text)))
            for text, _count, action in counts
        )
        body = Markup("<p>%s</p><ul>%s</ul><p>%s</p>") % (
            self.env._(
                "The definition of purchases has changed, for example by an upgrade. The "
                "scores and tiers of %s have now been computed by it for the first time.",
                self.display_name,
            ),
            items,
            self.env._(
                "Pricelists of tiers follow. No customer or salesperson was notified of "
                "these changes, and they started no activities and no automation rules."
            ),
        )
        subject = self.env._(
            "%s: scores and tiers by the changed definition", self.display_name
        )
        return subject, body
