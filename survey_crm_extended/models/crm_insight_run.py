from odoo import api, fields, models


class CrmInsightRun(models.Model):
    """Each night, what was edited or withdrawn in surveys is followed."""

    _inherit = "crm.insight.run"

    step = fields.Selection(
        selection_add=[("satisfaction", "Satisfaction Answers")],
        ondelete={"satisfaction": "cascade"},
    )

    @api.model
    def _steps(self):
        # sudo: as the other steps; users have no rights to write answers.
        answers = self.env["crm.satisfaction.answer"].sudo()
        return {**super()._steps(), "satisfaction": answers._refresh}
