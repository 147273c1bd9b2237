from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .res_partner import SALES

# What the used channels are counted from.
COUNTED = (
    "mail.message",
    "mail.message.subtype",
    "crm.interaction",
    "crm.preferred.channel",
)


class CrmPreferredChannelMixin(models.AbstractModel):
    """The preferred channel of partners, which is their customer's."""

    _name = "crm.preferred.channel.mixin"
    _description = "Preferred Channel of Customers"

    preferred_channel = fields.Selection(
        lambda self: self.env["crm.preferred.channel"]._get_channels(),
        compute="_compute_preferred_channel",
        inverse="_inverse_preferred_channel",
        search="_search_preferred_channel",
        groups=SALES,
        help="How the customer, which is the company for all its contacts, likes to be "
        "contacted: the channel it used most to contact you in the last 12 months, "
        "unless you set another one. Empty the field to go back to that.",
    )
    preferred_channel_by_hand = fields.Boolean(
        string="Channel Set by Hand",
        compute="_compute_preferred_channel",
        groups=SALES,
    )

    @api.depends("commercial_partner_id")
    @api.depends_context("company")
    def _compute_preferred_channel(self):
        customers = self.commercial_partner_id._origin
        by_hand, used = {}, {}
        if customers:
            self._flush_channels()
            # sudo: whoever may read the contact and is in sales knows what is set for
            # the company it belongs to; the field's group keeps out everybody else.
            Channel = self.env["crm.preferred.channel"].sudo()
            by_hand = {
                record.partner_id.id: record.channel
                for record in Channel.search([("partner_id", "in", customers.ids)])
            }
            used = dict(self.env.execute_query(Channel._used_channels(customers.ids)))
        for partner in self:
            customer = partner.commercial_partner_id._origin.id
            partner.preferred_channel = by_hand.get(customer) or used.get(customer)
            partner.preferred_channel_by_hand = customer in by_hand

    def _inverse_preferred_channel(self):
        channel_of = {
            partner.commercial_partner_id: partner.preferred_channel for partner in self
        }
        Channel = self.env["crm.preferred.channel"]
        records = Channel.search([("partner_id", "in", [c.id for c in channel_of])])
        record_of = {record.partner_id: record for record in records}
        new = []
        for customer, channel in channel_of.items():
            record = record_of.get(customer, Channel)
            if not channel:
                record.unlink()
            elif record:
                record.channel = channel
            else:
                new.append({"partner_id": customer.id, "channel": channel})
        Channel.create(new)
        self.env["res.partner"].invalidate_model(
            ["preferred_channel", "preferred_channel_by_hand"]
        )

    def _search_preferred_channel(self, operator, value):
        if operator != "in":
            return NotImplemented
        channels = [channel for channel in value if channel]

        def to_sql(model, alias, query):
            model._check_in_sales("preferred_channel")
            model._flush_channels()
            customer = SQL.identifier(alias, "commercial_partner_id")
            preferred = SQL(
                """
                SELECT customer_id
                  FROM (SELECT COALESCE(by_hand.partner_id, used.partner_id)
                                   AS customer_id,
                               COALESCE(by_hand.channel, used.channel) AS channel
                          FROM crm_preferred_channel AS by_hand
                     FULL JOIN (%s) AS used ON used.partner_id = by_hand.partner_id
                       ) AS preferred
                """,
                self.env["crm.preferred.channel"]._used_channels(),
            )
            found = SQL(
                "%s IN (%s WHERE channel = ANY(%s))", customer, preferred, channels
            )
            if False in value:
                return SQL("(%s OR %s NOT IN (%s))", found, customer, preferred)
            return found

        return Domain.custom(to_sql=to_sql)

    def _flush_channels(self):
        for model in COUNTED:
            self.env[model].flush_model()

    def action_preferred_channel_automatic(self):
        """Go back to the channel the customer uses."""
        self.preferred_channel = False
        return True
