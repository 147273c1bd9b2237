from odoo import Command
from odoo.tests import HttpCase, tagged

from ..common import CustomerValueCommon


@tagged("post_install", "-at_install")
class TestCareTours(CustomerValueCommon, HttpCase):
    def new_agent_and_team(self):
        """An agent in a team of their own with two targets."""
        agent = self.new_user("tour_agent", "crm_extended.group_care_agent")
        agent.password = agent.login * 2
        team = self.env["crm.care.team"].create(
            {
                "name": "Tour Team",
                "company_id": self.company_a.id,
                "member_ids": [Command.set(agent.ids)],
                # Around the clock: the tour runs at any time of day.
                "resource_calendar_id": False,
            }
        )
        for metric in ("first_response", "resolution"):
            self.env["crm.care.sla"].create(
                {
                    "name": "Tour Answer"
                    if metric == "first_response"
                    else "Tour Solve",
                    "metric": metric,
                    "hours": 48,
                    "company_id": self.company_a.id,
                }
            )
        return agent, team

    def test_an_agent_answers_and_solves(self):
        agent, team = self.new_agent_and_team()
        case = self.env["crm.care.case"].create(
            {
                "name": "Tour Case",
                "team_id": team.id,
                "partner_id": self.customer("Tour Asker", email="ask@example.com").id,
            }
        )
        self.start_tour(
            "/odoo/care-teams", "crm_extended_care_agent", login=agent.login
        )
        self.assertEqual(case.user_id, agent)
        self.assertEqual(case.outcome, "solved")
        self.assertTrue(case.first_response_date)

    def test_the_form_of_a_case(self):
        agent, team = self.new_agent_and_team()
        asker = self.customer("Tour Asker", email="ask@example.com")
        case, _other = self.env["crm.care.case"].create(
            [
                {"name": name, "team_id": team.id, "partner_id": asker.id}
                for name in ("Tour Lamp", "Tour Other")
            ]
        )
        case.message_post(
            body="My lamp is broken",
            author_id=asker.id,
            message_type="email",
            subtype_xmlid="mail.mt_comment",
        )
        self.start_tour(
            f"/odoo/crm.care.case/{case.id}",
            "crm_extended_care_case_form",
            login=agent.login,
        )
        self.assertEqual(case.user_id, agent)
        self.assertEqual(case.reopen_count, 1)
