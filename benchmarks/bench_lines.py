"""Time sums over the lines of purchases, against one bare aggregate of the same lines.

Three million product lines of a million invoices and credit notes of two companies, with
as many products as a shop has. The margin of each customer of one company through
``crm.customer.margin``, in turns with one bare ``SELECT partner_id, sum(balance),
sum(quantity * cost) … GROUP BY partner_id`` over the same journal items. Beside it: revenue
per customer and per product category through ``crm.customer.purchase.line``, and the first
page of one customer's lines.

Run in the project's environment: ``python benchmarks/bench_lines.py``; ``--small`` is the
variant of the tests.
"""

import sys
import time
from contextlib import closing
from statistics import median

import generate
from harness import Verdict, base, clone, question
from harness import companies as companies_of

# Customers, invoices, lines of each invoice, products.
SIZE = (300_000, 1_000_000, 3, 2_000)
SMALL = (300, 3_000, 3, 50)
RUNS = 5

RATIO_TARGET = 3
# Of the general query, which one statement answers with one process.
LINES_TARGET = 5
# Prices of all lines are read, and the currency of each document.
DISCOUNT_TARGET = 10
PAGE_TARGET = 100

# Of the same lines, what they brought; and what they cost, too.
BARE = """
    SELECT partner_id, sum(balance)
      FROM account_move_line
     WHERE display_type = 'product' AND parent_state = 'posted' AND company_id = %s
  GROUP BY partner_id
"""
BARE_MARGIN = """
    SELECT line.partner_id, -sum(line.balance), sum(line.quantity * product.cost)
      FROM account_move_line AS line
      JOIN (SELECT id, (standard_price ->> %s)::numeric AS cost
              FROM product_product OFFSET 0) AS product ON product.id = line.product_id
     WHERE line.display_type = 'product' AND line.parent_state = 'posted'
       AND line.company_id = %s
  GROUP BY line.partner_id
"""


def fill(name, companies, products, invoices, each):
    """Make invoices of several lines each.

    :param str name: database
    :param list products: ids of their first and last one
    :param tuple invoices: how many customers and invoices
    :param int each: lines of an invoice; the last one gets what is left of its amount
    """
    generate.fill(name, companies, *invoices)
    with (
        closing(generate.connect(name)) as connection,
        connection.cursor() as cr,
        generate.bulk(cr, "account_move_line"),
    ):
        # Those of deposits would be counted beside ours.
        cr.execute("DELETE FROM account_move_line WHERE display_type = 'product'")
        cr.execute(
            """
                INSERT INTO account_move_line (
                            move_id, company_id, currency_id, account_id, partner_id,
                            display_type, parent_state, product_id, quantity, balance,
                            amount_currency, debit, credit, date, price_subtotal,
                            price_unit, discount)
                     SELECT move.id, move.company_id, move.currency_id,
                            (SELECT min(id) FROM account_account),
                            move.commercial_partner_id, 'product', move.state,
                            %(first)s + floor(pg_temp.u(move.id * 8 + n, 31)
                                              * (%(last)s - %(first)s + 1))::int,
                            1 + n, balance, balance, GREATEST(balance, 0),
                            GREATEST(-balance, 0), move.date,
                            sign * -balance, sign * -balance / (1 + n) / (1 - percent / 100.0),
                            percent
                       FROM account_move AS move
                 CROSS JOIN generate_series(1, %(each)s) AS n
                 CROSS JOIN LATERAL (
                            SELECT round(move.amount_untaxed_signed / %(each)s, 2) AS part
                            ) AS share
                 CROSS JOIN LATERAL (
                            SELECT CASE WHEN move.move_type = 'out_refund' THEN -1
                                        ELSE 1 END AS sign,
                                   -- Every other line has a discount.
                                   (move.id + n) %% 2 * 10 AS percent
                            ) AS price
                 CROSS JOIN LATERAL (
                            SELECT -CASE WHEN n < %(each)s THEN part
                                         ELSE move.amount_untaxed_signed
                                              - part * (%(each)s - 1) END AS balance
                            ) AS line
                      WHERE move.move_type IN ('out_invoice', 'out_refund')
                   ORDER BY move.id
                """,
            {"first": products[0], "last": products[1], "each": each},
        )


# -- In odoo shell


def make_products(env, count):
    """Products of some categories, with costs.

    :return: ids of the first and the last one
    """
    categories = env["product.category"].create(
        [{"name": f"Category {number}"} for number in range(20)]
    )
    products = env["product.product"].create(
        [
            {
                "name": f"Product {number}",
                "categ_id": categories[number % 20].id,
                # One in ten has none.
                "standard_price": number % 10,
            }
            for number in range(count)
        ]
    )
    env.cr.commit()
    return [min(products.ids), max(products.ids)]


def _question(by, what="amount"):
    """Ours, as the ORM asks it for one company."""

    def ask(env):
        line = env["crm.customer.purchase.line"]
        from odoo.tools import SQL

        return env.execute_query(
            SQL(
                "SELECT %s, sum(%s) FROM %s AS line WHERE company_id = %s GROUP BY 1",
                SQL.identifier(by),
                SQL.identifier(what),
                line._of_company(env.company),
                env.company.id,
            )
        )

    return ask


def _bare(env):
    env.cr.execute(BARE, [env.company.id])
    return env.cr.fetchall()


def _bare_margin(env):
    env.cr.execute(BARE_MARGIN, [str(env.company.id), env.company.id])
    return env.cr.fetchall()


def _margins(env):
    from odoo.tools import SQL

    margins = env["crm.customer.margin"]
    return env.execute_query(
        SQL(
            "SELECT partner_id, revenue, margin FROM %s AS margin WHERE company_id = %s",
            margins._table_sql,
            env.company.id,
        )
    )


def _page(env):
    lines = env["crm.customer.purchase.line"]
    domain = [("partner_id", "=", env.context["bench_partner"])]
    return lines.search_read(domain, ["date", "amount", "product_id"], limit=80)


def measure_in_odoo(env, job):
    """Take all times, in turns.

    :param dict job: ``runs``
    :return: seconds by figure, and what was found
    :rtype: dict
    """
    from odoo.addons.crm_extended.models.common.bulk_sql import tune_for_bulk

    env.cr.execute("ANALYZE")
    env.cr.execute(
        """
        SELECT commercial_partner_id FROM account_move
         WHERE state = 'posted' AND company_id = %s
      GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1 OFFSET 50
        """,
        [env.company.id],
    )
    [partner] = env.cr.fetchone()
    # All purchases, and so all of the lines.
    env.company.rfm_window_months = 0
    env = env(
        context={
            **env.context,
            "bench_partner": partner,
            "allowed_company_ids": env.company.ids,
        }
    )
    asked = {
        "bare": _bare,
        "bare_margin": _bare_margin,
        "margins": _margins,
        "customers": _question("partner_id"),
        "categories": _question("categ_id"),
        "discounts": _question("partner_id", "discount"),
        "page": _page,
    }
    answer = {name: [] for name in asked}
    found = {}
    for number in range(job["runs"] + 1):
        for name, ask in asked.items():
            env.cr.commit()
            env.invalidate_all()
            if name != "page":
                tune_for_bulk(env)
            started = time.perf_counter()
            found[name] = ask(env)
            # The first round only warms up.
            if number:
                answer[name].append(time.perf_counter() - started)
    bare = {customer: -total for customer, total in found["bare"] if total}
    ours = {customer: total for customer, total in found["customers"] if total}
    margins = {
        customer: total for customer, total, _margin in found["margins"] if total
    }
    answer["wrong"] = sum(
        len({bare.get(key), ours.get(key), margins.get(key)}) > 1
        for key in bare.keys() | ours.keys() | margins.keys()
    )
    answer["found"] = len(ours)
    return answer


# -- Outside


def measure(base_name, size, runs=RUNS):
    """Make the shop and take all figures.

    :param tuple size: as :data:`SIZE`
    """
    customers, invoices, each, products = size
    start = "import bench_lines\nanswer = bench_lines."
    with clone(base_name, "lines") as name:
        made = question(name, start + "make_products(env, job)", products)
        fill(name, companies_of(name), made, (customers, invoices), each)
        return question(name, start + "measure_in_odoo(env, job)", {"runs": runs})


def report(answer):
    """Print the figures beside their targets.

    :return: exit code, 1 where a target is missed
    :rtype: int
    """
    verdict = Verdict()
    for name, what, floor, target in (
        ("margins", "margin of customers", "bare_margin", RATIO_TARGET),
        ("customers", "revenue of customers", "bare", LINES_TARGET),
        ("categories", "revenue of categories", "bare", LINES_TARGET),
        ("discounts", "discount of customers", "bare", DISCOUNT_TARGET),
    ):
        seconds, bare = median(answer[name]), median(answer[floor])
        print(f"{what:<58}{seconds:>10,.2f} s, bare {bare:,.2f} s")
        verdict.most(f"{what} / bare", seconds / bare, target)
    verdict.most(
        "first page of a customer", median(answer["page"]) * 1000, PAGE_TARGET, " ms"
    )
    verdict.none("customers with another sum than the bare aggregate", answer["wrong"])
    return verdict.exit_code


def main(size):
    print(f"{size[1] * size[2]:,} lines …", flush=True)
    with base() as name:
        return report(measure(name, size))


if __name__ == "__main__":
    sys.exit(main(SMALL if "--small" in sys.argv else SIZE))
