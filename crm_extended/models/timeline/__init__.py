from . import crm_timeline, crm_timeline_pin, mail_message

# They extend the timeline, too.
from .sources import crm_timeline_domains, conversation
