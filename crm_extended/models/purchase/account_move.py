from odoo import models


class AccountMove(models.Model):
    """Indexes that purchases are found by."""

    _inherit = "account.move"

    # The invoices of one customer, for which Odoo has only an index by contact. A contact
    # may belong to another customer today.
    _customer_index = models.Index(
        "(company_id, commercial_partner_id)"
        " WHERE state = 'posted' AND move_type IN ('out_invoice', 'out_refund')"
    )
    # All columns that sums over a company's customers read of documents that reverse
    # nothing.
    _purchase_index = models.Index(
        "(company_id, commercial_partner_id)"
        " INCLUDE (id, invoice_date, amount_untaxed_signed)"
        " WHERE state = 'posted' AND move_type IN ('out_invoice', 'out_refund')"
        " AND reversed_entry_id IS NULL"
    )
    # Reversals that were reversed: usually there are none, which is checked each time.
    _reversed_again_index = models.Index(
        "(id) WHERE move_type = 'out_invoice' AND reversed_entry_id IS NOT NULL"
    )
