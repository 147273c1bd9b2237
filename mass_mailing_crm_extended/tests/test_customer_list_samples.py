"""Mailings to a customer list that are compared: samples, and the rest for the best."""

from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common import MailingToListCommon


@tagged("post_install", "-at_install")
class TestMailingToListSamples(MailingToListCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = cls.env["res.partner"].create(
            [
                {
                    "name": f"Person {number}",
                    "email": f"person{number}@example.com",
                    "city": "Bench City",
                }
                for number in range(30)
            ]
        )
        # Half of 32 may be mailed: Bert, Cleo and 14 others.
        cls.may = cls.people[:14]
        for each in cls.may:
            cls.given(each)
        cls.may += cls.bert + cls.cleo
        cls.mailing.write(
            {
                "ab_testing_enabled": True,
                "ab_testing_pc": 25,
                "ab_testing_winner_selection": "manual",
            }
        )
        cls.other = cls.mailing.copy({"subject": "Other news", "ab_testing_pc": 50})

    def send(self, mailing):
        mailing.action_launch()
        self.run_queue()

    def wait(self, people):
        """The touch limit holds people back."""
        self.company_a.write({"contact_limit": 1, "contact_limit_channels": "email"})
        for person in people:
            self.touch(person, ago=timedelta(days=5))

    def test_a_sample_of_whom_it_may_reach(self):
        self.assertEqual(self.other.campaign_id, self.mailing.campaign_id)
        self.send(self.mailing)
        self.send(self.other)
        first, second = self.mailed(), self.mailed(self.other)
        self.assertEqual((len(first), len(second)), (4, 8))
        self.assertLessEqual(set(first) | set(second), set(self.may.ids))
        self.assertFalse(set(first) & set(second))

    def test_a_sample_is_not_filled_up_later(self):
        self.wait(self.may[:8])
        self.send(self.mailing)
        self.assertEqual(len(self.mailed()), 2)
        self.assertEqual(self.mailing.state, "done")
        self.assertFalse(self.mailing._wait_for_allowed())
        self.env["crm.contact.touch"].search([]).unlink()
        self.run_queue()
        self.assertEqual(len(self.mailed()), 2)

    def test_a_sample_of_people_who_must_wait(self):
        """With nobody to mail yet it is no sample: it waits until there is one."""
        self.wait(self.may)
        self.send(self.mailing)
        self.assertEqual((self.mailed(), self.mailing.state), ([], "in_queue"))
        self.env["crm.contact.touch"].search([]).unlink()
        self.mailing.schedule_date = fields.Datetime.now() - timedelta(minutes=1)
        self.run_queue()
        self.assertEqual((len(self.mailed()), self.mailing.state), (4, "done"))

    def test_the_best_goes_to_the_rest(self):
        waits = self.may[:3]
        self.wait(waits)
        self.send(self.mailing)
        self.send(self.other)
        # A quarter and half of 13.
        self.assertEqual((len(self.mailed()), len(self.mailed(self.other))), (3, 6))
        action = self.other.action_select_as_winner()
        winner = self.env["mailing.mailing"].browse(action["res_id"])
        self.assertEqual(winner.customer_list_id, self.list)
        self.run_queue()
        self.assertEqual((len(self.mailed(winner)), winner.state), (4, "in_queue"))
        # Two days later those who had to wait follow, and nobody else.
        self.env["crm.contact.touch"].search([]).unlink()
        winner.schedule_date = fields.Datetime.now() - timedelta(minutes=1)
        self.run_queue()
        self.assertLessEqual(set(waits.ids), set(self.mailed(winner)))
        self.assertEqual(winner.state, "done")
        everyone = sum(map(self.mailed, (self.mailing, self.other, winner)), [])
        self.assertEqual(sorted(everyone), sorted(self.may.ids))
        self.run_queue()
        self.assertEqual(len(self.mailed(winner)), 7)

    def fail(self, mailing, count):
        """So many mails of a mailing could not be sent."""
        for trace in mailing.mailing_trace_ids[:count]:
            mail = self.env["mail.mail"].create(
                {"mailing_id": mailing.id, "state": "exception", "subject": "Failed"}
            )
            trace.mail_mail_id = mail

    def test_retry_of_a_sample(self):
        """It reaches as many as it should have, not another sample."""
        self.send(self.mailing)
        reached = self.mailed()
        self.fail(self.mailing, 1)
        self.mailing.action_retry_failed()
        kept = self.mailed()
        self.assertEqual(len(kept), 3)
        self.run_queue()
        self.assertEqual((len(self.mailed()), self.mailing.state), (4, "done"))
        self.assertLessEqual(set(kept), set(self.mailed()))
        self.assertEqual(len(reached), 4)

    def test_retry_of_all(self):
        """Those whose mail failed are asked about again, nobody else is mailed twice."""
        self.mailing.ab_testing_enabled = False
        self.send(self.mailing)
        self.assertEqual(self.mailed(), sorted(self.may.ids))
        failed = self.mailing.mailing_trace_ids[:2].mapped("res_id")
        self.fail(self.mailing, 2)
        self.answer("refused", self.env["res.partner"].browse(failed[0]))
        self.mailing.action_retry_failed()
        self.run_queue()
        self.assertEqual(self.mailed(), sorted({*self.may.ids} - {failed[0]}))
        self.assertEqual(self.mailing.state, "done")
