"""The benchmarks run, in their small variants; what depends on no clock is looked at.

Times are for ``make bench``: on a machine that does other work they say nothing.
"""

import sys

import pytest
from odoo_shell import ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))
import bench_agenda  # noqa: E402
import bench_care  # noqa: E402
import bench_cohort  # noqa: E402
import bench_forecast  # noqa: E402
import bench_kano  # noqa: E402
import bench_lifecycle  # noqa: E402
import bench_lines  # noqa: E402
import bench_locks  # noqa: E402
import bench_loyalty  # noqa: E402
import bench_month  # noqa: E402
import bench_pairs  # noqa: E402
import bench_partners  # noqa: E402
import bench_plan  # noqa: E402
import bench_policy  # noqa: E402
import bench_queries  # noqa: E402
import bench_refresh  # noqa: E402
import bench_silence  # noqa: E402
import bench_timeline  # noqa: E402
import bench_uplift  # noqa: E402
import generate  # noqa: E402
import harness  # noqa: E402


@pytest.fixture(scope="module")
def base():
    with harness.base() as name:
        yield name


@pytest.fixture(scope="module")
def refreshes(base):
    return bench_refresh.measure(base, bench_refresh.SMALL, runs=2)


def test_refresh_gives_what_the_peer_gives(refreshes):
    [small, _large] = refreshes
    assert small["customers"] > 300
    assert small["differences"] == 0


def test_refresh_needs_no_more_memory_for_more_customers(refreshes):
    for answer in refreshes:
        assert answer["memory"] < bench_refresh.MEMORY_TARGET
    small, large = refreshes
    assert large["customers"] > 9 * small["customers"]
    assert large["memory"] - small["memory"] < 20


def test_daily_refresh_finds_new_and_moved_customers(refreshes):
    for answer in refreshes:
        first, second = answer["found"]
        assert first["added_count"] > 0 and first["removed_count"] == 0
        assert 0 < first["moved_count"] < first["customer_count"] / 4
        assert second["customer_count"] == (
            first["customer_count"] + second["added_count"]
        )


def test_times_are_taken_of_everything(refreshes, capsys):
    for answer in refreshes:
        for name in ("floor", "first", "daily_floor", "daily"):
            assert len(answer[name]) == 2 and min(answer[name]) > 0
    bench_refresh.report(bench_refresh.SMALL, refreshes)
    said = capsys.readouterr().out
    for target in (
        "first refresh / floor",
        "daily refresh / floor",
        "memory above idle",
        "time an invoice, 30,000 against a tenth",
    ):
        assert target in said


def test_a_daily_assessment_of_tiers_changes_one_in_two_hundred(base, capsys):
    sizes = bench_loyalty.SMALL[1:]
    [answer] = bench_loyalty.measure(base, sizes, runs=1)
    [found] = answer["found"]
    assert found["member_count"] > 3_000
    assert found["risen_count"] == found["fallen_count"] > 5
    assert answer["memory"] < bench_loyalty.MEMORY_TARGET
    assert answer["wrong"] == [0]
    assert answer["rewritten"] == 0
    bench_loyalty.report(sizes, [answer])
    assert "daily assessment / floor" in capsys.readouterr().out


def test_partners_are_grouped_as_their_scores(base):
    answer = bench_partners.measure(base, bench_partners.SMALL, runs=1)
    partners, scores = (
        answer["found"][f"{kind} by segment"] for kind in ("partners", "scores")
    )
    nobody = partners.pop("")
    assert nobody[0] is False
    assert partners == scores
    assert sum(count for _amount, count in scores.values()) == bench_partners.SMALL
    assert len(answer["found"]["page"]) == bench_partners.PAGE
    assert answer["found"]["count"] == scores["At Risk"][1]


def test_the_timeline_asks_no_more_for_more_entries(base):
    answer = bench_timeline.measure(base, bench_timeline.SMALL)
    assert set(answer["sizes"].values()) == {bench_timeline.PAGE}
    queries = answer["queries"]
    # What the first page tells of counts is asked for on later ones, by kind.
    assert queries["many"] <= queries["few"] + 5
    assert queries["deep"] <= queries["many"] + 25
    assert queries["company"] <= queries["contact"] + 5
    for kind, name in (("email", "mails"), ("note", "notes")):
        assert queries[f"many_{name}"] <= queries[f"few_{name}"]
        for size in ("few", "many"):
            assert answer["counts"][f"{size}_{name}"] == {kind: 100}
    many = answer["counts"]["many"]
    assert many == answer["counts"]["deep"]
    assert many["email"] == many["interaction"] == 100
    assert 0 < answer["counts"]["few"]["email"] < 100


def test_silence_is_found_as_by_a_plain_date(base):
    answer = bench_silence.measure(
        base, bench_silence.SMALL, runs=1, clients=3, posts=4
    )
    found = answer["found"]
    for what in ("silent, with columns", "count"):
        plain, joined = (found[f"{name}: {what}"] for name in bench_silence.NAMES)
        assert plain == joined, what
    assert len(found["last_contact_date: sorted only"]) == bench_silence.PAGE
    groups = dict(found["groups by range"])
    assert groups["d999"] > 500 and groups["never"] > 500
    first, second = answer["checks"]
    assert first[1] > bench_silence.SMALL / 2
    assert second[1:] == [0, 0]
    post = answer["post"]
    assert (post["failures"], post["posts"]) == ([], 12)
    # Posts of the same second share a row: messages know no smaller time.
    assert 1 <= post["rows"] <= 13
    assert post["statements"] <= bench_silence.STATEMENT_TARGET


def test_sums_over_lines_are_those_of_a_bare_aggregate(base):
    answer = bench_lines.measure(base, bench_lines.SMALL, runs=1)
    assert answer["found"]
    assert answer["wrong"] == 0


def test_pairs_are_those_of_fpgrowth(base):
    answer = bench_pairs.measure(base, bench_pairs.SMALL, runs=1)
    assert answer["pairs"] == answer["peer_pairs"]
    assert len(answer["pairs"]) > 50
    assert answer["memory"] <= bench_pairs.MEMORY_TARGET
    assert answer["queries"] <= bench_pairs.QUERIES_TARGET
    assert answer["found"]


def test_stages_are_those_of_the_analytics(base):
    answer = bench_lifecycle.measure(base, bench_lifecycle.SMALL, runs=2)
    assert answer["customers"]
    assert answer["wrong"] == 0
    for found in answer["found"]:
        # Only of customers who bought on that day.
        assert 0 < found["pattern_count"] <= bench_lifecycle.SMALL[1] * 0.001


def test_the_policy_answers_for_all_at_once(base):
    even, skewed = bench_policy.measure(base, bench_policy.SMALL, runs=1)
    for answer in (even, skewed):
        assert answer["asked"] == sum(answer["reasons"].values()) == bench_policy.ASKED
        assert answer["queries"] <= bench_policy.QUERIES_TARGET
        assert answer["all"] == bench_policy.SMALL
        assert len(answer["ours"]) == len(answer["bare"]) == 1
        assert {"None", "refused", "no_address"} < set(answer["reasons"])
    assert "limit" in skewed["reasons"]


def test_everyday_work_costs_no_more_queries_than_promised(base):
    counts = bench_queries.measure(base)
    assert set(bench_queries.TARGETS) < set(counts)
    assert min(min(pair) for pair in counts.values()) > 0
    for what, most in bench_queries.TARGETS.items():
        ours, without = counts[what]
        assert ours - without <= most, what


def test_nobody_waits_for_a_refresh_or_fails_by_it(base):
    answer = bench_locks.measure(base, bench_locks.SMALL, clients=4, alone=1)
    assert len(answer["customers"]) == 2
    assert ["res_partner", "RowShareLock"] in [list(lock) for lock in answer["held"]]
    assert answer["waiting"] == []
    edits = answer["edits"]
    assert len(edits) > 20
    assert [edit for edit in edits if edit[3]] == []
    assert {tries for _began, _spent, tries, _error in edits} == {1}


def test_the_same_seed_makes_the_same_shop(base):
    shops = []
    companies = harness.companies(base)
    for seed in (1, 1, 2):
        with harness.clone(base, "seed") as name:
            generate.fill(name, companies, 200, 2000, seed=seed)
            shops.append(shop(name))
    assert shops[0] == shops[1] != shops[2]
    documents = shops[0]
    assert len(documents) == 2000
    assert len({customer for customer, *_others in documents}) == 200
    assert len({company for _c, company, *_others in documents}) == 2
    refunds = sum(amount < 0 for *_others, amount in documents)
    assert 0.02 < refunds / len(documents) < 0.08


def shop(name):
    """Customer, company, day and amount of all documents."""
    connection = generate.connect(name)
    try:
        cr = connection.cursor()
        cr.execute(
            """
            SELECT commercial_partner_id, company_id, invoice_date,
                   amount_untaxed_signed
              FROM account_move
          ORDER BY id
            """
        )
        return cr.fetchall()
    finally:
        connection.close()


def test_the_desk_of_care_takes_as_many_queries_with_many_cases(base, capsys):
    few, many = bench_care.measure(base, bench_care.SMALL, bench_care.SMALL_FIRINGS)
    assert many["cases"] > 20 * few["cases"]
    assert many["queries"] == few["queries"]
    assert [count for count, _seconds in many["firings"]] == list(
        bench_care.SMALL_FIRINGS
    )
    assert len(many["pivots"]) == len(bench_care.PIVOTS)
    for pivot in many["pivots"].values():
        assert pivot["pivot_total"] == pytest.approx(pivot["bare_total"])
    bench_care.report(few, many)
    assert "opening a case, many to few" in capsys.readouterr().out


def test_a_days_list_takes_as_many_queries_with_many_customers(base, capsys):
    answer = bench_agenda.measure(base, bench_agenda.SMALL, runs=1)
    bench_agenda.report(answer)
    assert "customers, list first / contacts" in capsys.readouterr().out
    for what in ("first", "again"):
        few, many = answer[f"few: {what}"], answer[f"many: {what}"]
        assert few["rows"] == many["rows"] == 20
        assert max(few["queries"], many["queries"]) <= bench_agenda.QUERY_TARGET
        # Sentences of each kind of reasons may take queries of their own.
        if few["kinds"] == many["kinds"]:
            assert few["queries"] == many["queries"]


def test_a_look_at_care_plans_costs_as_much_with_many_customers(base, capsys):
    answer = bench_plan.measure(base, bench_plan.SMALL)
    bench_plan.report(answer)
    assert "enroll / floor" in capsys.readouterr().out
    assert answer["enrolled"] == bench_plan.SMALL["enrolled"]
    for kind in bench_plan.TARGETS:
        assert min(answer[kind]) > 0
    few, many = answer["buffers"]
    assert many - few <= bench_plan.BUFFERS_TARGET
    # One batch more takes as many queries, with however many customers.
    few, many = answer["queries"]
    assert many <= few + bench_plan.QUERIES_TARGET


def test_intervals_of_results_hold_the_truth_more_often_than_plain_ones():
    """Draws are by a seed: the same each time."""
    ours, welch, width = bench_uplift.coverage(1000, 1.5, draws=500)
    assert 0.92 < ours < 0.98
    assert welch < ours - 0.03
    assert width < 0.8


def test_cohorts_and_flow_of_a_shop(base):
    answer = bench_cohort.measure(base, bench_cohort.SMALL, runs=1)
    assert answer["customers"] > 100 and answer["cohorts"] > 12
    assert answer["open"] == 0


def test_the_dashboard_reads_as_much_with_ten_times_the_transactions(base):
    answers = bench_month.measure(base, bench_month.SMALL, runs=1)
    few, many = answers
    assert few["rows"] > 100 and many["rows"] > 100
    assert many["buffers"] <= bench_month.BUFFERS_TARGET * few["buffers"]
    assert few["changed"] == many["changed"] == 0


def test_the_kano_page_counts_what_a_peer_counts():
    with harness.database("bench_kano", kind="bridged") as name:
        harness.prepare_companies(name)
        answers = bench_kano.measure(name, bench_kano.SMALL, runs=1)
    for answer in answers:
        assert answer["lines"] > 2_000 and len(answer["found"]) == 6
        assert answer["found"] == answer["peer"]
        assert len({answer["queries"][kind] for kind in bench_kano.TIMES[1:]}) == 1


def test_forecasts_are_those_of_the_peer():
    answers = bench_forecast.measure_arithmetic(bench_forecast.SMALL_SIZES[:1])
    [answer] = answers
    for name, value in answer["peer"]["parameters"].items():
        assert answer["parameters"][name] == pytest.approx(value, rel=1e-3)


def test_a_run_of_forecasts_needs_little_memory(base):
    answer = bench_forecast.measure_run(base, bench_forecast.SMALL_SHOP, runs=1)
    assert answer["memory"] < bench_forecast.MEMORY_TARGET
    assert answer["rows"] > 2_000
    assert {model["kind"] for model in answer["models"]} <= {"bg", "mbg"}
