"""Contacts logged on a service case, and its timeline: for agents without any rights in
sales, and for salespeople."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import Form

from ...models.interaction.crm_interaction import CHANNEL_ICONS
from ...models.timeline.entry import channel_of
from .common import CareCommon


class TestCareContact(CareCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.asker.message_ids.unlink()
        cls.own = cls.case("Broken", user_id=cls.agent.id)
        cls.colleagues = cls.case("Secret", user_id=cls.agent_2.id)
        (cls.own + cls.colleagues).message_ids.unlink()

    def dialog(self, record, user=None):
        """The dialog as the button on a record opens it."""
        wizard = self.as_user(user or self.agent, "crm.interaction.wizard")
        return Form(
            wizard.with_context(
                active_model=record._name, active_id=record.id, active_ids=record.ids
            )
        )

    def log(self, user, **values):
        return self.as_user(user, "crm.interaction").create(values)

    def fetch(self, record, user=None, **options):
        self.env.flush_all()
        self.env.invalidate_all()
        timeline = self.as_user(user or self.agent, "crm.timeline")
        return timeline.fetch(record._name, record.id, **options)

    def ids(self, record, user=None, **options):
        return {entry["id"] for entry in self.fetch(record, user, **options)["entries"]}

    def test_channels_are_called_alike_everywhere(self):
        of = {
            model: dict(self.env[model].fields_get(["channel"])["channel"]["selection"])
            for model in (
                "crm.interaction",
                "crm.interaction.wizard",
                "crm.preferred.channel",
                "crm.care.case",
                "crm.care.case.report",
            )
        }
        known = of.pop("crm.interaction")
        self.assertEqual(set(known), set(CHANNEL_ICONS))
        for model, labels in of.items():
            labels.pop("portal", None)
            self.assertEqual(labels, known, model)
        for key, label in known.items():
            self.assertEqual(
                channel_of(self.env, key),
                {"key": key, "label": label, "icon": CHANNEL_ICONS[key]},
            )

    def test_called_and_nobody_there(self):
        form = self.dialog(self.own)
        self.assertTrue(form.is_known)
        self.assertEqual(form.partner_id, self.asker)
        form.save().action_nobody_there()
        self.assertRecordValues(
            self.own.interaction_ids,
            [
                {
                    "partner_id": self.asker.id,
                    "lead_id": False,
                    "channel": "phone",
                    "direction": "out",
                    "outcome": "no_answer",
                    "user_id": self.agent.id,
                    "company_id": self.company_a.id,
                }
            ],
        )
        self.assertFalse(self.own.first_response_date, "nobody was told anything")
        case = self.own.with_user(self.agent)
        self.assertEqual(case.interaction_count, 1)
        action = case.action_interactions()
        found = self.as_user(self.agent, "crm.interaction").search(action["domain"])
        self.assertEqual(found, self.own.interaction_ids)

    def test_the_next_step_is_planned_on_the_case(self):
        with self.dialog(self.own) as form:
            form.outcome = "callback"
            self.assertEqual(form.next_model, "crm.care.case")
        form.record.action_log()
        self.assertEqual(self.own.activity_ids.user_id, self.agent)
        self.assertTrue(self.own.first_response_date, "he was spoken to")

    def test_before_it_is_known_who_the_customer_is(self):
        unknown = self.case("?", partner_id=False, email_from="x@example.org")
        self.dialog(unknown).save().action_log()
        contact = unknown.interaction_ids
        self.assertFalse(contact.partner_id)
        self.assertIn(unknown.number, contact.display_name)
        self.assertIn(f"interaction-{contact.id}", self.ids(unknown))
        self.assertFalse(
            self.as_user(self.salesman, "crm.interaction").search(
                [("id", "=", contact.id)]
            )
        )
        unknown.partner_id = self.asker
        self.assertEqual(contact.partner_id, self.asker)

    def test_a_word_to_the_customer_is_an_answer(self):
        cases = self.case("a") + self.case("b") + self.case("c") + self.case("d")
        cases.opened_date = fields.Datetime.now() - timedelta(hours=2)
        told = fields.Datetime.now() - timedelta(hours=1)
        for case, values in zip(
            cases,
            (
                {"direction": "in"},
                # Before the customer had asked.
                {"date": told - timedelta(days=1)},
                # Those who may only read a case do not answer it.
                {"user_id": self.salesman.id},
                {},
            ),
            strict=True,
        ):
            self.env["crm.interaction"].create(
                {
                    "case_id": case.id,
                    "date": told,
                    "channel": "phone",
                    "direction": "out",
                    "user_id": self.agent_team.id,
                    **values,
                }
            )
        dates = cases.mapped("first_response_date")
        self.assertEqual(dates[:3], [False, False, False])
        # When it was logged, not when it is said to have been.
        self.assertGreater(dates[3], told)
        self.assertLessEqual(dates[3], fields.Datetime.now())

    def test_agents_change_their_own_and_managers_all(self):
        mine = self.log(self.agent_team, case_id=self.own.id)
        mine.summary = "Will write"
        theirs = mine.with_user(self.agent)
        self.assertEqual(theirs.summary, "Will write")
        for attempt in (
            lambda: theirs.write({"summary": "No"}),
            lambda: theirs.unlink(),
            lambda: self.log(self.agent, case_id=self.own.id, user_id=self.agent_2.id),
        ):
            with self.assertRaises(AccessError):
                attempt()
        mine.with_user(self.care_manager).summary = "Has written"
        mine.unlink()

    def test_nobody_sees_more_of_contacts_than_of_cases(self):
        secret = self.log(self.agent_2, case_id=self.colleagues.id, summary="Secret")
        lead = self.env["crm.lead"].create(
            {"name": "Secret", "partner_id": self.asker.id, "user_id": False}
        )
        about_lead = self.log(self.salesman, lead_id=lead.id, summary="Secret")
        open_to_all = self.log(self.salesman, partner_id=self.asker.id)
        both = secret + about_lead
        self.env.flush_all()
        for user, found in (
            (self.agent, open_to_all),
            (self.agent_team, secret + open_to_all),
            (self.salesman, both + open_to_all),
        ):
            visible = self.as_user(user, "crm.interaction")
            self.assertEqual(
                visible.search([("id", "in", (both + open_to_all).ids)]), found
            )
            self.env.invalidate_all()
            for hidden in both - found:
                with self.assertRaises(AccessError):
                    hidden.with_user(user).read(["summary"])
        with self.assertRaises(AccessError):
            self.log(self.agent, case_id=self.colleagues.id)
        for user in (self.employee, self.portal):
            with self.assertRaises(AccessError):
                self.log(user, case_id=self.own.id)

    def test_merged_cases_bring_their_contacts(self):
        contact = self.log(self.agent_2, case_id=self.colleagues.id)
        self.colleagues._merge_into(self.own)
        self.assertEqual(contact.case_id, self.own)

    def test_the_timeline_of_a_case_is_its_own_and_its_customers(self):
        call = self.log(self.agent, case_id=self.own.id)
        visit = self.log(self.salesman, partner_id=self.asker.id, channel="visit")
        answer = self.own.with_user(self.agent).message_post(
            body="Will be mended",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        note = self.colleagues.message_post(body="Secret")
        stranger = self.case("Strange", partner_id=self.customer("Stranger").id)
        expected = {
            f"case-{self.own.id}",
            f"interaction-{call.id}",
            f"interaction-{visit.id}",
            f"message-{answer.id}",
        }
        self.assertEqual(self.ids(self.own), expected)
        page = self.fetch(self.own)
        self.assertEqual(page["counts"], {"case": 1, "interaction": 2, "message": 1})
        for search in ("Secret", "Strange"):
            page = self.fetch(self.own, search=search)
            self.assertEqual(page, {"entries": [], "cursor": False, "counts": {}})
        self.assertEqual(self.ids(self.own, scope="contact"), expected)
        found = self.ids(self.own, self.salesman)
        self.assertLess(
            {*expected, f"message-{note.id}", f"case-{self.colleagues.id}"}, found | {0}
        )
        self.assertNotIn(f"case-{stranger.id}", found)
        for user, case in (
            (self.agent, self.colleagues),
            (self.employee, self.own),
            (self.portal, self.own),
        ):
            with self.assertRaises(AccessError):
                self.fetch(case, user)

    def test_agents_have_the_timeline_of_customers_and_pins(self):
        call = self.log(self.agent, case_id=self.own.id)
        self.log(self.agent_2, case_id=self.colleagues.id)
        found = {f"case-{self.own.id}", f"interaction-{call.id}"}
        self.assertEqual(self.ids(self.asker), found)
        timeline = self.as_user(self.agent, "crm.timeline")
        timeline.pin("crm.care.case", self.own.id, f"interaction-{call.id}")
        head = timeline.head("crm.care.case", self.own.id)
        self.assertEqual(
            [entry["id"] for entry in head["pinned"]], [f"interaction-{call.id}"]
        )
        self.assertNotIn("lead", {kind["key"] for kind in head["kinds"]})
        timeline.unpin("crm.care.case", self.own.id, f"interaction-{call.id}")

    def test_views_open_for_agents(self):
        contact = self.log(self.agent, case_id=self.own.id)
        with Form(contact.with_user(self.agent)) as form:
            form.summary = "Seen"
        Interaction = self.as_user(self.agent, "crm.interaction")
        for kind in ("list", "search", "calendar", "pivot", "graph"):
            self.assertNotIn(
                'name="lead_id"', Interaction.get_view(view_type=kind)["arch"]
            )
        with Form(self.own.with_user(self.agent)) as form:
            self.assertEqual(form.interaction_count, 1)
