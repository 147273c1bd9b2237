"""The guides as a reader finds them: every link leads somewhere, every picture is there
and is shown, and the way from the README to each page is a chain of links."""

import re

from conftest import ROOT

DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS.rglob("*.md")])
LINK = re.compile(r"\]\(([^)\s]+)\)")


def _anchors(page):
    """GitHub's: lower case, without punctuation, blanks as hyphens."""
    titles = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-")
        for title in titles
    }


def _links(page):
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return [link for link in LINK.findall(text) if "://" not in link]


def test_every_link_leads_to_a_file_and_a_heading():
    wrong = []
    for page in PAGES:
        for link in _links(page):
            path, _hash, anchor = link.partition("#")
            target = (page.parent / path).resolve() if path else page
            if not target.exists():
                wrong.append(f"{page.relative_to(ROOT)}: there is no {path}")
            elif anchor and anchor not in _anchors(target):
                wrong.append(f"{page.relative_to(ROOT)}: {path} has no #{anchor}")
    assert not wrong, "\n".join(wrong)


def test_every_page_can_be_reached_from_the_readme():
    reached, left = set(), [ROOT / "README.md"]
    while left:
        page = left.pop()
        reached.add(page)
        for link in _links(page):
            target = (page.parent / link.partition("#")[0]).resolve()
            if target.suffix == ".md" and target not in reached:
                left.append(target)
    lost = [str(page.relative_to(ROOT)) for page in PAGES if page not in reached]
    assert not lost, f"No page leads to {lost}."


def test_every_picture_is_shown():
    shown = {
        (page.parent / link).resolve()
        for page in PAGES
        for link in _links(page)
        if link.endswith((".png", ".svg"))
    }
    unused = [
        picture.name
        for picture in DOCS.glob("images/*.*")
        if picture.resolve() not in shown
    ]
    assert not unused, f"No page shows {unused}."


def test_the_page_for_apps_shows_its_pictures():
    """Each picture of `static/description` is there, and is shown or named."""
    folder = ROOT / "crm_extended" / "static" / "description"
    page = (folder / "index.html").read_text(encoding="utf-8")
    shown = set(re.findall(r'src="([^"]+)"', page))
    there = {path.name for path in folder.iterdir()}
    assert shown <= there, f"missing: {shown - there}"
    assert "walkthrough.gif" in shown
    manifest = (ROOT / "crm_extended" / "__manifest__.py").read_text(encoding="utf-8")
    others = {"index.html", "icon.png", "icon_care.png", "icon_care.svg"}
    unused = {name for name in there - shown - others if name not in manifest}
    assert not unused, f"not shown anywhere: {unused}"
