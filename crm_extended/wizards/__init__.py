from . import (
    common,
    purchase,
    interaction,
    timeline,
    rfm,
    loyalty,
    care,
)
