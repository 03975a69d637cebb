"""Raw items: whole samples, and differences to them."""

import gzip
import random
from typing import Any

import pytest
from integration.use_cases import BOUNDS, CLUSTER, DELAY, SLOT, T0, UseCases, process, route, row, snapshot
from msgspec.structs import replace

from slo.app.ingest import Ingest
from slo.app.stores import Stores
from slo.counting.retention import RAW_KEPT_SECONDS
from slo.counting.rollup import Sample
from slo.traefik import snapshots
from slo.traefik.snapshots import SeriesRow, Snapshot

START = T0 - 4000
ROUTES = tuple(route(f"d{number}.example.com") for number in range(50))
SLOT_START = T0 // SLOT * SLOT
VALUES_A_ROW = 10
"""Two codes, four bounds and four more columns."""


def minute(number: int, *, start: float = START, routes: int = 50) -> Snapshot:
    at = SLOT_START + 60.0 * number + 10
    rows = [
        row(info.router_keys[0], (index + 7) * 1_000_003 + number * (index + 3), index + number)
        for index, info in enumerate(ROUTES[:routes])
    ]
    return snapshot(at, [process(rows, at, start)], ROUTES[:routes])


def items(backend: UseCases) -> list[dict[str, Any]]:
    """The samples' items, oldest first."""
    found: list[dict[str, Any]] = backend.client.query(
        TableName=backend.names["RAW_TABLE"],
        KeyConditionExpression="cluster_id = :cluster",
        ExpressionAttributeValues={":cluster": {"S": CLUSTER}},
    )["Items"]
    return found


def wholes(backend: UseCases) -> list[bool]:
    return ["whole_at" not in item for item in items(backend)]


def samples(backend: UseCases) -> list[Sample]:
    return backend.raw.between(CLUSTER, SLOT_START, SLOT_START + 3600)


def requests(sample: Sample) -> int:
    return sum(counts.requests for counts in sample.rows.values())


def expected(*pushed: Snapshot) -> list[int]:
    return [sum(sum(each.codes.values()) for each in one.ingress_metrics.processes[0].rows) for one in pushed]


def push_elsewhere(backend: UseCases, pushed: Snapshot) -> None:
    """A push that another instance of the function takes."""
    elsewhere = Ingest(Stores(backend.setting, backend.clock))
    backend.now = pushed.taken_at + 1
    sent = replace(pushed, sent_at=backend.now)
    elsewhere.accept(CLUSTER, gzip.compress(snapshots.encode(sent)))


def test_the_first_sample_of_a_slot_is_whole_and_the_others_are_small(real: UseCases) -> None:
    pushed = [minute(number) for number in range(10)]
    for each in pushed:
        real.push(each)
    assert wholes(real) == [True, False, False, False, False] * 2
    assert list(map(requests, samples(real))) == expected(*pushed)
    sizes = [len(item["body"]["B"]) for item in items(real)]
    assert max(sizes[1:5]) < sizes[0] / 2


def test_each_instance_of_the_function_stores_differences_to_what_it_stored_itself(real: UseCases) -> None:
    pushed = [minute(number) for number in range(5)]
    real.push(pushed[0])
    push_elsewhere(real, pushed[1])
    real.push(pushed[2])
    push_elsewhere(real, pushed[3])
    real.push(pushed[4])
    assert wholes(real) == [True, True, False, True, False]
    assert list(map(requests, samples(real))) == expected(*pushed)


def test_a_sample_of_another_process_or_other_routes_is_whole(real: UseCases) -> None:
    pushed = [minute(0), minute(1), minute(2, start=T0 + 100.0), minute(3, start=T0 + 100.0), minute(4, routes=40)]
    for each in pushed:
        real.push(each)
    assert wholes(real) == [True, False, True, False, True]
    assert list(map(requests, samples(real))) == expected(*pushed)


def test_a_sample_that_comes_late_or_twice_is_told_as_well(real: UseCases) -> None:
    early, late = minute(1), minute(3)
    real.push(minute(0))
    real.push(late)
    real.push(early, at=late.taken_at + 1)
    real.push(late)
    assert wholes(real) == [True, False, False]
    assert list(map(requests, samples(real))) == expected(minute(0), early, late)


def test_a_difference_is_read_by_its_key_alone(real: UseCases) -> None:
    for number in range(3):
        real.push(minute(number))
    known = {sample.sample_key: sample for sample in samples(real)}
    last = max(known)
    assert real.raw.get(CLUSTER, [last]) == {last: known[last]}


def test_a_whole_sample_outlives_the_differences_to_it(real: UseCases) -> None:
    for number in range(5):
        real.push(minute(number))
    first, *others = [int(item["expires_at"]["N"]) for item in items(real)]
    assert first > max(others)
    assert others == [int(minute(number).taken_at + 1) + RAW_KEPT_SECONDS for number in range(1, 5)]


def test_a_difference_whose_whole_sample_is_gone_counts_as_expired(real: UseCases) -> None:
    for number in range(3):
        real.push(minute(number))
    key = {name: value for name, value in items(real)[0].items() if name in ("cluster_id", "sample_key")}
    real.client.delete_item(TableName=real.names["RAW_TABLE"], Key=key)
    assert samples(real) == []


def test_the_function_remembers_a_bounded_number_of_values(real: UseCases, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("slo.store.raw._REMEMBERED_VALUES", 99 * VALUES_A_ROW)
    for number in range(2):
        at = SLOT_START + 60.0 * number + 10
        rows = list(minute(number).ingress_metrics.processes[0].rows)
        pods = [replace(process(rows, at, START), pod=f"ns/traefik-{pod}") for pod in range(3)]
        real.push(snapshot(at, pods, ROUTES))
    assert wholes(real) == [True, True, True, True, True, True]
    assert len({requests(sample) for sample in samples(real)}) == 2


def test_bounds_that_change_within_a_slot_are_told(real: UseCases) -> None:
    real.push(minute(0))
    other = minute(1)
    [traefik] = other.ingress_metrics.processes
    rows = tuple(replace(each, buckets=each.buckets[1:]) for each in traefik.rows)
    metrics = replace(other.ingress_metrics, processes=(replace(traefik, bounds=BOUNDS[1:], rows=rows),))
    real.push(replace(other, ingress_metrics=metrics))
    [first, second] = samples(real)
    assert {len(counts.buckets) for counts in first.rows.values()} == {len(BOUNDS) + 1}
    assert {len(counts.buckets) for counts in second.rows.values()} == {len(BOUNDS)}


def test_rollup_books_the_same_counts(real: UseCases) -> None:
    for number in range(8):
        real.push(minute(number))
    for slot in (1, 2):
        real.roll_up(SLOT_START + slot * SLOT + DELAY)
    [first, *_, last] = expected(*map(minute, range(8)))
    assert sum(real.requests().values()) == last - first


def parts(backend: UseCases) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = backend.client.query(
        TableName=backend.names["RAW_TABLE"],
        KeyConditionExpression="cluster_id = :parts",
        ExpressionAttributeValues={":parts": {"S": f"{CLUSTER}#parts"}},
    )["Items"]
    return found


def test_a_push_of_as_many_series_as_a_snapshot_may_have_is_stored_and_booked(real: UseCases) -> None:
    """Two entry points of 10,000 routes, with counts of a long life: more than an item of DynamoDB holds."""
    chance = random.Random(3)
    names = [f"ns-shop-{number}@kubernetescrd" for number in range(snapshots.MAX_ROWS)]
    before = {name: served(row(name, 0, 0), chance, 10**6) for name in names}
    after = {name: served(known, chance, 10) for name, known in before.items()}
    for number, rows in enumerate((before, after)):
        at = SLOT_START + 60.0 * number + 10
        real.push(snapshot(at, [process(list(rows.values()), at, START)], ROUTES[:1]))
    assert parts(real), "the test is large"
    assert wholes(real) == [True, False]
    real.roll_up(SLOT_START + SLOT + DELAY)
    assert real.requests() == {name: after[name].buckets[-1] - before[name].buckets[-1] for name in names}


def served(known: SeriesRow, chance: random.Random, most: int) -> SeriesRow:
    """A row with up to so many more requests of each of three codes, of any latencies."""
    codes = {code: known.codes.get(code, 0) + chance.randrange(1, most) for code in ("200", "404", "503")}
    requests = sum(codes.values())
    added = requests - known.buckets[-1]
    more = [*sorted(chance.randrange(added + 1) for _ in BOUNDS), added]
    buckets = tuple(count + increase for count, increase in zip(known.buckets, more, strict=True))
    seconds = known.duration_seconds_sum + chance.randrange(10**9) / 10**6
    return replace(known, codes=codes, methods={"GET": requests}, buckets=buckets, duration_seconds_sum=seconds)


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("slo.store.bodies.PART_BYTES", 200)


@pytest.mark.usefixtures("small_parts")
def test_a_push_that_is_sent_again_does_not_disturb_the_one_that_is_stored(real: UseCases) -> None:
    real.push(minute(0))
    stored = len(parts(real))
    assert stored > 1
    for _ in range(2):
        push_elsewhere(real, minute(0))
    real.push(minute(1))
    assert len(parts(real)) > 3 * stored
    assert list(map(requests, samples(real))) == expected(minute(0), minute(1))


@pytest.mark.usefixtures("small_parts")
def test_a_sample_of_which_a_part_has_expired_has_expired(real: UseCases) -> None:
    for number in (0, 1, 5):
        real.push(minute(number))
    gone = parts(real)[0]
    key = {name: gone[name] for name in ("cluster_id", "sample_key")}
    assert {item["expires_at"]["N"] for item in parts(real)} == {item["expires_at"]["N"] for item in items(real)}
    real.client.delete_item(TableName=real.names["RAW_TABLE"], Key=key)
    assert list(map(requests, samples(real))) == expected(minute(5))
