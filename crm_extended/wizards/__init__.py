from . import (
    common,
    purchase,
    interaction,
    rfm,
    loyalty,
    care,
)
