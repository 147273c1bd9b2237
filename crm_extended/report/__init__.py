from . import account_invoice_report, crm_customer_transaction, sale_report
