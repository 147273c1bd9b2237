from odoo import Command, api, fields, models


class CrmCareCase(models.Model):
    """Cases that have to do with each other."""

    _inherit = "crm.care.case"

    previous_case_id = fields.Many2one(
        "crm.care.case",
        string="Follow-up of",
        check_company=True,
        index="btree_not_null",
        copy=False,
    )
    follow_up_ids = fields.One2many(
        "crm.care.case", "previous_case_id", string="Follow-ups"
    )
    merged_into_id = fields.Many2one(
        "crm.care.case",
        readonly=True,
        check_company=True,
        index="btree_not_null",
        copy=False,
    )
    merged_ids = fields.One2many(
        "crm.care.case", "merged_into_id", string="Merged Cases"
    )
    linked_ids = fields.Many2many(
        "crm.care.case",
        "crm_care_case_link_rel",
        "case_id",
        "linked_id",
        string="Linked Cases",
        check_company=True,
        copy=False,
    )

    @api.model_create_multi
    def create(self, vals_list):
        cases = super().create(vals_list)
        cases.filtered("linked_ids")._link_back()
        return cases

    def write(self, vals):
        result = super().write(vals)
        if "linked_ids" in vals and not self.env.context.get("care_linking_back"):
            self._link_back()
        return result

    def _link_back(self):
        """Links go both ways."""
        cases = self.with_context(care_linking_back=True)
        for case in cases:
            # sudo: links to cases the user does not see are as they were.
            known = case.sudo()
            back = known.search([("linked_ids", "in", case.ids)])
            back = back.with_env(cases.env)
            now = known.linked_ids.with_env(cases.env)
            (now - back - case).write({"linked_ids": [Command.link(case.id)]})
            (back - now).write({"linked_ids": [Command.unlink(case.id)]})
