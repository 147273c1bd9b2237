from odoo import api, fields, models


class SurveyUserInput(models.Model):
    """An entry counts for one company, which the user who sets it has to work in."""

    _name = "survey.user_input"
    _inherit = ["survey.user_input", "crm.rechecked.record.mixin"]

    crm_company_id = fields.Many2one(
        "res.company",
        string="Asked for Company",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The company whose satisfaction index the answer counts for.",
    )

    @api.model
    def _attached_to(self):
        return {"res.company"}

    def _mark_done(self):
        result = super()._mark_done()
        if self.env["crm.feature"]._is_on("insight"):
            # sudo: whoever answers.
            self.env["crm.satisfaction.answer"].sudo()._sync_surveys(self)
        return result

    def unlink(self):
        # sudo: what is withdrawn does not count any more, whoever deletes it.
        answers = self.env["crm.satisfaction.answer"].sudo()
        answers._of_inputs(self).unlink()
        return super().unlink()
