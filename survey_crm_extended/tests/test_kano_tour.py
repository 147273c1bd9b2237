from odoo.tests import HttpCase, tagged

from .kano_common import KanoCommon


@tagged("post_install", "-at_install")
class TestKanoTour(KanoCommon, HttpCase):
    def test_from_classes_to_another_survey(self):
        second = self.new_wave("Second")
        self.replies(self.delivery, "AAAO", days_ago=100)
        for letters in ("MQ", "MQ", "MA", "OA", "OI"):
            self.reply(dict(zip(self.features, letters, strict=True)), survey=second)
        self.start_tour(
            "/odoo/kano", "survey_crm_extended_kano", login=self.officer.login
        )
