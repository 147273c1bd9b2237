from odoo.http import request, route

from odoo.addons.portal.controllers.portal import CustomerPortal

# How many of their tier changes customers see.
SHOWN_CHANGES = 20


class LoyaltyPortal(CustomerPortal):
    """What customers see of their own tiers, in companies that show them.

    Portal users have no access to the models of tiers. Everything is read as superuser,
    and only for the customer of the current user: no address names a record.
    """

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if not counters:
            # The page itself, not the counters that it asks for afterwards.
            values["loyalty_memberships"] = self._get_loyalty_memberships()
        return values

    @route(
        "/my/tier",
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
        readonly=True,
    )
    def portal_my_tier(self, **kw):
        programs = [
            self._prepare_loyalty_program(membership.company_id, membership)
            for membership in self._get_loyalty_memberships()
        ]
        # sudo: the setting of the customer's company, and its tiers.
        company = request.env.company.sudo()
        is_shown = (
            request.env["crm.feature"]._is_on("loyalty") and company.loyalty_portal
        )
        if is_shown and company not in [p["company"] for p in programs]:
            program = self._prepare_loyalty_program(company)
            if program["first_tier"]:
                programs.append(program)
        if not programs:
            return request.redirect("/my")
        values = self._prepare_portal_layout_values()
        values.update({"programs": programs, "page_name": "loyalty_tier"})
        return request.render("crm_extended.portal_my_tier", values)

    def _get_loyalty_memberships(self):
        if not request.env["crm.feature"]._is_on("loyalty"):
            return request.env["crm.loyalty.membership"]
        # sudo: portal users have no access; these are only the memberships of the user's
        # customer, in companies that show them.
        memberships = request.env["crm.loyalty.membership"].sudo()
        return memberships.search(
            [
                (
                    "partner_id",
                    "=",
                    request.env.user.partner_id.commercial_partner_id.id,
                ),
                ("company_id.active", "=", True),
                ("company_id.loyalty_portal", "=", True),
            ],
            order="company_id, id",
        )

    def _prepare_loyalty_program(self, company, membership=None):
        """What the page shows of one company.

        :param res.company company: as superuser
        :param crm.loyalty.membership membership: the customer's own, if any
        """
        customer = request.env.user.partner_id.commercial_partner_id
        # sudo: as above, the customer's own changes only.
        changes = request.env["crm.loyalty.change"].sudo()
        # sudo: the company shows what its tiers require.
        first_tier = request.env["crm.loyalty.tier"].sudo()._of_company(company)[:1]
        missing = ""
        if first_tier and not membership:
            missing = first_tier._missing_to_rise(company, customer)
        return {
            "company": company,
            "membership": membership,
            "first_tier": first_tier,
            "missing": missing,
            "changes": changes.search(
                [("partner_id", "=", customer.id), ("company_id", "=", company.id)],
                limit=SHOWN_CHANGES,
            ),
        }
