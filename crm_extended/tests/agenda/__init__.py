from . import (
    test_agenda,
    test_agenda_contacts,
    test_agenda_outcome,
    test_agenda_queries,
    test_agenda_time_zones,
    test_agenda_tours,
    test_customer_list,
    test_customer_page,
)
