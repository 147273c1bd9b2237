"""Mails for one case that come at once, as from a mail server with many hands."""

from odoo_shell import ask, database

MAILS = 50

PREPARE = """
env['crm.feature']._switch(care=True)
domain = env['mail.alias.domain'].search([], limit=1)
domain = domain or env['mail.alias.domain'].create({'name': 'care.example.com'})
team = env['crm.care.team'].create({
    'name': 'Crowd', 'alias_name': 'crowd', 'alias_domain_id': domain.id,
})
asker = env['res.partner'].create({'name': 'Asker', 'email': 'asker@example.com'})
env['crm.care.sla'].create({'name': 'Solve', 'metric': 'resolution', 'hours': 8})
case = env['crm.care.case'].create({
    'name': 'Crowded', 'team_id': team.id, 'partner_id': asker.id,
})
message = case.message_post(body='We ask you', subtype_xmlid='mail.mt_comment')
# Each of the answers would take it up again.
case._move('waiting')
env.cr.commit()
answer = [team.alias_email, case.id, message.message_id]
"""

# What the gateway of Odoo does with a mail: a transaction of its own, tried again where
# it met another one.
AT_ONCE = """
import threading
from email.message import EmailMessage
from odoo import api
from odoo.service.model import retrying

address, case_id, reference, count = job
together = threading.Barrier(count)
went_to, failed = {}, []

def receive(number):
    mail = EmailMessage()
    mail['From'] = f'p{number}@example.net' if number else 'asker@example.com'
    mail['To'] = address
    mail['Cc'] = f'cc{number}@example.net'
    mail['Subject'] = 'Re: Crowded'
    mail['Message-Id'] = f'<crowd-{number}@example.net>'
    mail['References'] = reference
    mail.set_content(f'answer number {number}.')
    together.wait()
    try:
        with env.registry.cursor() as cr:
            own = api.Environment(cr, api.SUPERUSER_ID, {})
            gateway = own['mail.thread'].with_context(mail_notify_force_send=False)
            went_to[number] = retrying(
                lambda: gateway.message_process(False, mail.as_bytes()), own)
    except Exception as error:
        failed.append(f'{number}: {error!r}')

threads = [threading.Thread(target=receive, args=(n,)) for n in range(count)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
env.invalidate_all()
env.cr.rollback()
case = env['crm.care.case'].browse(case_id)
mails = case.message_ids.filtered(lambda message: message.message_type == 'email')
answer = {
    'failed': failed,
    'went_to': sorted(set(went_to.values())),
    'mails': len(mails),
    'bodies': len(set(mails.mapped('body'))),
    'cases': env['crm.care.case'].search_count([]),
    'outcome': case.outcome,
    'reopened': case.reopen_count,
    'pauses': len(case.sla_pauses or []),
    'targets': case.sla_status_ids.mapped('state'),
    'cc': case.email_cc,
}
"""


def test_fifty_mails_for_one_case_at_once(tmp_path):
    with database("crowd") as name:
        address, case_id, reference = ask(name, tmp_path, PREPARE)
        assert address
        found = ask(name, tmp_path, AT_ONCE, [address, case_id, reference, MAILS])
    assert found["failed"] == []
    assert found["went_to"] == [case_id]
    assert (found["mails"], found["bodies"]) == (MAILS, MAILS)
    assert found["cases"] == 1
    # Taken up once, whoever came first.
    assert found["outcome"] == "open"
    assert (found["reopened"], found["pauses"]) == (0, 1)
    assert found["targets"] == ["ongoing"]
    assert found["cc"] == "cc0@example.net"
