from typing import NamedTuple

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from .groups import USE_INSIGHT

# How many products are recommended where nothing else is asked for.
SHOWN = 5

# What the name of a product is made of.
NAMES = ("name", "default_code")

# Of what they bought. The table has the name of the model's.
BOUGHT = """
    crm_customer_product.product_tmpl_id AS product,
    crm_customer_product.product_id AS variant, crm_customer_product.quantity,
    CASE WHEN crm_customer_product.interval_days IS NULL
         THEN crm_customer_product.last_date >= %(since)s
         ELSE crm_customer_product.last_date
              + crm_customer_product.interval_days * interval '1 day' >= %(today)s
    END AS is_unwanted
"""

# For a product of ``bought`` the best of those that are not unwanted: no more than are
# asked for in all, which an index gives in their order.
BEST = """
    (SELECT near.other_id AS product, near.other_variant_id AS variant,
            near.variant_id AS because_variant, near.cosine
       FROM crm_product_similarity AS near
      WHERE near.product_id = bought.product AND near.company_id = %(company_id)s
        AND (near.variant_id IS NULL OR near.variant_id = bought.variant)
        AND near.other_id NOT IN (SELECT product FROM bought WHERE is_unwanted)
        %(but)s
        AND (SELECT %(is_sold)s FROM product_template AS template
              WHERE template.id = near.other_id)
        %(variant_is_sold)s
   ORDER BY near.cosine DESC, near.other_id, near.other_variant_id
      LIMIT %(limit)s)
"""

# Where pairs are of variants.
VARIANT_IS_SOLD = """
    AND (near.variant_id IS NULL
         OR (SELECT active FROM product_product WHERE id = near.other_variant_id))
"""

# What the variants in ``best`` are told apart by, as in their display name.
ATTRIBUTES = """
    , attributes AS MATERIALIZED (
        SELECT combination.product_product_id AS id,
               string_agg(%(name)s, ', '
                   ORDER BY line.sequence, attribute.sequence, attribute.id, line.id
               ) AS names
          FROM product_variant_combination AS combination
          JOIN product_template_attribute_value AS chosen
            ON chosen.id = combination.product_template_attribute_value_id
          JOIN product_template_attribute_line AS line
            ON line.id = chosen.attribute_line_id
          JOIN product_attribute AS attribute ON attribute.id = line.attribute_id
          JOIN product_attribute_value
            ON product_attribute_value.id = chosen.product_attribute_value_id
         WHERE combination.product_product_id IN (
               SELECT variant FROM best UNION ALL SELECT because_variant FROM best)
           AND attribute.create_variant <> 'no_variant'
           -- One of several.
           AND EXISTS (
               SELECT FROM product_template_attribute_value AS other
                WHERE other.attribute_line_id = line.id AND other.id <> chosen.id
                  AND (other.ptav_active OR NOT chosen.ptav_active))
      GROUP BY combination.product_product_id)
"""


class Recommendation(NamedTuple):
    """A product that customers who bought another one bought, too."""

    #: ``product.template``
    product: models.BaseModel
    #: the one that the customer bought
    because: models.BaseModel
    #: how similar both are over the customers of the company, 0 to 1
    cosine: float
    #: ``product.product``: where pairs are of variants the one that is recommended,
    #: otherwise of several the one that most customers bought; or none
    variant: models.BaseModel
    #: where pairs are of variants, what tells ``variant`` apart, and the one that they
    #: bought: "Red, Large"
    attributes: str = ""
    because_attributes: str = ""

    @property
    def name(self) -> str:
        return _with_attributes(self.product.name, self.attributes)

    @property
    def display_name(self) -> str:
        return _with_attributes(self.product.display_name, self.attributes)

    @property
    def because_name(self) -> str:
        return _with_attributes(self.because.name, self.because_attributes)


def _with_attributes(name: str, attributes: str) -> str:
    return f"{name} ({attributes})" if attributes else name


class CrmProductRecommendation(models.AbstractModel):
    """What customers like this one also bought: products that are most similar, over the
    customers of the company, to one that they bought.

    Nothing of it is stored: it is read from the similarities of the company and the
    products of the customer. Item-to-item similarity by cosine: Linden, Smith and York 2003.
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
            ``product.template``), their names ``product`` and ``because``, ``cosine``,
            and ``variant_id`` (of ``product.product``), which may be none
        :raise AccessError: unless the user sees analyses and the contact
        """
        self._check_may_see()
        partner = self.env["res.partner"].browse(int(partner_id))
        partner.check_access("read")
        return [
            {
                "product_id": found.product.id,
                "variant_id": found.variant.id,
                "product": found.display_name,
                "because_id": found.because.id,
                "because": _with_attributes(
                    found.because.display_name, found.because_attributes
                ),
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
        one query, of which the products have their names.

        Left out: what is archived, not sold, or of another company; what they bought in
        the period of pairs, unless their usual interval is over; and everything where the
        contact or their customer refused profiling.

        :param exclude: ids of ``product.template`` that are not wanted
        :param published: only what the website shows, where there is one
        """
        if not partner.id or not self.env["crm.feature"]._is_on("insight"):
            return []
        this = self.with_company(company)
        templates = self.env["product.template"]
        rows = this.env.execute_query(
            this._query(partner, company, list(exclude), limit, published)
        )
        # None where the user may not see a product.
        rows = [row for row in rows if None not in row[-2:]]
        names = {}
        for product, _variant, because, *_rest, product_names, because_names in rows:
            names |= {product: product_names, because: because_names}
        found = templates.browse(names)
        # In the cache, as if they had been fetched.
        for number, field in enumerate(NAMES):
            values = [name[number] for name in names.values()]
            templates._fields[field]._insert_cache(found, values)
        found = dict(zip(names, found, strict=True))
        variants = self.env["product.product"].browse(row[1] for row in rows if row[1])
        variants = dict(zip(variants.ids, variants, strict=True))
        nothing = self.env["product.product"]
        return [
            Recommendation(
                found[product],
                found[because],
                cosine,
                variants.get(variant, nothing),
                attributes or "",
                because_attributes or "",
            )
            for (
                product,
                variant,
                because,
                cosine,
                attributes,
                because_attributes,
                *_names,
            ) in rows
        ]

    def _query(self, partner, company, exclude, limit, published) -> SQL:
        """Ids of the product, its variant, and of what it is recommended for, and their
        similarity; what tells their variants apart; and what they are shown by.

        Most of its time is that of planning it, which grows with the tables that are
        joined: what is one value is asked for by a subquery of its own, and the contact's
        customer is named where it is known.
        """
        partner = partner.with_env(self.env)
        # sudo: the settings of the company whose pairs these are.
        of_variants = company.sudo()._get_pair_level() == "variant"
        but = SQL("AND near.other_id <> ALL(%s)", [int(id_) for id_ in exclude])
        values = {
            "company_id": company.id,
            "but": but if exclude else SQL(),
            "is_sold": self._is_sold(company, published),
            "variant_is_sold": self._variant_is_sold() if of_variants else SQL(),
            "limit": limit,
        }
        attributes = SQL("NULL, NULL")
        if of_variants:
            attributes = SQL(
                """
                (SELECT names FROM attributes
                  WHERE id = variant AND because_variant IS NOT NULL),
                (SELECT names FROM attributes WHERE id = because_variant)
                """
            )
        return SQL(
            """
            WITH customer AS MATERIALIZED (%(customer)s),
                 bought AS MATERIALIZED (%(bought)s),
                 best AS MATERIALIZED (
                    SELECT *
                      FROM (SELECT DISTINCT ON (%(apart)s)
                                   found.product, found.variant,
                                   bought.product AS because, found.because_variant,
                                   found.cosine
                              FROM bought
                        CROSS JOIN LATERAL %(best)s AS found
                             WHERE bought.quantity > 0 AND %(allowed)s
                          ORDER BY %(apart)s, found.cosine DESC, because) AS each
                  ORDER BY cosine DESC, product, variant
                     LIMIT %(limit)s)
                 %(attributes)s
            SELECT product, variant, because, cosine, %(attribute_names)s,
                   (SELECT %(names)s FROM (SELECT product AS id) AS named),
                   (SELECT %(names)s FROM (SELECT because AS id) AS named)
              FROM best
          ORDER BY cosine DESC, product, variant
            """,
            customer=self._customer_query(partner),
            bought=self._bought_query(company),
            apart=SQL("found.product, found.variant")
            if of_variants
            else SQL("found.product"),
            best=SQL(BEST, **values),
            allowed=self._allowed(partner, company),
            attributes=self._attributes_query() if of_variants else SQL(),
            attribute_names=attributes,
            names=self._names_query(),
            limit=limit,
        )

    def _variant_is_sold(self) -> SQL:
        self.env["product.product"].flush_model(["active"])
        return SQL(VARIANT_IS_SOLD)

    def _attributes_query(self) -> SQL:
        attributes = self.env["product.attribute.value"]
        attributes.flush_model(["name"])
        name = attributes._field_to_sql("product_attribute_value", "name")
        return SQL(ATTRIBUTES, name=name)

    def _names_query(self) -> SQL:
        """What a product, ``named``, is shown by, if the user may see it."""
        templates = self.env["product.template"]
        query = templates._search([], active_test=False)
        query.add_where(SQL("product_template.id = named.id"))
        columns = [templates._field_to_sql(query.table, name, query) for name in NAMES]
        return SQL("(%s)", query.select(SQL("ARRAY[%s]", SQL(", ").join(columns))))

    def _is_customer(self, partner) -> bool:
        """Whether a contact is known to be a customer themselves, not one of theirs."""
        return partner._cache.get("commercial_partner_id") == partner.id

    def _customer_query(self, partner) -> SQL:
        """The customer that a contact belongs to, if the user may see them."""
        if self._is_customer(partner):
            return SQL(
                "SELECT %s AS id WHERE %s", partner.id, partner.has_access("read")
            )
        partner.flush_model(["commercial_partner_id"])
        query = partner._search([], active_test=False)
        query.add_where(
            SQL(
                """
                res_partner.id = (SELECT commercial_partner_id
                                    FROM res_partner WHERE id = %s)
                """,
                partner.id,
            )
        )
        return query.select()

    def _bought_query(self, company) -> SQL:
        """The products of the customer that the user may see.

        All rows are of one customer, so whether the user may see them is asked once. If
        each row asked, PostgreSQL would join them.
        """
        rows = self.env["crm.customer.product"]
        rows.check_access("read")
        rule = self.env["ir.rule"]._compute_domain(rows._name, "read")
        # The user's rules are in the domain.
        query = rows._search(rule, active_test=False, bypass_access=True)
        query.add_where(SQL("crm_customer_product.company_id = %s", company.id))
        query.add_where(
            SQL("crm_customer_product.partner_id = (SELECT id FROM customer)")
        )
        # sudo: the settings of the company whose pairs these are.
        since, today = company.sudo()._get_pair_period()
        return query.select(SQL(BOUGHT, since=since, today=today))

    def _allowed(self, partner, company) -> SQL:
        """Whether neither the contact nor the customer they belong to refused profiling in
        the company; where it needs consent, whether both have given it."""
        self.env["crm.consent"].flush_model()
        purpose = self.env["crm.consent.purpose"]._get_profiling()
        policy = self.env["crm.contact.policy"]
        company_id = SQL("%s", company.id)
        if self._is_customer(partner):
            return policy._answered_company(purpose, SQL("%s", partner.id), company_id)
        # Once for both: each subquery has to be planned.
        return SQL(
            """
            (SELECT bool_and(%s)
               FROM (SELECT %s AS id UNION ALL SELECT id FROM customer) AS person)
            """,
            policy._answered_company(purpose, SQL("person.id"), company_id),
            partner.id,
        )

    def _is_sold(self, company, published) -> SQL:
        """Whether the company sells a product, ``template``."""
        templates = self.env["product.template"]
        templates.flush_model(["active", "sale_ok", "company_id"])
        # sudo: only the ids of the companies above it.
        parents = company.sudo().parent_ids.ids
        is_published = SQL("TRUE")
        if published and "is_published" in templates._fields:
            templates.flush_model(["is_published"])
            is_published = SQL("template.is_published")
        return SQL(
            """
            template.active AND template.sale_ok AND %s
            AND (template.company_id IS NULL OR template.company_id = ANY(%s))
            """,
            is_published,
            parents,
        )

    @api.model
    def _reason(self, found: Recommendation) -> str:
        return self.env._("because they bought %s", found.because_name)
