"""Ready-made plans: each is made, started and does its first step for a customer it is
for."""

from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import Form
from odoo.tools import html2plaintext

from ...models.plan.ready_made import ready_made_plans
from .common import PlanCommon

ALL = {
    "welcome",
    "second_purchase",
    "replenishment",
    "champions",
    "birthday",
    "regular_visit",
    "upgraded",
    "tier_risk",
    "solved",
    "recommended",
    "inactive",
    "at_risk",
    "win_back",
}
BY_MAIL = (
    "welcome",
    "win_back",
    "birthday",
    "second_purchase",
    "replenishment",
    "champions",
    "tier_risk",
    "recommended",
)


class TestPlanReadyMade(PlanCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada = cls.customer(
            "Ada", email="ada@example.com", lang="en_US", user_id=cls.salesman.id
        )
        cls.tiers = cls.env["crm.loyalty.tier"].create(
            [
                {
                    "name": name,
                    "sequence": sequence,
                    "company_id": cls.company_a.id,
                    "rise_amount": amount,
                    "keep_amount": amount,
                }
                for sequence, (name, amount) in enumerate(
                    (("Tin", 10), ("Copper", 100), ("Jade", 1000)), 1
                )
            ]
        )
        for purpose in ("marketing", "loyalty"):
            cls.env["crm.consent"].create(
                {
                    "partner_id": cls.ada.id,
                    "company_id": cls.company_a.id,
                    "purpose_id": cls.env.ref(f"crm_extended.purpose_{purpose}").id,
                    "state": "given",
                }
            )

    def made(self, key, **answers):
        plans = ready_made_plans(self.env)[key].make_for(self.company_a, **answers)
        # Of the customer alone, whoever else is there.
        plans.user_id = self.manager
        plans.action_start()
        return plans

    def first_done(self, plans, days=1):
        """What became of the first step for the customer."""
        inside = self.enrollments.search(
            [("plan_id", "in", plans.ids), ("partner_id", "=", self.ada.id)]
        )
        self.assertEqual(len(inside), 1, "Enrolled once")
        self.run_due(days=days)
        return inside.step_ids.sorted("id")[:1]

    def assert_mailed(self, plans, subject, **values):
        line = self.first_done(plans, **values)
        self.assertEqual(line.outcome, "done", line.reason_text)
        mail = self.env["mail.mail"].search(
            [("mail_message_id", "=", line.mail_message_id.id)]
        )
        self.assertIn(subject, mail.subject)
        self.assertIn("Hello", mail.body_html)
        self.assertIn("Ada", mail.body_html)
        self.assertEqual(mail.recipient_ids, self.ada)

    def assert_planned(self, plans, summary, **values):
        line = self.first_done(plans, **values)
        self.assertEqual(line.outcome, "done", line.reason_text)
        self.assertEqual(line.activity_id.summary, summary)
        self.assertEqual(line.activity_id.user_id, self.salesman)

    def look(self, plans):
        runs = self.env["crm.care.plan.run"]
        for plan in plans:
            runs._look(plan)

    def scored(self):
        """A customer of each kind, and Ada among them, without anything yet."""
        for number, partner in enumerate(self.customers(10)):
            for _purchase in range(1 + number // 2):
                self.buy(partner, 10 * (number + 1), days_ago=200 - 15 * number)
        self.refresh()

    # -- Each of them

    def test_they_are_all_there(self):
        self.assertEqual(set(ready_made_plans(self.env)), ALL)

    def test_welcome(self):
        self.scored()
        plans = self.made("welcome")
        self.buy(self.ada)
        self.refresh()
        self.assert_mailed(plans, "Thank you for your first order", days=2)

    def test_second_purchase(self):
        self.scored()
        plans = self.made("second_purchase")
        self.buy(self.ada)
        self.refresh()
        self.assertFalse(self.run_due(days=20))
        self.assert_mailed(plans, "How do you like your first order?", days=30)

    def test_second_purchase_ends_with_one(self):
        self.scored()
        plans = self.made("second_purchase")
        self.buy(self.ada)
        self.refresh()
        self.buy(self.ada, days_ago=-10)
        with freeze_time(datetime.now() + timedelta(days=30)):
            self.run_due()
        inside = self.of(plans, self.ada)
        self.assertEqual((inside.state, inside.exit_reason), ("exited", "goal"))

    def test_replenishment(self):
        self.buy(self.ada, days_ago=45)
        self.refresh()
        plans = self.made("replenishment", trigger_days=45)
        self.look(plans)
        self.assert_mailed(plans, "Time for more?")

    def test_replenishment_leaves_out_who_has_bought_since(self):
        self.buy(self.ada, days_ago=45)
        self.buy(self.ada, days_ago=5)
        self.refresh()
        plans = self.made("replenishment", trigger_days=45)
        self.look(plans)
        self.assertFalse(self.of(plans))

    def test_champions(self):
        self.scored()
        plans = self.made("champions")
        for _purchase in range(12):
            self.buy(self.ada, 5000)
        self.refresh()
        self.assert_mailed(plans, "Thank you for your loyalty")

    def test_at_risk_and_win_back_exclude_one_another(self):
        for _purchase in range(6):
            self.buy(self.ada, 5000, days_ago=150)
        self.scored()
        visit, write = self.made("at_risk"), self.made("win_back")
        self.assertEqual(visit.exclusion_group_id, write.exclusion_group_id)
        self.assertGreater(visit.priority, write.priority)
        was = self.score(self.ada).segment_id
        others = self.customers(8)
        for partner in others:
            for _purchase in range(2):
                self.buy(partner, 20, days_ago=1)
        self.refresh()
        self.assertNotEqual(self.score(self.ada).segment_id, was)
        self.assert_planned(visit, "Ask what has changed for them")
        self.assertFalse(self.of(write, self.ada))
        visit.action_end()
        # Alone, the mail goes out.
        write._enroll(write._source(self.ada))
        self.assert_mailed(write, "It has been a while")

    def test_inactive(self):
        plans = self.made("inactive")
        self.env["crm.interaction"].create(
            {
                "partner_id": self.ada.id,
                "company_id": self.company_a.id,
                "date": fields.Datetime.subtract(self.now(), days=90),
                "channel": "phone",
                "summary": "Asked for a price",
            }
        )
        self.env["crm.last.contact"]._flush_pending()
        self.look(plans)
        self.assert_planned(plans, "Ask how they are")

    def test_birthday(self):
        today = self.plans._today()
        self.ada.tz = "UTC"
        self.env["crm.customer.date"].create(
            {
                "partner_id": self.ada.id,
                "company_id": self.company_a.id,
                "kind_id": self.env.ref("crm_extended.date_kind_birthday").id,
                "date": fields.Date.subtract(today, years=40),
            }
        )
        plans = self.made("birthday")
        self.look(plans)
        self.assert_mailed(plans, "Happy birthday", days=2)

    def test_a_company_is_not_wished_a_happy_birthday(self):
        firm = self.customer("Firm", is_company=True, email="firm@example.com")
        person = self.customer("Bea", parent_id=firm.id, email="bea@example.com")
        (firm | person).tz = "UTC"
        self.env["crm.customer.date"].create(
            {
                "partner_id": person.id,
                "company_id": self.company_a.id,
                "kind_id": self.env.ref("crm_extended.date_kind_birthday").id,
                "date": fields.Date.subtract(self.plans._today(), years=40),
            }
        )
        plans = self.made("birthday")
        self.look(plans)
        self.assertFalse(self.of(plans))

    def test_regular_visits_by_tier(self):
        self.buy(self.ada, 200)
        self.refresh()
        self.env["crm.loyalty.membership"]._assess(self.company_a)
        self.assertEqual(
            self.ada.with_company(self.company_a).loyalty_tier_id, self.tiers[1]
        )
        plans = self.made("regular_visit")
        self.assertEqual(
            [(plan.trigger_days, plan.tier_ids.name) for plan in plans],
            [(30, "Jade"), (60, "Copper"), (90, "Tin")],
        )
        self.look(plans)
        self.assertEqual([len(self.of(plan)) for plan in plans], [0, 1, 0])
        self.assert_planned(plans, "Visit, and ask what they need next")

    def test_regular_visits_of_two_and_five_tiers(self):
        self.tiers[2].active = False
        plans = ready_made_plans(self.env)["regular_visit"].make_for(self.company_a)
        self.assertEqual(plans.mapped("trigger_days"), [30, 60])
        self.tiers[2].active = True
        self.tiers.copy({"company_id": self.company_a.id})[0].unlink()
        plans = ready_made_plans(self.env)["regular_visit"].make_for(self.company_a)
        self.assertEqual([len(plan.tier_ids) for plan in plans], [2, 2, 1])

    def test_regular_visits_need_a_tier(self):
        self.env["crm.loyalty.tier"].search([]).active = False
        with self.assertRaises(UserError):
            ready_made_plans(self.env)["regular_visit"].make_for(self.company_a)

    def test_upgraded(self):
        self.buy(self.ada, 20)
        self.refresh()
        memberships = self.env["crm.loyalty.membership"]
        memberships._assess(self.company_a)
        plans = self.made("upgraded")
        self.buy(self.ada, 2000)
        self.refresh()
        memberships._assess(self.company_a)
        self.assert_planned(plans, "Congratulate on the new tier")

    def test_tier_at_risk(self):
        self.buy(self.ada, 200)
        self.refresh()
        self.env["crm.loyalty.membership"]._assess(self.company_a)
        plans = self.made("tier_risk")
        plans._enroll(plans._source(self.ada))
        self.assert_mailed(plans, f"Keep your tier at {self.company_a.name}")
        line = self.of(plans).step_ids[-1:]
        mail = self.env["mail.mail"].search(
            [("mail_message_id", "=", line.mail_message_id.id)]
        )
        self.assertIn("Copper", mail.body_html)

    def test_complaint_solved(self):
        plans = self.made("solved")
        self.case(type="complaint", partner_id=self.ada.id).stage_id = self.solved
        self.assert_planned(
            plans, "Ask whether all is well after the complaint", days=4
        )

    def test_recommended(self):
        plans = self.made("recommended")
        new, other = self.customers(2)
        lead = self.env["crm.lead"].create(
            {
                "name": "Claim",
                "company_id": self.company_a.id,
                "referred_by_id": self.customer("Bo").id,
            }
        )
        new.referred_by_id = self.ada
        other.referred_by_id = self.customer("Thanked")
        self.env["crm.referral"].search(
            [("referred_id", "=", other.id)]
        ).action_thanked()
        self.look(plans)
        self.look(plans)
        self.assertEqual(self.of(plans).partner_id, self.ada)
        self.assertTrue(lead.referred_by_id)
        self.assert_mailed(
            plans, f"Thank you for recommending {self.company_a.name}", days=1
        )
        [referral] = self.env["crm.referral"].search([("referred_id", "=", new.id)])
        self.assertTrue(referral.thanked_date)

    # -- What they have in common

    def test_goals_purposes_and_reentry(self):
        plans = {
            key: ready.make_for(self.company_a)
            for key, ready in ready_made_plans(self.env).items()
        }
        without = {key for key, made in plans.items() if not any(made.mapped("goal"))}
        # A visit, a complaint and thanks are not about a purchase.
        self.assertEqual(without, {"regular_visit", "solved", "recommended"})
        group = {key for key, made in plans.items() if made.exclusion_group_id}
        self.assertEqual(group, {"inactive", "at_risk", "win_back"})
        self.assertEqual(len(plans["inactive"].exclusion_group_id.plan_ids), 3)
        for key, made in plans.items():
            with self.subTest(key):
                self.assertEqual(set(made.mapped("state")), {"draft"})
                self.assertEqual(made.company_id, self.company_a)
                self.assertTrue(made.purpose_id)
                self.assertTrue(all(plan.draft_step_ids for plan in made))

    def test_who_refused_marketing_is_not_urged_to_buy(self):
        """Neither by a mail nor by a call."""
        made = {
            key: ready.make_for(self.company_a)
            for key, ready in ready_made_plans(self.env).items()
        }
        marketing = self.env.ref("crm_extended.purpose_marketing")
        self.assertEqual(
            {key for key, plans in made.items() if plans.purpose_id == marketing},
            {
                "second_purchase",
                "replenishment",
                "birthday",
                "inactive",
                "at_risk",
                "win_back",
            },
        )
        self.assertEqual(
            {
                key
                for key, plans in made.items()
                if plans.purpose_id == self.env.ref("crm_extended.purpose_service")
            },
            {"welcome", "solved", "recommended"},
        )
        plan = made["inactive"]
        plan.action_start()
        self.env["crm.consent"].create(
            {
                "partner_id": self.ada.id,
                "company_id": self.company_a.id,
                "purpose_id": marketing.id,
                "state": "refused",
            }
        )
        plan._enroll(plan._source(self.ada | self.customer("Bert")))
        self.assertNotIn(self.ada, self.of(plan).partner_id)
        self.assertEqual(len(self.of(plan)), 1)

    def test_a_customer_who_is_visited_is_not_called_the_day_after(self):
        visit, call = self.made("at_risk"), self.made("inactive")
        # Whatever their segment is.
        visit.write({"trigger": "manual", "segment_ids": False, "domain": False})
        for plan, other in ((visit, call), (call, visit)):
            customer = self.customer(plan.name)
            plan._enroll(plan._source(customer))
            self.run_due(days=1)
            self.assertTrue(self.of(plan, customer).step_ids.activity_id)
            other._enroll(other._source(customer))
            self.assertFalse(self.of(other, customer))
            self.run_due(days=30)
            self.assertEqual(self.of(plan, customer).state, "done")
            other._enroll(other._source(customer))
            self.assertTrue(self.of(other, customer))

    def test_one_group_of_each_company(self):
        groups = {
            company: ready_made_plans(self.env)["win_back"]
            .make_for(company)
            .exclusion_group_id
            for company in (self.company_a, self.company_b)
        }
        for company, group in groups.items():
            self.assertEqual(group.company_id, company)

    def test_mails_without_a_name(self):
        nameless = self.customer(
            "x", email="nameless@example.com", lang="en_US", type="invoice"
        )
        nameless.parent_id = self.customer("Firm")
        nameless.name = False
        for key in BY_MAIL:
            with self.subTest(key):
                template = self.env.ref(f"crm_extended.mail_template_plan_{key}")
                for partner, hello in (
                    (self.ada, "Hello Ada,"),
                    (nameless, "Hello,"),
                ):
                    values = template.with_company(self.company_a)._generate_template(
                        partner.ids, ("subject", "body_html", "email_from")
                    )[partner.id]
                    self.assertIn(hello, values["body_html"])
                    self.assertTrue(values["subject"])
                    # English goes on with a capital after the greeting.
                    _hello, _p, first = values["body_html"].partition("</p>")
                    begin = html2plaintext(first).strip()
                    self.assertTrue(begin[0].isupper(), begin)
                    for text in (values["body_html"], values["subject"]):
                        self.assertNotIn("{{", text)
                        self.assertNotIn("Brandon Freeman", text)
                        self.assertNotIn("False", text)

    def test_in_the_dialog(self):
        page = self.as_user(self.manager, "crm.care.plan.ready.wizard")
        wizard = Form(page)
        wizard.key = "replenishment"
        self.assertTrue(wizard.asks_for_days and wizard.needs)
        wizard.trigger_days = 0
        with self.assertRaises(UserError):
            wizard.save().action_create()
        wizard = Form(page)
        wizard.key = "replenishment"
        product = self.env["product.template"].create({"name": "Coffee"})
        wizard.trigger_days = 21
        made = wizard.save()
        made.product_tmpl_ids = [Command.link(product.id)]
        plan = self.plans.browse(made.action_create()["res_id"])
        self.assertEqual(plan.trigger_days, 21)
        self.assertEqual(plan.product_tmpl_ids, product)
        self.assertEqual(plan.goal_product_tmpl_ids, product)
        wizard = Form(page)
        wizard.key = "regular_visit"
        self.assertFalse(wizard.asks_for_days)
        action = wizard.save().action_create()
        self.assertEqual(len(self.plans.search(action["domain"])), 3)

    def test_of_features_that_are_off(self):
        self.env["crm.feature"]._switch(
            loyalty=False, care=False, timeline=False, insight=False
        )
        left = ready_made_plans(self.env)
        self.assertEqual(
            ALL - set(left),
            {
                "regular_visit",
                "upgraded",
                "tier_risk",
                "solved",
                "recommended",
                "inactive",
            },
        )
        for ready in left.values():
            ready.make_for(self.company_a).action_start()
