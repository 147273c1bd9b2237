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
        string="Purchases Are",
        default="invoice",
        help="What counts as a purchase. Imported purchase history always counts too. "
        "A credit note counts on the day of the invoice it takes back, for the same "
        "customer; of a sales order it lowers the amount. A purchase that was taken back "
        "in full is no purchase. The deposit and the final invoice of an order are one "
        "purchase. Purchases stay with the company they were made for when a contact "
        "changes employer.",
    )
