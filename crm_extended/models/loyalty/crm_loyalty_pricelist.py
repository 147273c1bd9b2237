from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

# Where Odoo keeps the prices of a customer, and hands them down to contacts from.
PRICES = "specific_property_product_pricelist"


def _is_customer(partner) -> bool:
    """Whether a partner is a customer of their own, not a contact of another."""
    return partner.commercial_partner_id == partner


class CrmLoyaltyPricelist(models.Model):
    """The pricelist that a customer's tier asks for, and what became of it.

    What is missing or too much is found by comparing these records with the members'
    tiers, so a tier that gets another pricelist, a pricelist that is archived and a
    run that was stopped in the middle need nothing of their own.

    Odoo copies a customer's pricelist to their contacts. A contact who leaves takes the
    copy along, so a record is made of them at that moment, as if they had been a member
    themselves: the next assessment finds that no tier of theirs asks for it.
    """

    _name = "crm.loyalty.pricelist"
    _inherit = "crm.customer.record.mixin"
    _description = "Tier Pricelist"

    partner_id = fields.Many2one(ondelete="cascade", readonly=True)
    company_id = fields.Many2one(ondelete="cascade", readonly=True)
    pricelist_id = fields.Many2one(
        "product.pricelist", required=True, readonly=True, ondelete="cascade"
    )
    is_applied = fields.Boolean(
        readonly=True,
        help="Not set if a pricelist was chosen manually for the customer.",
    )
    former_pricelist_id = fields.Many2one(
        "product.pricelist",
        string="Previous Pricelist",
        readonly=True,
        ondelete="set null",
        help="The customer's previous pricelist, restored when the tier ends; or the "
        "one chosen for the customer.",
    )

    _unique_customer = models.Constraint(
        "UNIQUE (partner_id, company_id)",
        "A customer can only have one tier pricelist per company.",
    )

    @api.model
    def _apply_pricelists(self, company, limit: int, partners=None) -> int:
        """Give customers the pricelist of their tier, and take it back from customers
        who lost the tier.

        :param limit: how many customers at most
        :param partners: only these customers
        :return: how many customers there were
        """
        wanted = self._get_wrong(company, limit, partners)
        # sudo: users who assess tiers need not be allowed to see all customers.
        self = self.sudo().with_company(company)
        self = self.with_context(lang=company.partner_id.lang)
        customers = self.env["res.partner"].browse(wanted)
        self._fetch(customers)
        records = self.search(
            [("partner_id", "in", customers.ids), ("company_id", "=", company.id)]
        )
        record_of = {record.partner_id: record for record in records}
        prices, notes, created = defaultdict(list), {}, []
        customers_themselves = customers.filtered(_is_customer)
        for customer in customers_themselves:
            pricelist = self.env["product.pricelist"].browse(wanted[customer.id])
            record = record_of.get(customer, self.browse())
            own = customer.specific_property_product_pricelist
            is_chosen = record._is_chosen(own)
            former = record.former_pricelist_id if record.is_applied else own
            if not is_chosen:
                prices[pricelist or former].append(customer.id)
            if pricelist:
                created.append(
                    {
                        "partner_id": customer.id,
                        "company_id": company.id,
                        "pricelist_id": pricelist.id,
                        "is_applied": not is_chosen,
                        # Where it is not applied: what was chosen instead.
                        "former_pricelist_id": own.id if is_chosen else former.id,
                    }
                )
            if pricelist or record.is_applied:
                notes[customer.id] = self._describe(
                    pricelist, own if is_chosen else former, is_chosen, record
                )
        # What happened is noted below, in words.
        for pricelist, ids in prices.items():
            those = customers.browse(ids).with_context(mail_notrack=True)
            those.specific_property_product_pricelist = pricelist
        released = records._release()
        for contact in (customers - customers_themselves) & released:
            notes[contact.id] = self._describe(
                self.env["product.pricelist"],
                contact[PRICES],
                False,
                record_of[contact],
            )
        records.unlink()
        self.create(created)
        if not self.env.context.get("tracking_disable"):
            customers.browse(notes)._message_log_batch(notes)
        return len(customers)

    def _is_chosen(self, own) -> bool:
        """Whether somebody chose the customer's prices, be it the usual ones.

        :param product.pricelist own: what the customer has, maybe empty
        """
        if self.is_applied:
            return own != self.pricelist_id
        # Users who took a tier's prices away do not want the next tier's either.
        return bool(own) or (bool(self) and not self.former_pricelist_id)

    @api.model
    def _fetch(self, customers):
        """Fetch what is read here of customers, and what Odoo reads of their contacts when
        it hands the pricelist down to them. Odoo itself would fetch all fields of the
        customers, and the contacts one by one."""
        read = [
            *customers._synced_commercial_fields(),
            "parent_id",
            "commercial_partner_id",
            "is_company",
            "type",
            "user_ids",
        ]
        customers.fetch(read)
        contacts = customers
        while contacts := contacts.child_ids - contacts:
            contacts.fetch(read)

    @api.model
    def _take_all_back(self):
        """Give all customers the prices they had before their tier: for the day when
        there are no tiers any more."""
        self.search([])._take_back()

    @api.model
    def _take_back_from(self, customers):
        """Give customers the prices they had before their tier, in all companies.
        Contacts get no prices of their own."""
        records = self.search([("partner_id", "in", customers.ids)])
        lent = [
            (record.partner_id.with_company(record.company_id), record.pricelist_id)
            for record in records.filtered("is_applied")
            if not _is_customer(record.partner_id)
        ]
        records._take_back()
        for contact, pricelist in lent:
            if contact[PRICES] == pricelist:
                contact[PRICES] = False

    def _take_back(self):
        """Give back the former prices to customers who still have the tier's prices."""
        applied = self.filtered("is_applied")
        for (company, former), those in applied.grouped(
            lambda record: (record.company_id, record.former_pricelist_id)
        ).items():
            unchanged = those.with_company(company).filtered(
                lambda record: (
                    record.partner_id[PRICES] == record.pricelist_id
                    and _is_customer(record.partner_id)
                )
            )
            unchanged.partner_id[PRICES] = former
        self._release()
        self.unlink()

    def _release(self):
        """Take the prices of a tier from contacts whose customer does not have them any
        more: contacts who left, and archived contacts, whom Odoo passes over when it
        hands prices down.

        :return: the contacts whose prices changed
        """
        released = self.env["res.partner"]
        for company, records in (
            self.filtered("is_applied").grouped("company_id").items()
        ):
            ended = {record.partner_id.id: record.pricelist_id for record in records}
            partners = records.partner_id.with_company(company)
            customers = partners.filtered(_is_customer)
            contacts = partners - customers
            taken_along = {ended[contact.id] for contact in contacts}
            domain = Domain("commercial_partner_id", "in", customers.ids)
            if contacts:
                domain |= Domain("id", "child_of", contacts.ids)
            domain &= Domain(PRICES, "in", records.pricelist_id.ids)
            theirs = defaultdict(partners.browse)
            for contact in partners.with_context(active_test=False).search(domain):
                customer = contact.commercial_partner_id
                is_lent = (
                    contact[PRICES] == ended.get(customer.id)
                    or contact[PRICES] in taken_along
                )
                if is_lent and contact[PRICES] != customer[PRICES]:
                    theirs[customer[PRICES]] += contact
            for pricelist, those in theirs.items():
                those.with_context(mail_notrack=True)[PRICES] = pricelist
                released |= those.with_env(self.env)
        return released

    # -- Contacts who leave their customer

    @api.model
    def _note_leaving(self, contacts):
        """Remember that contacts may be about to take the prices of a tier along: they,
        and the contacts below them.

        Called for every change of the customer they belong to, so it takes one query
        where that customer has no prices by tier. The next assessment forgets contacts
        who turn out to have stayed.
        """
        contacts = contacts.filtered(lambda contact: not _is_customer(contact))
        customers = contacts.commercial_partner_id
        if not customers:
            return
        applied = self.search(
            [("partner_id", "in", customers.ids), ("is_applied", "=", True)]
        )
        if not applied:
            return
        partners = self.env["res.partner"].with_context(active_test=False)
        leaving = partners.search([("id", "child_of", contacts.ids)])
        known = {
            (record.partner_id.id, record.company_id.id): record
            for record in self.search([("partner_id", "in", leaving.ids)])
        }
        created = []
        for record in applied:
            company, customer = record.company_id, record.partner_id
            values = {
                "pricelist_id": record.pricelist_id.id,
                "is_applied": True,
                "former_pricelist_id": record.former_pricelist_id.id,
            }
            for contact in leaving.with_company(company):
                if (
                    contact == customer
                    or contact.commercial_partner_id != customer
                    or contact[PRICES] != record.pricelist_id
                ):
                    continue
                if own := known.get((contact.id, company.id)):
                    own.write(values)
                else:
                    key = {"partner_id": contact.id, "company_id": company.id}
                    created.append({**key, **values})
        self.create(created)

    @api.model
    def _has_taken_along(self, contact) -> bool:
        """Whether the prices of a contact in the current company are a tier's: not theirs
        to bring into another company."""
        return bool(
            self.search_count(
                [
                    ("partner_id", "=", contact.id),
                    ("company_id", "=", self.env.company.id),
                    ("pricelist_id", "=", contact[PRICES].id),
                    ("is_applied", "=", True),
                ],
                limit=1,
            )
        )

    def _get_wrong(self, company, limit, partners) -> dict[int, int | None]:
        """Customers whose tier asks for another pricelist than is recorded, and contacts
        who left one.

        :return: id of the pricelist, if any, by id of the customer
        """
        # sudo: users who assess tiers need not be allowed to see all of these.
        tiers = self.env["crm.loyalty.tier"].sudo().with_context(active_test=False)
        priced = tiers.search([("pricelist_id.active", "=", True)]).filtered(
            lambda tier: tier.pricelist_id.company_id.id in (False, company.id)
        )
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
                             WHERE member.company_id = %(company_id)s
                               -- Most members have a tier without prices.
                               AND member.tier_id = ANY(%(priced_ids)s)
                           ) AS wanted
                 FULL JOIN (
                            SELECT partner_id, pricelist_id FROM crm_loyalty_pricelist
                             WHERE company_id = %(company_id)s
                           ) AS recorded USING (partner_id)
                     WHERE wanted.pricelist_id IS DISTINCT FROM recorded.pricelist_id
                       -- Contacts who now belong to another customer get no prices of
                       -- their own, they only lose them. Looked up one by one, because
                       -- the planner cannot know how few they are.
                       AND (recorded.pricelist_id IS NOT NULL
                            OR (SELECT partner.commercial_partner_id = partner.id
                                  FROM res_partner AS partner
                                 WHERE partner.id = partner_id))
                       AND %(chosen)s
                  ORDER BY partner_id
                     LIMIT %(limit)s
                    """,
                    company_id=company.id,
                    priced_ids=priced.ids,
                    chosen=SQL("partner_id = ANY(%s)", partners.ids)
                    if partners is not None
                    else SQL("TRUE"),
                    limit=limit,
                )
            )
        )

    def _describe(self, pricelist, others, is_chosen, record) -> str:
        """Say what happened to the prices of a customer.

        :param pricelist: that of the tier, empty where the tier has none
        :param others: the prices beside the tier's, empty for the usual prices
        :param bool is_chosen: whether somebody chose those prices
        :param record: what was recorded until now
        """
        names = {
            "pricelist": (pricelist or record.pricelist_id).name,
            "others": others.name,
        }
        if pricelist and not is_chosen:
            return self.env._(
                "The tier's pricelist “%s” is applied from now on.", pricelist.name
            )
        if pricelist and others:
            return self.env._(
                "The tier's pricelist “%(pricelist)s” is not applied: “%(others)s” was "
                "chosen for this customer.",
                **names,
            )
        if pricelist:
            return self.env._(
                "The tier's pricelist “%s” is not applied: the usual prices were chosen "
                "for this customer.",
                pricelist.name,
            )
        if is_chosen and others:
            return self.env._(
                "The tier's pricelist “%(pricelist)s” ends; “%(others)s”, chosen for "
                "this customer, stays.",
                **names,
            )
        if is_chosen:
            return self.env._(
                "The tier's pricelist “%s” ends; the usual prices, chosen for this "
                "customer, stay.",
                names["pricelist"],
            )
        if others:
            return self.env._(
                "The tier's pricelist “%(pricelist)s” ends; the customer has “%(others)s”"
                " again.",
                **names,
            )
        return self.env._(
            "The tier's pricelist “%s” ends; the customer has the usual prices again.",
            names["pricelist"],
        )
