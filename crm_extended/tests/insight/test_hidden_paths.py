"""What filters lead to from a field that Odoo, or a join of ours, searches as superuser."""

from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tests import tagged
from odoo.tools import SQL

from ..common import CustomerValueCommon

JOINED = (
    "rfm_segment_id",
    "loyalty_tier_id",
    "loyalty_membership_next_tier_id",
    "rfm_currency_id",
    "forecast_currency_id",
)


@tagged("post_install", "-at_install")
class TestHiddenPaths(CustomerValueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.feature"]._switch(insight=True)
        cls.mine = cls.customer("Mine", user_id=cls.salesman.id)
        cls.others = cls.customer("Others", user_id=cls.manager.id)
        for partner in cls.mine + cls.others:
            for ago in (90, 60, 30):
                cls.buy(partner, 10, ago)
        cls.refresh()
        cls.env["crm.forecast"]._refresh(cls.company_a)
        cls.team = cls.env["crm.team"].create({"name": "Followed"})
        cls.team.message_subscribe((cls.mine + cls.others).ids)

    def followed_by(self, user, *domain):
        return self.as_user(user, "crm.team").search(
            [("message_partner_ids", "any", list(domain)), ("id", "=", self.team.id)]
        )

    def test_followers_tell_no_secrets(self):
        for path in (
            "forecast_lifetime_value",
            "forecast_id.lifetime_value",
            "forecast_id.simple_value",
            "profile_ids.margin",
            "referred_by_id.forecast_lifetime_value",
        ):
            with self.assertRaises(AccessError, msg=path):
                self.followed_by(self.salesman, (path, ">", 0))
        for path in ("rfm_monetary", "forecast_p_active", "consent_ids.id"):
            with self.assertRaises(AccessError, msg=path):
                self.followed_by(self.employee, (path, ">", 0))

    def test_followers_of_colleagues_are_not_profiled(self):
        name = ("name", "=", "Others")
        spent = ("profile_ids", "any", [("revenue", ">", 0)])
        self.assertFalse(self.followed_by(self.salesman, name, spent))
        self.assertTrue(self.followed_by(self.manager, name, spent))

    def test_followers_are_found_as_ever(self):
        self.mine.active = False
        self.env.flush_all()
        teams = self.as_user(self.employee, "crm.team")
        for condition in (
            ("message_partner_ids", "in", self.mine.ids),
            ("message_partner_ids", "=", self.mine.id),
            ("message_partner_ids", "ilike", "Mine"),
            ("message_partner_ids.name", "=", "Mine"),
        ):
            self.assertIn(self.team, teams.search([condition]), condition)
        nobody = teams.search([("message_partner_ids", "=", False)])
        self.assertNotIn(self.team, nobody)

    def test_joined_records_are_asked_as_the_user(self):
        asked = []

        def note(model, alias, query):
            asked.append(model.env.su)
            return SQL("TRUE")

        for model in ("res.partner", "crm.lead", "sale.order"):
            records = self.as_user(self.salesman, model)
            for name in JOINED:
                if name in records._fields:
                    records.search(Domain(name, "any", Domain.custom(to_sql=note)))
        self.assertGreater(len(asked), 8)
        self.assertFalse(any(asked))
