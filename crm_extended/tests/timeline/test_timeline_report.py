"""The stream on paper."""

from unittest.mock import patch

from odoo.exceptions import AccessError, UserError

from ...report.timeline import crm_timeline_report
from .common import TimelineCommon


class TestTimelineReport(TimelineCommon):
    def render(self, user, **options):
        self.env.flush_all()
        reports = self.as_user(user, "ir.actions.report")
        html, _type = reports._render_qweb_html(
            "crm_extended.report_timeline", None, data=options
        )
        return html.decode()

    def test_printed_is_what_the_reader_sees_as_filtered(self):
        self.message(self.contact, 2, body="<p>Price of the <i>machine</i></p>")
        self.message(
            self.contact, 1, body="<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"
        )
        self.order(self.contact, user_id=self.manager.id, note="<p>Secret</p>")
        self.interaction(self.contact, summary="Filtered out")
        options = {
            "res_model": "res.partner",
            "res_id": self.contact.id,
            "kinds": ["message", "quotation"],
        }
        html = self.render(self.manager, **options)
        for text in (
            "Ann",
            "Price of the machine",
            "Secret",
            "100.00",
            "&lt;script&gt;",
        ):
            self.assertIn(text, html)
        self.assertNotIn("Filtered out", html)
        self.assertNotIn("<script>alert", html)
        own = self.new_user("own_documents", "sales_team.group_sale_salesman")
        self.assertNotIn("Secret", self.render(own, **options))
        with self.assertRaises(AccessError):
            self.render(self.portal, **options)

    def test_a_long_stream_is_cut_and_says_so(self):
        for days in range(5):
            self.interaction(self.contact, days + 1, summary=f"Call {days}")
        options = {"res_model": "res.partner", "res_id": self.contact.id}
        self.assertNotIn("The newest", self.render(self.salesman, **options))
        with patch.multiple(crm_timeline_report, PRINT_LIMIT=4, PAGE=2):
            html = self.render(self.salesman, **options)
        self.assertIn("The newest", html)
        self.assertIn("Call 3", html)
        self.assertNotIn("Call 4", html)

    def test_the_action_carries_the_filters(self):
        timeline = self.timeline()
        action = timeline.get_print_action(
            "res.partner", self.contact.id, search="price", scope="contact"
        )
        self.assertEqual(action["report_name"], "crm_extended.report_timeline")
        self.assertEqual(action["data"]["search"], "price")
        for options in ({"kinds": ["nonsense"]}, {"sudo": 1}):
            with self.assertRaises(UserError):
                timeline.get_print_action("res.partner", self.contact.id, **options)
        for options in ({}, {"res_model": "res.users", "res_id": 1}):
            with self.assertRaises(UserError):
                self.render(self.salesman, **options)
