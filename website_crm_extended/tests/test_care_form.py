"""Cases by forms of the website, which anybody can send, filled in as he likes."""

import json

from odoo import Command, http
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.crm_extended.tests.care.common import CareCommon

EVIL = "<script>alert(1)</script>"


@tagged("post_install", "-at_install")
class TestCareForm(CareCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.website = cls.env["website"].search([], limit=1)
        cls.website.company_id = cls.company_a
        cls.template = cls.env.ref("crm_extended.mail_template_care_acknowledgement")
        cls.team.acknowledge_template_id = cls.template
        cls.team_b = cls.env["crm.care.team"].create(
            {"name": "B", "company_id": cls.company_b.id}
        )
        cls.hidden_team = cls.team.copy({"name": "Hidden", "use_portal": False})
        cls.other_team = cls.team.copy({"name": "Second", "sequence": 99})

    def send(self, files=None, **values):
        """Send a form; gives the answer and the case it has opened."""
        before = self.env["crm.care.case"].search([], order="id desc", limit=1).id
        values = {
            "name": "Lamp broken",
            "description": "It does not burn",
            "contact_name": "Sam",
            "email_from": "sam@example.org",
            **values,
        }
        with mute_logger("odoo.http"):
            answer = self.url_open(
                "/website/form/crm.care.case", data=values, files=files
            )
        self.assertEqual(answer.status_code, 200)
        case = self.env["crm.care.case"].search([("id", ">", before or 0)])
        return json.loads(answer.text), case

    def mails(self, case):
        """Acknowledgements, without what colleagues who follow the team get."""
        return self.env["mail.mail"].search(
            [
                ("model", "=", case._name),
                ("res_id", "=", case.id),
                ("headers", "like", "auto-replied"),
            ]
        )

    def test_an_unknown_sender(self):
        answer, case = self.send(type="complaint")
        self.assertEqual(answer, {"id": case.id})
        self.assertRecordValues(
            case,
            [
                {
                    "name": "Lamp broken",
                    "type": "complaint",
                    "channel": "web",
                    "team_id": self.team.id,
                    "company_id": self.company_a.id,
                    "partner_id": False,
                    "email_from": '"Sam" <sam@example.org>',
                    "contact_name": "Sam",
                    "user_id": False,
                    "outcome": "open",
                    "first_response_date": False,
                }
            ],
        )
        [message] = case.message_ids.filtered(lambda m: m.message_type == "comment")
        self.assertIn("It does not burn", message.body)
        self.assertFalse(message.author_id)
        [mail] = self.mails(case)
        self.assertIn("sam@example.org", mail.email_to)
        # What a stranger wrote goes to nobody.
        self.assertIn(case.number, mail.subject)
        self.assertNotIn("Lamp", f"{mail.subject} {mail.body_html}")
        case.action_link_customer()
        self.assertEqual(case.partner_id.name, "Sam")
        self.assertEqual(message.author_id, case.partner_id)

    def test_an_address_that_is_known(self):
        """The case is the contact's, and whoever sent the form learns nothing of it."""
        self.env["res.lang"]._activate_lang("zh_CN")
        self.template.with_context(lang="zh_CN").subject = "收到 {{ object.number }}"
        self.asker.lang = "zh_CN"
        answer, case = self.send(contact_name="Evil", email_from="Asker@Example.com")
        self.assertEqual(answer, {"id": case.id})
        self.assertEqual(case.partner_id, self.asker)
        self.assertEqual(self.asker.name, "Asker")
        [mail] = self.mails(case)
        self.assertEqual(mail.recipient_ids, self.asker)
        self.assertEqual(mail.subject, f"收到 {case.number}")
        response = self.url_open(f"/my/cases/{case.id}", allow_redirects=False)
        self.assertIn(response.status_code, (302, 303))
        self.assertNotIn("Asker", self.url_open("/help-thank-you").text)

    def test_the_contact_of_another_company(self):
        self.asker.company_id = self.company_b
        _answer, case = self.send(email_from="asker@example.com")
        self.assertFalse(case.partner_id)

    def test_who_is_logged_in(self):
        double = self.customer("Double", email="asker@example.com")
        user = new_test_user(
            self.env,
            login="crm_extended_form",
            groups="base.group_portal",
            partner_id=double.id,
            company_id=self.company_a.id,
            company_ids=[Command.set(self.company_a.ids)],
        )
        self.authenticate(user.login, user.login)
        token = http.Request.csrf_token(self)
        _answer, case = self.send(email_from=double.email, csrf_token=token)
        self.assertEqual(case.partner_id, double)
        _answer, case = self.send(email_from="", csrf_token=token)
        self.assertEqual(case.partner_id, double)
        for other in (
            "else@example.org",
            self.customer("X", email="x@example.org").email,
        ):
            _answer, case = self.send(email_from=other, csrf_token=token)
            self.assertEqual(case.partner_id, double, "whatever address they give")
            self.assertEqual(case.email_normalized, other)
        with mute_logger("odoo.http"):
            answer = self.url_open("/website/form/crm.care.case", data={"name": "x"})
        self.assertEqual(answer.status_code, 400)

    def test_an_address_that_is_in_doubt(self):
        self.customer("Double", email="asker@example.com")
        _answer, case = self.send(email_from="asker@example.com")
        self.assertFalse(case.partner_id)
        self.assertFalse(case.message_ids.author_id & self.asker)
        [mail] = self.mails(case)
        self.assertIn("asker@example.com", mail.email_to)
        user = new_test_user(
            self.env, login="crm_extended_thief", groups="base.group_portal"
        )
        user.partner_id.with_user(user).sudo().email = "victim@example.org"
        _answer, case = self.send(email_from="victim@example.org")
        self.assertFalse(case.partner_id)

    def test_forms_do_not_shut_out_mails(self):
        set_number = self.env["ir.config_parameter"].sudo().set_param
        set_number("mail.gateway.loop.threshold", "2")
        for _number in range(3):
            self.send(email_from="asker@example.com")
        self.team.alias_name = "care-form-help"
        domain = self.env["mail.alias.domain"].create({"name": "care-form.example"})
        self.team.alias_domain_id = domain
        raw = (
            "From: asker@example.com\nTo: care-form-help@care-form.example\n"
            "Subject: By mail\nMessage-Id: <form@example.org>\n\nx\n"
        )
        case_id = self.env["mail.thread"].message_process(False, raw.encode())
        self.assertTrue(case_id)

    def test_what_cannot_be_set(self):
        """What is not white-listed is text, whatever it is called."""
        forged = {
            "user_id": self.agent.id,
            "stage_id": self.solved.id,
            "partner_id": self.asker.id,
            "company_id": self.company_b.id,
            "priority": "3",
            "number": "C1",
            "channel": "phone",
            "outcome": "solved",
            "sla_deadline": "2030-01-01 00:00:00",
            "sla_result": "reached",
            "first_response_date": "2026-01-01 00:00:00",
            "opened_date": "2020-01-01 00:00:00",
            "closed_date": "2026-01-01 00:00:00",
            "access_token": "known",
            "merged_into_id": "1",
            "cause": "me",
            "compensation_amount": "1000",
            "message_follower_ids": "1",
            "active": "",
        }
        _answer, case = self.send(**forged)
        fresh = self.case("By hand", partner_id=False)
        for name in forged:
            if name in ("number", "channel", "opened_date", "message_follower_ids"):
                continue
            with self.subTest(name):
                self.assertEqual(case[name], fresh[name])
        self.assertEqual(case.channel, "web")
        self.assertNotEqual(case.number, "C1")
        self.assertGreater(case.opened_date.year, 2020)
        self.assertIn("priority : 3", case.message_ids[-2:].mapped("body")[0])

    def test_teams(self):
        for team_id, team in (
            (self.other_team.id, self.other_team),
            (self.hidden_team.id, self.team),
            (self.team_b.id, self.team),
            (10**12, self.team),
        ):
            _answer, case = self.send(team_id=team_id)
            self.assertEqual(case.team_id, team)
        answer, case = self.send(team_id="x")
        self.assertEqual(answer, {"error_fields": ["team_id"]})
        self.website.company_id = self.company_b
        _answer, case = self.send(team_id=self.team.id)
        self.assertEqual((case.team_id, case.company_id), (self.team_b, self.company_b))
        self.team_b.use_portal = False
        answer, case = self.send()
        self.assertIn("We are not accepting messages", answer["error"])
        self.assertFalse(case)

    def test_service_care_is_switched_off(self):
        self.env["crm.feature"]._switch(care=False)
        answer, case = self.send()
        self.assertIn("We are not accepting messages", answer["error"])
        self.assertFalse(case)

    def test_the_editor_offers_no_case_while_service_care_is_switched_off(self):
        designer = new_test_user(
            self.env,
            login="crm_extended_designer",
            groups="base.group_user,website.group_website_designer",
        )

        def offered():
            models = self.env["ir.model"].with_user(designer)
            found = models.get_compatible_form_models()
            # Those that are hidden are known to the editor, for forms that have them.
            self.assertIn("crm.care.case", [model["model"] for model in found])
            return {model["model"] for model in found if not model.get("is_hidden")}

        with_cases = offered()
        self.assertIn("crm.care.case", with_cases)
        self.env["crm.feature"]._switch(care=False)
        self.assertEqual(offered(), with_cases - {"crm.care.case"})

    def test_pages_are_gone_while_service_care_is_switched_off(self):
        page = self.env.ref("website_crm_extended.crm_care_help_page")
        page.is_published = True
        root = self.website.menu_id
        menu = self.env["website.menu"].create(
            {
                "name": "Help Me",
                "page_id": page.id,
                "parent_id": root.id,
                "website_id": self.website.id,
            }
        )
        designer = new_test_user(
            self.env,
            login="crm_extended_designer",
            groups="base.group_user,website.group_website_designer",
        )
        for login in (None, designer.login):
            for is_on in (True, False, True):
                with self.subTest(login=login, is_on=is_on):
                    self.env["crm.feature"]._switch(care=is_on)
                    self.authenticate(login, login)
                    for url in ("/help", "/help-thank-you"):
                        with mute_logger("odoo.http"):
                            found = self.url_open(url).status_code
                        self.assertEqual(found, 200 if is_on else 404, url)
                    home = self.url_open("/contactus").text
                    self.assertEqual("Help Me" in home, is_on)
                    menu.invalidate_recordset()
                    self.assertEqual(menu.is_visible, is_on)
        self.assertTrue(page.is_published, "as the administrator left it")

    def test_a_website_of_its_own_page(self):
        """A copy of the page that a website has for itself has the same key."""
        page = self.env.ref("website_crm_extended.crm_care_help_page")
        page.is_published = True
        page.view_id.with_context(
            website_id=self.website.id
        ).arch = page.view_id.arch.replace("How Can We Help?", "Our Own Words")
        copies = self.env["website.page"].search([("url", "=", page.url)])
        self.assertEqual(len(copies), 2)
        self.assertIn("Our Own Words", self.url_open("/help").text)
        self.env["crm.feature"]._switch(care=False)
        copies.invalidate_recordset()
        self.assertFalse(any(copies.mapped("is_visible")))
        with mute_logger("odoo.http"):
            self.assertEqual(self.url_open("/help").status_code, 404)
        pages = self.website._get_website_pages()
        self.assertFalse(pages & copies)
        self.assertTrue(pages, "other pages stay")

    def test_what_is_wrong_is_said(self):
        for values, wrong in (
            ({"name": " \n "}, ["name"]),
            ({"email_from": "nobody"}, ["email_from"]),
            ({"email_from": ""}, ["email_from"]),
            ({"type": "x", "name": ""}, ["name", "type"]),
        ):
            answer, case = self.send(**values)
            self.assertEqual(answer, {"error_fields": wrong})
            self.assertFalse(case)
        answer, case = self.send(description="x" * 20_001)
        self.assertIn("too long", answer["error"])
        many = [(f"f{n}", (f"{n}.txt", b"x", "text/plain")) for n in range(11)]
        answer, case = self.send(files=many)
        self.assertIn("10", answer["error"])
        self.assertFalse(case)

    def test_hostile_html_is_text(self):
        _answer, case = self.send(
            files=[
                ("files[0][0]", ("evil.html", EVIL.encode(), "text/html")),
                ("files[0][1]", ("two.txt", b"two", "text/plain")),
            ],
            name=f"{EVIL}\nBcc: all@example.org",
            description=EVIL,
            contact_name=f'"{EVIL}\n',
            **{EVIL: EVIL},
        )
        self.assertEqual(case.name, f"{EVIL} Bcc: all@example.org")
        self.assertEqual(case.email_normalized, "sam@example.org")
        [message] = case.message_ids.filtered(lambda m: m.message_type == "comment")
        self.assertNotIn("<script", message.body)
        self.assertEqual(message.body.count("&lt;script"), 3)
        files = message.attachment_ids.sorted("name")
        self.assertEqual(files.mapped("name"), ["evil.html", "two.txt"])
        self.assertEqual(set(files.mapped("mimetype")), {"text/plain"})
        self.assertEqual(set(files.mapped("res_id")), {case.id})
        [mail] = self.mails(case)
        self.assertNotIn("\n", mail.subject)
        self.assertNotIn("<script", mail.body_html)

    def test_a_form_that_is_sent_twice_opens_one_case(self):
        self.authenticate(None, None)
        token = http.Request.csrf_token(self)
        sent = {"csrf_token": token, "files": [("f", ("a.txt", b"x", "text/plain"))]}
        first, case = self.send(**sent)
        again, other = self.send(**sent)
        self.assertEqual((again, len(other)), (first, 0))
        self.assertEqual(len(case.message_ids.attachment_ids), 1)
        self.assertEqual(len(self.mails(case)), 1)
        # Another question, another file, a page that was opened again, much later.
        for changes in (
            {"name": "Lamp smells"},
            {"files": [("f", ("a.txt", b"y", "text/plain"))]},
            {"csrf_token": f"{token}0"},
            {"contact_name": "Max"},
        ):
            answer, other = self.send(**{**sent, **changes})
            self.assertEqual((answer["id"], len(other)), (other.id, 1), changes)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_care_case SET create_date = create_date - interval '11 minutes'"
        )
        self.env.invalidate_all()
        self.assertEqual(len(self.send(**sent)[1]), 1)

    def test_nothing_is_opened_but_by_posting(self):
        count = self.env["crm.care.case"].search_count([])
        path = "/website/form/crm.care.case?name=Lamp&email_from=sam@example.org"
        for method in ("OPTIONS", "HEAD", "GET", "PUT"):
            with mute_logger("odoo.http"):
                answer = self.opener.request(method, self.base_url() + path)
            self.assertLess(answer.status_code, 500)
        self.assertEqual(self.env["crm.care.case"].search_count([]), count)

    def test_text_with_nul_in_it(self):
        answer, case = self.send(
            name="La\0mp",
            description="Bro\0ken",
            files=[("f", ("a\0b.txt", b"x", "text/plain"))],
            **{"Cus\0tom": "a\0b", "team_id": "9" * 5000},
        )
        self.assertIn("error_fields", answer)
        answer, case = self.send(
            name="La\0mp", description="Bro\0ken", **{"Cus\0tom": "a\0b"}
        )
        self.assertEqual((answer, case.name), ({"id": case.id}, "Lamp"))
        self.assertIn("Broken", "".join(case.message_ids.mapped("body")))
        with mute_logger("odoo.http"):
            answer = self.url_open("/website/form/crm.care.case%00", data={"x": "1"})
        self.assertEqual(answer.status_code, 400)

    def test_an_address_that_is_flooded(self):
        set_number = self.env["ir.config_parameter"].sudo().set_param
        set_number("mail.gateway.loop.threshold", "2")
        mails = [len(self.mails(self.send()[1])) for _ in range(3)]
        self.assertEqual(mails, [1, 1, 0])

    def test_the_page(self):
        page = self.env.ref("website_crm_extended.crm_care_help_page")
        page.is_published = False
        self.assertEqual(self.url_open("/help").status_code, 404)
        page.is_published = True
        text = self.url_open("/help").text
        for words in ('data-model_name="crm.care.case"', 'name="email_from"'):
            self.assertIn(words, text)
        fields = self.env["ir.model"]._get("crm.care.case")._get_form_writable_fields()
        self.assertEqual(
            set(fields),
            {"name", "description", "type", "contact_name", "email_from", "team_id"},
        )
