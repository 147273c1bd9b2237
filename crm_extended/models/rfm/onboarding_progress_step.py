from odoo import fields, models


class OnboardingProgressStep(models.Model):
    _inherit = "onboarding.progress.step"

    # Done for Odoo, so that a checklist with skipped steps can be completed.
    is_skipped = fields.Boolean(string="Skipped")
