from odoo import api, models


class CrmCustomerFiguresMixin(models.AbstractModel):
    """A record with figures of a customer, which its form shows in a line and on its
    buttons.

    Forms ask for figures after they are shown, all at once, so opening a record costs
    the queries it did.
    """

    _name = "crm.customer.figures.mixin"
    _description = "Figures of a Customer"

    @api.readonly
    def get_customer_figures(self, names: list) -> dict:
        """Figures as the user may see them.

        :param names: of the figures
        :return: by name ``label``, ``text`` and, for some, ``title``; without those that
            the user may not see and those of features that are off
        :raise AccessError: if the user may not read the record
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
