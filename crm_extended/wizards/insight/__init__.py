from . import base_partner_merge, crm_product_recommendation_wizard
