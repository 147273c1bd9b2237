"""Shared by the tests from outside: the project's folder and a copy to break."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# The addon and its bridges to other Odoo apps.
ADDONS = sorted(path.parent.name for path in ROOT.glob("*crm_extended/__manifest__.py"))
# What names a PostgreSQL server or an Odoo to the scripts.
NAMING = ("PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATABASE", "ODOO_SRC", "PORT")


def run(command, cwd=ROOT, timeout=600, **env):
    """Run a command without a terminal; give what it said and its status."""
    clean = {key: value for key, value in os.environ.items() if key not in NAMING}
    return subprocess.run(
        command,
        cwd=cwd,
        env=clean | env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def script(name, *args, cwd=ROOT, **env):
    return run(["bash", str(cwd / "scripts" / f"{name}.sh"), *args], cwd=cwd, **env)


def must(done):
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    return done


def error(done):
    """The one sentence a failed command ends with."""
    assert done.returncode == 1, done.stdout + done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stderr
    return lines[0]


PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]


@pytest.fixture(scope="session")
def wheel_of(tmp_path_factory):
    """Give an addon's wheel, built out of the files git knows, once for all tests."""
    built = {}

    def build(addon):
        if addon not in built:
            folder = tmp_path_factory.mktemp("wheel")
            tracked = must(run(["git", "ls-files", addon])).stdout.split("\n")
            for path in filter(None, tracked):
                if (ROOT / path).is_file():
                    (folder / path).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(ROOT / path, folder / path)
            dist = str(folder / "dist")
            options = ["wheel", "--no-build-isolation", "--no-deps", "-w", dist]
            must(run([*PIP, *options, str(folder / addon)], cwd=folder))
            [built[addon]] = (folder / "dist").glob("*.whl")
        return built[addon]

    return build


@pytest.fixture
def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def copy(tmp_path):
    """The scripts in a folder of their own, with a cache of their own."""
    folder = tmp_path / "copy"
    shutil.copytree(ROOT / "scripts", folder / "scripts")
    for path in ROOT.glob("requirements*.txt"):
        shutil.copy(path, folder)
    shutil.copy(ROOT / "Makefile", folder)
    return folder


@pytest.fixture
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    folder.mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    return folder / "crm_extended"


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """Put a program of the test's own before the real one of that name."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")

    def add(name, text):
        path = folder / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)

    return add
