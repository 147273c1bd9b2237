from . import (
    test_timeline,
    test_timeline_access,
    test_timeline_actions,
    test_timeline_counts,
    test_timeline_days,
    test_timeline_entries,
    test_timeline_kinds,
    test_timeline_report,
    test_timeline_source,
    test_timeline_tours,
)
