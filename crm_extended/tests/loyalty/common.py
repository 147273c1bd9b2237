from odoo import fields

from ..common import CustomerValueCommon


class LoyaltyCommon(CustomerValueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.silver, cls.gold, cls.platinum = cls.make_tiers(
            cls.company_a,
            ("Silver", 500, 400),
            ("Gold", 1000, 800),
            ("Platinum", 2000, 1600),
        )
        cls.company_a.write({"loyalty_grace_months": 2})

    @classmethod
    def make_tiers(cls, company, *levels):
        return cls.env["crm.loyalty.tier"].create(
            [
                {
                    "name": name,
                    "sequence": number,
                    "company_id": company.id,
                    "rise_amount": rise,
                    "keep_amount": keep,
                }
                for number, (name, rise, keep) in enumerate(levels, 1)
            ]
        )

    def bought(self, partner, amount, day, **values):
        return self.buy(partner, amount, date=fields.Date.to_date(day), **values)

    def assess(self, day=None, company=None):
        return self.env["crm.loyalty.membership"]._assess(
            company or self.company_a, as_of=day
        )

    def member(self, partner, company=None):
        return self.env["crm.loyalty.membership"].search(
            [
                ("partner_id", "=", partner.id),
                ("company_id", "=", (company or self.company_a).id),
            ]
        )

    def changes(self, partner, company=None):
        return [
            (
                str(change.date),
                change.old_tier_id.name or "",
                change.new_tier_id.name or "",
                change.reason,
            )
            for change in self.env["crm.loyalty.change"].search(
                [
                    ("partner_id", "=", partner.id),
                    ("company_id", "=", (company or self.company_a).id),
                ],
                order="date, id",
            )
        ]

    def assertMember(self, partner, tier, state="active", valid_until=None):
        member = self.member(partner)
        self.assertEqual(member.tier_id, tier)
        self.assertEqual(member.state, state)
        if valid_until:
            self.assertEqual(str(member.valid_until), valid_until)
