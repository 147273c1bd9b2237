"""The templates hold what the addons say today, and Chinese says all of it."""

import re

import polib
import pytest
from conftest import ADDONS
from odoo_shell import ODOO, ROOT, database, run

WORDS = re.compile(r'\b(?:title|alt)="[^"]*"')
# As the command `odoo i18n export` does it.
EXPORT = """
from odoo.tools.translate import trans_export
with open("{1}", "wb") as target:
    trans_export(False, ["{0}"], target, "po", env)
"""
PLACEHOLDER = re.compile(r"%\(\w+\)s|%s|</?\w+[^>]*>")


@pytest.fixture(scope="module", params=ADDONS)
def addon(request):
    return request.param


@pytest.fixture(scope="module")
def templates(tmp_path_factory):
    """What the addons say today, by addon: one database and one Odoo for all bridges."""
    found = {}
    folder = tmp_path_factory.mktemp("i18n")
    bridges = [addon for addon in ADDONS if addon != "crm_extended"]
    for kind, addons in (("demo", ["crm_extended"]), ("bridged", bridges)):
        paths = {addon: folder / f"{addon}.pot" for addon in addons}
        with database(f"i18n_{kind}", kind=kind) as name:
            run(
                [ODOO, "shell", "-d", name, "--no-http", "--log-level=warn"],
                input="".join(EXPORT.format(*item) for item in paths.items()),
            )
        found |= {addon: polib.pofile(str(path)) for addon, path in paths.items()}
    return found


@pytest.fixture(scope="module")
def exported(addon, templates):
    return templates[addon]


@pytest.fixture(scope="module")
def template(addon):
    return polib.pofile(str(ROOT / addon / "i18n" / f"{addon}.pot"))


@pytest.fixture(scope="module")
def chinese(addon):
    return polib.pofile(str(ROOT / addon / "i18n" / "zh_CN.po"))


def texts(catalogue):
    return {entry.msgid for entry in catalogue if not entry.obsolete}


def test_the_template_is_current(exported, template):
    assert texts(template) == texts(exported)


def test_chinese_is_complete(template, chinese):
    assert texts(chinese) == texts(template)
    assert [entry.msgid for entry in chinese.untranslated_entries()] == []
    assert [entry.msgid for entry in chinese.fuzzy_entries()] == []


def test_placeholders_and_tags_survive_translation(chinese):
    for entry in chinese:
        assert sorted(marks(entry.msgstr)) == sorted(marks(entry.msgid)), entry.msgid


def marks(text):
    """Placeholders and tags, these without the attributes that are words."""
    return [WORDS.sub("", mark) for mark in PLACEHOLDER.findall(text)]
