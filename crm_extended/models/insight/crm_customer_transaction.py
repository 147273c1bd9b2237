from odoo import api, models
from odoo.tools import SQL


class CrmCustomerTransaction(models.Model):
    _inherit = "crm.customer.transaction"

    @api.model
    def _get_rows_by_source(self) -> dict[str, tuple[str, list[SQL]]]:
        """The queries behind the read model, source by source.

        :return: by key of :meth:`_transaction_sources` the model of the documents, and
            queries that give the columns of the read model; none for a source that is
            known to have no rows
        """
        this = self._with_counting()
        sources = this._get_sources()
        return {
            name: (
                source.res_model,
                []
                if this._is_empty(name)
                else list(
                    this._rows_of(
                        source, source.source or name, number=number, arms=len(sources)
                    )
                ),
            )
            for number, (name, source) in enumerate(sources.items())
        }
