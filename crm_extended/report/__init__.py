from . import (
    common,
    timeline,
    agenda,
    rfm,
    care,
    insight,
    plan,
)
