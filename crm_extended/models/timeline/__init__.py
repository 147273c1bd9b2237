from . import (
    crm_timeline,
    crm_timeline_actions,
    crm_timeline_pin,
    mail_message,
    mail_thread,
)

# For other packages and addons that add a source.
from .sources.base import TimelineSource
