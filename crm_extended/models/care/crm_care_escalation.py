from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .crm_care_sla import METRICS


class CrmCareEscalation(models.Model):
    """What is done when a share of a target is over."""

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
        help="Empty: the rule applies in all companies.",
    )
    percent = fields.Integer(
        string="Share of the Target",
        required=True,
        default=75,
        help="How much of the target's working time is over, in per cent. 100 is its "
        "deadline.",
    )
    metric = fields.Selection(
        METRICS, string="Only Targets of", help="Empty for all targets."
    )
    team_ids = fields.Many2many(
        "crm.care.team",
        string="Teams",
        check_company=True,
        help="Empty for all teams.",
    )
    notify_assignee = fields.Boolean(string="Tell the Assignee")
    notify_leader = fields.Boolean(string="Tell the Team Leader")
    notify_user_ids = fields.Many2many(
        "res.users",
        "crm_care_escalation_user_rel",
        string="Tell",
        domain=[("share", "=", False)],
    )
    reassign = fields.Selection(
        [("leader", "To the team leader"), ("user", "To somebody")],
        string="Give the Case",
    )
    reassign_user_id = fields.Many2one(
        "res.users", string="To", domain=[("share", "=", False)]
    )
    raise_priority = fields.Boolean(help="By one star.")
    leader_activity = fields.Boolean(
        string="Activity for the Team Leader", help="A to-do for today on the case."
    )
    log_ids = fields.One2many("crm.care.escalation.log", "rule_id")
    fired_count = fields.Integer(string="Fired", compute="_compute_fired_count")

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
                        "Rule “%s”: enter a share between 1 and 1000 per cent.",
                        rule.name,
                    )
                )
            if rule.reassign == "user" and not rule.reassign_user_id:
                raise ValidationError(
                    self.env._("Rule “%s”: who gets the case?", rule.name)
                )

    @api.constrains(
        "company_id", "team_ids", "notify_user_ids", "reassign", "reassign_user_id"
    )
    def _check_users(self):
        """Users learn what cases are about, so they must be of a company whose cases the
        rule can mean."""
        # sudo: of which companies users and teams are, also those not seen from here.
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
                            "%(companies)s, whose cases the rule is about.",
                            rule=rule.name,
                            user=user.name,
                            companies=", ".join(companies.mapped("name"))
                            or self.env._("any company"),
                        )
                    )

    # -- Whatever changes here, targets that are not reached follow

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules._follow()
        return rules

    def write(self, vals):
        result = super().write(vals)
        if {"percent", "active", "metric", "team_ids", "company_id"} & vals.keys():
            self._follow()
        return result

    def unlink(self):
        result = super().unlink()
        self._follow()
        return result

    @api.model
    def _follow(self):
        # sudo: targets are everybody's, also of cases that are not on his desk.
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
