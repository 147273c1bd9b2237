"""No text that people read contains a word that the product no longer uses."""

import re
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = sorted(ROOT.glob("*crm_extended/i18n/*.pot"))
# Guides, design notes and what else is written for people. The changelog keeps the words
# of its time.
PAGES = sorted(
    [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("benchmarks/*.md"),
        *ROOT.glob("*crm_extended/readme/*.md"),
    ]
)
# Names in code, and where links lead to.
CODE = re.compile(r"```.*?```|`[^`\n]*`|\]\([^)\s]*\)", re.DOTALL)

RETIRED = (
    "standings?",
    "refresh(es|ed)?",
    "months looked back",
    "ladder",
    "rung",
    "risen",
    "fallen",
    "tenths?",
    "attainment",
    "by hand",
    "told",
    "tells",
    "whoever",
    "nobody",
    "somebody",
    "anybody",
    "silent",
    "silence",
    "contacts logged",
    "log a contact",
    "anew",
    "he",
    "him",
    "his",
    "programme",
)
PATTERN = re.compile(rf"\b(?:{'|'.join(RETIRED)})\b", re.IGNORECASE)


def retired_words(texts):
    return [(found.group(0), text) for text in texts if (found := PATTERN.search(text))]


def texts_of(template):
    return [entry.msgid for entry in polib.pofile(str(template))]


def test_there_is_something_to_read():
    assert len(TEMPLATES) >= 8
    assert sum(len(texts_of(template)) for template in TEMPLATES) > 1500


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.stem)
def test_no_retired_word(template):
    assert retired_words(texts_of(template)) == []


def prose_of(page):
    """Its paragraphs, without code."""
    return CODE.sub("", page.read_text(encoding="utf-8")).split("\n\n")


def test_there_are_pages():
    names = {str(page.relative_to(ROOT)) for page in PAGES}
    assert {"docs/design/rfm.md", "docs/design.md", "benchmarks/README.md"} <= names


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_retired_word_on_a_page(page):
    assert retired_words(prose_of(page)) == []


def test_code_on_a_page_keeps_its_names(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "Call `_refresh()`, see [the notes](silence.md#by-hand).\n\n"
        "```\nladder\n```\n\nThe scores are told.\n"
    )
    assert retired_words(prose_of(page)) == [("told", "The scores are told.\n")]


@pytest.mark.parametrize(
    "text",
    ["Refresh Now", "Contacts Logged", "set by hand", "told him", "The Ladder"],
)
def test_a_retired_word_is_found(text):
    assert retired_words([text])


@pytest.mark.parametrize("text", ["The tier is shown here", "understanding", "history"])
def test_other_words_are_not(text):
    assert not retired_words([text])
