from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..common.shared_company import check_company_domain_of_shared
from .channels import check_channels, join_channels, split_channels

BASES = [
    ("needed", "Needs consent"),
    ("unless_refused", "Allowed until refused"),
    ("always", "Always"),
]


class CrmConsentPurpose(models.Model):
    """What customers may be contacted for, and whether they have to agree first."""

    _name = "crm.consent.purpose"
    _inherit = "crm.rechecked.record.mixin"
    _description = "Contact Purpose"
    _order = "sequence, id"
    _check_company_domain = check_company_domain_of_shared

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        default=lambda self: self.env.company,
        index="btree_not_null",
        help="Without a company, the purpose is shared by all of them. Answers are "
        "always given to one company.",
    )
    basis = fields.Selection(
        BASES,
        required=True,
        default="needed",
        help="Needs consent: only customers who have agreed are contacted.\n"
        "Allowed until refused: all customers are, until they refuse.\n"
        "Always: messages about customers' own orders or cases, which no refusal stops.",
    )
    channels = fields.Char(
        default="email,sms,phone,letter,visit",
        help="How customers may be contacted for this purpose. None for purposes that "
        "contact no one, such as profiling.",
    )
    description = fields.Text(
        string="Text for Customers",
        translate=True,
        help="Shown to customers where they agree or refuse, and kept with their answer.",
    )
    ask_confirmation = fields.Boolean(
        string="Confirm by Email",
        help="Consent given on a page counts only after the customer has opened a link "
        "in a mail (double opt-in).",
    )
    valid_months = fields.Integer(
        string="Valid For (Months)",
        help="Consent expires after this many months. 0: it does not expire.",
    )
    consent_ids = fields.One2many("crm.consent", "purpose_id", string="Answers")

    _valid_months_check = models.Constraint(
        "CHECK (valid_months >= 0 AND valid_months <= 600)",
        "Consent can be valid for 0 to 600 months.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if "channels" in vals:
                vals["channels"] = join_channels(vals["channels"])
        return super().create(vals_list)

    def write(self, vals):
        if "channels" in vals:
            vals = {**vals, "channels": join_channels(vals["channels"])}
        return super().write(vals)

    def copy_data(self, default=None):
        return [
            {**vals, "name": self.env._("%s (copy)", purpose.name)}
            if "name" not in (default or {})
            else vals
            for purpose, vals in zip(self, super().copy_data(default), strict=True)
        ]

    @api.constrains("channels")
    def _check_channels(self):
        for purpose in self:
            check_channels(self.env, purpose.channels)

    @api.constrains("company_id")
    def _check_company_of_answers(self):
        for purpose in self:
            # sudo: answers given to companies the user does not see.
            others = self.env["crm.consent"].sudo()
            if purpose.company_id and others.search_count(
                [
                    ("purpose_id", "=", purpose.id),
                    ("company_id", "!=", purpose.company_id.id),
                ],
                limit=1,
            ):
                raise ValidationError(
                    self.env._(
                        "Customers have answered other companies about “%s”. Leave the "
                        "company empty, or create another purpose.",
                        purpose.name,
                    )
                )

    @api.constrains("basis")
    def _check_basis_of_service(self):
        """Messages about a customer's own order or case are not stopped by a refusal."""
        service = self.env.ref("crm_extended.purpose_service", raise_if_not_found=False)
        if service and service in self and service.basis != "always":
            raise ValidationError(
                self.env._(
                    "“%s” is always allowed: these messages answer customers about their "
                    "own orders and cases. Create another purpose for other messages.",
                    service.name,
                )
            )

    @api.constrains("active", "company_id")
    def _check_senders(self):
        """Customers must be able to refuse what our own messages are sent for, in every
        company."""
        names = ("purpose_service", "purpose_loyalty", "purpose_survey")
        refs = (
            self.env.ref(f"crm_extended.{name}", raise_if_not_found=False)
            for name in names
        )
        needed = self & self.browse([purpose.id for purpose in refs if purpose])
        for purpose in needed:
            if not purpose.active or purpose.company_id:
                raise ValidationError(
                    self.env._(
                        "“%s” is needed for automatic messages of all companies. It "
                        "cannot be archived or given to one company.",
                        purpose.name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_own(self):
        """Purposes that came with the addon are those its own messages ask for."""
        if own := self.filtered(
            lambda purpose: purpose.get_external_id()[purpose.id].startswith(
                "crm_extended."
            )
        ):
            raise UserError(
                self.env._("“%s” came with the app and cannot be deleted.", own[0].name)
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        # sudo: as above.
        used = (
            self.env["crm.consent"]
            .sudo()
            .search([("purpose_id", "in", self.ids)], limit=1)
        )
        if used:
            raise UserError(
                self.env._(
                    "Customers have answered about “%s”. Archive the purpose instead.",
                    used.purpose_id.name,
                )
            )

    def _channel_keys(self) -> list[str]:
        self.ensure_one()
        return split_channels(self.channels)

    def action_open_consents(self):
        """Open the answers about this purpose."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended.crm_consent_action"
        )
        return {
            **action,
            "display_name": self.name,
            "domain": [("purpose_id", "=", self.id)],
            "context": {"default_purpose_id": self.id},
        }
