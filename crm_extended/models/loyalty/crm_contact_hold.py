from odoo import api, models
from odoo.tools import SQL


class CrmContactHold(models.Model):
    """Mails about tiers wait until the policy allows them."""

    _inherit = "crm.contact.hold"

    @api.model
    def _senders(self):
        return {**super()._senders(), "loyalty": self._send_loyalty}

    @api.model
    def _send_loyalty(self, customers, template):
        if not self.env["crm.feature"]._is_on("loyalty"):
            return customers.browse()
        customers &= self._still_notified(customers, template)
        if customers:
            self.env["crm.loyalty.notification"]._send_mails(
                template.with_company(self.env.company), customers.ids
            )
        return customers

    def _still_notified(self, customers, template):
        """Of these customers those whose tier has not changed again since the mail had to
        wait, while the company still sends such mails."""
        notifications = self.env["crm.loyalty.notification"]
        company = self.env.company
        templates = notifications._get_templates(company)
        kind = {each.id: key for key, each in templates.items()}.get(template.id)
        if kind == "grace":
            members = self.env["crm.loyalty.membership"].search(
                [
                    ("partner_id", "in", customers.ids),
                    ("company_id", "=", company.id),
                    ("state", "=", "grace"),
                ]
            )
            return members.partner_id
        self.env["crm.loyalty.change"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                WITH marked AS (
                    SELECT DISTINCT ON (partner_id) *
                      FROM crm_loyalty_change
                     WHERE partner_id = ANY(%s) AND company_id = %s
                       AND old_tier_id IS DISTINCT FROM new_tier_id
                  ORDER BY partner_id, id DESC
                )
                SELECT partner_id FROM (%s) AS moved WHERE kind = %s
                """,
                customers.ids,
                company.id,
                notifications._moved(),
                kind,
            )
        )
        return customers.browse([id_ for [id_] in rows])
