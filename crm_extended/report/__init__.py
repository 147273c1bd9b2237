from . import (
    timeline,
    rfm,
    care,
)
