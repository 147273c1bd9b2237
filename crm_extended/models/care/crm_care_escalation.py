import logging
from collections import defaultdict

from markupsafe import Markup

from odoo import Command, api, fields, models
from odoo.exceptions import ValidationError

from .crm_care_sla import METRICS
from .empty_help import examples_help

_logger = logging.getLogger(__name__)


class CrmCareEscalation(models.Model):
    """What to do when a share of the time of a target is over."""

    _name = "crm.care.escalation"
    _inherit = "crm.rechecked.record.mixin"
    _description = "Care Escalation Rule"
    _order = "percent, sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        index="btree_not_null",
        ondelete="cascade",
        default=lambda self: self.env.company,
        help="Leave empty to apply the rule in all companies.",
    )
    percent = fields.Integer(
        string="Share of Allowed Time",
        required=True,
        default=75,
        help="Percentage of the target's working time that has passed. 100 is the "
        "deadline.",
    )
    metric = fields.Selection(
        METRICS, string="Apply to", help="Leave empty for all SLA targets."
    )
    team_ids = fields.Many2many(
        "crm.care.team",
        string="Teams",
        check_company=True,
        help="Leave empty for all teams.",
    )
    notify_assignee = fields.Boolean()
    notify_leader = fields.Boolean(string="Notify Team Leader")
    notify_user_ids = fields.Many2many(
        "res.users",
        "crm_care_escalation_user_rel",
        string="Also Notify",
        domain=[("share", "=", False)],
    )
    reassign = fields.Selection(
        [("leader", "Team leader"), ("user", "Specific user")],
        string="Reassign to",
    )
    reassign_user_id = fields.Many2one(
        "res.users", string="New Assignee", domain=[("share", "=", False)]
    )
    raise_priority = fields.Boolean(help="Raise the priority by one star.")
    leader_activity = fields.Boolean(
        string="Activity for the Team Leader",
        help="Create a to-do for today on the case, or update the one that an earlier "
        "rule has created. It is done when the case is answered or closed.",
    )
    log_ids = fields.One2many("crm.care.escalation.log", "rule_id")
    fired_count = fields.Integer(
        string="Times Triggered", compute="_compute_fired_count"
    )

    @api.depends("log_ids")
    def _compute_fired_count(self):
        counts = dict(
            self.env["crm.care.escalation.log"]._read_group(
                [("rule_id", "in", self.ids)], ["rule_id"], ["__count"]
            )
        )
        for rule in self:
            rule.fired_count = counts.get(rule, 0)

    @api.constrains("percent", "reassign", "reassign_user_id")
    def _check_rule(self):
        for rule in self:
            if not 0 < rule.percent <= 1000:
                raise ValidationError(
                    self.env._(
                        "Rule “%s”: enter a percentage between 1 and 1000.",
                        rule.name,
                    )
                )
            if rule.reassign == "user" and not rule.reassign_user_id:
                raise ValidationError(
                    self.env._(
                        "Rule “%s”: choose whom to reassign the case to.", rule.name
                    )
                )

    @api.constrains(
        "company_id", "team_ids", "notify_user_ids", "reassign", "reassign_user_id"
    )
    def _check_users(self):
        """Notified users learn what cases are about, so they must belong to a company
        whose cases the rule applies to."""
        # sudo: the companies of users and teams, also those the user cannot see.
        for rule in self.sudo():
            users = rule.notify_user_ids
            if rule.reassign == "user":
                users |= rule.reassign_user_id
            companies = rule.company_id or rule.team_ids.company_id
            for user in users:
                if user.share or (companies and not user.company_ids & companies):
                    raise ValidationError(
                        self.env._(
                            "Rule “%(rule)s”: %(user)s is not an internal user of "
                            "%(companies)s, and the rule applies to cases of these "
                            "companies.",
                            rule=rule.name,
                            user=user.name,
                            companies=", ".join(companies.mapped("name"))
                            or self.env._("any company"),
                        )
                    )

    # -- Changes reschedule escalations of targets not reached yet

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules._reschedule_escalations()
        return rules

    def write(self, vals):
        result = super().write(vals)
        if {"percent", "active", "metric", "team_ids", "company_id"} & vals.keys():
            self._reschedule_escalations()
        return result

    def unlink(self):
        result = super().unlink()
        self._reschedule_escalations()
        return result

    @api.model
    def _reschedule_escalations(self):
        # sudo: rules apply to all cases, also those the user cannot see.
        statuses = self.env["crm.care.sla.status"].sudo()
        statuses.search(
            [("reached_date", "=", False), ("case_id.outcome", "=", "open")]
        )._plan_escalation()

    def _concerns(self, status) -> bool:
        case = status.case_id
        return (
            self.company_id.id in (False, case.company_id.id)
            and self.metric in (False, status.metric)
            and (not self.team_ids or case.team_id in self.team_ids)
        )

    def action_view_log(self):
        """Open what this rule has done."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended.crm_care_escalation_log_action"
        )
        return {**action, "domain": [("rule_id", "=", self.id)], "context": {}}

    # -- Firing

    def _fire(self, statuses):
        """Do what the rule says, once for each target.

        For all targets together: a thousand late targets take a few statements for each
        hundred, not dozens for each.

        :param statuses: targets, each of another case
        :return: the notices to send: triples of user, case and text
        """
        self.ensure_one()
        now = fields.Datetime.now()
        notices, logs, activities = [], [], defaultdict(list)
        changes = defaultdict(list)
        for status in statuses:
            case = status.case_id
            notified, new_user, leader, skipped = self._users(case)
            values = self._changes(case, new_user)
            for user in notified:
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
                    "user_ids": [Command.set(notified.ids)],
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
            cases.browse(case_ids)._schedule_escalation(leader, words)
        return notices

    def _users(self, case):
        """The users whom a rule concerns for a case: those it notifies, the new assignee,
        the leader it plans an activity for; and those of them it must skip."""
        notified, new_user = self._notified_users(case), self._new_user(case)
        leader = case.team_id.user_id if self.leader_activity else notified.browse()
        users = notified | new_user | leader
        # sudo: the companies of users.
        fitting = users.sudo()._care_of(case.company_id).sudo(self.env.su)
        return notified & fitting, new_user & fitting, leader & fitting, users - fitting

    def _notified_users(self, case):
        """The users that the rule notifies about a case."""
        users = self.notify_user_ids
        if self.notify_assignee:
            users |= case.user_id
        if self.notify_leader:
            users |= case.team_id.user_id
        return users

    def _new_user(self, case):
        """The user to whom the rule reassigns a case."""
        if self.reassign == "leader":
            return case.team_id.user_id
        return (
            self.reassign_user_id if self.reassign else self.reassign_user_id.browse()
        )

    def _changes(self, case, new_user) -> dict:
        """The values that the rule writes on a case."""
        values = {}
        if self.raise_priority and case.priority < "3":
            values["priority"] = str(int(case.priority) + 1)
        if new_user and new_user != case.user_id:
            values["user_id"] = new_user.id
        return values

    def _in_words(self, status, user) -> str:
        """What has happened to a target, in the language of a user."""
        return self.with_context(lang=user.lang).env._(
            "%(percent)s%% of the time allowed for SLA target “%(target)s” has passed.",
            percent=self.percent,
            target=status.sla_id.with_context(lang=user.lang).name,
        )

    # -- Notifications

    @api.model
    def _notify(self, notices):
        """Notify each user: of one case on the case itself, of several in one message
        with a line for each.

        :param notices: triples of user, case and text
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
                    self.with_context(lang=lang)._notify_users(users, lines)
            except Exception:
                # The other effects of the rules do not depend on it.
                _logger.exception("Escalation could not notify users %s.", users.ids)
        # The job for mails runs at once; the remaining targets need not wait for them.
        job = self.env.ref("mail.ir_cron_mail_scheduler_action", False)
        if notices and job:
            # sudo: the job is the system's.
            job.sudo()._trigger()

    def _notify_users(self, users, lines):
        """Notify users of the same, in the language of the context.

        :param tuple lines: pairs of a case and text
        """
        cases = self.env["crm.care.case"].union(*(case for case, _words in lines))
        if len(cases) == 1:
            thread, subject = cases, cases.display_name
            body = Markup("<br/>").join(words for _case, words in lines)
        else:
            thread = self.env["mail.thread"]
            subject = self.env._("%s cases are due soon or overdue", len(cases))
            # A relative link, which mails turn into one to this server.
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

    @api.model
    def get_empty_list_help(self, help_message):
        return examples_help(self.env, super().get_empty_list_help(help_message))
