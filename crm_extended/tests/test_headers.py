"""Lists in a browser: none of them cuts the name of a column."""

import json
from datetime import timedelta

from odoo.tests import HttpCase, tagged

from .common import CustomerValueCommon

# Opens one list after the other, as they are by default, and names what is cut.
MEASURE = """
(async () => {
    const { action: actions } = odoo.__WOWL_DEBUG__.root.env.services;
    const later = (time) => new Promise((resolve) => setTimeout(resolve, time));
    const drawn = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const cut = [];
    for (const [id, name] of %s) {
        await actions.doAction(id, { clearBreadcrumbs: true, viewType: "list" });
        for (let tries = 0; tries < 250; tries++) {
            const isThere = document.querySelector(".o_list_view .o_list_table th");
            if (isThere && actions.currentController.action.id === id) {
                break;
            }
            await later(20);
        }
        // Odoo fixes the widths of columns when a list is there; the next page drawn has them.
        await document.fonts.ready;
        await drawn();
        await drawn();
        const headers = document.querySelectorAll(".o_list_view .o_list_table th");
        if (!headers.length) {
            cut.push(`${name} is no list`);
        }
        const list = document.querySelector(".o_list_view .o_list_renderer");
        if (list && list.scrollWidth > list.clientWidth) {
            cut.push(`${name} is wider than the page`);
        }
        for (const header of headers) {
            const text = header.querySelector(".text-truncate");
            if (text && text.scrollWidth > text.clientWidth) {
                cut.push(`${name}: ${text.textContent.trim()}`);
            }
        }
    }
    if (cut.length) {
        console.error(`Headers are cut: ${cut.join(", ")}`);
    } else {
        console.log("test successful");
    }
})();
"""

# Actions that need the record from which they are opened.
OF_A_RECORD = {"crm_interaction_action_of_lead", "crm_interaction_action_of_partner"}


@tagged("post_install", "-at_install")
class TestHeaders(CustomerValueCommon, HttpCase):
    browser_size = "1400x900"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager.group_ids += cls.env.ref("crm_extended.group_care_manager")
        cls.manager.password = cls.manager.login * 2
        cls.buy(cls.customer("The only one"), 100.0, days_ago=100)
        cls.refresh(as_of=cls.today - timedelta(days=60))

    def lists(self):
        """Id and name of all actions of the addon that show a list."""
        records = self.env["ir.model.data"].search(
            [("module", "=", "crm_extended"), ("model", "=", "ir.actions.act_window")]
        )
        actions = self.env["ir.actions.act_window"].browse(records.mapped("res_id"))
        return [
            [action.id, record.name]
            for record, action in zip(records, actions, strict=True)
            if "list" in action.view_mode
            and action.target == "current"
            and record.name not in OF_A_RECORD
            and self.env[action.res_model].with_user(self.manager).has_access("read")
        ]

    def measure(self):
        self.browser_js(
            "/odoo",
            MEASURE % json.dumps(self.lists()),
            "odoo.isReady === true",
            login=self.manager.login,
            timeout=180,
        )

    def test_in_english(self):
        self.assertGreater(len(self.lists()), 25)
        self.measure()

    def test_in_chinese(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"].search(
            [("name", "in", ("web", "crm_extended"))]
        )._update_translations(["zh_CN"])
        self.manager.lang = "zh_CN"
        self.measure()
