from odoo import SUPERUSER_ID, api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class CrmRfmDimensionMixin(models.AbstractModel):
    """The customer's segment as a dimension of a report.

    Each row shows the segment the customer has in the row's own company. The score is
    joined only by queries that ask for the segment; the others cost what they did.
    """

    _name = "crm.rfm.dimension.mixin"
    _description = "Segment as a Dimension"

    # Column of the report that holds the customer: a commercial entity.
    _rfm_customer_field = "commercial_partner_id"

    rfm_segment_id = fields.Many2one(
        "crm.rfm.segment",
        string="Segment",
        compute="_compute_rfm_segment_id",
        search="_search_rfm_segment_id",
        groups="sales_team.group_sale_salesman",
    )

    @api.depends(lambda self: (self._rfm_customer_field, "company_id"))
    def _compute_rfm_segment_id(self):
        # sudo: the row is the reader's own, the field's group says who may see
        # segments; as for the segment on contacts.
        scores = self.env["crm.rfm.score"].sudo()
        scores = scores.search_fetch(
            [
                ("partner_id", "in", self[self._rfm_customer_field].ids),
                ("company_id", "in", self.company_id.ids),
            ],
            ["partner_id", "company_id", "segment_id"],
        )
        segments = {
            (score.partner_id.id, score.company_id.id): score.segment_id.id
            for score in scores
        }
        for row in self:
            key = row[self._rfm_customer_field].id, row.company_id.id
            row.rfm_segment_id = segments.get(key)

    def _search_rfm_segment_id(self, operator, value):
        if operator not in ("in", "any", "any!"):
            return NotImplemented

        def to_sql(model, alias, query):
            segment_id = model._field_to_sql(alias, "rfm_segment_id", query)
            if operator != "in":
                chosen = self.env["crm.rfm.segment"]._search(
                    value, bypass_access=operator == "any!"
                )
                found = SQL("%s IN %s", segment_id, chosen.subselect())
            else:
                ids = [id_ for id_ in value if id_]
                found = SQL("%s = ANY(%s)", segment_id, ids)
                if False in value:
                    return SQL("(%s IS NULL OR %s)", segment_id, found)
            # Never NULL, so that its negation is right too.
            return SQL("(%s IS NOT NULL AND %s)", segment_id, found)

        return Domain.custom(to_sql=to_sql)

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr != "rfm_segment_id" or query is None:
            return super()._field_to_sql(alias, field_expr, query)
        if self.env.uid != SUPERUSER_ID:
            # The user himself, also where Odoo searches for him as superuser.
            field = self._fields[field_expr]
            self.sudo(False)._check_field_access(field, "read")
        score = query.make_alias(alias, "rfm_score")
        query.add_join(
            "LEFT JOIN",
            score,
            "crm_rfm_score",
            SQL(
                "%s = %s AND %s = %s",
                SQL.identifier(alias, self._rfm_customer_field),
                SQL.identifier(score, "partner_id"),
                SQL.identifier(alias, "company_id"),
                SQL.identifier(score, "company_id"),
            ),
        )
        return SQL.identifier(score, "segment_id")
