from odoo import Command, http
from odoo.tests import HttpCase, new_test_user
from odoo.tools import mute_logger

from .care_satisfaction_common import SatisfactionCommon


class RatingFormCommon(SatisfactionCommon, HttpCase):
    """A customer with the link of a rating mail, and others."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.firm = cls.customer("Firm", is_company=True)
        cls.contact = cls.customer("Contact", parent_id=cls.firm.id, email="c@x.test")
        cls.user = cls.portal_user("rater", cls.contact)
        cls.colleague = cls.portal_user(
            "colleague", cls.customer("Colleague", parent_id=cls.firm.id)
        )
        cls.stranger = cls.portal_user("stranger", cls.customer("Stranger"))
        cls.own = cls.case("Broken lamp", partner_id=cls.contact.id)
        cls.own.stage_id = cls.solved
        cls.request = cls.Answer.search([("case_id", "=", cls.own.id)])
        cls.token = cls.request.rating_id.access_token

    @classmethod
    def portal_user(cls, login, partner):
        return new_test_user(
            cls.env,
            login=f"crm_extended_{login}",
            groups="base.group_portal",
            partner_id=partner.id,
            company_id=cls.company_a.id,
            company_ids=[Command.set(cls.company_a.ids)],
        )

    def login(self, user=None):
        if user:
            self.authenticate(user.login, user.login)
        else:
            self.authenticate(None, None)

    def get(self, path, status=200):
        response = self.url_open(path)
        self.assertEqual(response.status_code, status, path)
        return response.text

    def post(self, path, status, csrf=True, **data):
        # Never empty, or it would be no POST.
        data["sent"] = "1"
        if csrf:
            data["csrf_token"] = http.Request.csrf_token(self)
        with mute_logger("odoo.http"):
            response = self.url_open(path, data=data, allow_redirects=False)
        self.assertEqual(response.status_code, status, (path, data))
        self.env.invalidate_all()
        return response

    @property
    def url(self):
        return f"/rate/{self.token}/submit_feedback"

    def assertNothing(self):
        self.env.invalidate_all()
        self.assertFalse(self.request.date)
        self.assertFalse(self.request.rating_id.consumed)
        self.assertFalse(self.own.rating_last_value)
