from odoo import SUPERUSER_ID, api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .joined_fields import JoinedInteger, JoinedMonetary

SALES = "sales_team.group_sale_salesman"


class ResPartner(models.Model):
    _inherit = "res.partner"

    # Nothing of this is stored: the score is joined on demand, the rest hangs off it.
    rfm_score_id = fields.Many2one(
        "crm.rfm.score",
        string="Customer Standing",
        compute="_compute_rfm_score_id",
        search="_search_rfm_score_id",
        groups=SALES,
        help="Standing of the customer, which is the company for all its contacts, in "
        "your current company.",
    )
    rfm_segment_id = fields.Many2one(
        related="rfm_score_id.segment_id", string="Segment", groups=SALES
    )
    rfm_segment_color = fields.Integer(
        related="rfm_score_id.segment_color", aggregator=None, groups=SALES
    )
    rfm_segment_action = fields.Text(
        related="rfm_score_id.segment_action", groups=SALES
    )
    rfm_segment_date = fields.Date(related="rfm_score_id.segment_date", groups=SALES)
    rfm_code = fields.Char(related="rfm_score_id.code", groups=SALES)
    rfm_last_date = fields.Date(related="rfm_score_id.last_date", groups=SALES)
    # No aggregate: a company's figures stand on each of its contacts, a sum over
    # contacts would count them again and again. Sums are in the views of the scores.
    rfm_recency = JoinedInteger(
        related="rfm_score_id.recency", aggregator=None, groups=SALES
    )
    rfm_frequency = JoinedInteger(
        related="rfm_score_id.frequency", aggregator=None, groups=SALES
    )
    rfm_currency_id = fields.Many2one(
        related="rfm_score_id.currency_id", string="Standing Currency", groups=SALES
    )
    rfm_monetary = JoinedMonetary(
        related="rfm_score_id.monetary",
        currency_field="rfm_currency_id",
        aggregator=None,
        groups=SALES,
    )
    rfm_bins = fields.Integer(
        related="rfm_score_id.bins", aggregator=None, groups=SALES
    )
    rfm_recency_score = JoinedInteger(
        related="rfm_score_id.recency_score", aggregator=None, groups=SALES
    )
    rfm_frequency_score = JoinedInteger(
        related="rfm_score_id.frequency_score", aggregator=None, groups=SALES
    )
    rfm_monetary_score = JoinedInteger(
        related="rfm_score_id.monetary_score", aggregator=None, groups=SALES
    )

    @api.depends("commercial_partner_id")
    @api.depends_context("company")
    def _compute_rfm_score_id(self):
        customers = self.commercial_partner_id._origin
        # sudo: whoever may read the contact and is in sales sees the standing of the
        # company it belongs to; the field's group keeps out everybody else.
        scores = self.env["crm.rfm.score"].sudo()
        if customers:
            scores = scores.search_fetch(
                [
                    ("partner_id", "in", customers.ids),
                    ("company_id", "=", self.env.company.id),
                ],
                order="id",
            )
        score_of = {score.partner_id.id: score.id for score in scores}
        for partner in self:
            partner.rfm_score_id = score_of.get(
                partner.commercial_partner_id._origin.id
            )

    def _search_rfm_score_id(self, operator, value):
        if operator not in ("in", "any", "any!"):
            return NotImplemented
        Score = self.env["crm.rfm.score"]

        def to_sql(model, alias, query):
            score = model._join_rfm_score(alias, query)
            score_id = SQL.identifier(score, "id")
            if operator == "any!":
                # Never NULL, so that its negation is right too.
                # sudo: "any!" comes from the related fields alone, and the join above
                # has asked whether the user is in sales.
                condition = value.optimize_full(Score.sudo())
                return SQL(
                    "(%s IS NOT NULL AND %s)",
                    score_id,
                    condition._to_sql(Score.sudo(), score, query),
                )
            if operator == "any":
                chosen = Score._search(value).subselect()
                return SQL("(%s IS NOT NULL AND %s IN %s)", score_id, score_id, chosen)
            ids = [id_ for id_ in value if id_]
            found = SQL("(%s IS NOT NULL AND %s = ANY(%s))", score_id, score_id, ids)
            if False in value:
                return SQL("(%s IS NULL OR %s)", score_id, found)
            return found

        return Domain.custom(to_sql=to_sql)

    def _join_rfm_score(self, alias, query) -> str:
        """Join the score of each partner in the current company to a query.

        Every search, order, group and aggregate by a standing passes here, and mostly
        as superuser: Odoo follows related fields as such, and so do some of its search
        methods. So it is the user himself who must be in sales.

        :return: alias of the joined table
        :raise AccessError: if he is not
        """
        if self.env.uid != SUPERUSER_ID:
            field = self._fields["rfm_score_id"]
            self.sudo(False)._check_field_access(field, "read")
        score = query.make_alias(alias, "rfm_score")
        query.add_join(
            "LEFT JOIN",
            score,
            "crm_rfm_score",
            SQL(
                "%s = %s AND %s = %s",
                SQL.identifier(alias, "commercial_partner_id"),
                SQL.identifier(score, "partner_id"),
                SQL.identifier(score, "company_id"),
                self.env.company.id,
            ),
        )
        return score

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr == "rfm_score_id" and query is not None:
            return SQL.identifier(self._join_rfm_score(alias, query), "id")
        return super()._field_to_sql(alias, field_expr, query)

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        if field_name.startswith("rfm_") and not nulls.code:
            # Whoever never bought comes last, also when the best come first.
            nulls = SQL("NULLS LAST")
        return super()._order_field_to_sql(alias, field_name, direction, nulls, query)

    def action_rfm_score(self):
        """Open the standing of the customer this contact belongs to."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Customer Standing"),
            "res_model": "crm.rfm.score",
            "res_id": self.rfm_score_id.id,
            "view_mode": "form",
        }
