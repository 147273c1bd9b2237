"""The templates hold what the addons say today, and Chinese says all of it."""

import re

import polib
import pytest
from conftest import ADDONS
from odoo_shell import ODOO, ROOT, database, run

WORDS = re.compile(r'\b(?:title|alt)="[^"]*"')
PLACEHOLDER = re.compile(r"%\(\w+\)s|%s|</?\w+[^>]*>")


@pytest.fixture(scope="module", params=ADDONS)
def addon(request):
    return request.param


@pytest.fixture(scope="module")
def exported(addon, tmp_path_factory):
    path = tmp_path_factory.mktemp("i18n") / "fresh.pot"
    with database(
        "i18n", kind="demo" if addon == "crm_extended" else "bridged"
    ) as name:
        run([ODOO, "i18n", "export", "-d", name, addon, "-o", str(path)])
        yield polib.pofile(str(path))


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
