from odoo import api, fields, models, tools
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..common.joined_fields import (
    ShownInteger,
    ShownMany2one,
    ShownSelection,
    search_joined,
)

# Whoever sees a case sees the tier and the segment of its customer. What these follow
# from, and are sorted by, is how much the customer buys: that is for sales.
SALES = "sales_team.group_sale_salesman"

# Joined on demand, by customer and the company of the case.
JOINED = ("membership_id", "score_id")

# Types of messages whose text is made of a template: mails of stages, reminders,
# acknowledgements.
BY_TEMPLATE = ("auto_comment", "email_outgoing")


class CrmCareCase(models.Model):
    """Whose case it is, and what he is to the company."""

    _inherit = "crm.care.case"

    partner_id = fields.Many2one(
        required=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        tracking=True,
        help="Who asks. Empty where a mail came from an unknown address.",
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id",
        string="Customer's Company",
        store=True,
        index="btree_not_null",
    )
    email_from = fields.Char(
        string="Email",
        compute="_compute_email_from",
        store=True,
        readonly=False,
        precompute=True,
    )
    email_normalized = fields.Char(
        compute="_compute_email_normalized", store=True, index="btree_not_null"
    )
    partner_phone = fields.Char(related="partner_id.phone", string="Phone")

    membership_id = fields.Many2one(
        "crm.loyalty.membership",
        compute="_compute_joined",
        search="_search_membership_id",
        groups=SALES,
    )
    tier_id = ShownMany2one(
        related="membership_id.tier_id",
        string="Tier",
        help="Loyalty tier of the customer in the company of the case.",
    )
    tier_color = ShownInteger(
        related="membership_id.tier_color", string="Tier Color", aggregator=None
    )
    tier_icon = ShownSelection(related="membership_id.tier_icon", string="Tier Icon")
    score_id = fields.Many2one(
        "crm.rfm.score",
        compute="_compute_joined",
        search="_search_score_id",
        groups=SALES,
    )
    segment_id = ShownMany2one(
        related="score_id.segment_id",
        string="Segment",
        help="Segment of the customer in the company of the case.",
    )
    segment_color = ShownInteger(
        related="score_id.segment_color", string="Segment Color", aggregator=None
    )

    # Those whose customer is still to be found.
    _unknown_index = models.Index("(email_normalized) WHERE partner_id IS NULL")

    # Not on the contact's address: who changes that would look for cases each time.
    @api.depends("partner_id")
    def _compute_email_from(self):
        for case in self:
            if case.partner_id.email or not case.email_from:
                case.email_from = case.partner_id.email

    @api.depends("email_from")
    def _compute_email_normalized(self):
        for case in self:
            case.email_normalized = self._email_key(case.email_from)

    @api.model
    def _readable_domain(self):
        # That of an unknown sender is for everybody who sees cases.
        return self._empty_or_readable("partner_id")

    # -- What the customer is to the company of the case

    @api.depends("commercial_partner_id", "company_id")
    def _compute_joined(self):
        customers = self.commercial_partner_id._origin
        domain = [
            ("partner_id", "in", customers.ids),
            ("company_id", "in", self.company_id._origin.ids),
        ]
        for name in JOINED:
            # sudo: whoever may read the case sees what its customer is to the company.
            records = self.env[self._fields[name].comodel_name].sudo()
            if customers:
                records = records.search_fetch(domain, order="id")
            record_of = {
                (record.partner_id.id, record.company_id.id): record.id
                for record in records
            }
            for case in self:
                case[name] = record_of.get(
                    (case.commercial_partner_id._origin.id, case.company_id._origin.id)
                )
        self.env["crm.loyalty.tier"]._recall_badges()

    def _search_membership_id(self, operator, value):
        return self._search_joined("membership_id", operator, value)

    def _search_score_id(self, operator, value):
        return self._search_joined("score_id", operator, value)

    @api.model
    def _search_joined(self, name, operator, value):
        # Odoo does not ask before it searches. "any!" is what tier and segment are
        # searched by, which cannot come from outside.
        if operator in ("in", "any"):
            self._check_field_access(self._fields[name], "read")
        return search_joined(self, name, operator, value)

    def _join_by_customer(self, name, alias, query) -> str:
        """Join to a query what a field points to.

        :return: alias of the joined table
        """
        # Another alias than the one that Odoo makes of the field's name, to go on from
        # here to the record itself.
        joined = query.make_alias(alias, name.removesuffix("_id"))
        query.add_join(
            "LEFT JOIN",
            joined,
            self.env[self._fields[name].comodel_name]._table,
            SQL(
                "%s = %s AND %s = %s",
                self._field_to_sql(alias, "commercial_partner_id", query),
                SQL.identifier(joined, "partner_id"),
                self._field_to_sql(alias, "company_id", query),
                SQL.identifier(joined, "company_id"),
            ),
        )
        return joined

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr in JOINED and query is not None:
            # As superuser on the way to tier and segment.
            self._check_field_access(self._fields[field_expr], "read")
            return SQL.identifier(
                self._join_by_customer(field_expr, alias, query), "id"
            )
        return super()._field_to_sql(alias, field_expr, query)

    # -- Cases of unknown senders

    def action_link_customer(self):
        """Give the case the contact with its address; a new one where there is none.
        Where it is in doubt whose address it is, show the contacts to choose from.

        :raise UserError: where there is no address to go by
        """
        self.ensure_one()
        self.check_access("write")
        if not self.email_normalized:
            raise UserError(self.env._("This case has no email address to go by."))
        partner, reason = self._customer_at(self.email_from, self.company_id)
        if reason and reason != "unknown":
            return self._action_choose_customer()
        if not partner:
            partner = self.env["mail.thread"]._partner_find_from_emails_single(
                [self.email_from], filter_found=self._customer_of(self.company_id)
            )
        self._give_customer(partner.sudo(False))
        return True

    def _action_choose_customer(self):
        contacts = self._contacts_at(self.email_from, self.company_id)
        view = self.env.ref("crm_extended.res_partner_view_list_care_link")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Whose Address Is %s?", self.email_normalized),
            "res_model": "res.partner",
            "view_mode": "list",
            "views": [(view.id, "list")],
            "domain": [("id", "in", contacts.ids)],
            "context": {"care_link_case_id": self.id},
            "target": "new",
        }

    def _give_customer(self, partner):
        """Make a contact the customer of cases that have none."""
        cases = self.filtered(lambda case: not case.partner_id)
        cases.write({"partner_id": partner.id})
        # sudo: remembered for the next mail from there.
        cases.filtered(
            lambda case: case.email_normalized == partner.email_normalized
        ).sudo().customer_confirmed = True
        cases.message_subscribe(partner.ids)

    def _follow_customer(self, partner, address):
        """Let the mails of a case be those of its new customer, as far as they are.

        :param partner: who the customer was until now, if anybody
        :param str address: the address of the case until now
        """
        # sudo: who wrote them is known only now.
        messages = self.sudo().message_ids
        if self.partner_id and not partner and address:
            # Mails of a sender unknown so far were nobody's.
            messages.filtered(
                lambda message: (
                    not message.author_id
                    and self._email_key(message.email_from) == address
                )
            ).author_id = self.partner_id
        if partner and not partner.partner_share:
            # One of us has written in for somebody: that is not for the customer to read.
            messages._hide_first_mails(partner)

    @api.model
    @tools.ormcache()
    def _has_unknown_senders(self) -> bool:
        """Whether there are cases without customer. Kept from request to request, so
        that contacts cost nothing where there are none."""
        # sudo: kept for everybody.
        cases = self.sudo().with_context(active_test=False)
        return bool(
            cases.search_count(
                [("partner_id", "=", False), ("email_normalized", "!=", False)], limit=1
            )
        )

    def _note_unknown_senders(self):
        if (
            any(case.email_normalized and not case.partner_id for case in self)
            and not self._has_unknown_senders()
        ):
            self.env.registry.clear_cache()

    @api.model_create_multi
    def create(self, vals_list):
        cases = super().create(vals_list)
        cases._note_unknown_senders()
        return cases

    def write(self, vals):
        chosen = self.browse()
        if vals.get("partner_id") and not self.env.su:
            # An agent says whose the address is that a mail or form came from.
            chosen = self.filtered(
                lambda case: not case.partner_id and case.email_normalized
            )
            addresses = {case: case.email_normalized for case in chosen}
        before = {}
        if "partner_id" in vals:
            before = {case: (case.partner_id, case.email_normalized) for case in self}
        result = super().write(vals)
        for case, (partner, address) in before.items():
            if case.partner_id != partner:
                case._follow_customer(partner, address)
        if not {"partner_id", "email_from"}.isdisjoint(vals):
            self._note_unknown_senders()
        if chosen := chosen.filtered(
            lambda case: case.email_normalized == addresses[case]
        ):
            # sudo: remembered for the next mail from there.
            chosen.sudo().customer_confirmed = True
        return result

    @api.model
    def _find_customers(self, partners):
        """Give contacts that have just appeared the cases with their addresses.

        Only where somebody of the company entered them: whoever signs up by himself may
        give any address, and would be shown what others wrote.
        """
        if not self._has_unknown_senders() or not self.env.user._is_internal():
            return
        partner_of = {
            partner.email_normalized: partner
            for partner in partners
            if partner.email_normalized
        }
        if not partner_of:
            return
        # sudo: cases that are not on his desk are given their customers, too.
        cases = self.sudo().search(
            [
                ("partner_id", "=", False),
                ("email_normalized", "in", list(partner_of)),
            ]
        )
        if not cases:
            return
        # sudo: contacts that the user does not see can have the address, too.
        others = self.env["res.partner"].sudo()
        others = others.search(
            [
                ("email_normalized", "in", cases.mapped("email_normalized")),
                ("id", "not in", partners.ids),
            ]
        )
        others = (others + partners.sudo()).grouped("email_normalized")
        for case in cases:
            partner = partner_of[case.email_normalized]
            fits = self._customer_of(case.company_id)
            # One who only claims the address does not make it doubtful whom the user
            # has entered.
            doubtful = others[case.email_normalized].filtered(
                lambda other, partner=partner, fits=fits, case=case: (
                    other.id != partner.id
                    and fits(other)
                    and self._is_verified(other, case.email_normalized)
                )
            )
            if fits(partner) and not doubtful:
                case._give_customer(partner)

    # -- To and from leads

    def action_create_lead(self):
        """Open the lead of the case; a new one where there is none."""
        self.ensure_one()
        if not self.lead_id:
            self.check_access("write")
            lead = self.env["crm.lead"].create(
                {
                    "name": self.name,
                    "type": "opportunity",
                    "partner_id": self.partner_id.id,
                    "email_from": self.email_from,
                    "description": self.description,
                    "company_id": self.company_id.id,
                    "user_id": self.partner_id.user_id.id or self.env.uid,
                }
            )
            self.lead_id = lead
            link = self._get_html_link()
            lead.message_post(body=self.env._("Opened from case %s.", link))
        return {
            "type": "ir.actions.act_window",
            "res_model": "crm.lead",
            "res_id": self.lead_id.id,
            "view_mode": "form",
        }

    def _anonymize(self):
        """Take off cases, and their mails, who the customer was.

        What people wrote, the description and the texts of mails, stays as it is.
        """
        # Nor is the name noted as what the customer was until now.
        self._track_discard()
        self._forget_customers()
        for case in self:
            partner, address = case.partner_id, case.email_normalized
            case.message_ids.filtered(
                lambda message, partner=partner, address=address: (
                    message.author_id == partner
                    or (address and self._email_key(message.email_from) == address)
                )
            ).write({"author_id": False, "email_from": False, "reply_to": False})
            case.message_unsubscribe(partner.ids)
        self.write({"partner_id": False, "email_from": False, "email_cc": False})

    def _forget_customers(self):
        """Take the names and addresses of the customers out of what Odoo wrote by itself
        on cases: noted changes of the customer, and mails made of templates."""
        # sudo: messages that the user does not see name the customer, too.
        messages = self.sudo().message_ids
        messages.filtered(lambda message: message.message_type in BY_TEMPLATE).body = ""
        messages.write(
            {
                "incoming_email_to": False,
                "incoming_email_cc": False,
                "outgoing_email_to": False,
            }
        )
        partners = self.partner_id.ids
        changes = messages.tracking_value_ids.filtered(
            lambda change: (
                change.field_id.name == "partner_id"
                and {change.old_value_integer, change.new_value_integer} & {*partners}
            )
        )
        changes.unlink()
