"""Moves between grades reach those who listen: once each, whatever goes wrong."""

from datetime import timedelta
from unittest.mock import patch

from odoo.tests import tagged

from ..common import CustomerValueCommon

ANNOUNCING = "odoo.addons.crm_extended.models.common.crm_event_dispatch_mixin"
ANNOUNCED = "odoo.addons.crm_extended.models.common.crm_change_event_mixin"


class RfmChangeCommon(CustomerValueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company_a.partner_id.lang = "en_US"
        cls.best, cls.fallen = cls.customers(2)
        for customer in cls.best + cls.fallen:
            for days_ago in (5, 10, 15):
                cls.buy(customer, days_ago=days_ago)
        cls.refresh()

    @classmethod
    def let_fall(cls):
        """``best`` buys again, so ``fallen`` stands lower than before."""
        cls.buy(cls.best)
        return cls.refresh()

    @classmethod
    def let_come(cls, count):
        """As many new customers, who change nothing for those there are."""
        customers = cls.customers(count)
        for customer in customers:
            for days_ago in (5, 10, 15):
                cls.buy(customer, days_ago=days_ago)
        return customers

    def notes(self, partners):
        note = self.env.ref("mail.mt_note")
        return self.env["mail.message"].search(
            [
                ("model", "=", "res.partner"),
                ("res_id", "in", partners.ids),
                ("subtype_id", "=", note.id),
                ("body", "like", "Customer value"),
            ]
        )


class TestRfmChange(RfmChangeCommon):
    def test_where_nobody_listens_moves_are_not_even_read(self):
        self.assertEqual(self.company_a.rfm_post_moves, "no")
        moves, leads = type(self.env["crm.rfm.change"]), type(self.env["crm.lead"])
        with (
            patch.object(leads, "_pls_uses_segment", return_value=False),
            patch.object(moves, "_dispatch", side_effect=AssertionError("read")),
        ):
            refresh = self.let_fall()
        self.assertTrue(refresh.last_change_id)
        self.assertFalse(refresh.next_change_id)
        self.assertFalse(self.notes(self.best + self.fallen))

    def test_whoever_listens_later_does_not_hear_of_the_past(self):
        self.let_fall()
        self.company_a.rfm_post_moves = "all"
        self.refresh()
        self.assertFalse(self.notes(self.best + self.fallen))

    def test_a_note_tells_of_the_move_and_notifies_nobody(self):
        self.company_a.rfm_post_moves = "all"
        self.fallen.message_subscribe(self.salesman.partner_id.ids)
        before = self.score(self.fallen)
        old = before.code, before.segment_id.name
        refresh = self.let_fall()
        self.assertFalse(refresh.next_change_id)
        after = self.score(self.fallen)
        self.assertNotEqual(after.segment_id.name, old[1])
        note = self.notes(self.fallen)
        self.assertIn(
            f"Customer value at Value A: {old[1]} → {after.segment_id.name} "
            f"({old[0]} → {after.code})",
            note.body,
        )
        self.assertEqual(note.author_id, self.env.ref("base.partner_root"))
        self.assertTrue(note.is_internal)
        self.assertFalse(note.notification_ids)

    def test_only_moves_to_another_segment(self):
        self.company_a.rfm_post_moves = "segment"
        inside, across = self.env["crm.rfm.change"].create(
            [
                {
                    "partner_id": partner.id,
                    "company_id": self.company_a.id,
                    "date": self.today,
                    "old_segment_id": old.id,
                    "new_segment_id": new.id,
                }
                for partner, old, new in (
                    (self.best, self.segment("loyal"), self.segment("loyal")),
                    (self.fallen, self.segment("loyal"), self.segment("at_risk")),
                )
            ]
        )
        (inside + across)._dispatch()
        self.assertFalse(self.notes(self.best))
        self.assertIn("Loyal Customers → At Risk", self.notes(self.fallen).body)
        self.company_a.rfm_post_moves = "all"
        inside._dispatch()
        self.assertIn("Loyal Customers (", self.notes(self.best).body)

    def segment(self, name):
        return self.env.ref(f"crm_extended.crm_rfm_segment_{name}")

    def test_customers_who_come_and_go(self):
        self.company_a.rfm_post_moves = "all"
        [customer] = self.let_come(1)
        self.refresh()
        self.assertRegex(self.notes(customer).body, r": – → .* \(– → \d{3}\)")
        self.env["crm.purchase.history"].search(
            [("partner_id", "=", customer.id)]
        ).unlink()
        self.refresh()
        self.assertRegex(self.notes(customer)[0].body, r" → – \(\d{3} → –\)")

    def test_the_note_is_in_the_companys_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.company_a.partner_id.lang = "fr_FR"
        self.company_a.rfm_post_moves = "all"
        at_risk = self.segment("at_risk")
        at_risk.with_context(lang="fr_FR").name = "En danger"
        self.env["crm.rfm.change"].create(
            {
                "partner_id": self.best.id,
                "company_id": self.company_a.id,
                "date": self.today,
                "new_segment_id": at_risk.id,
            }
        )._dispatch()
        self.assertIn("En danger", self.notes(self.best).body)

    def test_each_company_has_its_own_setting(self):
        self.company_b.rfm_post_moves = "all"
        self.let_fall()
        self.assertFalse(self.notes(self.best + self.fallen))
        self.buy(self.best, company=self.company_b, days_ago=3)
        self.refresh(self.company_b)
        self.buy(self.fallen, company=self.company_b)
        self.refresh(self.company_b)
        self.assertIn("Customer value at Value B", self.notes(self.fallen).body)

    def test_the_first_refresh_announces_nothing(self):
        self.company_b.rfm_post_moves = "all"
        self.buy(self.best, company=self.company_b)
        refresh = self.refresh(self.company_b)
        self.assertEqual(refresh.added_count, 1)
        self.assertFalse(self.notes(self.best))

    def test_a_manager_refreshes_and_odoobot_tells(self):
        self.company_a.rfm_post_moves = "all"
        self.buy(self.best)
        self.as_user(self.manager, "crm.rfm.score").action_refresh()
        note = self.notes(self.fallen)
        self.assertEqual(note.author_id, self.env.ref("base.partner_root"))

    def test_one_listener_that_fails_for_one_move(self):
        self.company_a.rfm_post_moves = "all"
        model = type(self.env["crm.rfm.change"])
        describe = model._describe

        def broken(move, **options):
            if move.partner_id == self.fallen:
                raise ValueError("no words for him")
            return describe(move, **options)

        customers = self.let_come(2)
        with (
            patch.object(model, "_describe", broken),
            self.assertLogs(ANNOUNCED, "ERROR") as log,
        ):
            refresh = self.let_fall()
        self.assertFalse(refresh.next_change_id)
        self.assertIn("_post_on_partners failed for crm.rfm.change", log.output[0])
        self.assertEqual(len(log.output), 1)
        self.assertFalse(self.notes(self.fallen))
        for customer in customers:
            self.assertEqual(len(self.notes(customer)), 1)

    def test_a_batch_costs_the_same_queries_for_more_moves(self):
        self.company_a.rfm_post_moves = "all"

        def queries(count):
            moves = self.env["crm.rfm.change"].create(
                [
                    {
                        "partner_id": customer.id,
                        "company_id": self.company_a.id,
                        "date": self.today,
                        "new_segment_id": self.segment("at_risk").id,
                    }
                    for customer in self.customers(count)
                ]
            )
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            moves._dispatch()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        queries(2)
        self.assertEqual(queries(60), queries(3))


@tagged("post_install", "-at_install")
class TestRfmAnnounceCron(RfmChangeCommon):
    """Where moves are many, the scheduled action goes on until all are announced."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(patch(f"{ANNOUNCING}.DISPATCH_LIMIT", 2))
        cls.company_a.rfm_post_moves = "all"
        cls.moved = cls.let_come(4)
        cls.cron = cls.env.ref("crm_extended.ir_cron_rfm_announce")
        cls.env["ir.cron.trigger"].search([("cron_id", "=", cls.cron.id)]).unlink()
        cls.big = cls.let_fall()
        cls.moved += cls.best + cls.fallen
        cls.told = (
            cls.env["crm.rfm.change"]
            .search([("company_id", "=", cls.company_a.id)])
            .partner_id
        )

    def assert_told_once(self):
        self.assertFalse(self.big.next_change_id)
        moves = self.env["crm.rfm.change"].search(
            [("company_id", "=", self.company_a.id)]
        )
        self.assertGreaterEqual(len(moves), 5)
        for partner in moves.partner_id:
            self.assertEqual(len(self.notes(partner)), 1)

    def run_cron(self):
        with self.enter_registry_test_mode():
            self.cron.method_direct_trigger()
        self.env.invalidate_all()

    def test_many_moves_are_left_to_the_scheduled_action(self):
        self.assertEqual(self.big.next_change_id, self.big.first_change_id)
        self.assertFalse(self.notes(self.moved))
        self.assertTrue(
            self.env["ir.cron.trigger"].search([("cron_id", "=", self.cron.id)])
        )
        self.run_cron()
        self.assert_told_once()
        self.run_cron()
        self.assert_told_once()

    def test_it_goes_on_where_it_was_stopped(self):
        self.assertEqual(self.big._dispatch_next(), 2)
        self.assertEqual(len(self.notes(self.moved)), 2)
        self.run_cron()
        self.assert_told_once()

    def test_what_was_not_written_is_announced_again(self):
        model = type(self.env["crm.rfm.refresh"])
        with (
            self.assertRaisesRegex(RuntimeError, "killed"),
            self.env.cr.savepoint(),
            patch.object(model, "write", side_effect=RuntimeError("killed")),
        ):
            self.big._dispatch_next()
        self.env.invalidate_all()
        self.assertFalse(self.notes(self.moved))
        self.run_cron()
        self.assert_told_once()

    def test_moves_recorded_meanwhile_are_not_part_of_it(self):
        """Such as those of the past, which nobody wants to hear of now."""
        late = self.customer("Late")
        self.env["crm.rfm.change"].create(
            {
                "partner_id": late.id,
                "company_id": self.company_a.id,
                "date": self.today,
            }
        )
        self.run_cron()
        self.assertFalse(self.notes(late))
        self.assertTrue(self.notes(self.moved))

    def test_customers_who_were_deleted_meanwhile(self):
        self.env["crm.purchase.history"].search(
            [("partner_id", "in", self.moved.ids)]
        ).unlink()
        gone = self.moved[:2]
        left = self.moved[2:]
        gone.unlink()
        self.run_cron()
        self.assertFalse(self.big.next_change_id)
        self.assertTrue(self.notes(left))

    def test_a_rebuild_of_the_history_lets_everybody_hear_first(self):
        job = self.env["crm.rfm.rebuild"].create(
            {
                "company_id": self.company_a.id,
                "date_from": self.today - timedelta(days=30),
            }
        )
        job.action_start()
        with self.enter_registry_test_mode():
            self.env.ref("crm_extended.ir_cron_rfm_rebuild").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(job.state, "done", job.error)
        # The moves are others now; what they were has been told, and no more.
        self.assertFalse(self.big.next_change_id)
        for partner in self.told:
            self.assertEqual(len(self.notes(partner)), 1)
        self.assertEqual(len(self.notes(self.moved)), len(self.told))
