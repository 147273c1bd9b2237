from . import (
    common,
    purchase,
    interaction,
    timeline,
    consent,
    agenda,
    rfm,
    loyalty,
    care,
    insight,
    plan,
)
