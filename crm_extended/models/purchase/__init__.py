from . import (
    res_company,
    res_currency_rate,
    account_move,
    sale_order_line,
    crm_customer_former_contact,
    res_partner,
    crm_purchase_history,
    crm_customer_transaction,
    # Its parts.
    crm_customer_transaction_choice,
    crm_customer_transaction_history,
    crm_customer_transaction_invoice,
    crm_customer_transaction_products,
    crm_customer_transaction_sale,
    crm_customer_transaction_sums,
    crm_customer_transaction_unfiltered,
)

# For addons that sell through another channel.
from .purchase_source import PurchaseSource
