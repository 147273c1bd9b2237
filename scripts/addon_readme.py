"""Puts the fragments in each addon's readme/ together to its README.rst, which is the
description of its wheel and of its entry under Apps. Where there are highlights, with
pictures, its static/description/index.html tells the same; Apps shows that page instead.

    python scripts/addon_readme.py            writes them
    python scripts/addon_readme.py --check    says which ones are not up to date
"""

import ast
import re
import sys
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SECTIONS = {
    "DESCRIPTION": None,
    "HIGHLIGHTS": "Highlights",
    "CONFIGURE": "Configuration",
    "USAGE": "Usage",
}
# Between paragraphs.
BLANK = "\n\n"
PICTURE = re.compile(r"^!\[([^\]]*)\]\(([^)]+)\)$")


def heading(text, line):
    return f"{text}\n{line * len(text)}"


def paragraphs(markdown):
    return [part.strip() for part in markdown.strip().split(BLANK)]


def as_rst(markdown):
    """The few signs that the fragments use: headings, code and links; the rest is the
    same. Pictures are left out: a wheel has no page to show them on."""
    parts = []
    for text in paragraphs(markdown):
        if PICTURE.match(text):
            continue
        if text.startswith("### "):
            text = heading(text.removeprefix("### "), "~")
        text = re.sub(r"(?<!`)`([^`\n]+)`(?!`)", r"``\1``", text)
        parts.append(re.sub(r"\[([^\]]+)\]\(([^)]+)\)", r"`\1 <\2>`__", text))
    return "\n\n".join(parts)


def readme(addon):
    parts = [heading(manifest(addon)["name"], "=")]
    for fragment, title in SECTIONS.items():
        path = addon / "readme" / f"{fragment}.md"
        if path.exists():
            parts += [heading(title, "-")] if title else []
            parts.append(as_rst(path.read_text()))
    return "\n\n".join(parts) + "\n"


def as_html(markdown):
    """The same signs in HTML, with a list for lines that begin with a hyphen."""
    parts = []
    for text in paragraphs(markdown):
        text = escape(text, quote=False)
        text = re.sub(r"`([^`\n]+)`", r"<code>\1</code>", text)
        text = re.sub(r"\*([^*\n]+)\*", r"<em>\1</em>", text)
        if text.startswith("- "):
            items = "".join(f"<li>{line[2:]}</li>" for line in text.split("\n"))
            parts.append(f"<ul>{items}</ul>")
        else:
            parts.append(f"<p>{text}</p>")
    return "\n".join(parts)


def highlight(part, picture_first):
    """One highlight: words on one side, its picture on the other; below each other on a
    phone."""
    title, *texts, picture = paragraphs(part)
    alt, name = PICTURE.match(picture).groups()
    words = (
        '<div class="col-lg-5 align-self-center">'
        f"<h3>{escape(title)}</h3>\n{as_html(BLANK.join(texts))}</div>"
    )
    shown = (
        f'<div class="col-lg-7"><img class="img-fluid border rounded shadow-sm" '
        f'src="{name}" alt="{escape(alt)}"/></div>'
    )
    columns = [shown, words] if picture_first else [words, shown]
    return '<div class="row mt32 mb32">\n{}\n{}\n</div>'.format(*columns)


def shop_window(addon):
    """The page that Apps shows, with the texts of README.rst and pictures."""
    facts, fragments = manifest(addon), addon / "readme"
    lead, *more = paragraphs((fragments / "DESCRIPTION.md").read_text())
    parts = (fragments / "HIGHLIGHTS.md").read_text().strip().split("### ")[1:]
    sections = "\n".join(
        highlight(part, picture_first=bool(number % 2))
        for number, part in enumerate(parts)
    )
    rest = "\n".join(
        f"<h3>{SECTIONS[name]}</h3>\n" + as_html((fragments / f"{name}.md").read_text())
        for name in ("CONFIGURE", "USAGE")
    )
    return f"""<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"/><title>{facts["name"]}</title></head>
<body>
<section class="oe_container container">
<div class="text-center mt32 mb32">
<h1>{facts["name"]}</h1>
<h2 class="h4 text-muted">{escape(facts["summary"])}</h2>
</div>
{as_html(lead)}
<img class="img-fluid border rounded shadow d-block mx-auto mt32 mb32"
src="walkthrough.gif" alt="A walk through {facts["name"]}"/>
{as_html(BLANK.join(more))}
</section>
<section class="oe_container container">
{sections}
</section>
<section class="oe_container container">
{rest}
<p class="text-muted">{facts["license"]} · Odoo 19.0 Community · English, 简体中文</p>
</section>
</body>
</html>
"""


def manifest(addon):
    return ast.literal_eval((addon / "__manifest__.py").read_text())


def texts():
    """What stands in which file."""
    for path in sorted(ROOT.glob("*crm_extended/__manifest__.py")):
        addon = path.parent
        yield addon / "README.rst", readme(addon)
        if (addon / "readme" / "HIGHLIGHTS.md").exists():
            yield addon / "static/description/index.html", shop_window(addon)


def main(check):
    stale = []
    for path, text in texts():
        if not path.exists() or path.read_text() != text:
            stale.append(str(path.relative_to(ROOT)))
            if not check:
                path.write_text(text)
    lead = paragraphs((ROOT / "crm_extended/readme/DESCRIPTION.md").read_text())[0]
    if lead not in (ROOT / "README.md").read_text():
        sys.exit("README.md does not begin with the first lines of DESCRIPTION.md")
    if check and stale:
        sys.exit(f"Run python scripts/addon_readme.py for {', '.join(stale)}")


if __name__ == "__main__":
    main("--check" in sys.argv[1:])
