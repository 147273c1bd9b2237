from . import (
    crm_interaction,
    crm_customer_contact,
    crm_last_contact,
    crm_last_contact_reconcile,
    crm_last_contact_hooks,
    crm_last_contact_keep,
    res_partner,
    crm_preferred_channel_mixin,
    crm_preferred_channel,
    mail_thread,
    mail_message,
)
