from . import (
    consent,
    loyalty,
    care,
)
