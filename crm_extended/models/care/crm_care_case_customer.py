from odoo import api, fields, models, tools
from odoo.exceptions import UserError

from ..common.groups import SALES
from ..common.joined_fields import ShownInteger, ShownMany2one, ShownSelection

# Types of messages whose text is made of a template: mails of stages, reminders,
# acknowledgements.
BY_TEMPLATE = ("auto_comment", "email_outgoing")


class CrmCareCase(models.Model):
    """The customer of a case, and what they are to the company."""

    _inherit = "crm.care.case"

    partner_id = fields.Many2one(
        required=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        tracking=True,
        help="The customer who opened the case. Empty if the email came from an "
        "unknown address.",
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

    # Users who see a case see the tier and the segment of its customer. How much the
    # customer buys, from which these follow, is for sales.
    membership_id = fields.Many2one(
        "crm.loyalty.membership",
        compute="_compute_membership_id",
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
        compute="_compute_score_id",
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

    # Cases whose customer is still to be found.
    _unknown_index = models.Index("(email_normalized) WHERE partner_id IS NULL")

    # Not on the contact's address: each change of one would look for cases.
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
        # The case of an unknown sender is for all users who see cases.
        return self._empty_or_readable("partner_id")

    # -- What the customer is to the company of the case

    @api.model
    def _get_customer_joins(self):
        return super()._get_customer_joins() | {
            "membership_id": ("crm.loyalty.membership", "id"),
            "score_id": ("crm.rfm.score", "id"),
        }

    @api.depends("commercial_partner_id", "company_id")
    def _compute_membership_id(self):
        self._compute_customer_join("membership_id")
        self.env["crm.loyalty.tier"]._recall_badges()

    @api.depends("commercial_partner_id", "company_id")
    def _compute_score_id(self):
        self._compute_customer_join("score_id")

    def _search_membership_id(self, operator, value):
        return self._search_customer_join("membership_id", operator, value)

    def _search_score_id(self, operator, value):
        return self._search_customer_join("score_id", operator, value)

    def _check_customer_join(self, name, operator=None):
        # Users who see the case see tier and segment, which Odoo reads as superuser and
        # searches with "any!"; that cannot come from outside. The records themselves are
        # for sales.
        if operator != "any!":
            self._check_field_access(self._fields[name], "read")

    # -- Cases of unknown senders

    def action_link_customer(self):
        """Give the case the contact with its address; a new one where there is none.
        Where several contacts could have the address, show them to choose from.

        :raise UserError: where the case has no address
        """
        self.ensure_one()
        self.check_access("write")
        if not self.email_normalized:
            raise UserError(
                self.env._("This case has no email address to identify the customer.")
            )
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
            "name": self.env._("Link %s to a Customer", self.email_normalized),
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

    def _customers_before(self, vals) -> dict:
        """Customer and address of each case, where the values may change the customer."""
        if "partner_id" not in vals:
            return {}
        return {case: (case.partner_id, case.email_normalized) for case in self}

    def _apply_customers(self, vals, before):
        """Do what another customer, or another address, brings.

        :param dict before: see `_customers_before`
        """
        for case, (partner, address) in before.items():
            if case.partner_id != partner:
                case._reassign_mails(partner, address)
        if not {"partner_id", "email_from"}.isdisjoint(vals):
            self._note_unknown_senders()
        if vals.get("partner_id") and not self.env.su:
            # An agent says whose address it is that a mail or form came from.
            chosen = self.filtered(
                lambda case: (
                    not before[case][0]
                    and before[case][1]
                    and case.email_normalized == before[case][1]
                )
            )
            if chosen:
                # sudo: remembered for the next mail from there.
                chosen.sudo().customer_confirmed = True

    def _reassign_mails(self, partner, address):
        """Make the mails of a case those of its new customer, where they are theirs.

        :param partner: the customer until now; empty if there was none
        :param str address: the address of the case until now
        """
        # sudo: who wrote them is known only now.
        messages = self.sudo().message_ids
        if self.partner_id and not partner and address:
            # Mails of a sender unknown so far had no author.
            messages.filtered(
                lambda message: (
                    not message.author_id
                    and self._email_key(message.email_from) == address
                )
            ).author_id = self.partner_id
        if partner and not partner.partner_share:
            # A colleague has written in for the customer, who must not read that.
            messages._hide_first_mails(partner)

    @api.model
    @tools.ormcache()
    def _has_unknown_senders(self) -> bool:
        """Whether there are cases without customer. Kept from request to request, so
        that contacts cost nothing where there are none."""
        # sudo: kept for all users.
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

    @api.model
    def _find_customers(self, partners):
        """Give contacts that have just appeared the cases with their addresses.

        Only where staff entered them: people who sign up may give any address, and would
        be shown what others wrote.
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
        # sudo: also cases that the user cannot see.
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
        # sudo: only addresses are compared.
        others = (others + partners.sudo()).grouped("email_normalized")
        for case in cases:
            partner = partner_of[case.email_normalized]
            fits = self._customer_of(case.company_id)
            # A contact who only claims the address does not raise doubts about the one
            # that the user has entered.
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
        """Remove the customer's identity from cases and their mails.

        What people wrote, the description and the texts of mails, stays as it is.
        """
        # Nor does the log keep the name as the customer until now.
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
        self._anonymize_satisfaction()

    def _forget_customers(self):
        """Take the names and addresses of the customers out of what Odoo wrote
        automatically on cases: logged changes of the customer, and mails made of
        templates."""
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
