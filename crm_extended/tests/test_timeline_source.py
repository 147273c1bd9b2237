"""A source as ``docs/timeline-sources.md`` tells developers to write one."""

from unittest.mock import patch

from ..models.crm_timeline_source import TimelineSource
from .timeline_common import TimelineCommon


class TestTimelineSource(TimelineCommon):
    def test_a_source_in_ten_lines(self):
        source_class = self.env.registry["crm.timeline"]
        before = source_class._timeline_sources

        def with_another(timeline):
            return {**before(timeline), "bank": self.bank_source(timeline)}

        bank = self.env["res.partner.bank"].create(
            {"partner_id": self.contact.id, "acc_number": "NL00 1234"}
        )
        with patch.object(source_class, "_timeline_sources", with_another):
            user = self.new_user("banker", "base.group_partner_manager")
            page = self.fetch(self.company, user, kinds=["bank"], search="1234")
            [entry] = page["entries"]
            self.assertEqual(entry["id"], f"bank-{bank.id}")
            self.assertEqual(entry["contact"]["id"], self.contact.id)
            self.assertEqual(page["counts"], {"bank": 1})
            kinds = self.timeline(user).head("res.partner", self.contact.id)["kinds"]
            self.assertIn({"key": "bank", "label": "Banks", "icon": "fa-bank"}, kinds)
            self.assertFalse(self.ids(self.stranger, user, kinds=["bank"]))

    @staticmethod
    def bank_source(timeline):
        return TimelineSource(
            model="res.partner.bank",
            kind="bank",
            label=timeline.env._("Banks"),
            icon="fa-bank",
            title="acc_number",
            search=("acc_number",),
            author="create_uid",
        )
