from odoo.tests import HttpCase, no_retry, tagged

from odoo.addons.web.tests import test_js

SUITE = "@crm_extended"


@tagged("post_install", "-at_install")
class TestHoot(HttpCase):
    """The unit tests of the addon's JavaScript, and of no other's, in a browser."""

    def run_suite(self, preset):
        # Hoot knows a suite by a hash of its name, for which Odoo has this helper.
        suite_id = test_js.HOOTCommon._generate_hash(self, SUITE)
        logger = self._logger.getChild("browser")
        with self.assertLogs(logger, "INFO") as log:
            try:
                self.browser_js(
                    f"/web/tests?headless&loglevel=2&preset={preset}&timeout=15000"
                    f"&id={suite_id}",
                    "",
                    login="admin",
                    timeout=600,
                    success_signal="[HOOT] Test suite succeeded",
                    error_checker=test_js.unit_test_error_checker,
                )
            except AssertionError as error:
                # What the browser said was kept from the log.
                self.fail("\n".join([*log.output, str(error)]))
        # A suite that is not found succeeds as well.
        self.assertRegex("\n".join(log.output), r"Passed [1-9]\d* tests")

    @no_retry
    def test_desktop(self):
        self.run_suite("desktop")


class TestHootMobile(TestHoot):
    """The same on a narrow touch screen; tests tagged "desktop" are left out."""

    browser_size = "375x667"
    touch_enabled = True

    test_desktop = None

    @no_retry
    def test_mobile(self):
        self.run_suite("mobile&tag=-headless")
