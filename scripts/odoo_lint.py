"""Odoo's own gates (its module test_lint), on our addons.

    odoo_lint.py DATABASE ADDON…    a database with these addons installed

test_lint looks at every addon it can find and at every model of the database.
The first kind is shown only our addons; of the second kind only what names one
of them counts, since Odoo itself is not ours to mend.
"""

import contextlib
import importlib
import logging
import os
import sys
import unittest
from pathlib import Path

import odoo
import odoo.modules
import odoo.tests
from odoo.modules import Manifest
from odoo.modules.registry import Registry
from odoo.tests.result import OdooTestResult

import odoo.addons

ROOT = Path(__file__).resolve().parent.parent
ADDONS = sys.argv[2:]
SUITE = "odoo.addons.test_lint.tests"
# test_checkers tests the checkers, test_l10n and test_i18n Odoo's localisations.
LEFT_OUT = {"test_checkers", "test_l10n", "test_i18n"}


class Findings(logging.Handler):
    """Collects what the tests report: failures are logged, not raised."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.texts = []

    def emit(self, record):
        self.texts.append(record.getMessage())


def modules():
    package = importlib.import_module(SUITE)
    names = {path.stem for path in Path(package.__path__[0]).glob("test_*.py")}
    return sorted(names - LEFT_OUT)


@contextlib.contextmanager
def narrowed(module):
    """Show the tests of this module our addons only.

    Plain assignments: Odoo's test case ends patches of unittest.mock before it.
    """
    manifests = [Manifest.for_addon(addon) for addon in ADDONS]
    folders = [str(ROOT / addon) for addon in ADDONS]
    swaps = [(Manifest, "all_addon_manifests", lambda: manifests)]
    if hasattr(module, "get_modules"):
        swaps.append((module, "get_modules", lambda: ADDONS))
    if module.__name__.endswith(".test_markers"):
        swaps += [(odoo.addons, "__path__", folders), (odoo, "__path__", [])]
    if module.__name__.endswith(".test_pylint"):
        # It takes one folder, and the modules' own besides.
        swaps.append((odoo.tools.config, "root_path", folders[0]))
    kept = [(owner, name, vars(owner)[name]) for owner, name, _value in swaps]
    for owner, name, value in swaps:
        setattr(owner, name, value)
    try:
        yield
    finally:
        for owner, name, value in kept:
            setattr(owner, name, value)


def about_us(text):
    return any(addon in text for addon in ADDONS)


def check(name):
    """Run one module of tests; return its name, tests run, skipped, findings."""
    module = importlib.import_module(f"{SUITE}.{name}")
    suite = unittest.defaultTestLoader.loadTestsFromModule(module)
    result, found = OdooTestResult(), Findings()
    logging.getLogger().addHandler(found)
    try:
        with narrowed(module):
            suite.run(result)
    finally:
        logging.getLogger().removeHandler(found)
    ours = [text for text in found.texts if about_us(text)]
    foreign = len(found.texts) - len(ours)
    return result.testsRun, result.skipped, ours, foreign


def main(database):
    odoo.tools.config.parse_config(
        ["-d", database, "--no-http", "--log-handler=:CRITICAL", "--stop-after-init"]
    )
    logging.getLogger().handlers.clear()
    logging.getLogger().setLevel(logging.WARNING)
    odoo.tests.common.threading.current_thread().testing = True
    registry = Registry(database)
    registry.loaded = registry.ready = True
    os.chdir(ROOT)
    passed = failed = skipped = 0
    for name in modules():
        run, skips, ours, foreign = check(name)
        verdict = "FAILED" if ours else "skipped" if skips and run == skips else "ok"
        note = f"  ({foreign} findings in Odoo itself)" if foreign else ""
        print(f"{verdict:8}{name}{note}", flush=True)
        for text in ours:
            print(f"    {text}")
        passed += verdict == "ok"
        failed += verdict == "FAILED"
        skipped += verdict == "skipped"
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
