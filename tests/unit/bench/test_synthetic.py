"""A synthetic cluster has the same metrics as text and as rows of a snapshot."""

from msgspec.structs import replace

from bench.markdown import number, table
from bench.synthetic import SyntheticCluster
from ingress_slo_agent import exposition, protobuf
from lab.traefik.families import delimited, text
from slo.traefik.snapshots import ProcessMetrics

NOW = 1_800_000_000.0


def test_the_metrics_are_those_that_are_pushed_in_both_formats() -> None:
    (process,) = SyntheticCluster(23, now=NOW).processes
    made = process.metrics()
    plain = exposition.parse(text(process.families()), pod=process.pod, date=NOW)
    parsed = protobuf.parse(delimited(process.families()), pod=process.pod, date=NOW)
    assert _rounded(parsed) == _rounded(made)
    assert _rounded(plain) == _rounded(made, creation=False)


def _rounded(process: ProcessMetrics, *, creation: bool = True) -> ProcessMetrics:
    """The process with its rows in order, and without the last digits of its sums."""
    rows = (
        replace(
            row, duration_seconds_sum=round(row.duration_seconds_sum, 6), created=creation and round(row.created, 6)
        )
        for row in process.rows
    )
    return replace(process, rows=tuple(sorted(rows, key=lambda row: row.router)))


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
