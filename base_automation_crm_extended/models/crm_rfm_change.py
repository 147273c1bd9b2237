from odoo import api, models

from odoo.addons.base_automation.models.base_automation import CREATE_TRIGGERS


class CrmRfmChange(models.Model):
    """Moves start automation rules, and activities that these plan are planned on the
    customer.

    Odoo's rules wait for ``create()``; a refresh records moves in SQL.
    """

    _name = "crm.rfm.change"
    _inherit = ["crm.rfm.change", "mail.activity.mixin"]

    @api.model
    def _get_listeners(self, company):
        listeners = super()._get_listeners(company)
        if self.env["base.automation"]._get_actions(self, CREATE_TRIGGERS):
            listeners.append("_run_automation_rules")
        return listeners

    def _run_automation_rules(self):
        """Do what ``create()`` does after the records are there."""
        rules = self.env["base.automation"]._get_actions(self, CREATE_TRIGGERS)
        moves = self.with_env(rules.env)
        for rule in rules.with_context(old_values=None):
            rule._process(rule._filter_post(moves, feedback=True))

    def activity_schedule(
        self, act_type_xmlid="", date_deadline=None, summary="", note="", **act_values
    ):
        # Nobody opens a move to see what is to be done.
        return self.partner_id.activity_schedule(
            act_type_xmlid, date_deadline, summary, note, **act_values
        )
