"""The touch limit where two workers send at the same moment, and messages that wait while
the job that sends them is killed."""

import json
import os
import signal
import subprocess
import time

import psycopg2
import pytest
from odoo_shell import ODOO, ROOT, ask, database

# More than the job sends in one transaction.
CUSTOMERS = 250
FILL = f"""
from datetime import timedelta
env['crm.feature']._switch(loyalty=True, consent=True)
company = env.company
company.write({{
    'contact_quiet_from': 0, 'contact_quiet_to': 0, 'contact_weekdays': '0,1,2,3,4,5,6',
    'contact_limit': 1, 'loyalty_mail_risen': True, 'email': 'shop@example.com'}})
env['crm.loyalty.tier'].search([]).active = False
env['crm.loyalty.tier'].create(
    {{'name': 'Gold', 'company_id': company.id, 'rise_amount': 100}})
customers = env['res.partner'].create([
    {{'name': f'Fault {{n}}', 'email': f'fault{{n}}@example.com'}} for n in range({CUSTOMERS})])
env['crm.contact.touch'].create([
    {{'partner_id': customer.id, 'contact_id': customer.id, 'company_id': company.id,
      'channel': 'email', 'date': env.cr.now() - timedelta(days=5)}}
    for customer in customers])
env['crm.purchase.history'].create([
    {{'partner_id': customer.id, 'company_id': company.id, 'date': env.cr.now().date(),
      'currency_id': company.currency_id.id, 'amount': 500}} for customer in customers])
env['crm.loyalty.membership']._assess(company)
env.cr.commit()
while env['crm.loyalty.assessment']._process_effects(company, 50):
    env.cr.commit()
answer = [customers.ids, env['crm.contact.hold'].search_count([('state', '=', 'waiting')])]
env.cr.commit()
"""
# A worker that wants to contact a customer. Its transaction begins before it asks; it ends
# when there is a line to read.
CLAIM = """
import json, sys
env.cr.execute('SELECT count(*) FROM crm_contact_touch')
print('BEGUN', flush=True)
{wait}
contact = env['res.partner'].browse({contact})
answers = env['crm.contact.policy']._claim(
    contact, env.ref('crm_extended.purpose_loyalty'), 'email')
print('ANSWER', json.dumps(answers[contact.id], default=str), flush=True)
{wait}
env.cr.commit()
print('DONE', flush=True)
"""
WAIT = "import os, time\nwhile not os.path.exists({path!r}): time.sleep(0.05)"
SEND = """
env['crm.contact.hold']._cron_send()
env.cr.commit()
print('DONE', flush=True)
"""
# Who waits for a touch of the same customer, and who for a lock of this connection.
CLAIMING = "SELECT pid FROM pg_locks WHERE NOT granted AND locktype = 'advisory'"
WAITING = """
    SELECT DISTINCT pid FROM pg_locks
     WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))
"""
STATES = "SELECT state, count(*) FROM crm_contact_hold GROUP BY state ORDER BY state"
MAILS = """
    SELECT rel.res_partner_id, count(*) FROM mail_mail_res_partner_rel AS rel
  GROUP BY rel.res_partner_id ORDER BY rel.res_partner_id
"""
TOUCHES = """
    SELECT count(*) FROM crm_contact_touch WHERE date > now() - interval '1 day'
"""


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    with database("faults_consent") as name:
        folder = tmp_path_factory.mktemp("faults_consent")
        customers, waiting = ask(name, folder, FILL)
        assert waiting == CUSTOMERS
        yield name, customers


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
        host=named["PGHOST"],
        port=named["PGPORT"],
        user=named["PGUSER"],
        dbname=filled[0],
    )
    yield connection
    connection.close()


def query(connection, text):
    """Run a query in a transaction of its own."""
    with connection, connection.cursor() as cursor:
        cursor.execute(text)
        return cursor.fetchall() if cursor.description else None


def start(name, script):
    """Run a script in a process of its own."""
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
    shell.stdin.write(script)
    shell.stdin.close()
    return shell


def said(shell, word):
    """What a process says after a word; it waits until the process says it."""
    for line in shell.stdout:
        if word in line:
            return line.partition(word)[2].strip()
    raise AssertionError(f"the process never said {word}")


def wait_for(check):
    deadline = time.monotonic() + 120
    while not (found := check()):
        assert time.monotonic() < deadline, "it never came that far"
        time.sleep(0.05)
    return found


def test_of_two_workers_one_waits_and_the_limit_is_kept(filled, connection, tmp_path):
    name, [customer, *_others] = filled
    query(connection, f"DELETE FROM crm_contact_touch WHERE partner_id = {customer}")
    go, end = str(tmp_path / "go"), str(tmp_path / "end")

    def script(first, second):
        claim = CLAIM.format(contact=customer, wait="{wait}")
        claim = claim.replace("{wait}", first, 1)
        return claim.replace("{wait}", second, 1)

    one = start(name, script("", WAIT.format(path=end)))
    assert json.loads(said(one, "ANSWER"))["allowed"]
    # The other one has begun before the first is through, and does not see its touch.
    two = start(name, script(WAIT.format(path=go), ""))
    said(two, "BEGUN")
    (tmp_path / "go").touch()
    assert len(wait_for(lambda: query(connection, CLAIMING))) == 1
    (tmp_path / "end").touch()
    said(one, "DONE")
    answer = json.loads(said(two, "ANSWER"))
    assert (answer["allowed"], answer["reason"]) == (False, "limit")
    said(two, "DONE")
    for shell in (one, two):
        shell.wait()
    [[touches]] = query(
        connection,
        f"SELECT count(*) FROM crm_contact_touch WHERE partner_id = {customer}",
    )
    assert touches == 1


def test_killed_while_it_sends_nothing_is_lost_or_sent_twice(filled, connection):
    name, customers = filled
    assert query(connection, MAILS) == []
    query(connection, "DELETE FROM crm_contact_touch")
    query(
        connection, "UPDATE crm_contact_hold SET next_date = now() - interval '1 day'"
    )
    # In the second transaction: the touch of one of the last waits for its customer.
    [[last]] = query(
        connection,
        "SELECT partner_id FROM crm_contact_hold ORDER BY next_date DESC, id DESC LIMIT 1",
    )
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT id FROM res_partner WHERE id = %s FOR UPDATE", [last])
        shell = start(name, SEND)

        def waits():
            assert shell.poll() is None, shell.stdout.read()
            cursor.execute(WAITING)
            return cursor.fetchall()

        [[pid]] = wait_for(waits)
        os.killpg(shell.pid, signal.SIGKILL)
        assert "DONE" not in shell.stdout.read()
        shell.wait()
        # The database notices when it would answer.
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
    sent = dict(query(connection, STATES))
    assert 0 < sent["sent"] < CUSTOMERS
    assert sent["sent"] + sent["waiting"] == CUSTOMERS
    mails = query(connection, MAILS)
    assert len(mails) == sent["sent"] and {count for _id, count in mails} == {1}
    assert query(connection, TOUCHES) == [(sent["sent"],)]
    # Again: the rest is sent, and nothing twice.
    shell = start(name, SEND)
    assert "DONE" in shell.stdout.read()
    shell.wait()
    assert query(connection, STATES) == [("sent", CUSTOMERS)]
    mails = query(connection, MAILS)
    assert {customer for customer, _count in mails} == set(customers)
    assert {count for _customer, count in mails} == {1}
    assert query(connection, TOUCHES) == [(CUSTOMERS,)]
