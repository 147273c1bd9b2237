from datetime import timedelta

from odoo import Command, fields

from ..common import CustomerValueCommon


class TimelineCommon(CustomerValueCommon):
    """A company with two contacts and something of every source."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.customer("Fabrikam", is_company=True)
        cls.contact = cls.customer("Ann", parent_id=cls.company.id)
        cls.colleague = cls.customer("Bob", parent_id=cls.company.id)
        cls.stranger = cls.customer("Stranger")
        partners = cls.company + cls.contact + cls.colleague + cls.stranger
        partners.message_ids.unlink()
        cls.now = fields.Datetime.now()
        cls.comment = cls.env.ref("mail.mt_comment")
        cls.note = cls.env.ref("mail.mt_note")
        cls.salesman.group_ids += cls.env.ref(
            "sales_team.group_sale_salesman_all_leads"
        )

    @classmethod
    def ago(cls, days):
        return cls.now - timedelta(days=days)

    @classmethod
    def message(cls, record, days, **values):
        return cls.env["mail.message"].create(
            {
                "model": record._name,
                "res_id": record.id,
                "date": cls.ago(days),
                "message_type": "comment",
                "subtype_id": cls.comment.id,
                "author_id": cls.salesman.partner_id.id,
                "body": "<p>Words</p>",
                **values,
            }
        )

    @classmethod
    def lead(cls, partner=None, days=50, **values):
        lead = cls.env["crm.lead"].create(
            {
                "name": "New machines",
                "partner_id": partner and partner.id,
                "company_id": cls.company_a.id,
                "user_id": cls.salesman.id,
                **values,
            }
        )
        # What creating it posts would stand between what is looked at.
        lead.message_ids.unlink()
        cls.env.cr.execute(
            "UPDATE crm_lead SET create_date = %s WHERE id = %s",
            [cls.ago(days), lead.id],
        )
        lead.invalidate_recordset()
        return lead

    @classmethod
    def order(cls, partner, days=40, **values):
        product = cls.env["product.product"].create({"name": "Machine"})
        order = cls.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "date_order": cls.ago(days),
                "user_id": cls.salesman.id,
                "order_line": [
                    Command.create(
                        {"product_id": product.id, "price_unit": 100, "tax_ids": False}
                    )
                ],
                **values,
            }
        )
        order.message_ids.unlink()
        return order

    @classmethod
    def interaction(cls, partner, days=5, **values):
        return cls.env["crm.interaction"].create(
            {
                "partner_id": partner.id,
                "date": cls.ago(days),
                "channel": "phone",
                "direction": "in",
                "summary": "Asked for prices",
                "user_id": cls.salesman.id,
                "company_id": cls.company_a.id,
                **values,
            }
        )

    @classmethod
    def meeting(cls, partner, days, **values):
        return cls.env["calendar.event"].create(
            {
                "name": "Visit",
                "start": cls.ago(days),
                "stop": cls.ago(days) + timedelta(hours=1),
                "partner_ids": [Command.set(partner.ids)],
                "user_id": cls.salesman.id,
                **values,
            }
        )

    def timeline(self, user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.as_user(user or self.salesman, "crm.timeline")

    def fetch(self, record, user=None, **options):
        return self.timeline(user).fetch(record._name, record.id, **options)

    def ids(self, record, user=None, **options):
        return [entry["id"] for entry in self.fetch(record, user, **options)["entries"]]

    def all_pages(self, record, limit, user=None, **options):
        found, cursor, page = [], None, None
        while page is None or cursor:
            page = self.fetch(record, user, limit=limit, cursor=cursor, **options)
            found.append([entry["id"] for entry in page["entries"]])
            cursor = page["cursor"]
        return found
