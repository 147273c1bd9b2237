import sys
from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import SQL

from ...analytics.insight import forecast, lifetime
from .forecast_common import ForecastCommon


@tagged("post_install", "-at_install")
class TestForecast(ForecastCommon):
    """A shop large enough for a model."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners = cls.shop()
        cls.regular = cls.buyer(*[(ago, 50) for ago in (310, 220, 130, 40)])
        cls.late = cls.buyer(
            *[(ago, 50) for ago in (190, 160, 130, 100, 40)],
            email="late@example.com",
            phone="+32 2 555 01 23",
        )
        cls.gone = cls.buyer(*[(ago, 50) for ago in range(400, 340, -5)])
        cls.model = cls.fit()
        cls.parameters = {
            name: cls.model[name] for name in ("r", "alpha", "a", "b", "kind")
        }

    def history(self, row, today=None):
        """x, tx and T."""
        return (
            row.purchase_days - 1,
            (row.last_date - row.first_date).days,
            ((today or self.today) - row.first_date).days,
        )

    def test_the_model(self):
        self.assertIn(self.model.kind, ("bg", "mbg"))
        self.assertFalse(self.model.reason)
        self.assertEqual(self.model.customer_count, 523)
        self.assertGreater(self.model.repeater_count, 100)
        self.assertGreater(self.model.holdout_actual, 0)
        self.assertIn("predicted", self.model.holdout_text)
        rows = self.env["crm.forecast"].search([])
        fitted = lifetime.fit(
            self.model.kind, *zip(*map(self.history, rows), strict=True)
        )
        for name in ("r", "alpha", "a", "b", "log_likelihood"):
            self.assertAlmostEqual(self.model[name] / fitted[name], 1, 9)
        other = "bg" if self.model.kind == "mbg" else "mbg"
        least = lifetime.fit(other, *zip(*map(self.history, rows), strict=True))
        self.assertAlmostEqual(
            self.model.other_log_likelihood, least["log_likelihood"], 6
        )
        self.assertGreaterEqual(
            self.model.log_likelihood, self.model.other_log_likelihood
        )

    def test_probability_of_today_in_sql_and_in_python(self):
        rows = self.env["crm.forecast"].search([], order="p_active desc, id")
        found = rows.mapped("p_active")
        self.assertEqual(found, sorted(found, reverse=True))
        for row in rows[::40] + self.row(self.gone) + self.row(self.regular):
            expected = lifetime.p_active(
                self.model.kind, self.parameters, *self.history(row)
            )
            self.assertAlmostEqual(row.p_active, expected, 12)
        for operator, compare in (
            (">=", lambda one: one >= 0.5),
            ("<", lambda one: one < 0.5),
        ):
            count = self.env["crm.forecast"].search_count([("p_active", operator, 0.5)])
            self.assertEqual(count, sum(map(compare, found)))
        groups = self.env["crm.forecast"]._read_group(
            [], ["active_band"], ["__count", "p_active:avg"]
        )
        self.assertEqual(sum(count for _band, count, _mean in groups), 523)
        for band, count, mean in groups:
            values = [row.p_active for row in rows if row.active_band == band]
            self.assertEqual(len(values), count)
            self.assertAlmostEqual(sum(values) / count, mean, 9)
            self.assertEqual({forecast.band(each) for each in values}, {band})

    def test_tomorrow_it_is_less_without_anything_written(self):
        row = self.row(self.regular)
        before = row.p_active
        tomorrow = self.today + timedelta(days=200)
        with patch.object(fields.Date, "context_today", lambda *_args: tomorrow):
            row.invalidate_recordset()
            self.assertAlmostEqual(
                row.p_active,
                lifetime.p_active(
                    self.model.kind, self.parameters, *self.history(row, tomorrow)
                ),
                12,
            )
            self.assertLess(row.p_active, before)
            count = self.env["crm.forecast"].search_count(
                [("id", "=", row.id), ("p_active", "<", before)]
            )
            self.assertEqual(count, 1)

    def test_next_purchase(self):
        row = self.row(self.regular)
        self.assertEqual(row.median_interval, 90)
        self.assertEqual(row.next_date, self.today + timedelta(days=50))
        self.assertIn("Expected next purchase", row.next_text)
        late = self.row(self.late)
        self.assertEqual(late.next_date, self.today - timedelta(days=10))
        self.assertEqual(late.days_overdue, 10)
        self.assertIn("Overdue since", late.next_text)
        gone = self.row(self.gone)
        self.assertLess(gone.p_active, 0.1)
        self.assertFalse(gone.next_date)
        self.assertFalse(gone.next_text)
        self.assertTrue(gone.expected_date)
        overdue = self.env["crm.forecast"].search([("days_overdue", ">", 0)])
        self.assertIn(late, overdue)
        self.assertNotIn(row, overdue)
        self.assertNotIn(gone, overdue)
        by_date = self.env["crm.forecast"].search([("next_date", "=", late.next_date)])
        self.assertIn(late, by_date)
        none = self.env["crm.forecast"].search([("next_date", "=", False)])
        self.assertIn(gone, none)
        months = self.env["crm.forecast"]._read_group(
            [], ["next_date:month"], ["__count"]
        )
        self.assertEqual(sum(count for _month, count in months), 523)
        # Of whoever bought once or twice, by the model.
        once = self.env["crm.forecast"].search([("purchase_days", "=", 1)], limit=1)
        interval = forecast.model_interval(self.parameters, 1, self.history(once)[2])
        self.assertEqual(
            once.expected_date, forecast.expected_day(once.last_date, interval)
        )

    def test_value(self):
        row = self.row(self.regular)
        value = lifetime.discounted_value(
            self.model.kind, self.parameters, *self.history(row), 1.0, 1.0
        )
        self.assertAlmostEqual(
            row.lifetime_revenue / row.expected_amount, value, delta=0.001
        )
        self.assertEqual(row.lifetime_value, row.lifetime_revenue)
        # Only what is to come; what was is beside it.
        self.assertEqual(row.revenue, 200)
        self.assertEqual(row.valued_date, self.today)
        self.assertIn("36 months", row.value_text)
        # 4 purchases of 50 in 365 days: a third of one a month.
        self.assertEqual(row.simple_revenue, 600)
        self.assertAlmostEqual(row.monthly_purchases, 4 / 12)
        self.assertEqual(row.average_amount, 50)

    def test_words(self):
        row = self.row(self.regular)
        self.assertRegex(row.active_text, r"^\w[\w ]+ \([\d.]+%\)$")
        self.assertIn("90 days", row.why_text)
        self.assertEqual(row.holdout_text, self.model.holdout_text)
        summary = self.env["crm.forecast.model"].get_summary()
        self.assertTrue(summary["is_good"])
        self.assertIn("NBD", summary["state"])

    def test_contacts_leads_and_quotations(self):
        child = self.customer("Child", parent_id=self.regular.id)
        row = self.row(self.regular)
        lead = self.env["crm.lead"].create({"name": "Lead", "partner_id": child.id})
        order = self.env["sale.order"].create({"partner_id": child.id})
        for record in (self.regular, child, lead, order):
            self.assertEqual(record.forecast_p_active, row.p_active)
            self.assertEqual(record.forecast_next_date, row.next_date)
            self.assertEqual(record.forecast_lifetime_revenue, row.lifetime_revenue)
        self.assertEqual(lead.forecast_lifetime_value, row.lifetime_value)
        partners = self.env["res.partner"]
        mine = [("id", "in", (self.partners + self.regular + self.gone + child).ids)]
        found = partners.search([*mine, ("forecast_p_active", ">", 0)])
        self.assertEqual(len(found), 523)
        best = partners.search(mine, order="forecast_p_active desc, id", limit=5)
        highest = self.env["crm.forecast"].search([], order="p_active desc", limit=1)
        self.assertEqual(best[0].forecast_p_active, highest.p_active)
        groups = partners._read_group(mine, ["forecast_active_band"], ["__count"])
        self.assertEqual(sum(count for _band, count in groups), 523)
        overdue = partners.search([("forecast_next_date", "<", self.today)])
        self.assertIn(self.late, overdue)
        self.assertNotIn(self.regular, overdue)
        page = {block["name"]: block for block in child.get_customer_page()}
        texts = [line["text"] for line in page["forecast"]["rows"]]
        self.assertEqual(texts, [row.active_text, row.next_text, row.value_text])
        why = f"{row.why_text} {self.model.holdout_text}"
        self.assertEqual(page["forecast"]["rows"][0]["title"], why)
        self.assertEqual(child.action_forecast()["res_id"], row.id)

    def test_a_list_of_contacts_costs_the_same_for_more(self):
        names = ["forecast_p_active", "forecast_next_date", "forecast_lifetime_revenue"]

        def cost(count):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.partners[:count].read(names)
            return self.env.cr.sql_log_count - before

        cost(1)
        self.assertEqual(cost(5), cost(80))

    def test_the_agenda(self):
        self.late.user_id = self.regular.user_id = self.salesman
        self.env["crm.consent"].create(
            {
                "partner_id": self.late.id,
                "company_id": self.company.id,
                "purpose_id": self.env.ref("crm_extended.purpose_marketing").id,
                "state": "given",
            }
        )
        agenda = self.env["crm.customer.agenda"].with_user(self.salesman)
        self.assertIn("purchase_overdue", agenda._agenda_sources())

        def said(partner):
            return " ".join(text for _reason, text in agenda._reasons_of(partner))

        self.assertIn("Next purchase expected on", said(self.late))
        self.assertNotIn("Next purchase expected", said(self.regular))
        self.assertNotIn("Next purchase expected", said(self.gone))

    def test_the_agenda_has_those_expected_by_the_model(self):
        """With fewer than three purchases, by the interval of similar customers."""
        interval = forecast.model_interval(self.parameters, 2, 200)
        last = int(interval) + 5
        twice = self.buyer((200, 50), (last, 50), name="Twice")
        twice.write({"user_id": self.salesman.id, "email": "twice@example.com"})
        self.env["crm.consent"].create(
            {
                "partner_id": twice.id,
                "company_id": self.company.id,
                "purpose_id": self.env.ref("crm_extended.purpose_marketing").id,
                "state": "given",
            }
        )
        self.update()
        row = self.row(twice)
        self.assertFalse(row.own_interval)
        self.assertTrue(0 < row.days_overdue <= 30)
        agenda = self.env["crm.customer.agenda"].with_user(self.salesman)
        [text] = [
            text
            for reason, text in agenda._reasons_of(twice)
            if reason.key == "purchase_overdue"
        ]
        self.assertIn("interval of similar customers", text)
        self.assertNotIn("median", text)
        # Once it is longer ago, they are not listed any more.
        row.expected_date = self.today - timedelta(days=31)
        self.env.invalidate_all()
        self.assertFalse(agenda._reasons_of(twice))

    def test_the_agenda_says_it_once(self):
        self.late.user_id = self.salesman
        self.env["crm.consent"].create(
            {
                "partner_id": self.late.id,
                "company_id": self.company.id,
                "purpose_id": self.env.ref("crm_extended.purpose_marketing").id,
                "state": "given",
            }
        )
        agenda = self.env["crm.customer.agenda"].with_user(self.salesman)

        def reasons():
            self.env.invalidate_all()
            return {reason.key for reason, _text in agenda._reasons_of(self.late)}

        self.assertIn("purchase_overdue", reasons())
        # They need something again: that says what to offer them.
        product = self.env["product.template"].create({"name": "Toner"})
        line = self.env["crm.customer.product"].create(
            {
                "partner_id": self.late.id,
                "company_id": self.company.id,
                "product_tmpl_id": product.id,
                "purchase_days": 5,
                "usual_quantity": 1,
                "interval_days": 30,
                "first_date": self.today - timedelta(days=190),
                "last_date": self.today - timedelta(days=40),
                "due_date": self.today - timedelta(days=10),
                "due_until": self.today + timedelta(days=20),
            }
        )
        said = reasons()
        self.assertIn("replenishment", said)
        self.assertNotIn("purchase_overdue", said)
        self.env["crm.agenda.reason"]._complete(self.company)
        self.env["crm.agenda.reason"].search(
            [("key", "=", "replenishment"), ("company_id", "=", self.company.id)]
        ).active = False
        self.assertIn("purchase_overdue", reasons())
        line.unlink()
        # They moved to decline: that says how much was lost.
        values = {"partner_id": self.late.id, "company_id": self.company.id}
        stages = self.env["crm.lifecycle"]
        stages.search([("partner_id", "=", self.late.id)]).unlink()
        stages.create({**values, "stage": "decline", "stage_date": self.today})
        self.env["crm.lifecycle.change"].create(
            {
                **values,
                "old_stage": "stable",
                "new_stage": "decline",
                "date": self.today,
            }
        )
        said = reasons()
        self.assertIn("decline", said)
        self.assertNotIn("purchase_overdue", said)

    def test_recommended_customers_stand_beside_the_value(self):
        row = self.row(self.regular)
        before = row.lifetime_revenue
        self.assertEqual((row.referral_count, row.referred_revenue), (0, 0))
        friend = self.buyer((20, 70), name="Friend")
        self.env["crm.rfm.score"]._refresh(self.company)
        self.env["crm.referral"].create(
            {
                "partner_id": self.regular.id,
                "referred_id": friend.id,
                "company_id": self.company.id,
            }
        )
        self.env.invalidate_all()
        self.assertEqual((row.referral_count, row.referred_revenue), (1, 70))
        self.assertEqual(row.lifetime_revenue, before)
        self.assertEqual(self.row(self.late).referral_count, 0)
        opened = self.env["crm.referral"].search(row.action_open_referrals()["domain"])
        self.assertEqual(opened.referred_id, friend)

    def test_the_outlook_of_segments(self):
        self.env["crm.rfm.score"]._refresh(self.company)
        self.env.invalidate_all()
        flow = self.env["crm.customer.flow"]
        rows = self.env["crm.forecast"].search([("company_id", "=", self.company.id)])
        outlook = flow._get_outlook(self.company)
        self.assertEqual(
            {line["segment"] for line in outlook},
            {segment.display_name for segment in rows.rfm_segment_id},
        )
        self.assertEqual(sum(line["customers"] for line in outlook), 523)
        for line in outlook:
            name = line["segment"]
            mine = rows.filtered(lambda row, name=name: row.rfm_segment_id.name == name)
            self.assertEqual(line["customers"], len(mine))
            self.assertAlmostEqual(line["active"], sum(mine.mapped("p_active")), 6)
            for key in ("expected_90", "expected_365"):
                self.assertAlmostEqual(line[key], sum(mine.mapped(key)), 6)
            self.assertEqual(line["as_of"], self.today)
        # Salespeople see what is expected of their own customers.
        self.late.user_id = self.salesman
        of_mine = flow.with_user(self.salesman)._get_outlook(self.company)
        self.assertEqual(sum(line["customers"] for line in of_mine), 1)
        # The page says the same in words.
        page = flow.get_outlook()
        self.assertIn("of 523 customers active", page["summary"])
        self.assertEqual(len(page["lines"]), len(outlook))
        # Another company has no model.
        self.fit(company=self.company_b)
        self.assertEqual(flow._get_outlook(self.company_b), [])
        self.assertEqual(flow.with_company(self.company_b).get_outlook(), {})

    def versions(self):
        self.env.flush_all()
        return dict(
            self.env.execute_query(SQL("SELECT id, xmin::text FROM crm_forecast"))
        )

    def test_twice_writes_nothing(self):
        before = self.versions()
        model = self.fit()
        self.assertNotEqual(model, self.model)
        self.assertAlmostEqual(model.log_likelihood, self.model.log_likelihood, 6)
        self.assertEqual(self.versions(), before)

    def test_at_night_only_what_changed(self):
        before = self.versions()
        self.assertEqual(self.update(), self.model)
        self.assertEqual(self.versions(), before)
        # In the same transaction a row keeps the version of it: look at the values.
        old = self.row(self.regular)
        old_value, old_active = old.lifetime_revenue, old.p_active
        self.buy_all([(self.regular, 0, 50)])
        newcomer = self.buyer((0, 30))
        self.assertEqual(self.update(), self.model)
        row = self.row(self.regular)
        self.assertEqual(row.last_date, self.today)
        self.assertEqual(row.purchase_days, 5)
        self.assertEqual(row.next_date, self.today + timedelta(days=90))
        self.assertNotEqual(row.p_active, old_active)
        self.assertGreater(row.lifetime_revenue, old_value)
        self.assertTrue(self.row(newcomer).expected_90)

    def test_after_a_week_models_are_fitted_again(self):
        for later, is_new in ((6, False), (7, True)):
            day = self.today + timedelta(days=later)
            with patch.object(fields.Date, "context_today", lambda *_a, day=day: day):
                self.assertEqual(self.update() != self.model, is_new)

    def test_after_settings_changed_models_are_fitted_again(self):
        before = self.row(self.regular).lifetime_revenue
        self.company.forecast_months = 12
        model = self.update()
        self.assertNotEqual(model, self.model)
        self.assertLess(self.row(self.regular).lifetime_revenue, before)
        self.assertEqual(model.value_months, 12)

    def test_an_earlier_day(self):
        model = self.fit(-60)
        row = self.row(self.regular)
        self.assertEqual(row.as_of, self.today - timedelta(days=60))
        self.assertEqual(row.purchase_days, 3)
        self.assertFalse(model.of_today)
        self.assertAlmostEqual(
            row.p_active,
            lifetime.p_active(
                model.kind,
                {name: model[name] for name in ("r", "alpha", "a", "b")},
                *self.history(row, row.as_of),
            ),
            12,
        )
        # The next night is one of today.
        self.assertTrue(self.update().of_today)
        self.assertFalse(self.row(self.regular).as_of)

    def test_refused_profiling(self):
        purpose = self.env.ref("crm_extended.purpose_profiling")
        self.env["crm.consent"].create(
            {
                "partner_id": self.regular.id,
                "company_id": self.company.id,
                "purpose_id": purpose.id,
                "state": "refused",
            }
        )
        self.assertNotIn(
            "forecast",
            [block["name"] for block in self.regular.get_customer_page()],
        )
        self.update()
        self.assertFalse(self.row(self.regular))
        self.assertFalse(self.regular.forecast_id)
        # They count in the sums of the company.
        self.assertEqual(self.fit().customer_count, 523)
        self.assertFalse(self.row(self.regular))

    def test_archived_merged_and_deleted(self):
        self.regular.active = False
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.late + self.gone).ids, self.late, extra_checks=False
        )
        self.update()
        self.assertTrue(self.row(self.regular).expected_90)
        self.assertEqual(self.row(self.late).purchase_days, 17)
        customer = self.partners[0]
        self.env["crm.purchase.history"].search(
            [("partner_id", "=", customer.id)]
        ).unlink()
        self.update()
        self.assertFalse(self.row(customer))

    def test_purchases_taken_back(self):
        self.buy_all([(self.regular, 0, 70)])
        self.update()
        self.assertEqual(self.row(self.regular).purchase_days, 5)
        self.buy_all([(self.regular, 0, -20)])
        self.update()
        row = self.row(self.regular)
        # An amount of its own, on that day.
        self.assertEqual((row.purchase_days, row.revenue), (5, 250))

    def test_a_run_that_ends_in_the_middle_leaves_what_was(self):
        before = self.versions()
        models = self.env["crm.forecast.model"].search([])
        self.buy_all([(self.regular, 0, 70)])

        def fail(*_args, **_options):
            raise UserError("Enough")

        with (
            patch.object(type(models), "_write_forecasts", fail),
            self.assertRaises(UserError),
            self.env.cr.savepoint(),
        ):
            self.fit()
        self.assertEqual(self.versions(), before)
        self.assertEqual(self.env["crm.forecast.model"].search([]), models)
        self.fit()
        self.assertEqual(self.row(self.regular).purchase_days, 5)

    # -- Tests that fail

    def assert_refused(self, reason, words):
        model = self.fit()
        self.assertEqual((model.kind, model.reason), ("none", reason))
        self.assertIn("Not enough data", model.state_text)
        self.assertIn(words, model.state_text)
        self.assertFalse(model.warning_text)
        rows = self.env["crm.forecast"].search([("company_id", "=", self.company.id)])
        self.assertTrue(rows)
        # The simple value instead.
        self.assertFalse(any(rows.mapped("lifetime_revenue")))
        self.assertTrue(any(rows.mapped("simple_revenue")))
        self.assertFalse(self.env["crm.forecast"].search([("p_active", ">=", 0)]))
        return model

    def purchases(self, *conditions):
        return self.env["crm.purchase.history"].search(
            [("company_id", "=", self.company.id), *conditions]
        )

    def test_a_test_off_by_more_than_all(self):
        known_until = self.today - timedelta(days=90)
        last = self.purchases(("date", ">", known_until)).sorted("id")
        last[10:].unlink()
        model = self.assert_refused("holdout", "off by more than 100%")
        self.assertGreater(model.holdout_expected, 2 * model.holdout_actual)
        self.assertIn("happened", model.holdout_text)
        self.assertTrue(model.week_ids)

    def test_more_than_twice_of_what_was_predicted_is_warned_about(self):
        self.assertFalse(self.model.reason)
        known = self.env["crm.forecast"].search(
            [
                ("company_id", "=", self.company.id),
                ("first_date", "<", self.today - timedelta(days=90)),
            ]
        )
        self.buy_all(
            [
                (row.partner_id, ago, 20)
                for number, row in enumerate(known)
                for ago in (80, 60, 40, 20)[: number % 5]
            ]
        )
        model = self.fit()
        self.assertFalse(model.reason)
        self.assertIn("off by 25% or more", model.warning_text)
        self.assertGreater(model.holdout_actual, 2 * model.holdout_expected)
        self.assertRegex(model.holdout_text, r"\(−[5-9]\d%\)")

    def test_what_was_known_says_too_little_for_a_test(self):
        """All repeat purchases are of the last 90 days; today's fit has an optimum."""
        self.purchases().unlink()
        purchases = []
        for partner in self.partners:
            age = self.random.randint(91, 200)
            rate = self.random.gammavariate(0.8, 0.2)
            leaves = self.random.betavariate(1, 1)
            purchases.append((partner, age, 50))
            day = 0.0
            while (day := day + max(self.random.expovariate(rate), 1)) <= 90:
                purchases.append((partner, 90 - int(day), 50))
                if self.random.random() < leaves:
                    break
        self.buy_all(purchases)
        model = self.assert_refused("untested", "test a forecast")
        # Its prediction, that no one buys, is not told as one.
        self.assertFalse(model.holdout_text)
        self.assertFalse(model.week_ids)

    def test_what_is_not_known_is_empty(self):
        """Nothing, not 0, in what is read and exported."""
        once = self.buyer((20, 40), name="Once")
        self.update()
        stranger = self.customer("Stranger")
        names = ["forecast_p_active", "forecast_lifetime_revenue"]
        full = [*names, "forecast_lifetime_value"]
        of_model = ["p_active", "expected_90", "lifetime_revenue", "lifetime_value"]

        def records():
            return (
                (self.regular, full),
                (
                    self.env["crm.lead"].create({"name": "L", "partner_id": once.id}),
                    full,
                ),
                (self.env["sale.order"].create({"partner_id": once.id}), names),
                (self.row(once), of_model),
            )

        for record, fields_ in records():
            [values] = record.read(fields_)
            [exported] = record.export_data(fields_)["datas"]
            self.assertTrue(all(values[name] > 0 for name in fields_), record)
            self.assertTrue(all(value > 0 for value in exported), record)
        [values] = self.row(once).read(["median_interval"])
        self.assertIs(values["median_interval"], False)
        nothing = stranger.export_data(full)["datas"]
        self.assertEqual(nothing, [["", "", ""]])
        # The model is gone.
        with patch.dict(sys.modules, {"numpy": None}):
            self.fit()
        self.env.invalidate_all()
        for record, fields_ in records():
            [values] = record.read(fields_)
            self.assertEqual([values[name] for name in fields_], [False] * len(fields_))
            self.assertEqual(
                record.export_data(fields_)["datas"], [[""] * len(fields_)]
            )
        self.assertTrue(self.row(once).read(["simple_revenue"])[0]["simple_revenue"])
        # Where 0 is expected, it says 0.
        self.fit()
        row = self.row(once)
        row.lifetime_revenue = 0
        self.env.invalidate_all()
        self.assertEqual(once.export_data(names)["datas"][0][1], 0)
        self.assertIs(once.read(names)[0]["forecast_lifetime_revenue"] is False, False)

    def test_without_numpy(self):
        with patch.dict(sys.modules, {"numpy": None}):
            # What was fitted stays, and is of today.
            row = self.row(self.regular)
            row.invalidate_recordset()
            self.assertGreater(row.p_active, 0)
            model = self.fit()
            self.assertEqual((model.kind, model.reason), ("none", "numpy"))
            self.assertIn("pip install numpy", model.state_text)
            row = self.row(self.regular)
            self.assertEqual(row.simple_revenue, 600)
            self.assertFalse(row.expected_90 or row.lifetime_revenue)
            self.assertEqual(row.next_date, self.today + timedelta(days=50))
            self.assertFalse(row.active_text)
            self.assertIn("3 years", row.value_text)
        # Once it is there, the next night fits.
        self.assertIn(self.update().kind, ("bg", "mbg"))

    def test_companies_have_their_own(self):
        for ago in (200, 100, 50):
            self.buy(self.regular, 80, ago, company=self.company_b)
        self.fit(company=self.company_b)
        other = self.row(self.regular, self.company_b)
        self.assertEqual(other.currency_id, self.usd)
        # Each in its own money: 3 purchases of 80 a year, and 4 of 50, for 3 years.
        mine = self.row(self.regular)
        self.assertEqual(mine.currency_id, self.eur)
        self.assertEqual((mine.revenue, mine.simple_revenue), (200, 600))
        self.assertEqual((other.revenue, other.simple_revenue), (240, 720))
        self.assertEqual((mine.average_amount, other.average_amount), (50, 80))
        self.assertIn("$\N{NO-BREAK SPACE}720", other.value_text)
        self.assertFalse(other.has_model)
        self.assertFalse(other.active_band)
        self.assertTrue(self.row(self.regular).has_model)
        regular = self.regular.with_company(self.company_b)
        self.assertEqual(regular.forecast_next_date, other.next_date)
        self.assertFalse(regular.forecast_p_active)
        both = self.env["crm.forecast"].with_context(
            allowed_company_ids=(self.company + self.company_b).ids
        )
        without = both.search([("active_band", "=", False)])
        self.assertEqual(without, other)


@tagged("post_install", "-at_install")
class TestForecastSmall(ForecastCommon):
    """Companies that are too small for a model get what can be said."""

    def test_a_company_without_sales(self):
        model = self.fit()
        self.assertEqual((model.kind, model.reason), ("none", "customers"))
        self.assertEqual(model.customer_count, 0)
        self.assertIn("at least 500", model.state_text)
        self.assertFalse(model.holdout_text)
        self.assertFalse(model.warning_text)

    def test_the_scheduled_action(self):
        partner = self.buyer((30, 10))
        with self.no_commits():
            self.env["crm.forecast"]._cron_refresh()
        self.assertTrue(self.row(partner))
        job = self.env.ref("crm_extended.ir_cron_forecast")
        self.assertEqual(job.interval_type, "days")

    def test_one_customer(self):
        partner = self.buyer((300, 40), (200, 60), (100, 80))
        model = self.fit()
        self.assertEqual(model.reason, "customers")
        row = self.row(partner)
        self.assertEqual(row.simple_revenue, 540)
        self.assertEqual(row.next_date, self.today)
        self.assertFalse(row.days_overdue)
        self.assertFalse(row.p_active)
        self.assertIn("Not enough data", row.why_text)
        self.assertIn("540", row.value_text)
        self.assertEqual(
            self.env["crm.forecast"].search([("active_band", "=", False)]), row
        )
        self.assertFalse(self.env["crm.forecast"].search([("p_active", ">=", 0)]))

    def test_simple_value_is_the_example_of_the_help(self):
        self.company.forecast_years = 10
        partner = self.buyer(*[(30 * month, 1500) for month in range(12)])
        self.fit()
        self.assertEqual(self.row(partner).simple_revenue, 180000)
        self.assertIn("180,000", self.row(partner)._fields["simple_value"].help)

    def test_for_thirty_years(self):
        partner = self.customer("Clockwork")
        self.buy_all([(partner, 30 * month, 100) for month in range(365)])
        self.fit()
        row = self.row(partner)
        self.assertEqual(row.purchase_days, 365)
        self.assertEqual(row.median_interval, 30)
        self.assertEqual(row.next_date, self.today + timedelta(days=30))

    def test_of_two_days(self):
        partner = self.buyer((1, 10), (0, 10))
        self.fit()
        row = self.row(partner)
        self.assertEqual(row.purchase_days, 2)
        self.assertFalse(row.next_date)
        self.assertEqual(row.simple_revenue, 60)

    def test_amounts_of_zero_and_below(self):
        nothing = self.buyer((10, 0))
        refunded = self.buyer((300, 100), (10, 50))
        self.buy_all([(refunded, 5, -400)])
        self.fit()
        self.assertFalse(self.row(nothing))
        row = self.row(refunded)
        self.assertEqual((row.revenue, row.simple_revenue), (-250, 0))

    def test_not_expected_any_more(self):
        recent = self.buyer(*[(ago, 10) for ago in (400, 380, 360)])
        old = self.buyer(*[(ago, 10) for ago in (800, 780, 760)])
        self.fit()
        self.assertTrue(self.row(recent).days_overdue)
        self.assertFalse(self.row(old).next_date)
        self.assertEqual(self.row(old).simple_revenue, 0)
        found = self.env["crm.forecast"].search([("days_overdue", ">", 0)])
        self.assertEqual(found, self.row(recent))

    def test_margin_where_costs_are_known(self):
        product = self.env["product.product"].create(
            {"name": "Tea", "type": "consu", "standard_price": 40}
        )
        self.company.rfm_source = "sale"
        partner = self.customer("Buyer")
        order = self.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "company_id": self.company.id,
                "order_line": [
                    Command.create(
                        {"product_id": product.id, "price_unit": 100, "tax_ids": False}
                    )
                ],
            }
        )
        order.action_confirm()
        product.with_company(self.company).standard_price = 40
        model = self.fit()
        self.assertAlmostEqual(model.margin_rate, 0.6)
        row = self.row(partner)
        self.assertEqual((row.simple_revenue, row.simple_value), (300, 180))

    def test_reasons_in_words(self):
        self.buyer((40, 10), (20, 10))
        model = self.fit()
        for reason, words in (
            ("numpy", "pip install numpy"),
            ("customers", "1 customers, at least 500"),
            ("repeaters", "1 customers bought more than once, at least 100"),
            ("days", "40 days, at least 180"),
            ("recent", "last 90 days"),
            ("starts", "different starts"),
            ("bound", "no optimum"),
            ("untested", "too seldom or too much alike"),
            ("holdout", "off by more than 100%"),
        ):
            model.reason = reason
            self.assertIn(words, model.state_text)
        self.assertEqual(len(model._fields["reason"].selection), 9)

    def test_bought_on_one_day(self):
        once, twice = self.buyer((20, 10)), self.buyer((40, 10), (20, 10))
        self.fit()
        self.assertIn("Bought on one day, ", self.row(once).why_text)
        self.assertNotIn("1 days", self.row(once).why_text)
        self.assertIn("Bought on 2 days, first on ", self.row(twice).why_text)

    def test_warnings(self):
        model = self.fit()
        model.write(
            {
                "kind": "bg",
                "reason": False,
                "q": 3,
                "holdout_expected": 16874,
                "holdout_actual": 19684,
                "correlation": 0.29,
            }
        )
        self.assertIn("predicted 16,874", model.holdout_text)
        self.assertIn("happened 19,684 (−14%)", model.holdout_text)
        self.assertFalse(model.warning_text)
        model.correlation = 0.3
        self.assertIn("0.30", model.warning_text)
        model.holdout_expected = 19684 * 1.25
        self.assertIn("25%", model.warning_text)
        model.holdout_actual = 0
        self.assertTrue(model.holdout_text)

    def test_settings(self):
        user = self.manager
        user.group_ids += self.env.ref("base.group_system")
        with Form(self.env["res.config.settings"].with_user(user)) as form:
            form.forecast_discount_rate = 8
            form.forecast_months = 24
            form.forecast_years = 5
            settings = form.save()
        settings.execute()
        self.assertEqual(self.company._get_forecast_settings(), (8, 24, 5))
        self.assertEqual(self.company_b._get_forecast_settings(), (10, 36, 3))
        for name, value in (
            ("forecast_discount_rate", -1),
            ("forecast_months", 241),
            ("forecast_years", -2),
        ):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                self.company[name] = value

    def test_while_another_one_is_at_work(self):
        self.fit()
        with self.registry.cursor() as cr:
            cr.execute(
                "SELECT pg_advisory_xact_lock(hashtext('crm_forecast_model'), %s)",
                [self.company_b.id],
            )
            with self.assertRaises(UserError):
                self.fit(company=self.company_b)
