from odoo import api, models
from odoo.tools import SQL

# Where a channel of the contact policy reaches people: fields of contacts.
ADDRESSES = {"email": "email", "sms": "phone_sanitized"}


class CrmCarePlan(models.Model):
    """A part of plans: which person of a customer is addressed."""

    _inherit = "crm.care.plan"

    @api.model
    def _addressees(self, rule, customers, companies, channel="email") -> dict:
        """The person who is addressed for each customer now, by the ids of both customer
        and company; empty where there is none. Found each time: people change their
        company, and their address.

        :param rule: as of plans
        :param customers: ``res.partner``
        :param companies: ``res.company`` that they may have ordered from
        :param str channel: ``email`` or ``sms``
        """
        address = ADDRESSES[channel]
        reached = set(customers.filtered("active").filtered(address).ids)
        none = customers.browse()
        found = {
            (customer.id, company.id): customer if customer.id in reached else none
            for customer in customers
            for company in companies
        }
        finder = getattr(self, f"_addressees_{rule or 'customer'}")
        return found | finder(customers, companies, address)

    def _addressees_customer(self, _customers, _companies, _address):
        return {}

    def _addressees_invoice(self, customers, companies, address):
        """The invoice address; the customer itself where it has no address."""
        children = self.env["res.partner"].search_fetch(
            [
                # Not a company below it, which is a customer of its own.
                ("commercial_partner_id", "in", customers.ids),
                ("parent_id", "!=", False),
                ("type", "=", "invoice"),
                (address, "!=", False),
            ],
            ["commercial_partner_id"],
            order="id desc",
        )
        return {
            (child.commercial_partner_id.id, company.id): child
            for child in children
            for company in companies
        }

    def _addressees_last_order(self, customers, companies, address):
        """The person of the customer who ordered last, and is still there with an
        address; the customer itself otherwise."""
        for name in ("sale.order", "res.partner"):
            self.env[name].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (person.commercial_partner_id, sold.company_id)
                       person.commercial_partner_id, sold.company_id, person.id
                  FROM res_partner AS person
                  JOIN sale_order AS sold ON sold.partner_id = person.id
                 WHERE person.commercial_partner_id = ANY(%s)
                   AND person.active AND COALESCE(%s, '') <> ''
                   AND sold.company_id = ANY(%s) AND sold.state = 'sale'
              ORDER BY person.commercial_partner_id, sold.company_id,
                       sold.date_order DESC, sold.id DESC
                """,
                customers.ids,
                SQL.identifier("person", address),
                companies.ids,
            )
        )
        people = self.env["res.partner"].browse([person for *_, person in rows])
        return {
            (customer, company): person
            for (customer, company, _id), person in zip(rows, people, strict=True)
        }
