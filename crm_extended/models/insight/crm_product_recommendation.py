from typing import NamedTuple

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from .groups import USE_INSIGHT

# How many products are recommended where nothing else is asked for.
SHOWN = 5


class Recommendation(NamedTuple):
    """A product that customers who bought another one bought, too."""

    #: ``product.template``
    product: models.BaseModel
    #: the one that the customer bought
    because: models.BaseModel
    #: how similar both are over the customers of the company, 0 to 1
    cosine: float


class Purpose(NamedTuple):
    """What the contact policy asks of a purpose, of one whose basis is not known yet."""

    id: int
    basis: str


class CrmProductRecommendation(models.AbstractModel):
    """What customers like this one also bought: products that are most similar, over the
    customers of the company, to one that they bought.

    Nothing of it is stored: it is read from the pairs of the company and the products of
    the customer. Item-to-item similarity by cosine: Linden, Smith and York 2003.
    """

    _name = "crm.product.recommendation"
    _description = "Product Recommendation"

    @api.model
    @api.readonly
    def get_recommendations(
        self, partner_id: int, exclude: list | None = None, limit: int = SHOWN
    ) -> list[dict]:
        """Products for a contact, in the current company.

        :param exclude: ids of ``product.template`` that are not wanted
        :return: the best first: ``product_id`` and ``because_id`` (of
            ``product.template``), their names ``product`` and ``because``, ``cosine``
        :raise AccessError: unless the user sees analyses and the contact
        """
        self._check_may_see()
        partner = self.env["res.partner"].browse(int(partner_id))
        partner.check_access("read")
        return [
            {
                "product_id": found.product.id,
                "product": found.product.display_name,
                "because_id": found.because.id,
                "because": found.because.display_name,
                "cosine": found.cosine,
            }
            for found in self._recommend(
                partner, self.env.company, exclude or (), max(0, min(int(limit), 80))
            )
        ]

    @api.model
    def _check_may_see(self):
        if not self.env.user.has_group(USE_INSIGHT):
            raise AccessError(self.env._("You do not have access to recommendations."))

    @api.model
    def _recommend(
        self, partner, company, exclude=(), limit=SHOWN, published=False
    ) -> list[Recommendation]:
        """Products for a contact, as far as the user sees what their customer bought:
        two queries.

        Left out: what is archived, not sold, or of another company; what they bought in
        the period of pairs, unless their usual interval is over; and everything where the
        contact or their customer refused profiling.

        :param exclude: ids of ``product.template`` that are not wanted
        :param published: only what the website shows, where there is one
        """
        if not partner.id or not self.env["crm.feature"]._is_on("insight"):
            return []
        this = self.with_company(company)
        rows = this.env.execute_query(
            this._query(partner, company, list(exclude), limit, published)
        )
        if not rows:
            return []
        ids = {id_ for product, because, _cosine in rows for id_ in (product, because)}
        templates = self.env["product.template"].with_context(active_test=False)
        found = templates.search_fetch([("id", "in", ids)], ["name", "default_code"])
        seen = set(found.ids)
        return [
            Recommendation(found.browse(product), found.browse(because), cosine)
            for product, because, cosine in rows
            if product in seen and because in seen
        ]

    def _query(self, partner, company, exclude, limit, published) -> SQL:
        """Ids of the product and of what it is recommended for, and their similarity."""
        # sudo: the settings of the company whose pairs these are.
        since, today = company.sudo()._get_pair_period()
        sides = ("product_a_id", "product_b_id")
        is_sold = self._is_sold(company, published)
        pairs = SQL(" UNION ALL ").join(
            self._best_pairs(company, own, other, is_sold, limit)
            for own, other in (sides, sides[::-1])
        )
        return SQL(
            """
            WITH bought AS MATERIALIZED (%(bought)s),
                 unwanted AS MATERIALIZED (
                    SELECT product FROM bought
                     WHERE CASE WHEN interval_days IS NULL THEN last_date >= %(since)s
                                ELSE last_date + interval_days * interval '1 day'
                                     >= %(today)s END
                     UNION ALL SELECT unnest(%(exclude)s::int[])),
                 best AS (
                    SELECT DISTINCT ON (product) product, because, cosine
                      FROM (%(pairs)s) AS pair
                  ORDER BY product, cosine DESC, because)
            SELECT product, because, cosine
              FROM best
             WHERE NOT EXISTS (SELECT FROM res_partner AS p
                                WHERE p.id IN %(persons)s AND %(refused)s)
          ORDER BY cosine DESC, product
             LIMIT %(limit)s
            """,
            bought=self._bought_query(partner, company),
            pairs=pairs,
            exclude=[int(id_) for id_ in exclude],
            since=since,
            today=today,
            persons=self._persons(partner),
            refused=self._refused(),
            limit=limit,
        )

    def _best_pairs(self, company, own, other, is_sold: SQL, limit: int) -> SQL:
        """For each product of ``bought`` the best of those that are not unwanted: no more
        than are asked for in all, which an index gives in their order.

        :param own: column of a pair with the product that they bought
        :param other: column with the other one
        :param is_sold: on the other one, ``template``
        """
        return SQL(
            """
            SELECT found.product, bought.product AS because, found.cosine
              FROM bought
        CROSS JOIN LATERAL (
                SELECT pair.%(other)s AS product, pair.cosine
                  FROM crm_product_pair AS pair
                  JOIN product_template AS template ON template.id = pair.%(other)s
                 WHERE pair.%(own)s = bought.product AND pair.company_id = %(company_id)s
                   AND pair.unit = 'customer' AND pair.%(other)s <> bought.product
                   AND pair.%(other)s NOT IN (SELECT product FROM unwanted)
                   AND %(is_sold)s
              ORDER BY pair.cosine DESC, pair.%(other)s
                 LIMIT %(limit)s) AS found
             WHERE bought.quantity > 0
            """,
            own=SQL.identifier(own),
            other=SQL.identifier(other),
            company_id=company.id,
            is_sold=is_sold,
            limit=limit,
        )

    def _persons(self, partner) -> SQL:
        """Who may have refused: the contact, and the customer they belong to."""
        return SQL(
            "(%s, (SELECT commercial_partner_id FROM res_partner WHERE id = %s))",
            partner.id,
            partner.id,
        )

    def _refused(self) -> SQL:
        """Whether the person ``p`` refused profiling, in the current company; where it
        needs consent, whether they have not given it.

        What it needs is looked up by the statement itself: reading the purpose first would
        be a query more for each contact.
        """
        policy = self.env["crm.contact.policy"]
        self.env["crm.consent"].flush_model()
        self.env["crm.consent.purpose"].flush_model(["basis"])
        id_ = self.env["ir.model.data"]._xmlid_to_res_id(
            "crm_extended.purpose_profiling"
        )
        needed, unless_refused = (
            policy._answered(Purpose(id_, basis), allowing=False)
            for basis in ("needed", "unless_refused")
        )
        return SQL(
            """
            CASE (SELECT basis FROM crm_consent_purpose WHERE id = %s)
                 WHEN 'always' THEN FALSE WHEN 'needed' THEN %s ELSE %s END
            """,
            id_,
            needed,
            unless_refused,
        )

    def _bought_query(self, partner, company) -> SQL:
        """The products of the customer that the user may see."""
        self.env["res.partner"].flush_model(["commercial_partner_id"])
        rows = self.env["crm.customer.product"]
        customer = SQL(
            "(SELECT commercial_partner_id FROM res_partner WHERE id = %s)", partner.id
        )
        query = rows._search(
            Domain("partner_id", "in", customer) & Domain("company_id", "=", company.id)
        )
        columns = {
            "product": "product_tmpl_id",
            "quantity": "quantity",
            "last_date": "last_date",
            "interval_days": "interval_days",
        }
        return query.select(
            *(
                SQL(
                    "%s AS %s", SQL.identifier(query.table, name), SQL.identifier(alias)
                )
                for alias, name in columns.items()
            )
        )

    def _is_sold(self, company, published) -> SQL:
        """Whether the company sells a product, ``template``."""
        templates = self.env["product.template"]
        templates.flush_model(["active", "sale_ok", "company_id"])
        # sudo: only the ids of the companies above it.
        parents = company.sudo().parent_ids.ids
        conditions = [
            SQL("template.active AND template.sale_ok"),
            SQL(
                "(template.company_id IS NULL OR template.company_id = ANY(%s))",
                parents,
            ),
            SQL(
                "EXISTS (SELECT FROM product_product AS variant"
                " WHERE variant.product_tmpl_id = template.id AND variant.active)"
            ),
        ]
        if published and "is_published" in templates._fields:
            templates.flush_model(["is_published"])
            conditions.append(SQL("template.is_published"))
        return SQL(" AND ").join(conditions)

    @api.model
    def _reason(self, found: Recommendation) -> str:
        return self.env._("because they bought %s", found.because.name)
