from datetime import timedelta

from odoo import fields

from ..common import CustomerValueCommon


class AgendaCommon(CustomerValueCommon):
    """A salesperson with one customer, and a factory for each lower reason."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada = cls.mine("Ada")
        cls.marketing = cls.env.ref("crm_extended.purpose_marketing")

    @classmethod
    def mine(cls, name, user=None, **values):
        return cls.customer(
            name,
            **{
                "user_id": (user or cls.salesman).id,
                "phone": "+1 555 0100",
                "email": f"{name.lower()}@example.com",
                **values,
            },
        )

    def agenda(self, user=None, company=None):
        user = user or self.salesman
        agenda = self.as_user(user, "crm.customer.agenda")
        # As clients do; an environment does not notice that its user moves.
        agenda = agenda.with_context(tz=user.tz)
        return agenda.with_company(company) if company else agenda

    def today_of(self, user=None, **options):
        return self.agenda(user).get_today(**options)

    def found(self, user=None, size=20, company=None):
        """Customers and their reasons, best first."""
        agenda = self.agenda(user, company)
        return [
            (one.customer_id, [reason.key for reason in one.reasons])
            for one in agenda._find(agenda._scope(), size)
        ]

    def names(self, user=None, size=20):
        Partner = self.env["res.partner"]
        return [Partner.browse(id_).name for id_, _keys in self.found(user, size)]

    def activity(self, record, days=0, user=None, **values):
        return record.activity_schedule(
            "mail.mail_activity_data_call",
            date_deadline=self.today - timedelta(days=days),
            user_id=(user or self.salesman).id,
            **values,
        )

    def quotation(self, partner, amount=100.0, days=3, user=None, **values):
        """A quotation that expires in some days."""
        product = self.env["product.product"].create(
            {"name": "Product", "taxes_id": False}
        )
        order = self.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "company_id": self.company_a.id,
                "user_id": (user or self.salesman).id,
                "validity_date": self.today + timedelta(days=days),
                "order_line": [
                    fields.Command.create(
                        {"product_id": product.id, "price_unit": amount}
                    )
                ],
                **values,
            }
        )
        return order

    def lead(self, partner, days=60, user=None, **values):
        """An opportunity that has not moved for some days."""
        lead = self.env["crm.lead"].create(
            {
                "name": "Chance",
                "type": "opportunity",
                "partner_id": partner.id,
                "company_id": self.company_a.id,
                "user_id": (user or self.salesman).id,
                **values,
            }
        )
        lead.date_last_stage_update = fields.Datetime.now() - timedelta(days=days)
        return lead

    def interaction(self, partner, days=0, user=None, **values):
        return self.env["crm.interaction"].create(
            {
                "partner_id": partner.id,
                "company_id": self.company_a.id,
                "user_id": (user or self.salesman).id,
                "date": fields.Datetime.now() - timedelta(days=days),
                **values,
            }
        )

    def consent(self, partner):
        return self.env["crm.consent"].create(
            {
                "partner_id": partner.id,
                "company_id": self.company_a.id,
                "purpose_id": self.marketing.id,
                "state": "given",
            }
        )
