from odoo import api, fields, models

# Whose activities a case can be opened from.
CASE_OF = ("res.partner", "crm.lead", "sale.order", "account.move")


class CrmCareCase(models.Model):
    _inherit = "crm.care.case"

    @api.model
    def _action_new(self, **values):
        """Open the form of a new case with some values."""
        self.check_access("create")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New Case"),
            "res_model": "crm.care.case",
            "view_mode": "form",
            "views": [(False, "form")],
            "context": {
                f"default_{name}": value for name, value in values.items() if value
            },
        }

    @api.model
    def _action_of(self, name, record):
        """Open the cases that are linked to a record.

        :param str name: the field of a case that links it
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended.crm_care_case_action"
        )
        action["domain"] = [(name, "=", record.id)]
        action["context"] = {
            f"default_{name}": record.id,
            "default_partner_id": record.partner_id.id,
            "default_company_id": record.company_id.id,
        }
        return action


class AccountMove(models.Model):
    _inherit = "account.move"

    def action_care_cases(self):
        """Open the cases about the invoice."""
        self.ensure_one()
        return self.env["crm.care.case"]._action_of("invoice_id", self)

    def action_care_new_case(self):
        """Open a new case of the invoice's customer, linked to the invoice."""
        self.ensure_one()
        return self.env["crm.care.case"]._action_new(
            name=self.env._("About invoice %s", self.name),
            invoice_id=self.id,
            partner_id=self.partner_id.id,
            company_id=self.company_id.id,
        )


class MailActivity(models.Model):
    _inherit = "mail.activity"

    care_case_possible = fields.Boolean(compute="_compute_care_case_possible")

    @api.depends("res_model")
    @api.depends_context("uid")
    def _compute_care_case_possible(self):
        may = self.env["crm.care.case"].has_access("create")
        for activity in self:
            activity.care_case_possible = may and activity.res_model in CASE_OF

    def action_care_new_case(self):
        """Open a new case of whatever the activity is about."""
        self.ensure_one()
        record = self.env[self.res_model].browse(self.res_id)
        record.check_access("read")
        action = record.action_care_new_case()
        action["context"]["default_name"] = (
            self.summary or action["context"].get("default_name") or record.display_name
        )
        return action
