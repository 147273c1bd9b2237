from odoo import api, fields, models
from odoo.tools import SQL

# Whether a row is about what was found. Of two products the variant that is offered may
# change; of two variants it is what the row is about.
IS_SAME = """
    known.product_id = found.product_id AND known.other_id = found.other_id
    AND known.variant_id IS NOT DISTINCT FROM found.variant_id
    AND (known.variant_id IS NULL OR known.other_variant_id = found.other_variant_id)
"""


class CrmProductSimilarity(models.Model):
    """How similar two products are over the customers of a company: the pairs of
    ``crm.product.pair`` that are counted in customers, once from either side. Where these
    are pairs of variants, so are the rows.

    Recommendations read the best of a product from one index: PostgreSQL takes longer to
    plan a query over both sides of a pair than to run it. Only :meth:`_update` writes it.
    """

    _name = "crm.product.similarity"
    _description = "Similar Products"
    _log_access = False
    _rec_name = "product_id"
    _order = "cosine desc, id"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    product_id = fields.Many2one(
        "product.template", required=True, readonly=True, ondelete="cascade"
    )
    variant_id = fields.Many2one(
        "product.product",
        readonly=True,
        ondelete="cascade",
        help="Empty where pairs are not of variants.",
    )
    other_id = fields.Many2one(
        "product.template",
        string="Similar Product",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    other_variant_id = fields.Many2one(
        "product.product",
        string="Similar Variant",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
        help="Where pairs are not of variants: of several variants the one that most "
        "customers bought in the period of pairs.",
    )
    cosine = fields.Float(
        string="Similarity", required=True, readonly=True, aggregator=None
    )

    _template_unique = models.UniqueIndex(
        "(company_id, product_id, other_id) WHERE variant_id IS NULL"
    )
    # By the variant first: a variant that is deleted looks its rows up by it.
    _variant_unique = models.UniqueIndex(
        "(variant_id, company_id, other_variant_id) WHERE variant_id IS NOT NULL"
    )
    _best_index = models.Index(
        "(product_id, company_id, cosine DESC, other_id, other_variant_id)"
        " INCLUDE (variant_id)"
    )

    @api.model
    def _update(self, company, variants: SQL | None = None):
        """Bring the rows of a company up to date with its pairs.

        Two variants of one product are not recommended for each other.

        :param variants: for pairs of products a query for a product, ``item``, and its
            ``variant`` that is offered
        """
        self.env["crm.product.pair"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                WITH offered AS (%(variants)s),
                similar_now AS MATERIALIZED (
                    SELECT product_id, variant_id, other_id, cosine,
                           COALESCE(other_variant_id, offered.variant)
                               AS other_variant_id
                      FROM (SELECT product_a_id, variant_a_id,
                                   product_b_id, variant_b_id, cosine
                              FROM crm_product_pair
                             WHERE company_id = %(company_id)s AND unit = 'customer'
                             UNION ALL
                            SELECT product_b_id, variant_b_id,
                                   product_a_id, variant_a_id, cosine
                              FROM crm_product_pair
                             WHERE company_id = %(company_id)s AND unit = 'customer'
                           ) AS side(product_id, variant_id,
                                     other_id, other_variant_id, cosine)
                 LEFT JOIN offered ON offered.item = other_id
                     WHERE product_id <> other_id
                ), gone AS (
                    DELETE FROM crm_product_similarity AS known
                     WHERE known.company_id = %(company_id)s AND NOT EXISTS (
                           SELECT FROM similar_now AS found WHERE %(is_same)s)
                ), changed AS (
                    UPDATE crm_product_similarity AS known
                       SET cosine = found.cosine,
                           other_variant_id = found.other_variant_id
                      FROM similar_now AS found
                     WHERE known.company_id = %(company_id)s AND %(is_same)s
                       AND (known.cosine, known.other_variant_id)
                           IS DISTINCT FROM (found.cosine, found.other_variant_id)
                )
                INSERT INTO crm_product_similarity (
                            company_id, product_id, variant_id, other_id,
                            other_variant_id, cosine)
                     SELECT %(company_id)s, product_id, variant_id, other_id,
                            other_variant_id, cosine
                       FROM similar_now AS found
                      WHERE NOT EXISTS (
                            SELECT FROM crm_product_similarity AS known
                             WHERE known.company_id = %(company_id)s AND %(is_same)s)
                """,
                company_id=company.id,
                variants=variants or SQL("SELECT 0 AS item, 0 AS variant"),
                is_same=SQL(IS_SAME),
            )
        )
        self.invalidate_model(flush=False)
