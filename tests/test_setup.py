"""The rest of the set-up: packages, the database server, ports, messages."""

import os
import shutil
import socket
import subprocess
import zipfile

import pytest
from conftest import ROOT, error, must, run, script


def tiny_wheel(folder):
    """A package nobody has to download."""
    folder.mkdir()
    path = folder / "tiny-1.0-py3-none-any.whl"
    info = "tiny-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("tiny.py", "whole = True\n")
        head = "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n"
        wheel.writestr(f"{info}/METADATA", head)
        kind = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        wheel.writestr(f"{info}/WHEEL", kind)
        wheel.writestr(
            f"{info}/RECORD", f"tiny.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n"
        )
    return path


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    """A copy that needs one tiny package only, with the function that installs it.

    Shared, since making an environment takes seconds.
    """
    base = tmp_path_factory.mktemp("packages")
    folder = base / "copy"
    shutil.copytree(ROOT / "scripts", folder / "scripts")
    wheel = tiny_wheel(base / "wheels")
    (folder / "requirements-odoo.txt").write_text(f"tiny @ file://{wheel}\n")
    (folder / "requirements.txt").write_text("# nothing more\n")

    def install(**env):
        return script("get_python", cwd=folder, XDG_CACHE_HOME=str(base), **env)

    must(install())
    return folder, install


def whole(folder):
    python = folder / ".venv" / "bin" / "python"
    check = [python, "-c", "import tiny; assert tiny.whole"]
    return subprocess.run(check, capture_output=True, check=False).returncode == 0


def test_packages_are_installed_once(packages):
    folder, install = packages
    assert whole(folder)
    assert must(install()).stdout == ""


def test_interrupted_installation_of_packages_is_completed(packages):
    """As after a kill while packages were being copied."""
    folder, install = packages
    (folder / ".venv" / ".complete-run").unlink()
    run([folder / ".venv" / "bin" / "pip", "uninstall", "-qy", "tiny"])
    assert not whole(folder)
    must(install())
    assert whole(folder)


def test_interrupted_environment_is_made_anew(packages):
    folder, install = packages
    (folder / ".venv" / ".complete-venv").unlink()
    (folder / ".venv" / "bin" / "python").unlink()
    must(install())
    assert whole(folder)


def test_interrupted_download_of_packages_is_not_used(packages):
    folder, install = packages
    for wheels in (folder.parent / "crm_extended" / "wheels").iterdir():
        for wheel in wheels.glob("*.whl"):
            wheel.unlink()
        wheels.rename(f"{wheels}.part")
    (folder / ".venv" / ".complete-run").unlink()
    must(install())
    assert whole(folder)


def test_changed_requirements_are_followed(packages):
    folder, install = packages
    (folder / "requirements.txt").write_text("# changed\n")
    assert "Installing Python packages" in must(install()).stdout


def test_unreachable_package_source(packages):
    folder, install = packages
    before = (folder / "requirements.txt").read_text()
    (folder / "requirements.txt").write_text("tiny-that-is-nowhere==1.0\n")
    try:
        said = error(install(PIP_NO_INDEX="1"))
    finally:
        (folder / "requirements.txt").write_text(before)
    assert "cannot be reached or lacks a package" in said
    assert not (folder / ".venv" / ".complete-run").exists()


def test_python_that_does_not_fit(copy, programs):
    programs("python2", "[ \"$1\" = --version ] && echo 'Python 2.7.18'; exit 1")
    said = error(script("get_python", cwd=copy, PYTHON="python2"))
    assert "Python 2.7.18 does not fit" in said
    assert "is not there" in error(script("get_python", cwd=copy, PYTHON="python-none"))


@pytest.mark.parametrize(
    ("message", "advice"),
    [
        ("cp: write error: No space left on device", "The disk is full"),
        (
            "curl: (6) Could not resolve host: example.org",
            "A package source cannot be reached",
        ),
        ("mkdir: cannot create directory: Permission denied", "A right is missing"),
        ("something else", "See the lines above"),
    ],
)
def test_failure_of_a_step_is_explained(copy, message, advice):
    steps = """. scripts/common.sh; busy 'A step' sh -c 'echo "$SAID" >&2; exit 7'"""
    done = run(["bash", "-c", steps], cwd=copy, SAID=message)
    said = error(done)
    assert said.startswith(f"Error: A step failed. {advice}")
    assert "then start again" in said
    assert message in done.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_folder_that_cannot_be_written(copy):
    copy.chmod(0o555)
    assert "cannot be made: check its rights" in error(script("setup", cwd=copy))


def test_port_in_use():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        said = error(script("run", PORT=port))
    assert f"Port {port} is in use" in said
    assert "make run PORT=" in said


@pytest.mark.parametrize("port", ["http", "0", "70000", "80 80"])
def test_port_that_is_none(port):
    assert "is no port number" in error(script("run", PORT=port))


def test_named_server_that_does_not_answer(tmp_path):
    said = error(script("pg", "start", PGHOST=str(tmp_path), PGUSER="someone"))
    assert "does not answer" in said
    assert "leave them all out" in said


def test_named_role_that_odoo_refuses(tmp_path):
    said = error(script("pg", "start", PGHOST=str(tmp_path), PGUSER="postgres"))
    assert "another role" in said


def test_help_names_every_target():
    targets = "run test lint bench shell demo-retail setup stop clean help"
    listed = must(run(["make", "help"])).stdout
    for target in targets.split():
        assert f"make {target} " in listed


def test_no_address_of_a_registry():
    """Registries are the machine's own; only Odoo's repository is named."""
    places = ["scripts/*.sh", "requirements*.txt", "Makefile", ".ci/run"]
    hits = run(["git", "grep", "-nE", "(https?|ftp)://", "--", *places]).stdout
    allowed = ("github.com/odoo/odoo.git", "http://127.0.0.1")
    lines = [line for line in hits.splitlines() if not any(a in line for a in allowed)]
    assert lines == []
