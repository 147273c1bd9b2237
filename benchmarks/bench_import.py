"""Time Odoo's import of purchases, against the same import without our addon.

Run in the project's environment: ``python benchmarks/bench_import.py``. It makes two
databases and drops them: one with the addon; the other without, with a bare model that
has the same columns and index on the customer, but neither the unique reference nor
anything else of ours. Two databases, because the addon also extends customers: what that
adds to finding them by name must not be on both sides.
"""

import sys
import tempfile
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from odoo_shell import ask, database  # noqa: E402

ROWS = 5000
CUSTOMERS = 1000
# Both sides take turns by batches, so that what slows the machine for a while hits both.
BATCH = 500
TARGET = 1.3

# Runs in the database with the addon, and opens the other one beside it.
TIME = """
import time
from odoo import api
from odoo.modules.registry import Registry

BARE = "x_bare_purchase"
OURS = "crm.purchase.history"
FIELDS = ["partner_id", "date", "amount", "currency_id", "reference", "channel"]


def make_customers(env):
    names = [{"name": f"Customer {n:04}"} for n in range(job["customers"])]
    env["res.partner"].create(names)


def make_bare_model(env):
    def column(name, kind, **values):
        return (0, 0, {"name": "x_" + name, "ttype": kind, **values})

    def link(name, model, **values):
        return column(name, "many2one", relation=model, required=True,
                      on_delete="restrict", **values)

    columns = [
        link("partner_id", "res.partner", index=True),
        link("company_id", "res.company"),
        column("date", "date", required=True),
        link("currency_id", "res.currency"),
        column("amount", "monetary", currency_field="x_currency_id"),
        column("reference", "char"),
        column("channel", "char"),
    ]
    model = env["ir.model"].create(
        {"name": "Bare Purchase", "model": BARE, "field_id": columns}
    )
    env["ir.default"].set(BARE, "x_company_id", env.company.id)
    env["ir.model.access"].create(
        {"name": "bare", "model_id": model.id, "perm_read": True, "perm_write": True,
         "perm_create": True, "group_id": env.ref("base.group_user").id}
    )


def rows(first, count):
    return [
        [f"Customer {number % job['customers']:04}",
         f"2024-{number % 12 + 1:02}-{number % 28 + 1:02}",
         f"{number % 500 + 0.5:.2f}", "USD", f"REF-{number}", "Shop"]
        for number in range(first, first + count)
    ]


def seconds(env, model, fields, data):
    # A user, not the superuser: his rights and rules are part of an import.
    env = env(user=env.ref("base.user_admin"), su=False)
    model = env[model].with_context(import_file=True, name_create_enabled_fields={})
    started = time.monotonic()
    result = model.load(fields, data)
    env.flush_all()
    spent = time.monotonic() - started
    assert len(result["ids"] or []) == len(data), result["messages"][:3]
    env.cr.commit()
    return spent


def prepare(env, *steps):
    for step in steps:
        step(env)
    env.cr.commit()
    env.cr.execute("ANALYZE res_partner")
    env.cr.commit()


with Registry(job["other"]).cursor() as cr:
    other = api.Environment(cr, api.SUPERUSER_ID, {})
    assert OURS not in other
    prepare(env, make_customers)
    prepare(other, make_customers, make_bare_model)
    other = api.Environment(cr, api.SUPERUSER_ID, {})
    sides = {
        OURS: (env, OURS, FIELDS),
        BARE: (other, BARE, ["x_" + field for field in FIELDS]),
    }
    answer = {name: [] for name in sides}
    # The first batch only warms up.
    for turn, first in enumerate(range(0, job["rows"] + job["batch"], job["batch"])):
        for name in sorted(sides, reverse=turn % 2):
            spent = seconds(*sides[name], rows(first, job["batch"]))
            if turn:
                answer[name].append(spent)
"""


def measure():
    """Make both databases and import into them in turns.

    :return: seconds a batch by model, ours first
    :rtype: dict[str, list[float]]
    """
    job = {"rows": ROWS, "customers": CUSTOMERS, "batch": BATCH}
    with (
        tempfile.TemporaryDirectory() as folder,
        database("bench_import") as name,
        database("bench_bare", addon=False) as job["other"],
    ):
        print("  databases made, importing (about a minute) …", flush=True)
        return ask(name, Path(folder), TIME, job)


def main():
    """Print seconds per 1,000 rows of both models and their ratio.

    :return: exit code, 1 where the target is missed
    :rtype: int
    """
    print(
        f"{ROWS:,} rows of {CUSTOMERS:,} customers by name, in batches of {BATCH} …",
        flush=True,
    )
    medians = []
    for model, spent in measure().items():
        per_thousand = sorted(batch / BATCH * 1000 for batch in spent)
        medians.append(median(per_thousand))
        print(
            f"{model:<22}{medians[-1]:>7.3f} s per 1,000 rows "
            f"(batches from {per_thousand[0]:.3f} to {per_thousand[-1]:.3f})"
        )
    ours, bare = medians
    print(f"Ratio {ours / bare:.2f}, target at most {TARGET}.")
    return int(ours / bare > TARGET)


if __name__ == "__main__":
    sys.exit(main())
