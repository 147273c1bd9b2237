from odoo import api, models
from odoo.tools import SQL


class CrmLoyaltyMembership(models.Model):
    """Memberships of customers who become one, because they are merged or because a
    contact has come to belong to another."""

    _inherit = "crm.loyalty.membership"

    @api.model
    def _merge_into(self, sources, destination):
        """Leave one membership in each company for partners that are being merged: that
        of the highest tier, and of those one by hand. The next assessment sums up what
        all of them bought.

        :raise UserError: while an assessment of their company is at work
        """
        customer = destination.commercial_partner_id
        members = self.search([("partner_id", "in", (sources | customer).ids)])
        for company in members.company_id.sorted("id"):
            self.env["crm.loyalty.assessment"]._lock_company_or_raise(company)
        for those in members.grouped("company_id").values():
            best = those.sorted(
                lambda member: (
                    (member.tier_id.sequence, member.tier_id.id),
                    member.state == "locked",
                    member.partner_id == customer,
                )
            )[-1]
            (those - best).unlink()
            # One by one would collide.
            self.env.flush_all()
            best.partner_id = customer
        if customer != destination:
            changes = self.env["crm.loyalty.change"]
            changes.search([("partner_id", "in", sources.ids)]).partner_id = customer
        self.env.flush_all()

    @api.model
    def _follow_merge(self, destination):
        """Give the customer the prices of the tier that was left."""
        customer = destination.commercial_partner_id
        for company in self.search([("partner_id", "=", customer.id)]).company_id:
            self.env["crm.loyalty.pricelist"]._follow(company, 1, customer)

    @api.model
    def _hand_over(self, company):
        """Give the tiers of contacts who have come to belong to another customer to him,
        for whom counts what they buy.

        Asked for when tiers are assessed, so that nobody who edits contacts has to wait.
        """
        self.env.flush_all()
        ids = [
            id_
            for [id_] in self.env.execute_query(
                SQL(
                    """
                    SELECT contact.id
                      FROM crm_loyalty_membership AS member
                      JOIN res_partner AS contact ON contact.id = member.partner_id
                     WHERE member.company_id = %s
                       AND contact.parent_id IS NOT NULL
                       AND contact.commercial_partner_id <> contact.id
                    """,
                    company.id,
                )
            )
        ]
        contacts = self.env["res.partner"].browse(ids)
        changes = self.env["crm.loyalty.change"]
        for customer, those in contacts.grouped("commercial_partner_id").items():
            self._merge_into(those, customer)
            changes.search([("partner_id", "in", those.ids)]).partner_id = customer
