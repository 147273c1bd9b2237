"""The template holds what the addon says today, and Chinese says all of it."""

import re

import polib
import pytest
from odoo_shell import ODOO, ROOT, database, run

I18N = ROOT / "crm_extended" / "i18n"
PLACEHOLDER = re.compile(r"%\(\w+\)s|%s|</?\w+[^>]*>")


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    path = tmp_path_factory.mktemp("i18n") / "fresh.pot"
    with database("i18n") as name:
        run([ODOO, "i18n", "export", "-d", name, "crm_extended", "-o", str(path)])
        yield polib.pofile(str(path))


@pytest.fixture(scope="module")
def template():
    return polib.pofile(str(I18N / "crm_extended.pot"))


@pytest.fixture(scope="module")
def chinese():
    return polib.pofile(str(I18N / "zh_CN.po"))


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
        kept = [re.sub(r'title="[^"]*"', "", mark) for mark in marks(entry.msgstr)]
        wanted = [re.sub(r'title="[^"]*"', "", mark) for mark in marks(entry.msgid)]
        assert sorted(kept) == sorted(wanted), entry.msgid


def marks(text):
    return PLACEHOLDER.findall(text)
