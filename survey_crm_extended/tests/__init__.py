from . import (
    test_answers,
    test_care_plan,
    test_invite,
)
