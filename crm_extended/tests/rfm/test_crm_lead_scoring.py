"""The segment as a variable of predictive lead scoring."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import Form, HttpCase, tagged

from ..common import CustomerValueCommon

FIELDS = "crm.pls_fields"


class CrmLeadScoringCommon(CustomerValueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        parameters = cls.env["ir.config_parameter"].sudo()
        former = parameters.get_param(FIELDS)
        parameters.set_param("crm.pls_start_date", "2000-01-01")
        cls.use("rfm_segment_id")
        # What the fields of leads depend on is part of the registry.
        cls.addClassCleanup(cls.use, former)
        cls.env["crm.lead.scoring.frequency"].search([]).unlink()
        cls.env["crm.lead"].with_context(active_test=False).search([]).unlink()
        cls.team = cls.env["crm.team"].create({"name": "Team", "company_id": False})
        cls.stage = cls.env["crm.stage"].search(
            [("team_ids", "=", False)], order="sequence, id", limit=1
        )
        cls.won_stage = cls.env["crm.stage"].search([("is_won", "=", True)], limit=1)
        cls.champions = cls.env.ref("crm_extended.crm_rfm_segment_champions")
        cls.hibernating = cls.env.ref("crm_extended.crm_rfm_segment_hibernating")
        cls.good, cls.bad, cls.stranger = cls.customers(3)
        cls.env["crm.rfm.refresh"].create(
            {"company_id": cls.company_a.id, "as_of": cls.today}
        )
        cls.set_time("crm_rfm_refresh", days_ago=100)
        cls.place(cls.good, cls.champions)
        cls.place(cls.bad, cls.hibernating)

    @classmethod
    def use(cls, names):
        cls.env["ir.config_parameter"].sudo().set_param(FIELDS, names)

    @classmethod
    def set_time(cls, table, days_ago):
        """Pretend that the newest row was recorded some days ago."""
        cls.env.flush_all()
        cls.env.cr.execute(
            f"UPDATE {table} SET create_date = now() - %s * interval '1 day' "  # noqa: S608
            f"WHERE id = (SELECT max(id) FROM {table})",
            [days_ago],
        )

    @classmethod
    def place(cls, partner, segment, company=None, **values):
        company = company or cls.company_a
        score = cls.env["crm.rfm.score"].search(
            [("partner_id", "=", partner.id), ("company_id", "=", company.id)]
        )
        if score:
            score.segment_id = segment
        else:
            score = score.create(
                {
                    "partner_id": partner.id,
                    "company_id": company.id,
                    "segment_id": segment.id,
                    "last_date": cls.today,
                    **values,
                }
            )
        # A refresh writes standings behind the cache, too.
        cls.env.flush_all()
        return score

    def move(self, partner, old, new, days_ago, recorded_days_ago=None):
        self.env["crm.rfm.change"].create(
            {
                "partner_id": partner.id,
                "company_id": self.company_a.id,
                "date": self.today - timedelta(days=days_ago),
                "old_segment_id": old.id,
                "new_segment_id": new.id,
            }
        )
        if recorded_days_ago is None:
            recorded_days_ago = days_ago
        self.set_time("crm_rfm_change", recorded_days_ago)
        self.place(partner, new)

    def lead(self, partner, **values):
        return self.env["crm.lead"].create(
            {
                "name": partner.name,
                "type": "opportunity",
                "partner_id": partner.id,
                "company_id": self.company_a.id,
                "team_id": self.team.id,
                "user_id": self.salesman.id,
                "stage_id": self.stage.id,
                **values,
            }
        )

    def win(self, partner, **values):
        lead = self.lead(partner, **values)
        lead.stage_id = self.won_stage
        return lead

    def lose(self, partner, **values):
        lead = self.lead(partner, **values)
        lead.action_set_lost()
        return lead

    def learn(self):
        """Good customers' leads are won, bad ones' lost, four times in five."""
        for _number in range(4):
            self.win(self.good)
            self.lose(self.bad)
        self.lose(self.good)
        self.win(self.bad)

    def frequencies(self):
        self.env.flush_all()
        return {
            (row.variable, row.value, row.team_id.id): (row.won_count, row.lost_count)
            for row in self.env["crm.lead.scoring.frequency"].search([])
        }

    def segment_counts(self):
        return {
            int(value): counts
            for (variable, value, _team), counts in self.frequencies().items()
            if variable == "rfm_segment_id"
        }


class TestCrmLeadScoring(CrmLeadScoringCommon):
    def both_paths(self, leads):
        single = {}
        for lead in leads:
            single.update(lead._pls_get_naive_bayes_probabilities()[0])
        batch, _unused = leads._pls_get_naive_bayes_probabilities(batch_mode=True)
        self.assertEqual(batch, single)
        return batch

    def test_offered_in_the_settings(self):
        offered = self.env.ref("crm_extended.frequency_field_rfm_segment_id")
        self.assertEqual(offered.name, "Customer Segment")
        wizard = Form(self.env["crm.lead.pls.update"])
        self.assertEqual(wizard.pls_fields[:], offered)
        settings = self.env["res.config.settings"].create({})
        self.assertEqual(settings.predictive_lead_scoring_fields, offered)

    def test_the_segment_counts_and_both_ways_agree(self):
        self.learn()
        good, bad, stranger = (
            self.lead(partner) for partner in (self.good, self.bad, self.stranger)
        )
        probability = self.both_paths(good + bad + stranger)
        self.assertGreater(probability[good.id], 60)
        self.assertLess(probability[bad.id], 40)
        self.assertEqual(probability[stranger.id], 50)
        self.assertEqual(good.probability, probability[good.id])

    def test_a_contact_counts_as_its_company(self):
        self.learn()
        contact = self.customer("Contact", parent_id=self.good.id)
        lead, same = self.lead(contact), self.lead(self.good)
        self.assertEqual(lead.probability, same.probability)
        self.both_paths(lead + same)

    def test_in_a_form_the_customer_counts_before_it_is_saved(self):
        self.learn()
        form = Form(self.lead(self.stranger))
        form.partner_id = self.good
        self.assertGreater(form.probability, 60)
        lead = form.save()
        self.assertGreater(lead.probability, 60)
        lead.partner_id = self.bad
        self.assertLess(lead.probability, 40)

    def test_the_company_of_the_lead_decides(self):
        self.learn()
        self.place(self.good, self.hibernating, self.company_b)
        seller = self.salesman_b
        lead = self.lead(self.good)
        lead_b = self.lead(self.good, company_id=self.company_b.id, user_id=seller.id)
        probability = self.both_paths(lead + lead_b)
        self.assertGreater(probability[lead.id], 60)
        self.assertLess(probability[lead_b.id], 40)
        for company in (self.company_a, self.company_b):
            self.assertEqual(
                self.both_paths((lead + lead_b).with_company(company)), probability
            )

    def test_without_a_company_the_last_purchase_decides(self):
        self.learn()
        earlier = self.today - timedelta(days=3)
        self.place(self.good, self.hibernating, self.company_b, last_date=earlier)
        lead = self.lead(self.good, company_id=False, user_id=False)
        self.assertFalse(lead.company_id)
        self.assertGreater(self.both_paths(lead)[lead.id], 60)

    def test_counting_at_once_and_counting_anew_agree(self):
        self.learn()
        counted = self.segment_counts()
        self.assertEqual(
            counted,
            {self.champions.id: (4.1, 1.1), self.hibernating.id: (1.1, 4.1)},
        )
        everything = self.frequencies()
        self.env["crm.lead"]._rebuild_pls_frequency_table()
        self.assertEqual(self.frequencies(), everything)

    def test_a_closed_lead_keeps_the_segment_of_that_moment(self):
        won, lost = self.win(self.bad), self.lose(self.bad)
        counted = self.segment_counts()
        self.assertEqual(counted, {self.hibernating.id: (1.1, 1.1)})
        # The purchase makes the customer a good one.
        (won + lost).date_closed = fields.Datetime.now() - timedelta(days=10)
        self.move(self.bad, self.hibernating, self.champions, days_ago=9)
        self.env["crm.lead"]._rebuild_pls_frequency_table()
        self.assertEqual(self.segment_counts(), counted)

    def test_moves_of_earlier_times_recorded_later_change_nothing(self):
        won = self.win(self.bad)
        counted = self.segment_counts()
        won.date_closed = fields.Datetime.now() - timedelta(days=10)
        self.move(self.bad, self.champions, self.hibernating, 40, recorded_days_ago=0)
        self.env["crm.lead"]._rebuild_pls_frequency_table()
        self.assertEqual(self.segment_counts(), counted)

    def test_moves_since_then_recorded_by_a_rebuild(self):
        won = self.win(self.good)
        won.date_closed = fields.Datetime.now() - timedelta(days=30)
        self.move(self.good, self.hibernating, self.champions, 30, recorded_days_ago=0)
        self.env["crm.lead"]._rebuild_pls_frequency_table()
        self.assertEqual(self.segment_counts(), {self.hibernating.id: (1.1, 0.1)})

    def test_nothing_is_known_of_the_time_before_the_first_refresh(self):
        won = self.win(self.good)
        won.date_closed = fields.Datetime.now() - timedelta(days=101)
        self.env["crm.lead"]._rebuild_pls_frequency_table()
        self.assertEqual(self.segment_counts(), {})
        won.date_closed = fields.Datetime.now() - timedelta(days=99)
        self.env["crm.lead"]._rebuild_pls_frequency_table()
        self.assertEqual(self.segment_counts(), {self.champions.id: (1.1, 0.1)})

    def test_odoos_own_update_agrees(self):
        self.learn()
        lead = self.lead(self.good)
        self.place(self.good, self.hibernating)
        self.env["crm.lead"]._update_automated_probabilities()
        self.assertEqual(lead.probability, self.both_paths(lead)[lead.id])
        self.assertLess(lead.probability, 40)

    def test_a_refresh_that_moves_customers_changes_the_chances(self):
        self.learn()
        self.place(self.good, self.hibernating)
        self.place(self.good, self.champions, self.company_b)
        lead, contacts, manual = (
            self.lead(self.good),
            self.lead(self.customer(parent_id=self.good.id)),
            self.lead(self.good),
        )
        other, lead_b = (
            self.lead(self.stranger),
            self.lead(
                self.good, company_id=self.company_b.id, user_id=self.salesman_b.id
            ),
        )
        won = self.win(self.good)
        manual.probability = 12
        manual.expected_revenue = lead.expected_revenue = 1000
        before = other.probability, lead_b.probability
        self.assertLess(lead.probability, 40)
        counts = self.segment_counts()
        self.buy(self.good)
        refresh = self.refresh()
        self.assertFalse(refresh.next_change_id)
        # New Customers are neither good nor bad so far.
        self.assertEqual(lead.probability, self.both_paths(lead)[lead.id])
        self.assertGreater(lead.probability, 45)
        self.assertEqual(contacts.probability, lead.probability)
        self.assertEqual(lead.prorated_revenue, 10 * lead.probability)
        self.assertEqual(manual.probability, 12)
        self.assertEqual(manual.automated_probability, lead.probability)
        self.assertEqual((other.probability, lead_b.probability), before)
        self.assertEqual(won.probability, 100)
        self.assertEqual(self.segment_counts(), counts)

    def test_a_refresh_leaves_leads_alone_when_it_is_off(self):
        self.use("country_id")
        self.buy(self.good)
        with patch.object(
            type(self.env["crm.lead"]),
            "_pls_update_customers",
            side_effect=AssertionError("leads were touched"),
        ):
            self.assertTrue(self.refresh().last_change_id)
        self.use("rfm_segment_id")

    def test_the_explanation_names_the_segment_in_the_leads_company(self):
        self.learn()
        lead = self.lead(self.good)
        self.salesman.company_ids += self.company_b
        lead = lead.with_user(self.salesman).with_context(
            allowed_company_ids=(self.company_b + self.company_a).ids
        )
        data = lead.prepare_pls_tooltip_data()
        self.assertIn(
            ("rfm_segment_id", "Champions"),
            [(row["field"], row["value"]) for row in data["top_3_data"]],
        )

    def test_whoever_is_not_in_sales_can_still_write_leads(self):
        self.learn()
        self.env["ir.model.access"].create(
            {
                "name": "leads for employees",
                "model_id": self.env["ir.model"]._get_id("crm.lead"),
                "group_id": self.env.ref("base.group_user").id,
                "perm_read": True,
                "perm_write": True,
            }
        )
        lead = self.lead(self.bad)
        self.as_user(self.employee, "crm.lead").browse(lead.id).write(
            {"partner_id": self.good.id}
        )
        self.assertGreater(lead.probability, 60)

    def test_it_costs_nothing_when_off_and_one_query_when_on(self):
        self.learn()
        values = {
            "type": "opportunity",
            "team_id": self.team.id,
            "user_id": self.salesman.id,
            "stage_id": self.stage.id,
        }

        def queries(count):
            leads = [
                {**values, "name": "Lead", "partner_id": self.good.id}
                for _number in range(count)
            ]
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.env["crm.lead"].create(leads)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        queries(1)
        on = queries(10) - queries(9)
        self.assertLessEqual(on, queries(9) - queries(8))
        with_segment = self.lead(self.good)._pls_get_naive_bayes_probabilities
        before = self.env.cr.sql_log_count
        with_segment()
        cost = self.env.cr.sql_log_count - before
        self.use("country_id")
        with patch.object(
            type(self.env["crm.lead"]),
            "_pls_get_segments",
            side_effect=AssertionError("asked for segments"),
        ):
            without = self.lead(self.good)._pls_get_naive_bayes_probabilities
            before = self.env.cr.sql_log_count
            without()
            self.assertEqual(self.env.cr.sql_log_count - before, cost - 1)
            depends = self.env["crm.lead"]._fields["probability"]
            depends = depends.get_depends(self.env["crm.lead"])[0]
            self.assertNotIn("partner_id.commercial_partner_id", depends)
        self.use("rfm_segment_id")

    def test_uninstalled_variables_do_no_harm(self):
        self.use("no_such_field,rfm_segment_id")
        self.assertTrue(self.env["crm.lead"]._pls_uses_segment())
        self.assertEqual(self.env["crm.lead"]._pls_get_safe_fields(), [])
        self.use("rfm_segment_id")


@tagged("post_install", "-at_install")
class TestCrmLeadScoringTour(CrmLeadScoringCommon, HttpCase):
    def test_the_explanation_in_a_browser(self):
        self.learn()
        lead = self.lead(self.good)
        self.salesman.password = self.salesman.login * 2
        self.start_tour(
            f"/odoo/crm.lead/{lead.id}",
            "crm_extended_pls_tooltip",
            login=self.salesman.login,
        )
