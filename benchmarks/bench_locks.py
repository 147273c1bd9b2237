"""Edit partners all the time while all standings are refreshed.

A process does what Odoo's scheduler does with the nightly job; another one, with eight
threads, writes and creates partners through the ORM, as its server would for eight
people, with Odoo's own way of trying again after a conflict. Meanwhile every 20 ms the
database is asked who waits for a lock, and for whose. Each thread has customers of its
own, so that they do not stand in each other's way: whatever fails, is tried again or
waits, the refresh is the reason.

Run in the project's environment: ``python benchmarks/bench_locks.py``; ``--small`` is the
variant of the tests.
"""

import random
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from statistics import median
from unittest.mock import patch

import generate
from harness import Verdict, base, clone, question
from harness import companies as companies_of

SIZE = (300_000, 600_000)
SMALL = (3_000, 9_000)
CLIENTS = 8
INTERVAL = 0.02
# How long there are edits alone, before and after the refresh.
ALONE = 5

WAITING = """
    SELECT waiting.pid, waiting.application_name, waiting.query
      FROM pg_stat_activity AS waiting
     WHERE waiting.datname = current_database()
       AND waiting.wait_event_type = 'Lock'
       AND waiting.application_name <> %(holder)s
       AND EXISTS (
           SELECT
             FROM unnest(pg_blocking_pids(waiting.pid)) AS blocker
             JOIN pg_stat_activity AS holder ON holder.pid = blocker
            WHERE holder.application_name = %(holder)s)
"""
# The strongest locks on whole tables, which also show that the refresh was seen at work;
# locks on rows are kept in the rows.
HELD = """
    SELECT relation::regclass::text, mode
      FROM pg_locks
      JOIN pg_stat_activity AS holder USING (pid)
     WHERE holder.application_name = %(holder)s
       AND relation IN ('res_partner'::regclass, 'crm_rfm_score'::regclass)
"""


# -- In odoo shell


def refresh_in_odoo(env, job):
    """Do the nightly job, as the scheduler does it.

    :param dict job: ``folder``; ``serializable``, to show what the transaction's own
        isolation is good for: without it
    :return: seconds, and customers of each company that was refreshed
    :rtype: dict
    """
    import os

    from odoo.addons.crm_extended.models.common import crm_company_job_mixin as jobs

    # Renamed when whole: it is read as soon as it is there.
    part = Path(job["folder"]) / "part"
    part.write_text(f"odoo-{os.getpid()}")
    part.rename(part.with_name("refresh"))
    cron = env.ref("crm_extended.ir_cron_rfm_refresh")
    started = time.monotonic()
    with patch.object(
        jobs,
        "read_committed",
        (lambda cr: None) if job["serializable"] else jobs.read_committed,
    ):
        cron.method_direct_trigger()
    spent = time.monotonic() - started
    env.cr.rollback()
    found = env["crm.rfm.refresh"].search([])
    return {"seconds": spent, "customers": found.mapped("customer_count")}


def edit_in_odoo(env, job):
    """Edit partners in as many threads as there are clients, until told to stop.

    :param dict job: ``folder``, ``clients``
    :return: one row an edit: when it began, how long it took, how often it was tried,
        and what went wrong
    :rtype: list
    """
    from odoo.tests import new_test_user

    seller = new_test_user(
        env, "bench_seller", "sales_team.group_sale_salesman_all_leads"
    )
    env.cr.commit()
    folder = Path(job["folder"])
    (folder / "editing").touch()
    with ThreadPoolExecutor(job["clients"]) as pool:
        clients = [
            pool.submit(
                _client, env.registry, seller.id, number, job["clients"], folder
            )
            for number in range(job["clients"])
        ]
    return [edit for client in clients for edit in client.result()]


def _client(registry, user_id, number, clients, folder):
    chance = random.Random(number)
    with registry.cursor() as cr:
        cr.execute(
            """
            SELECT id FROM res_partner
             WHERE name ~ '^(Customer|Contact) [0-9]+$'
               AND commercial_partner_id %% %s = %s
          ORDER BY id
            """,
            [clients, number],
        )
        ids = [id_ for [id_] in cr.fetchall()]
    edits = []
    while not (folder / "stop").exists():
        edits.append(_edit(registry, user_id, chance.choice(ids), len(edits)))
    return edits


def _edit(registry, user_id, partner_id, turn):
    """One request: a transaction of its own, tried again after a conflict."""
    from odoo import api
    from odoo.service.model import retrying

    tries = 0
    error = None

    def request():
        nonlocal tries
        tries += 1
        Partner = env["res.partner"]
        if turn % 20 == 0:
            Partner.create({"name": "New", "parent_id": partner_id})
        else:
            Partner.browse(partner_id).write(
                [
                    {"phone": f"+1 555 {turn:07}", "comment": f"<p>Note {turn}</p>"},
                    {"name": f"Customer {turn}", "city": "Bremen"},
                    {"user_id": user_id},
                    {"email": f"new{turn}@example.com", "user_id": False},
                ][turn % 4]
            )

    began, started = time.time(), time.monotonic()
    with registry.cursor() as cr:
        env = api.Environment(cr, user_id, {})
        try:
            retrying(request, env)
        except Exception as problem:  # noqa: BLE001, whatever the client would be told
            error = repr(problem)
    return [began, time.monotonic() - started, tries, error]


# -- Outside


class Watch(threading.Thread):
    """Ask the database every 20 ms who waits for the refresh."""

    def __init__(self, name, folder):
        super().__init__()
        self.name_of_database = name
        self.folder = folder
        self.over = threading.Event()
        self.samples = 0
        self.waiting = []
        self.held = set()

    def run(self):
        while not (self.folder / "refresh").exists() and not self.over.is_set():
            time.sleep(INTERVAL)
        holder = {"holder": (self.folder / "refresh").read_text()}
        with (
            closing(generate.connect(self.name_of_database)) as connection,
            connection.cursor() as cr,
        ):
            while not self.over.is_set():
                cr.execute(WAITING, holder)
                self.waiting += cr.fetchall()
                cr.execute(HELD, holder)
                self.held.update(cr.fetchall())
                self.samples += 1
                time.sleep(INTERVAL)


def measure(base_name, size, clients=CLIENTS, alone=ALONE, serializable=False):
    """Refresh under edits.

    :param str base_name: database to start from
    :param size: customers and invoices
    :param int clients: how many edit at the same time
    :param float alone: seconds of edits before and after the refresh
    :param bool serializable: see :func:`refresh_in_odoo`
    :return: what :func:`refresh_in_odoo` found, with ``edits``, ``samples``, ``waiting``
        and ``held``
    :rtype: dict
    """
    companies = companies_of(base_name)
    with (
        clone(base_name, "locks") as name,
        tempfile.TemporaryDirectory() as folder,
        ThreadPoolExecutor() as pool,
    ):
        generate.fill(name, companies, *size)
        job = {"folder": folder, "clients": clients, "serializable": serializable}
        folder = Path(folder)
        watch = Watch(name, folder)
        try:
            edits = pool.submit(_ask, name, "edit_in_odoo", job)
            while not (folder / "editing").exists() and not edits.done():
                time.sleep(INTERVAL)
            time.sleep(alone)
            watch.start()
            answer = _ask(name, "refresh_in_odoo", job)
            watch.over.set()
            time.sleep(alone)
        finally:
            watch.over.set()
            (folder / "stop").touch()
        return {
            **answer,
            "edits": edits.result(),
            "samples": watch.samples,
            "waiting": watch.waiting,
            "held": sorted(watch.held),
        }


def _ask(name, function, job):
    script = f"import bench_locks\nanswer = bench_locks.{function}(env, job)"
    return question(name, script, job)


def report(answer):
    """Print the figures beside their targets.

    :return: exit code, 1 where a target is missed
    :rtype: int
    """
    verdict = Verdict()
    edits = answer["edits"]
    took = [spent for _began, spent, _tries, _error in edits]
    print(
        f"Refreshed {answer['customers']} customers in {answer['seconds']:.1f} s; "
        f"{len(edits):,} edits by {CLIENTS} clients, median {median(took) * 1000:.0f} ms, "
        f"longest {max(took) * 1000:.0f} ms; {answer['samples']:,} samples of the locks."
    )
    print("Locks of the refresh on tables:", answer["held"])
    failed = [error for *_others, error in edits if error]
    for error in failed[:3]:
        print(error)
    for wait in answer["waiting"][:3]:
        print(wait)
    verdict.none("companies not refreshed", 2 - len(answer["customers"]))
    verdict.none("edits that failed", len(failed))
    verdict.none("edits tried again", sum(tries > 1 for _b, _s, tries, _e in edits))
    verdict.none("samples of somebody waiting for the refresh", len(answer["waiting"]))
    return verdict.exit_code


def main(size):
    customers, invoices = size
    print(f"{customers:,} customers, {invoices:,} invoices …", flush=True)
    with base() as name:
        answer = measure(name, size)
    return report(answer)


if __name__ == "__main__":
    sys.exit(main(SMALL if "--small" in sys.argv[1:] else SIZE))
