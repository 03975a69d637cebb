"""`ingress-slo migrate` on AtlHyper databases."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from integration.atlhyper import OldDatabase, large
from integration.command import Done, everything, operate, run
from integration.use_cases import T0, UseCases, process, route, row, snapshot

from slo.api.parameters import DomainsParameters, HistoryParameters, WindowParameters
from slo.objectives.targets import Subject
from slo.store.ledgers import LedgerStore
from slo.times import utc

NOW = T0 // 86_400 * 86_400 + 10 * 3_600
"""Ten o'clock UTC."""
HOURS = 72
CLUSTER = "c1"
SHOP, API, LOST = "ns-shop-80@kubernetes", "ns-api-80@kubernetes", "ns-lost-80@kubernetes"


class Migration:
    """Runs the command on one backend."""

    def __init__(self, backend: UseCases, monkeypatch: pytest.MonkeyPatch) -> None:
        self.backend = backend
        backend.now = NOW + 120
        operate(backend, monkeypatch)

    def run(self, file: Path, *arguments: str) -> Done:
        done = run("migrate", str(file), "--cluster", f"old={CLUSTER}", *arguments)
        assert done.code == 0, done.err
        return done

    def document(self, file: Path, *arguments: str) -> Any:
        [document] = json.loads(self.run(file, "--json", *arguments).out)
        return document


@pytest.fixture
def migration(moto_backend: UseCases, monkeypatch: pytest.MonkeyPatch) -> Migration:
    return Migration(moto_backend, monkeypatch)


@pytest.fixture
def old(tmp_path: Path) -> OldDatabase:
    """Three days of an entry point and of three services, one of them without a route."""
    old = OldDatabase(tmp_path / "atlhyper.db")
    old.map("shop.example.com", "/", SHOP)
    old.map("shop.example.com", "/api", API)
    fill(old, NOW - HOURS * 3_600, NOW)
    for host in (SHOP, API, "web"):
        old.last_values(host)
    old.target(SHOP, "30d", 99.9, 400)
    old.target("shop.example.com", "7d", 99.0, 300)
    old.target("web")
    old.target(LOST)
    return old


def fill(old: OldDatabase, start: int, end: int) -> None:
    for hour in range(start, end, 3_600):
        old.hour(SHOP, hour, 100, 1)
        old.hour(API, hour, 50)
        old.hour(LOST, hour, 7)
        old.hour("web", hour, 157)


def adds_up(document: dict[str, Any]) -> bool:
    tables = [*document["tables"], document["total"]]
    return all(table["read"] == table["moved"] + table["dropped"] + table["left"] for table in tables)


def watch(backend: UseCases, start: float, minutes: int) -> None:
    """Push ten requests a minute as our own agent does, and roll up every five minutes."""
    declared = (route("shop.example.com", "/"),)
    router = declared[0].router_keys[0]
    for minute in range(minutes):
        at = start + minute * 60
        backend.push(snapshot(at, [process([row(router, 10 * minute)], at, start - 5_000)], declared))
        if at % 300 == 60:
            backend.roll_up(at + 5)


def total(backend: UseCases, time_range: str = "7d", domain: str = "shop.example.com") -> dict[str, int]:
    """Requests by path."""
    answer = backend.query.domain(CLUSTER, domain, msgspec.convert({"time_range": time_range}, WindowParameters))
    return {route.path_prefix: route.current.total_requests for route in answer.domain.routes}


def test_rows_are_moved_dropped_or_left_and_the_summary_adds_up(migration: Migration, old: OldDatabase) -> None:
    document = migration.document(old.close())
    assert adds_up(document)
    tables = {table["table"]: table for table in document["tables"]}
    assert document["total"]["read"] == old.rows
    assert (tables["slo_metrics_hourly"]["moved"], tables["slo_metrics_hourly"]["left"]) == (2 * HOURS, HOURS)
    assert tables["slo_metrics_hourly"]["dropped"] == HOURS
    assert tables["slo_targets"] | {"reasons": {}} == {
        "table": "slo_targets", "read": 4, "moved": 2, "dropped": 1, "left": 1, "reasons": {}
    }  # fmt: skip
    assert document["left"][0] == {"name": LOST, "rows": HOURS, "requests": 7 * HOURS}


def test_old_charts_continue(migration: Migration, old: OldDatabase) -> None:
    """List, detail, history of a week and of a month, and unattributed services, before our agent's first push."""
    migration.run(old.close())
    backend = migration.backend
    assert total(backend, "7d") == {"/": 100 * HOURS, "/api": 50 * HOURS}
    assert total(backend, "1d") == {"/": 2_400, "/api": 1_200}
    answer = backend.query.domains(CLUSTER, DomainsParameters(time_range="7d"))
    assert [(service.service_name, service.current.total_requests) for service in answer.unattributed] == [
        ("ns-lost-80", 7 * HOURS)
    ]
    assert answer.last_snapshot_at == utc(NOW)
    assert answer.domains[0].summary.p95_latency == pytest.approx(200)
    history = backend.trends.history(CLUSTER, "shop.example.com", HistoryParameters(time_range="7d"))
    assert [point.total_requests for point in history.points] == [None] * (7 * 24 - HOURS) + [150] * HOURS
    assert {point.availability for point in history.points[-HOURS:]} == {1 - 1 / 150}
    month = backend.trends.history(CLUSTER, "shop.example.com", HistoryParameters(time_range="30d", step="1d"))
    measured = [point.total_requests for point in month.points if point.has_data]
    assert sum(count or 0 for count in measured) == 150 * HOURS
    assert not month.points[0].has_data


@pytest.mark.parametrize("pushes_first", [True, False], ids=["agent first", "history first"])
def test_history_and_our_own_counts_meet_without_mixing(
    migration: Migration, old: OldDatabase, pushes_first: bool
) -> None:
    backend, file = migration.backend, old.close()
    if not pushes_first:
        migration.run(file)
    watch(backend, NOW + 600, 63)
    backend.now = NOW + 600 + 63 * 60
    alone = total(backend, "7d") if pushes_first else {}
    if pushes_first:
        migration.run(file)
    own = 10 * 62  # two minutes of them are not booked yet
    if pushes_first:
        assert alone["/"] == own
    assert total(backend, "7d")["/"] == own + 100 * HOURS
    entries = backend.catalogue().entries
    assert {entry.imported for entry in entries} == {True, False}
    assert all(entry.imported or entry.router for entry in entries)
    recent = backend.trends.history(CLUSTER, "shop.example.com", HistoryParameters(time_range="1d", path_prefix="/"))
    by_time = {point.timestamp: point.total_requests for point in recent.points if point.has_data}
    assert by_time[utc(NOW - 3_600)] == 100
    assert by_time[utc(NOW + 1_800)] == 50
    routes = backend.query.domains(CLUSTER, DomainsParameters()).domains[0].routes
    assert [route.measured_by for route in routes] == ["router", "service"]
    assert "Nothing differs" in run("rollup", "--cluster", CLUSTER).err


def test_a_reader_who_comes_in_between_keeps_no_half_history(
    migration: Migration, old: OldDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend, put_history = migration.backend, LedgerStore.put_history
    watch(backend, NOW + 600, 63)
    backend.now = NOW + 600 + 63 * 60
    seen = []

    def put_and_look(self: LedgerStore, *arguments: Any) -> None:
        put_history(self, *arguments)
        seen.append(total(backend, "7d"))

    monkeypatch.setattr(LedgerStore, "put_history", put_and_look)
    migration.run(old.close())
    assert seen
    assert total(backend, "7d")["/"] == 10 * 62 + 100 * HOURS


def test_a_second_run_writes_nothing(migration: Migration, old: OldDatabase) -> None:
    file = old.close()
    first = migration.document(file)
    before = everything(migration.backend)
    second = migration.document(file)
    assert everything(migration.backend) == before
    assert second["imported"]["days_written"] == 0
    assert second["total"] == first["total"]


def test_a_dry_run_writes_nothing_and_says_what_it_would(migration: Migration, old: OldDatabase) -> None:
    file = old.close()
    before = everything(migration.backend)
    would = migration.document(file, "--dry-run")
    assert everything(migration.backend) == before
    assert would["total"] == migration.document(file)["total"]
    assert would["imported"]["days_written"] == would["imported"]["days"] == 4


def test_an_interrupted_run_goes_on_where_it_stopped(
    migration: Migration, old: OldDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = old.close()
    from ingress_slo.output import ProgressStep

    days = 0

    def interrupt(_step: ProgressStep, count: int = 1) -> None:
        nonlocal days
        days += count
        if days == 4 * HOURS + 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(ProgressStep, "done", interrupt)
        done = run("migrate", str(file), "--cluster", f"old={CLUSTER}")
    assert done.code == 130
    assert "run the same command again" in done.err
    document = migration.document(file)
    assert document["imported"]["days_written"] == 2
    assert total(migration.backend, "7d") == {"/": 100 * HOURS, "/api": 50 * HOURS}


def test_a_later_copy_of_the_file_adds_what_came_since(migration: Migration, tmp_path: Path) -> None:
    files = []
    for number, end in enumerate((NOW - 36 * 3_600, NOW)):
        old = OldDatabase(tmp_path / f"{number}.db")
        old.map("shop.example.com", "/", SHOP)
        fill(old, NOW - HOURS * 3_600, end)
        files.append(old.close())
    migration.run(files[0])
    watch(migration.backend, NOW + 600, 13)
    migration.run(files[1])
    migration.backend.now = NOW + 1_400
    assert total(migration.backend, "7d")["/"] >= 100 * HOURS
    refused = OldDatabase(tmp_path / "short.db")
    refused.map("shop.example.com", "/", SHOP)
    fill(refused, NOW - 36 * 3_600, NOW)
    done = run("migrate", str(refused.close()), "--cluster", f"old={CLUSTER}")
    assert done.code == 1
    assert "reaches back to" in done.err


def test_raw_rows_tell_an_hour_in_steps_if_they_add_up_to_it(migration: Migration, tmp_path: Path) -> None:
    old = OldDatabase(tmp_path / "atlhyper.db")
    old.map("shop.example.com", "/", SHOP)
    whole, torn, open_hour = NOW - 7_200, NOW - 3 * 3_600, NOW - 3_600
    for slot in range(12):
        old.raw(SHOP, whole + slot * 300 + 10, slot + 1, 1)
        old.raw(SHOP, torn + slot * 300 + 10, 1)
    old.hour(SHOP, whole, 78, 12)
    old.hour(SHOP, torn, 100, 10)
    old.raw(SHOP, open_hour + 310, 5)
    old.raw(SHOP, open_hour + 320, 6)
    old.raw(SHOP, open_hour + 900, 0, is_missing=1)
    document = migration.document(old.close())
    assert adds_up(document)
    tables = {table["table"]: table for table in document["tables"]}
    assert (tables["slo_metrics_raw"]["moved"], tables["slo_metrics_raw"]["dropped"]) == (14, 13)
    assert (tables["slo_metrics_hourly"]["moved"], tables["slo_metrics_hourly"]["dropped"]) == (1, 1)
    backend = migration.backend
    history = backend.trends.history(CLUSTER, "shop.example.com", HistoryParameters(time_range="1d"))
    points = {point.timestamp: point for point in history.points if point.has_data}
    assert [points[utc(whole + slot * 300)].total_requests for slot in range(12)] == list(range(1, 13))
    assert points[utc(torn)].total_requests == 100
    assert points[utc(open_hour + 300)].total_requests == 11
    assert total(backend, "1d") == {"/": 78 + 100 + 11}


def test_versions_without_a_domain_column_are_attributed_by_the_mapping(migration: Migration, tmp_path: Path) -> None:
    old = OldDatabase(tmp_path / "atlhyper.db", with_domain=False)
    old.map("shop.example.com", "/", SHOP)
    old.hour(SHOP, NOW - 3_600, 10)
    assert migration.document(old.close())["total"]["left"] == 0
    assert total(migration.backend, "1d") == {"/": 10}


def test_a_row_that_knows_its_domain_needs_no_mapping(migration: Migration, tmp_path: Path) -> None:
    old = OldDatabase(tmp_path / "atlhyper.db")
    old.map("shop.example.com", "/", API)
    old.hour(SHOP, NOW - 3_600, 10, domain="shop.example.com", path_prefix="/")
    migration.run(old.close())
    assert total(migration.backend, "1d") == {"/": 10}


def test_targets_become_objectives_and_are_never_overwritten(migration: Migration, old: OldDatabase) -> None:
    file, objectives = old.close(), migration.backend.objectives
    migration.run(file)
    moved = objectives.get(CLUSTER, "30d", Subject("shop.example.com", "/"))
    assert moved is not None
    assert (moved.availability, moved.p95_latency, moved.set_by) == (0.999, 400, "AtlHyper")
    assert objectives.get(CLUSTER, "7d", Subject("shop.example.com")) is not None
    ours = msgspec.structs.replace(moved, availability=0.95, version=moved.version + 1, set_by="somebody")
    objectives.put(CLUSTER, ours, moved)
    table = next(item for item in migration.document(file)["tables"] if item["table"] == "slo_targets")
    assert table["reasons"]["an objective is set here already"] == 1
    assert objectives.get(CLUSTER, "30d", Subject("shop.example.com", "/")) == ours


def test_a_hundred_thousand_rows_are_moved_exactly(
    real: UseCases, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    migration = Migration(real, monkeypatch)
    old = large(tmp_path / "atlhyper.db", NOW)
    assert old.rows >= 100_000
    document = migration.document(old.close())
    assert adds_up(document)
    assert document["total"]["read"] == old.rows
    ledger = real.ledgers.at(CLUSTER, NOW)
    entries = real.catalogue().by_id()
    counted = {entries[entry_id].service: row.counts.requests for entry_id, row in ledger.rows.items()}
    assert counted == old.requests
    assert {left["name"] for left in document["left"]} == {"ns-svc38-80@kubernetes", "ns-svc39-80@kubernetes"}
    start, end = utc(NOW - 80 * 86_400), utc(NOW - 50 * 86_400)
    asked = HistoryParameters(start=start, end=end, step="1d")
    history = real.trends.history(CLUSTER, "d0.example.com", asked)
    assert all(point.has_data and point.total_requests for point in history.points)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "There is no file"),
        (b"not a database at all" * 100, "not a SQLite database"),
        (b"", "none of AtlHyper's"),
    ],
    ids=["no file", "no database", "empty"],
)
def test_a_file_that_is_no_atlhyper_database_is_refused_with_the_reason(
    migration: Migration, tmp_path: Path, content: bytes | None, says: str
) -> None:
    file = tmp_path / "some.db"
    if content is not None:
        file.write_bytes(content)
    done = run("migrate", str(file))
    assert done.code == 1
    assert says in done.err
    assert migration.backend.clusters.get(CLUSTER) is None


def test_a_version_that_is_not_known_names_the_missing_column(migration: Migration, old: OldDatabase) -> None:
    old.connection.execute("ALTER TABLE slo_metrics_hourly RENAME COLUMN hour_start TO began")
    done = run("migrate", str(old.close()))
    assert done.code == 1
    assert "slo_metrics_hourly" in done.err
    assert "hour_start" in done.err
    assert migration.backend.clusters.get(CLUSTER) is None


def test_a_cluster_that_is_not_in_the_file_is_named_with_those_that_are(migration: Migration, old: OldDatabase) -> None:
    done = run("migrate", str(old.close()), "--cluster", "other")
    assert done.code == 1
    assert "it has old" in done.err
    assert migration.backend.clusters.get("other") is None
