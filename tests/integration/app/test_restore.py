"""Tables are brought back to an earlier time, or lost: what is lost is what docs/operations.md says.

Two pods push once a minute. A third one lives only between the time of the copies and that of the accident; a route is
added in between as well.
"""

import json
from typing import Any

import pytest
from integration.command import operate, run
from integration.use_cases import CLUSTER, DELAY, SLOT, T0, UseCases, process, route, row, snapshot

from lab.cloud.dynamodb_local import DynamoDBLocal
from slo.api.parameters import DomainsParameters, HistoryParameters, StatusHistoryParameters
from slo.app.clean_up import CleanUp
from slo.app.restore import Restore, Restored
from slo.errors import NotFoundError
from slo.traefik.snapshots import Snapshot

HOUR = T0 // 3600 * 3600
DAY = 86_400
COPIED, ACCIDENT, END = 45, 95, 130
"""Minutes after HOUR."""
ROUTES = (route("a.example.com"), route("a.example.com", "/api"), route("b.example.com"), route("new.example.com"))
NAMES = [info.router_keys[0] for info in ROUTES]
NEW_ROUTE_AT = 60
SHORT = (62, 88)
"""The short-lived pod's first and last minute."""
Copy = dict[str, list[dict[str, Any]]]


def taken(minute: int) -> Snapshot:
    at = HOUR + 60.0 * minute
    declared = ROUTES if minute >= NEW_ROUTE_AT else ROUTES[:3]
    served = [(name, minute) for name in NAMES[:3]]
    new = [(NAMES[3], minute - NEW_ROUTE_AT)] if minute > NEW_ROUTE_AT else []
    pods = [
        process(_rows([*served, *new]), at, HOUR - 7_000, "traefik/a"),
        process(_rows(served), at, HOUR - 8_000, "traefik/b"),
    ]
    if SHORT[0] <= minute <= SHORT[1]:
        lived = [(NAMES[0], minute - SHORT[0] + 1)]
        pods.append(process(_rows(lived), at, HOUR + 60 * SHORT[0] - 20, "traefik/c"))
    return snapshot(at, pods, declared)


def _rows(counted: list[tuple[str, int]]) -> list[Any]:
    return [row(name, 3 * times, times) for name, times in counted if times]


def truth(until: int = END) -> dict[str, int]:
    """Requests by router: each counts four a minute and pod."""
    counted = dict.fromkeys(NAMES[:3], 2 * 4 * until)
    counted[NAMES[0]] += 4 * (SHORT[1] - SHORT[0] + 1)
    return {**counted, NAMES[3]: 4 * (until - NEW_ROUTE_AT)}


SHORT_LIVED = 4 * (SHORT[1] - SHORT[0] + 1)


def go_on(backend: UseCases, start: int, end: int) -> None:
    """Push every minute, and roll up every five."""
    for minute in range(start, end):
        backend.push(taken(minute))
        if minute % 5 == 1:
            backend.roll_up(HOUR + 60 * minute + 5)


def finish(backend: UseCases, start: int = ACCIDENT + 1) -> None:
    go_on(backend, start, END + 1)
    backend.roll_up(HOUR + 60 * END + SLOT + DELAY)
    backend.roll_up(HOUR + 4 * 3600 + DELAY)


def copied(backend: UseCases) -> Copy:
    copy: Copy = {}
    for variable, table in backend.names.items():
        pages = backend.client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
        copy[variable] = [item for page in pages for item in page["Items"]]
    return copy


def put_back(backend: UseCases, copy: Copy, *variables: str) -> None:
    """What point-in-time recovery does: these tables hold exactly what they held."""
    for variable in variables:
        table = backend.names[variable]
        schema = backend.client.describe_table(TableName=table)["Table"]["KeySchema"]
        for item in copied(backend)[variable]:
            backend.client.delete_item(
                TableName=table, Key={key["AttributeName"]: item[key["AttributeName"]] for key in schema}
            )
        for item in copy.get(variable, []):
            backend.client.put_item(TableName=table, Item=item)


@pytest.fixture
def watched(real: UseCases) -> tuple[UseCases, Copy]:
    """A deployment at the time of the accident, and copies of its tables from before."""
    go_on(real, 0, COPIED + 2)
    copy = copied(real)
    go_on(real, COPIED + 2, ACCIDENT + 1)
    return real, copy


def restore(backend: UseCases) -> Restored:
    [found] = Restore(backend.stores).run(CLUSTER)
    [again] = Restore(backend.stores).run(CLUSTER)
    assert again.agrees or again.goes_on_from == found.goes_on_from
    return found


def read_everything(backend: UseCases) -> None:
    """No reader fails."""
    backend.query.domains(CLUSTER, DomainsParameters(time_range="1d"))
    backend.status_history.changes(CLUSTER, StatusHistoryParameters())
    for domain in ("a.example.com", "b.example.com"):
        backend.trends.history(CLUSTER, domain, HistoryParameters(time_range="1d"))


def hours(backend: UseCases) -> dict[str, int]:
    return backend.hourly_requests(HOUR - 3_600, HOUR + 5 * 3_600)


WITH_RECOVERY = (
    "CLUSTERS_TABLE",
    "CATALOGUE_TABLE",
    "LEDGER_TABLE",
    "HOURLY_TABLE",
    "DAILY_TABLE",
    "STATUS_HISTORY_TABLE",
    "TARGETS_TABLE",
    "TOKENS_TABLE",
)
"""All but raw data and the route map."""


def test_all_tables_at_an_earlier_time_lose_nothing_while_raw_data_is_there(watched: tuple[UseCases, Copy]) -> None:
    backend, copy = watched
    put_back(backend, copy, *WITH_RECOVERY)
    found = restore(backend)
    assert found.goes_on_from == HOUR + 60 * COPIED
    assert found.ids == 1, "the route that was added meanwhile"
    finish(backend)
    assert backend.requests() == truth()
    assert hours(backend) == truth()
    read_everything(backend)


def test_all_tables_and_raw_data_at_an_earlier_time_lose_processes_that_ended_meanwhile(
    watched: tuple[UseCases, Copy],
) -> None:
    backend, copy = watched
    put_back(backend, copy, *WITH_RECOVERY, "RAW_TABLE", "ROUTE_MAP_TABLE")
    restore(backend)
    finish(backend)
    lost = {NAMES[0]: SHORT_LIVED}
    assert backend.requests() == {name: count - lost.get(name, 0) for name, count in truth().items()}
    assert hours(backend) == backend.requests()


ALONE = ["CLUSTERS_TABLE", "LEDGER_TABLE", "HOURLY_TABLE", "DAILY_TABLE", "STATUS_HISTORY_TABLE", "ROUTE_MAP_TABLE"]


@pytest.mark.parametrize("variable", ALONE)
def test_one_table_at_an_earlier_time_loses_nothing(watched: tuple[UseCases, Copy], variable: str) -> None:
    backend, copy = watched
    put_back(backend, copy, variable)
    restore(backend)
    finish(backend)
    assert backend.requests() == truth()
    assert hours(backend) == truth()
    read_everything(backend)
    list(CleanUp(backend.stores).run())
    assert {item.domain for item in backend.route_map.all(CLUSTER)} == {info.domain for info in ROUTES}


def test_without_the_command_an_earlier_ledger_loses_processes_that_ended_meanwhile(
    watched: tuple[UseCases, Copy],
) -> None:
    """Rollup goes on from its watermark. This is why the command is needed."""
    backend, copy = watched
    put_back(backend, copy, "LEDGER_TABLE")
    finish(backend)
    assert truth()[NAMES[0]] - backend.requests()[NAMES[0]] == SHORT_LIVED


def test_without_the_command_rollup_outranks_what_a_restored_clusters_table_does_not_know(
    watched: tuple[UseCases, Copy],
) -> None:
    backend, copy = watched
    put_back(backend, copy, "CLUSTERS_TABLE")
    assert backend.roll_up(HOUR + 60 * ACCIDENT + SLOT + DELAY) is not None
    finish(backend)
    assert backend.requests() == truth()
    assert hours(backend) == truth()


def test_a_catalogue_at_an_earlier_time_gives_no_id_twice(watched: tuple[UseCases, Copy]) -> None:
    backend, copy = watched
    put_back(backend, copy, "CATALOGUE_TABLE")
    assert restore(backend).ids == 1
    finish(backend)
    assert {name: backend.requests()[name] for name in NAMES} == truth()
    read_everything(backend)


@pytest.mark.parametrize(
    "variable", ["CLUSTERS_TABLE", "HOURLY_TABLE", "DAILY_TABLE", "STATUS_HISTORY_TABLE", "ROUTE_MAP_TABLE"]
)
def test_one_table_lost_loses_no_count(watched: tuple[UseCases, Copy], variable: str) -> None:
    backend, _ = watched
    put_back(backend, {}, variable)
    restore(backend)
    finish(backend)
    assert backend.requests() == truth()
    assert hours(backend) == truth()
    read_everything(backend)


def test_the_clusters_lost_and_pushed_again_before_the_command_runs(watched: tuple[UseCases, Copy]) -> None:
    backend, _ = watched
    put_back(backend, {}, "CLUSTERS_TABLE")
    backend.push(taken(ACCIDENT + 1))
    restore(backend)
    finish(backend, ACCIDENT + 2)
    assert backend.requests() == truth()
    assert hours(backend) == truth()


def test_raw_data_lost_loses_what_was_counted_since_the_last_rollup(watched: tuple[UseCases, Copy]) -> None:
    backend, _ = watched
    state = backend.clusters.get(CLUSTER, consistent=True)
    assert state is not None
    last_booked = (state.watermark - HOUR) // 60
    put_back(backend, {}, "RAW_TABLE")
    assert restore(backend).agrees
    finish(backend)
    lost_minutes = ACCIDENT + 1 - last_booked
    assert lost_minutes <= (SLOT + DELAY) // 60 + 1
    expected = {name: count - 8 * lost_minutes for name, count in truth().items()}
    expected[NAMES[3]] += 4 * lost_minutes
    assert backend.requests() == expected


def test_the_ledger_lost_is_computed_from_raw_data(watched: tuple[UseCases, Copy]) -> None:
    backend, _ = watched
    put_back(backend, {}, "LEDGER_TABLE")
    assert restore(backend).is_ledger_lost
    finish(backend)
    assert backend.requests() == truth()
    assert hours(backend) == truth()
    read_everything(backend)


def test_a_ledger_lost_after_days_begins_with_the_oldest_raw_data_and_closed_books_stay(
    dynamodb_local: DynamoDBLocal,
) -> None:
    backend = UseCases(dynamodb_local.client(), "local", dynamodb_local.endpoint_url)
    start = HOUR // DAY * DAY - DAY - 6 * 3_600
    for number in range(36 * 6):
        at = start + 600.0 * number
        backend.push(snapshot(at, [process(_rows([(NAMES[0], number + 1)]), at, start - 90)], ROUTES))
        if number % 6 == 1:
            backend.roll_up(at + 65)
    kept = [store.between(CLUSTER, "a.example.com", 0, 2**33) for store in (backend.hourly, backend.daily)]
    before = [list(books) for books in kept]
    assert [len(books) for books in before] == [35, 2]
    put_back(backend, {}, "LEDGER_TABLE")
    expire_raw(backend, start + 9 * 3_600)
    assert restore(backend).is_ledger_lost
    at = start + 600.0 * 36 * 6
    backend.push(snapshot(at, [process(_rows([(NAMES[0], 36 * 6 + 1)]), at, start - 90)], ROUTES))
    backend.roll_up(at + SLOT + DELAY)
    kept = [store.between(CLUSTER, "a.example.com", 0, 2**33) for store in (backend.hourly, backend.daily)]
    assert [list(books)[: len(known)] for books, known in zip(kept, before, strict=True)] == before
    assert backend.requests() == {NAMES[0]: 4 * 27 * 6}, "since the oldest raw data"


def expire_raw(backend: UseCases, until: float) -> None:
    """Delete what DynamoDB would have deleted by now."""
    for item in copied(backend)["RAW_TABLE"]:
        if int(item["sample_key"]["S"].partition("|")[0]) / 1000 < until:
            key = {name: item[name] for name in ("cluster_id", "sample_key")}
            backend.client.delete_item(TableName=backend.names["RAW_TABLE"], Key=key)


def test_the_catalogue_lost_counts_on_under_new_ids(watched: tuple[UseCases, Copy]) -> None:
    """The names of everything counted before are lost; nothing is counted under a wrong one."""
    backend, _ = watched
    old = {entry.id for entry in backend.catalogue().entries}
    put_back(backend, {}, "CATALOGUE_TABLE")
    restore(backend)
    finish(backend)
    entries = backend.catalogue().by_id()
    assert not old & entries.keys()
    counted = {
        entries[key].label: counts.counts.requests for key, counts in _rows_of(backend).items() if key in entries
    }
    assert {name for name, count in counted.items() if count > truth()[name]} == set()
    read_everything(backend)


def _rows_of(backend: UseCases) -> Any:
    state = backend.clusters.get(CLUSTER, consistent=True)
    assert state is not None
    return backend.ledgers.at(CLUSTER, state.watermark, consistent=True).rows


def test_where_everything_agrees_nothing_is_written(watched: tuple[UseCases, Copy]) -> None:
    backend, _ = watched
    before = copied(backend)
    assert restore(backend).agrees
    assert copied(backend) == before


def test_the_command_says_what_it_found(watched: tuple[UseCases, Copy], monkeypatch: pytest.MonkeyPatch) -> None:
    backend, copy = watched
    operate(backend, monkeypatch)
    put_back(backend, copy, "LEDGER_TABLE")
    before = copied(backend)
    [planned] = json.loads(run("restore", "--dry-run", "--json").out)
    assert copied(backend) == before
    assert planned["goes_on_from"] == HOUR + 60 * COPIED
    done = run("restore")
    assert done.code == 0, done.err
    assert CLUSTER in done.out
    finish(backend)
    assert backend.requests() == truth()
    assert run("restore", "--cluster", "nobody").code == 1


def test_a_cluster_that_is_nowhere_is_said_so(moto_backend: UseCases) -> None:
    with pytest.raises(NotFoundError):
        list(Restore(moto_backend.stores).run("nobody"))
    assert list(Restore(moto_backend.stores).run()) == []
