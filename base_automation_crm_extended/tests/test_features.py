"""Rules on models of a feature that is switched off."""

from odoo.tests import Form, tagged

from odoo.addons.crm_extended.tests.care.common import CareCommon
from odoo.addons.crm_extended.tests.common import CustomerValueCommon, load_migration
from odoo.addons.crm_extended.tests.loyalty.common import LoyaltyCommon

from .automation_common import RuleCommon

MODELS = {
    "loyalty": ("crm.loyalty.change", "crm.loyalty.membership", "crm.loyalty.tier"),
    "care": ("crm.care.case", "crm.care.team"),
}


@tagged("post_install", "-at_install")
class TestOfferedModels(RuleCommon):
    model_name = "crm.loyalty.change"

    def offered(self):
        rules = self.env["base.automation"]
        domain = rules.fields_get(["model_id"], ["domain"])["model_id"]["domain"]
        return set(self.env["ir.model"].search(domain).mapped("model"))

    def test_models_of_a_feature_that_is_off_are_not_offered(self):
        for key, names in MODELS.items():
            with self.subTest(key):
                self.assertLessEqual(set(names), self.offered())
                self.env["crm.feature"]._switch(**{key: False})
                offered = self.offered()
                self.assertFalse(set(names) & offered)
                self.assertLessEqual({"crm.rfm.change", "crm.lead"}, offered)
                self.assertFalse({"mail.thread"} & offered)
                self.env["crm.feature"]._switch(**{key: True})

    def test_rules_are_kept(self):
        rule = self.note_rule()
        self.env["crm.feature"]._switch(loyalty=False)
        self.assertTrue(rule.active)
        with Form(rule) as form:
            form.name = "Renamed"
        self.assertEqual(rule.model_name, "crm.loyalty.change")
        self.assertEqual(rule.name, "Renamed")


@tagged("post_install", "-at_install")
class TestRulesOfTiersThatAreOff(RuleCommon, LoyaltyCommon):
    model_name = "crm.loyalty.change"

    def test_they_do_nothing_until_tiers_are_on_again(self):
        self.addCleanup(self.env["base.automation"]._unregister_hook)
        customer = self.customers(1)
        self.buy(customer, 500)
        rule = self.note_rule()
        self.assess()
        self.assertEqual(self.heard(customer), 1)
        change = self.env["crm.loyalty.change"].search(
            [("partner_id", "=", customer.id)]
        )
        self.env["crm.feature"]._switch(loyalty=False)
        subscribers = change._get_subscribers(self.company_a)
        self.assertNotIn("_run_automation_rules", subscribers)
        rule._process(change)
        self.assertEqual(self.heard(customer), 1)
        self.env["crm.feature"]._switch(loyalty=True)
        self.buy(customer, 1000)
        self.assess()
        self.assertEqual(self.heard(customer), 2)


@tagged("post_install", "-at_install")
class TestRulesOfCareThatIsOff(RuleCommon, CareCommon):
    model_name = "crm.care.case"

    def test_they_do_nothing_until_care_is_on_again(self):
        self.addCleanup(self.env["base.automation"]._unregister_hook)
        rules = self.rule(
            trigger="on_create_or_write",
            state="code",
            code="record.write({'cause': 'heard'})",
        )
        rules += self.rule(
            trigger="on_change", state="code", code="action = {'value': {}}"
        )
        case = self.case("First")
        self.assertEqual(case.cause, "heard")
        self.env["crm.feature"]._switch(care=False)
        case.cause = False
        quiet = self.case("Second")
        self.assertFalse(case.cause)
        self.assertFalse(quiet.cause)
        self.assertFalse(rules[1]._filter_post(case))
        self.env["crm.feature"]._switch(care=True)
        self.assertTrue(all(rules.mapped("active")))
        self.assertEqual(rules[1]._filter_post(case), case)
        self.assertEqual(self.case("Third").cause, "heard")


@tagged("post_install", "-at_install")
class TestWords(CustomerValueCommon):
    """An upgraded database has the words of this version, in each language."""

    def test_names_of_the_versions_before(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        rule = self.env.ref("base_automation_crm_extended.automation_fallen")
        model = self.env["ir.model"]._get("crm.rfm.change")
        rule.with_context(lang="en_US").name = "Call customers whose tier fell"
        model.with_context(lang="zh_CN").name = "评级变动"
        script = load_migration(
            "19.0.1.1.0/post-words.py", "base_automation_crm_extended"
        )
        script.migrate(self.env.cr, "19.0.1.0.0")
        self.assertEqual(
            rule.with_context(lang="en_US").name,
            "Call customers whose tier was downgraded",
        )
        self.assertEqual(model.with_context(lang="zh_CN").name, "评分变动")
        rule.with_context(lang="en_US").name = "Ours"
        script.migrate(self.env.cr, "19.0.1.0.0")
        self.assertEqual(rule.with_context(lang="en_US").name, "Ours")
