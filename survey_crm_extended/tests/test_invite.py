"""Asking customers for feedback: whom, whom not, and in which language."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from .common import SurveyCommon


class InviteCommon(SurveyCommon):
    def wizard(self, contacts, user=None, **values):
        invite = self.as_user(user or self.manager, "crm.satisfaction.invite")
        return invite.with_context(
            active_model="res.partner", active_ids=contacts.ids
        ).create(values)

    def mails(self, contact):
        return self.env["mail.mail"].search([("recipient_ids", "in", contact.ids)])

    def inputs(self, contact):
        return self.env["survey.user_input"].search([("partner_id", "=", contact.id)])

    def reasons(self, wizard):
        return {line.partner_id: line.reason for line in wizard.left_out_ids}


@tagged("post_install", "-at_install")
class TestInvite(InviteCommon):
    def test_each_gets_a_link_of_their_own(self):
        eve = self.customer("Eve", email="eve@example.com")
        wizard = self.wizard(self.ada + eve)
        self.assertEqual(wizard.survey_name, "How Satisfied Are You?")
        self.assertEqual((wizard.asked_count, wizard.left_out_count), (2, 0))
        wizard.action_send()
        for person in (self.ada, eve):
            [asked] = self.inputs(person)
            self.assertEqual(asked.crm_company_id, self.company_a)
            [mail] = self.mails(person)
            self.assertIn(asked.access_token, mail.body_html)
            self.assertIn("List-Unsubscribe", mail.headers)
            self.assertFalse(mail.model)
            [touch] = self.env["crm.contact.touch"].search(
                [("contact_id", "=", person.id)]
            )
            self.assertEqual(
                touch.purpose_id, self.env.ref("crm_extended.purpose_survey")
            )

    def test_once_in_12_months_whichever_way(self):
        self.wizard(self.ada).action_send()
        wizard = self.wizard(self.ada)
        self.assertEqual(self.reasons(wizard), {self.ada: "asked"})
        with self.assertRaises(UserError):
            wizard.action_send()
        # By the job, by Odoo's dialog, and by another company.
        hold = self.env["crm.contact.hold"]
        self.assertFalse(hold._send_satisfaction(self.ada, None))
        share = self.env["survey.invite"].create(
            {"survey_id": self.survey.id, "partner_ids": self.ada.ids}
        )
        for mode in ("new", "resend"):
            share.existing_mode = mode
            with self.assertRaises(UserError):
                share.action_invite()
        survey = self.survey.with_company(self.company_b)
        self.assertEqual(survey._crm_asked(self.ada), self.ada)
        [asked] = self.inputs(self.ada)
        # A year later.
        self.env.cr.execute(
            "UPDATE survey_user_input SET create_date = %s WHERE id = %s",
            [fields.Datetime.now() - timedelta(days=367), asked.id],
        )
        self.assertFalse(self.survey._crm_asked(self.ada))

    def test_by_odoos_dialog(self):
        share = self.env["survey.invite"].create(
            {
                "survey_id": self.survey.id,
                "partner_ids": self.ada.ids,
                "template_id": self.env.ref(
                    "survey.mail_template_user_input_invite"
                ).id,
            }
        )
        share.action_invite()
        self.assertEqual(self.inputs(self.ada).crm_company_id, self.company_a)
        self.assertEqual(self.survey._crm_asked(self.ada), self.ada)

    def share(self, contacts):
        share = self.env["survey.invite"].create(
            {
                "survey_id": self.survey.id,
                "partner_ids": contacts.ids,
                "template_id": self.env.ref(
                    "survey.mail_template_user_input_invite"
                ).id,
            }
        )
        share.subject = "Just for you"
        share.action_invite()

    def make_quiet(self):
        hour = (fields.Datetime.now().hour - 1) % 24
        self.company_a.write(
            {"contact_quiet_from": hour, "contact_quiet_to": (hour + 3) % 24}
        )
        self.ada.tz = "UTC"

    def test_odoos_dialog_waits_for_quiet_hours_too(self):
        self.make_quiet()
        self.share(self.ada)
        [hold] = self.env["crm.contact.hold"].search([("partner_id", "=", self.ada.id)])
        self.assertEqual((hold.state, hold.reason), ("waiting", "quiet"))
        [mail] = self.mails(self.ada)
        self.assertEqual((mail.state, mail.subject), ("cancel", "Just for you"))
        touches = self.env["crm.contact.touch"]
        mine = [("contact_id", "=", self.ada.id)]
        self.assertFalse(touches.search(mine))
        # Who waits is not asked again, either way.
        self.assertEqual(self.reasons(self.wizard(self.ada)), {self.ada: "asked"})
        with self.assertRaises(UserError):
            self.share(self.ada)
        hold._ask_again()
        self.assertEqual((hold.state, mail.state), ("waiting", "cancel"))
        self.company_a.write({"contact_quiet_from": 0, "contact_quiet_to": 0})
        hold._ask_again()
        self.assertEqual((hold.state, mail.state), ("sent", "outgoing"))
        [asked] = self.inputs(self.ada)
        self.assertIn(asked.access_token, mail.body_html)
        self.assertEqual(len(touches.search(mine)), 1)

    def test_odoos_dialog_sends_now_what_is_allowed_now(self):
        self.make_quiet()
        eve = self.customer("Eve", email="eve@example.com", tz="Etc/GMT+8")
        self.share(self.ada + eve)
        self.assertEqual(self.mails(self.ada).state, "cancel")
        self.assertEqual(self.mails(eve).state, "outgoing")
        touch = self.env["crm.contact.touch"].search([("contact_id", "=", eve.id)])
        self.assertEqual(touch.purpose_id, self.env.ref("crm_extended.purpose_survey"))

    def test_who_says_no_while_a_shared_survey_waits_gets_none(self):
        self.make_quiet()
        self.share(self.ada)
        self.env["crm.consent"].with_company(self.company_a)._record(
            self.ada,
            self.env.ref("crm_extended.purpose_survey"),
            "refused",
            "manual",
            "Said so",
        )
        self.company_a.write({"contact_quiet_from": 0, "contact_quiet_to": 0})
        [hold] = self.env["crm.contact.hold"].search([("partner_id", "=", self.ada.id)])
        hold._ask_again()
        self.assertEqual((hold.state, hold.reason), ("skipped", "refused"))
        # They were not asked.
        self.assertFalse(self.mails(self.ada))
        self.assertFalse(self.inputs(self.ada))

    def test_other_surveys_are_not_our_business(self):
        survey = self.env["survey.survey"].create({"title": "Other"})
        self.invited(self.ada, survey=survey)
        self.assertFalse(survey._crm_is_index())
        self.assertFalse(self.survey._crm_asked(self.ada))

    def test_who_is_left_out_and_why(self):
        none = self.customer("No Address")
        black = self.customer("Black", email="black@example.com")
        self.env["mail.blacklist"]._add("black@example.com")
        refusing = self.customer("Refusing", email="refusing@example.com")
        self.env["crm.consent"].with_company(self.company_a)._record(
            refusing,
            self.env.ref("crm_extended.purpose_survey"),
            "refused",
            "manual",
            "Said so",
        )
        wizard = self.wizard(self.ada + none + black + refusing)
        self.assertEqual(wizard.asked_count, 1)
        self.assertEqual(
            self.reasons(wizard),
            {none: "no_address", black: "blacklisted", refusing: "refused"},
        )
        self.assertIn("No email address: 1", wizard.left_out_text)
        wizard.action_send()
        self.assertFalse(self.mails(none + black + refusing))

    def test_quiet_hours(self):
        self.make_quiet()
        wizard = self.wizard(self.ada)
        self.assertEqual((wizard.asked_count, wizard.later_count), (1, 1))
        wizard.action_send()
        self.assertFalse(self.mails(self.ada))
        self.assertFalse(self.inputs(self.ada))
        [hold] = self.env["crm.contact.hold"].search([("partner_id", "=", self.ada.id)])
        self.assertEqual((hold.state, hold.reason), ("waiting", "quiet"))
        # Who waits is not asked again.
        self.assertEqual(self.reasons(self.wizard(self.ada)), {self.ada: "asked"})
        self.company_a.write({"contact_quiet_from": 0, "contact_quiet_to": 0})
        hold._ask_again()
        self.assertEqual(hold.state, "sent")
        self.assertEqual(len(self.mails(self.ada)), 1)

    def test_in_the_language_of_each(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        template = self.env.ref("survey_crm_extended.mail_template_satisfaction")
        template.with_context(lang="fr_FR").subject = "Êtes-vous satisfait ?"
        luc = self.customer("Luc", email="luc@example.com", lang="fr_FR")
        self.wizard(self.ada + luc).action_send()
        self.assertEqual(self.mails(luc).subject, "Êtes-vous satisfait ?")
        self.assertIn("how satisfied", self.mails(self.ada).subject)
        self.assertEqual(self.inputs(luc).lang_id.code, "fr_FR")

    def test_from_a_customer_list(self):
        chosen = self.env["crm.customer.list"].create(
            {
                "name": "Good",
                "company_id": self.company_a.id,
                "user_id": self.manager.id,
                "is_filtered": False,
                "added_ids": self.ada.ids,
            }
        )
        action = chosen.with_user(self.manager).action_ask_feedback()
        wizard = (
            self.as_user(self.manager, "crm.satisfaction.invite")
            .with_context(**action["context"])
            .create({})
        )
        self.assertEqual((wizard.is_chosen, wizard.asked_count), (False, 1))
        wizard.action_send()
        self.assertEqual(len(self.mails(self.ada)), 1)

    def test_many_are_left_to_the_job(self):
        people = self.env["res.partner"].create(
            [
                {"name": f"P{number}", "email": f"p{number}@example.com"}
                for number in range(203)
            ]
        )
        action = self.wizard(people).action_send()
        self.assertIn("200", action["params"]["message"])
        holds = self.env["crm.contact.hold"].search(
            [("partner_id", "in", people.ids), ("state", "=", "waiting")]
        )
        self.assertEqual(len(holds), 3)
        holds._ask_again()
        self.assertEqual(set(holds.mapped("state")), {"sent"})

    def test_salespeople_ask_those_whom_they_see(self):
        wizard = self.wizard(self.ada, user=self.salesman)
        wizard.action_send()
        self.assertEqual(len(self.inputs(self.ada)), 1)
        hidden = self.customer("Hidden", email="hidden@example.com")
        hidden.company_id = self.company_b
        wizard = self.wizard(hidden, user=self.salesman)
        self.assertEqual((wizard.asked_count, wizard.left_out_count), (0, 0))
        with self.assertRaises(UserError):
            self.wizard(
                self.ada, user=self.salesman, company_id=self.company_b.id
            ).action_send()

    def test_nobody_else(self):
        for user in (self.agent, self.employee, self.portal):
            with self.assertRaises(AccessError):
                self.env(user=user)["crm.satisfaction.invite"].create({})

    def test_without_survey(self):
        self.survey.active = False
        with self.assertRaisesRegex(UserError, "archived or deleted"):
            self.wizard(self.ada).action_send()
        other = self.survey.copy({"active": True, "user_id": self.env.uid})
        other.title = "Ours"
        self.company_a.satisfaction_survey_id = other
        wizard = self.wizard(self.ada)
        self.assertEqual(wizard.survey_name, "Ours")
        wizard.action_send()
        self.assertEqual(self.inputs(self.ada).survey_id, other)

    def test_the_page_sends(self):
        page = self.as_user(self.manager, "crm.satisfaction.report").get_page()
        self.assertEqual(
            page["send_action"], "survey_crm_extended.crm_satisfaction_invite_action"
        )
        self.assertTrue(self.env.ref(page["send_action"]))


@tagged("post_install", "-at_install")
class TestSurveyPages(InviteCommon, HttpCase):
    def test_a_link_answers_for_its_owner_alone(self):
        """Someone else's login changes nothing about whose answer it is, and no one answers
        for a customer without their link."""
        self.wizard(self.ada).action_send()
        [asked] = self.inputs(self.ada)
        start = f"/survey/start/{self.survey.access_token}"
        # Without the link: invited people only.
        self.url_open(f"{start}?email={self.ada.email}")
        self.url_open(f"{start}?answer_token=guessed")
        self.assertEqual(self.inputs(self.ada), asked)
        self.assertFalse(
            self.env["survey.user_input"].search(
                [("survey_id", "=", self.survey.id), ("email", "=", "x@example.com")]
            )
        )
        page = self.url_open(asked.get_start_url())
        self.assertIn("How Satisfied Are You?", page.text)
        tokens = f"{self.survey.access_token}/{asked.access_token}"
        self.make_jsonrpc_request(f"/survey/begin/{tokens}")
        given = {
            str(self.question(role).id): "9"
            for role in ("satisfaction", "expectation", "ideal", "nps")
        }
        self.make_jsonrpc_request(f"/survey/submit/{tokens}", given)
        answer = self.answer_of(asked)
        self.assertEqual((answer.partner_id, answer.ideal), (self.ada, 9))
        self.assertEqual(answer.nps_group, "promoter")
