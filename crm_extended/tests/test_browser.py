"""What the tests in a browser rely on: pages that know nothing of each other, and that
fail when something is wrong.

Under pytest all of them share a browser (``scripts/one_browser.py``); under Odoo's own
runner each has its own.
"""

import json
import logging

from odoo.tests import HttpCase, tagged

PAGE = "/web/login"
LEAVE = """
(async () => {
    document.cookie = "left=1; path=/; max-age=3600";
    localStorage.setItem("left", "1");
    sessionStorage.setItem("left", "1");
    await caches.open("left");
    await new Promise((resolve) => {
        indexedDB.open("left").onsuccess = resolve;
    });
    await navigator.serviceWorker.register("/web/service-worker.js", { scope: "/odoo" });
    window.open("/web/login");
    console.log("test successful");
})();
"""
FIND = """
(async () => {
    const workers = await navigator.serviceWorker.getRegistrations();
    const found = {
        cookie: document.cookie.includes("left"),
        local: localStorage.length,
        session: sessionStorage.length,
        caches: (await caches.keys()).length,
        databases: (await indexedDB.databases()).length,
        workers: workers.length,
        name: window.name,
        width: window.innerWidth,
        height: window.innerHeight,
    };
    console.log(`found ${JSON.stringify(found)}`);
    console.log("test successful");
})();
"""
TOUR = """
odoo.loader.modules.get("@web/core/registry").registry
    .category("web_tour.tours")
    .add("wrong", {
        steps: () => [{ content: "never there", trigger: ".o_never", timeout: 500 }],
    });
odoo.startTour("wrong", { mode: "auto", stepDelay: 0 });
"""
NOTHING = {
    "cookie": False,
    "local": 0,
    "session": 0,
    "caches": 0,
    "databases": 0,
    "workers": 0,
    "name": "",
}


@tagged("post_install", "-at_install")
class TestBrowser(HttpCase):
    def said(self):
        """What pages say, which is thereby kept from Odoo's log of errors."""
        # Not by its name, which Odoo has given to another level too.
        return self.assertLogs(self._logger.getChild("browser"), logging.INFO)

    def assert_nothing_is_found(self, width, height):
        self.browser_size = f"{width}x{height}"
        with self.said() as log:
            self.browser_js(PAGE, FIND)
        [found] = [
            json.loads(line.partition("found ")[2].splitlines()[0])
            for line in log.output
            if "found {" in line
        ]
        self.assertEqual(found, {**NOTHING, "width": width, "height": height})

    def assert_fails(self, said, code, **options):
        with (
            self.said(),
            self.assertRaises(AssertionError) as caught,
        ):
            self.browser_js(PAGE, f"console.log('begun'); {code}", **options)
        # Without the code, which is named first.
        self.assertIn(said, str(caught.exception).rpartition('" failed')[2])

    def test_pages_know_nothing_of_each_other(self):
        self.browser_js(PAGE, LEAVE)
        self.assert_nothing_is_found(1366, 768)
        self.browser_js(PAGE, LEAVE)
        self.assert_nothing_is_found(390, 844)

    def test_what_is_wrong_fails(self):
        self.assert_fails("said by hand", "console.error('said by hand')")
        self.assert_fails("thrown", "setTimeout(() => { throw new Error('thrown'); });")
        self.assert_fails("rejected", "Promise.reject(new Error('rejected'));")
        self.assert_fails(
            "timeout exceeded", "", timeout=3, success_signal="never said"
        )
        self.assert_fails(
            "never there",
            TOUR,
            ready="!!odoo.startTour",
            success_signal="tour succeeded",
        )
        # And no failure reaches the next page.
        self.assert_nothing_is_found(1366, 768)
