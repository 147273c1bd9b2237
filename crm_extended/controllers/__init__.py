from . import (
    portal,
    portal_care,
    portal_care_list,
    portal_care_new,
    portal_care_rating,
)
