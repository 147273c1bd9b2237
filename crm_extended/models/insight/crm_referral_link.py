from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import consteq, email_normalize, hmac, plaintext2html

# What links are signed for.
SCOPE = "crm_extended-referral-link"
# So many requests by one link, and by all links of a company, are taken in a day.
MOST_OF_LINK, MOST_OF_COMPANY = 10, 200
LONGEST_NAME, LONGEST_EMAIL, LONGEST_MESSAGE = 100, 254, 5000


class CrmReferralLink(models.AbstractModel):
    """Personal links, by which people who were recommended to us write to us.

    The link says who recommended them, and is signed. What is written is what a stranger
    says: it becomes a lead, never a customer, and says nothing about the recommender.
    """

    _name = "crm.referral.link"
    _description = "Personal Recommendation Link"

    @api.model
    def _is_on(self, company) -> bool:
        """Whether a company has such links.

        :param company: as superuser
        """
        return self.env["crm.feature"]._is_on("insight") and company.referral_links

    @api.model
    def _token(self, customer_id: int, company_id: int) -> str:
        return hmac(self.env(su=True), SCOPE, (customer_id, company_id))

    @api.model
    def _path(self, customer) -> str:
        """The link of a customer in the current company."""
        company_id = self.env.company.id
        token = self._token(customer.id, company_id)
        return f"/recommended/{customer.id}/{company_id}/{token}"

    @api.model
    def _recommender(self, customer_id: int, company_id: int, token: str):
        """The customer whose link it is, in the company that it is of.

        It takes the same time whether there is such a customer or not.

        :return: as superuser; empty where the link is not valid
        """
        # sudo: the link gives the right, and is checked here.
        contacts = self.env["res.partner"].sudo()
        company = self.env["res.company"].sudo().browse(company_id)
        # Bytes, as texts of other letters cannot be compared in constant time.
        signature = self._token(customer_id, company_id).encode()
        if not consteq(signature, token.encode()):
            return contacts.browse()
        if not company.exists().active or not self._is_on(company):
            return contacts.browse()
        found = contacts.browse(customer_id).exists()
        if not found:
            found = self.env["crm.merged.contact"].sudo()._find(customer_id)
        customer = found.commercial_partner_id
        if not customer.active or customer.company_id - company:
            return contacts.browse()
        return customer.with_company(company)

    @api.model
    def _is_full(self, recommender) -> bool:
        """Whether enough was sent for today, by this link or to the company."""
        # sudo: as superuser already; strangers have no rights.
        referrals = self.env["crm.referral"].sudo()
        since = fields.Datetime.now() - timedelta(days=1)
        of_company = [
            ("company_id", "=", recommender.env.company.id),
            ("source", "=", "link"),
            ("create_date", ">=", since),
        ]
        of_link = [*of_company, ("partner_id", "=", recommender.id)]
        return (
            referrals.search_count(of_link, limit=MOST_OF_LINK) >= MOST_OF_LINK
            or referrals.search_count(of_company, limit=MOST_OF_COMPANY)
            >= MOST_OF_COMPANY
        )

    @api.model
    def _error(self, name, email, message) -> str | None:
        """What is wrong with a form, in words; None where nothing is."""
        if not (name and email and message):
            return self.env._("Fill in your name, your email address and your message.")
        if not email_normalize(email):
            return self.env._("Check your email address.")
        if (
            len(name) > LONGEST_NAME
            or len(email) > LONGEST_EMAIL
            or len(message) > LONGEST_MESSAGE
        ):
            return self.env._("This is too long.")
        return None

    @api.model
    def _receive(self, recommender, name, email, message):
        """Make a lead of what a stranger sent, with who they say recommended us.

        :param recommender: as superuser, with the company
        :return: the lead, as superuser
        """
        company = recommender.env.company
        env = recommender.env(su=True)
        leads = env["crm.lead"].with_company(company)
        # What salespeople read is not in the language of who wrote it.
        leads = leads.with_context(lang=company.partner_id.lang)
        # The first of the company: Odoo's own choice goes by the teams of a user.
        team = env["crm.team"].search(
            [
                ("company_id", "in", (company.id, False)),
                "|",
                ("use_leads", "=", True),
                ("use_opportunities", "=", True),
            ],
            limit=1,
        )
        # As the form of a website.
        users = env(user=SUPERUSER_ID)["res.users"]
        has_leads = team.use_leads if team else users.has_group("crm.group_use_lead")
        lead = leads.create(
            {
                "name": leads.env._("Recommendation: %s", name),
                "type": "lead" if has_leads else "opportunity",
                "contact_name": name,
                "email_from": email,
                "description": plaintext2html(message),
                "company_id": company.id,
                "team_id": team.id,
                "user_id": False,
            }
        )
        env["crm.referral"].create(
            {
                "partner_id": recommender.id,
                "company_id": company.id,
                "lead_id": lead.id,
                "source": "link",
            }
        )
        return lead
