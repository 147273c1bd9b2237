from odoo import api, fields, models
from odoo.tools import SQL


class CrmProductSimilarity(models.Model):
    """How similar two products are over the customers of a company: the pairs of
    ``crm.product.pair`` that are counted in customers, once from either side.

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
    other_id = fields.Many2one(
        "product.template",
        string="Similar Product",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    cosine = fields.Float(
        string="Similarity", required=True, readonly=True, aggregator=None
    )

    _pair_unique = models.UniqueIndex("(company_id, product_id, other_id)")
    _best_index = models.Index("(product_id, company_id, cosine DESC, other_id)")

    @api.model
    def _update(self, company):
        """Bring the rows of a company up to date with its pairs.

        Of two variants of one product, and of several pairs of variants of the same two
        products, the most similar pair counts.
        """
        self.env["crm.product.pair"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                WITH similar_now AS MATERIALIZED (
                    SELECT product_id, other_id, max(cosine) AS cosine
                      FROM (SELECT product_a_id, product_b_id, cosine
                              FROM crm_product_pair
                             WHERE company_id = %(company_id)s AND unit = 'customer'
                             UNION ALL
                            SELECT product_b_id, product_a_id, cosine
                              FROM crm_product_pair
                             WHERE company_id = %(company_id)s AND unit = 'customer'
                           ) AS side(product_id, other_id, cosine)
                     WHERE product_id <> other_id
                  GROUP BY product_id, other_id
                ), gone AS (
                    DELETE FROM crm_product_similarity AS known
                     WHERE known.company_id = %(company_id)s AND NOT EXISTS (
                           SELECT FROM similar_now AS found
                            WHERE found.product_id = known.product_id
                              AND found.other_id = known.other_id)
                ), changed AS (
                    UPDATE crm_product_similarity AS known
                       SET cosine = found.cosine
                      FROM similar_now AS found
                     WHERE known.company_id = %(company_id)s
                       AND known.product_id = found.product_id
                       AND known.other_id = found.other_id
                       AND known.cosine IS DISTINCT FROM found.cosine
                )
                INSERT INTO crm_product_similarity
                            (company_id, product_id, other_id, cosine)
                     SELECT %(company_id)s, product_id, other_id, cosine
                       FROM similar_now AS found
                      WHERE NOT EXISTS (
                            SELECT FROM crm_product_similarity AS known
                             WHERE known.company_id = %(company_id)s
                               AND known.product_id = found.product_id
                               AND known.other_id = found.other_id)
                """,
                company_id=company.id,
            )
        )
        self.invalidate_model(flush=False)
