from odoo.tests import tagged

from odoo.addons.crm_extended.tests.timeline.common import TimelineCommon


@tagged("post_install", "-at_install")
class TestForms(TimelineCommon):
    def test_a_form_that_was_sent_in(self):
        medium = self.env["utm.medium"]._fetch_or_create_utm_medium("website")
        sent = self.lead(
            self.contact,
            days=3,
            medium_id=medium.id,
            description="<p>Please call me</p>",
            user_id=self.manager.id,
        )
        self.lead(self.contact, days=2)
        [entry] = self.fetch(self.company, kinds=["form"])["entries"]
        self.assertEqual(
            (entry["id"], entry["body"], entry["direction"]),
            (f"form-{sent.id}", "Please call me", "in"),
        )
        self.assertEqual(
            self.ids(self.contact, kinds=["form"], search="call me"), [entry["id"]]
        )
        self.assertEqual(self.ids(sent, kinds=["form"]), [entry["id"]])
        own = self.new_user("own_documents", "sales_team.group_sale_salesman")
        for user in (own, self.employee):
            for search in (None, "call me"):
                page = self.fetch(
                    self.company, user, kinds=["form"], search=search, limit=1
                )
                self.assertNotIn("form", page["counts"])
                self.assertEqual((page["entries"], page["cursor"]), ([], False))
