from datetime import date

from odoo import api, fields, models
from odoo.tools import SQL

# Written, they can make a contact belong to another customer.
BELONGING = {"parent_id", "is_company"}

# Before all purchases: the day of rows that name their documents.
NO_DAY = date(1000, 1, 1)


class CrmCustomerFormerContact(models.Model):
    """A contact who belonged to another customer until a day.

    Purchases until that day belong to that customer. Invoices name their customer; for
    orders, purchases at a till and imported purchases this table is read. Only contacts
    who left have a row, so usually nothing is looked up.
    """

    _name = "crm.customer.former.contact"
    _description = "Former Customer Contact"
    _order = "partner_id, date_to, id"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        "res.partner", string="Contact", required=True, index=True, ondelete="cascade"
    )
    # Emptied with the customer: their purchases do not become another customer's.
    customer_id = fields.Many2one("res.partner", index=True, ondelete="set null")
    date_to = fields.Date(string="Until", required=True)
    # The last document of each model on that day, to order the documents of the day.
    last_ids = fields.Json()
    # Documents of the customer regardless of their day, by model and id: after a merge of
    # contacts, days do not tell which of them bought.
    documents = fields.Json()

    @api.model
    def _get_belonging(self, partners, vals: dict) -> dict[int, int]:
        """The customers of contacts that a write may give to another customer.

        Costs nothing unless their parent changes, or whether they are companies.

        :return: id of the customer by id of the contact, with the contacts below
        """
        # sudo: the customer must be known even if the user may not read it.
        changing = partners.sudo().filtered(
            lambda partner: (
                (
                    "parent_id" in vals
                    and partner.parent_id.id != (vals["parent_id"] or False)
                )
                or (
                    "is_company" in vals
                    and partner.is_company != bool(vals["is_company"])
                )
            )
        )
        return self._get_customer_ids(self._with_contacts_below(changing))

    @api.model
    def _get_belonging_below(self, partners) -> dict[int, int]:
        """The customers of the contacts below, which stay when these are deleted."""
        # sudo: as above.
        partners = partners.sudo()
        return self._get_customer_ids(self._with_contacts_below(partners) - partners)

    @api.model
    def _with_contacts_below(self, partners):
        """These contacts, and all that belong to the same customer through them."""
        found = level = partners
        while level:
            level = (
                found.with_context(active_test=False).search_fetch(
                    [("parent_id", "in", level.ids), ("is_company", "=", False)],
                    ["commercial_partner_id"],
                )
                - found
            )
            found |= level
        return found

    @api.model
    def _get_customer_ids(self, partners) -> dict[int, int]:
        return {partner.id: partner.commercial_partner_id.id for partner in partners}

    @api.model
    def _note_left(self, before: dict[int, int], joining):
        """Record the former customers of contacts.

        Who was a customer of their own and comes to belong to another one takes along
        what they bought: Odoo makes their invoices the other's as well.

        :param before: what :meth:`_get_belonging` gave
        :param joining: contacts whose parent was written
        """
        # sudo: as above; users have no rights on this model.
        formers = self.sudo()
        left = []
        for partner in self.env["res.partner"].sudo().browse(before):
            customer_id = before[partner.id]
            if partner.commercial_partner_id.id == customer_id:
                continue
            if customer_id == partner.id and partner in joining:
                formers.search(
                    [("partner_id", "=", partner.id), ("customer_id", "=", partner.id)]
                ).customer_id = partner.commercial_partner_id
            else:
                left.append((partner.id, customer_id))
        if not left:
            return
        today = fields.Date.context_today(self)
        last_ids = self._get_last_ids()
        customers = self.env["res.partner"].browse({id_ for _partner, id_ in left})
        exist = set(customers.exists().ids)
        formers.create(
            [
                {
                    "partner_id": partner_id,
                    "customer_id": customer_id in exist and customer_id,
                    "date_to": today,
                    "last_ids": last_ids,
                }
                for partner_id, customer_id in left
            ]
        )

    @api.model
    def _get_last_ids(self) -> dict[str, int]:
        """Id of the last document of each model that contacts buy with."""
        models_ = self.env["crm.customer.transaction"]._get_contact_models()
        [row] = self.env.execute_query(
            SQL(
                "SELECT %s",
                SQL(", ").join(
                    SQL(
                        "(SELECT max(id) FROM %s)",
                        SQL.identifier(self.env[name]._table),
                    )
                    for name in models_
                ),
            )
        )
        return {name: last or 0 for name, last in zip(models_, row, strict=True)}

    @api.model
    def _note_merged(self, before: dict[tuple, int], sources: list[int], merged):
        """Record the customers of documents of merged contacts, if the merge would change
        them.

        After a merge of two contacts of two customers it is unknown which of them bought,
        and former customers of one would apply to the purchases of the other.

        :param before: customers of their documents, see ``_get_customers_of_documents``
        :param sources: ids of the contacts that are gone
        :param merged: the contact that is left
        """
        Partner = self.env["res.partner"].sudo()
        now = self.env["crm.customer.transaction"]._get_customers_of_documents(merged)
        documents: dict[int, dict] = {}
        for (model, res_id), customer_id in before.items():
            if customer_id in sources:
                customer_id = merged.id
            customer = Partner.browse(customer_id)
            customer_id = customer.commercial_partner_id.id
            if now.get((model, res_id)) != customer_id:
                of_model = documents.setdefault(customer_id, {}).setdefault(model, {})
                of_model[str(res_id)] = 1
        # sudo: users have no rights on this model.
        self.sudo().create(
            [
                {
                    "partner_id": merged.id,
                    "customer_id": customer_id,
                    "date_to": NO_DAY,
                    "documents": of_customer,
                }
                for customer_id, of_customer in documents.items()
            ]
        )

    @api.model
    def _is_before_sql(self, alias: str, model: str, document: SQL, date: SQL) -> SQL:
        """Whether a document is from before the contact left, or is listed by name.

        :param alias: the row of this table
        :param model: model of the document
        :param document: column with its id
        :param date: column with its day
        """
        return SQL(
            """
            (%(date)s < %(date_to)s OR %(date)s = %(date_to)s
                AND %(document)s <= COALESCE((%(last_ids)s->>%(model)s)::int, %(document)s)
             OR (%(documents)s->%(model)s) ? %(document)s::text)
            """,
            date=date,
            date_to=SQL.identifier(alias, "date_to"),
            document=document,
            documents=SQL.identifier(alias, "documents"),
            last_ids=SQL.identifier(alias, "last_ids"),
            model=model,
        )
