from odoo import Command, http
from odoo.tests import HttpCase, JsonRpcException, new_test_user
from odoo.tools import mute_logger

from .common import CareCommon


class CarePortalCommon(CareCommon, HttpCase):
    """Customers of one firm and of none, with a case each, log in."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.care.team"].search([("id", "!=", cls.team.id)]).use_portal = False
        cls.firm = cls.customer("Firm", is_company=True)
        cls.contact = cls.customer("Contact", parent_id=cls.firm.id, email="c@x.test")
        cls.user = cls.portal_user("contact", cls.contact)
        cls.colleague = cls.portal_user(
            "colleague", cls.customer("Colleague", parent_id=cls.firm.id)
        )
        cls.stranger = cls.portal_user("stranger", cls.customer("Stranger"))
        cls.sla(8, metric="first_response")
        cls.own = cls.case(
            "My broken lamp",
            partner_id=cls.contact.id,
            user_id=cls.agent.id,
            description="Difficult person",
            cause="We were drunk",
        )
        cls.firms = cls.case("For the firm", partner_id=cls.firm.id)
        cls.others = cls.case("Elsewhere", partner_id=cls.asker.id)
        cls.token = cls.own._portal_ensure_token()
        cls.own.message_post(
            body="Secret note", message_type="comment", subtype_xmlid="mail.mt_note"
        )
        cls.answer = cls.own.with_user(cls.agent).message_post(
            body="Here is help",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )

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

    def page(self, path="/my/cases"):
        response = self.url_open(path)
        self.assertEqual(response.status_code, 200)
        return response.text

    def assertSent(self, path, to="/my"):
        """The page is refused; the same for what is not his and for what is not."""
        response = self.url_open(path, allow_redirects=False)
        self.assertIn(response.status_code, (302, 303), path)
        self.assertTrue(response.headers["Location"].endswith(to), path)

    def post(self, path, csrf=True, **data):
        # Never empty, or it would be no POST.
        data["sent"] = "1"
        if csrf:
            data["csrf_token"] = http.Request.csrf_token(self)
        with mute_logger("odoo.http"):
            return self.url_open(path, data=data, allow_redirects=False)

    def chatter(self, case, body="Hello", **access):
        return self.make_jsonrpc_request(
            "/mail/message/post",
            {
                "thread_model": case._name,
                "thread_id": case.id,
                "post_data": {
                    "body": body,
                    "message_type": "comment",
                    "subtype_xmlid": "mail.mt_comment",
                },
                **access,
            },
        )

    def assertNoChatter(self, case, **access):
        before = len(case.message_ids)
        with self.assertRaises(JsonRpcException), mute_logger("odoo.http"):
            self.chatter(case, **access)
        case.invalidate_recordset()
        self.assertEqual(len(case.message_ids), before)
