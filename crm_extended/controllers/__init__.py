from . import (
    consent,
    loyalty,
    care,
    insight,
)
