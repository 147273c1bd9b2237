import logging
from collections import defaultdict

from markupsafe import Markup

from odoo import Command, api, fields, models

_logger = logging.getLogger(__name__)


class CrmCareEscalation(models.Model):
    """What a rule does with targets whose moment has come."""

    _inherit = "crm.care.escalation"

    def _fire(self, statuses):
        """Do what the rule says, once for each target.

        Together for all of them: a Monday on which a thousand are late is one of a few
        statements for each hundred, not of dozens for each.

        :param statuses: targets, each of another case
        :return: whom to tell what: triples of user, case and words
        """
        self.ensure_one()
        now = fields.Datetime.now()
        notices, logs, activities = [], [], defaultdict(list)
        changes = defaultdict(list)
        for status in statuses:
            case = status.case_id
            told, new_user, leader, skipped = self._users(case)
            values = self._changes(case, new_user)
            for user in told:
                notices.append((user, case, self._in_words(status, user)))
            if leader:
                words = self._in_words(status, leader)
                activities[leader, words].append(case.id)
            if values:
                changes[tuple(values.items())].append(case.id)
            logs.append(
                {
                    "case_id": case.id,
                    "rule_id": self.id,
                    "status_id": status.id,
                    "date": now,
                    "user_ids": [Command.set(told.ids)],
                    "skipped_user_ids": [Command.set(skipped.ids)],
                    "new_user_id": values.get("user_id"),
                    "new_priority": values.get("priority"),
                }
            )
        # Before anything changes: the target may go with it.
        self.env["crm.care.escalation.log"].create(logs)
        cases = self.env["crm.care.case"]
        for values, case_ids in changes.items():
            cases.browse(case_ids).write(dict(values))
        for (leader, words), case_ids in activities.items():
            # Without a mail for each: whom the rule is to tell, it tells.
            cases.browse(case_ids).with_context(
                mail_activity_quick_update=True
            ).activity_schedule(
                "mail.mail_activity_data_todo", user_id=leader.id, summary=words
            )
        return notices

    def _users(self, case):
        """Whom a rule has to do with for a case: the users it notifies, the one it gives
        the case, the leader it plans an activity for; and those of them whom it must
        leave out."""
        told, new_user = self._told(case), self._new_user(case)
        leader = case.team_id.user_id if self.leader_activity else told.browse()
        users = told | new_user | leader
        # sudo: of which companies users are.
        fitting = users.sudo()._care_of(case.company_id).sudo(self.env.su)
        return told & fitting, new_user & fitting, leader & fitting, users - fitting

    def _told(self, case):
        """The users that the rule tells about a case."""
        told = self.notify_user_ids
        if self.notify_assignee:
            told |= case.user_id
        if self.notify_leader:
            told |= case.team_id.user_id
        return told

    def _new_user(self, case):
        """The user whom the rule gives a case."""
        if self.reassign == "leader":
            return case.team_id.user_id
        return (
            self.reassign_user_id if self.reassign else self.reassign_user_id.browse()
        )

    def _changes(self, case, new_user) -> dict:
        """What the rule writes on a case."""
        values = {}
        if self.raise_priority and case.priority < "3":
            values["priority"] = str(int(case.priority) + 1)
        if new_user and new_user != case.user_id:
            values["user_id"] = new_user.id
        return values

    def _in_words(self, status, user) -> str:
        """What has happened to a target, in the language of a user."""
        return self.with_context(lang=user.lang).env._(
            "%(percent)s %% of the target “%(target)s” are over.",
            percent=self.percent,
            target=status.sla_id.with_context(lang=user.lang).name,
        )

    # -- Telling

    @api.model
    def _tell(self, notices):
        """Tell each user what concerns him: on the case where it is one, in one message
        with a line for each where there are several.

        :param notices: triples of user, case and words
        """
        by_user = defaultdict(list)
        for user, case, words in notices:
            by_user[user].append((case, words))
        users_of = defaultdict(self.env["res.users"].browse)
        for user, lines in by_user.items():
            users_of[user.lang, tuple(lines)] |= user
        for (lang, lines), users in users_of.items():
            try:
                with self.env.cr.savepoint():
                    self.with_context(lang=lang)._tell_all(users, lines)
            except Exception:
                # What the rules have done does not depend on it.
                _logger.exception("Escalation could not notify users %s.", users.ids)
        # Mails go when the job for mails runs, which is at once; the targets that are left
        # need not wait for them.
        job = self.env.ref("mail.ir_cron_mail_scheduler_action", False)
        if notices and job:
            # sudo: the job is the system's.
            job.sudo()._trigger()

    def _tell_all(self, users, lines):
        """Tell users the same, in the language of the context.

        :param tuple lines: pairs of a case and words
        """
        cases = self.env["crm.care.case"].union(*(case for case, _words in lines))
        if len(cases) == 1:
            thread, subject = cases, cases.display_name
            body = Markup("<br/>").join(words for _case, words in lines)
        else:
            thread = self.env["mail.thread"]
            subject = self.env._("%s cases run out of time", len(cases))
            # A relative link, which mails make one to this server.
            line = Markup(
                '<li><a href="/mail/view?model=crm.care.case&amp;res_id=%s">%s</a>: %s</li>'
            )
            body = Markup("<ul>%s</ul>") % Markup("").join(
                line % (case.id, case.display_name, words) for case, words in lines
            )
        thread.message_notify(
            partner_ids=users.partner_id.ids,
            subject=subject,
            body=body,
            force_send=False,
        )
