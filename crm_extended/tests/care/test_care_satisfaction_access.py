"""Who reads answers on satisfaction, and that nobody forges them."""

from odoo import Command
from odoo.exceptions import AccessError

from .care_satisfaction_common import SatisfactionCommon


class TestCareSatisfactionAccess(SatisfactionCommon):
    def test_who_reads_answers(self):
        own = self.answer(self.case(user_id=self.agent.id), 5, "own")
        other = self.answer(self.case(user_id=self.agent_2.id), 5, "other")
        unknown = self.answer(self.case(partner_id=False, email_from="x@example.org"))
        answers = own + other + unknown
        manager_b = self.new_user(
            "manager_b", "crm_extended.group_care_manager", self.company_b
        )
        for user, expected in (
            (self.agent, own + unknown),
            (self.agent_team, answers),
            (self.care_manager, answers),
            (self.salesman, own + other),
            (manager_b, self.Answer),
        ):
            Answer = self.as_user(user, "crm.care.satisfaction")
            domain = [("id", "in", answers.ids)]
            self.assertEqual(
                set(Answer.search(domain).ids), set(expected.ids), user.name
            )
            [[count]] = Answer._read_group(domain, [], ["__count"])
            self.assertEqual(count, len(expected))
            Rating = self.as_user(user, "rating.rating")
            ratings = answers.rating_id
            self.assertEqual(
                Rating.search([("id", "in", ratings.ids)]).sudo(), expected.rating_id
            )
            self.env.invalidate_all()
            for answer in answers:
                for record in (answer, answer.rating_id):
                    may = record.with_env(Answer.env).has_access("read")
                    self.assertEqual(may, answer in expected, (user.name, record))
        for user in (self.employee, self.portal):
            with self.assertRaises(AccessError):
                self.as_user(user, "crm.care.satisfaction").search([])
        Rating = self.as_user(self.employee, "rating.rating")
        self.assertFalse(Rating.search([("id", "in", answers.rating_id.ids)]))

    def test_nobody_forges_an_answer(self):
        case = self.case(user_id=self.agent.id)
        request = self.solve(case)
        token = request.rating_id.access_token
        for user in (self.agent, self.care_manager, self.salesman):
            own = case.with_env(self.as_user(user, "crm.care.case").env)
            rating = request.rating_id.with_env(own.env)
            for forge in (
                lambda own=own: own.rating_apply(5, token=token),
                lambda own=own, rating=rating: own.rating_apply(5, rating=rating),
                lambda rating=rating: rating.write({"rating": 5, "consumed": True}),
                lambda rating=rating: rating.reset(),
                lambda rating=rating: rating.read(["access_token"]),
                lambda rating=rating: rating.create(
                    {
                        "res_model_id": self.env["ir.model"]._get_id("crm.care.case"),
                        "res_id": case.id,
                        "rating": 5,
                        "consumed": True,
                    }
                ),
                lambda own=own: own.write({"satisfaction": 2}),
                lambda own=own: own.write({"rating_last_value": 5}),
                lambda own=own: request.with_env(own.env).write({"rating": 5}),
                lambda own=own: request.with_env(own.env).create({"case_id": case.id}),
                lambda own=own: request.with_env(own.env).unlink(),
            ):
                with self.assertRaises(AccessError):
                    forge()
            self.assertFalse(rating.search([("access_token", "=", token)]))
            for name in ("consumed", "access_token"):
                through = [("rating_ids", "any", [(name, "in", (False, token))])]
                self.assertFalse(own.search_count([("id", "=", case.id), *through]))
            self.assertFalse(
                rating.search([("access_token", "=like", f"{token[:4]}%")])
            )
            self.assertNotEqual(own._rating_get_access_token(), token)
        # Nor with a message: that is no answer to a request.
        self.assertNotIn("rating_value", case._get_allowed_message_params())
        case.with_user(self.agent).message_post(body="Great", rating_value=5)
        case.with_user(self.agent).rating_send_request(self.team.rating_template_id)
        self.env.flush_all()
        self.assertFalse(request.date)
        self.assertFalse(case.rating_last_value)
        for body in case.message_ids.mapped("body"):
            self.assertNotIn(token, body)

    def test_nobody_moves_a_rating_to_a_case(self):
        case = self.case(user_id=self.agent.id)
        models = self.env["ir.model"]
        for user in (self.agent, self.employee):
            rating = self.as_user(user, "rating.rating").create(
                {
                    "res_model_id": models._get_id("res.partner"),
                    "res_id": self.asker.id,
                    "partner_id": self.asker.id,
                    "access_token": "chosen",
                }
            )
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                rating.write(
                    {"res_model_id": models._get_id("crm.care.case"), "res_id": case.id}
                )

    def test_managers_write_templates(self):
        """Odoo renders what is saved with a record: without making requests."""
        self.case()
        before = self.env["rating.rating"].search_count([])
        template = self.env.ref("crm_extended.mail_template_care_rating")
        template.copy(
            {"name": "Mine"}
        ).body_html = (
            '<a t-attf-href="/rate/{{ object._rating_get_access_token() }}/5">Rate</a>'
        )
        self.assertEqual(self.env["rating.rating"].search_count([]), before)
        self.assertFalse(self.Answer.search([("team_id", "=", self.team.id)]))

    def test_companies_apart(self):
        self.asker.company_id = False
        team_b = self.env["crm.care.team"].create(
            {
                "name": "Support B",
                "company_id": self.company_b.id,
                "ask_rating": True,
                "ask_nps": True,
                "member_ids": [Command.clear()],
            }
        )
        first = self.answer(self.case(), 5, expected=5, perceived=5, nps=9)
        second = self.answer(self.case(team_id=team_b.id), 1, expected=5, perceived=1)
        self.assertEqual(first.company_id, self.company_a)
        self.assertEqual(second.company_id, self.company_b)
        self.assertTrue(second.nps_asked, "each company asks for itself")
        Answer = self.as_user(self.care_manager, "crm.care.satisfaction")
        [[count, average]] = Answer._read_group(
            [("id", "in", (first + second).ids)], [], ["__count", "ratio:avg"]
        )
        self.assertEqual((count, average), (1, 1))

    def test_in_the_timeline(self):
        case = self.case("Broken lamp")
        self.answer(case, 1, "Too late & wrong", expected=9, perceived=3)
        self.env.flush_all()
        for user, seen in (
            (self.care_manager, 1),
            (self.agent_2, 1),
            (self.salesman, 1),
        ):
            Timeline = self.as_user(user, "crm.timeline")
            entries = Timeline.fetch("res.partner", self.asker.id, kinds=["rating"])
            self.assertEqual(len(entries["entries"]), seen, user.name)
        [entry] = entries["entries"]
        self.assertIn("Broken lamp", entry["title"])
        self.assertIn("Too late", entry["body"])
        case.user_id = self.agent
        Timeline = self.as_user(self.agent_2, "crm.timeline")
        entries = Timeline.fetch("res.partner", self.asker.id, kinds=["rating"])
        self.assertFalse(entries["entries"], "a case of somebody else")

    def test_anonymized(self):
        answer = self.answer(self.case(), 5)
        answer.case_id._anonymize()
        self.assertFalse(answer.partner_id)
        self.assertFalse(answer.email_normalized)
        self.assertFalse(answer.rating_id.partner_id)

    def test_views_open(self):
        answer = self.answer(
            self.case(user_id=self.agent.id), 5, expected=5, perceived=6
        )
        for user in (self.agent, self.salesman, self.care_manager):
            env = self.as_user(user, "crm.care.case").env
            records = [(answer, ("form", "list")), (answer.case_id, ("form", "list"))]
            if user != self.salesman:
                records.append((self.team, ("form",)))
            for record, view_types in records:
                record = record.with_env(env)
                for view_type in view_types:
                    view = record.get_view(view_type=view_type)
                    record.web_read(record._get_fields_spec(view))

    def test_queries_of_a_list(self):
        """As many for one answer as for ten."""
        answers = self.Answer
        for customer in self.customers(10):
            answers += self.answer(self.case(partner_id=customer.id))
        Answer = self.as_user(self.care_manager, "crm.care.satisfaction")
        spec = {
            "case_id": {"fields": {"display_name": {}}},
            "partner_id": {"fields": {"display_name": {}}},
            "commercial_partner_id": {"fields": {"display_name": {}}},
            "ratio": {},
            "rating_text": {},
        }

        def queries(limit):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            Answer.web_search_read([("id", "in", answers.ids)], spec, limit=limit)
            return self.cr.sql_log_count - before

        queries(1)
        self.assertEqual(queries(1), queries(10))
