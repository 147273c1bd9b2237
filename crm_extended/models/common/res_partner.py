from odoo import api, models


class ResPartner(models.Model):
    """Contacts show what is joined to the customer they belong to, in the current
    company, and give figures of it, which forms show in a line and on their buttons.

    Forms ask for figures after they are shown, all at once, so opening a record costs
    the queries it did.
    """

    _name = "res.partner"
    _inherit = ["res.partner", "crm.customer.join.mixin"]
    # The reader's current company.
    _customer_company_field = None
    _customer_joins_last = True

    @api.readonly
    def get_customer_figures(self, names: list) -> dict:
        """Figures of the customer as the user may see them.

        :param names: of the figures
        :return: by name ``label``, ``text`` and, for some, ``title``; without those that
            the user may not see and those of features that are off
        :raise AccessError: if the user may not read the contact
        """
        self.ensure_one()
        self.check_access("read")
        figures = {
            name: figure()
            for name, figure in self._get_customer_figures().items()
            if name in names
        }
        return {name: figure for name, figure in figures.items() if figure}

    def _get_customer_figures(self) -> dict:
        """Methods by the names of figures, those that the user may see; packages add
        their own. A method gives ``None`` where there is nothing to show."""
        return {}
