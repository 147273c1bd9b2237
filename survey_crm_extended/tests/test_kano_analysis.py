"""What the Kano page says, and to whom."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .kano_common import KanoCommon

EXAMPLE = "M" * 65 + "O" * 87 + "A" * 93 + "I" * 51


@tagged("post_install", "-at_install")
class TestKanoAnalysis(KanoCommon):
    def put_into_segment(self, partners, name="Fans"):
        """Give customers a score in a segment of their own."""
        segment = self.env["crm.rfm.segment"].create(
            {"name": name, "company_id": self.company_a.id}
        )
        for partner in partners:
            self.buy(partner)
        self.refresh()
        self.env["crm.rfm.score"].search(
            [("partner_id", "in", partners.ids)]
        ).segment_id = segment
        return segment

    def test_figures_of_a_feature(self):
        self.replies(self.delivery, "MMOOOOAAAIRQQ")
        figures = self.figures()
        self.assertEqual(figures["answers"], 13)
        self.assertEqual(
            figures["counts"], {"M": 2, "O": 4, "A": 3, "I": 1, "R": 1, "Q": 2}
        )
        self.assertEqual(figures["class"], "O")
        self.assertAlmostEqual(figures["better"], 0.7)
        self.assertAlmostEqual(figures["worse"], -0.6)
        self.assertFalse(figures["separated"])
        self.assertEqual(figures["runners_up"], ["A"])
        self.assertTrue(figures["badly_put"])

    def test_an_empty_company(self):
        self.features.unlink()
        page = self.page()
        self.assertEqual(page["waves"], [])
        self.assertEqual(page["features"], [])
        self.assertFalse(page["survey_id"])

    def test_the_latest_wave_with_answers_is_shown(self):
        self.replies(self.delivery, "A", days_ago=40)
        second = self.new_wave("Second")
        page = self.page()
        self.assertEqual(
            [wave["id"] for wave in page["waves"]], [second.id, self.wave.id]
        )
        self.assertEqual(page["survey_id"], self.wave.id)
        page = self.page(survey=self.wave, compare=second)
        self.assertEqual((page["survey_id"], page["compare_id"]), (self.wave.id, False))
        self.replies(self.delivery, "M", survey=second)
        self.assertEqual(self.page()["survey_id"], second.id)

    def test_waves_side_by_side_the_later_compared_with_the_earlier(self):
        second = self.new_wave("Second", self.delivery)
        self.replies(self.delivery, "AAAAO", days_ago=300)
        self.replies(self.parts, "I", days_ago=300)
        self.replies(self.delivery, "MMMMA", survey=second)
        for chosen in (
            {"survey": second, "compare": self.wave},
            {"survey": self.wave, "compare": second},
        ):
            page = self.page(**chosen)
            self.assertEqual(
                (page["survey_id"], page["compare_id"]), (second.id, self.wave.id)
            )
            delivery, parts = page["features"]
            self.assertEqual(delivery["before"]["class"], "A")
            self.assertEqual(delivery["now"]["class"], "M")
            self.assertEqual(delivery["move"], "expected")
            self.assertIsNone(parts["now"])
            self.assertEqual(parts["before"]["class"], "I")
            self.assertIsNone(parts["move"])
        self.assertFalse(self.page(survey=second, compare=second)["compare_id"])

    def test_a_closed_survey_is_still_a_wave(self):
        self.replies(self.delivery, "A")
        self.wave.action_archive()
        self.assertEqual(self.counts(), {"A": 1})

    def test_by_segment_from_five_answers_on(self):
        fans = self.customers(5)
        segment = self.put_into_segment(fans)
        for fan in fans[:4]:
            self.reply({self.delivery: "O", self.parts: "M"}, fan)
        self.replies(self.delivery, "AAA")
        self.assertEqual(self.page()["segments"], [])
        # Whoever asks past the page gets all of them.
        self.assertEqual(self.counts(segment=segment), {"O": 4, "A": 3})
        self.reply({self.delivery: "O"}, fans[4])
        page = self.page(segment=segment)
        self.assertEqual(
            page["segments"], [{"id": segment.id, "name": "Fans", "answers": 5}]
        )
        delivery, parts = page["features"]
        self.assertEqual(delivery["now"]["counts"]["O"], 5)
        self.assertEqual(delivery["now"]["answers"], 5)
        self.assertEqual(parts["now"], {"is_hidden": True, "class": None})

    def test_no_segment_gives_a_smaller_one_away(self):
        """What two of the others said would be the figures of all less those shown."""
        people = self.customers(13)
        fans = self.put_into_segment(people)
        others = fans.copy({"name": "Others"})
        more = fans.copy({"name": "More"})
        for few, segment in ((people[5:7], others), (people[7:], more)):
            scores = self.env["crm.rfm.score"].search([("partner_id", "in", few.ids)])
            scores.segment_id = segment
        self.env.flush_all()
        for fan in people[:5]:
            self.reply({self.delivery: "O"}, fan)
        self.reply({self.delivery: "A"}, people[5])
        self.assertEqual(self.page()["segments"], [])
        for each in people[7:]:
            self.reply({self.delivery: "I", self.parts: "I"}, each)
        page = self.page(segment=more)
        [offered] = page["segments"]
        self.assertEqual((offered["id"], offered["answers"]), (more.id, 6))
        shown = [each["now"]["is_hidden"] for each in page["features"]]
        self.assertEqual(shown, [False, False])
        # One of the others alone says something about the second feature, too.
        self.reply({self.parts: "M"}, people[6])
        page = self.page(segment=more)
        shown = [each["now"]["is_hidden"] for each in page["features"]]
        self.assertEqual(shown, [False, True])

    def test_who_refused_profiling_is_in_no_segment(self):
        fans = self.customers(6)
        segment = self.put_into_segment(fans)
        for fan in fans:
            self.reply({self.delivery: "O"}, fan)
        self.assertEqual(self.page()["segments"][0]["answers"], 6)
        self.env["crm.consent"].create(
            {
                "partner_id": fans[0].id,
                "company_id": self.company_a.id,
                "purpose_id": self.env.ref("crm_extended.purpose_profiling").id,
                "state": "refused",
            }
        )
        self.assertEqual(self.counts(segment=segment), {"O": 5})
        self.assertEqual(self.counts(), {"O": 6})

    def test_a_person_who_refused_is_in_no_segment_of_their_firm(self):
        [firm] = self.customers(1, is_company=True)
        people = self.customers(6, parent_id=firm.id)
        segment = self.put_into_segment(firm)
        for person in people:
            self.reply({self.delivery: "O"}, person)
        self.env["crm.consent"].create(
            {
                "partner_id": people[0].id,
                "company_id": self.company_a.id,
                "purpose_id": self.env.ref("crm_extended.purpose_profiling").id,
                "state": "refused",
            }
        )
        self.assertEqual(self.counts(segment=segment), {"O": 5})

    def test_companies_have_their_own_features(self):
        other = self.env["crm.kano.feature"].create(
            {"name": "Delivery", "company_id": self.company_b.id}
        )
        theirs = self.new_wave("Theirs", other)
        self.reply({other: "M"}, survey=theirs)
        self.replies(self.delivery, "A")
        boss = self.new_user("boss_b", "sales_team.group_sale_manager", self.company_b)
        self.assertEqual([wave["id"] for wave in self.page()["waves"]], [self.wave.id])
        page = self.page(boss)
        self.assertEqual([wave["id"] for wave in page["waves"]], [theirs.id])
        self.assertEqual([one["id"] for one in page["features"]], [other.id])
        features = self.as_user(self.officer, "crm.kano.feature")
        self.assertEqual(features.search([]), self.features)
        with self.assertRaises(AccessError):
            features.create({"name": "Theirs", "company_id": self.company_b.id})
        with self.assertRaises(AccessError):
            features.browse(other.id).name = "Ours"
        answers = self.as_user(self.officer, "crm.kano.answer")
        self.assertEqual(answers.search([]).mapped("feature_id"), self.delivery)

    def test_customers_of_another_company_are_not_counted(self):
        theirs = self.customer(company_id=self.company_b.id)
        self.reply({self.delivery: "M"}, theirs)
        self.replies(self.delivery, "A")
        self.assertEqual(self.counts(), {"A": 1})
        answers = self.as_user(self.officer, "crm.kano.answer")
        self.assertEqual(answers.search([]).mapped("kano_class"), ["A"])

    def test_who_may_see_the_page(self):
        leads = self.new_user("kano_leads", "sales_team.group_sale_salesman_all_leads")
        agent = self.new_user("kano_agent", "crm_extended.group_care_agent")
        surveyor = self.new_user(
            "kano_surveyor", "base.group_user,survey.group_survey_user"
        )
        self.replies(self.delivery, "A")
        for user in (self.manager, leads, self.officer):
            self.assertTrue(self.page(user)["features"])
        for user in (self.salesman, agent, surveyor, self.employee, self.portal):
            with self.assertRaises(AccessError):
                self.page(user)

    def test_who_may_read_who_answered_what(self):
        self.replies(self.delivery, "A")
        for user, may in (
            (self.officer, True),
            (self.manager, False),
            (self.salesman, False),
            (self.employee, False),
            (self.portal, False),
        ):
            answers = self.as_user(user, "crm.kano.answer")
            self.assertEqual(answers.has_access("read"), may)
            if may:
                self.assertEqual(len(answers.search([])), 1)
                continue
            for read in (
                lambda answers=answers: answers.search([]),
                lambda answers=answers: answers.formatted_read_group(
                    [], ["kano_class"], ["__count"]
                ),
            ):
                with self.assertRaises(AccessError):
                    read()
        page = self.page()
        self.assertFalse(page["may_open"] or page["may_create"])
        page = self.page(self.officer)
        self.assertTrue(page["may_open"] and page["may_create"])

    def test_a_restricted_survey_is_for_its_users(self):
        self.replies(self.delivery, "A")
        other = self.new_user("officer_2", "base.group_user,survey.group_survey_user")
        self.wave.restrict_user_ids = other
        self.assertEqual(self.page()["waves"], [])
        self.assertEqual(self.page(self.officer)["waves"], [])
        self.assertEqual(self.page(survey=self.wave)["features"], [])
        self.assertFalse(self.as_user(self.officer, "crm.kano.answer").search([]))
        self.wave.restrict_user_ids += self.officer
        self.assertTrue(self.page(self.officer)["features"])
        self.assertTrue(self.as_user(self.officer, "crm.kano.answer").search([]))

    def test_queries_do_not_depend_on_waves_features_and_people(self):
        def queries():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.page()
            return self.env.cr.sql_log_count - before

        fans = self.customers(6)
        self.put_into_segment(fans)
        for fan in fans:
            self.reply({self.delivery: "O", self.parts: "M"}, fan)
        self.page()
        few = queries()
        self.env["crm.kano.feature"].create(
            [
                {"name": f"Feature {number}", "company_id": self.company_a.id}
                for number in range(4)
            ]
        )
        features = self.env["crm.kano.feature"].search(
            [("company_id", "=", self.company_a.id)]
        )
        for number in range(3):
            wave = self.new_wave(f"Wave {number}", features)
            for fan in fans + self.customers(5):
                self.reply(dict.fromkeys(features, "A"), fan, wave)
        self.page()
        self.assertEqual(len(self.page()["features"]), 6)
        self.assertEqual(queries(), few)
        self.assertLess(few, 20)

    def test_the_page_counts_what_the_list_shows(self):
        fans = self.customers(6)
        self.put_into_segment(fans)
        for number, fan in enumerate(fans):
            self.reply({self.delivery: "MOAIRQ"[number], self.parts: "A"}, fan)
        self.reply({self.delivery: "O"}, fans[0])
        self.replies(self.delivery, "AAIQ")
        # Twice an answer to one question, and none to another.
        twice = self.reply({self.parts: "M"})
        twice.user_input_line_ids[0].copy()
        self.reply({self.delivery: ("like", None), self.parts: "R"})
        other = self.new_wave("Other")
        self.reply({self.delivery: "M"}, survey=other)
        rows = self.as_user(self.officer, "crm.kano.answer")._read_group(
            [("survey_id", "=", self.wave.id)],
            ["feature_id", "kano_class"],
            ["__count"],
        )
        listed = {}
        for feature, letter, count in rows:
            listed.setdefault(feature.id, {})[letter] = count
        for feature in self.features:
            self.assertEqual(self.counts(feature, survey=self.wave), listed[feature.id])
        self.assertEqual(listed[self.parts.id], {"A": 5, "R": 1})

    def test_the_answer_to_another_question_is_none(self):
        """Those who fill in a survey may send whatever they like."""
        entry = self.reply({self.delivery: "A"})
        functional, dysfunctional = entry.user_input_line_ids
        functional.suggested_answer_id = dysfunctional.suggested_answer_id
        self.assertEqual(self.counts(), {})
        self.assertEqual(self.page()["waves"][0]["answers"], 0)
        self.assertFalse(self.as_user(self.officer, "crm.kano.answer").search([]))
        # Nor do the questions of another survey count.
        other = self.new_wave("Other")
        entry = self.reply({self.delivery: "A"}, survey=other)
        entry.survey_id = self.wave
        self.assertEqual([wave["answers"] for wave in self.page()["waves"]], [0, 0])

    def test_ids_from_outside_may_be_anything(self):
        self.replies(self.delivery, "A")
        pages = self.as_user(self.manager, "crm.kano.analysis")
        expected = pages.get_page()
        for value in (-1, 2**40, "1 OR 1=1", [self.wave.id], {"a": 1}, None, True, 1.5):
            self.assertEqual(pages.get_page(value, value, value), expected)

    def test_while_the_feature_is_off_there_is_no_page(self):
        self.env["crm.feature"]._switch(insight=False)
        with self.assertRaises(AccessError):
            self.page()
        with self.assertRaises(AccessError):
            self.page(self.officer)
        menus = self.env["ir.ui.menu"].with_user(self.officer)._visible_menu_ids()
        self.assertNotIn(self.env.ref("survey_crm_extended.menu_crm_kano").id, menus)

    def test_what_stays_is_said_before_switching_off(self):
        features = self.env["crm.feature"]
        count = self.env["crm.kano.feature"].search_count([])
        self.assertIn(f"Kano features: {count}", features._get_leftovers("insight"))
        self.assertEqual(features._get_feature_of("crm.kano.answer"), "insight")

    def test_surveys_work_for_who_does_not_see_kano(self):
        """Also while the feature is off: answers are given and read as ever."""
        self.env["crm.feature"]._switch(insight=False)
        survey = self.wave.with_user(self.officer)
        copied = survey.copy()
        self.assertEqual(len(copied.question_ids), 4)
        self.assertTrue(survey.question_ids.read())
        arch = survey.get_view(view_type="form")["arch"]
        self.assertNotIn("kano", arch)
        entry = survey.sudo()._create_answer(user=self.officer)
        question = self.wave.question_ids[0]
        entry._save_lines(question, str(question.suggested_answer_ids[0].id))
        entry._mark_done()
        self.assertEqual(entry.state, "done")

    def test_the_page_asks_few_questions(self):
        """However many features and answers there are."""
        self.replies(self.delivery, "MO")
        self.page()
        pages = self.as_user(self.manager, "crm.kano.analysis")
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        pages.get_page()
        few = self.env.cr.sql_log_count - before
        more = self.env["crm.kano.feature"].create(
            [
                {"name": f"F{number}", "company_id": self.company_a.id}
                for number in range(8)
            ]
        )
        second = self.new_wave("Second", more)
        self.reply(dict.fromkeys(more, "A"), survey=second)
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        pages.get_page(second.id, self.wave.id)
        self.assertLessEqual(self.env.cr.sql_log_count - before, few + 1)
