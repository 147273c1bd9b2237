from odoo import api, fields, models

from ...analytics.care.sla_policy import Policy
from ..common.shared_company import check_company_domain_of_shared
from .crm_care_case import PRIORITIES, TYPES
from .crm_care_stage import OPEN

METRICS = [("first_response", "First Response"), ("resolution", "Resolution")]


class CrmCareSla(models.Model):
    """A target: the working time within which certain cases are answered or solved."""

    _name = "crm.care.sla"
    _inherit = "crm.rechecked.record.mixin"
    _description = "SLA Target"
    _order = "sequence, id"
    _check_company_auto = True
    _check_company_domain = check_company_domain_of_shared

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        index="btree_not_null",
        ondelete="cascade",
        default=lambda self: self.env.company,
        help="Leave empty to apply the SLA target in all companies.",
    )
    metric = fields.Selection(METRICS, required=True, default="first_response")
    hours = fields.Float(
        required=True,
        default=8,
        help="Counted in the working hours of the team, excluding public holidays and "
        "the time spent waiting for the customer. When you change or archive the "
        "target, open cases that missed it are evaluated again; for closed "
        "cases, use Recompute. Targets that were met stay met.",
    )
    use_tier_factor = fields.Boolean(
        string="Apply Tier Speed-up",
        default=True,
        help="The hours are multiplied by the response time factor of the customer's "
        "loyalty tier.",
    )
    by_default_only = fields.Boolean(
        string="Use as Team Default Only",
        help="Not applied to cases automatically; only to cases of teams that list it "
        "among their default SLA targets.",
    )
    team_ids = fields.Many2many(
        "crm.care.team", "crm_care_sla_team_rel", string="Teams", check_company=True
    )
    type = fields.Selection(
        TYPES, string="Type of Case", help="Leave empty for all types."
    )
    priority = fields.Selection(
        PRIORITIES, string="Minimum Priority", required=True, default="0"
    )
    category_ids = fields.Many2many(
        "crm.care.category", string="Categories", check_company=True
    )
    tier_ids = fields.Many2many("crm.loyalty.tier", string="Tiers", check_company=True)
    segment_ids = fields.Many2many(
        "crm.rfm.segment", string="Segments", check_company=True
    )

    _positive_hours = models.Constraint(
        "CHECK (hours > 0)", "The target must be longer than 0 hours."
    )

    @api.model
    def _policies(self) -> list[Policy]:
        """All targets to choose from."""
        return [
            Policy(
                id=sla.id,
                metric=sla.metric,
                company_id=sla.company_id.id or 0,
                team_ids=frozenset(sla.team_ids.ids),
                type=sla.type or "",
                priority=int(sla.priority),
                category_ids=frozenset(sla.category_ids.ids),
                tier_ids=frozenset(sla.tier_ids.ids),
                segment_ids=frozenset(sla.segment_ids.ids),
                by_default_only=sla.by_default_only,
            )
            for sla in self.with_context(active_test=True).search([])
        ]

    # -- Changes update open cases

    @api.model_create_multi
    def create(self, vals_list):
        slas = super().create(vals_list)
        slas._update_open_cases(slas._companies())
        return slas

    def write(self, vals):
        companies = self._companies()
        result = super().write(vals)
        if vals.keys() - {"name", "sequence"}:
            now = self._companies()
            self._update_open_cases(companies and now and companies | now)
        return result

    def _companies(self):
        """The companies of these targets; False where one applies in all companies."""
        return self.company_id if all(sla.company_id for sla in self) else False

    def _update_open_cases(self, companies):
        """Recompute the targets of open cases.

        Changing or archiving a target means that it was not right: what open cases have
        missed of it is judged again.

        :param companies: False for all companies
        """
        # sudo: targets apply to all cases, also those the user cannot see. Archived cases
        # may be restored.
        cases = self.env["crm.care.case"].sudo().with_context(active_test=False)
        domain = [("outcome", "in", OPEN)]
        if companies:
            domain.append(("company_id", "in", companies.ids))
        cases.search(domain)._apply_targets(corrected=self)

    @api.ondelete(at_uninstall=False)
    def _unlink_archiving_first(self):
        # Removes it from open cases; cases in which it is decided prevent the deletion.
        self.active = False

    # -- Buttons

    def action_recompute(self):
        """Judge again all cases, also closed ones, that missed these targets."""
        self.check_access("write")
        # In the user's companies: a target may be shared with others.
        found = self.env["crm.care.sla.status"].search(
            [("sla_id", "in", self.ids), ("state", "=", "failed")]
        )
        # Also archived cases.
        cases = found.case_id.filtered(lambda case: case.has_access("write"))
        return cases._recompute_targets(self)
