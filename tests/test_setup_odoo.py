"""Getting Odoo: what is taken, what is refused, and what an interruption leaves."""

import subprocess

import pytest
from conftest import error, must, script

PACKAGES = "usr/lib/python3/dist-packages"


def source(folder, version="19, 0"):
    """A folder that looks like an Odoo of that version."""
    package = folder / "odoo"
    (package / "addons" / "crm").mkdir(parents=True)
    release = f"version_info = ({version}, 0, FINAL, 0, '')\n"
    (package / "release.py").write_text(release)
    return folder


def debian_package(cache, folder, prepare=None, **kwargs):
    """A stand-in for Debian's package, downloaded before."""
    tree = folder / "tree"
    source(tree / PACKAGES, **kwargs)
    if prepare:
        prepare(tree / PACKAGES / "odoo")
    (tree / "DEBIAN").mkdir()
    (tree / "DEBIAN" / "control").write_text(
        "Package: odoo-19\nVersion: 19\nArchitecture: all\n"
        "Maintainer: Nobody <nobody@example.com>\nDescription: stand-in\n"
    )
    (cache / "debs").mkdir(parents=True)
    deb = cache / "debs" / "odoo-19.deb"
    command = ["dpkg-deb", "--build", "--root-owner-group", tree, deb]
    subprocess.run(command, check=True, capture_output=True)


@pytest.mark.parametrize("version", ["18, 0", "19, 1", "'saas~18', 4"])
def test_source_of_another_series(copy, tmp_path, version):
    folder = source(tmp_path / "other", version)
    said = error(script("get_odoo", cwd=copy, ODOO_SRC=str(folder)))
    assert "needs 19.0" in said
    assert str(folder) in said


def test_source_that_is_none(copy, tmp_path):
    gone = str(tmp_path / "gone")
    assert "is not a folder" in error(script("get_odoo", cwd=copy, ODOO_SRC=gone))
    empty = str(tmp_path)
    assert "odoo/release.py" in error(script("get_odoo", cwd=copy, ODOO_SRC=empty))


def test_source_of_the_user_is_used_as_it_is(copy, tmp_path):
    folder = source(tmp_path / "own")
    before = sorted(folder.rglob("*"))
    must(script("get_odoo", cwd=copy, ODOO_SRC=str(folder)))
    assert sorted(folder.rglob("*")) == before
    assert not (copy / ".odoo" / "odoo").exists()


def test_half_unpacked_odoo_is_unpacked_anew(copy, cache, tmp_path):
    debian_package(cache, tmp_path)
    left = source(copy / ".odoo" / "odoo.part" / PACKAGES) / "left-behind"
    left.write_text("from an interrupted start")
    must(script("get_odoo", cwd=copy))
    whole = copy / ".odoo" / "odoo"
    assert (whole / PACKAGES / "odoo" / "release.py").is_file()
    assert not list(whole.rglob("left-behind"))
    assert not (copy / ".odoo" / "odoo.part").exists()
    # And then it is left alone.
    changed = whole.stat().st_mtime_ns
    assert must(script("get_odoo", cwd=copy)).stdout == ""
    assert whole.stat().st_mtime_ns == changed


def test_link_that_leads_nowhere(copy, cache, tmp_path):
    def prepare(package):
        (package / "font.woff").symlink_to("../../../share/fonts/gone.woff")

    debian_package(cache, tmp_path, prepare)
    done = script("get_odoo", cwd=copy)
    error(done)
    assert "lead nowhere" in done.stderr
    assert "font.woff" in done.stderr
    assert not (copy / ".odoo" / "odoo").exists()


def test_broken_download_is_not_unpacked(copy, cache):
    (cache / "debs").mkdir(parents=True)
    (cache / "debs" / "odoo-19.deb").write_bytes(b"!<arch>\nhalf")
    error(script("get_odoo", cwd=copy))
    assert not (copy / ".odoo" / "odoo").exists()


def test_no_network(copy, cache, programs):
    programs("apt-get", "echo 'Err: Could not resolve host' >&2; exit 100")
    programs("git", "echo 'fatal: Could not resolve host' >&2; exit 128")
    done = script("get_odoo", cwd=copy)
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("Error: ")
    assert "cannot be reached" in last
    assert not (cache / "debs").exists()
    assert not (copy / ".odoo" / "odoo").exists()


def test_clone_is_the_last_resort(copy, cache, programs, tmp_path):
    programs("apt-get", "echo 'E: Unable to locate package odoo-19' >&2; exit 100")
    origin = source(tmp_path / "origin")
    for command in (
        ["init", "-q", "-b", "19.0"],
        ["add", "."],
        ["-c", "user.name=T", "-c", "user.email=t@example.com", "commit", "-qm", "x"],
    ):
        subprocess.run(["git", *command], cwd=origin, check=True)
    must(script("get_odoo", cwd=copy, ODOO_GIT=f"file://{origin}"))
    assert (copy / ".odoo" / "odoo" / "odoo" / "release.py").is_file()
