import json
import tempfile
from pathlib import Path

from odoo.tests import tagged

from ..models.common.ir_model_data import fingerprint
from .common import CustomerValueCommon


@tagged("post_install", "-at_install")
class TestRewording(CustomerValueCommon):
    """Records get the words of a new version where nobody has changed them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.segment = cls.env.ref("crm_extended.crm_rfm_segment_at_risk")

    def reword(self, **entry):
        entry = {
            "record": "crm_rfm_segment_at_risk",
            "model": "crm.rfm.segment",
            "field": "name",
            "texts": {
                "en_US": {"old": [fingerprint("Falling")], "new": "New"},
                "zh_CN": {"old": [fingerprint("下降")], "new": "新"},
            },
            **entry,
        }
        with tempfile.TemporaryDirectory() as folder:
            words = Path(folder) / "words.json"
            words.write_text(json.dumps([entry]))
            self.env["ir.model.data"]._reword("crm_extended", words)

    def set_names(self, english, chinese):
        self.segment.with_context(lang="en_US").name = english
        self.segment.with_context(lang="zh_CN").name = chinese

    def assert_names(self, english, chinese):
        self.assertEqual(self.segment.with_context(lang="en_US").name, english)
        self.assertEqual(self.segment.with_context(lang="zh_CN").name, chinese)

    def test_each_language_by_itself(self):
        for before, after in (
            (("Falling", "下降"), ("New", "新")),
            (("Falling", "自定义"), ("New", "自定义")),
            (("Ours", "下降"), ("Ours", "新")),
            (("Ours", "自定义"), ("Ours", "自定义")),
        ):
            with self.subTest(before):
                self.set_names(*before)
                self.reword()
                self.assert_names(*after)
                self.reword()
                self.assert_names(*after)

    def test_records_that_are_gone_or_of_another_model(self):
        self.set_names("Falling", "下降")
        self.reword(record="crm_rfm_segment_that_never_was")
        self.reword(model="crm.loyalty.tier")
        self.assert_names("Falling", "下降")
