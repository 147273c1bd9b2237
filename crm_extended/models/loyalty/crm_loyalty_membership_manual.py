from datetime import timedelta

from odoo import api, fields, models


class CrmLoyaltyMembership(models.Model):
    """Manual overrides: tiers that a manager sets, which the assessment leaves alone
    until a day."""

    _inherit = "crm.loyalty.membership"

    @api.model
    def _set_override(self, customers, tier, until, reason):
        """Set a tier of the current company for customers, which the assessment leaves
        alone until that day.

        :param res.partner customers: contacts or companies; the company counts
        :param date until: the last day
        :raise AccessError: if the user is no sales manager, or may not see a customer
        :raise UserError: while an assessment of the company is at work
        """
        self._check_may_set(customers)
        company = self.env.company
        customers = customers.commercial_partner_id
        members = self._get_locked_memberships(customers)
        former = {member.partner_id: member.tier_id for member in members}
        values = {
            "tier_id": tier.id,
            "state": "locked",
            "lock_until": until,
            "lock_reason": reason,
            "valid_date": until,
            "as_of": False,
            "notification_pending": False,
        }
        today = fields.Date.context_today(self)
        members.filtered(lambda member: member.tier_id != tier).date_from = today
        # A second override keeps the tier before the first.
        for member in members.filtered(lambda member: member.state != "locked"):
            member.former_valid_date = member.valid_until
            member.former_tier_id = member.tier_id
        members.write(values)
        # sudo: as below.
        members += self.sudo().create(
            [
                {
                    **values,
                    "partner_id": customer.id,
                    "company_id": company.id,
                    "date_from": today,
                }
                for customer in customers - members.partner_id
            ]
        )
        # For the totals, which new members do not have yet.
        self._assess_customers(customers)
        self._record_override(members, former, reason)
        self._process_override_effects(customers)

    @api.model
    def _end_override(self, customers):
        """End manual overrides: let the assessment take over again, at once.

        :raise AccessError, UserError: as :meth:`_set_override`
        """
        self._check_may_set(customers)
        members = self._get_locked_memberships(customers.commercial_partner_id)
        members = members.filtered(lambda member: member.state == "locked")
        members.lock_until = fields.Date.context_today(self) - timedelta(days=1)
        # Before: customers who earn no tier have no membership afterwards.
        customers = members.partner_id
        self._assess_customers(customers)
        self._process_override_effects(customers)

    @api.model
    def _check_may_set(self, customers):
        self.env["crm.loyalty.tier"].check_access("write")
        customers.commercial_partner_id.check_access("read")

    @api.model
    def _get_locked_memberships(self, customers):
        """Memberships in the current company, which is locked against assessments."""
        company = self.env.company
        # sudo: only this and the assessment write memberships; the user's own right to
        # do so has been checked.
        self.env["crm.loyalty.assessment"].sudo()._lock_company_or_raise(company)
        return self.sudo().search(
            [("partner_id", "in", customers.ids), ("company_id", "=", company.id)]
        )

    @api.model
    def _assess_customers(self, customers):
        # sudo: as above.
        runs = self.env["crm.loyalty.assessment"].sudo()
        runs._run_for(self.env.company, customers)

    @api.model
    def _record_override(self, members, former, reason):
        """Record an override in the history.

        :param dict former: the tier before, by customer
        """
        # sudo: as above.
        self.env["crm.loyalty.change"].sudo().create(
            [
                {
                    "partner_id": member.partner_id.id,
                    "company_id": member.company_id.id,
                    "date": fields.Date.context_today(self),
                    "old_tier_id": former[member.partner_id].id
                    if member.partner_id in former
                    else False,
                    "new_tier_id": member.tier_id.id,
                    "reason": "by_hand",
                    "note": reason,
                    "qualifying_amount": member.qualifying_amount,
                    "qualifying_orders": member.qualifying_orders,
                }
                for member in members
            ]
        )

    @api.model
    def _process_override_effects(self, customers):
        """Update prices and send notifications after a manual override."""
        company, count = self.env.company, len(customers)
        # sudo: prices and mails depend on the tier, not on who may write them.
        self.env["crm.loyalty.pricelist"].sudo()._apply_pricelists(
            company, count, customers
        )
        self.env["crm.loyalty.notification"]._send_notifications(company, count)
