from . import (
    res_company,
    crm_customer_former_contact,
    crm_purchase_history,
    res_currency_rate,
    crm_customer_transaction,
    crm_customer_transaction_history,
    crm_customer_transaction_invoice,
    crm_customer_transaction_sale,
    crm_customer_transaction_sums,
    crm_customer_transaction_unfiltered,
)
