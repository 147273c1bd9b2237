from odoo.tests import HttpCase, tagged

from .test_campaign import CampaignCommon


@tagged("post_install", "-at_install")
class TestCampaignTours(CampaignCommon, HttpCase):
    def test_from_the_menu_to_whom_a_campaign_reached(self):
        reached, control = self.people[:10], self.people[10:]
        for number, partner in enumerate(self.people):
            self.buy(partner, 10 * (number + 1), days_ago=100)
        self.refresh(as_of=self.day(70))
        self.enroll(reached, "plan", 60)
        self.enroll(control, "control", 60)
        for partner in self.people[:9] + self.people[10:13]:
            self.buy(partner, 10, days_ago=50)
        self.refresh()
        self.update()
        self.start_tour(
            "/odoo/life-cycle", "crm_extended_campaigns", login=self.manager.login
        )
