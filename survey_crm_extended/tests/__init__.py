from . import (
    test_access,
    test_answers,
    test_care_plan,
    test_invite,
    test_kano_analysis,
    test_kano_answer,
    test_kano_tour,
    test_kano_wizard,
)
