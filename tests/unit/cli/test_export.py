import csv
import io
import json
from pathlib import Path
from typing import Any, get_args

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from ingress_slo.export.formats import Format, text
from ingress_slo.export.parts import Parts
from ingress_slo.export.rows import COLUMNS, ExportRow, listed, points

METRICS: dict[str, Any] = {
    "availability": 0.99,
    "p50_latency": 12.5,
    "p95_latency": 250.0,
    "p99_latency": None,
    "error_rate": 0.01,
    "requests_per_sec": 1.5,
    "total_requests": 100,
    "total_errors": 1,
    "coverage": 1.0,
}
ROUTE = {"path_prefix": "/a,b", "status": "healthy", "measured_by": "router", "error_budget_remaining": 0.8}
DOMAINS: dict[str, Any] = {
    "cluster_id": "c1",
    "window": {"from": "2026-11-23T00:00:00Z", "to": "2026-11-24T00:00:00Z"},
    "domains": [
        {
            "domain": 'odd"name\\.example.com',
            "status": "healthy",
            "error_budget_remaining": 0.8,
            "summary": METRICS,
            "routes": [{**ROUTE, "current": METRICS}],
        }
    ],
}
HISTORY: dict[str, Any] = {
    "cluster_id": "c1",
    "domain": "shop.example.com",
    "path_prefix": None,
    "points": [
        {**METRICS, "timestamp": "2026-11-24T00:00:00Z", "seconds": 300, "has_data": True},
        {"timestamp": "2026-11-24T00:05:00Z", "seconds": 300, "has_data": False, "total_requests": None},
        {**METRICS, "timestamp": "2026-11-24T00:10:00Z", "seconds": 300, "has_data": True, "total_requests": 7},
    ],
}


def parsed(document: str) -> dict[str, Any]:
    """Metric families by name, as prometheus_client's own parser reads them."""
    return {family.name: family for family in text_string_to_metric_families(document)}  # type: ignore[no-untyped-call]


def test_csv_has_a_row_a_route_and_leaves_empty_what_was_not_seen() -> None:
    [row] = csv.DictReader(io.StringIO(text(list(listed(DOMAINS, "routes")), "routes", "csv")))
    assert tuple(row) == COLUMNS["routes"]
    assert (row["path_prefix"], row["total_requests"], row["p99_latency"]) == ("/a,b", "100", "")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", "\n=", " =", "\uff1d"])
def test_no_cell_is_what_a_table_takes_for_a_formula(start: str) -> None:
    name = f"{start}HYPERLINK(A1)"
    hostile = {"domain": name, "path_prefix": name, "status": name, "total_errors": -1, "error_rate": -0.5}
    [row] = csv.DictReader(io.StringIO(text([hostile], "routes", "csv")))
    for column in ("domain", "path_prefix", "status"):
        assert row[column].startswith(("'", "\\u"))
        assert "HYPERLINK(A1)" in row[column]
    assert (row["total_errors"], row["error_rate"]) == ("-1", "-0.5"), "a number stays a number"


@pytest.mark.parametrize("chosen", get_args(Format))
def test_no_export_controls_a_terminal(chosen: Format) -> None:
    name = "\x1b]0;x\x07\u202e"
    document = text([{**METRICS, "domain": name, "path_prefix": name, "to": None}], "routes", chosen)
    assert all(map(str.isprintable, document.splitlines()))
    assert "u001b]0;x" in document


def test_json_has_the_apis_names_and_null_for_what_was_not_seen() -> None:
    [row] = json.loads(text(list(listed(DOMAINS, "domains")), "domains", "json"))
    assert tuple(row) == COLUMNS["domains"]
    assert (row["availability"], row["p99_latency"], row["to"]) == (0.99, None, "2026-11-24T00:00:00Z")


def test_a_history_has_no_rows_of_times_in_which_nothing_was_seen() -> None:
    assert [row["total_requests"] for row in points(HISTORY)] == [100, 7]


@pytest.mark.parametrize(
    "rows",
    [list(listed(DOMAINS, "domains")), list(listed(DOMAINS, "routes")), list(points(HISTORY)), []],
    ids=["domains", "routes", "history", "nothing"],
)
def test_openmetrics_is_what_its_own_parser_reads(rows: list[ExportRow]) -> None:
    document = text(rows, "history", "openmetrics")
    families = parsed(document)
    assert document.endswith("# EOF\n")
    assert bool(families) is bool(rows)
    if rows:
        requests = families["ingress_slo_requests"].samples
        assert [sample.value for sample in requests] == [row["total_requests"] for row in rows]
        assert requests[0].labels["domain"] == rows[0]["domain"]
        latencies = families["ingress_slo_latency_seconds"].samples
        assert {sample.labels["quantile"]: sample.value for sample in latencies} == {"0.5": 0.0125, "0.95": 0.25}


def test_openmetrics_points_stand_at_their_end_in_the_order_of_time() -> None:
    rows = list(points(HISTORY))[::-1]
    families = parsed(text(rows, "history", "openmetrics"))
    times = [float(sample.timestamp) for sample in families["ingress_slo_requests"].samples]
    assert times == [1_795_478_700.0, 1_795_479_300.0]


NOW = 1_800_000_000.0
ASKED: dict[str, Any] = {"cluster": "c1", "window": ["1d", "90d", ""]}
"""What was typed: `--from 90d`."""
WINDOW = {"from": "2026-10-17T08:00:00Z"}
A_MINUTE_LATER = {"from": "2026-10-17T08:01:00Z"}


def test_an_interrupted_export_goes_on_with_what_it_has(tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    first = Parts(file, ASKED, WINDOW, NOW)
    first.add("a ", [{"n": 1}])
    partial = tmp_path / "out.csv.partial"
    partial.write_text(partial.read_text() + '{"name": "cut of')
    second = Parts(file, ASKED, WINDOW, NOW)
    assert "a " in second
    second.add("b ", [{"n": 2}])
    assert list(Parts(file, ASKED, WINDOW, NOW).rows()) == [{"n": 1}, {"n": 2}]
    assert "a " not in Parts(file, {**ASKED, "cluster": "c2"}, WINDOW, NOW)
    assert not partial.exists()


def test_an_export_of_the_last_days_goes_on_with_the_days_of_its_first_run(tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    Parts(file, ASKED, WINDOW, NOW).add("a ", [{"n": 1}])
    for seconds in (60, 86_000):
        resumed = Parts(file, ASKED, A_MINUTE_LATER, NOW + seconds)
        assert "a " in resumed
        assert resumed.window == WINDOW
        resumed.add("b ", [])


def test_an_export_that_was_interrupted_another_day_begins_anew(tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    Parts(file, ASKED, WINDOW, NOW).add("a ", [{"n": 1}])
    again = Parts(file, ASKED, A_MINUTE_LATER, NOW + 90_000)
    assert "a " not in again
    assert again.window == A_MINUTE_LATER


def test_a_finished_export_leaves_nothing_behind(tmp_path: Path) -> None:
    parts = Parts(tmp_path / "out.csv", ASKED, WINDOW, NOW)
    parts.add("a ", [])
    parts.done()
    assert list(tmp_path.iterdir()) == []
