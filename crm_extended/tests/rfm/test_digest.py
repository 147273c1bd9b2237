"""Customers gained, kept, lost and won back in digests."""

from datetime import timedelta

from odoo.exceptions import AccessError

from ..common import CustomerValueCommon

KPIS = ("gained", "kept", "lost", "won_back")


class TestDigest(CustomerValueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.digest = cls.env.ref("crm_extended.digest_digest_customer_value")
        cls.lost = cls.env.ref("crm_extended.crm_rfm_segment_lost")
        cls.other = cls.env.ref("crm_extended.crm_rfm_segment_loyal")
        cls.company_a.resource_calendar_id.tz = "UTC"

    @classmethod
    def stand(cls, segment, first_days_ago, moves=(), company=None):
        """A customer, with moves as (days ago, from, to)."""
        partner = cls.customer()
        company = company or cls.company_a
        cls.env["crm.rfm.score"].create(
            {
                "partner_id": partner.id,
                "company_id": company.id,
                "segment_id": segment.id,
                "first_date": cls.today - timedelta(days=first_days_ago),
            }
        )
        cls.env["crm.rfm.change"].create(
            [
                {
                    "partner_id": partner.id,
                    "company_id": company.id,
                    "date": cls.today - timedelta(days=days_ago),
                    "old_segment_id": old.id,
                    "new_segment_id": new.id,
                }
                for days_ago, old, new in moves
            ]
        )
        cls.env.flush_all()
        return partner

    def kpis(self, user=None, company=None):
        """Values of the last day, seven days and month, by name."""
        # As the scheduled action: without companies chosen.
        rows = self.digest.with_env(self.env(context={}))._compute_kpis(
            company or self.company_a, user or self.salesman
        )
        return {
            row["kpi_name"].removeprefix("kpi_rfm_"): tuple(
                int(row[f"kpi_col{column}"]["value"]) for column in (1, 2, 3)
            )
            for row in rows
        }

    def test_figures_of_a_history_made_by_hand(self):
        lost, other = self.lost, self.other
        self.stand(other, 0)  # today is not over
        self.stand(other, 1)  # gained in all three periods
        self.stand(other, 5)  # gained in the last two, kept in the first
        self.stand(other, 400)  # kept
        self.stand(lost, 500)  # lost long ago
        self.stand(lost, 500, [(3, other, lost)])
        self.stand(lost, 500, [(0, other, lost)])  # today: still kept
        self.stand(other, 500, [(10, lost, other)])
        # Lost and won back within the month: kept in all.
        self.stand(other, 500, [(20, other, lost), (4, lost, other)])
        # Moved, but not from or to the lost ones.
        at_risk = self.env.ref("crm_extended.crm_rfm_segment_at_risk")
        self.stand(at_risk, 500, [(1, other, at_risk)])
        # Came as a lost one, out of imported purchases.
        self.stand(lost, 900, [(2, self.env["crm.rfm.segment"], lost)])
        # Of another company.
        self.stand(other, 1, company=self.company_b)
        self.assertEqual(
            self.kpis(),
            {
                "gained": (1, 2, 2),
                "kept": (6, 4, 4),
                "lost": (0, 1, 1),
                "won_back": (0, 1, 1),
            },
        )
        self.assertEqual(
            self.kpis(self.salesman_b, self.company_b),
            {
                "gained": (1, 1, 1),
                "kept": (0, 0, 0),
                "lost": (0, 0, 0),
                "won_back": (0, 0, 0),
            },
        )

    def test_compared_with_the_period_before(self):
        for days_ago in (1, 2, 8, 9, 10, 11):
            self.stand(self.other, days_ago)
        [gained, *_others] = self.digest._compute_kpis(self.company_a, self.salesman)
        self.assertEqual(gained["kpi_col2"]["value"], 2)
        self.assertEqual(gained["kpi_col2"]["margin"], -50.0)

    def test_nobody_yet(self):
        self.assertEqual(self.kpis(), {name: (0, 0, 0) for name in KPIS})

    def test_found_by_a_real_refresh(self):
        customer = self.customer()
        self.buy(customer, days_ago=400)
        self.refresh()
        self.buy(customer, days_ago=1)
        self.refresh(as_of=self.today - timedelta(days=1))
        self.assertEqual(self.score(customer).segment_id.is_lost, False)
        self.assertEqual(self.kpis()["won_back"], (1, 1, 1))

    def test_for_salespeople_only(self):
        self.stand(self.other, 1)
        self.assertEqual(self.kpis(self.employee), {})
        with self.assertRaises(AccessError):
            self.digest.with_user(self.employee).sudo().with_context(
                start_datetime=self.today - timedelta(days=1),
                end_datetime=self.today,
            ).read(["kpi_rfm_gained_value"])

    def test_customers_whom_the_user_cannot_see_do_not_count(self):
        self.stand(self.other, 1)
        hidden = self.stand(self.other, 1)
        self.env["ir.rule"].create(
            {
                "name": "hidden customer",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": f"[('id', '!=', {hidden.id})]",
                "groups": self.env.ref("sales_team.group_sale_salesman").ids,
            }
        )
        self.assertEqual(self.kpis()["gained"], (1, 1, 1))

    def test_read_outside_a_digest(self):
        self.stand(self.other, 1)
        self.assertEqual(self.digest.kpi_rfm_gained_value, 0)

    def test_ready_to_be_activated(self):
        self.assertEqual(self.digest.state, "deactivated")
        self.assertEqual(self.digest.periodicity, "monthly")
        self.assertFalse(self.digest.company_id)
        self.stand(self.other, 1)
        self.digest.user_ids = self.salesman
        self.salesman.email = "salesman@example.com"
        self.digest.action_activate()
        before = self.env["mail.mail"].search([])
        self.digest.action_send()
        mail = self.env["mail.mail"].search([]) - before
        for label in ("Gained", "Retained", "Lost", "Won Back"):
            self.assertIn(f"Customers {label}", mail.body_html)
        self.assertIn("crm_extended.crm_rfm_change_action", mail.body_html)
