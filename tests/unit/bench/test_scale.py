"""The simulation of many clusters, where its outcome can be told without it."""

import pytest
from unit.bench.test_cost import CAPACITY

from bench import scale
from bench.scale import Service

TIMES = Service(ingest=0.05, authorize=0.02, rollup=0.4, hour_close=1.2)


def demand(table: str, clusters: int = 6000) -> scale.Demand:
    return next(found for found in scale.demands(clusters, CAPACITY) if found.table == table)


def test_what_runs_at_once_is_rate_times_duration() -> None:
    seen = scale.simulate(20_000, TIMES, workers=500, spread_seconds=20)
    assert seen.pushes_per_second == 1000
    assert seen.ingest_concurrency == pytest.approx(1000 * 0.05, abs=1)
    assert seen.authorize_concurrency == pytest.approx(1000 * 0.02, abs=1)


def test_agents_that_spread_further_need_fewer_functions_at_once() -> None:
    near, far = (scale.simulate(6000, TIMES, workers=100, spread_seconds=seconds) for seconds in (5, 50))
    assert near.ingest_concurrency == pytest.approx(10 * far.ingest_concurrency, rel=0.2)


def test_one_cluster_waits_for_the_cut_off_and_its_own_rollup() -> None:
    seen = scale.simulate(1, TIMES, workers=100)
    assert seen.lag_seconds == 60 + 2
    assert (seen.rollup_concurrency, seen.queue_depth) == (1, 1)


def test_with_few_workers_the_queue_is_as_long_as_the_list_of_clusters() -> None:
    few, many = (scale.simulate(10_000, TIMES, workers=workers) for workers in (2, 500))
    assert few.queue_depth > 9_900
    assert few.lag_seconds == pytest.approx(60 + 10_000 * 1.2 / 2, rel=0.01)
    assert many.lag_seconds < few.lag_seconds / 20
    assert few.rollup_concurrency == 2


def test_tables_bear_each_push_once_a_minute_and_each_rollup_once_a_slot() -> None:
    assert demand("raw").writes == 100 * 9
    assert demand("ledger").writes == 20 * 10
    assert demand("catalogue").reads == 120 * 5
    assert demand("tokens").reads == 100
    assert demand("hourly").writes == pytest.approx(6000 / 3600 * 76)


def test_no_partition_grows_hotter_with_more_clusters() -> None:
    for small, large in zip(scale.demands(10_000, CAPACITY), scale.demands(1_000_000, CAPACITY), strict=True):
        assert large.partition_writes == small.partition_writes <= scale.PARTITION_WRITES.limit
        assert small.partition_reads <= large.partition_reads <= scale.PARTITION_READS.limit
