from odoo import api, fields, models

from ..interaction.crm_interaction import CHANNELS
from .channels import KEYS


class CrmContactTouch(models.Model):
    """A contact that happened, as far as the product started it: what the touch limit
    counts."""

    _name = "crm.contact.touch"
    _inherit = "crm.customer.record.mixin"
    _description = "Customer Touch"
    _order = "date desc, id desc"
    _rec_name = "contact_id"

    partner_id = fields.Many2one(
        index=False,
        ondelete="cascade",
        help="The company or person as a whole: the limit is theirs.",
    )
    contact_id = fields.Many2one(
        "res.partner",
        string="Person",
        index="btree_not_null",
        ondelete="set null",
        help="The person who was contacted.",
    )
    company_id = fields.Many2one(
        default=lambda self: self.env.company, index=True, ondelete="cascade"
    )
    date = fields.Datetime(required=True, default=fields.Datetime.now)
    channel = fields.Selection(
        [(key, label) for key, label in CHANNELS if key in KEYS], required=True
    )
    purpose_id = fields.Many2one(
        "crm.consent.purpose", index="btree_not_null", ondelete="set null"
    )
    res_model = fields.Char(string="Document Model")
    res_id = fields.Many2oneReference(string="Document", model_field="res_model")

    _customer_index = models.Index("(partner_id, company_id, date DESC)")

    @api.model
    def _follow_customer(self, contact):
        """Give the touches of a contact that others were merged into, and of the contacts
        below it, to the customer they now belong to: a company's contact is none of its
        own."""
        # Archived contacts have touches, too.
        contacts = contact.with_context(active_test=False).search(
            [("id", "child_of", contact.id)]
        )
        for customer, people in contacts.grouped("commercial_partner_id").items():
            self.search(
                [
                    ("contact_id", "in", people.ids),
                    ("partner_id", "!=", customer.id),
                ]
            ).partner_id = customer
        # Those of a person who was deleted are the customer's only.
        self.search(
            [
                ("contact_id", "=", False),
                ("partner_id", "=", contact.id),
                ("partner_id", "!=", contact.commercial_partner_id.id),
            ]
        ).partner_id = contact.commercial_partner_id
