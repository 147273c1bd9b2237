"""The house: which package may know which, one class a model, files named after models.

The rules read files only; no Odoo is loaded. Every message says which file breaks a rule
and what to do instead.
"""

import ast
import re
import runpy
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from lxml import etree
from structure import (
    ADDON,
    ORM_METHODS,
    PACKAGES,
    ROOT,
    SHARED_FILES,
    House,
    may_know,
)

# Above this a model's file may have parts, which its docstring lists.
LONG_FILE = 500
# What the addon's bridges may import of its Python: the classes of sources that they add
# to the timeline, to the purchases and to best times, arithmetic, and what tests share.
OPEN_TO_BRIDGES = (
    "models.timeline",
    "models.purchase",
    "models.insight.best_time_query",
    "analytics",
    "tests",
)
# Files that are named as in Odoo, and the report whose model needs a name of its own.
OTHER_NAMES = {
    "base.partner.merge.automatic.wizard": "base_partner_merge",
    "base_import.import": "base_import",
    "report.crm_extended.report_customer_page": "crm_customer_page",
    "report.crm_extended.report_timeline": "crm_timeline_report",
}
# What `analytics` never imports.
NO_ARITHMETIC = ("odoo",)


@pytest.fixture(scope="module")
def house():
    return House()


def test_packages_know_only_those_below_them(house):
    breaks = sorted(map(str, house.breaks()))
    assert breaks == [], (
        f"The order of the packages is {', '.join(PACKAGES)}. Move what a lower package "
        "names to the higher one (which extends the model, view or hook of the lower), "
        "or give the lower one a hook:\n" + "\n".join(breaks)
    )


def test_bridges_import_only_what_is_open_to_them():
    wrong = []
    for path in ROOT.glob(f"*_{ADDON}/**/*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            module = getattr(node, "module", None) or ""
            name = module.removeprefix("odoo.addons.")
            if not isinstance(node, ast.ImportFrom) or not name.startswith(ADDON):
                continue
            rest = name.removeprefix(f"{ADDON}.")
            if not rest.startswith(OPEN_TO_BRIDGES):
                wrong.append(f"{path.relative_to(ROOT)}:{node.lineno} imports {name}")
    assert wrong == [], (
        f"Bridges import of the addon's Python {', '.join(OPEN_TO_BRIDGES)} alone; "
        "ask the model or field instead:\n" + "\n".join(wrong)
    )


def test_the_map_is_current(house):
    picture = ROOT / "docs" / "images" / "packages.svg"
    drawn = runpy.run_path(str(ROOT / "scripts" / "draw_packages.py"))["draw"](house)
    assert picture.read_text(encoding="utf-8") == drawn, (
        "python scripts/draw_packages.py draws the map of the packages again"
    )


def test_every_file_has_a_home(house):
    homeless = [
        path.relative_to(house.addon).as_posix()
        for folder in ("models", "report", "wizards", "controllers", "analytics")
        for path in (house.addon / folder).rglob("*.py")
        if path.name != "__init__.py"
        and path.relative_to(house.addon).as_posix() not in SHARED_FILES
        and not house.home(path.relative_to(house.addon))
    ]
    assert homeless == [], f"Move into one of {', '.join(PACKAGES)}: {homeless}"


def classes_by_place(house):
    """Classes by package and model, main folders apart from each other."""
    found = defaultdict(list)
    for item in house.classes:
        found[house.home(item.path.relative_to(ADDON)), item.model].append(item)
    return found


def test_a_model_has_one_class_a_package_or_lists_its_parts(house):
    wrong = []
    for (package, model), classes in classes_by_place(house).items():
        name = model.replace(".", "_")
        main = [item for item in classes if item.path.stem == name]
        for item in classes:
            if item in main:
                continue
            if not main or not item.path.stem.startswith(f"{name}_"):
                continue  # the next test tells of its name
            listed = item.path.name in main[0].docstring
            if not listed:
                wrong.append(f"{item.path}: list it in the docstring of {main[0].path}")
            overridden = sorted(set(item.methods) & set(ORM_METHODS))
            if overridden:
                wrong.append(
                    f"{item.path} overrides {overridden}: do that in {main[0].path}"
                )
        if len(main) > 1:
            wrong.append(f"{package} has {len(main)} classes of {model}")
        length = sum(len((ROOT / item.path).read_text().splitlines()) for item in main)
        parts = sum(len((ROOT / i.path).read_text().splitlines()) for i in classes)
        if len(classes) > len(main) and length and parts <= LONG_FILE:
            wrong.append(
                f"{model} in {package}: {parts} lines in all need no parts, make it one file"
            )
    assert wrong == [], "\n".join(wrong)


def test_files_are_named_after_their_models(house):
    wrong = []
    for item in house.classes:
        stem = item.path.stem
        name = OTHER_NAMES.get(item.model, item.model.replace(".", "_"))
        in_file = {other.model for other in house.classes if other.path == item.path}
        parents = {model.replace(".", "_") for model in in_file}
        # A part of a model; a line model in its parent's file.
        if stem == name or stem.startswith(f"{name}_") or stem in parents:
            continue
        wrong.append(f"{item.path}:{item.line} has {item.model}: put it into {name}.py")
    assert wrong == [], "\n".join(wrong)


def test_orm_methods_are_overridden_once_a_model_and_package(house):
    wrong = []
    for (package, model), classes in classes_by_place(house).items():
        counts = Counter(name for item in classes for name in item.methods)
        for name in ORM_METHODS:
            if counts[name] > 1:
                where = [str(item.path) for item in classes if name in item.methods]
                wrong.append(
                    f"{package} overrides {name} of {model} {counts[name]} times: {where}"
                )
    assert wrong == [], "\n".join(wrong)


def test_no_import_serves_only_to_load_a_model_first(house):
    wrong = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in house.addon.rglob("*.py")
        if path.name != "__init__.py"
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(r"import .*# noqa: F401", line)
    ]
    assert wrong == [], f"Say the order in __init__.py instead: {wrong}"


def test_analytics_knows_no_odoo(house):
    wrong = []
    for module in house.modules:
        if module.path.parts[1] != "analytics":
            continue
        for node in ast.walk(module.tree):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
                depth = len(module.path.parts) - 2
                if node.level > depth:
                    wrong.append(f"{module.path}:{node.lineno} leaves analytics")
            wrong += [
                f"{module.path}:{node.lineno} imports {name}"
                for name in names
                if name.split(".")[0] in NO_ARITHMETIC
            ]
    assert wrong == [], "\n".join(wrong)


def test_views_do_not_inherit_views_of_their_own_package(house):
    wrong = []
    for path, tree in house.documents:
        package = house.home(path)
        for node in tree.iter("field", "template"):
            if node.tag == "field" and node.get("name") != "inherit_id":
                continue
            name = node.get("ref") or node.get("inherit_id") or ""
            if "." in name and not name.startswith(f"{ADDON}."):
                continue
            target = house.records.get(name.removeprefix(f"{ADDON}."))
            if target and house.home(target) == package:
                wrong.append(f"{path}:{node.sourceline} inherits {name}: edit {target}")
    assert wrong == [], "\n".join(wrong)


def test_pivots_and_graphs_of_analytics_have_a_title(house):
    """It names what a cell opens; without it, that is "Untitled"."""
    wrong = [
        f"{path}:{node.sourceline}"
        for path, tree in house.documents
        if house.home(path) == "insight"
        for node in tree.iter("pivot", "graph")
        if not node.get("string")
    ]
    assert wrong == [], "\n".join(wrong)


@pytest.mark.parametrize("addon", sorted(ROOT.glob(f"*{ADDON}")), ids=lambda a: a.name)
def test_an_external_id_is_given_once(addon):
    """A second record with it would change the first one. Demo data does so on purpose."""
    where = defaultdict(list)
    for path in sorted(addon.rglob("*.xml")):
        if {"static", "demo"} & set(path.relative_to(addon).parts):
            continue
        for node in etree.parse(str(path)).iter("record", "template", "menuitem"):
            name = node.get("id", "").removeprefix(f"{addon.name}.")
            if name and "." not in name:
                where[name].append(f"{path.relative_to(addon)}:{node.sourceline}")
    twice = {name: places for name, places in where.items() if len(places) > 1}
    assert twice == {}, "Give the record in one file, or give it another name"


def test_scripts_import_what_exists(house):
    wrong = [
        f"{path.relative_to(house.root)}:{number} imports {name}"
        for path in sorted((house.addon / "static").rglob("*.js"))
        for number, name, target in house.script_imports(path)
        if not (house.addon / target).exists()
    ]
    assert wrong == [], "\n".join(wrong)


def test_tests_are_listed(house):
    """Odoo runs only what the packages of the tests import."""
    wrong = []
    for folder in [house.addon / "tests", *(house.addon / "tests").glob("*/")]:
        if folder.name == "__pycache__":
            continue
        listed = set(re.findall(r"\btest_\w+", (folder / "__init__.py").read_text()))
        files = {path.stem for path in folder.glob("test_*.py")}
        wrong += [f"{folder.name}: {name}" for name in sorted(files ^ listed)]
    assert wrong == [], f"Not the same in __init__.py and in the folder: {wrong}"


# The rules find what they are for


def add(folder: Path, name: str, text: str):
    path = folder / ADDON / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture
def small_house(tmp_path):
    add(
        tmp_path,
        "models/care/crm_care_case.py",
        "from odoo import models\n\n\nclass Case(models.Model):\n"
        '    _name = "crm.care.case"\n',
    )
    add(
        tmp_path,
        "models/rfm/crm_rfm_score.py",
        "from odoo import models\n\n\nclass Score(models.Model):\n"
        '    _name = "crm.rfm.score"\n',
    )
    return tmp_path


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("models/rfm/a.py", "from ..care.crm_care_case import Case\n"),
        ("models/rfm/b.py", "from odoo.addons.crm_extended.models import care\n"),
        ("models/rfm/c.py", 'def f(env):\n    return env["crm.care.case"]\n'),
        ("models/rfm/d.py", 'QUERY = "SELECT id FROM crm_care_case AS c"\n'),
        (
            "models/rfm/e.py",
            "from odoo import models\n\n\nclass Case(models.Model):\n"
            '    _inherit = ["crm.care.case", "mail.thread"]\n',
        ),
        (
            "views/rfm/f.xml",
            '<odoo><record id="x" model="ir.ui.view">'
            '<field name="model">crm.care.case</field></record></odoo>',
        ),
        ("static/src/rfm/g.js", 'const MODEL = "crm.care.case";\n'),
        ("static/src/rfm/h.js", 'import { a } from "@crm_extended/care/a";\n'),
        ("static/src/rfm/i.js", 'import { a } from "../care/a";\n'),
    ],
)
def test_a_break_is_found(small_house, name, text):
    add(small_house, name, text)
    breaks = House(small_house).breaks()
    assert {(edge.package, edge.other) for edge in breaks} == {("rfm", "care")}
    assert all(edge.path == f"{ADDON}/{name}" for edge in breaks)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("models/care/a.py", 'def f(env):\n    return env["crm.rfm.score"]\n'),
        ("models/rfm/b.py", '"""Cases are crm_care_case, said in words only."""\n'),
        ("models/rfm/c.py", 'NAME = "crm_care_case_index_of_something"\n'),
    ],
)
def test_what_is_allowed_is_no_break(small_house, name, text):
    add(small_house, name, text)
    assert House(small_house).breaks() == []


def test_neighbours_do_not_know_each_other():
    assert may_know("care", "rfm") and not may_know("rfm", "care")
    assert not may_know("interaction", "purchase")
    assert not may_know("purchase", "interaction")
    assert not may_know("plan", "pool")
