from odoo.tests import tagged

from odoo.addons.crm_extended.tests.timeline.common import TimelineCommon


@tagged("post_install", "-at_install")
class TestMailings(TimelineCommon):
    def test_what_became_of_mailings(self):
        self.contact.email = "ann@fabrikam.example"
        mailing = self.env["mailing.mailing"].create(
            {
                "subject": "Spring prices",
                "mailing_model_id": self.env.ref("base.model_res_partner").id,
            }
        )

        def trace(days, **values):
            return self.env["mailing.trace"].create(
                {
                    "mass_mailing_id": mailing.id,
                    "model": "res.partner",
                    "res_id": self.contact.id,
                    "email": "other@example.com",
                    "sent_datetime": self.ago(days),
                    **values,
                }
            )

        clicked = trace(1, trace_status="open", links_click_datetime=self.ago(1))
        opened = trace(2, trace_status="open")
        bounced = trace(
            3,
            model="mailing.contact",
            res_id=1,
            email="ann@fabrikam.example",
            trace_status="bounce",
        )
        trace(4, res_id=self.stranger.id)
        trace(5, is_test_trace=True)
        trace(6, sent_datetime=False, trace_status="cancel")
        marketer = self.new_user(
            "marketer", "base.group_user,mass_mailing.group_mass_mailing_user"
        )
        page = self.fetch(self.company, marketer, kinds=["mailing"])
        self.assertEqual(
            [
                (entry["id"], entry["title"], entry["state"]["color"])
                for entry in page["entries"]
            ],
            [
                (f"mailing-{clicked.id}", "Spring prices", "success"),
                (f"mailing-{opened.id}", "Spring prices", "success"),
                (f"mailing-{bounced.id}", "Spring prices", "danger"),
            ],
        )
        self.assertEqual(page["counts"]["mailing"], 3)
        self.assertEqual(
            len(self.ids(self.company, marketer, kinds=["mailing"], search="spring")), 3
        )
        page = self.fetch(self.company, search="spring")
        self.assertEqual((page["entries"], page["counts"]), ([], {}))
        head = self.timeline(marketer).head("res.partner", self.company.id)
        self.assertIn("mailing", [kind["key"] for kind in head["kinds"]])
        head = self.timeline().head("res.partner", self.company.id)
        self.assertNotIn("mailing", [kind["key"] for kind in head["kinds"]])
        # One at a time, and no promise of more at the end.
        pages = self.all_pages(self.company, 1, marketer, kinds=["mailing"])
        self.assertEqual(
            pages, [[f"mailing-{trace.id}"] for trace in (clicked, opened, bounced)]
        )
        page = self.fetch(self.company, limit=1, search="spring")
        self.assertFalse(page["cursor"])
