from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL


class CrmLoyaltyPricelist(models.Model):
    """The pricelist that a customer's tier asks for, and what became of it.

    What is missing or too much is found by comparing these records with the members'
    tiers, so a tier that gets another pricelist, a pricelist that is archived and a
    run that was stopped in the middle need nothing of their own.
    """

    _name = "crm.loyalty.pricelist"
    _inherit = "crm.customer.record.mixin"
    _description = "Pricelist of a Tier"

    partner_id = fields.Many2one(ondelete="cascade", readonly=True)
    company_id = fields.Many2one(ondelete="cascade", readonly=True)
    pricelist_id = fields.Many2one(
        "product.pricelist", required=True, readonly=True, ondelete="cascade"
    )
    is_applied = fields.Boolean(
        readonly=True,
        help="Not set where somebody had chosen a pricelist for the customer.",
    )
    former_pricelist_id = fields.Many2one(
        "product.pricelist",
        readonly=True,
        ondelete="set null",
        help="What the customer had before, and has again when the tier goes.",
    )

    _unique_customer = models.Constraint(
        "UNIQUE (partner_id, company_id)",
        "A customer has one pricelist by tier in each company.",
    )

    @api.model
    def _follow(self, company, limit: int, partners=None) -> int:
        """Give customers the pricelist of their tier, and take it from who lost it.

        :param limit: how many customers at most
        :param partners: only these customers
        :return: how many customers there were
        """
        wanted = self._get_wrong(company, limit, partners)
        # sudo: who assesses tiers need not be allowed to see all customers.
        self = self.sudo().with_company(company)
        self = self.with_context(lang=company.partner_id.lang)
        customers = self.env["res.partner"].browse(wanted)
        self._fetch(customers)
        records = self.search(
            [("partner_id", "in", customers.ids), ("company_id", "=", company.id)]
        )
        record_of = {record.partner_id: record for record in records}
        prices, notes, created = defaultdict(list), {}, []
        for customer in customers:
            pricelist = self.env["product.pricelist"].browse(wanted[customer.id])
            record = record_of.get(customer, self.browse())
            own = customer.specific_property_product_pricelist
            by_hand = bool(own) and not (
                record.is_applied and own == record.pricelist_id
            )
            former = record.former_pricelist_id if record.is_applied else own
            if not by_hand:
                prices[pricelist or former].append(customer.id)
            if pricelist:
                created.append(
                    {
                        "partner_id": customer.id,
                        "company_id": company.id,
                        "pricelist_id": pricelist.id,
                        "is_applied": not by_hand,
                        "former_pricelist_id": False if by_hand else former.id,
                    }
                )
            if pricelist or record.is_applied:
                notes[customer.id] = self._describe(
                    pricelist, former, by_hand and own, record
                )
        # What happened is noted below, in words.
        for pricelist, ids in prices.items():
            those = customers.browse(ids).with_context(mail_notrack=True)
            those.specific_property_product_pricelist = pricelist
        records.unlink()
        self.create(created)
        if not self.env.context.get("tracking_disable"):
            customers.browse(notes)._message_log_batch(notes)
        return len(customers)

    @api.model
    def _fetch(self, customers):
        """Fetch what is read here of customers, and what Odoo reads of their contacts, to
        whom it hands the pricelist down: else it fetches whatever there is of customers,
        and each contact by himself."""
        customers.fetch(
            ["specific_property_product_pricelist", "parent_id", "user_ids"]
        )
        contacts = customers
        while contacts := contacts.child_ids - contacts:
            contacts.fetch(["specific_property_product_pricelist", "user_ids"])

    @api.model
    def _take_all_back(self):
        """Give all customers the prices they had before their tier: for the day when
        there are no tiers any more."""
        self.search([])._take_back()

    @api.model
    def _take_back_from(self, customers):
        """Give customers the prices they had before their tier, in all companies."""
        self.search([("partner_id", "in", customers.ids)])._take_back()

    @api.model
    def _hand_over(self, contacts):
        """Forget contacts who have come to belong to another customer: Odoo gave them his
        prices. Or him theirs, where he had none of his own."""
        for record in self.search([("partner_id", "in", contacts.ids)]):
            customer = record.partner_id.commercial_partner_id
            customer = customer.with_company(record.company_id)
            has_theirs = (
                record.is_applied
                and customer.specific_property_product_pricelist == record.pricelist_id
                and not self.search_count(
                    [
                        ("partner_id", "=", customer.id),
                        ("company_id", "=", record.company_id.id),
                    ],
                    limit=1,
                )
            )
            if has_theirs:
                record.partner_id = customer
            else:
                record.unlink()

    def _take_back(self):
        """Give back the former prices, where customers have those of the tier still."""
        applied = self.filtered("is_applied")
        for (company, former), those in applied.grouped(
            lambda record: (record.company_id, record.former_pricelist_id)
        ).items():
            unchanged = those.with_company(company).filtered(
                lambda record: (
                    record.partner_id.specific_property_product_pricelist
                    == record.pricelist_id
                )
            )
            unchanged.partner_id.specific_property_product_pricelist = former
        self.unlink()

    def _get_wrong(self, company, limit, partners) -> dict[int, int | None]:
        """Customers whose tier asks for another pricelist than is recorded.

        :return: id of the pricelist, if any, by id of the customer
        """
        self.env.flush_all()
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT partner_id, wanted.pricelist_id
                      FROM (
                            SELECT member.partner_id, tier.pricelist_id
                              FROM crm_loyalty_membership AS member
                              JOIN crm_loyalty_tier AS tier ON tier.id = member.tier_id
                              JOIN product_pricelist AS pricelist
                                ON pricelist.id = tier.pricelist_id AND pricelist.active
                               AND COALESCE(pricelist.company_id, %(company_id)s)
                                   = %(company_id)s
                             WHERE member.company_id = %(company_id)s
                           ) AS wanted
                 FULL JOIN (
                            SELECT partner_id, pricelist_id FROM crm_loyalty_pricelist
                             WHERE company_id = %(company_id)s
                           ) AS recorded USING (partner_id)
                     WHERE wanted.pricelist_id IS DISTINCT FROM recorded.pricelist_id
                       AND %(chosen)s
                  ORDER BY partner_id
                     LIMIT %(limit)s
                    """,
                    company_id=company.id,
                    chosen=SQL("partner_id = ANY(%s)", partners.ids)
                    if partners is not None
                    else SQL("TRUE"),
                    limit=limit,
                )
            )
        )

    def _describe(self, pricelist, former, by_hand, record) -> str:
        """Say what happened to the prices of a customer."""
        if pricelist and by_hand:
            return self.env._(
                "The tier's pricelist “%(pricelist)s” is not applied: “%(by_hand)s” was "
                "chosen for this customer.",
                pricelist=pricelist.name,
                by_hand=by_hand.name,
            )
        if pricelist:
            return self.env._(
                "The tier's pricelist “%s” is applied from now on.", pricelist.name
            )
        if by_hand:
            return self.env._(
                "The tier's pricelist “%(pricelist)s” ends; “%(by_hand)s”, chosen for "
                "this customer, stays.",
                pricelist=record.pricelist_id.name,
                by_hand=by_hand.name,
            )
        return self.env._(
            "The tier's pricelist “%(pricelist)s” ends; the customer has “%(former)s” "
            "again.",
            pricelist=record.pricelist_id.name,
            former=former.name or self.env._("the usual prices"),
        )
