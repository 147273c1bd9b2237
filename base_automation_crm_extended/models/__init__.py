from . import base_automation, crm_announced_mixin, crm_loyalty_change, crm_rfm_change
