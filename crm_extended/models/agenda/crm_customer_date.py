from odoo import models


class CrmCustomerDate(models.Model):
    _inherit = "crm.customer.date"

    # To find the people who have a day soon, whatever the year was.
    _day_of_year_index = models.Index(
        "(company_id, (EXTRACT(MONTH FROM date) * 100 + EXTRACT(DAY FROM date)))"
    )
