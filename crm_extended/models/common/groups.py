"""Groups of Odoo's that fields and pages of several packages are for."""

SALES = "sales_team.group_sale_salesman"
