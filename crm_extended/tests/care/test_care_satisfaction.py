"""Customers are asked how satisfied they are, and what becomes of their answers."""

from datetime import timedelta

from psycopg2 import IntegrityError

from odoo.tools import mute_logger

from ...analytics.care import satisfaction
from .care_satisfaction_common import SatisfactionCommon

UNHAPPY = "crm_extended.mail_activity_type_care_unhappy"


class TestCareSatisfaction(SatisfactionCommon):
    # -- Asking

    def test_asked_once_in_the_name_of_nobody(self):
        case = self.case("Lamp")
        case.user_id = self.agent
        case.with_user(self.agent).action_solve()
        [mail] = self.mails_of(case)
        self.assertEqual(mail.recipient_ids, self.asker)
        [rating] = self.env["rating.rating"].search(
            [("res_model", "=", "crm.care.case"), ("res_id", "=", case.id)]
        )
        for face in (1, 3, 5):
            self.assertIn(f"/rate/{rating.access_token}/{face}", mail.body_html)
        request = self.Answer.search([("case_id", "=", case.id)])
        self.assertEqual(request.rating_id, rating)
        self.assertTrue(request.asked_date)
        self.assertFalse(request.date)
        # Who reads the case finds no link with which he could answer himself.
        self.env.flush_all()
        for body in case.message_ids.mapped("body"):
            self.assertNotIn(rating.access_token, body)
        message = mail.mail_message_id.with_user(self.agent)
        self.assertFalse(message.has_access("read"))

    def test_solved_again(self):
        case = self.case()
        request = self.solve(case)
        for outcome in (self.open, self.solved):
            case.stage_id = outcome
        self.assertEqual(len(self.mails_of(case)), 1, "a mistake brings no second mail")
        self.later(request, days=2)
        for outcome in (self.open, self.solved):
            case.stage_id = outcome
        self.assertEqual(len(self.mails_of(case)), 2)
        self.assertEqual(self.Answer.search([("case_id", "=", case.id)]), request)
        self.answer(case)
        self.later(request, days=2)
        for outcome in (self.open, self.solved):
            case.stage_id = outcome
        self.assertEqual(len(self.mails_of(case)), 3)
        requests = self.Answer.search([("case_id", "=", case.id)])
        self.assertEqual(len(requests), 2, "what is solved anew is rated anew")
        self.assertEqual(requests.filtered("date"), request)

    def test_who_is_not_asked(self):
        self.env["mail.blacklist"]._add("black@example.com")
        gone = self.customer("Gone", email="gone@example.com", active=False)
        for values in (
            {"partner_id": False},
            {"partner_id": self.customer("No address").id},
            {"partner_id": self.customer("B", email="BLACK@example.com").id},
            # The link of the mail would be the contact's, whom another one reads.
            {
                "partner_id": self.customer("Unknown address").id,
                "email_from": "third@example.com",
            },
            {"partner_id": False, "email_from": "Black <black@example.com>"},
            {"partner_id": False, "email_from": "no address at all"},
            {"partner_id": gone.id},
        ):
            case = self.case(**values)
            self.assertFalse(self.solve(case), values)
            self.assertFalse(self.mails_of(case), values)
        cancelled = self.case()
        cancelled.stage_id = self.cancelled
        self.assertFalse(self.mails_of(cancelled))
        imported = self.case(stage_id=self.solved.id)
        self.assertFalse(self.mails_of(imported), "solved already when it came")
        unanswered = self.case()
        unanswered._close_unanswered()
        self.assertEqual(unanswered.outcome, "solved")
        self.assertFalse(self.mails_of(unanswered))
        self.team.ask_rating = False
        case = self.case()
        self.assertFalse(self.solve(case))

    def test_unknown_sender(self):
        case = self.case(partner_id=False, email_from="Somebody <some@example.org>")
        self.solve(case)
        [mail] = self.mails_of(case)
        self.assertIn("some@example.org", mail.email_to)
        self.answer(case, 3, "So so")
        self.assertEqual(case.rating_last_value, 3)
        self.assertEqual(self.Answer.search([("case_id", "=", case.id)]).rating, 3)

    def test_in_his_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        template = self.env.ref("crm_extended.mail_template_care_rating")
        template.with_context(
            lang="fr_FR"
        ).subject = "[{{ object.number }}] Satisfait ?"
        self.asker.lang = "fr_FR"
        case = self.case()
        self.solve(case)
        self.assertIn("Satisfait", self.mails_of(case).subject)

    def test_many_at_once(self):
        cases = self.env["crm.care.case"].concat(*(self.case() for _ in range(3)))
        cases.action_solve()
        for case in cases:
            self.assertEqual(len(self.mails_of(case)), 1)
        requests = self.Answer.search([("case_id", "in", cases.ids)])
        self.assertEqual(requests.mapped("nps_asked").count(True), 1)

    # -- Whether he would recommend us

    def test_nps_once_in_90_days(self):
        first = self.solve(self.case())
        self.assertTrue(first.nps_asked)
        self.assertFalse(self.solve(self.case()).nps_asked)
        # The contact has another address now, and another contact has his.
        self.asker.email = "other@example.com"
        self.assertFalse(self.solve(self.case()).nps_asked)
        twin = self.customer("Twin", email="Asker@Example.com")
        self.assertFalse(self.solve(self.case(partner_id=twin.id)).nps_asked)
        unknown = self.case(partner_id=False, email_from="asker@example.com")
        self.assertFalse(self.solve(unknown).nps_asked)
        somebody = self.customer("Somebody", email="somebody@example.com")
        self.assertTrue(self.solve(self.case(partner_id=somebody.id)).nps_asked)
        self.later(first, days=89)
        self.assertFalse(self.solve(self.case()).nps_asked)
        self.later(first, days=2)
        self.assertTrue(self.solve(self.case()).nps_asked)

    def test_nps_not_asked_is_not_kept(self):
        self.solve(self.case())
        case = self.case()
        self.solve(case)
        answer = self.answer(case, nps=10, expected=5, perceived=5)
        self.assertFalse(answer.nps_group)
        self.assertEqual(answer.nps, 0)
        self.assertEqual(answer.ratio, 1)
        self.team.ask_expectation = False
        case = self.case()
        self.solve(case)
        self.assertFalse(self.answer(case, expected=5, perceived=5).verdict)

    # -- Answering

    def test_an_answer(self):
        case = self.case(user_id=self.agent.id)
        request = self.solve(case)
        self.later(request, days=1)
        self.answer(case, 5, "<b>Great</b>", expected=8, perceived=10, nps=9)
        self.assertEqual(request.ratio, 1.25)
        self.assertGreaterEqual(request.date, request.asked_date + timedelta(days=1))
        self.assertEqual(request.verdict, "exceeded")
        self.assertEqual(request.nps_group, "promoter")
        self.assertEqual(request.rating_text, "top")
        self.assertEqual(request.user_id, self.agent)
        self.assertEqual(case.satisfaction, 1.25)
        self.assertEqual(case.outcome, "solved")
        self.assertFalse(case.activity_ids)
        message = case.message_ids[0]
        self.assertIn("&lt;b&gt;Great", message.body)
        self.assertEqual(message.author_id, self.asker)
        self.assertTrue(message.subtype_id.internal)
        # Who answered for it stays, whoever does later.
        case.user_id = self.agent_2
        self.assertEqual(request.user_id, self.agent)

    def test_tier_is_kept_as_it_was(self):
        gold = self.env.ref("crm_extended.crm_loyalty_tier_gold")
        silver = self.env.ref("crm_extended.crm_loyalty_tier_silver")
        membership = self.env["crm.loyalty.membership"].create(
            {
                "partner_id": self.asker.id,
                "company_id": self.company_a.id,
                "tier_id": gold.id,
                "date_from": self.today,
            }
        )
        case = self.case()
        self.solve(case)
        answer = self.answer(case)
        membership.tier_id = silver
        self.env.invalidate_all()
        self.assertEqual(case.tier_id, silver)
        self.assertEqual(answer.tier_id, gold)

    def test_bad_ones_open_one_activity(self):
        for rate, expected, perceived, bad in (
            (1, 0, 0, True),
            (5, 10, 8, True),
            (1, 10, 1, True),
            (3, 0, 0, False),
            (3, 10, 9, False),
        ):
            case = self.case(user_id=self.agent.id)
            self.solve(case)
            self.answer(case, rate, "Hm", expected=expected, perceived=perceived)
            activities = case.activity_search([UNHAPPY])
            self.assertEqual(len(activities), bad, (rate, expected, perceived))
            if bad:
                self.assertEqual(activities.user_id, self.agent)
        # The next bad answer finds the activity still open.
        case = self.case()
        for _ in range(2):
            self.later(self.solve(case), days=2)
            self.answer(case, 1)
            case.stage_id = self.open
        activities = case.activity_search([UNHAPPY])
        self.assertEqual(len(activities), 1)
        self.assertEqual(activities.user_id, self.care_manager, "nobody is assigned")
        self.team.user_id = False
        case = self.case()
        self.solve(case)
        self.answer(case, 1)
        self.assertFalse(case.activity_ids)

    def test_limits_of_the_database(self):
        request = self.solve(self.case())
        for values in ({"nps": 11}, {"expected": 11}, {"perceived": 1}):
            with (
                self.assertRaises(IntegrityError),
                mute_logger("odoo.sql_db"),
                self.cr.savepoint(),
            ):
                request.write(values)
                request.flush_recordset()

    # -- Averages

    def test_averages(self):
        [[count, *averages]] = self.averages()
        self.assertEqual((count, *averages), (0, False, False, False, False, False))
        given = [
            (5, 8, 10, 10),
            (1, 10, 5, 2),
            (3, 0, 0, None),
            (5, 5, 5, 8),
        ]
        customers = self.customers(len(given), email="")
        for number, (customer, (rate, a, b, nps)) in enumerate(
            zip(customers, given, strict=True)
        ):
            customer.email = f"customer{number}@example.com"
            case = self.case(partner_id=customer.id, user_id=self.agent.id)
            self.solve(case)
            self.answer(case, rate, expected=a, perceived=b, nps=nps)
        self.solve(self.case())
        [[count, c, csat, nps, answered, rating]] = self.averages()
        self.assertEqual(count, 5)
        self.assertAlmostEqual(c, (1.25 + 0.5 + 1) / 3)
        self.assertAlmostEqual(csat, satisfaction.csat([5, 1, 3, 5]))
        self.assertAlmostEqual(nps, satisfaction.nps([10, 2, 8]))
        self.assertAlmostEqual(answered, 80)
        self.assertAlmostEqual(rating, 3.5)
        # Those of a group are those of the group, whatever other groups have.
        by_customer = {
            customer: figures
            for customer, *figures in self.averages(["commercial_partner_id"])
        }
        self.assertEqual(by_customer[customers[1]], [1, 0.5, 0, -100, 100, 1])
        self.assertEqual(by_customer[customers[2]], [1, False, 0, False, 100, 3])
        self.assertEqual(by_customer[self.asker], [1, False, False, False, 0, False])
        for name in (
            "user_id",
            "team_id",
            "tier_id",
            "case_id",
            "verdict",
            "nps_group",
        ):
            counts = [group[1] for group in self.averages([name])]
            self.assertEqual(sum(counts), 5, name)
        # What the web client offers as a measure.
        described = self.Answer.fields_get(attributes=["aggregator"])
        for name in ("ratio", "csat_points", "nps_points", "answered_points"):
            self.assertEqual(described[name]["aggregator"], "avg", name)
        [[average]] = self.env["crm.care.case"]._read_group(
            [("team_id", "=", self.team.id)], [], ["satisfaction:avg"]
        )
        self.assertAlmostEqual(average, c)
        self.assertAlmostEqual(self.team.satisfaction_average, rating)

    def test_all_equal(self):
        for customer in self.customers(3):
            case = self.case(partner_id=customer.id)
            self.answer(case, 5, expected=7, perceived=7, nps=9)
        self.assertEqual(self.averages(), [(3, 1, 100, 100, 100, 5)])

    def test_customer_with_contacts(self):
        firm = self.customer("Firm", is_company=True)
        contact = self.customer("Contact", parent_id=firm.id)
        answers = self.Answer
        for partner in (firm, contact, self.asker):
            answers += self.answer(self.case(partner_id=partner.id))
        for record, expected in (
            (firm, answers[:2]),
            (contact, answers[1]),
            (answers[2].case_id, answers[2]),
            (self.team, answers),
        ):
            name = (
                "action_care_satisfaction"
                if record._name == "res.partner"
                else "action_view_satisfaction"
            )
            domain = getattr(record, name)()["domain"]
            self.assertEqual(self.Answer.search(domain, order="id"), expected, record)
