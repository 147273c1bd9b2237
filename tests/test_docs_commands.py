"""Every command in README and guides does what it says there.

They are taken out of the pages: all lines of fenced ``sh`` blocks, and code within text
that begins with the name of a program. What is run here is run as it stands. What starts
a server or runs all tests has a test of its own, named below; here it is read by make.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
import zipfile
from email.parser import Parser

import pytest
from conftest import ADDONS, ROOT, must, run

PAGES = sorted(
    [
        ROOT / "README.md",
        ROOT / "benchmarks" / "README.md",
        *(ROOT / "docs").rglob("*.md"),
        *ROOT.glob("*crm_extended/readme/*.md"),
    ]
)
PROGRAMS = "make|pip|python|python3|bash|sh|git|odoo|odoo-bin|whool|npm|psql|sudo|apt"
INLINE = re.compile(rf"(?<!`)`((?:\S*/)?(?:{PROGRAMS})(?: [^`\n]+))`(?!`)")
FENCED = re.compile(
    r"^```(?:sh|bash|shell|console)\n(.*?)^```", re.MULTILINE | re.DOTALL
)

# Commands that go on until they are stopped, or take all tests along, and the test that
# runs each of them (with a port of its own where it listens).
ELSEWHERE = {
    "make run": ("test_lifecycle.py", "test_make_run"),
    "make demo-retail": ("test_docs_commands.py", "test_make_demo_retail"),
    "make test": None,
    "make bench": None,
}


def commands():
    """Commands by the page they stand on, without what is a remark."""
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for block in FENCED.findall(text):
            found += [(page, line) for line in block.splitlines()]
        found += [(page, command) for command in INLINE.findall(text)]
    without_remarks = (
        (page, re.sub(r"\s+#.*", "", line).strip()) for page, line in found
    )
    return list(dict.fromkeys(pair for pair in without_remarks if pair[1]))


COMMANDS = commands()


def kind_of(command):
    if command in ELSEWHERE:
        return "elsewhere"
    if command.startswith("python benchmarks/"):
        return "benchmark"
    if command.startswith(("pip wheel", "pip install")):
        return "wheel"
    return "here"


def of_kind(kind):
    return [
        pytest.param(command, id=command)
        for command in dict.fromkeys(command for _page, command in COMMANDS)
        if kind_of(command) == kind
    ]


def test_commands_are_found():
    found = [command for _page, command in COMMANDS]
    assert "make run" in found
    assert any(command.startswith("pip wheel") for command in found)
    assert not any(command.startswith("whool build") for command in found)


@pytest.mark.parametrize("command", of_kind("here"))
def test_runs_as_it_stands(command):
    must(run(["bash", "-c", command]))


@pytest.mark.parametrize("command", of_kind("elsewhere"))
def test_has_a_test_of_its_own(command):
    """Here make reads it: its target and all that this needs are there."""
    plan = must(run(["bash", "-c", f"{command} --dry-run"])).stdout
    for name in re.findall(r"bash (scripts/\S+)", plan):
        must(run(["bash", "-n", name]))
    if ELSEWHERE[command]:
        file, name = ELSEWHERE[command]
        assert f"def {name}(" in (ROOT / "tests" / file).read_text()


def test_make_demo_retail(free_port, tmp_path):
    """The shop is there and answers; Ctrl-C ends it in order."""
    log = tmp_path / "said"
    start = time.monotonic()
    with log.open("w") as said:
        server = subprocess.Popen(
            ["make", "demo-retail", f"PORT={free_port}"],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            # A shell that runs tests in the background has Ctrl-C ignored.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
    try:
        while "Ctrl-C stops it" not in log.read_text():
            assert server.poll() is None, log.read_text()
            assert time.monotonic() - start < 600, log.read_text()
            time.sleep(0.5)
        # Not through a proxy: the server is on this machine.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"http://127.0.0.1:{free_port}/web/login", timeout=60) as page:
            assert page.status == 200
    finally:
        # What Ctrl-C does: the whole group in the foreground is told.
        must(run(["kill", "-INT", "--", f"-{server.pid}"]))
        server.wait(timeout=60)
    assert "Traceback" not in log.read_text()


@pytest.mark.parametrize("command", of_kind("benchmark"))
def test_benchmark_is_there(command):
    """Each takes minutes; tests/test_benchmarks.py runs their small variants."""
    _python, path = command.split()[:2]
    must(run([sys.executable, "-m", "py_compile", path]))


@pytest.fixture
def project(tmp_path):
    """The files of the project alone, as in a fresh clone, and an empty environment."""
    folder = tmp_path / "project"
    for path in must(run(["git", "ls-files"])).stdout.split("\n"):
        if path.split("/")[0] in ADDONS and (ROOT / path).is_file():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, folder / path)
    must(run([sys.executable, "-m", "venv", str(tmp_path / "environment")]))
    return folder, tmp_path / "environment"


def test_wheels_as_they_stand(project):
    """One after the other, as on the page: built, and installed."""
    folder, environment = project
    path = f"{environment / 'bin'}:{os.environ['PATH']}"
    wheel_commands = [
        command for _page, command in COMMANDS if kind_of(command) == "wheel"
    ]
    assert len(wheel_commands) == 2
    for command in wheel_commands:
        must(run(["bash", "-c", command], cwd=folder, PATH=path))
    [*wheels] = (folder / "dist").glob("*.whl")
    assert len(wheels) == 2
    for wheel in wheels:
        addon = wheel.name.split("-")[0].removeprefix("odoo_addon_")
        manifests = environment.glob(
            f"lib/python*/site-packages/odoo/addons/{addon}/__manifest__.py"
        )
        assert list(manifests), addon


@pytest.mark.parametrize("addon", ADDONS)
def test_wheel_says_what_it_is(addon, wheel_of):
    """The description of a wheel is that of its addon."""
    wheel = wheel_of(addon)
    with zipfile.ZipFile(wheel) as archive:
        [name] = [name for name in archive.namelist() if name.endswith("/METADATA")]
        metadata = Parser().parsestr(archive.read(name).decode())
    first = (ROOT / addon / "readme" / "DESCRIPTION.md").read_text().split("\n")[0]
    assert first[:40].split("`")[0] in metadata.get_payload()
    assert metadata["Summary"]


def test_descriptions_are_those_of_the_fragments():
    must(run([sys.executable, "scripts/addon_readme.py", "--check"]))


def test_the_dashboard_is_that_of_its_description():
    must(run([sys.executable, "scripts/dashboard.py", "--check"]))
