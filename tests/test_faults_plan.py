"""Care plans while the process that does their steps is killed: after it has queued mails
and before it commits, and between two batches."""

import os
import signal

import pytest
from odoo_shell import ask, database
from test_faults_consent import WAITING, connection, query, start, wait_for

assert connection, "a fixture of these tests, too"

# Two batches.
CUSTOMERS = 700
FILL = f"""
env['crm.feature']._switch(plans=True)
env.company.write({{
    'contact_quiet_from': 0, 'contact_quiet_to': 0, 'contact_weekdays': '0,1,2,3,4,5,6',
    'contact_limit': 2, 'email': 'shop@example.com'}})
purpose = env.ref('crm_extended.purpose_loyalty')
purpose.basis = 'unless_refused'
customers = env['res.partner'].create([
    {{'name': f'Fault {{n}}', 'email': f'fault{{n}}@example.com'}} for n in range({CUSTOMERS})])
template = env['mail.template'].create({{
    'name': 'Hello', 'model_id': env['ir.model']._get_id('res.partner'),
    'subject': 'Hello', 'body_html': '<p>Hello</p>', 'email_from': 'shop@example.com',
    'partner_to': '{{{{ object.id }}}}'}})
plan = env['crm.care.plan'].create({{
    'name': 'Plan', 'purpose_id': purpose.id, 'contact_rule': 'customer',
    'max_per_day': 1000}})
env['crm.care.plan.step'].create([
    {{'version_id': plan._get_draft().id, 'name': 'Mail', 'kind': 'mail', 'sequence': 1,
      'template_id': template.id}},
    {{'version_id': plan._get_draft().id, 'name': 'Note', 'kind': 'log', 'sequence': 2,
      'note': 'Noted for a fault'}}])
plan.action_start()
assert plan.enroll(customers) == {CUSTOMERS}
answer = [customers.ids, plan.version_id.step_ids.sorted('sequence').ids]
env.cr.commit()
"""
RUN = """
env['crm.care.enrollment']._cron_run()
env.cr.commit()
print('DONE', flush=True)
"""
LINES = """
    SELECT step_id, outcome, count(*), count(DISTINCT partner_id)
      FROM crm_care_enrollment_step GROUP BY step_id, outcome ORDER BY step_id
"""
MAILS = """
    SELECT count(*), count(DISTINCT rel.res_partner_id)
      FROM mail_mail AS mail
      JOIN mail_mail_res_partner_rel AS rel ON rel.mail_mail_id = mail.id
     WHERE mail.state = 'outgoing'
"""
NOTES = """
    SELECT count(*), count(DISTINCT res_id) FROM mail_message
     WHERE model = 'res.partner' AND body LIKE '%Noted for a fault%'
"""
TOUCHES = "SELECT count(*), count(DISTINCT partner_id) FROM crm_contact_touch"
NOTHING = [(0, 0)]


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    with database("faults_plan") as name:
        folder = tmp_path_factory.mktemp("faults_plan")
        yield name, ask(name, folder, FILL)


def kill_while_it_waits_for(name, connection, row):
    """Let a process do what is due until it waits for a row, and kill it there."""
    with connection, connection.cursor() as cursor:
        cursor.execute(row)
        shell = start(name, RUN)

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


def test_killed_nothing_is_lost_or_done_twice(filled, connection):
    name, [customers, [mail, note]] = filled
    # The mails of a batch are queued, and what was done refers to its step.
    kill_while_it_waits_for(
        name, connection, f"SELECT FROM crm_care_plan_step WHERE id = {mail} FOR UPDATE"
    )
    for nothing in (MAILS, NOTES, TOUCHES):
        assert query(connection, nothing) == NOTHING
    assert query(connection, LINES) == []
    # One batch is there: the touch of one of the second batch waits for its customer.
    [[last]] = query(
        connection,
        "SELECT partner_id FROM crm_care_enrollment ORDER BY next_date DESC, id DESC LIMIT 1",
    )
    kill_while_it_waits_for(
        name, connection, f"SELECT FROM res_partner WHERE id = {last} FOR UPDATE"
    )
    [(queued, reached)] = query(connection, MAILS)
    assert 0 < queued == reached < CUSTOMERS
    assert query(connection, TOUCHES) == [(queued, queued)]
    assert (mail, "done", queued, queued) in query(connection, LINES)
    # Again: the rest is done, and nothing twice.
    shell = start(name, RUN)
    assert "DONE" in shell.stdout.read()
    shell.wait()
    everyone = [(CUSTOMERS, CUSTOMERS)]
    for what in (MAILS, NOTES, TOUCHES):
        assert query(connection, what) == everyone
    assert query(connection, LINES) == [
        (step, "done", CUSTOMERS, CUSTOMERS) for step in (mail, note)
    ]
    assert query(
        connection, "SELECT state, count(*) FROM crm_care_enrollment GROUP BY state"
    ) == [("done", CUSTOMERS)]
    assert len(customers) == CUSTOMERS
