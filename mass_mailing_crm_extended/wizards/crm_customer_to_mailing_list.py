from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmCustomerToMailingList(models.TransientModel):
    """Puts customers on a mailing list, each address once.

    Left out are customers without an email address of their own, with one on the
    blacklist, who have refused what the list is for, or profiling, as a choice by score is
    a campaign, and with an address that the list has already, also one that has opted out
    of it: they are not asked again.
    """

    _name = "crm.customer.to.mailing.list"
    _description = "Add Customers to Mailing List"

    partner_ids = fields.Many2many("res.partner", string="Customers", readonly=True)
    # Those that have chosen; the current one where nothing was chosen in a list.
    company_ids = fields.Many2many("res.company", readonly=True)
    mailing_list_id = fields.Many2one(
        "mailing.list",
        help="Choose a list, or enter the name of a new one.",
    )
    customer_count = fields.Integer(
        string="Selected Customers", compute="_compute_counts"
    )
    without_email_count = fields.Integer(
        string="Without Email", compute="_compute_counts"
    )
    blacklisted_count = fields.Integer(string="Blacklisted", compute="_compute_counts")
    refused_count = fields.Integer(
        string="Refused",
        compute="_compute_counts",
        help="They have refused the contact purpose of the list, or profiling.",
    )
    present_count = fields.Integer(
        string="Already on the List",
        compute="_compute_counts",
        help="Their address is already on the list, or shared with another selected "
        "customer.",
    )
    new_count = fields.Integer(string="Will Be Added", compute="_compute_counts")

    @api.depends("partner_ids", "mailing_list_id")
    def _compute_counts(self):
        for wizard in self:
            new, without_email, blacklisted, refused, present = wizard._sorted_out()
            wizard.new_count = len(new)
            wizard.without_email_count = without_email
            wizard.blacklisted_count = blacklisted
            wizard.present_count = present
            wizard.refused_count = refused
            wizard.customer_count = (
                len(new) + without_email + blacklisted + refused + present
            )

    def _sorted_out(self):
        """Say who can be added to the list, and how many cannot.

        Only customers whom the user may see are looked at.

        :return: customer by normalized address; numbers of customers without address,
            blacklisted, who refused, and on the list already
        :rtype: tuple[dict[str, res.partner], int, int, int, int]
        """
        customers = self.env["res.partner"].search_fetch(
            [("id", "in", self.partner_ids._origin.ids)],
            [
                "name",
                "email",
                "email_normalized",
                "is_company",
                "country_id",
                "category_id",
            ],
            order="id",
        )
        with_email = customers.filtered("email_normalized")
        allowed = with_email.filtered(lambda customer: not customer.is_blacklisted)
        refusing = self._refusing(allowed)
        by_email = {}
        for customer in allowed - refusing:
            by_email.setdefault(customer.email_normalized, customer)
        for email in self._emails_on_list(list(by_email)):
            by_email.pop(email, None)
        return (
            by_email,
            len(customers) - len(with_email),
            len(with_email) - len(allowed),
            len(refusing),
            len(allowed) - len(refusing) - len(by_email),
        )

    def _refusing(self, customers):
        """Those of the customers who have refused the purpose of the list, or profiling,
        in a company that chose them."""
        # sudo: marketers need not be allowed to see purposes and answers.
        purposes = self.env["crm.consent.purpose"].sudo()
        purposes = purposes.search(
            [("mailing_list_ids", "in", self.mailing_list_id._origin.ids)]
        )
        # sudo: as above.
        policy = self.env["crm.contact.policy"].sudo()
        refusing = customers.browse()
        for company in self.company_ids._origin or self.env.company:
            of_company = policy.with_company(company)
            refusing |= of_company._refusing_profiling(customers)
            for purpose in purposes:
                answers = of_company._check(customers, purpose, "email")
                refusing |= customers.filtered(
                    lambda each, own=answers: own[each.id]["reason"] == "refused"
                )
        return refusing

    def _emails_on_list(self, emails):
        """Those of the addresses that the list has, opted out or not."""
        subscriptions = self.env["mailing.subscription"]._read_group(
            [
                ("list_id", "=", self.mailing_list_id._origin.id),
                ("contact_id.email_normalized", "in", emails),
            ],
            [],
            ["contact_id:recordset"],
        )
        [[contacts]] = subscriptions
        return contacts.mapped("email_normalized")

    def action_add(self):
        """Add whoever can be added, and tell how many could not."""
        self.ensure_one()
        if not self.mailing_list_id:
            raise UserError(self.env._("Choose a mailing list first."))
        new, without_email, blacklisted, refused, present = self._sorted_out()
        contacts = self.env["mailing.contact"]._of_customers(new)
        self.env["mailing.subscription"].create(
            [
                {"contact_id": contact.id, "list_id": self.mailing_list_id.id}
                for contact in contacts
            ]
        )
        told = [
            self.env._(
                "Customers added to “%(list)s”: %(count)s.",
                count=len(new),
                list=self.mailing_list_id.name,
            )
        ]
        if present:
            told.append(self.env._("Already on the list: %s.", present))
        if without_email:
            told.append(self.env._("Without email address: %s.", without_email))
        if blacklisted:
            told.append(self.env._("Blacklisted: %s.", blacklisted))
        if refused:
            told.append(self.env._("Refused: %s.", refused))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if new else "warning",
                "message": " ".join(told),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
