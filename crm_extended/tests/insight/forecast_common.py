"""A shop whose customers buy and leave by chance, as a model of them says."""

import random
from datetime import timedelta

from ..common import CustomerValueCommon


class ForecastCommon(CustomerValueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.feature"]._switch(insight=True)
        cls.company = cls.company_a
        cls.random = random.Random(22)

    @classmethod
    def fit(cls, days_later=0, company=None):
        """Fit the models for a day, counted from today."""
        return cls.env["crm.forecast"]._refresh(
            company or cls.company, cls.today + timedelta(days=days_later)
        )

    @classmethod
    def update(cls, company=None):
        """What happens every night."""
        return cls.env["crm.forecast"]._refresh(company or cls.company)

    @classmethod
    def row(cls, partner, company=None):
        return cls.env["crm.forecast"].search(
            [
                ("partner_id", "=", partner.id),
                ("company_id", "=", (company or cls.company).id),
            ]
        )

    @classmethod
    def buyer(cls, *purchases, name="Buyer", company=None, **values):
        """A customer with purchases: pairs of days ago and amount."""
        partner = cls.customer(name, **values)
        cls.buy_all([(partner, *purchase) for purchase in purchases], company)
        return partner

    @classmethod
    def buy_all(cls, purchases, company=None):
        """Triples of customer, days ago and amount."""
        return cls.env["crm.purchase.history"].create(
            [
                {
                    "partner_id": partner.id,
                    "company_id": (company or cls.company).id,
                    "date": cls.today - timedelta(days=ago),
                    "amount": amount,
                }
                for partner, ago, amount in purchases
            ]
        )

    @classmethod
    def shop(cls, size=520, company=None, **values):
        """Customers of 100 to 500 days, who buy at rates of their own until they leave."""
        partners = cls.customers(size, **values)
        purchases = []
        for partner in partners:
            age = cls.random.randint(100, 500)
            rate = cls.random.gammavariate(1, 1 / 60)
            leaves = cls.random.betavariate(1, 2.5)
            amount = cls.random.gammavariate(6, 10)
            day = 0.0
            while day <= age:
                spent = amount * cls.random.uniform(0.5, 1.5)
                purchases.append((partner, age - int(day), round(spent, 2)))
                if cls.random.random() < leaves:
                    break
                day += max(cls.random.expovariate(rate), 1)
        cls.buy_all(purchases, company)
        return partners
