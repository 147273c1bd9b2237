"""The lists of customers that get the button."""

from odoo import models


class CrmRfmScore(models.Model):
    _name = "crm.rfm.score"
    _inherit = ["crm.rfm.score", "crm.mailing.list.mixin"]


class CrmRfmMovement(models.Model):
    _name = "crm.rfm.movement"
    _inherit = ["crm.rfm.movement", "crm.mailing.list.mixin"]


class CrmRfmPareto(models.Model):
    _name = "crm.rfm.pareto"
    _inherit = ["crm.rfm.pareto", "crm.mailing.list.mixin"]
