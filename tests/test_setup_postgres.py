"""The project's own PostgreSQL cluster, in a copy of the project."""

import os
import shlex
import signal
import stat
from pathlib import Path

import psycopg2
import pytest
from conftest import error, must, run, script


def where(copy):
    """What the script exports, as a dictionary."""
    words = shlex.split(must(script("pg", "where", cwd=copy)).stdout)
    return dict(word.split("=", 1) for word in words if "=" in word)


@pytest.fixture
def cluster(copy):
    must(script("pg", "start", cwd=copy))
    yield copy
    must(script("clean", cwd=copy))


def server(copy):
    """The process number of the copy's server."""
    return int((folder(copy) / "data" / "postmaster.pid").read_text().split()[0])


def folder(copy):
    return Path(where(copy)["PGHOST"])


def connect(copy, database="postgres"):
    at = where(copy)
    connection = psycopg2.connect(
        host=at["PGHOST"], port=at["PGPORT"], user=at["PGUSER"], dbname=database
    )
    connection.autocommit = True
    return connection


def ask(copy, query):
    connection = connect(copy)
    try:
        with connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()
    finally:
        connection.close()


def test_cluster_of_its_own(cluster):
    assert ask(cluster, "SHOW listen_addresses") == [("",)]
    assert stat.S_IMODE(folder(cluster).stat().st_mode) == 0o700
    assert len(f"{folder(cluster)}/.s.PGSQL.5432") < 107
    # A second start changes nothing.
    first = server(cluster)
    assert must(script("pg", "start", cwd=cluster)).stdout == ""
    assert server(cluster) == first
    must(script("pg", "stop", cwd=cluster))
    must(script("pg", "stop", cwd=cluster))
    with pytest.raises(psycopg2.OperationalError):
        connect(cluster)


def test_killed_server_starts_again(cluster):
    connection = connect(cluster)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept AS SELECT 1 AS a")
        # The cluster may lose its last moment: it does not wait for the disk.
        cursor.execute("CHECKPOINT")
    connection.close()
    os.kill(server(cluster), signal.SIGKILL)
    must(script("pg", "start", cwd=cluster))
    assert ask(cluster, "SELECT a FROM kept") == [(1,)]


def test_half_made_cluster_is_made_anew(copy):
    at = folder(copy)
    try:
        must(script("pg", "start", cwd=copy))
        must(script("pg", "stop", cwd=copy))
        os.rename(at / "data", at / "data.part")
        (at / "data.part" / "PG_VERSION").unlink()
        must(script("pg", "start", cwd=copy))
        assert not (at / "data.part").exists()
        assert ask(copy, "SELECT 1") == [(1,)]
    finally:
        must(script("clean", cwd=copy))
    assert not at.exists()


def test_databases_of_others_are_never_dropped(cluster):
    """Without our mark in its comment, a database is not ours, whatever its name."""
    connection = connect(cluster)
    with connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE crm_extended_demo")
    connection.close()
    at = where(cluster)
    environment = "".join(
        f"export {key}={shlex.quote(at[key])}\n"
        for key in ("PGHOST", "PGPORT", "PGUSER")
    )
    (cluster / ".odoo" / "env").write_text(environment)
    done = script("db", "drop", "crm_extended_demo", cwd=cluster)
    assert "was not made by this project" in error(done)
    must(script("db", "drop-all", cwd=cluster))
    found = "SELECT 1 FROM pg_database WHERE datname = 'crm_extended_demo'"
    assert ask(cluster, found) == [(1,)]


def test_named_server_is_neither_changed_nor_stopped(cluster, tmp_path):
    """One cluster plays the server of the user, for a second copy."""
    at = where(cluster)
    other = tmp_path / "other"
    other.mkdir()
    must(run(["cp", "-r", str(cluster / "scripts"), str(other)]))
    naming = {key: at[key] for key in ("PGHOST", "PGPORT", "PGUSER")}
    settings = "SELECT name, setting FROM pg_settings ORDER BY name"
    before = ask(cluster, settings), ask(cluster, "SELECT oid FROM pg_database")
    must(script("pg", "start", cwd=other, **naming))
    assert at["PGHOST"] in must(script("pg", "where", cwd=other, **naming)).stdout
    must(script("stop", cwd=other, **naming))
    assert (
        ask(cluster, settings),
        ask(cluster, "SELECT oid FROM pg_database"),
    ) == before
    assert not folder(other).exists()
