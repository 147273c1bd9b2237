from odoo import fields, models
from odoo.tools import SQL

from .crm_customer_contact import NOW


class CrmPreferredChannel(models.Model):
    """The preferred channel of a customer, if a user has set it.

    Without a record it is the channel that the customer used most in the last twelve
    months, which is computed when it is read.
    """

    _name = "crm.preferred.channel"
    _inherit = "crm.customer.record.mixin"
    _description = "Customer's Preferred Channel"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(ondelete="cascade")
    company_id = fields.Many2one(
        related="partner_id.company_id", required=False, store=False
    )
    channel = fields.Selection(
        lambda self: self._get_channels(),
        required=True,
    )
    # A constraint, not a unique index: Odoo's merge of partners looks for constraints and
    # removes records that cannot be moved.
    _partner_unique = models.Constraint(
        "UNIQUE (partner_id)", "A customer can only have one preferred channel."
    )

    def _get_channels(self):
        return (
            self.env["crm.interaction"]
            ._fields["channel"]
            ._description_selection(self.env)
        )

    def _used_channels(self, customers=None) -> SQL:
        """Query for the channel that each customer used most often in the last twelve
        months, as far as the current company may know; of equal ones the latest.

        :param customers: ids, all without
        """
        return SQL(
            """
            SELECT DISTINCT ON (used.partner_id) used.partner_id, used.channel
              FROM (
                   SELECT contact.partner_id, contact.channel, count(*) AS times,
                          max(contact.date) AS latest
                     FROM (%(contacts)s) AS contact
                    WHERE contact.direction = 'in' AND contact.channel IS NOT NULL
                      AND contact.date > %(now)s - interval '12 months'
                      AND %(known)s AND %(which)s
                 GROUP BY contact.partner_id, contact.channel
                   ) AS used
          ORDER BY used.partner_id, used.times DESC, used.latest DESC
            """,
            contacts=self.env["crm.customer.contact"]._contacts(),
            now=NOW,
            known=self.env["crm.last.contact"]._known_condition("contact"),
            which=SQL("TRUE")
            if customers is None
            else SQL("contact.partner_id = ANY(%s)", customers),
        )
