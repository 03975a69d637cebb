"""The arithmetic of the cost page, with counts that are small enough to check by hand."""

import msgspec
import pytest

from bench import calibration, cost, prices
from bench.capacity import Capacity, Units
from bench.counts import BenchmarkCounts
from bench.handlers import Load
from bench.stack import StackContents

CAPACITY = Capacity(
    routes=8,
    pods=1,
    active_share=1.0,
    push=Units(10, 5, 3),
    raw_item_writes=9,
    rollup=Units(12, 28, 16),
    status_book_writes=18,
    hour_close=Units(76, 100, 180),
    day_close=Units(84, 60, 100),
    answers={
        "list 1d": Units(0, 3, 3),
        "list 1d, after a rollup": Units(0, 8, 5),
        "list 1d, again": Units(0, 1, 2),
        "detail 7d": Units(0, 4, 3),
        "detail 7d, after a rollup": Units(0, 9, 6),
        "detail 7d, again": Units(0, 1, 2),
    },
    evaluation=Units(0, 6, 5),
    answer_bytes={"list 1d": 1000, "detail 7d": 100},
    stored_bytes={
        "RAW_TABLE": 1000,
        "LEDGER_TABLE": 1000,
        "HOURLY_TABLE": 1000,
        "DAILY_TABLE": 1000,
        "CATALOGUE_TABLE": 1000,
        "ROUTE_MAP_TABLE": 1000,
    },
)
LOADS = {name: Load(10.0, 100.0) for name in ("authorize", "evaluate", "ingest", "rollup", "close", "query")}
STACK = StackContents(
    memory_megabytes=dict.fromkeys(LOADS, 512.0), alarms=2, dashboards=1, metrics=3, authorization_seconds=90
)
COUNTS = BenchmarkCounts(
    capacity=[CAPACITY],
    loads={8: LOADS},
    old_writes={8: 70.0},
    series={8: 160},
    stack=STACK,
)


def test_writes_are_pushes_rollups_and_the_closes_of_hours_and_days() -> None:
    pushes, rollups = 43_800 * 10, 8_760 * 12
    books, statuses = 730 * 76 + 730 / 24 * 84, 12 * 730 / 24 * 18
    assert cost.write_units(CAPACITY) == pytest.approx(pushes + rollups + books + statuses)


def test_reads_are_of_pushes_tokens_rollups_closes_and_readers() -> None:
    without = msgspec.structs.replace(CAPACITY, push=Units(10, 0, 3))
    assert cost.read_units(CAPACITY, STACK) - cost.read_units(without, STACK) == pytest.approx(cost.PUSHES * 5)
    tokens = (cost.PUSHES + 22 * 60) / 2
    closes = cost.HOURS * 100 + cost.DAYS * 60
    lists, details, clusters = 22 * 50, 22 * (10 + 2 * 4) + 22 * 5 / 6 * 40, 22 * 6
    readers = lists * (0.8 * 3 + 0.2 * 8) + details * (0.8 * 4 + 0.2 * 9) + clusters
    assert cost.read_units(without, STACK) == pytest.approx(tokens + cost.ROLLUPS * 28 + closes + readers)


@pytest.mark.parametrize(("seconds", "pushes"), [(0, 1), (30, 1), (90, 1 / 2), (300, 1 / 6)])
def test_a_token_that_is_remembered_is_not_looked_up(seconds: int, pushes: float) -> None:
    stack = msgspec.structs.replace(STACK, authorization_seconds=seconds)
    assert cost.authorizations(stack) == pytest.approx((cost.PUSHES + cost.REFRESHES) * pushes)


def test_a_function_with_less_memory_has_less_of_a_processor() -> None:
    load = Load(100.0, 0.0)
    assert cost.seconds(256, load, 0) == pytest.approx(0.1 * 1769 / 256)
    assert cost.seconds(2048, load, 0) == pytest.approx(0.1)
    assert cost.seconds(512, load, 3) - cost.seconds(512, load, 0) == pytest.approx(0.015)


def test_what_expires_is_stored_as_long_as_it_is_kept() -> None:
    stored, recoverable = cost.stored_gigabytes(CAPACITY)
    raw, route_map = 2_880 * 1000, 6 * 8 * 1000
    assert stored - recoverable == pytest.approx((raw + route_map) / 1e9)
    ledgers = 8 * 288 + 182 * 24 + 210
    domains = 2
    books = domains * (90 * 24 + 400)
    assert recoverable == pytest.approx((ledgers + books + 1) * 1000 / 1e9)


def test_the_sum_of_the_bill_is_its_lines_at_their_prices() -> None:
    lines = cost.month(COUNTS, CAPACITY)
    by_name = {line.name: line for line in lines}
    assert by_name["DynamoDB writes"].dollars == pytest.approx(cost.write_units(CAPACITY) * 0.625e-6)
    assert by_name["API Gateway, pushes"].dollars == pytest.approx(43_800 * 1e-6)
    readers = 22 * 50 + 22 * (10 + 2 * 4) + 22 * 5 / 6 * 40 + 22 * 6
    assert by_name["API Gateway, readers"].dollars == pytest.approx(readers * 3.5e-6)
    assert cost.total(lines) == pytest.approx(sum(line.dollars for line in lines))


def test_an_accounts_first_bill_leaves_out_what_is_always_free() -> None:
    stored = cost.BillLine("storage", 15, prices.STORAGE)
    written = cost.BillLine("writes", 1e6, prices.WRITE_UNITS)
    assert cost.billed([stored, written]) == pytest.approx(0.625)
    assert cost.billed([stored, stored]) == pytest.approx(5 * 0.25), "what is free is free once"


def test_a_dashboard_that_is_always_open_costs_less_than_a_cluster() -> None:
    assert cost.open_all_day() == pytest.approx(24 * 730 / 24 * (60 + 6 + 1 + 40 / 6) * 3.5e-6)


@pytest.mark.parametrize(("writes", "fits"), [(5, True), (30, True), (31, False)])
def test_a_cluster_that_pushes_more_than_free_capacity_has_does_not_fit(writes: float, fits: bool) -> None:
    assert cost.fits_free_capacity(msgspec.structs.replace(CAPACITY, push=Units(writes, 5, 3))) is fits


def test_time_on_lambda_is_that_of_a_piece_whose_time_there_is_known() -> None:
    """The four published times agree on what a whole vCPU takes."""
    each = [ms * size / calibration.VCPU_MEGABYTES / 5 for size, ms in calibration.PUBLISHED_MS.items()]
    assert calibration.lambda_piece_ms() == pytest.approx(62, abs=0.5)
    assert each == pytest.approx([calibration.lambda_piece_ms()] * 4, rel=0.02)


def test_more_pods_cost_more() -> None:
    two = msgspec.structs.replace(CAPACITY, pods=2, push=Units(19, 5, 4))
    assert cost.total(cost.month(COUNTS, two)) > cost.total(cost.month(COUNTS, CAPACITY)) + 0.2
    assert cost.times(LOADS["ingest"], 2).vcpu_ms == 20.0


def test_a_deployment_costs_its_alarms_metrics_and_dashboards() -> None:
    alarms, metrics, dashboards, polling, messages = cost.fixed(COUNTS.stack)
    assert [line.dollars for line in (alarms, metrics, dashboards)] == pytest.approx([0.2, 0.9, 3.0])
    assert polling.amount == 5 * 3 * 43_800
    assert messages.amount == 2 * 3 * 43_800
    free = prices.ALWAYS_FREE[prices.QUEUE_REQUESTS]
    assert polling.amount + messages.amount + 3 * cost.ROLLUPS < free, "the first bill has none of it"


def test_the_old_layout_is_charged_for_its_writes_alone() -> None:
    assert cost.old_system(COUNTS, 8, pods=2) == pytest.approx(2 * 70 * 43_800 * 0.625e-6)


def test_managed_prometheus_charges_by_tiers() -> None:
    assert prices.prometheus_ingestion(1e9) == pytest.approx(90)
    assert prices.prometheus_ingestion(3e9) == pytest.approx(180 + 35)
    assert prices.prometheus_ingestion(253e9) == pytest.approx(180 + 8750 + 16)


def test_managed_prometheus_takes_each_series_once_a_minute_less_what_is_free() -> None:
    assert sum(cost.managed_prometheus(900)) == 0
    found = cost.managed_prometheus(100_000)
    assert found.ingestion == pytest.approx(prices.prometheus_ingestion(100_000 * 43_800 - 40e6))
    assert found.queries == pytest.approx((75_000 * 2880 * (cost.LISTS + cost.DETAILS) - 200e9) / 1e9 * 0.10)


def test_every_price_says_where_it_is_from() -> None:
    assert len(prices.ALL) > 10
    assert all(price.source.startswith("https://aws.amazon.com/") for price in prices.ALL)


def test_incidents_are_an_evaluation_of_each_push_and_two_glances_at_each_rollup() -> None:
    reads, requests, time = cost.incidents(COUNTS, CAPACITY)
    assert reads.amount == pytest.approx(cost.PUSHES * 6)
    assert requests.amount == cost.PUSHES + 2 * cost.ROLLUPS
    evaluation = cost.seconds(512, Load(10.0 * (1 + 0.1 * (CAPACITY.pods - 1)), 0.0), cost.EVALUATION_ROUND_TRIPS)
    assert time.amount == pytest.approx(0.5 * (cost.PUSHES * evaluation + 2 * cost.ROLLUPS * cost.GLANCE_SECONDS))
    assert set(cost.month(COUNTS, CAPACITY)) == {*cost.figures(COUNTS, CAPACITY), *cost.incidents(COUNTS, CAPACITY)}
