"""Refreshes that are killed in the middle, and refreshes that meet."""

import os
import signal
import subprocess
import time

import psycopg2
import pytest
from odoo_shell import ODOO, ask, database

# Enough purchases for a refresh to be caught at work.
CUSTOMERS, PURCHASES = 20_000, 400_000
FILL = f"""
company = env.company
env.cr.execute('''
    INSERT INTO res_partner (name, complete_name, active, type, autopost_bills)
    SELECT 'Fault ' || n, 'Fault ' || n, TRUE, 'contact', 'ask'
      FROM generate_series(1, {CUSTOMERS}) AS n
 RETURNING id''')
first = env.cr.fetchone()[0]
env.cr.execute('UPDATE res_partner SET commercial_partner_id = id WHERE id >= %s', [first])
env.cr.execute('''
    INSERT INTO crm_purchase_history (partner_id, company_id, currency_id, date, amount)
    SELECT %s + n %% {CUSTOMERS}, %s, %s, current_date - n %% 300, 1 + n %% 97
      FROM generate_series(1, {PURCHASES}) AS n''',
    [first, company.id, company.currency_id.id])
env['crm.rfm.score']._refresh(company)
env.cr.commit()
answer = env['crm.rfm.score'].search_count([])
"""
# More of each, so that every score has to be written anew.
CHANGE = "UPDATE crm_purchase_history SET amount = amount + 1, date = date - 1"
REFRESH = """
from odoo.exceptions import UserError
try:
    env['crm.rfm.score']._refresh(env.company)
    env.cr.commit()
    print('REFRESHED', flush=True)
except UserError as error:
    print('REFUSED', error, flush=True)
"""


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    with database("faults") as name:
        assert ask(name, tmp_path_factory.mktemp("faults"), FILL) == CUSTOMERS
        yield name


@pytest.fixture
def connection(filled):
    lines = subprocess.run(
        ["bash", "-c", f". {ODOO.parent}/env && env"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    named = dict(line.split("=", 1) for line in lines if "=" in line)
    connection = psycopg2.connect(
        host=named["PGHOST"], port=named["PGPORT"], user=named["PGUSER"], dbname=filled
    )
    connection.autocommit = True
    yield connection
    connection.close()


def query(connection, text):
    with connection.cursor() as cursor:
        cursor.execute(text)
        return cursor.fetchall() if cursor.description else None


def scores(connection):
    columns = (
        "partner_id, company_id, monetary, last_date, code, segment_id, write_date"
    )
    return query(connection, f"SELECT {columns} FROM crm_rfm_score ORDER BY partner_id")


def start(name):
    """Begin a refresh in a process of its own."""
    shell = subprocess.Popen(
        [ODOO, "shell", "-d", name, "--no-http", "--log-level=critical"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    shell.stdin.write(REFRESH)
    shell.stdin.close()
    return shell


def wait_until_at_work(connection):
    """Wait for the statement that writes; give the process of the database."""
    at_work = """
        SELECT pid FROM pg_stat_activity
         WHERE datname = current_database() AND state = 'active'
           AND query LIKE '%measured AS MATERIALIZED%' AND pid <> pg_backend_pid()
    """
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if found := query(connection, at_work):
            return found[0][0]
        time.sleep(0.01)
    raise AssertionError("no refresh was seen at work")


@pytest.mark.parametrize("who", ["odoo", "database"])
def test_a_killed_refresh_leaves_the_old_scores_whole(filled, connection, who):
    before = scores(connection)
    assert len(before) == CUSTOMERS
    query(connection, CHANGE)
    shell = start(filled)
    pid = wait_until_at_work(connection)
    if who == "odoo":
        os.killpg(shell.pid, signal.SIGKILL)
    else:
        query(connection, f"SELECT pg_terminate_backend({pid})")
    said = shell.stdout.read()
    shell.wait()
    assert "REFRESHED" not in said
    assert scores(connection) == before
    shell = start(filled)
    assert "REFRESHED" in shell.stdout.read()
    shell.wait()
    after = scores(connection)
    assert len(after) == CUSTOMERS
    assert after != before


def test_two_refreshes_at_once_never_double(filled, connection):
    query(connection, CHANGE)
    first, second = start(filled), start(filled)
    said = [shell.stdout.read() for shell in (first, second)]
    for shell in (first, second):
        shell.wait()
    assert any("REFRESHED" in text for text in said)
    for text in said:
        # The second refreshes after the first, says why not, or gives way to it.
        assert "REFRESHED" in text or "already running" in text or not text.strip(), (
            text
        )
    doubles = """
        SELECT partner_id FROM crm_rfm_score
      GROUP BY partner_id, company_id HAVING count(*) > 1
    """
    assert query(connection, doubles) == []
    assert len(scores(connection)) == CUSTOMERS
