"""A synthetic cluster has the same metrics as text and as rows of a snapshot."""

import pytest

from bench.markdown import number, table
from bench.synthetic import SyntheticCluster
from ingress_slo_agent.exposition import parse

NOW = 1_800_000_000.0


def test_the_exposition_parses_to_the_rows_that_are_pushed() -> None:
    (process,) = SyntheticCluster(23, now=NOW).processes
    parsed, made = parse(process.exposition(), pod=process.pod, date=NOW), process.metrics()
    assert {row.router: (row.codes, row.methods, row.buckets) for row in parsed.rows} == {
        row.router: (row.codes, row.methods, row.buckets) for row in made.rows
    }
    assert [row.duration_seconds_sum for row in parsed.rows] == pytest.approx(
        [row.duration_seconds_sum for row in made.rows]
    )
    assert (parsed.bounds, parsed.mallocs, parsed.measured_by) == (made.bounds, made.mallocs, made.measured_by)


def test_there_are_as_many_routes_as_asked_for_each_with_a_name_of_its_own() -> None:
    routes = SyntheticCluster(23, now=NOW).routes
    assert len({(route.domain, route.path_prefix) for route in routes}) == 23
    assert len({route.router_keys[0] for route in routes}) == 23


def test_counters_only_grow_and_idle_paths_keep_theirs() -> None:
    cluster = SyntheticCluster(40, now=NOW, active_share=0.2)
    before = [series.requests for series in cluster.series]
    cluster.run_until(NOW + 60)
    after = [series.requests for series in cluster.series]
    assert all(late >= early for early, late in zip(before, after, strict=True))
    assert 0 < sum(late > early for early, late in zip(before, after, strict=True)) < len(before) / 2


def test_a_table_is_aligned_and_its_numbers_are_short() -> None:
    assert table(["a", "b"], [["x", number(1234.5)]]).splitlines() == [
        "| a  |     b |",
        "| -- | ----: |",
        "| x  | 1,234 |",
    ]
    assert (number(0.5), number(12.34), number(3.0)) == ("0.50", "12.3", "3")
