from odoo import api, fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    # Not required in the database, see models/rfm/res_company.py: every value but
    # "anonymize" refuses.
    care_deleted_customer = fields.Selection(
        [
            ("refuse", "Contacts with cases cannot be deleted"),
            ("anonymize", "Their cases are kept without name and address"),
        ],
        string="When a Customer Is Deleted",
        default="refuse",
        help="What happens to the cases of a contact that is deleted. Descriptions "
        "and messages written by people stay unchanged, including any names in "
        "them.",
    )

    care_portal_company_cases = fields.Boolean(
        string="Show Company Cases in Portal",
        help="Contacts see the cases of all contacts of their company in the portal, "
        "not only their own.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies._make_care_sequences()
        return companies

    def write(self, vals):
        result = super().write(vals)
        if "resource_calendar_id" in vals:
            # Flexible calendars have the weekly hours of their company's.
            self.resource_calendar_id._care_update_deadlines()
        return result

    def _make_care_sequences(self):
        """Give companies a sequence of their own for the numbers of their cases."""
        # sudo: users who may create a company need no right to sequences.
        sequences = self.env["ir.sequence"].sudo()
        having = sequences.search(
            [("code", "=", "crm.care.case"), ("company_id", "in", self.ids)]
        ).company_id
        sequences.create(
            [
                {
                    "name": "Service Cases",
                    "code": "crm.care.case",
                    "prefix": "C",
                    "padding": 5,
                    "company_id": company.id,
                }
                for company in self - having
            ]
        )

    @api.model
    def _make_all_care_sequences(self):
        self.search([])._make_care_sequences()
