from datetime import date

from odoo.tests import TransactionCase, tagged

from ..models.common.month_names import format_month


@tagged("post_install", "-at_install")
class TestMonthNames(TransactionCase):
    def test_in_the_order_of_the_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        day = date(2025, 6, 17)
        for lang, long, short in (
            ("en_US", "June 2025", "Jun 2025"),
            ("zh_CN", "2025年6月", "2025年6月"),
        ):
            env = self.env(context={"lang": lang})
            self.assertEqual(format_month(env, day), long)
            self.assertEqual(format_month(env, day, is_short=True), short)
