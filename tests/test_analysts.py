"""The analyst's door: files from Odoo, and the arithmetic without it.

What runs in Python without Odoo runs in an environment that has numpy and pandas, what
these need themselves, and nothing else. The packages are those of the project's
environment, by links, so nothing is downloaded.
"""

import ast
import json
import re
import sys
import venv
from importlib.metadata import distribution
from pathlib import Path

import pytest
from conftest import must, run
from odoo_shell import ROOT, ask, database
from packaging.requirements import Requirement

sys.path.insert(0, str(ROOT / "scripts"))
import demo_retail  # noqa: E402

PAGE = ROOT / "docs" / "analysts.md"
FRAMES = ROOT / "crm_extended" / "analytics" / "insight" / "frames"
WANTED = ("numpy", "pandas")
# Odoo, what it brings, and what else could do the arithmetic.
OTHERS = ("odoo", "lxml", "psycopg2", "scipy", "lifetimes", "sklearn", "pyarrow")
EVERY = 20
MONTHS = 3
DOCUMENTS = {"purchase_id_col": "purchase_key", "posted_date_col": "posted_date"}


# -- An environment with numpy and pandas


def needed(names):
    """Distributions and what they cannot do without."""
    found, left = {}, list(names)
    while left:
        name = left.pop().lower()
        if name in found:
            continue
        found[name] = distribution(name)
        for text in found[name].requires or ():
            requirement = Requirement(text)
            marker = requirement.marker
            if marker is None or marker.evaluate({"extra": ""}):
                left.append(requirement.name)
    return found


@pytest.fixture(scope="session")
def bare(tmp_path_factory):
    """The Python of an environment with numpy and pandas alone."""
    folder = tmp_path_factory.mktemp("bare") / "environment"
    venv.create(folder, symlinks=True, with_pip=False)
    [packages] = folder.glob("lib/python*/site-packages")
    for found in needed(WANTED).values():
        for top in {file.parts[0] for file in found.files} - {"..", "__pycache__"}:
            (packages / top).symlink_to(found.locate_file(top))
    return folder / "bin" / "python"


@pytest.fixture
def project(tmp_path):
    """A folder with what the page and the examples name."""
    for name in ("crm_extended", "tests"):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


def in_bare(bare, folder, script):
    """Run a script there; give what it printed as JSON."""
    # -I: nothing of this environment leads into it.
    done = must(run([str(bare), "-I", "-W", "error", "-c", script], cwd=folder))
    return json.loads(done.stdout.splitlines()[-1])


ON_PATH = """
import doctest, json, sys
sys.path.insert(0, "crm_extended")
"""


def test_nothing_else_is_there(bare, project):
    script = f"""
import json
from importlib.util import find_spec
print(json.dumps([name for name in {(*WANTED, *OTHERS)!r} if find_spec(name)]))
"""
    assert in_bare(bare, project, script) == list(WANTED)


def test_examples_of_the_functions(bare, project):
    names = sorted(path.stem for path in FRAMES.glob("*.py") if path.stem != "__init__")
    script = f"""{ON_PATH}
from importlib import import_module
found = {{}}
for name in {names!r}:
    module = import_module("analytics.insight.frames." + name)
    found[name] = list(doctest.testmod(module))
print(json.dumps(found))
"""
    found = in_bare(bare, project, script)
    assert all(failed == 0 for failed, _count in found.values()), found
    assert sum(count for _failed, count in found.values()) > 30


def test_every_function_says_what_it_does():
    lacking = []
    for path in FRAMES.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
                continue
            text = ast.get_docstring(node) or ""
            if not text:
                lacking.append(f"{path.name}: {node.name}")
    assert lacking == []


@pytest.fixture
def purchases(project):
    """What an export of `make demo-retail` has."""
    kept, _left_out = demo_retail.usable(
        demo_retail.read_invoices(ROOT / demo_retail.DATA)
    )
    lines = ["customer_id,date,amount,company_id,purchase_key,posted_date,a,b,c,d,e,f"]
    for row in kept:
        day, number = row["invoice_datetime"][:10], row["invoice_no"]
        lines.append(
            f"{row['customer_id']},{day},{row['amount']},1,{number},{day},,,,,,"
        )
    path = project / "purchases.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_the_page(bare, project, purchases):
    """Its examples print what they say, with the retail data."""
    text = PAGE.read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    (project / "page.txt").write_text("\n".join(blocks), encoding="utf-8")
    script = f"""{ON_PATH}
failed, count = doctest.testfile("page.txt", module_relative=False, encoding="utf-8")
print(json.dumps([failed, count]))
"""
    done = run([str(bare), "-I", "-c", script], cwd=project)
    failed, count = json.loads(done.stdout.splitlines()[-1])
    assert failed == 0, done.stdout
    assert count > 20


def test_the_page_names_every_column_and_function():
    text = PAGE.read_text(encoding="utf-8")
    for name in ("rfm_scores", "cohorts", "flows", "forecast", "read_transactions"):
        assert f"frames.{name}" in text
    columns = (ROOT / "crm_extended/models/insight/transaction_file.py").read_text()
    named = re.findall(r'^    "(\w+)": "\w+",$', columns, re.MULTILINE)
    assert len(named) == 12
    assert [name for name in named if f"`{name}`" not in text] == []


# -- What Odoo exports, and what it computed itself

# Runs in ``odoo shell``: loads the slice, and writes its purchases as analysts get them.
EXPORT = """
import sys
sys.path.insert(0, job["scripts"])
import demo_retail

demo_retail.prepare_company(env)
demo_retail.load(env, job["invoices"])
company = env.company
env["crm.feature"]._switch(insight=True)
user = env.ref("base.user_admin")
user.group_ids += env.ref("sales_team.group_sale_manager")
user.group_ids += env.ref("base.group_allow_export")
rows = env(user=user.id, context={"allowed_company_ids": company.ids})
action = rows["crm.customer.transaction"].action_export_for_analysis()
wizard = rows[action["res_model"]].browse(action["res_id"])
with wizard._write_file() as file, open(job["file"], "wb") as out:
    out.write(file.read())

answer = {"scores": []}
for months, bins, measure in job["settings"]:
    company.write(
        {
            "rfm_window_months": months,
            "rfm_bins": bins,
            "rfm_monetary_measure": measure,
        }
    )
    env["crm.rfm.score"]._refresh(company, as_of=demo_retail.AS_OF)
    answer["scores"].append(
        {
            str(score.partner_id.id): [
                str(score.last_date),
                score.recency,
                score.frequency,
                score.monetary,
                score.code,
            ]
            for score in env["crm.rfm.score"].search([])
        }
    )
env["crm.forecast"]._refresh(company, demo_retail.AS_OF)
answer["histories"] = {
    str(row.partner_id.id): [
        row.purchase_days - 1,
        (row.last_date - row.first_date).days,
        round(row.revenue, 2),
    ]
    for row in env["crm.forecast"].search([])
}
answer["loaded"] = sorted(
    {name.split(".")[0] for name in sys.modules} & set(job["others"])
)
"""
SETTINGS = [[12, 5, "total"], [0, 7, "average"], [3, 5, "average"]]

# Runs without Odoo, on that file.
COMPUTE = """
from analytics.insight import frames
rows = frames.read_transactions("purchases.csv")
scores = []
for months, bins, measure in {settings!r}:
    table = frames.rfm_scores(
        rows, as_of={as_of!r}, window_months=months, bins=bins, measure=measure, **{documents!r}
    )
    table["last_date"] = table["last_date"].dt.strftime("%Y-%m-%d")
    names = ["last_date", "recency", "frequency", "monetary", "code"]
    scores.append({{
        str(customer): row for customer, row in
        zip(table.index, table[names].astype(object).to_numpy().tolist())
    }})
found = frames.forecast(rows, as_of={as_of!r}, check=False, **{documents!r}).customers
days = frames.purchase_days(rows, observation_period_end={as_of!r}, **{documents!r})
found["revenue"] = days.groupby("customer_id").amount.sum().round(2)
histories = {{
    str(customer): row for customer, row in
    zip(found.index, found[["frequency", "recency", "revenue"]].astype(object).to_numpy().tolist())
}}
print(json.dumps({{"scores": scores, "histories": histories}}))
"""


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """What Odoo computed of a slice of the shop, and the file that it exported."""
    kept, _left_out = demo_retail.usable(
        demo_retail.read_invoices(ROOT / demo_retail.DATA)
    )
    chosen = set(sorted({row["customer_id"] for row in kept})[::EVERY])
    folder = tmp_path_factory.mktemp("exported")
    job = {
        "scripts": str(ROOT / "scripts"),
        "invoices": [row for row in kept if row["customer_id"] in chosen],
        "file": str(folder / "purchases.csv"),
        "settings": SETTINGS,
        "others": ["pandas", "scipy", "lifetimes", "pyarrow"],
    }
    with database("test_analysts") as name:
        return ask(name, folder, EXPORT, job), Path(job["file"])


def test_the_file_gives_what_odoo_computed(exported, bare, project):
    answer, file = exported
    (project / "purchases.csv").write_bytes(file.read_bytes())
    script = ON_PATH + COMPUTE.format(
        settings=SETTINGS, as_of=demo_retail.AS_OF, documents=DOCUMENTS
    )
    found = in_bare(bare, project, script)
    for setting, ours, theirs in zip(
        SETTINGS, found["scores"], answer["scores"], strict=True
    ):
        assert len(ours) > 200 and ours.keys() == theirs.keys(), setting
        for customer, row in theirs.items():
            assert ours[customer] == pytest.approx(row), (setting, customer)
    assert found["histories"].keys() == answer["histories"].keys()
    for customer, row in answer["histories"].items():
        assert found["histories"][customer] == pytest.approx(row), customer


def test_odoo_loads_no_pandas(exported):
    """Neither on its way up nor for scores, forecasts and the export."""
    answer, _file = exported
    assert answer["loaded"] == []


def test_only_the_frames_know_pandas():
    """No other file of the addons imports it, or the frames: Odoo loads them all, those of
    tests, too. A test may import it where it needs it."""
    wrong = []
    for path in ROOT.glob("*crm_extended/**/*.py"):
        if FRAMES in path.parents:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        is_test = "tests" in path.relative_to(ROOT).parts
        for node in tree.body if is_test else ast.walk(tree):
            names = [alias.name for alias in getattr(node, "names", ())]
            module = getattr(node, "module", None) or ""
            if isinstance(node, ast.ImportFrom) and "frames" in module.split("."):
                wrong.append(f"{path}: {module}")
            if isinstance(node, ast.Import) and "pandas" in names:
                wrong.append(f"{path}: pandas")
            if isinstance(node, ast.ImportFrom) and module.startswith("pandas"):
                wrong.append(f"{path}: pandas")
    assert wrong == []
