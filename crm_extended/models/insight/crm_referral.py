from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..common.groups import ALL_DOCUMENTS
from .referral_query import counted

# What contacts and leads show of referrals.
OF_PARTNERS = ["referred_by_id", "referral_count"]
OF_LEADS = ["referred_by_id", "is_referral_claim"]
# Those that customers can be thanked for: not what only a stranger says.
TO_THANK = [
    ("thanked_date", "=", False),
    "|",
    ("referred_id", "!=", False),
    ("source", "!=", "link"),
]


class Entry(NamedTuple):
    """What someone says of who recommended a customer, or a lead before there is one."""

    company: models.Model
    customer: models.Model
    lead: models.Model
    recommender: models.Model


class CrmReferral(models.Model):
    """Who recommended whom, in a company. A customer is recommended by one.

    Before there is a customer, it is about a lead; the customer of the lead becomes the
    one who was recommended. What comes by a customer's personal link is what a stranger
    says: until the lead has a customer, it counts for nothing.
    """

    _name = "crm.referral"
    _inherit = "crm.customer.record.mixin"
    _description = "Referral"
    _order = "date desc, id desc"
    _rec_name = "partner_id"
    _check_company_auto = True

    partner_id = fields.Many2one(
        string="Recommended By", index=True, ondelete="cascade", check_company=True
    )
    referred_id = fields.Many2one(
        "res.partner",
        string="Recommended Customer",
        compute="_compute_referred_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        ondelete="cascade",
        copy=False,
        check_company=True,
        help="Empty until the lead has a customer.",
    )
    lead_id = fields.Many2one(
        "crm.lead",
        index="btree_not_null",
        ondelete="set null",
        copy=False,
        check_company=True,
        # Leads are their salesperson's; a referral is also for that of the recommender.
        groups=ALL_DOCUMENTS,
    )
    company_id = fields.Many2one(
        default=lambda self: self.env.company, index=True, ondelete="cascade"
    )
    date = fields.Date(required=True, default=fields.Date.context_today)
    source = fields.Selection(
        [("lead", "Lead"), ("manual", "Manual"), ("link", "Personal link")],
        required=True,
        default="manual",
        help="Entered on a lead, on a contact, or sent by someone who used the personal "
        "link of the customer who recommended you.",
    )
    referred_date = fields.Date(
        string="Recommended Customer Since",
        compute="_compute_referred_date",
        store=True,
        precompute=True,
        help="The day on which the recommended customer was known.",
    )
    thanked_date = fields.Date(string="Thanked On", copy=False, readonly=True)
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")

    _self_check = models.Constraint(
        "CHECK (partner_id <> referred_id)", "A customer cannot recommend themselves."
    )
    _unique_customer = models.Constraint(
        "UNIQUE (company_id, referred_id)",
        "Someone else already recommended this customer.",
    )
    _unique_lead = models.UniqueIndex(
        "(lead_id) WHERE lead_id IS NOT NULL",
        "This lead already has a recommendation.",
    )

    # -- The customer of the lead

    @api.depends("lead_id.partner_id")
    def _compute_referred_id(self):
        # sudo: whose customer the lead is, for users who may not see it.
        leads = self.sudo().filtered("lead_id")
        for referral in self.sudo() - leads:
            referral.referred_id = referral.referred_id
        customers = leads.lead_id.partner_id.commercial_partner_id
        taken = leads._taken(customers)
        bought = leads._bought(customers)
        for referral in leads:
            customer = referral.lead_id.partner_id.commercial_partner_id
            key = (referral.company_id.id, customer.id)
            first_date = bought.get(key)
            is_refused = (
                customer == referral.partner_id.commercial_partner_id
                or taken.get(key, referral) != referral
                # A link does not make a recommended customer of one who bought before.
                or referral.source == "link"
                and first_date
                and first_date < referral.date
            )
            referral.referred_id = False if is_refused else customer
            if customer and not is_refused:
                taken[key] = referral
        self._forget_shown()

    def _taken(self, customers) -> dict:
        """Referrals of customers, other than these, by company and customer (ids)."""
        others = self.search(
            [("referred_id", "in", customers.ids), ("id", "not in", self._origin.ids)]
        )
        return {(one.company_id.id, one.referred_id.id): one for one in others}

    def _bought(self, customers) -> dict:
        """The day of the first purchase by company and customer (ids)."""
        if "link" not in self.mapped("source"):
            return {}
        scores = self.env["crm.rfm.score"].search_fetch(
            [
                ("partner_id", "in", customers.ids),
                ("company_id", "in", self.company_id.ids),
            ],
            ["partner_id", "company_id", "first_date"],
        )
        return {
            (one.company_id.id, one.partner_id.id): one.first_date for one in scores
        }

    @api.depends("referred_id")
    def _compute_referred_date(self):
        today = fields.Date.context_today(self)
        for referral in self:
            referral.referred_date = referral.referred_id and (
                referral.referred_date or today
            )

    @api.depends("partner_id", "referred_id")
    def _compute_display_name(self):
        for referral in self:
            names = (referral.partner_id, referral.referred_id)
            referral.display_name = " → ".join(one.display_name for one in names if one)

    # -- Entering

    @api.model_create_multi
    def create(self, vals_list):
        referrals = super().create([self._of_customers(vals) for vals in vals_list])
        self._forget_shown()
        return referrals

    def write(self, vals):
        result = super().write(self._of_customers(vals))
        self._forget_shown()
        return result

    def unlink(self):
        result = super().unlink()
        self._forget_shown()
        return result

    @api.model
    def _of_customers(self, vals) -> dict:
        """Values with the customers that contacts belong to."""
        # sudo: only to learn whose contacts these are.
        contacts = self.env["res.partner"].sudo()
        return vals | {
            name: contacts.browse(vals[name]).commercial_partner_id.id
            for name in ("partner_id", "referred_id")
            if vals.get(name)
        }

    @api.model
    def _forget_shown(self):
        """Contacts and leads read their referrals again."""
        self.env["res.partner"].invalidate_model(OF_PARTNERS, flush=False)
        self.env["crm.lead"].invalidate_model(OF_LEADS, flush=False)

    @api.constrains("partner_id", "referred_id")
    def _check_customers(self):
        for referral in self:
            # sudo: only whose contacts these are.
            customers = (referral.partner_id + referral.referred_id).sudo()
            if len(customers.commercial_partner_id) < len(customers):
                raise self._self_error(customers[0])

    @api.constrains("referred_id", "lead_id")
    def _check_referred(self):
        # sudo: whether there is a lead.
        if any(not (one.referred_id or one.lead_id) for one in self.sudo()):
            raise ValidationError(self.env._("Choose the recommended customer."))

    def _self_error(self, customer):
        return ValidationError(
            self.env._(
                "%s cannot recommend themselves: both are the same customer.",
                customer.commercial_partner_id.display_name,
            )
        )

    @api.model
    def _enter(self, entries):
        """Keep what users enter on contacts and leads that they may write.

        :param entries: list of :class:`Entry`; without a recommender there is none any more
        :raise AccessError: if the user may not read who is said to recommend
        """
        recommenders = self.env["res.partner"].union(
            *(entry.recommender for entry in entries)
        )
        recommenders.check_access("read")
        # sudo: whoever may write the contact or the lead may say who recommended it, also
        # where another user is in charge of who did.
        referrals = self.sudo()
        by_customer, by_lead = referrals._find(entries)
        new, changed, gone = [], [], referrals.browse()
        for entry in entries:
            company, customer, lead, recommender = entry
            recommender = recommender.sudo().commercial_partner_id
            if recommender and recommender == customer:
                raise self._self_error(recommender)
            known = by_customer.get((company, customer), referrals)
            known |= by_lead.get(lead, referrals)
            if not recommender:
                gone |= known
                continue
            first = known._first() or known[:1]
            gone |= known - first
            values = {
                "partner_id": recommender.id,
                "source": "lead" if lead else "manual",
                **({"referred_id": customer.id} if customer else {}),
            }
            if not first:
                new.append({**values, "company_id": company.id, "lead_id": lead.id})
            elif (
                first.partner_id.commercial_partner_id != recommender
                or customer
                and not first.referred_id
            ):
                changed.append((first, {**values, "thanked_date": False}))
        gone.unlink()
        for referral, values in changed:
            referral.write(values)
        referrals.create(new)
        self._forget_shown()

    @api.model
    def _find(self, entries) -> tuple[dict, dict]:
        """Referrals of customers and leads, in the order in which they came.

        :return: by company and customer, and by lead
        """
        customers = self.env["res.partner"].union(*(one.customer for one in entries))
        leads = self.env["crm.lead"].union(*(one.lead for one in entries))
        companies = self.env["res.company"].union(*(one.company for one in entries))
        # sudo: for users who may read the contacts and leads.
        found = self.sudo().search(
            [
                ("company_id", "in", companies.ids),
                "|",
                ("referred_id.commercial_partner_id", "in", customers.ids),
                ("lead_id", "in", leads.ids),
            ],
            order="date, id",
        )
        return (
            found.filtered("referred_id").grouped(
                lambda one: (
                    one.company_id.with_env(self.env),
                    one.referred_id.commercial_partner_id.with_env(self.env),
                )
            ),
            found.filtered("lead_id").grouped(
                lambda one: one.lead_id.with_env(self.env)
            ),
        )

    def _first(self):
        """Of referrals in order the one that counts; empty where each is of a customer who
        would recommend itself."""
        return self.filtered(
            lambda one: (
                one.partner_id.commercial_partner_id
                != one.referred_id.commercial_partner_id
            )
        )[:1]

    def action_thanked(self):
        """Note that the customer was thanked."""
        self.check_access("read")
        # sudo: users who see a referral may thank for it, and change nothing else.
        self.sudo()._note_thanks()
        return True

    def _note_thanks(self):
        self.filtered(lambda one: not one.thanked_date).write(
            {"thanked_date": fields.Date.context_today(self)}
        )

    @api.model
    def _thanked(self, customers, company):
        """Customers were thanked for what they recommended so far.

        :param customers: commercial entities
        """
        self.search(
            [
                ("partner_id.commercial_partner_id", "in", customers.ids),
                ("company_id", "=", company.id),
                *TO_THANK,
            ]
        )._note_thanks()

    @api.model
    def _action_of(self, customer):
        """The action that opens the referrals a customer made in the current company."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended.crm_referral_action"
        )
        return {
            **action,
            "domain": [
                ("partner_id.commercial_partner_id", "=", customer.id),
                ("company_id", "=", self.env.company.id),
            ],
            "context": {"default_partner_id": customer.id},
        }

    # -- Merged customers and leads

    @api.model
    def _merge_into(self, customers, customer):
        """Before customers are merged: what would have them recommend themselves goes, and
        of several who recommended one of them the first stays."""
        merged = customers | customer
        # sudo: of all companies, whoever merges.
        referrals = self.sudo().search(
            [("referred_id", "in", merged.ids)], order="date, id"
        )
        gone = referrals.filtered(lambda one: one.partner_id in merged.sudo())
        for theirs in (referrals - gone).grouped("company_id").values():
            gone |= theirs[1:]
        gone.unlink()
        self.flush_model()

    @api.model
    def _merge_leads(self, leads, lead):
        """Before leads are merged: one of their referrals stays."""
        # sudo: whoever merges them.
        referrals = self.sudo().search(
            [("lead_id", "in", (leads | lead).ids)], order="date, id"
        )
        kept = referrals.filtered("referred_id")[:1] or referrals[:1]
        without = (referrals - kept).filtered(lambda one: not one.referred_id)
        without.unlink()
        (referrals - kept - without).lead_id = False
        kept.lead_id = lead

    # -- Access

    def _readable_domain(self):
        return super()._readable_domain() & self._empty_or_readable("referred_id")

    def _hidden_records(self):
        # sudo: only to learn who was recommended, the user's own right to see them is
        # checked next.
        customers = self.sudo().referred_id.sudo(False)
        hidden = customers - customers._filtered_access("read")
        return super()._hidden_records() | self.sudo().filtered(
            lambda one: one.referred_id.sudo(False) in hidden
        ).sudo(False)

    @api.model
    def _counted(self, companies) -> SQL:
        """A query for the referrals that count; see :func:`counted`."""
        self.flush_model()
        self.env["res.partner"].flush_model(["commercial_partner_id"])
        return counted(companies.ids)
