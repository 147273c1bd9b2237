"""Groups of Odoo's that fields and pages of several packages are for."""

SALES = "sales_team.group_sale_salesman"
ALL_DOCUMENTS = "sales_team.group_sale_salesman_all_leads"
SALES_MANAGER = "sales_team.group_sale_manager"
SETTINGS = "base.group_system"
