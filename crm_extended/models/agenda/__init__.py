from . import (
    crm_agenda_reason,
    crm_customer_agenda,
    # Keeps what that finds.
    crm_agenda_item,
    crm_customer_date,
    crm_customer_list,
    crm_customer_list_count,
    crm_customer_list_snapshot,
    crm_interaction,
    crm_lead,
    mail_activity,
    res_company,
    res_config_settings,
    res_partner,
    sale_order,
)

# For other packages and addons that add a source.
from .agenda_source import AgendaSource
