from odoo import api, fields, models
from odoo.fields import Domain

# Models from whose activities a case can be opened.
CASE_OF = ("res.partner", "crm.lead", "sale.order", "account.move")


class MailActivity(models.Model):
    _inherit = "mail.activity"

    @api.model
    def _search(
        self,
        domain,
        offset=0,
        limit=None,
        order=None,
        *,
        active_test=True,
        bypass_access=False,
    ):
        # While service care is switched off, users do not see its activities.
        if not (self.env.su or bypass_access or self.env["crm.feature"]._is_on("care")):
            domain = Domain(domain) & Domain("res_model", "!=", "crm.care.case")
        return super()._search(
            domain,
            offset,
            limit,
            order,
            active_test=active_test,
            bypass_access=bypass_access,
        )

    care_case_possible = fields.Boolean(compute="_compute_care_case_possible")

    @api.depends("res_model")
    @api.depends_context("uid")
    def _compute_care_case_possible(self):
        may = self.env["crm.feature"]._is_on("care") and self.env[
            "crm.care.case"
        ].has_access("create")
        for activity in self:
            activity.care_case_possible = may and activity.res_model in CASE_OF

    def action_care_new_case(self):
        """Open a new case about the record of the activity."""
        self.ensure_one()
        record = self.env[self.res_model].browse(self.res_id)
        record.check_access("read")
        action = record.action_care_new_case()
        action["context"]["default_name"] = (
            self.summary or action["context"].get("default_name") or record.display_name
        )
        return action
