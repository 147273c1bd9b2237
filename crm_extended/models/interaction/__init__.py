from . import (
    crm_feature,
    crm_interaction,
    crm_customer_contact,
    crm_last_contact,
    crm_preferred_channel,
    res_partner,
    calendar_event,
    calendar_attendee,
    mail_message,
    mail_thread,
    crm_lead,
    res_config_settings,
)
