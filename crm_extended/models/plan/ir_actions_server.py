import logging

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import frozendict

from .crm_care_plan_enroll import DEPTHS

_logger = logging.getLogger(__name__)

STATE = "care_plan"


class IrActionsServer(models.Model):
    """Server actions, and so Odoo's automation rules, enroll customers in care plans."""

    _inherit = "ir.actions.server"

    state = fields.Selection(
        selection_add=[(STATE, "Enroll in a Care Plan"), ("followers",)],
        ondelete={STATE: "cascade"},
    )
    care_plan_id = fields.Many2one(
        "crm.care.plan",
        compute="_compute_care_plan_id",
        readonly=False,
        store=True,
        index="btree_not_null",
        ondelete="set null",
    )

    # No field of Odoo's depends on this one: when the addon is uninstalled, Odoo would
    # delete those of scheduled actions, which inherit them.
    @api.onchange("care_plan_id")
    def _onchange_care_plan_id(self):
        self._compute_name()
        self._compute_warning()

    def _generate_action_name(self):
        self.ensure_one()
        if self.state == STATE and self.care_plan_id:
            return self.env._("Enroll in %(plan)s", plan=self.care_plan_id.name)
        return super()._generate_action_name()

    def _compute_allowed_states(self):
        result = super()._compute_allowed_states()
        if not self.env["crm.feature"]._is_on("plans"):
            for action in self:
                # What is off is not offered; actions of this kind stay as they are.
                action.allowed_states = [
                    state
                    for state in action.allowed_states
                    if state != STATE or action.state == STATE
                ]
        return result

    @api.depends("state")
    def _compute_available_model_ids(self):
        of_plans = self.filtered(lambda action: action.state == STATE)
        if of_plans:
            of_plans.available_model_ids = self._models_of_customers().ids
        return super(IrActionsServer, self - of_plans)._compute_available_model_ids()

    @api.model
    def _models_of_customers(self):
        """Contacts, and what names its customer."""
        names = [
            name
            for name, model in self.env.registry.items()
            if not (model._abstract or model._transient)
            and "partner_id" in model._fields
            and model._fields["partner_id"].comodel_name == "res.partner"
        ]
        # sudo: their numbers, for users who may define actions.
        return (
            self.env["ir.model"]
            .sudo()
            .search(Domain("model", "in", ["res.partner", *names]))
        )

    @api.depends("state")
    def _compute_care_plan_id(self):
        self.filtered(lambda action: action.state != STATE).care_plan_id = False

    @api.model
    def _warning_depends(self):
        return [*super()._warning_depends(), "state", "model_id"]

    def _get_warning_messages(self):
        self.ensure_one()
        warnings = super()._get_warning_messages()
        if self.state == STATE and self.model_id:
            if self.model_id not in self._models_of_customers():
                warnings.append(self.env._("These records have no customer."))
            if not self.care_plan_id:
                warnings.append(self.env._("Choose a care plan."))
        return warnings

    def _run_action_care_plan_multi(self, eval_context=None):
        """Enroll the customers of the records. A plan that does not run enrolls no one: it
        must not hinder what the users are doing."""
        records = eval_context.get("records") or eval_context.get("record")
        if not records:
            return False
        # sudo: plans enroll, whoever does what starts the action.
        plan, records = self.care_plan_id.sudo(), records.sudo()
        customers = records if records._name == "res.partner" else records.partner_id
        # Keys are numbers, which no one can send by RPC.
        depths = self.env.context.get(DEPTHS)
        plan._enroll_by_depth(
            customers.commercial_partner_id,
            depths if isinstance(depths, frozendict) else {},
        )
        return False
