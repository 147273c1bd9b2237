"""Sizes of segments on past days, told from the moves."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta

from ..common import CustomerValueCommon


class TestRfmSegmentTrend(CustomerValueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stayer, cls.mover, cls.goer, cls.comer = cls.customers(4)
        cls.red, cls.blue = cls.env["crm.rfm.segment"].create(
            [{"name": name, "company_id": cls.company_a.id} for name in ("Red", "Blue")]
        )
        # Today: stayer and mover and comer are blue; the goer has no standing any more.
        cls.env["crm.rfm.score"].create(
            [
                {
                    "partner_id": partner.id,
                    "company_id": cls.company_a.id,
                    "segment_id": cls.blue.id,
                    "frequency": 1,
                }
                for partner in (cls.stayer, cls.mover, cls.comer)
            ]
        )
        nobody = cls.env["crm.rfm.segment"]
        for partner, days_ago, old, new in (
            (cls.mover, 300, nobody, cls.red),
            (cls.mover, 100, cls.red, cls.blue),
            (cls.mover, 90, cls.blue, cls.red),
            (cls.mover, 20, cls.red, cls.blue),
            (cls.goer, 50, cls.red, nobody),
            (cls.comer, 10, nobody, cls.blue),
        ):
            cls.env["crm.rfm.change"].create(
                {
                    "partner_id": partner.id,
                    "company_id": cls.company_a.id,
                    "date": cls.ago(days_ago),
                    "old_segment_id": old.id,
                    "new_segment_id": new.id,
                    "old_code": old and "111",
                    "new_code": new and "111",
                }
            )

    @classmethod
    def ago(cls, days):
        return cls.today - timedelta(days=days)

    def trend(self, user=None, **context):
        self.env.invalidate_all()
        return self.as_user(
            user or self.salesman, "crm.rfm.segment.trend"
        ).with_context(**context)

    def sizes(self, days_ago, user=None):
        """Red and blue on one day."""
        day = str(self.ago(days_ago))
        rows = self.trend(user, rfm_date_from=day, rfm_date_to=day).search(
            [("company_id", "=", self.company_a.id)]
        )
        self.assertEqual(set(rows.mapped("date")), {self.ago(days_ago)})
        by_segment = {row.segment_id.name: row.customers for row in rows}
        return by_segment.get("Red", 0), by_segment.get("Blue", 0)

    def test_the_past_is_told_backwards(self):
        for days_ago, red_and_blue in (
            (0, (0, 3)),
            (10, (0, 3)),
            (11, (0, 2)),
            (21, (1, 1)),
            (50, (1, 1)),
            (51, (2, 1)),
            (95, (1, 2)),
            (200, (2, 1)),
            (300, (2, 1)),
        ):
            self.assertEqual(self.sizes(days_ago), red_and_blue, days_ago)

    def test_nothing_is_told_of_days_before_the_first_change(self):
        day = str(self.ago(301))
        rows = self.trend(rfm_date_from=day, rfm_date_to=day).search([])
        self.assertFalse(rows)

    def test_it_agrees_with_the_movement_between_two_days(self):
        for days_ago in (15, 60, 95):
            groups = (
                self.env["crm.rfm.movement"]
                .with_context(rfm_date_from=str(self.ago(days_ago)))
                ._read_group(
                    [
                        ("company_id", "=", self.company_a.id),
                        ("partner_id", "!=", self.goer.id),
                    ],
                    ["old_segment_id"],
                    ["__count"],
                )
            )
            told = {segment: count for segment, count in groups if segment}
            # The movement knows customers with a standing today only.
            gone = 1 if days_ago > 50 else 0
            self.assertEqual(
                self.sizes(days_ago),
                (told.get(self.red, 0) + gone, told.get(self.blue, 0)),
            )

    def test_days_are_today_and_the_ends_of_twelve_months(self):
        days = self.trend()._days()
        self.assertEqual(days[-1], self.today)
        self.assertEqual(days, sorted(set(days)))
        self.assertGreaterEqual(days[0], self.today - relativedelta(months=12))
        for day in days[:-1]:
            self.assertEqual((day + timedelta(days=1)).day, 1)
        self.assertIn(len(days), (12, 13))

    def test_every_week(self):
        days = self.trend(
            rfm_step="week", rfm_date_from="2026-01-01", rfm_date_to="2026-01-31"
        )._days()
        self.assertEqual(
            [day.isoformat() for day in days],
            ["2026-01-03", "2026-01-10", "2026-01-17", "2026-01-24", "2026-01-31"],
        )

    def test_a_span_of_any_length_and_the_wrong_way_round(self):
        days = self.trend(rfm_date_from="0500-01-01", rfm_date_to="2026-01-31")._days()
        self.assertEqual(len(days), 520)
        self.assertEqual(str(days[-1]), "2026-01-31")
        days = self.trend(rfm_date_from="2026-03-31", rfm_date_to="2026-01-31")._days()
        self.assertEqual(
            [str(day) for day in days], ["2026-01-31", "2026-02-28", "2026-03-31"]
        )

    def test_sizes_add_up_over_segments_and_are_averaged_over_days(self):
        trend = self.trend(
            rfm_step="week",
            rfm_date_from=str(self.ago(14)),
            rfm_date_to=str(self.today),
        )
        self.assertEqual(
            [
                count
                for _day, count in trend._read_group(
                    [], ["date:day"], ["customers:sum"]
                )
            ],
            [2, 3, 3],
        )
        [[average]] = trend._read_group([], [], ["customers:sum"])
        self.assertEqual(average, 3)
        [[nothing]] = trend._read_group([("id", "=", 0)], [], ["customers:sum"])
        self.assertFalse(nothing)

    def test_customers_who_cannot_be_seen_are_not_counted(self):
        self.env["ir.rule"].create(
            {
                "name": "All but one",
                "model_id": self.env.ref("base.model_res_partner").id,
                "domain_force": f"[('id', '!=', {self.mover.id})]",
                "groups": [(4, self.env.ref("sales_team.group_sale_salesman").id)],
            }
        )
        self.env.registry.clear_cache()
        self.assertEqual(self.sizes(0), (0, 2))
        self.assertEqual(self.sizes(95), (1, 1))

    def test_no_company_sees_anothers(self):
        rows = self.trend(self.salesman_b).search([])
        self.assertNotIn(self.company_a, rows.company_id)

    def test_nobody_has_a_standing(self):
        self.env["crm.rfm.score"].search([]).unlink()
        self.env["crm.rfm.change"].search([]).unlink()
        self.assertFalse(self.trend().search([]))
        self.assertEqual(self.trend().search_count([]), 0)

    def test_the_wizard_asks_for_its_days(self):
        wizard = self.env["crm.rfm.movement.wizard"].create(
            {"date_from": "2026-01-01", "date_to": "2026-06-30"}
        )
        action = wizard.action_show_trend()
        self.assertEqual(action["res_model"], "crm.rfm.segment.trend")
        rows = self.trend(**action["context"]).search([])
        self.assertEqual(str(max(rows.mapped("date"))), "2026-06-30")
