from . import (
    portal,
    portal_list,
    portal_new,
    rating,
)
