"""The arithmetic of the cost page, with counts that are small enough to check by hand."""

import msgspec
import pytest

from bench import cost, prices
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
        "list 1d": Units(0, 5, 5),
        "list 1d, again": Units(0, 1, 2),
        "detail 7d": Units(0, 6, 6),
        "detail 7d, again": Units(0, 1, 2),
    },
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
LOADS = {name: Load(10.0, 100.0) for name in ("authorize", "ingest", "rollup", "close", "query")}
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
    tokens = cost.PUSHES / 2 + 22 * 3600 / 90
    closes = cost.HOURS * 100 + cost.DAYS * 60
    refreshes = 22 * 120
    readers = refreshes + refreshes * 5 / 6 * (0.5 + 0.9) + refreshes * 5 / 6 * (0.6 + 0.9)
    assert cost.read_units(without, STACK) == pytest.approx(tokens + cost.ROLLUPS * 28 + closes + readers)


@pytest.mark.parametrize(("seconds", "pushes", "refreshes"), [(0, 1, 1), (30, 1, 1), (90, 1 / 2, 1 / 3)])
def test_a_token_that_is_remembered_is_not_looked_up(seconds: int, pushes: float, refreshes: float) -> None:
    stack = msgspec.structs.replace(STACK, authorization_seconds=seconds)
    assert cost.authorizations(stack) == pytest.approx(cost.PUSHES * pushes + cost.REFRESHES * refreshes)


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
    assert by_name["API Gateway"].amount == 43_800 + 2_640 + 2_200 + 2_200
    assert cost.total(lines) == pytest.approx(sum(line.dollars for line in lines))


def test_an_accounts_first_bill_leaves_out_what_is_always_free() -> None:
    by_name = {line.name: line for line in cost.month(COUNTS, CAPACITY)}
    assert by_name["storage"].billed_dollars == 0
    assert by_name["DynamoDB writes"].billed_dollars == by_name["DynamoDB writes"].dollars
    many = cost.BillLine("storage", 30, prices.STORAGE)
    assert many.billed_dollars == pytest.approx(5 * 0.25)


def test_more_pods_cost_more() -> None:
    two = msgspec.structs.replace(CAPACITY, pods=2, push=Units(19, 5, 4))
    assert cost.total(cost.month(COUNTS, two)) > cost.total(cost.month(COUNTS, CAPACITY)) + 0.2


def test_a_deployment_costs_its_alarms_metrics_and_dashboards() -> None:
    alarms, metrics, dashboards, polling = cost.fixed(COUNTS.stack)
    assert [line.dollars for line in (alarms, metrics, dashboards)] == pytest.approx([0.2, 0.9, 3.0])
    assert polling.amount == 5 * 3 * 43_800


def test_the_old_layout_is_charged_for_its_writes_alone() -> None:
    assert cost.old_system(COUNTS, 8, pods=2) == pytest.approx(2 * 70 * 43_800 * 0.625e-6)


def test_managed_prometheus_charges_by_tiers() -> None:
    assert prices.prometheus_ingestion(1e9) == pytest.approx(90)
    assert prices.prometheus_ingestion(3e9) == pytest.approx(180 + 35)
    assert prices.prometheus_ingestion(253e9) == pytest.approx(180 + 8750 + 16)


def test_managed_prometheus_takes_each_series_once_a_minute() -> None:
    found = cost.managed_prometheus(1000)
    assert found.ingestion == pytest.approx(1000 * 43_800 / 1e7 * 0.90)
    assert found.queries == pytest.approx(750 * 2880 * cost.LISTS / 1e9 * 0.10)


def test_every_price_says_where_it_is_from() -> None:
    assert len(prices.ALL) > 10
    assert all(price.source.startswith("https://aws.amazon.com/") for price in prices.ALL)
