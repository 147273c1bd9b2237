"""Time products bought together against mlxtend's fpgrowth, and recommendations against a
page of products.

A million lines of 250,000 invoices of one company, with products that are bought as in a
shop: few of them often, many seldom, some together. The pairs of orders, from the lines to
the written records, at a least support of 0.5%; beside them ``fpgrowth`` with ``max_len=2``
over the same baskets, in a process of its own and after they have been put into the matrix
that it wants. Then both once more from lines to pairs: here from Odoo's journal items, less
what was taken back; there from a table of what is left of them, which is read, put into
baskets, and these into the matrix. Recommendations for a contact are held
against Odoo's own ``search_fetch`` of ten products, in turns.

Run in the project's environment: ``python benchmarks/bench_pairs.py``; ``--small`` is the
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
SIZE = (60_000, 250_000, 4, 2_000)
SMALL = (300, 2_000, 4, 50)
RUNS = 3
# Of the baskets, in percent.
SUPPORT = 0.5

PEER_TARGET = 1
MEMORY_TARGET = 200
PAGE_TARGET = 2
QUERIES_TARGET = 2
CONTACTS = 50

LINES = """
    INSERT INTO account_move_line (
                move_id, company_id, currency_id, account_id, partner_id, display_type,
                parent_state, product_id, quantity, balance, amount_currency, debit,
                credit, date, price_subtotal)
         SELECT move.id, move.company_id, move.currency_id,
                (SELECT min(id) FROM account_account), move.commercial_partner_id,
                'product', move.state, %(first)s + item, 1, -10, -10, 0, 10, move.date, 10
           FROM account_move AS move
     CROSS JOIN generate_series(1, %(each)s) AS n
     CROSS JOIN LATERAL (
                -- Every second line has what goes with the line before it, or chance has.
                SELECT CASE WHEN n %% 2 = 0 AND pg_temp.u(move.id, 41) < 0.5
                            THEN (other + 7) %% %(products)s
                            ELSE own END AS item
                  FROM (SELECT floor(%(products)s * power(
                                   pg_temp.u(move.id * 8 + n, 31), 3))::int AS own,
                               floor(%(products)s * power(
                                   pg_temp.u(move.id * 8 + n - 1, 31), 3))::int AS other
                       ) AS drawn
                ) AS chosen
          WHERE move.move_type = 'out_invoice'
       ORDER BY move.id
"""


def fill(name, company, products, invoices, each):
    """Make invoices of several lines each.

    :param str name: database
    :param list products: ids of their first and last one
    :param tuple invoices: how many customers and invoices
    """
    generate.fill(name, [company, company], *invoices)
    with (
        closing(generate.connect(name)) as connection,
        connection.cursor() as cr,
        generate.bulk(cr, "account_move_line"),
    ):
        cr.execute("DELETE FROM account_move_line WHERE display_type = 'product'")
        first, last = products
        cr.execute(LINES, {"first": first, "products": last - first + 1, "each": each})


# -- In odoo shell


def make_products(env, count):
    """:return: ids of the first and the last one"""
    products = env["product.product"].create(
        [
            {"name": f"Product {number}", "default_code": f"P{number}", "type": "consu"}
            for number in range(count)
        ]
    )
    env.cr.commit()
    return [min(products.ids), max(products.ids)]


def _memory() -> float:
    """The most memory that this process has had, in MiB."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure_in_odoo(env, job):
    """Find the pairs of orders, and leave the baskets for the peer.

    :param dict job: ``runs``
    """
    from odoo.addons.crm_extended.analytics.insight.pairs import least_baskets
    from odoo.addons.crm_extended.models.insight import pair_queries

    env["crm.feature"]._switch(insight=True)
    env.cr.execute("ANALYZE")
    company = env.company
    # All purchases.
    company.write({"pair_months": 120, "pair_min_baskets": 1, "pair_min_together": 1})
    company.pair_min_percent = SUPPORT
    runs = env["crm.product.pair.run"]
    # Of how many baskets: the least support of both, as a number.
    run = runs._begin(company)
    run._count("order")
    company.pair_min_together = least_baskets(run.order_count, 1, SUPPORT)
    answer = {"seconds": [], "whole": []}
    answer |= {"baskets": run.order_count, "left_out": run.order_left_out}
    env.cr.commit()
    before = _memory()
    for _number in range(job["runs"]):
        env.cr.execute("DELETE FROM crm_product_pair")
        pair_queries.drop_tables(env.cr, with_lines=True)
        env.flush_all()
        env.cr.commit()
        started = time.perf_counter()
        run = runs._begin(company)
        run._count("order")
        env.flush_all()
        answer["whole"].append(time.perf_counter() - started)
        # Once more, of the same lines, as the peer has its baskets.
        env.cr.execute("DELETE FROM crm_product_pair")
        env.flush_all()
        started = time.perf_counter()
        run._count("order")
        env.flush_all()
        answer["seconds"].append(time.perf_counter() - started)
    answer["memory"] = _memory() - before
    pairs = env["crm.product.pair"].search([("unit", "=", "order")])
    answer["pairs"] = {
        f"{pair.product_a_id.id}-{pair.product_b_id.id}": pair.count_both
        for pair in pairs
    }
    env.cr.execute(
        """
        CREATE TABLE bench_basket AS
        SELECT basket, item FROM pg_temp.crm_pair_basket ORDER BY hashint8(basket)
        """
    )
    started = time.perf_counter()
    run._count("customer")
    env.flush_all()
    answer["customers"] = time.perf_counter() - started
    answer["customer_baskets"] = [run.customer_count, run.customer_left_out]
    env.cr.commit()
    return answer


def recommend_in_odoo(env, job):
    """Recommendations for contacts, in turns with a page of products."""
    company = env.company
    company.write({"pair_min_together": 10, "pair_min_percent": 0.1})
    env["crm.product.pair"]._update(company)
    env["crm.customer.product"]._refresh(company)
    env.cr.commit()
    env.cr.execute("ANALYZE crm_customer_product; ANALYZE crm_product_pair")
    env.cr.execute(
        """
        SELECT partner_id FROM crm_customer_product WHERE company_id = %s
      GROUP BY 1 ORDER BY hashint4(partner_id) LIMIT %s
        """,
        [company.id, CONTACTS],
    )
    partners = env["res.partner"].browse([id_ for [id_] in env.cr.fetchall()])
    # As a user of sales works: not as superuser.
    boss = env.ref("base.user_admin")
    env = env(user=boss, context={"allowed_company_ids": company.ids, "tz": "UTC"})
    recommendation = env["crm.product.recommendation"]
    products = env["product.product"]
    found, queries = 0, 0
    answer = {"ours": [], "unread": [], "page": []}
    for number, partner in enumerate(partners.with_env(env)):
        times = {name: [] for name in answer}
        for _round in range(3):
            for name, ask in (
                ("page", lambda: products.search_fetch([], limit=10)),
                # Pages and forms ask first whether the user may read the contact, which
                # reads it.
                ("ours", lambda who=partner: recommendation._recommend(who, company)),
                ("unread", lambda who=partner: recommendation._recommend(who, company)),
            ):
                products.invalidate_model()
                env["product.template"].invalidate_model()
                partner.invalidate_model()
                if name == "ours":
                    partner.check_access("read")
                before = env.cr.sql_log_count
                started = time.perf_counter()
                result = ask()
                times[name].append(time.perf_counter() - started)
                if name != "page" and number:
                    queries = max(queries, env.cr.sql_log_count - before)
        found += bool(result)
        if number:
            for name, each in times.items():
                answer[name].append(min(each))
    return answer | {"queries": queries, "found": found}


# -- Outside


def peer(name, runs):
    """The pairs that mlxtend finds over the same baskets.

    :return: seconds from its matrix, and from the lines of the baskets in the database;
        and numbers by pair
    """
    from collections import defaultdict

    import pandas as pd
    from mlxtend.frequent_patterns import fpgrowth
    from mlxtend.preprocessing import TransactionEncoder

    seconds, whole = [], []
    for _number in range(runs):
        started = time.perf_counter()
        with closing(generate.connect(name)) as connection, connection.cursor() as cr:
            cr.execute("SELECT basket, item FROM bench_basket")
            lines = cr.fetchall()
        by_basket = defaultdict(list)
        for basket, item in lines:
            by_basket[basket].append(item)
        baskets = list(by_basket.values())
        encoder = TransactionEncoder()
        matrix = encoder.fit(baskets).transform(baskets)
        frame = pd.DataFrame(matrix, columns=encoder.columns_)
        begun = time.perf_counter()
        sets = fpgrowth(frame, min_support=SUPPORT / 100, max_len=2, use_colnames=True)
        done = time.perf_counter()
        seconds.append(done - begun)
        whole.append(done - started)
    pairs = {
        "-".join(map(str, sorted(items))): round(support * len(baskets))
        for support, items in zip(sets["support"], sets["itemsets"], strict=True)
        if len(items) == 2
    }
    return seconds, whole, pairs


def measure(base_name, size, runs=RUNS):
    """Make the shop and take all figures.

    :param tuple size: as :data:`SIZE`
    """
    customers, invoices, each, products = size
    start = "import bench_pairs\nanswer = bench_pairs."
    with clone(base_name, "pairs") as name:
        made = question(name, start + "make_products(env, job)", products)
        fill(name, companies_of(name)[0], made, (customers, invoices), each)
        answer = question(name, start + "measure_in_odoo(env, job)", {"runs": runs})
        theirs = ("peer", "peer_whole", "peer_pairs")
        answer |= zip(theirs, peer(name, runs), strict=True)
        answer |= question(name, start + "recommend_in_odoo(env, job)")
        return answer


def report(answer):
    """Print the figures beside their targets.

    :return: exit code, 1 where a target is missed
    :rtype: int
    """
    verdict = Verdict()
    ours, theirs = median(answer["seconds"]), median(answer["peer"])
    whole, matrix = median(answer["whole"]), median(answer["peer_whole"])
    print(
        f"{answer['baskets']:,} baskets, {answer['left_out']:,} left out, "
        f"{len(answer['pairs']):,} pairs; orders {ours:.2f} s, fpgrowth {theirs:.2f} s; "
        f"from journal items {whole:.2f} s, fpgrowth from lines {matrix:.2f} s; "
        f"customers, of the same lines, {answer['customers']:.2f} s "
        f"({answer['customer_baskets'][0]:,})"
    )
    verdict.most("pairs of orders / fpgrowth", ours / theirs, PEER_TARGET)
    verdict.most(
        "from journal items / fpgrowth from lines", whole / matrix, PEER_TARGET
    )
    verdict.most("memory in Odoo's process", answer["memory"], MEMORY_TARGET, " MiB")
    different = answer["pairs"].items() ^ answer["peer_pairs"].items()
    verdict.none("pairs that differ", len(different))
    mine, page = median(answer["ours"]), median(answer["page"])
    unread = median(answer["unread"])
    print(
        f"recommendations {mine * 1000:.2f} ms, for a contact that was not read yet "
        f"{unread * 1000:.2f} ms, ten products {page * 1000:.2f} ms; "
        f"{answer['found']} of {CONTACTS} contacts have some"
    )
    verdict.most("recommendations / ten products", mine / page, PAGE_TARGET)
    verdict.most("queries for a contact", answer["queries"], QUERIES_TARGET)
    return verdict.exit_code


def main(size):
    print(f"{size[1] * size[2]:,} lines …", flush=True)
    with base() as name:
        return report(measure(name, size))


if __name__ == "__main__":
    sys.exit(main(SMALL if "--small" in sys.argv else SIZE))
