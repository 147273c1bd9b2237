from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

# A first purchase further back is a history that came late.
RECENT_DAYS = 3


class CrmCarePlan(models.Model):
    """A part of plans: whom they are for as things are."""

    _inherit = "crm.care.plan"

    def _of(self, partners) -> Domain:
        return Domain("id", "in", partners.ids)

    def _inside(self, partners):
        """Of these customers those in the plan's segments and tiers."""
        domain = self._of(partners)
        if self.segment_ids and self.trigger != "segment_left":
            domain &= Domain("rfm_segment_id", "in", self.segment_ids.ids)
        if self.tier_ids and self.trigger != "tier_down":
            domain &= Domain("loyalty_tier_id", "in", self.tier_ids.ids)
        return partners.with_company(self.company_id).search(domain)

    def _matching(self) -> SQL:
        """All customers whom the plan is for as things are, as a source of enrollments.
        No one where the plan is about an event that leaves nothing that lasts: it is over
        for those to whom it happened some time ago."""
        state = getattr(self, f"_matching_{self.trigger}", None)
        return SQL(
            """
            SELECT id AS partner_id, %s::date AS event_date FROM res_partner
             WHERE active AND commercial_partner_id = id AND %s
            """,
            self._today(),
            state() if state else SQL("FALSE"),
        )

    def _matching_manual(self):
        # Without a choice, those who have bought: not every contact is a customer.
        if self.domain or self.tier_ids or self.segment_ids or self.list_id:
            return SQL("TRUE")
        return self._scored(SQL("TRUE"))

    def _matching_regular(self):
        return self._matching_manual()

    def _matching_segment(self):
        return SQL("TRUE")

    def _matching_first_purchase(self):
        """As on the day itself: what came late is a history, and no first purchase."""
        since = fields.Date.subtract(self._today(), days=RECENT_DAYS)
        return self._scored(SQL("of_customer.first_date >= %s", since))

    def _matching_inactive(self):
        self.env["crm.last.contact"].flush_model()
        return SQL("id IN (%s)", self.env["crm.care.plan.run"]._silent(self))

    def _matching_tier_up(self):
        return self._members([("tier_id", "!=", False)])

    def _matching_tier_risk(self):
        return self._members([("about_to_fall", "=", True)])

    def _members(self, domain):
        members = self.env["crm.loyalty.membership"]
        query = members._search([("company_id", "=", self.company_id.id), *domain])
        return SQL(
            "id IN %s",
            query.subselect(SQL.identifier(query.table, "partner_id")),
        )

    def _scored(self, condition):
        return SQL(
            """
            EXISTS (SELECT FROM crm_rfm_score AS of_customer
                     WHERE of_customer.partner_id = res_partner.id
                       AND of_customer.company_id = %s AND %s)
            """,
            self.company_id.id,
            condition,
        )

    def _count_matching(self) -> int:
        """How many customers would be enrolled if those who match now were."""
        self.ensure_one()
        plan = self.sudo().with_company(self.company_id)
        plan._check_filters()
        plan._flush_what_decides()
        [[count]] = self.env.execute_query(
            SQL("SELECT count(*) FROM (%s) AS chosen", plan._choosing(plan._matching()))
        )
        return count

    def _reasons_against(self, source) -> dict[str | None, int]:
        """How many of these customers would be enrolled (None, or ``control`` where
        nothing would be done for them), and how many would not, by the first reason: see
        :meth:`_grouped_conditions`."""
        self.ensure_one()
        plan = self.sudo().with_company(self.company_id)
        plan._check_filters()
        plan._flush_what_decides()
        cases = SQL(" ").join(
            SQL("WHEN (%s) IS NOT TRUE THEN %s", SQL(" AND ").join(conditions), reason)
            for reason, conditions in plan._grouped_conditions().items()
            if conditions
        )
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT CASE %s WHEN %s = 'control' THEN 'control' END AS reason,
                           count(DISTINCT source.partner_id)
                      FROM (%s) AS source
                 LEFT JOIN res_partner AS p ON p.id = source.partner_id
                 LEFT JOIN crm_rfm_score AS score
                        ON score.partner_id = p.id AND score.company_id = %s
                  GROUP BY reason
                    """,
                    cases,
                    plan._arm(),
                    source,
                    plan.company_id.id,
                )
            )
        )
