import operator as operators

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .crm_referral import TO_THANK, Entry
from .groups import USE_INSIGHT
from .referral_query import number_of, recommender_of

COMPARED = {
    ">": operators.gt,
    ">=": operators.ge,
    "<": operators.lt,
    "<=": operators.le,
}


class ResPartner(models.Model):
    """Contacts show who recommended the customer they belong to, and how many it
    recommended itself, in the current company. Nothing of it is stored here: it is read
    together with the score and the tier."""

    _inherit = "res.partner"

    referred_by_id = fields.Many2one(
        "res.partner",
        string="Recommended By",
        compute="_compute_referred_by_id",
        inverse="_inverse_referred_by_id",
        search="_search_referred_by_id",
        groups=USE_INSIGHT,
        help="The customer who recommended this customer to your current company.",
    )
    referral_count = fields.Integer(
        string="Recommended Customers",
        compute="_compute_referral_count",
        search="_search_referral_count",
        aggregator=None,
        groups=USE_INSIGHT,
        help="How many customers this customer recommended to your current company.",
    )

    @api.model
    def _get_customer_terms(self, customer):
        # sudo: the table; who may read the contact may know who recommended it, and the
        # groups of the fields exclude all other users.
        self.env["crm.referral"].sudo().flush_model()
        company_id = self.env.company.id
        return super()._get_customer_terms(customer) | {
            "referred_by_id": recommender_of(customer, company_id),
            "referral_count": number_of(customer, company_id),
        }

    @api.depends("commercial_partner_id")
    @api.depends_context("company")
    def _compute_referred_by_id(self):
        self._compute_customer_join("referred_by_id")

    @api.depends("commercial_partner_id")
    @api.depends_context("company")
    def _compute_referral_count(self):
        self._compute_customer_join("referral_count")

    def _inverse_referred_by_id(self):
        leads = self.env["crm.lead"]
        self.env["crm.referral"]._enter(
            [
                Entry(
                    self.env.company,
                    partner.commercial_partner_id,
                    leads,
                    partner.referred_by_id,
                )
                for partner in self
            ]
        )

    def _search_referred_by_id(self, operator, value):
        if operator not in ("in", "any", "any!"):
            return NotImplemented

        def to_sql(model, alias, query):
            model._check_customer_join("referred_by_id")
            customer = SQL.identifier(alias, "commercial_partner_id")
            # sudo: as in _get_customer_terms.
            referrals = self.env["crm.referral"].sudo()
            known = SQL("(%s) AS known", referrals._counted(self.env.company))
            if operator == "in":
                chosen = SQL("= ANY(%s)", [id_ for id_ in value if id_])
            else:
                found = self._search(
                    value, active_test=False, bypass_access=operator == "any!"
                )
                chosen = SQL("IN %s", found.subselect())
            matches = SQL(
                "%s IN (SELECT referred_id FROM %s WHERE partner_id %s)",
                customer,
                known,
                chosen,
            )
            if operator == "in" and False in value:
                return SQL(
                    "(%s OR %s NOT IN (SELECT referred_id FROM %s))",
                    matches,
                    customer,
                    known,
                )
            return matches

        return Domain.custom(to_sql=to_sql)

    def _search_referral_count(self, operator, value):
        if operator == "in":
            numbers = [int(number) for number in value]
            has_none = 0 in numbers
            condition = SQL("count(*) = ANY(%s)", numbers)
        elif operator in COMPARED:
            has_none = COMPARED[operator](0, value)
            condition = SQL("count(*) %s %s", SQL(operator), value)
        else:
            return NotImplemented

        def to_sql(model, alias, query):
            model._check_customer_join("referral_count")
            # sudo: as in _get_customer_terms.
            referrals = self.env["crm.referral"].sudo()
            return SQL(
                """
                (%(customer)s IN (SELECT partner_id FROM (%(known)s) AS known
                                GROUP BY partner_id HAVING %(condition)s)) = %(wanted)s
                """,
                customer=SQL.identifier(alias, "commercial_partner_id"),
                known=referrals._counted(self.env.company),
                # Of those who recommended no one there is no group.
                condition=SQL("NOT (%s)", condition) if has_none else condition,
                wanted=not has_none,
            )

        return Domain.custom(to_sql=to_sql)

    # -- Figures in forms

    def _referred_by_figure(self):
        recommender = self.referred_by_id
        return recommender and {
            "label": self.env._("Recommended By"),
            "text": recommender.display_name,
            "res_model": "res.partner",
            "res_id": recommender.id,
        }

    def _referrals_figure(self):
        """How many were recommended, and what they buy: never added to the customer's own
        revenue."""
        reports = self.env["crm.referral.report"]
        found = reports.search(
            [
                ("partner_id", "=", self.commercial_partner_id.id),
                ("company_id", "=", self.env.company.id),
            ]
        )
        if not found.referral_count:
            return None
        return {
            "label": self.env._("Recommended Customers"),
            "text": self.env._(
                "%(count)s with a revenue of %(revenue)s",
                count=found.referral_count,
                revenue=found.currency_id.format(found.referred_revenue),
            ),
        }

    def action_referrals(self):
        """Open the referrals that the customer made."""
        self.ensure_one()
        return self.env["crm.referral"]._action_of(self.commercial_partner_id)

    def action_referral_thanked(self):
        """Note that customers were thanked for what they recommended so far."""
        # As the user: of customers whose referrals they see.
        self.env["crm.referral"].search(
            [
                (
                    "partner_id.commercial_partner_id",
                    "in",
                    self.commercial_partner_id.ids,
                ),
                ("company_id", "=", self.env.company.id),
                *TO_THANK,
            ]
        ).action_thanked()
        return True
