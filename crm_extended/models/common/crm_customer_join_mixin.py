from odoo import SUPERUSER_ID, api, models
from odoo.fields import Domain
from odoo.tools import SQL


class CrmCustomerJoinMixin(models.AbstractModel):
    """What a customer is in a company (segment, tier) as a dimension of a report.

    Each row shows what the customer is in the row's own company. The table that holds it
    is joined only by queries that ask for it; the others cost what they did.
    """

    _name = "crm.customer.join.mixin"
    _description = "Standing of a Customer as a Dimension"

    # Column of the report that holds the customer: a commercial entity.
    _rfm_customer_field = "commercial_partner_id"

    @api.model
    def _get_dimensions(self) -> dict:
        """The fields, each with the model that holds it, at most once for a customer in a
        company, and the name it has there."""
        return {}

    def _compute_dimension(self, name):
        model, column = self._get_dimensions()[name]
        # sudo: the row is the reader's own, the field's group says who may see it; as
        # for the segment on contacts.
        records = self.env[model].sudo()
        records = records.search_fetch(
            [
                ("partner_id", "in", self[self._rfm_customer_field].ids),
                ("company_id", "in", self.company_id.ids),
            ],
            ["partner_id", "company_id", column],
        )
        values = {
            (record.partner_id.id, record.company_id.id): record[column].id
            for record in records
        }
        for row in self:
            key = row[self._rfm_customer_field].id, row.company_id.id
            row[name] = values.get(key)

    @api.model
    def _search_dimension(self, name, operator, value):
        if operator not in ("in", "any", "any!"):
            return NotImplemented

        def to_sql(model, alias, query):
            value_id = model._field_to_sql(alias, name, query)
            if operator != "in":
                chosen = self.env[self._fields[name].comodel_name]._search(
                    value, bypass_access=operator == "any!"
                )
                found = SQL("%s IN %s", value_id, chosen.subselect())
            else:
                ids = [id_ for id_ in value if id_]
                found = SQL("%s = ANY(%s)", value_id, ids)
                if False in value:
                    return SQL("(%s IS NULL OR %s)", value_id, found)
            # Never NULL, so that its negation is right too.
            return SQL("(%s IS NOT NULL AND %s)", value_id, found)

        return Domain.custom(to_sql=to_sql)

    def _field_to_sql(self, alias, field_expr, query=None):
        dimension = self._get_dimensions().get(field_expr)
        if not dimension or query is None:
            return super()._field_to_sql(alias, field_expr, query)
        if self.env.uid != SUPERUSER_ID:
            # The user himself, also where Odoo searches for him as superuser.
            field = self._fields[field_expr]
            self.sudo(False)._check_field_access(field, "read")
        model, column = dimension
        table = self.env[model]._table
        joined = query.make_alias(alias, table)
        query.add_join(
            "LEFT JOIN",
            joined,
            table,
            SQL(
                "%s = %s AND %s = %s",
                SQL.identifier(alias, self._rfm_customer_field),
                SQL.identifier(joined, "partner_id"),
                SQL.identifier(alias, "company_id"),
                SQL.identifier(joined, "company_id"),
            ),
        )
        return SQL.identifier(joined, column)
