import logging

from markupsafe import Markup

from odoo import api, models
from odoo.fields import Domain

from .groups import SETTINGS

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
        found = [job.search(mine) for job in jobs]
        counts = [count for runs in found for count in runs._count_definition_changes()]
        for runs in found:
            runs.to_report = False
        if not any(number for _sentence, number, _page in counts):
            return
        try:
            # The figures stand in the logs as well: a message that cannot be sent must
            # not undo them.
            with self.env.cr.savepoint():
                self._send_definition_report(found)
        except Exception:
            _logger.exception("Company %s: %s", self.id, counts)

    def _send_definition_report(self, found):
        # sudo: users who start a computation need not be allowed to read users.
        administrators = self.env.ref(SETTINGS).sudo().all_user_ids
        administrators = administrators.filtered(
            lambda user: user.active and user._is_internal()
        )
        theirs = administrators.filtered(lambda user: self in user.company_ids)
        for lang, users in (theirs or administrators).grouped("lang").items():
            subject, body = self.with_context(lang=lang)._describe_definition_change(
                found
            )
            # sudo: as above.
            self.env["mail.thread"].sudo().message_notify(
                author_id=self.env.ref("base.partner_root").id,
                partner_ids=users.partner_id.ids,
                subject=subject,
                body=body,
            )

    def _describe_definition_change(self, found) -> tuple[str, Markup]:
        """Subject and text of the message.

        :param list found: runs of each job
        """
        link = Markup('<a href="/odoo/action-%s">%s</a>')
        items = Markup().join(
            Markup("<li>%s</li>") % (link % (page, sentence))
            for runs in found
            for sentence, _number, page in runs.with_env(
                self.env
            )._count_definition_changes()
        )
        body = Markup("<p>%s</p><ul>%s</ul><p>%s</p>") % (
            self.env._(
                "The definition of purchases has changed, for example because of an "
                "upgrade. The scores and tiers of %s have been updated with the new "
                "definition for the first time.",
                self.display_name,
            ),
            items,
            self.env._(
                "Tier pricelists are updated accordingly. No customers or salespeople "
                "were notified of these changes, and no activities or automation "
                "rules were triggered."
            ),
        )
        subject = self.env._(
            "%s: scores and tiers updated after a definition change", self.display_name
        )
        return subject, body
