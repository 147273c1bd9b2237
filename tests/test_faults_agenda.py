"""Two windows of a user that make the list of the day at the same moment."""

from odoo_shell import ask, database

WINDOWS, CUSTOMERS, SIZE = 4, 30, 12

PREPARE = """
from datetime import timedelta
from odoo import fields

seller = env['res.users'].create({
    'name': 'Seller', 'login': 'seller',
    'group_ids': [(4, env.ref('sales_team.group_sale_salesman').id)],
})
env.company.write({
    'agenda_size': size, 'contact_quiet_from': 0, 'contact_quiet_to': 0,
    'contact_limit': 0,
})
for number in range(count):
    customer = env['res.partner'].create({
        'name': f'Customer {number}', 'user_id': seller.id, 'phone': '+1 555 0100',
    })
    customer.activity_schedule(
        'mail.mail_activity_data_call', user_id=seller.id,
        date_deadline=fields.Date.today() - timedelta(days=number),
    )
env.cr.commit()
answer = seller.id
"""

# As a request of a client: a transaction of its own, tried again where it met another one.
AT_ONCE = """
import threading
from odoo import api
from odoo.service.model import retrying

seller_id, count = job
together = threading.Barrier(count)
seen, failed, tries = {}, [], []
Items = type(env['crm.agenda.item'])
real = Items._add

def add(self, scope, candidates, listed=()):
    # All have looked before any of them writes.
    tries.append(len(candidates))
    if len(tries) <= count:
        together.wait(60)
    return real(self, scope, candidates, listed)

def window(number):
    try:
        with env.registry.cursor() as cr:
            own = api.Environment(cr, seller_id, {})
            seen[number] = retrying(own['crm.customer.agenda'].get_today, own)
    except Exception as error:
        failed.append(f'{number}: {error!r}')

Items._add = add
threads = [threading.Thread(target=window, args=(n,)) for n in range(count)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
Items._add = real
env.cr.rollback()
env.invalidate_all()
items = env['crm.agenda.item'].search([('user_id', '=', seller_id)])
answer = {
    'failed': failed,
    'lists': [[row['id'] for row in day['rows']] for _n, day in sorted(seen.items())],
    'totals': sorted({day['total'] for day in seen.values()}),
    'items': items.sorted('place').ids,
    'places': items.sorted('place').mapped('place'),
    'looked': len(tries),
}
"""


def test_windows_that_make_one_list(tmp_path):
    with database("windows") as name:
        prepare = f"size, count = {SIZE}, {CUSTOMERS}\n{PREPARE}"
        seller_id = ask(name, tmp_path, prepare)
        found = ask(name, tmp_path, AT_ONCE, [seller_id, WINDOWS])
    assert found["failed"] == []
    # They did meet.
    assert found["looked"] >= WINDOWS
    assert found["places"] == list(range(1, SIZE + 1))
    assert found["lists"] == [found["items"]] * WINDOWS
    assert found["totals"] == [SIZE]
