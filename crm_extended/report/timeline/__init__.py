from . import (
    crm_timeline_report,
)
