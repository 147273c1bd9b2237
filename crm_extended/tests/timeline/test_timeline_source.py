"""A source as ``docs/timeline-sources.md`` tells developers to write one."""

from unittest.mock import patch

from ...models import crm_timeline_source
from ...models.timeline import TimelineSource
from .common import TimelineCommon


class TestTimelineSource(TimelineCommon):
    def test_the_former_path_is_kept_for_a_version(self):
        self.assertIs(crm_timeline_source.TimelineSource, TimelineSource)

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

    def test_a_source_with_nothing_of_the_customer_is_not_searched(self):
        self.interaction(self.contact)
        lead = self.lead(self.contact)
        self.message(lead, 1)
        self.env.flush_all()
        searched = []
        page_queries = TimelineSource.page_queries

        def noted(source, scope, key, limit, cursor=None):
            searched.append(key)
            return page_queries(source, scope, key, limit, cursor)

        with patch.object(TimelineSource, "page_queries", noted):
            entries = self.fetch(self.contact, self.manager)["entries"]
        self.assertEqual(
            {entry["kind"] for entry in entries}, {"interaction", "lead", "message"}
        )
        self.assertIn("interaction", searched)
        self.assertFalse({"order", "invoice", "tier", "case"} & set(searched))

    def test_a_source_that_finds_its_records_itself_is_always_asked(self):
        bank = self.env["res.partner.bank"].create(
            {"partner_id": self.stranger.id, "acc_number": "NL00 1234"}
        )
        moment = self.ago(1)

        class Elsewhere(TimelineSource):
            def page(self, scope, key, limit, cursor=None):
                return [(moment, bank.id)]

        source_class = self.env.registry["crm.timeline"]
        before = source_class._timeline_sources

        def with_another(timeline):
            source = Elsewhere(
                model="res.partner.bank", kind="bank", label="Banks", author=None
            )
            return {**before(timeline), "bank": source}

        with patch.object(source_class, "_timeline_sources", with_another):
            user = self.new_user("banker", "base.group_partner_manager")
            self.assertEqual(
                self.ids(self.contact, user, kinds=["bank"]), [f"bank-{bank.id}"]
            )

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
