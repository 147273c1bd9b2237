from odoo import api, models


class ResPartner(models.Model):
    """Contacts show what is joined to the customer they belong to, in the current
    company, and give figures of it."""

    _name = "res.partner"
    _inherit = [
        "res.partner",
        "crm.customer.join.mixin",
        "crm.customer.figures.mixin",
    ]
    # The reader's current company.
    _customer_company_field = None
    _customer_joins_last = True

    # -- The customer page: what there is to know, in ten seconds

    @api.readonly
    def get_customer_page(self, names: list | None = None) -> list[dict]:
        """The blocks of the customer page, as the user may see them.

        :param names: only these blocks
        :return: in their order ``name``, ``title`` and ``rows``; see
            :meth:`_get_customer_blocks`
        :raise AccessError: if the user may not read the contact
        """
        self.ensure_one()
        self.check_access("read")
        blocks = sorted(
            self._get_customer_blocks().items(), key=lambda pair: pair[1]["sequence"]
        )
        return [
            {"name": name, "title": block["title"], "rows": rows}
            for name, block in blocks
            if (names is None or name in names) and (rows := block["rows"]())
        ]

    def _get_customer_blocks(self) -> dict[str, dict]:
        """Blocks of the customer page by name, those that the user may see; packages and
        addons add their own.

        A block has a ``title``, a ``sequence``, and ``rows``: a method that gives a list
        of ``label``, ``text`` and, for some, ``title``, ``method`` (of the contact, that
        opens the records behind the figure), or ``res_model`` and ``res_id`` (the record
        itself), and ``bars`` (numbers to compare).
        """
        return {}

    def _rows_of_figures(self, methods: dict[str, str | None]) -> list[dict]:
        """Figures as rows of a block.

        :param methods: by name of the figure the method that opens its records
        """
        figures = self._get_customer_figures()
        rows = []
        for name, method in methods.items():
            if figure := name in figures and figures[name]():
                rows.append({"label": "", "method": method, **figure})
        return rows
