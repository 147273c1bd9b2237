"""Groups of Odoo's that fields and pages of several packages are for."""

SALES = "sales_team.group_sale_salesman"
SALES_MANAGER = "sales_team.group_sale_manager"
SETTINGS = "base.group_system"
