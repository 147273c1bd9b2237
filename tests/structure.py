"""Reads the addon's files, without Odoo, and tells which package knows which.

Used by ``test_structure.py``, which holds the rules, and by ``scripts/draw_packages.py``,
which draws the map in the design notes.
"""

import ast
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from lxml import etree

ROOT = Path(__file__).resolve().parent.parent
ADDON = "crm_extended"

# From the bottom up: a package may know every package before it and none after it.
PACKAGES = (
    "common",
    "purchase",
    "interaction",
    "timeline",
    "consent",
    "agenda",
    "rfm",
    "loyalty",
    "care",
    "insight",
    "pool",
    "plan",
)
# Neighbours that do not know each other, although one stands before the other.
STRANGERS = {("interaction", "purchase"), ("plan", "pool")}

# Folders that are divided into packages.
FOLDERS = (
    "models",
    "report",
    "wizards",
    "controllers",
    "analytics",
    "views",
    "data",
    "demo",
    "tests",
    "static/src",
    "static/tests",
)
# Of no package: the menus name what they open, the groups are those of roles, and other
# addons may still import the source of the timeline from its former path.
SHARED_FILES = (
    "views/crm_extended_menus.xml",
    "security/crm_care_groups.xml",
    "models/crm_timeline_source.py",
)

# Each of these is overridden at most once for a model in a package, and never in a part.
ORM_METHODS = (
    "create",
    "write",
    "unlink",
    "copy",
    "_search",
    "_field_to_sql",
    "_order_field_to_sql",
    "_read_group_select",
    "_has_field_access",
    "_check_access",
    "message_post",
    "_run",
)
MODEL_BASES = ("Model", "AbstractModel", "TransientModel", "BaseModel")


def may_know(package: str, other: str) -> bool:
    """Whether files of one package may name what belongs to another."""
    if package == other:
        return True
    if (package, other) in STRANGERS:
        return False
    return PACKAGES.index(other) < PACKAGES.index(package)


@dataclass(frozen=True)
class Edge:
    """A place where one file names what belongs to another package."""

    path: str
    line: int
    package: str
    other: str
    what: str

    def __str__(self):
        return (
            f"{self.path}:{self.line} ({self.package}) knows {self.other}: {self.what}"
        )


@dataclass
class ModelClass:
    """A class of a model of Odoo's in a Python file."""

    path: Path
    line: int
    model: str
    is_new: bool
    is_abstract: bool
    inherits: tuple[str, ...]
    docstring: str
    methods: tuple[str, ...]


@dataclass
class Module:
    """A Python file."""

    path: Path
    tree: ast.Module = field(repr=False)

    @cached_property
    def docstrings(self) -> set[int]:
        """Identities of the constants that are docstrings."""
        found = set()
        for node in ast.walk(self.tree):
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
                first = node.body[0] if node.body else None
                if isinstance(first, ast.Expr) and isinstance(
                    first.value, ast.Constant
                ):
                    found.add(id(first.value))
        return found

    @cached_property
    def strings(self) -> list[tuple[int, str]]:
        """Line and text of each string that is no docstring."""
        return [
            (node.lineno, node.value)
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in self.docstrings
        ]

    @cached_property
    def classes(self) -> list[ModelClass]:
        return [
            model_class
            for node in self.tree.body
            if isinstance(node, ast.ClassDef)
            and (model_class := _read_class(self.path, node))
        ]

    @cached_property
    def imports(self) -> list[tuple[int, str]]:
        """Line and dotted name, from the repository's root, of each module of the
        addon that is imported."""
        found = []
        parts = self.path.with_suffix("").parts
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom):
                base = ".".join(parts[: len(parts) - node.level]) if node.level else ""
                module = ".".join(filter(None, (base, node.module)))
                found += [
                    (node.lineno, f"{module}.{alias.name}") for alias in node.names
                ]
            elif isinstance(node, ast.Import):
                found += [(node.lineno, alias.name) for alias in node.names]
        return [
            (line, name.removeprefix("odoo.addons."))
            for line, name in found
            if ADDON in name.split(".")
        ]


def _read_class(path: Path, node: ast.ClassDef) -> ModelClass | None:
    bases = [base.attr for base in node.bases if isinstance(base, ast.Attribute)]
    kinds = [base for base in bases if base in MODEL_BASES]
    if not kinds:
        return None
    values = {}
    for statement in node.body:
        if isinstance(statement, ast.Assign) and isinstance(
            statement.targets[0], ast.Name
        ):
            name = statement.targets[0].id
            if name in ("_name", "_inherit"):
                values[name] = ast.literal_eval(statement.value)
    inherit = values.get("_inherit", ())
    inherits = (inherit,) if isinstance(inherit, str) else tuple(inherit)
    model = values.get("_name") or (inherits[0] if inherits else None)
    if not model:
        return None
    return ModelClass(
        path=path,
        line=node.lineno,
        model=model,
        is_new="_name" in values and model not in inherits,
        is_abstract=kinds[0] == "AbstractModel",
        inherits=tuple(name for name in inherits if name != model),
        docstring=ast.get_docstring(node) or "",
        methods=tuple(
            item.name for item in node.body if isinstance(item, ast.FunctionDef)
        ),
    )


class House:
    """The addon as its files tell it.

    :param root: the repository
    """

    def __init__(self, root: Path = ROOT):
        self.root = root
        self.addon = root / ADDON

    def home(self, path: Path) -> str | None:
        """The package of a file, ``None`` where it is everybody's.

        :param path: relative to the addon
        """
        name = path.as_posix()
        if name in SHARED_FILES:
            return None
        if name.startswith("security/") and name.endswith("_security.xml"):
            package = path.name.removesuffix("_security.xml")
            return package if package in PACKAGES else None
        for folder in FOLDERS:
            if name.startswith(f"{folder}/"):
                first = name.removeprefix(f"{folder}/").split("/")[0]
                return first if first in PACKAGES else None
        return None

    @cached_property
    def modules(self) -> list[Module]:
        """Python files of the addon outside of its tests and migrations."""
        return [
            Module(path.relative_to(self.root), ast.parse(path.read_text()))
            for path in sorted(self.addon.rglob("*.py"))
            if path.relative_to(self.addon).parts[0] not in ("tests", "migrations")
        ]

    @cached_property
    def tests(self) -> list[Module]:
        return [
            Module(path.relative_to(self.root), ast.parse(path.read_text()))
            for path in sorted((self.addon / "tests").rglob("*.py"))
        ]

    @cached_property
    def classes(self) -> list[ModelClass]:
        return [item for module in self.modules for item in module.classes]

    @cached_property
    def models(self) -> dict[str, str | None]:
        """Package by model: that of the class that names it first."""
        return {
            item.model: self.home(item.path.relative_to(ADDON))
            for item in self.classes
            if item.is_new
        }

    @cached_property
    def tables(self) -> dict[str, str]:
        """Model by table."""
        return {
            item.model.replace(".", "_"): item.model
            for item in self.classes
            if item.is_new and not item.is_abstract
        }

    @cached_property
    def documents(self) -> list[tuple[Path, etree._Element]]:
        """XML files of the addon that hold records, relative to it."""
        found = []
        for folder in ("security", "data", "demo", "views", "report", "wizards"):
            for path in sorted((self.addon / folder).rglob("*.xml")):
                tree = etree.parse(str(path)).getroot()
                if tree.tag == "odoo":
                    found.append((path.relative_to(self.addon), tree))
        return found

    @cached_property
    def records(self) -> dict[str, Path]:
        """File by external id, without the addon's name."""
        return {
            node.get("id").removeprefix(f"{ADDON}."): path
            for path, tree in self.documents
            for node in tree.iter("record", "template", "menuitem")
            if node.get("id")
        }

    # What a file knows

    def edges(self) -> list[Edge]:
        """Every place where a file names what belongs to another package."""
        return [
            edge
            for edge in (
                *self._python_edges(),
                *self._test_edges(),
                *self._xml_edges(),
                *self._script_edges(),
            )
            if edge.package != edge.other
        ]

    def breaks(self) -> list[Edge]:
        """Those that the order of the packages does not allow."""
        return [edge for edge in self.edges() if not may_know(edge.package, edge.other)]

    def _edge(self, path: Path, line: int, other: str | None, what: str):
        package = self.home(path.relative_to(ADDON) if path.parts[0] == ADDON else path)
        if package and other:
            yield Edge(path.as_posix(), line, package, other, what)

    def _python_edges(self):
        for module in self.modules:
            yield from self._import_edges(module)
            for item in module.classes:
                for model in item.inherits:
                    yield from self._edge(
                        item.path,
                        item.line,
                        self.models.get(model),
                        f"it inherits {model}",
                    )
            for line, text in module.strings:
                for model in self._named(text):
                    yield from self._edge(
                        module.path, line, self.models[model], f"it names {model}"
                    )

    def _named(self, text: str) -> set[str]:
        """Models that a string of Python names: itself, or by a table in SQL."""
        if text in self.models:
            return {text}
        words = set(re.findall(r"\bcrm_[a-z_]+\b", text))
        return {self.tables[word] for word in words & self.tables.keys()}

    def _import_edges(self, module: Module):
        for line, name in module.imports:
            parts = name.split(".")
            path = Path(*parts[1:]) if parts[0] == ADDON else Path(*parts)
            other = self.home(path) or self.home(path / "any")
            yield from self._edge(module.path, line, other, f"it imports {name}")

    def _test_edges(self):
        for module in self.tests:
            yield from self._import_edges(module)

    def _xml_edges(self):
        for path, tree in self.documents:
            for node in tree.iter():
                if not isinstance(node.tag, str):
                    continue
                for what, package in self._xml_names(node):
                    yield from self._edge(
                        Path(ADDON) / path, node.sourceline, package, what
                    )

    def _xml_names(self, node):
        if node.tag == "field" and node.get("name") in ("model", "res_model"):
            model = (node.text or "").strip()
            if model in self.models:
                yield f"it is about {model}", self.models[model]
        names = [node.get("ref") or "", node.get("inherit_id") or ""]
        names.append(node.get("t-call") or "")
        names += re.findall(r"ref\('([\w.]+)'\)", node.get("eval") or "")
        names += re.findall(r"%\(([\w.]+)\)d", node.get("name") or "")
        for name in filter(None, names):
            if "." in name and not name.startswith(f"{ADDON}."):
                continue
            name = name.removeprefix(f"{ADDON}.")
            if name.startswith("model_"):
                model = self.tables.get(name.removeprefix("model_"))
                if model:
                    yield f"it refers to {model}", self.models[model]
            elif name in self.records:
                yield f"it refers to {name}", self.home(self.records[name])

    def _script_edges(self):
        for path in sorted((self.addon / "static").rglob("*.js")):
            relative = path.relative_to(self.root)
            for number, text in enumerate(path.read_text().splitlines(), 1):
                for model in re.findall(r"[\"'](crm\.[a-z.]+)[\"']", text):
                    yield from self._edge(
                        relative, number, self.models.get(model), f"it names {model}"
                    )
            for number, name, target in self.script_imports(path):
                other = self.home(target)
                yield from self._edge(relative, number, other, f"it imports {name}")

    def script_imports(self, path: Path) -> list[tuple[int, str, Path]]:
        """Line, name and file, relative to the addon, of each script of the addon that
        another one imports."""
        found = []
        for number, text in enumerate(path.read_text().splitlines(), 1):
            for name in re.findall(r"(?:\bfrom|^import) [\"']([@.\w/]+)[\"']", text):
                if name.startswith("."):
                    target = path.parent / f"{name}.js"
                elif name.startswith(f"@{ADDON}/"):
                    target = self.addon / f"static/src/{name.split('/', 1)[1]}.js"
                else:
                    continue
                target = target.resolve().relative_to(self.addon.resolve())
                found.append((number, name, target))
        return found
