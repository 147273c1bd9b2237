from . import (
    loyalty,
    care,
)
