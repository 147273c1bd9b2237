from .purchase import *
from .interaction import *
from .timeline import *
from .consent import *
from .agenda import *
from .rfm import *
from .loyalty import *
from .care import *
from .insight import *
from .plan import *
from . import (
    test_features,
    test_headers,
    test_first_day,
    test_access,
    test_browser,
    test_columns,
    test_contact_page,
    test_crm_lead,
    test_definition_changed,
    test_dialogs,
    test_empty_pages,
    test_hoot,
    test_menus,
    test_month_names,
    test_new_owner,
    test_one_company,
    test_phone_cards,
    test_queries,
    test_res_partner,
    test_rewording,
    test_tours,
    test_uninstall,
)
