from . import (
    common,
    purchase,
    interaction,
    timeline,
    consent,
    rfm,
    loyalty,
    care,
    plan,
)
