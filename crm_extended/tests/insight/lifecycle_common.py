"""Customers with purchases on chosen days, and their stages."""

import random
from datetime import timedelta

from ...analytics.insight.lifecycle import pattern, stage
from ..common import CustomerValueCommon

PERIOD = 180


class LifecycleCommon(CustomerValueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.feature"]._switch(insight=True)
        cls.company = cls.company_a
        cls.random = random.Random(21)

    @classmethod
    def update_stages(cls, days_later=0, company=None):
        """Compute the stages of a day, counted from today."""
        return cls.env["crm.lifecycle"]._refresh(
            company or cls.company, cls.today + timedelta(days=days_later)
        )

    @classmethod
    def buyer(cls, *purchases, name="Buyer", company=None, **values):
        """A customer with purchases: pairs of days ago and amount."""
        partner = cls.customer(name, **values)
        for days_ago, amount in purchases:
            cls.buy(partner, amount, days_ago, company=company)
        return partner

    @classmethod
    def row(cls, partner, company=None):
        return cls.env["crm.lifecycle"].search(
            [
                ("partner_id", "=", partner.id),
                ("company_id", "=", (company or cls.company).id),
            ]
        )

    def stage(self, partner, company=None):
        return self.row(partner, company).stage

    def changes(self, partner):
        found = self.env["crm.lifecycle.change"].search(
            [("partner_id", "=", partner.id)], order="id"
        )
        return [(each.old_stage, each.new_stage, each.reason) for each in found]

    def expected(self, purchases, days_later=0, period=PERIOD):
        """The stage by the analytics; purchases as of :meth:`buyer`, days from today."""
        day = self.today + timedelta(days=days_later)
        known = [
            (self.today - timedelta(days=days_ago), round(amount * 100))
            for days_ago, amount in purchases
            if self.today - timedelta(days=days_ago) <= day
        ]
        bought = pattern(date for date, cents in known if cents > 0)
        now, before = (
            sum(
                cents
                for date, cents in known
                if start <= (day - date).days < start + period
            )
            for start in (0, period)
        )
        return bought and stage(bought, now, before, day, period), bought

    def assertFigures(self, row, bought):
        self.assertEqual((row.first_date, row.last_date), (bought.first, bought.last))
        self.assertEqual(row.purchase_days, bought.days)
        self.assertEqual(row.purchase_months, bought.months)
        self.assertEqual(row.run_days, bought.run)
        self.assertEqual(row.median_interval * 2, bought.doubled_median or 0)
        self.assertAlmostEqual(row.interval_variation, bought.variation or 0, 3)
