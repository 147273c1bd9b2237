from . import (
    base_module_uninstall,
    crm_customer_list_wizard,
)
