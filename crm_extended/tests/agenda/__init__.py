from . import (
    test_agenda,
    test_agenda_queries,
    test_agenda_tours,
    test_customer_list,
)
