"""Assessments of loyalty tiers that are killed in the middle, and run again."""

import os
import signal
import subprocess
import time

import psycopg2
import pytest
from odoo_shell import ODOO, ROOT, ask, database

# Of these, one in ten is to rise to a tier with a pricelist: more than follow at once.
CUSTOMERS = 6_000
FILL = f"""
env['crm.feature']._switch(loyalty=True)
company = env.company
env['crm.loyalty.tier'].search([], order='sequence desc', limit=1).pricelist_id = (
    env['product.pricelist'].create({{'name': 'Best', 'sequence': 100, 'company_id': False}}))
env.cr.execute('''
    INSERT INTO res_partner (name, complete_name, active, type, autopost_bills)
    SELECT 'Fault ' || n, 'Fault ' || n, TRUE, 'contact', 'ask'
      FROM generate_series(1, {CUSTOMERS}) AS n
 RETURNING id''')
first = env.cr.fetchone()[0]
env.cr.execute('UPDATE res_partner SET commercial_partner_id = id WHERE id >= %s', [first])
env.cr.execute('''
    INSERT INTO crm_purchase_history (partner_id, company_id, currency_id, date, amount)
    SELECT id, %s, %s, current_date - 1, 10 FROM res_partner WHERE id >= %s''',
    [company.id, company.currency_id.id, first])
env['crm.loyalty.membership']._assess(company)
env.cr.commit()
answer = env['crm.loyalty.membership'].search_count([])
"""
# Everybody's figures change, and one in ten rises.
CHANGE = """
    INSERT INTO crm_purchase_history (partner_id, company_id, currency_id, date, amount)
         SELECT partner_id, company_id, currency_id, current_date,
                CASE WHEN partner_id % 10 = 0 THEN 100000 ELSE 1 END
           FROM crm_purchase_history
"""
# As the scheduled actions do it, each batch in a transaction of its own.
ASSESS = """
assessments = env['crm.loyalty.assessment']
env['crm.loyalty.membership']._assess(env.company)
env.cr.commit()
while assessments._process_effects(env.company, 50):
    env.cr.commit()
env.cr.commit()
print('DONE', flush=True)
"""
MEMBERS = """
    SELECT partner_id, tier_id, state, valid_date, qualifying_amount, write_date
      FROM crm_loyalty_membership ORDER BY partner_id
"""
CHANGES = "SELECT partner_id, new_tier_id, reason FROM crm_loyalty_change ORDER BY id"
PRICES = """
    SELECT partner_id FROM crm_loyalty_pricelist AS recorded
      JOIN res_partner AS customer ON customer.id = recorded.partner_id
     WHERE is_applied AND specific_property_product_pricelist IS NOT NULL
  ORDER BY partner_id
"""
NOTES = """
    SELECT res_id FROM mail_message
     WHERE model = 'res.partner' AND body LIKE '%pricelist%' ORDER BY res_id
"""
# Who waits for a lock of this connection. The view of activity would not do: within a
# transaction it stays as it was first read.
WAITING = """
    SELECT DISTINCT pid FROM pg_locks
     WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))
"""


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    with database("faults_loyalty") as name:
        folder = tmp_path_factory.mktemp("faults_loyalty")
        assert ask(name, folder, FILL) == CUSTOMERS
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
    yield connection
    connection.close()


def query(connection, text):
    """Run a query in a transaction of its own."""
    with connection, connection.cursor() as cursor:
        cursor.execute(text)
        return cursor.fetchall() if cursor.description else None


def start(name):
    """Begin an assessment in a process of its own."""
    shell = subprocess.Popen(
        [
            *(ODOO, "shell", "-d", name, "--no-http", "--log-level=critical"),
            f"--addons-path={os.environ['ODOO_ADDONS']},{ROOT}",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    shell.stdin.write(ASSESS)
    shell.stdin.close()
    return shell


def kill_where_it_waits(name, connection, locked):
    """Kill an assessment that has come as far as some rows that are locked here."""
    with connection, connection.cursor() as cursor:
        cursor.execute(locked)
        shell = start(name)
        deadline = time.monotonic() + 120
        while not (cursor.execute(WAITING) or cursor.fetchall()):
            assert time.monotonic() < deadline, "the assessment never came that far"
            assert shell.poll() is None, shell.stdout.read()
            time.sleep(0.05)
        os.killpg(shell.pid, signal.SIGKILL)
        assert "DONE" not in shell.stdout.read()
        shell.wait()
        # The database notices when it would answer.
        cursor.execute(WAITING)
        [[pid]] = cursor.fetchall()
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])


def test_killed_in_the_middle_and_run_again(filled, connection):
    before = [query(connection, text) for text in (MEMBERS, CHANGES)]
    assert [len(rows) for rows in before] == [CUSTOMERS, CUSTOMERS]
    query(connection, CHANGE)
    # While memberships are written: nothing of it is left.
    kill_where_it_waits(
        filled,
        connection,
        "SELECT id FROM crm_loyalty_membership ORDER BY id DESC LIMIT 1 FOR UPDATE",
    )
    assert [query(connection, text) for text in (MEMBERS, CHANGES)] == before
    # While prices follow: tiers and history stand, prices of the first batches, too.
    kill_where_it_waits(
        filled,
        connection,
        "SELECT id FROM res_partner WHERE id = ("
        " SELECT max(partner_id) FROM crm_purchase_history WHERE amount > 1000"
        # Not so strong that a reference to the customer would wait, too.
        ") FOR NO KEY UPDATE",
    )
    risen = [
        row for row in query(connection, CHANGES)[CUSTOMERS:] if row[2] == "earned"
    ]
    assert len(risen) == CUSTOMERS / 10
    prices = query(connection, PRICES)
    assert 0 < len(prices) < len(risen)
    assert query(connection, NOTES) == prices
    # Again: what was left is done, and nothing is done twice.
    members, changes = query(connection, MEMBERS), query(connection, CHANGES)
    shell = start(filled)
    assert "DONE" in shell.stdout.read()
    shell.wait()
    assert query(connection, MEMBERS) == members
    assert query(connection, CHANGES) == changes
    prices = query(connection, PRICES)
    assert prices == sorted((partner_id,) for partner_id, *_others in risen)
    assert query(connection, NOTES) == prices
