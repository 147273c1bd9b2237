from . import (
    base_automation,
    crm_change_event_mixin,
    crm_lifecycle_change,
    crm_loyalty_change,
    crm_rfm_change,
)
