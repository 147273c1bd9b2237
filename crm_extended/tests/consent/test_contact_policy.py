from datetime import datetime, timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import FRIDAY, ConsentCommon


@tagged("post_install", "-at_install")
class TestContactPolicy(ConsentCommon):
    """May we contact this customer, on this channel, for this purpose, now?"""

    def test_by_basis(self):
        self.assertAllowed(self.ask(self.service))
        self.assertAllowed(self.ask(self.loyalty))
        self.assertNever(self.ask(self.marketing), "no_consent")
        self.assertAllowed(self.ask(self.profiling, channel=None))

    def test_given_expired_withdrawn_given_again(self):
        now = fields.Datetime.now()
        self.answer(date=now - timedelta(days=9))
        self.assertAllowed(self.ask())
        self.answer(
            date=now - timedelta(days=8), valid_until=self.today - timedelta(days=1)
        )
        self.assertNever(self.ask(), "no_consent")
        self.answer(date=now - timedelta(days=7), valid_until=self.today)
        self.assertAllowed(self.ask())
        self.answer("withdrawn", date=now - timedelta(days=6))
        self.assertNever(self.ask(), "refused")
        self.answer(date=now - timedelta(days=5))
        self.assertAllowed(self.ask())
        # An older answer that is imported later does not count.
        self.answer("refused", date=now - timedelta(days=400), source="import")
        self.assertAllowed(self.ask())

    def test_pending_counts_as_not_given(self):
        self.answer("pending")
        self.assertNever(self.ask(), "no_consent")
        self.answer("pending", purpose=self.loyalty)
        self.assertAllowed(self.ask(self.loyalty))
        # Asking again undoes neither a consent that was refused …
        self.answer("refused", purpose=self.loyalty)
        self.answer("pending", purpose=self.loyalty)
        self.assertNever(self.ask(self.loyalty), "refused")
        # … nor counts the consent before.
        self.answer("given")
        self.answer("pending")
        self.assertNever(self.ask(), "no_consent")

    def test_always_is_stopped_by_no_refusal(self):
        self.answer("refused", purpose=self.service)
        self.env["mail.blacklist"]._add("ada@example.com")
        self.company_a.write(
            {"contact_quiet_from": 0, "contact_quiet_to": 23.99, "contact_limit": 1}
        )
        self.touch()
        self.assertAllowed(self.ask(self.service))
        self.person.email = False
        self.assertNever(self.ask(self.service), "no_address")
        self.person.active = False
        self.assertNever(self.ask(self.service), "archived")

    def test_two_companies_with_different_answers(self):
        self.answer("given")
        self.answer("refused", company_id=self.company_b.id)
        other = self.policy.with_company(self.company_b)
        self.assertAllowed(self.ask())
        self.assertNever(self.ask(policy=other), "refused")
        self.touch(company_id=self.company_b.id)
        self.company_a.contact_limit = 1
        self.assertAllowed(self.ask())

    def test_each_contact_of_a_company_answers_for_themselves(self):
        firm = self.customer("Firm", is_company=True, email="firm@example.com")
        one, two = self.env["res.partner"].create(
            [
                {"name": name, "parent_id": firm.id, "email": f"{name}@example.com"}
                for name in ("one", "two")
            ]
        )
        self.answer("given", one)
        answers = self.policy._check(firm + one + two, self.marketing, "email")
        self.assertEqual(
            {id_: answer["allowed"] for id_, answer in answers.items()},
            {firm.id: False, one.id: True, two.id: False},
        )

    def test_the_first_reason_is_given(self):
        """In order of precedence."""
        self.company_a.write(
            {
                "contact_limit": 1,
                "contact_quiet_from": 0,
                "contact_quiet_to": 23.5,
            }
        )
        self.touch(moment=FRIDAY)
        self.answer("refused")
        self.env["mail.blacklist"]._add("ada@example.com")
        self.person.write({"active": False, "email": False})
        ask = {"moment": FRIDAY}
        self.assertNever(self.ask(**ask), "archived")
        self.person.active = True
        self.assertNever(self.ask(**ask), "no_address")
        self.person.email = "ada@example.com"
        self.assertNever(self.ask(**ask), "blacklisted")
        self.env["mail.blacklist"]._remove("ada@example.com")
        self.assertNever(self.ask(**ask), "refused")
        self.answer("pending")
        self.assertNever(self.ask(**ask), "refused")
        self.answer("given", valid_until=FRIDAY.date() - timedelta(days=1))
        self.assertNever(self.ask(**ask), "no_consent")
        self.answer("given")
        self.assertEqual(self.ask(**ask)["reason"], "limit")
        self.env["crm.contact.touch"].search([]).unlink()
        self.assertEqual(self.ask(**ask)["reason"], "quiet")

    def test_the_blacklist_of_odoo(self):
        """In Odoo's own view: adding refuses, taking off gives nothing."""
        self.answer("given")
        listed = self.env["mail.blacklist"].create({"email": "Ada@Example.com"})
        self.assertNever(self.ask(), "blacklisted")
        self.assertNever(self.ask(self.loyalty), "blacklisted")
        listed.active = False
        self.assertAllowed(self.ask())
        self.answer("refused")
        listed.active = True
        self.assertNever(self.ask(), "blacklisted")
        listed.unlink()
        self.assertNever(self.ask(), "refused")

    def test_addresses_by_channel(self):
        self.answer("given")
        reasons = {
            channel: self.ask(channel=channel)["reason"]
            for channel in ("email", "sms", "phone", "letter", "visit")
        }
        self.assertEqual(
            reasons,
            {
                "email": None,
                "sms": "no_address",
                "phone": "no_address",
                "letter": "no_address",
                "visit": "no_address",
            },
        )
        self.person.write({"phone": "+49 30 901820", "city": "Berlin"})
        for channel in ("sms", "phone", "letter", "visit"):
            with self.subTest(channel=channel):
                self.assertAllowed(self.ask(channel=channel))
        self.env["phone.blacklist"].add("+4930901820")
        self.assertNever(self.ask(channel="sms"), "blacklisted")
        self.assertAllowed(self.ask(channel="phone"))

    def test_a_channel_that_does_not_exist(self):
        with self.assertRaisesRegex(ValueError, "pigeon"):
            self.ask(channel="pigeon")

    def test_a_channel_that_the_purpose_is_not_about(self):
        self.person.phone = "+49 30 901820"
        for purpose in self.marketing + self.loyalty:
            self.answer("given", purpose=purpose)
            self.assertAllowed(self.ask(purpose, channel="phone"))
            purpose.channels = "email"
            self.assertNever(self.ask(purpose, channel="phone"), "no_consent")
            self.assertAllowed(self.ask(purpose))

    def test_a_zone_that_does_not_exist(self):
        self.company_a.write({"contact_quiet_from": 20, "contact_quiet_to": 8})
        self.answer("given")
        self.env.cr.execute(
            "UPDATE res_partner SET tz = 'Mars/Phobos' WHERE id = %s", self.person.ids
        )
        self.assertAllowed(self.ask(moment=FRIDAY))

    def test_no_contacts(self):
        nobody = self.env["res.partner"]
        self.assertEqual(self.policy._check(nobody, self.marketing, "email"), {})

    # -- Hours

    def test_quiet_hours_in_the_zone_of_the_country(self):
        self.company_a.write({"contact_quiet_from": 20, "contact_quiet_to": 8})
        self.answer("given")
        self.assertAllowed(self.ask(moment=FRIDAY))
        late = datetime(2026, 11, 27, 19)  # 20:00 in Berlin
        self.assertLater(self.ask(moment=late), datetime(2026, 11, 28, 7), "quiet")
        before = late - timedelta(seconds=1)
        self.assertAllowed(self.ask(moment=before))

    def test_zones(self):
        self.company_a.write({"contact_quiet_from": 20, "contact_quiet_to": 8})
        self.company_a.partner_id.tz = "Asia/Tokyo"
        self.answer("given")
        self.env.user.tz = "Europe/Berlin"
        morning = datetime(2026, 11, 27, 7)  # 8:00 in Berlin, 16:00 in Tokyo
        self.assertAllowed(self.ask(moment=morning))
        with self.subTest("several zones: where it suits both coasts"):
            self.person.country_id = self.env.ref("base.us")
            self.assertLater(
                self.ask(moment=morning), datetime(2026, 11, 27, 16), "quiet"
            )
        with self.subTest("no country: the company's"):
            self.person.country_id = False
            self.assertAllowed(self.ask(moment=morning))
        with self.subTest("the zone of whoever created the contact says nothing"):
            self.person.tz = "Europe/Berlin"
            night = datetime(2026, 11, 27, 0)  # 9:00 in Tokyo
            self.assertAllowed(self.ask(moment=night))
        with self.subTest("another zone does"):
            self.person.tz = "Europe/Lisbon"
            self.assertLater(
                self.ask(moment=morning), datetime(2026, 11, 27, 8), "quiet"
            )
        with self.subTest("of users it does in any case"):
            self.person.tz = "Europe/Berlin"
            self.env["res.users"].create(
                {
                    "name": "Ada",
                    "login": "ada",
                    "partner_id": self.person.id,
                    "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
                }
            )
            self.assertLater(
                self.ask(moment=datetime(2026, 11, 27, 0)), morning, "quiet"
            )

    def test_weekdays_holidays_and_days_of_the_list(self):
        self.company_a.contact_weekdays = "0,1,2,3,4"
        self.company_a.resource_calendar_id = self.env["resource.calendar"].create(
            {"name": "Hours", "tz": "Europe/Berlin", "company_id": self.company_a.id}
        )
        self.answer("given")
        saturday = FRIDAY + timedelta(days=1)
        self.assertLater(self.ask(moment=saturday), datetime(2026, 11, 29, 23), "quiet")
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "company_id": self.company_a.id,
                "calendar_id": self.company_a.resource_calendar_id.id,
                "date_from": datetime(2026, 11, 29, 23),
                "date_to": datetime(2026, 11, 30, 22, 59, 59),
            }
        )
        self.assertLater(self.ask(moment=saturday), datetime(2026, 11, 30, 23), "quiet")
        self.env["crm.contact.quiet.day"].create(
            {"company_id": self.company_a.id, "date": "2026-12-01"}
        )
        self.assertLater(self.ask(moment=saturday), datetime(2026, 12, 1, 23), "quiet")

    def test_over_midnight_when_summer_time_begins_and_ends(self):
        self.company_a.write({"contact_quiet_from": 22, "contact_quiet_to": 8})
        self.answer("given")
        for moment, expected in (
            (datetime(2027, 3, 27, 21), datetime(2027, 3, 28, 6)),
            (datetime(2027, 10, 30, 20), datetime(2027, 10, 31, 7)),
        ):
            self.assertLater(self.ask(moment=moment), expected, "quiet")

    # -- Switched off

    def test_switched_off_refusals_still_count(self):
        self.company_a.write({"contact_limit": 1, "contact_weekdays": "6"})
        self.touch(moment=FRIDAY)
        self.env["crm.feature"]._switch(plans=False, consent=False)
        self.assertAllowed(self.ask(moment=FRIDAY))
        self.answer("refused")
        self.assertNever(self.ask(), "refused")
        self.env["mail.blacklist"]._add("ada@example.com")
        self.assertNever(self.ask(self.loyalty), "blacklisted")
        self.person.email = False
        self.assertNever(self.ask(), "no_address")

    # -- Many

    def bridges(self):
        """Bridges that know of other touches, with one query each."""
        return [
            each
            for each in type(self.policy).mro()
            if "_touches_of_others" in vars(each)
            and getattr(each, "_module", None) not in (None, "crm_extended")
        ]

    def test_several_questions(self):
        """The same answers as one by one, with the queries of one."""
        self.company_a.write(
            {
                "contact_limit": 2,
                "contact_limit_channels": "email,phone",
                "contact_quiet_from": 20,
                "contact_quiet_to": 8,
            }
        )
        people = self.customers(6, email="x@example.com", phone="+49 30 1234")
        for state, person in zip(
            ("given", "given", "given", "refused", "pending"), people, strict=False
        ):
            self.answer(state, person)
        people[1].tz = "America/New_York"
        for ago in (1, 3):
            self.touch(people[2], ago=timedelta(days=ago))
        empty = people.browse()
        questions = [
            (people, self.service, "phone"),
            (people[:3], self.service, "letter"),
            (people, self.marketing, "email"),
            (empty, self.marketing, "sms"),
            (people[1:], self.marketing, "phone"),
            (people, self.profiling, None),
            (people, self.survey, "email"),
        ]
        moment = datetime(2026, 6, 10, 7, 0)
        expected = [self.policy._check(*each, moment) for each in questions]
        self.assertEqual(expected[3], {})
        reasons = {
            answer["reason"] for answers in expected for answer in answers.values()
        }
        self.assertLessEqual({"quiet", "refused", None, "no_address"}, reasons)
        self.env.flush_all()
        self.env.invalidate_all()
        # As one question has, see below; purposes and their channels are read once.
        self.policy._check_many(questions[:1], moment)
        for purpose in self.service + self.marketing + self.profiling + self.survey:
            purpose._channel_keys()
        with self.assertQueryCount(2 + len(self.bridges())):
            answers = self.policy._check_many(questions, moment)
        self.assertEqual(answers, expected)
        for moment in (fields.Datetime.now(), datetime(2026, 6, 10, 12, 0)):
            self.assertEqual(
                self.policy._check_many(questions, moment),
                [self.policy._check(*each, moment) for each in questions],
            )
        self.assertEqual(self.policy._check_many([]), [])
        with self.assertRaises(ValueError):
            self.policy._check_many([(people, self.service, "smoke")])

    def test_three_queries_however_many(self):
        self.company_a.write(
            {"contact_limit": 2, "contact_quiet_from": 20, "contact_quiet_to": 8}
        )
        few = self.customers(3, email="x@example.com")
        many = self.customers(300, email="x@example.com")
        for person in few + many[:50]:
            self.answer("given", person)
        self.policy._check(few, self.marketing, "email")
        self.env.flush_all()
        count = 3 + len(self.bridges())
        for contacts in (few, many):
            self.env.invalidate_all()
            with self.subTest(count=len(contacts)), self.assertQueryCount(count):
                self.policy._check(contacts, self.marketing, "email")

    def test_what_people_read(self):
        self.env.user.tz = "Europe/Berlin"
        text = self.person.with_company(self.company_a).contact_policy_text
        self.assertEqual(text, "May not be mailed for Marketing.")
        why = self.person.with_company(self.company_a).contact_policy_reason
        self.assertIn("have not answered yet.", why)
        self.assertIn("Time zone: Europe/Berlin.", why)
        self.answer("given")
        self.company_a.contact_limit = 3
        self.touch()
        self.person.invalidate_recordset()
        person = self.person.with_company(self.company_a)
        self.assertEqual(
            person.contact_policy_text,
            "May be mailed for Marketing; 1 of 3 touches this week used.",
        )
        self.assertIn("They agreed on", person.contact_policy_reason)

    def test_what_people_read_of_hours_in_their_own_zone_and_language(self):
        self.answer("given")
        self.company_a.write(
            {
                "contact_limit": 3,
                "contact_weekdays": "0,1,2,3,4",
                "contact_quiet_from": 20,
                "contact_quiet_to": 8,
            }
        )
        self.env["res.lang"]._activate_lang("de_DE")
        with freeze_time(FRIDAY + timedelta(days=1)):
            self.touch()
            self.touch()
            person = self.person.with_company(self.company_a)
            for tz, time in (("Europe/Berlin", "8:00"), ("America/New_York", "2:00")):
                person.invalidate_recordset()
                text = person.with_context(tz=tz).contact_policy_text
                self.assertRegex(
                    text,
                    rf"^May be mailed for Marketing; next from Monday 0?{time}.*; "
                    r"2 of 3 touches this week used\.$",
                )
            why = person.with_context(tz="Europe/Berlin").contact_policy_reason
            self.assertIn("quiet hours: ", why)
            self.assertIn("Time zone: Europe/Berlin.", why)
            german = person.with_context(lang="de_DE", tz="Europe/Berlin")
            self.assertIn("Montag", german.contact_policy_text)

    def test_found_by_what_they_may_be_mailed_for(self):
        others = self.customers(3, email="other@example.com")
        self.answer("given")
        self.answer("given", others[0], valid_until=self.today - timedelta(days=1))
        self.answer("given", others[1])
        self.answer("withdrawn", others[1])
        self.answer("refused", others[2], purpose=self.loyalty)
        contacts = self.env["res.partner"].with_company(self.company_a)
        domain = [("id", "in", (self.person + others).ids)]

        def found(purpose):
            return contacts.search([*domain, ("mail_purpose_ids", "in", purpose.ids)])

        self.assertEqual(found(self.marketing), self.person)
        self.assertEqual(found(self.loyalty), self.person + others[:2])
        self.assertEqual(found(self.service), self.person + others)
        for person in self.person + others:
            for purpose in self.marketing + self.loyalty + self.service:
                with self.subTest(person=person.id, purpose=purpose.name):
                    self.assertEqual(
                        purpose in person.with_company(self.company_a).mail_purpose_ids,
                        person in found(purpose),
                    )
        self.env["mail.blacklist"]._add("ada@example.com")
        self.assertFalse(found(self.marketing))

    def test_profiling_refused(self):
        self.assertFalse(self.person.profiling_refused)
        self.answer("refused", purpose=self.profiling)
        person = self.person.with_company(self.company_a)
        person.invalidate_recordset()
        self.assertTrue(person.profiling_refused)
        found = person.search(
            [("id", "=", person.id), ("profiling_refused", "=", True)]
        )
        self.assertEqual(found, person)
        self.assertFalse(
            person.search([("id", "=", person.id), ("profiling_refused", "=", False)])
        )
        other = person.with_company(self.company_b)
        self.assertFalse(other.profiling_refused)
        self.assertIn("left out of forecasts", person.contact_policy_reason)
        self.assertNever(self.ask(self.profiling, channel=None), "refused")

    def test_service_messages_are_always_allowed(self):
        for basis in ("needed", "unless_refused"):
            with self.assertRaisesRegex(ValidationError, "always allowed"):
                self.service.basis = basis

    def test_found_by_whether_there_is_a_purpose(self):
        nobody = self.customer("Nobody")
        partners = self.env["res.partner"].with_company(self.company_a)
        two = [("id", "in", (self.person + nobody).ids)]
        for domain, found in (
            ([("mail_purpose_ids", "=", False)], nobody),
            ([("mail_purpose_ids", "!=", False)], self.person),
            (
                [("mail_purpose_ids", "in", [False, self.service.id])],
                self.person + nobody,
            ),
            ([("mail_purpose_ids", "in", [self.marketing.id])], partners),
        ):
            with self.subTest(domain=domain):
                self.assertEqual(partners.search([*two, *domain]), found)

    def test_quiet_hours_leave_an_hour(self):
        with self.assertRaisesRegex(ValidationError, "whole day"):
            self.company_a.write({"contact_quiet_from": 0, "contact_quiet_to": 24})

    def test_refusing_profiling_shows_to_sales_and_care_alone(self):
        for user in (self.portal, self.employee):
            with self.assertRaises(AccessError):
                self.env["res.partner"].with_user(user).search(
                    [("profiling_refused", "=", True)]
                )
        agent = new_test_user(
            self.env, "agent_of_care", groups="crm_extended.group_care_agent"
        )
        for user in (self.salesman, agent):
            self.env["res.partner"].with_user(user).search(
                [("profiling_refused", "=", True)]
            )

    def test_no_hour_is_left(self):
        self.answer("given")
        self.company_a.write({"contact_quiet_from": 11, "contact_quiet_to": 9})
        # From Los Angeles to New York it is never nine or ten o'clock at once.
        self.person.country_id = self.env.ref("base.us")
        line, why = self.policy._describe(self.person)
        self.assertIn("May not be mailed", line)
        self.assertIn("leave no time", why)
        self.assertNotIn("Until then", why)

    def test_profiling_that_needs_consent(self):
        """Everywhere as the policy answers."""
        self.profiling.basis = "needed"
        others = self.customers(3, email="other@example.com")
        yesterday = self.today - timedelta(days=2)
        self.answer("given", purpose=self.profiling)
        self.answer("given", others[0], self.profiling, valid_until=yesterday)
        self.answer("pending", others[1], self.profiling)
        self.answer("refused", others[2], self.profiling)
        people = self.person + others
        companies = self.company_a, self.company_b
        for basis, is_on, allowed in (
            ("needed", True, (self.person, others.browse())),
            ("needed", False, (people - others[2], people)),
            ("unless_refused", True, (people - others[2], people)),
            ("always", True, (people, people)),
        ):
            self.profiling.basis = basis
            self.env["crm.feature"]._switch(plans=False, consent=is_on)
            for company, expected in zip(companies, allowed, strict=True):
                with self.subTest(basis=basis, is_on=is_on, company=company.name):
                    self.env.invalidate_all()
                    contacts = people.with_company(company)
                    answers = self.policy.with_company(company)._check(
                        contacts, self.profiling, None
                    )
                    self.assertEqual(
                        contacts.filtered(
                            lambda each, a=answers: a[each.id]["allowed"]
                        ),
                        expected,
                    )
                    self.assertEqual(
                        contacts.filtered(lambda each: not each.profiling_refused),
                        expected,
                    )
                    for refused, found in (
                        (False, expected),
                        (True, people - expected),
                    ):
                        domain = [
                            ("id", "in", people.ids),
                            ("profiling_refused", "=", refused),
                        ]
                        self.assertEqual(contacts.search(domain), found)
