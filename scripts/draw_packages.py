"""Draws the map of the design notes: the packages, and which knows which.

``python scripts/draw_packages.py`` writes ``docs/images/packages.svg``; the structure
test compares that with what the files say.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from structure import PACKAGES, House  # noqa: E402

PICTURE = ROOT / "docs" / "images" / "packages.svg"
ABOUT = {
    "common": "what knows no pillar: access, joins, jobs, events",
    "purchase": "purchases and refunds, imported history",
    "interaction": "calls and visits logged, last interaction",
    "timeline": "one stream of everything that happened",
    "consent": "may we contact this person, now?",
    "agenda": "whom to talk to today, and why",
    "rfm": "scores, segments, their history",
    "loyalty": "tiers, memberships, prices",
    "care": "service cases, teams, SLA targets",
    "insight": "margin, life cycle, forecasts",
    "pool": "whose customer it is",
    "plan": "care plans",
}
WIDTH, BOX, HEIGHT, GAP, LEFT, TOP = 900, 430, 46, 22, 20, 20
COLORS = ("#875a7b", "#017e84", "#b36b00", "#3d6fb4", "#8a3b3b", "#4b7f2b", "#5d5d8a")


def draw(house: House) -> str:
    """The map as SVG: boxes from the top of the house to its ground, and an arc from
    each package to every one that it knows.

    :param house: the files
    """
    there = [name for name in PACKAGES if name in set(house.models.values())]
    knows = {(edge.package, edge.other) for edge in house.edges()}
    rows = {name: row for row, name in enumerate(reversed(there))}
    height = 2 * TOP + len(there) * (HEIGHT + GAP) - GAP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" font-family="sans-serif">',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
    ]
    for name, row in rows.items():
        y = TOP + row * (HEIGHT + GAP)
        parts += [
            f'<rect x="{LEFT}" y="{y}" width="{BOX}" height="{HEIGHT}" rx="6" '
            'fill="#f4f1f3" stroke="#875a7b"/>',
            f'<text x="{LEFT + 14}" y="{y + 20}" font-size="15" font-weight="bold" '
            f'fill="#333333">{name}</text>',
            f'<text x="{LEFT + 14}" y="{y + 37}" font-size="12" fill="#555555">'
            f"{ABOUT[name]}</text>",
        ]
    for name, row in rows.items():
        color = COLORS[row % len(COLORS)]
        targets = sorted(rows[other] for package, other in knows if package == name)
        for number, target in enumerate(targets):
            start = (
                TOP + row * (HEIGHT + GAP) + HEIGHT * (number + 1) / (len(targets) + 1)
            )
            end = TOP + target * (HEIGHT + GAP) + HEIGHT * (row + 1) / (target + 1)
            reach = LEFT + BOX + 50 + 52 * (target - row)
            edge = LEFT + BOX
            parts.append(
                f'<path d="M{edge} {start:.1f} C{reach} {start:.1f} {reach} {end:.1f} '
                f'{edge + 8} {end:.1f}" fill="none" stroke="{color}" stroke-width="1.6"/>'
                f'<path d="M{edge} {end:.1f} l9 -4 v8 z" fill="{color}"/>'
            )
    parts.append("</svg>")
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    PICTURE.write_text(draw(House()), encoding="utf-8")
