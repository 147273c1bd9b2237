"""The addon comes, is updated and goes, and leaves no trace."""

import ast
import signal
import socket
import subprocess
import time
import urllib.request
import zipfile
from pathlib import Path

import psycopg2
import pytest
from conftest import ADDONS, PIP, ROOT, must, run, script

ADDON = "crm_extended"
MANIFEST = f"{ADDON}/__manifest__.py"
ODOO = ROOT / ".odoo" / "odoo-bin"
# Odoo's own bookkeeping, which moves whenever any module is loaded. The bus holds what
# browsers that are open are told, for a day.
BOOKKEEPING = {"ir_cron_trigger", "orm_signaling_registry", "ir_attachment", "bus_bus"}
# One line per object of the database's structure.
STRUCTURE = """
    SELECT 'column', table_name || '.' || column_name, data_type || is_nullable
      FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL
    SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL
    SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
      FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL
    SELECT 'sequence', sequencename, '' FROM pg_sequences WHERE schemaname = 'public'
    UNION ALL
    SELECT 'view', viewname, '' FROM pg_views WHERE schemaname = 'public'
    UNION ALL
    SELECT 'function', proname, '' FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL
    SELECT 'trigger', tgrelid::regclass || '.' || tgname, '' FROM pg_trigger
     WHERE NOT tgisinternal
    UNION ALL
    SELECT 'record', module || '.' || name, model FROM ir_model_data
    UNION ALL
    SELECT 'model', model, '' FROM ir_model
    UNION ALL
    SELECT 'field', model || '.' || name, ttype FROM ir_model_fields
    UNION ALL
    SELECT 'parameter', key, '' FROM ir_config_parameter
    UNION ALL
    SELECT 'cron', cron_name, '' FROM ir_cron
    UNION ALL
    SELECT 'mail template', t.id::text, t.model FROM mail_template t
    UNION ALL
    SELECT 'asset', name, path FROM ir_asset
    UNION ALL
    SELECT 'attachment', name, coalesce(res_model, '') || coalesce(res_field, '')
      FROM ir_attachment WHERE url IS NULL OR url NOT LIKE '/web/assets/%'
"""


@pytest.fixture
def database():
    """Give names of databases, which are dropped at the end."""
    names = []

    def new(purpose):
        names.append(f"crm_extended_out_{purpose}")
        return names[-1]

    yield new
    for name in names:
        script("db", "drop", name)


@pytest.fixture(scope="module")
def connect():
    """Connect to a database on the server the set-up uses."""
    lines = must(script("pg", "where")).stdout
    named = must(run(["bash", "-c", f'{lines}\necho "$PGHOST:$PGPORT:$PGUSER"'])).stdout
    host, port, user = named.strip().rsplit(":", 2)
    return lambda name: psycopg2.connect(host=host, port=port, user=user, dbname=name)


def rows(connect, name, query):
    connection = connect(name)
    try:
        with connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()
    finally:
        connection.close()


def picture(connect, name):
    """All that is in a database: its structure, and how many rows each table has."""
    tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    found = set(rows(connect, name, STRUCTURE))
    names = [table for (table,) in rows(connect, name, tables)]
    counts = " UNION ALL ".join(
        f"SELECT 'rows', '{table}', count(*)::text FROM \"{table}\""
        for table in names
        if table not in BOOKKEEPING
    )
    return found | set(rows(connect, name, counts))


def odoo(*args, **options):
    return must(run([str(ODOO), *args], **options))


def complaints(said):
    """What Odoo logged above the level of information."""
    marks = (" WARNING ", " ERROR ", " CRITICAL ", "Warning: ")
    return [line for line in said.splitlines() if any(m in line for m in marks)]


@pytest.mark.parametrize("kind", ["plain", "demo", "bridged"])
def test_uninstalled_without_trace(kind, database, connect):
    name = database(f"uninstall_{kind}")
    must(script("db", "ready", name, kind))
    template = f"crm_extended_tmpl_{kind}"
    before = picture(connect, template)
    assert picture(connect, name) != before
    done = odoo("module", "uninstall", ADDON, "-d", name)
    assert complaints(done.stdout + done.stderr) == []
    after = picture(connect, name)
    assert sorted(after - before) == []
    assert sorted(before - after) == []


def earlier_commit():
    """The newest commit whose addon differs from the files here."""
    log = run(
        ["git", "log", "--first-parent", "--format=%H", "-n", "50", "--", ADDON]
    ).stdout.split()
    # Of a shallow clone, git knows the last commits only.
    for commit in [*log, *(f"{commit}^" for commit in log[-1:])]:
        manifest = f"{commit}:{ADDON}/__manifest__.py"
        known = run(["git", "cat-file", "-e", manifest]).returncode == 0
        if known and run(["git", "diff", "--quiet", commit, "--", ADDON]).returncode:
            return commit
    return None


def earlier_release():
    """The last commit of the line of releases with another version than the files here.

    Branches that were merged are left out: their commits were never released.
    """
    commits = run(
        ["git", "log", "--first-parent", "--format=%H", "-n", "80", "--", MANIFEST]
    ).stdout.split()
    here = version_in((ROOT / MANIFEST).read_text())
    before = "HEAD"
    for commit in commits:
        shown = run(["git", "show", f"{commit}:{MANIFEST}"])
        if shown.returncode or version_in(shown.stdout) != here:
            break
        before = f"{commit}^"
    known = run(["git", "rev-parse", "--verify", "--quiet", f"{before}^{{commit}}"])
    return known.stdout.strip() or None


def version_in(manifest):
    return ast.literal_eval(manifest)["version"]


@pytest.mark.parametrize("earlier", [earlier_commit, earlier_release])
def test_updated_from_the_commit_before(earlier, database, tmp_path, connect):
    commit = earlier()
    if not commit:
        pytest.skip("this clone holds no earlier version of the addon")
    if earlier is earlier_release and commit == earlier_commit():
        pytest.skip("the commit before is the release before, and is tested as such")
    archive = tmp_path / "earlier.tar"
    must(run(["git", "archive", "-o", str(archive), commit, ADDON]))
    (tmp_path / "earlier").mkdir()
    must(run(["tar", "-xf", str(archive), "-C", str(tmp_path / "earlier")]))
    name = database(f"update_{earlier.__name__}")
    must(script("db", "template", "demo"))
    must(script("db", "clone", "crm_extended_tmpl_demo", name))
    path = addons_path(tmp_path / "earlier")
    same = ["-d", name, "--stop-after-init", "--no-http"]
    odoo(*same, f"--addons-path={path}", "-i", ADDON, "--with-demo")
    before = records(connect, name)
    done = odoo(*same, "-u", ADDON)
    assert complaints(done.stdout + done.stderr) == []
    # No record is lost.
    after = records(connect, name)
    assert {table: ids - after.get(table, set()) for table, ids in before.items()} == {
        table: set() for table in before
    }
    # The same structure as after a fresh installation.
    fresh = database("fresh")
    must(script("db", "ready", fresh, "demo"))
    structure = {"column", "index", "constraint", "view", "model", "field"}
    updated, installed = (
        {row for row in picture(connect, db) if row[0] in structure}
        for db in (name, fresh)
    )
    assert sorted(installed - updated) == []
    assert sorted(updated - installed) == []


# Tables of ours that no release has any more: what they held is nothing that people
# entered.
GONE = {"crm_last_contact_check"}
# External ids of indexes, and of columns that nothing was entered in, that a later version
# does without: answers have no segment and no tier, so that small groups stay hidden.
GONE_NAMES = {
    "constraint_crm_product_pair_best_of_a_index",
    "constraint_crm_product_pair_best_of_b_index",
    "field_crm_satisfaction_answer__loyalty_tier_id",
    "field_crm_satisfaction_answer__rfm_segment_id",
    "model_inherit__crm_satisfaction_answer__crm_customer_join_mixin",
    "model_inherit__crm_satisfaction_answer__crm_insight_dimension_mixin",
    "model_inherit__crm_satisfaction_answer__crm_loyalty_dimension_mixin",
    "model_inherit__crm_satisfaction_answer__crm_rfm_dimension_mixin",
}


def records(connect, name):
    """Ids of the records of the addon, by table."""
    tables = rows(
        connect,
        name,
        """
        SELECT table_name FROM information_schema.columns
         WHERE table_schema = 'public' AND column_name = 'id'
           AND table_name IN (
                SELECT replace(model.model, '.', '_') FROM ir_model AS model
                  JOIN ir_model_data AS data
                    ON data.model = 'ir.model' AND data.res_id = model.id
                 WHERE data.module = 'crm_extended' AND NOT model.transient)
        """,
    )
    kinds = dict(rows(connect, name, "SELECT relname, relkind FROM pg_class"))
    gone = {
        id
        for id, known in rows(connect, name, "SELECT id, name FROM ir_model_data")
        if known in GONE_NAMES
    }
    return {
        table: {id for (id,) in rows(connect, name, f'SELECT id FROM "{table}"')}
        - (gone if table == "ir_model_data" else set())
        for (table,) in tables
        if kinds[table] == "r" and table not in GONE
    }


def addons_path(folder):
    """Odoo's addons, and ours from that folder."""
    conf = (ROOT / ".odoo" / "odoo.conf").read_text()
    (line,) = [row for row in conf.splitlines() if row.startswith("addons_path")]
    return line.partition("=")[2].strip().removesuffix(str(ROOT)) + str(folder)


def test_second_update_changes_nothing(database, connect):
    name = database("again")
    must(script("db", "ready", name, "plain"))
    before = picture(connect, name)
    done = odoo("-d", name, "-u", ADDON, "--stop-after-init", "--no-http")
    assert complaints(done.stdout + done.stderr) == []
    assert picture(connect, name) == before


@pytest.mark.parametrize("addon", ADDONS)
def test_wheel_holds_the_addon(addon, wheel_of, tmp_path):
    """Built, installed elsewhere and found there by Odoo."""
    tracked = run(["git", "ls-files", addon]).stdout.split()
    wheel = wheel_of(addon)
    with zipfile.ZipFile(wheel) as archive:
        inside = {name.removeprefix("odoo/addons/") for name in archive.namelist()}
    packed = {p for p in tracked if Path(p).name != "pyproject.toml"}
    assert sorted(packed - inside) == []
    target = tmp_path / "site"
    install = ["install", "--no-deps", "--no-index", "--target", str(target)]
    must(run([*PIP, *install, str(wheel)], cwd=tmp_path))
    code = (
        "import odoo; from odoo.modules import Manifest; "
        f"odoo.tools.config.parse_config(['--addons-path={target}/odoo/addons']); "
        "odoo.modules.initialize_sys_path(); "
        f"print(Manifest.for_addon('{addon}').path)"
    )
    environment = f". {ROOT}/.odoo/env; unset ODOO_RC; exec python -c {code!r}"
    done = must(run(["bash", "-c", environment], cwd=tmp_path))
    assert done.stdout.strip() == f"{target}/odoo/addons/{addon}"


def health(port):
    # Not through a proxy: the server is on this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://127.0.0.1:{port}/web/login", timeout=30) as page:
        return page.status, page.read().decode()


def test_make_run(free_port, tmp_path):
    """Address and login are printed, the page is there, Ctrl-C ends it in order."""
    must(script("db", "demo"))
    log = tmp_path / "said"
    start = time.monotonic()
    with log.open("w") as said:
        server = subprocess.Popen(
            ["make", "run", f"PORT={free_port}"],
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
            assert time.monotonic() - start < 120, log.read_text()
            time.sleep(0.2)
        text = log.read_text()
        assert f"http://127.0.0.1:{free_port}/" in text
        assert "login     admin" in text
        assert "password  admin" in text
        status, page = health(free_port)
        assert status == 200
        assert 'name="login"' in page
        # Other addresses of this machine do not answer.
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.2", free_port)) != 0
    finally:
        # What Ctrl-C does: the whole group in the foreground is told.
        must(run(["kill", "-INT", "--", f"-{server.pid}"]))
        server.wait(timeout=60)
    assert "Odoo has stopped" in log.read_text()
    assert "Traceback" not in log.read_text()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", free_port)) != 0
