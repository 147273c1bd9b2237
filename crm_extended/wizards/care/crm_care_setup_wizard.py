from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from ...models.care.groups import AGENT, MANAGER
from ...models.common.groups import SETTINGS

# What an address is called where the first choice is taken.
ADDRESSES = ("support", "service", "care", "helpdesk")


class CrmCareSetupWizard(models.TransientModel):
    """A team with an email address and an SLA target, in one step.

    For care managers; and for administrators, who need no role in care for it: what they
    set up here, they could set up by giving themselves the role.
    """

    _name = "crm.care.setup.wizard"
    _description = "Set Up Service Care"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
    )
    name = fields.Char(
        string="Team Name",
        required=True,
        default=lambda self: self.env._("Customer Service"),
    )
    alias_name = fields.Char(
        string="Email Address",
        default=lambda self: self._default_alias_name(),
        help="Emails to this address become cases of the team.",
    )
    alias_domain = fields.Char(compute="_compute_alias_domain")
    resource_calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working Hours",
        default=lambda self: self.env.company.resource_calendar_id,
        help="SLA targets count these hours. Leave empty to count around the clock.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Team Leader",
        default=lambda self: self.env.user,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    member_ids = fields.Many2many(
        "res.users",
        string="Members",
        default=lambda self: self.env.user,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    hours = fields.Integer(
        string="First Response Within",
        default=8,
        help="Working hours within which customers get a first response.",
    )
    switches_on = fields.Boolean(compute="_compute_switches_on")
    gives_roles = fields.Boolean(compute="_compute_gives_roles")

    @api.model
    def _default_alias_name(self):
        # sudo: only whether an address is taken.
        taken = (
            self.env["mail.alias"]
            .sudo()
            .search(
                [
                    ("alias_name", "in", ADDRESSES),
                    (
                        "alias_domain_id",
                        "in",
                        (False, self.env.company.alias_domain_id.id),
                    ),
                ]
            )
            .mapped("alias_name")
        )
        return next((name for name in ADDRESSES if name not in taken), False)

    @api.depends("company_id")
    def _compute_alias_domain(self):
        for wizard in self:
            # sudo: the domain of the company's addresses is no secret.
            wizard.alias_domain = wizard.company_id.sudo().alias_domain_id.name

    @api.depends("company_id")
    def _compute_switches_on(self):
        self.switches_on = not self.env["crm.feature"]._is_on("care")

    @api.depends("user_id", "member_ids")
    def _compute_gives_roles(self):
        for wizard in self:
            people = wizard.user_id | wizard.member_ids
            # sudo: whether colleagues have the role.
            wizard.gives_roles = wizard._is_administrator() and any(
                not user.has_group(AGENT) for user in people.sudo()._origin
            )

    @api.model
    def _is_administrator(self) -> bool:
        return self.env.user.has_group(SETTINGS)

    def _check_set_up(self):
        if not self._is_administrator() and not self.env.user.has_group(MANAGER):
            raise AccessError(
                self.env._("Only administrators and care managers set up teams.")
            )
        if self.company_id not in self.env.companies:
            raise AccessError(self.env._("Choose one of your current companies."))
        if self.switches_on and not self._is_administrator():
            raise AccessError(
                self.env._("Only an administrator can switch on service care.")
            )
        if not self.hours > 0:
            raise UserError(self.env._("The target must be longer than 0 hours."))

    def action_set_up(self):
        """Make the team, its address and its target, and switch on what shows them."""
        self.ensure_one()
        self._check_set_up()
        if self.switches_on:
            self.env["crm.feature"]._switch(care=True)
        if self._is_administrator():
            self._give_roles()
        # sudo: administrators without a role in care, see the class. The company is one
        # of the user's.
        team = (
            self.env["crm.care.team"]
            .sudo()
            .create(
                {
                    "name": self.name,
                    "company_id": self.company_id.id,
                    "alias_name": self.alias_name,
                    "resource_calendar_id": self.resource_calendar_id.id,
                    "user_id": self.user_id.id,
                    "member_ids": [Command.set(self.member_ids.ids)],
                }
            )
        )
        # sudo: as above.
        self.env["crm.care.sla"].sudo().create(
            {
                "name": self.env._("First response"),
                "company_id": self.company_id.id,
                "metric": "first_response",
                "hours": self.hours,
                "team_ids": [Command.set(team.ids)],
            }
        )
        # The menus, too.
        return {"type": "ir.actions.client", "tag": "reload"}

    def _give_roles(self):
        """Give the leader and the members the roles without which they could do nothing;
        those who have one keep it."""
        # sudo: administrators may give roles; users are written as by the form of a user.
        for user in (self.user_id | self.member_ids).sudo():
            role = MANAGER if user == self.user_id else AGENT
            if not user.has_group(AGENT) and user._is_internal():
                user.group_ids += self.env.ref(role)
