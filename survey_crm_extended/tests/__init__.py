from . import (
    test_answers,
    test_care_plan,
    test_invite,
)
from . import test_kano_analysis
from . import test_kano_answer
from . import test_kano_tour
from . import test_kano_wizard
