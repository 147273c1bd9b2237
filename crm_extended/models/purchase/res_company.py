from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    # Not required in the database: other addons' companies may be created before this
    # one is loaded, for example during an upgrade. Empty means the default.
    rfm_source = fields.Selection(
        [
            ("invoice", "Posted invoices and credit notes"),
            ("sale", "Confirmed sales orders"),
        ],
        string="Purchases Based On",
        default="invoice",
        help="The documents that count as purchases. Imported purchase history always "
        "counts as well. A credit note counts on the date of the invoice it reverses, "
        "for the same customer; for a sales order, it reduces the amount. Fully "
        "refunded purchases do not count. The deposit and final invoice of an order "
        "count as one purchase. When a contact changes employer, earlier purchases "
        "stay with the former company.",
    )
