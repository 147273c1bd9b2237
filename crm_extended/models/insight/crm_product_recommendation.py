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
        """Ids of the product and of what it is recommended for, and their similarity.

        Most of its time is that of planning it: so few tables, and no two of them twice
        where once is enough.
        """
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
                     UNION ALL SELECT unnest(%(exclude)s::int[]))
            SELECT product, because, cosine
              FROM (SELECT DISTINCT ON (found.product)
                           found.product, bought.product AS because, found.cosine
                      FROM bought
                CROSS JOIN LATERAL (%(pairs)s) AS found
                     WHERE bought.quantity > 0
                  ORDER BY found.product, found.cosine DESC, because) AS best
             WHERE NOT %(refused)s
          ORDER BY cosine DESC, product
             LIMIT %(limit)s
            """,
            bought=self._bought_query(partner, company),
            pairs=pairs,
            exclude=[int(id_) for id_ in exclude],
            since=since,
            today=today,
            refused=self._refused(partner),
            limit=limit,
        )

    def _best_pairs(self, company, own, other, is_sold: SQL, limit: int) -> SQL:
        """For a product of ``bought`` the best of those that are not unwanted: no more
        than are asked for in all, which an index gives in their order.

        :param own: column of a pair with the product that they bought
        :param other: column with the other one
        :param is_sold: on the other one, ``template``
        """
        return SQL(
            """
            (SELECT pair.%(other)s AS product, pair.cosine
               FROM crm_product_pair AS pair
              WHERE pair.%(own)s = bought.product AND pair.company_id = %(company_id)s
                AND pair.unit = 'customer' AND pair.%(other)s <> bought.product
                AND pair.%(other)s NOT IN (SELECT product FROM unwanted)
                AND EXISTS (SELECT FROM product_template AS template
                             WHERE template.id = pair.%(other)s AND %(is_sold)s)
           ORDER BY pair.cosine DESC, pair.%(other)s
              LIMIT %(limit)s)
            """,
            own=SQL.identifier(own),
            other=SQL.identifier(other),
            company_id=company.id,
            is_sold=is_sold,
            limit=limit,
        )

    def _refused(self, partner) -> SQL:
        """Whether the contact, or the customer they belong to, refused profiling in the
        current company; where it needs consent, whether one of them has not given it."""
        self.env["crm.consent"].flush_model()
        purpose = self.env["crm.consent.purpose"]._get_profiling()
        policy = self.env["crm.contact.policy"]
        return SQL(
            "(%s)",
            SQL(" OR ").join(
                policy._answered(purpose, allowing=False, person=person)
                for person in (SQL("%s", partner.id), self._customer(partner))
            ),
        )

    def _customer(self, partner) -> SQL:
        """The customer that a contact belongs to, without a query of its own."""
        self.env["res.partner"].flush_model(["commercial_partner_id"])
        return SQL(
            "(SELECT commercial_partner_id FROM res_partner WHERE id = %s)", partner.id
        )

    def _bought_query(self, partner, company) -> SQL:
        """The products of the customer that the user may see."""
        rows = self.env["crm.customer.product"]
        query = rows._search(
            Domain("partner_id", "in", self._customer(partner))
            & Domain("company_id", "=", company.id)
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
        ]
        if published and "is_published" in templates._fields:
            templates.flush_model(["is_published"])
            conditions.append(SQL("template.is_published"))
        return SQL(" AND ").join(conditions)

    @api.model
    def _reason(self, found: Recommendation) -> str:
        return self.env._("because they bought %s", found.because.name)
