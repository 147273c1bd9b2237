"""Puts the fragments in each addon's readme/ together to its README.rst, which is the
description of its wheel and of its entry under Apps.

    python scripts/addon_readme.py            writes them
    python scripts/addon_readme.py --check    says which ones are not up to date
"""

import ast
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SECTIONS = {"DESCRIPTION": None, "CONFIGURE": "Configuration", "USAGE": "Usage"}


def heading(text, line):
    return f"{text}\n{line * len(text)}"


def as_rst(markdown):
    """The few signs that the fragments use: code and links; the rest is the same."""
    text = re.sub(r"(?<!`)`([^`\n]+)`(?!`)", r"``\1``", markdown.strip())
    return re.sub(r"\[([^\]]+)\]\(([^)]+)\)", r"`\1 <\2>`__", text)


def readme(addon):
    manifest = ast.literal_eval((addon / "__manifest__.py").read_text())
    parts = [heading(manifest["name"], "=")]
    for fragment, title in SECTIONS.items():
        path = addon / "readme" / f"{fragment}.md"
        if path.exists():
            parts += [heading(title, "-")] if title else []
            parts.append(as_rst(path.read_text()))
    return "\n\n".join(parts) + "\n"


def main(check):
    stale = []
    for manifest in sorted(ROOT.glob("*crm_extended/__manifest__.py")):
        path = manifest.parent / "README.rst"
        text = readme(manifest.parent)
        if not path.exists() or path.read_text() != text:
            stale.append(str(path.relative_to(ROOT)))
            if not check:
                path.write_text(text)
    if check and stale:
        sys.exit(f"Run python scripts/addon_readme.py for {', '.join(stale)}")


if __name__ == "__main__":
    main("--check" in sys.argv[1:])
