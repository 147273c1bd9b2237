from odoo import api, fields, models


class CrmMergedContact(models.Model):
    """Who a contact became that was merged into another: links in the mails that were
    sent to it stay valid."""

    _name = "crm.merged.contact"
    _description = "Merged Contact"
    _rec_name = "partner_id"

    former_id = fields.Integer(
        string="Former ID", required=True, help="The id of the contact that is gone."
    )
    # Follows further merges: Odoo points fields to contacts to the one that is left.
    partner_id = fields.Many2one(
        "res.partner", string="Contact", required=True, index=True, ondelete="cascade"
    )

    _former_unique = models.Constraint(
        "UNIQUE (former_id)", "This contact was merged into another one already."
    )

    @api.model
    def _find(self, former_id: int):
        """The contact which another one was merged into; empty where there is none."""
        return self.search([("former_id", "=", former_id)]).partner_id

    @api.model
    def _remember(self, former_ids, contact):
        """Contacts were merged into another one."""
        self.create(
            [{"former_id": id_, "partner_id": contact.id} for id_ in former_ids]
        )
