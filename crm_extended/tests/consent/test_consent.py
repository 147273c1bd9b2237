from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import ConsentCommon


@tagged("post_install", "-at_install")
class TestConsent(ConsentCommon):
    """What people have answered."""

    def test_answers_are_never_changed(self):
        consent = self.answer("given")
        for records in (consent, consent.with_user(self.manager), consent.sudo()):
            with self.assertRaises(UserError):
                records.write({"state": "refused"})
            with self.assertRaises(UserError):
                records.unlink()
        consent.write({})
        self.assertEqual(consent.state, "given")

    def test_they_go_with_their_contact(self):
        consent = self.answer("given")
        self.person.unlink()
        self.assertFalse(consent.exists())

    def test_the_latest_counts(self):
        old = self.answer("given", date=fields.Datetime.now() - timedelta(days=2))
        new = self.answer("refused")
        other = self.answer("given", purpose=self.loyalty)
        self.assertFalse(old.is_latest)
        self.assertTrue(new.is_latest)
        consents = self.env["crm.consent"]
        of_person = [("partner_id", "=", self.person.id)]
        self.assertEqual(
            consents.search([*of_person, ("is_latest", "=", True)]), new + other
        )
        self.assertEqual(consents.search([*of_person, ("is_latest", "=", False)]), old)

    def test_of_two_at_the_same_moment_the_later_one(self):
        now = fields.Datetime.now()
        self.answer("given", date=now)
        second = self.answer("refused", date=now)
        self.assertTrue(second.is_latest)
        self.assertNever(self.ask(), "refused")

    def test_consent_expires(self):
        self.marketing.valid_months = 24
        consent = self.answer("given")
        self.assertEqual(consent.valid_until, fields.Date.add(self.today, months=24))
        self.assertFalse(self.answer("refused").valid_until)
        self.assertEqual(
            self.answer("given", valid_until=self.today).valid_until, self.today
        )

    def test_not_of_the_future(self):
        with self.assertRaises(ValidationError):
            self.answer("given", date=fields.Datetime.now() + timedelta(days=1))

    def test_merged_the_stricter_answer_is_the_latest(self):
        other = self.customer("Ada again", email="ada2@example.com")
        self.answer("refused", date=fields.Datetime.now() - timedelta(days=30))
        self.answer("given", other)
        self.answer("given", other, purpose=self.loyalty)
        self.answer("given", other, company_id=self.company_b.id)
        self.answer("given", purpose=self.survey, valid_until=self.today)
        self.answer("given", other, purpose=self.survey)
        self.merge(other, self.person)
        self.assertFalse(other.exists())
        self.assertNever(self.ask(), "refused")
        self.assertAllowed(self.ask(self.loyalty))
        self.assertAllowed(self.ask(policy=self.policy.with_company(self.company_b)))
        answers = self.env["crm.consent"].search([("partner_id", "=", self.person.id)])
        merged = answers.filtered(lambda answer: answer.source == "merge")
        self.assertEqual(
            {(each.purpose_id, each.state, each.valid_until) for each in merged},
            {
                (self.marketing, "refused", False),
                (self.survey, "given", self.today),
            },
        )
        self.assertEqual(len(answers), 8)
        self.assertTrue(all(merged.mapped("is_latest")))

    def test_merged_a_refusal_that_was_asked_again_still_counts(self):
        other = self.customer("Ada again", email="ada2@example.com")
        now = fields.Datetime.now()
        self.answer("refused", purpose=self.loyalty, date=now - timedelta(days=9))
        self.answer("pending", purpose=self.loyalty, date=now - timedelta(days=8))
        self.answer("given", other, purpose=self.loyalty)
        # The clock of another system was ahead of ours.
        self.answer("given", other, date=now + timedelta(minutes=5))
        self.answer("withdrawn")
        self.merge(other, self.person)
        self.assertNever(self.ask(self.loyalty), "refused")
        self.assertNever(self.ask(), "refused")

    def test_merged_into_a_contact_of_a_company_touches_are_the_companys(self):
        firm = self.customer("Firm", is_company=True)
        contact = self.customer("Ada", email="a@example.com", parent_id=firm.id)
        touch = self.touch()
        self.merge(self.person, contact)
        self.assertEqual((touch.contact_id, touch.partner_id), (contact, firm))

    def test_merged_into_a_contact_of_a_company_with_contacts_of_its_own(self):
        self.company_a.contact_limit = 1
        firm = self.customer("Firm", is_company=True)
        contact = self.customer("Ada", email="a@example.com", parent_id=firm.id)
        below = self.env["res.partner"].create(
            [
                {
                    "name": name,
                    "parent_id": self.person.id,
                    "email": f"{name}@example.com",
                    "active": active,
                }
                for name, active in (("below", True), ("archived", False))
            ]
        )
        of_a = self.touch(below[0]) + self.touch(below[1])
        of_b = self.touch(below[0], company_id=self.company_b.id)
        of_no_one = self.touch(contact_id=False)
        self.merge(self.person, contact)
        self.assertEqual(below.commercial_partner_id, firm)
        self.assertEqual((of_a + of_b + of_no_one).partner_id, firm)
        self.assertEqual(of_a.contact_id, below)
        self.assertEqual(self.ask(self.loyalty, person=contact)["reason"], "limit")

    def test_merged_no_date_is_lost_and_none_is_there_twice(self):
        other = self.customer("Ada again", email="ada2@example.com")
        kinds = [
            self.env.ref(f"crm_extended.date_kind_{name}")
            for name in ("birthday", "anniversary")
        ]
        days = self.env["crm.customer.date"]
        for person, kind in (
            (self.person, kinds[0]),
            (other, kinds[0]),
            (other, kinds[1]),
        ):
            days.create(
                {
                    "partner_id": person.id,
                    "company_id": self.company_a.id,
                    "kind_id": kind.id,
                    "date": "1990-02-28",
                }
            )
        self.merge(other, self.person)
        found = days.search([("partner_id", "=", self.person.id)])
        self.assertEqual(sorted(found.kind_id.ids), sorted(each.id for each in kinds))

    def merge(self, source, target):
        self.env["base.partner.merge.automatic.wizard"].create(
            {
                "state": "selection",
                "dst_partner_id": target.id,
                "partner_ids": [fields.Command.set((source + target).ids)],
            }
        ).action_merge()

    def test_imported_and_exported(self):
        partner_id = self.env["ir.model.data"]._update_xmlids(
            [{"xml_id": "__test__.ada", "record": self.person}]
        )
        self.assertIsNone(partner_id)
        consents = self.as_user(self.manager, "crm.consent").with_context(
            import_file=True
        )
        result = consents.load(
            ["partner_id/id", "purpose_id", "state", "date"],
            [["__test__.ada", "Marketing", "Given", "2026-01-02 10:00:00"]],
        )
        self.assertFalse(result["messages"])
        consent = self.env["crm.consent"].browse(result["ids"])
        self.assertEqual(consent.source, "import")
        self.assertEqual(
            consent.export_data(["partner_id", "purpose_id", "state"])["datas"],
            [["Ada", "Marketing", "Given"]],
        )

    def test_in_the_timeline(self):
        self.answer("given")
        timeline = self.as_user(self.salesman, "crm.timeline")
        entries = timeline.fetch("res.partner", self.person.id)["entries"]
        [entry] = [entry for entry in entries if entry["kind"] == "consent"]
        self.assertEqual(entry["title"], "Marketing")
        self.env["crm.feature"]._switch(plans=False, consent=False)
        entries = timeline.fetch("res.partner", self.person.id)["entries"]
        self.assertNotIn("consent", [entry["kind"] for entry in entries])


@tagged("post_install", "-at_install")
class TestConsentPurpose(ConsentCommon):
    """What customers may be contacted for."""

    def test_channels_are_keys(self):
        purpose = self.env["crm.consent.purpose"].create(
            {"name": "News", "channels": ["email", "sms", "email"]}
        )
        self.assertEqual(purpose.channels, "email,sms")
        purpose.channels = "email, phone"
        self.assertEqual(purpose._channel_keys(), ["email", "phone"])
        with self.assertRaisesRegex(ValidationError, "pigeon"):
            purpose.channels = "email,pigeon"

    def test_ready_ones(self):
        self.assertEqual(
            [
                (purpose.basis, purpose.channels, purpose.company_id.id)
                for purpose in (
                    self.service,
                    self.loyalty,
                    self.survey,
                    self.marketing,
                    self.profiling,
                )
            ],
            [
                ("always", "email,sms,phone,letter,visit", False),
                ("unless_refused", "email,sms,phone,letter,visit", False),
                ("unless_refused", "email,sms,phone,letter,visit", False),
                ("needed", "email,sms,phone,letter,visit", False),
                ("unless_refused", False, False),
            ],
        )

    def test_not_deleted_where_it_is_needed(self):
        with self.assertRaisesRegex(UserError, "cannot be deleted"):
            self.loyalty.unlink()
        purpose = self.env["crm.consent.purpose"].create({"name": "News"})
        self.answer(purpose=purpose)
        with self.assertRaisesRegex(UserError, "Archive the purpose"):
            purpose.unlink()
        self.env["crm.consent.purpose"].create({"name": "Unused"}).unlink()

    def test_what_we_send_for_can_be_refused_in_each_company(self):
        for purpose in self.service + self.loyalty + self.survey:
            for values in ({"active": False}, {"company_id": self.company_a.id}):
                with self.assertRaises(ValidationError):
                    purpose.write(values)
        self.profiling.active = False

    def test_of_the_company_that_was_answered(self):
        self.answer("given")
        with self.assertRaises(ValidationError):
            self.marketing.company_id = self.company_b
        self.marketing.company_id = self.company_a
        with self.assertRaises(UserError):
            self.answer("given", company_id=self.company_b.id)

    @mute_logger("odoo.sql_db")
    def test_forms_in_one_company(self):
        manager = self.manager
        form = Form(self.as_user(manager, "crm.consent.purpose"))
        form.name = "Invitations"
        purpose = form.save()
        self.assertEqual(purpose.company_id, self.company_a)
        self.assertEqual(purpose.basis, "needed")
        self.assertEqual(purpose.copy().name, "Invitations (copy)")
        kind = Form(self.as_user(manager, "crm.customer.date.kind"))
        kind.name = "Name day"
        self.assertTrue(kind.save().yearly)

    def test_settings_say_what_is_wrong(self):
        company = self.company_a
        for values in (
            {"contact_quiet_from": 25},
            {"contact_weekdays": "7"},
            {"contact_weekdays": ""},
            {"contact_limit": -1},
            {"contact_wait_days": 1000},
            {"contact_limit_channels": "fax"},
        ):
            with self.subTest(values=values), self.assertRaises(ValidationError):
                company.write(values)
                company.flush_recordset()
        company.contact_weekdays = [0, 2]
        self.assertEqual(company.contact_weekdays, "0,2")

    def test_an_answer_of_now_comes_after_all_others(self):
        """The clock of the system that answers come from may be ahead of ours."""
        soon = fields.Datetime.now() + timedelta(minutes=5)
        self.answer("given", date=soon, source="import")
        self.answer("refused")
        self.assertNever(self.ask(), "refused")
        self.answer("given", date=fields.Datetime.now() - timedelta(days=1))
        self.assertNever(self.ask(), "refused")

    def test_the_end_follows_what_is_entered(self):
        self.marketing.valid_months = 12
        with Form(
            self.env["crm.consent"].with_context(default_partner_id=self.person.id)
        ) as form:
            form.purpose_id = self.marketing
            self.assertTrue(form.valid_until)
            form.state = "refused"
            self.assertFalse(form.valid_until)
            form.state = "given"
            form.date = "2024-03-01 12:00:00"
            self.assertEqual(form.valid_until.year, 2025)
            form.purpose_id = self.loyalty
            self.assertFalse(form.valid_until)
            form.valid_until = "2030-01-01"
        self.assertEqual(form.record.valid_until.year, 2030)

    def test_merged_across_companies(self):
        """People answer also companies that they no longer belong to."""
        double = self.customer("Ada L.", email="ada.l@example.com")
        self.answer("given")
        self.answer("refused", person=double)
        (self.person + double).company_id = self.company_b
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.person + double).ids, double
        )
        self.assertNever(self.ask(person=double), "refused")
        with self.assertRaises(UserError):
            self.answer("given", person=double, source="manual")
