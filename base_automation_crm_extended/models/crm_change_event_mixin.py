from odoo import api, models

from odoo.addons.base_automation.models.base_automation import CREATE_TRIGGERS


class CrmChangeEventMixin(models.AbstractModel):
    """Changes that are announced start automation rules, and activities that these plan
    are planned on the customer.

    Odoo's rules wait for ``create()``; these changes are recorded in SQL.
    """

    _inherit = "crm.change.event.mixin"

    @api.model
    def _get_subscribers(self, company):
        subscribers = super()._get_subscribers(company)
        if self.env["base.automation"]._get_actions(self, CREATE_TRIGGERS):
            subscribers.append("_run_automation_rules")
        return subscribers

    def _run_automation_rules(self):
        """Do what ``create()`` does after the records are there."""
        rules = self.env["base.automation"]._get_actions(self, CREATE_TRIGGERS)
        changes = self.with_env(rules.env)
        for rule in rules.with_context(old_values=None):
            rule._process(rule._filter_post(changes, feedback=True))

    def activity_schedule(
        self, act_type_xmlid="", date_deadline=None, summary="", note="", **act_values
    ):
        # Nobody opens a change to see what is to be done.
        return self.partner_id.activity_schedule(
            act_type_xmlid, date_deadline, summary, note, **act_values
        )
