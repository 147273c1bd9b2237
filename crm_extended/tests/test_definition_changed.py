"""The first update and assessment by another definition of purchases change the figures
of many customers at once: recorded, followed by prices, and told to administrators only."""

from datetime import timedelta
from unittest.mock import patch

from dateutil.relativedelta import relativedelta

from odoo.tests import tagged

from .care.common import CareCommon
from .common import load_migration
from .loyalty.common import LoyaltyCommon
from .rfm.test_rfm_change import ANNOUNCING, RfmChangeCommon


class DefinitionCommon(LoyaltyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = cls.new_user("admin", "base.group_system")
        cls.admin_b = cls.new_user("admin_b", "base.group_system", cls.company_b)

    def upgrade(self):
        load_migration("19.0.1.5.0/post-quiet-figures.py").migrate(
            self.env.cr, "19.0.1.4.0"
        )
        self.env.invalidate_all()

    def messages(self):
        """What the administrators have been told."""
        return self.env["mail.message"].search(
            [
                ("message_type", "=", "user_notification"),
                ("partner_ids", "in", (self.admin + self.admin_b).partner_id.ids),
            ]
        )

    def reasons(self, model):
        changes = self.env[model].search(
            [("company_id", "=", self.company_a.id)], order="id"
        )
        return changes.mapped("reason")


@tagged("post_install", "-at_install")
class TestScoresByAnotherDefinition(DefinitionCommon, RfmChangeCommon):
    def test_only_companies_with_figures_expect_others(self):
        self.assess()
        self.upgrade()
        self.assertTrue(self.company_a.rfm_definition_changed)
        self.assertTrue(self.company_a.loyalty_definition_changed)
        self.assertFalse(self.company_b.rfm_definition_changed)
        self.assertFalse(self.company_b.loyalty_definition_changed)
        created = self.env["res.company"].create({"name": "New"})
        self.assertFalse(created.rfm_definition_changed)

    def test_the_first_update_is_quiet_and_the_second_is_not(self):
        self.company_a.rfm_post_moves = "all"
        self.upgrade()
        refresh = self.let_fall()
        self.assertTrue(refresh.definition_changed)
        self.assertEqual(self.reasons("crm.rfm.change"), ["definition_changed"] * 2)
        self.assertFalse(self.notes(self.best + self.fallen))
        self.assertFalse(self.company_a.rfm_definition_changed)
        self.buy(self.fallen, 1000)
        refresh = self.refresh()
        self.assertFalse(refresh.definition_changed)
        self.assertIn(False, self.reasons("crm.rfm.change"))
        self.assertTrue(self.notes(self.best + self.fallen))

    def test_many_are_not_announced_later_either(self):
        self.company_a.rfm_post_moves = "all"
        self.upgrade()
        customers = self.let_come(5)
        with patch(f"{ANNOUNCING}.DISPATCH_LIMIT", 2):
            refresh = self.refresh()
            self.assertEqual(refresh.added_count, 5)
            with self.enter_registry_test_mode():
                cron = self.env.ref("crm_extended.ir_cron_rfm_announce")
                cron.method_direct_trigger()
        self.env.invalidate_all()
        self.assertFalse(self.notes(customers))
        self.assertFalse(refresh.next_change_id)

    def test_chances_follow_the_segment(self):
        changes, leads = type(self.env["crm.rfm.change"]), type(self.env["crm.lead"])
        updated = []
        self.upgrade()
        with (
            patch.object(leads, "_pls_uses_segment", return_value=True),
            patch.object(
                changes, "_update_leads", lambda changes: updated.append(len(changes))
            ),
        ):
            self.let_fall()
        self.assertEqual(updated, [2])

    def test_another_day_is_quiet_too_and_leaves_today_to_come(self):
        self.upgrade()
        self.buy(self.best)
        past = self.refresh(as_of=self.today - timedelta(days=12))
        self.assertTrue(past.definition_changed)
        self.assertTrue(self.company_a.rfm_definition_changed)
        self.assertFalse(self.messages())
        self.assertTrue(self.refresh().definition_changed)
        self.assertFalse(self.company_a.rfm_definition_changed)

    def test_one_that_breaks_leaves_it_to_the_next(self):
        self.upgrade()
        model = type(self.env["res.company"])
        with (
            patch.object(
                model, "_report_definition_change", side_effect=ValueError("stopped")
            ),
            self.assertRaises(ValueError),
            self.env.cr.savepoint(),
        ):
            self.let_fall()
        self.env.invalidate_all()
        self.assertTrue(self.company_a.rfm_definition_changed)
        self.assertFalse(self.reasons("crm.rfm.change"))

    def test_the_button_of_a_manager(self):
        self.upgrade()
        scores = self.as_user(self.manager, "crm.rfm.score")
        scores.with_company(self.company_a).action_refresh()
        self.env.invalidate_all()
        self.assertFalse(self.company_a.rfm_definition_changed)

    def test_a_rebuild_of_the_history_is_the_first_update(self):
        self.upgrade()
        job = self.env["crm.rfm.rebuild"].create(
            {
                "company_id": self.company_a.id,
                "date_from": self.today - relativedelta(months=2),
            }
        )
        job.action_start()
        with self.enter_registry_test_mode():
            self.env.ref("crm_extended.ir_cron_rfm_rebuild").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(job.state, "done")
        self.assertFalse(self.company_a.rfm_definition_changed)


@tagged("post_install", "-at_install")
class TestTiersByAnotherDefinition(DefinitionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company_a.write(
            {
                "email": "club@example.com",
                "loyalty_mail_risen": True,
                "loyalty_mail_grace": True,
                "loyalty_mail_fallen": True,
            }
        )
        cls.gold_prices = cls.env["product.pricelist"].create(
            {"name": "Gold", "company_id": False}
        )
        cls.gold.pricelist_id = cls.gold_prices
        cls.riser, cls.loser, cls.dropper = (
            cls.customer(
                name, email=f"{name}@example.com".lower(), user_id=cls.salesman.id
            )
            for name in ("Riser", "Loser", "Dropper")
        )

    def setUp(self):
        super().setUp()
        # On the way out: valid until the end of a period that is over.
        self.bought(self.loser, 500, self.today - relativedelta(months=25))
        self.assess(self.today - relativedelta(months=25))
        self.assess(self.today - relativedelta(months=13))
        self.buy(self.dropper, 500, days_ago=40)
        self.assess()
        self.assertMember(self.loser, self.silver, "grace")
        self.everyone = self.riser + self.loser + self.dropper
        self.loud()
        self.env["mail.mail"].search([]).unlink()
        self.everyone.activity_ids.unlink()
        # As if they were computed otherwise from now on.
        self.buy(self.riser, 1000)
        self.company_a.loyalty_grace_months = 0

    def loud(self):
        """How many notes, mails and activities there have been about customers."""
        self.env.flush_all()
        mails = self.env["mail.mail"].search([])
        mine = mails.filtered(lambda mail: mail.recipient_ids & self.everyone)
        return (
            len(mine),
            len(self.everyone.activity_ids),
            len(self.everyone.message_ids),
        )

    def prices(self, partner):
        partner = partner.with_company(self.company_a)
        return partner.specific_property_product_pricelist

    def test_changes_are_recorded_and_reach_no_customer(self):
        before = self.loud()
        self.upgrade()
        assessment = self.assess()
        self.assertTrue(assessment.definition_changed)
        self.assertMember(self.riser, self.gold)
        self.assertFalse(self.member(self.loser))
        self.assertEqual(
            self.reasons("crm.loyalty.change")[-2:], ["definition_changed"] * 2
        )
        self.assertEqual(
            self.changes(self.riser)[-1][1:], ("", "Gold", "definition_changed")
        )
        change = self.env["crm.loyalty.change"].search(
            [("partner_id", "=", self.riser.id)]
        )
        self.assertEqual(
            (change.qualifying_amount, change.notification_pending), (1000, False)
        )
        self.assertEqual(self.prices(self.riser), self.gold_prices)
        self.assertEqual(self.loud(), before)
        # Nor later.
        with self.enter_registry_test_mode():
            for job in ("follow", "announce", "assess"):
                cron = self.env.ref(f"crm_extended.ir_cron_loyalty_{job}")
                cron.method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(self.loud(), before)

    def test_grace_that_begins_then_is_told_neither_then_nor_later(self):
        self.company_a.loyalty_grace_months = 2
        customer = self.customer(
            "Late", email="late@example.com", user_id=self.salesman.id
        )
        self.bought(customer, 500, self.today - relativedelta(months=25))
        self.assess(self.today - relativedelta(months=25))
        self.upgrade()
        before = self.loud()
        self.assess()
        self.assertMember(customer, self.silver, "grace")
        self.assess()
        self.assertFalse(customer.activity_ids)
        self.assertFalse(
            self.env["mail.mail"]
            .search([])
            .filtered(lambda mail: customer in mail.recipient_ids)
        )
        self.assertEqual(self.loud(), before)

    def test_the_next_assessment_is_an_ordinary_one(self):
        self.upgrade()
        self.assess()
        self.assertFalse(self.company_a.loyalty_definition_changed)
        before = self.loud()
        self.buy(self.dropper, 1000)
        self.assertFalse(self.assess().definition_changed)
        self.assertEqual(self.changes(self.dropper)[-1][-1], "earned")
        mails, activities, messages = self.loud()
        self.assertEqual(mails, before[0] + 1)
        # The mail, and the note about prices.
        self.assertEqual(messages, before[2] + 2)

    def test_prices_that_follow_in_parts_do_so_without_a_word(self):
        assessments = type(self.env["crm.loyalty.assessment"])
        customers = self.customers(4)
        for customer in customers:
            self.buy(customer, 1000)
        self.upgrade()
        self.patch(
            assessments,
            "_process_or_schedule_effects",
            lambda self: self._process_effects(self.company_id, 2),
        )
        self.assess()
        self.assertTrue(self.company_a.loyalty_prices_quietly)
        with self.enter_registry_test_mode():
            self.env.ref("crm_extended.ir_cron_loyalty_follow").method_direct_trigger()
        self.env.invalidate_all()
        self.assertFalse(self.company_a.loyalty_prices_quietly)
        for customer in customers:
            self.assertEqual(self.prices(customer), self.gold_prices)
        notes = customers.message_ids.filtered(lambda note: "pricelist" in note.body)
        self.assertFalse(notes)

    def test_another_day_leaves_today_to_come(self):
        self.upgrade()
        past = self.assess(self.today - timedelta(days=2))
        self.assertTrue(past.definition_changed)
        self.assertTrue(self.company_a.loyalty_definition_changed)
        self.assess()
        self.assertFalse(self.company_a.loyalty_definition_changed)

    def test_by_hand_is_told_as_ever(self):
        self.upgrade()
        members = self.env["crm.loyalty.membership"].with_company(self.company_a)
        members._set_override(self.riser, self.gold, "2099-12-31", "Friend")
        self.assertEqual(self.changes(self.riser)[-1][-1], "by_hand")
        self.assertTrue(
            self.riser.message_ids.filtered(lambda note: "pricelist" in note.body)
        )
        self.assertTrue(self.company_a.loyalty_definition_changed)

    def test_nobody_hears_who_listens(self):
        changes = type(self.env["crm.loyalty.change"])
        heard = []
        self.upgrade()
        with (
            patch.object(
                changes,
                "_subscribe",
                lambda changes: heard.append(changes),
                create=True,
            ),
            patch.object(changes, "_get_subscribers", return_value=["_subscribe"]),
        ):
            self.assess()
            self.assertFalse(heard)
            self.buy(self.dropper, 1000)
            self.assess()
        self.assertEqual(len(heard), 1)

    # -- The message

    def test_administrators_get_one_message_when_all_is_done(self):
        self.refresh()
        self.buy(self.customer("Late"), 30, days_ago=3)
        self.upgrade()
        refresh = self.refresh()
        self.assertFalse(self.messages())
        self.assess()
        [message] = self.messages()
        self.assertEqual(
            message.partner_ids & self.admin_b.partner_id, self.env["res.partner"]
        )
        self.assertIn(self.admin.partner_id, message.partner_ids)
        self.assertEqual(message.author_id, self.env.ref("base.partner_root"))
        self.assertIn("Value A", message.subject)
        customers = refresh.moved_count + refresh.added_count + refresh.removed_count
        self.assertTrue(customers)
        self.assertIn(f"score changed: {customers}", message.body)
        self.assertIn("tier changed: 2", message.body)
        for action in ("rfm", "loyalty"):
            xmlid = f"crm_extended.crm_{action}_change_definition_action"
            self.assertIn(f"/odoo/action-{xmlid}", message.body)
            context = self.env.ref(xmlid).context
            self.assertIn("search_default_definition_changed", context)
        self.refresh()
        self.assess()
        self.assertEqual(len(self.messages()), 1)

    def test_tiers_first_then_scores(self):
        self.refresh()
        self.upgrade()
        self.assess()
        self.assertFalse(self.messages())
        self.refresh()
        self.assertEqual(len(self.messages()), 1)

    def test_no_message_about_nothing(self):
        self.assess()
        self.refresh()
        self.upgrade()
        self.refresh()
        self.assess()
        self.assertFalse(self.messages())

    def test_each_company_by_itself(self):
        self.assess(company=self.company_b)
        self.upgrade()
        self.assess()
        self.assertFalse(self.company_a.loyalty_definition_changed)
        self.assertTrue(self.company_b.loyalty_definition_changed)

    def test_a_message_that_cannot_be_sent_keeps_the_figures(self):
        self.upgrade()
        company = type(self.env["res.company"])
        with (
            patch.object(company, "_send_definition_report", side_effect=ValueError),
            self.assertLogs(
                "odoo.addons.crm_extended.models.common.res_company", "ERROR"
            ),
        ):
            self.assess()
        self.assertMember(self.riser, self.gold)


@tagged("post_install", "-at_install")
class TestCasesByAnotherDefinition(CareCommon, DefinitionCommon):
    def test_open_cases_keep_the_targets_that_were_promised(self):
        self.gold.care_factor = 0.1
        self.env["crm.care.sla"].create(
            {
                "name": "Answer",
                "metric": "first_response",
                "hours": 8,
                "use_tier_factor": True,
                "company_id": self.company_a.id,
            }
        )
        self.assess()
        case = self.case()
        deadline = case.sla_deadline
        self.assertTrue(deadline)
        self.buy(self.asker, 1000)
        self.upgrade()
        self.assess()
        self.assertMember(self.asker, self.gold)
        self.assertEqual((case.tier_id, case.sla_deadline), (self.gold, deadline))
        self.assess()
        self.assertEqual(case.sla_deadline, deadline)
