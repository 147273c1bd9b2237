import logging
from datetime import timedelta

from odoo import api, fields, models

from .crm_care_stage import CLOSED

_logger = logging.getLogger(__name__)

# Targets dealt with in one transaction.
BATCH = 100


class CrmCareSlaStatus(models.Model):
    """When escalation rules look at a target."""

    _inherit = "crm.care.sla.status"

    log_ids = fields.One2many("crm.care.escalation.log", "status_id", readonly=True)

    def _plan_escalation(self, time=None):
        super()._plan_escalation(time)
        if not self:
            return
        rules = self.env["crm.care.escalation"].sudo().search([])
        waiting = self.filtered(
            lambda status: (
                not status.reached_date
                and not status.paused_since
                and status.case_id.active
                and status.case_id.outcome not in CLOSED
            )
        )
        for known, statuses in (
            [(time, waiting)] if time else waiting._by_working_time()
        ):
            for status in statuses:
                status._update_if_changed(
                    next_escalation_date=status._next_escalation(rules, known)
                )
        (self - waiting).filtered("next_escalation_date").next_escalation_date = False

    def _rules_to_come(self, rules):
        if not self.sla_id.active:
            # One that was taken off presses nobody.
            return rules.browse()
        return (rules - self.log_ids.rule_id).filtered(
            lambda rule: rule._concerns(self)
        )

    def _next_escalation(self, rules, time):
        """When the first of the rules that have not fired yet is to."""
        to_come = self._rules_to_come(rules)
        if not to_come or not self.deadline:
            return False
        return self._due(time, self.hours * min(to_come.mapped("percent")) / 100)

    @api.model
    def _cron_escalate(self):
        """Fire the rules whose moment has come; looks only at those."""
        progress = self.env["ir.cron"]
        # sudo: whichever user the administrator lets the job run as.
        self = self.sudo()
        domain = [("next_escalation_date", "<=", fields.Datetime.now())]
        done = self.browse()
        while due := self.search(
            [*domain, ("id", "not in", done.ids)],
            order="next_escalation_date, id",
            limit=BATCH,
        ):
            # Those that somebody is at work on come with the next run.
            due.try_lock_for_update()._escalate()
            done += due
            remaining = 0 if len(due) < BATCH else BATCH
            if not progress._commit_progress(len(due), remaining=remaining):
                return

    def _escalate(self):
        """Fire what is to be fired of these targets, together. Where that goes wrong, one
        after the other: what is wrong with one must not keep the others waiting."""
        try:
            with self.env.cr.savepoint():
                self._fire_due()
        except Exception:
            if len(self) > 1:
                for status in self:
                    status._escalate()
                return
            _logger.exception("Escalation of target %s failed.", self.id)
            # Not again at once, and not never.
            self.next_escalation_date = fields.Datetime.now() + timedelta(hours=1)

    def _fire_due(self):
        """Fire all rules whose moment has come, in their order."""
        Rules = self.env["crm.care.escalation"]
        rules = Rules.search([])
        now = fields.Datetime.now()
        notices = []
        for time, statuses in self._by_working_time():
            left, failed = statuses, dict.fromkeys(statuses, Rules)
            while wave := left._next_wave(rules, time, now, failed):
                for rule, fired in wave.items():
                    told, wrong = fired._fire_rule(rule)
                    notices += told
                    for status in wrong:
                        failed[status] |= rule
                # What a rule changed may have taken a target off its case.
                left = left.exists()
            left._plan_escalation(time)
            for status in left:
                if failed[status]:
                    status._try_again(rules - failed[status], time, now)
        Rules._tell(notices)

    def _fire_rule(self, rule):
        """Fire a rule for these targets, together. Where that goes wrong, one after the
        other: what is wrong with one, or with a rule, must not keep others waiting.

        :return: whom to tell what, and the targets for which it went wrong
        """
        try:
            with self.env.cr.savepoint():
                return rule._fire(self), self.browse()
        except Exception:
            if len(self) > 1:
                notices, failed = [], self.browse()
                for status in self:
                    told, wrong = status._fire_rule(rule)
                    notices += told
                    failed += wrong
                return notices, failed
            _logger.exception(
                "Escalation rule %s failed for target %s.", rule.id, self.id
            )
            return [], self

    def _try_again(self, others, time, now):
        """Look at a target again for which a rule went wrong: not at once, and not never.

        :param others: the rules that did not go wrong
        """
        later = now + timedelta(hours=1)
        date = self._next_escalation(others, time)
        self.next_escalation_date = min(date, later) if date else later

    def _next_wave(self, rules, time, now, failed) -> dict:
        """The first rule that is to fire of each target, by rule.

        One target of a case at a time: what a rule changes counts for the next.

        :param failed: rules that went wrong, by target: not again now
        """
        wave, cases = {}, set()
        for status in self:
            if status.case_id in cases:
                continue
            for rule in status._rules_to_come(rules - failed[status]):
                moment = status._due(time, status.hours * rule.percent / 100)
                if moment and moment <= now:
                    wave.setdefault(rule, []).append(status.id)
                    cases.add(status.case_id)
                    break
        return {rule: self.browse(ids) for rule, ids in wave.items()}
