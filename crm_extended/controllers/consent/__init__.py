from . import (
    preferences,
    portal,
)
