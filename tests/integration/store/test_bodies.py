"""The laws of large bodies, on both engines: see slo.store.bodies."""

from typing import Any
from uuid import uuid4

import boto3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from integration.use_cases import CLUSTER, T0, UseCases, process, route, row, snapshot
from pynamodb.connection import Connection
from pynamodb.exceptions import TransactWriteError

from slo.counting.books import Book, Step
from slo.counting.counts import Counts
from slo.objectives.status_changes import StatusBook
from slo.store.bodies import Bodies
from slo.store.errors import LostClaimError, WriteConflictError
from slo.store.ledgers import LedgerItem

SMALL = 100


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Split bodies of a few hundred bytes into parts, as production does with bodies of a megabyte."""
    monkeypatch.setattr("slo.store.bodies.PART_BYTES", SMALL)


@pytest.fixture
def items(moto_backend: UseCases) -> type[LedgerItem]:
    return moto_backend.stores.tables.bind(LedgerItem, "LEDGER_TABLE")


def head(items: type[LedgerItem], *, generation: int = 1, at: int | None = None) -> LedgerItem:
    key = f"{at:010d}" if at is not None else uuid4().hex
    return items(CLUSTER, key, generation=generation, expires_at=T0)


def save(item: LedgerItem) -> None:
    item.save()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(st.binary(max_size=3 * SMALL + 1))
def test_a_body_of_any_size_comes_back_as_it_was(items: type[LedgerItem], body: bytes) -> None:
    bodies, written = Bodies(items), head(items)
    bodies.put(written, body, save)
    read = items.get(*written.own_key(), consistent_read=True)
    assert bodies.get(read, consistent=True) == body
    assert len(read.part_keys()) == max(0, (len(body) - 1) // SMALL)


def test_nothing_is_seen_before_all_of_it_is_there(items: type[LedgerItem]) -> None:
    def killed(_: LedgerItem) -> None:
        raise KeyboardInterrupt

    bodies, written = Bodies(items), head(items)
    bodies.put(written, b"a" * 250, save)
    newer = head(items, generation=2)
    newer.ledger_key = written.ledger_key
    with pytest.raises(KeyboardInterrupt):
        bodies.put(newer, b"b" * 250, killed)
    assert bodies.get(items.get(*written.own_key()), consistent=True) == b"a" * 250


def test_a_head_that_was_replaced_after_it_was_read_is_read_again(items: type[LedgerItem]) -> None:
    bodies, written = Bodies(items), head(items, at=T0)
    bodies.put(written, b"a" * 250, save)
    stale = items.get(*written.own_key())
    bodies.delete(items.get(*written.own_key()))
    bodies.put(head(items, generation=2, at=T0), b"b" * 450, save)
    assert bodies.get(stale, consistent=False) == b"b" * 450


def test_a_head_that_was_deleted_after_it_was_read_is_a_conflict(items: type[LedgerItem]) -> None:
    bodies, written = Bodies(items), head(items)
    bodies.put(written, b"a" * 250, save)
    stale = items.get(*written.own_key())
    bodies.delete(items.get(*written.own_key()))
    with pytest.raises(WriteConflictError, match="gone"):
        bodies.get(stale, consistent=False)
    assert not list(items.query(f"{CLUSTER}#parts"))


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each batch of items was read consistently."""
    seen: list[bool] = []
    original = Connection.batch_get_item

    def spy(self: Connection, *positional: Any, **named: Any) -> Any:
        seen.append(bool(named.get("consistent_read")))
        return original(self, *positional, **named)

    monkeypatch.setattr(Connection, "batch_get_item", spy)
    return seen


@pytest.mark.parametrize("consistent", [True, False])
def test_parts_are_read_as_consistently_as_their_head(
    items: type[LedgerItem], reads: list[bool], consistent: bool
) -> None:
    bodies, written = Bodies(items), head(items)
    bodies.put(written, b"a" * 250, save)
    bodies.get(items.get(*written.own_key()), consistent=consistent)
    assert reads == [consistent]


def many(count: int) -> tuple[Any, ...]:
    return tuple(route(f"d{number}.example.com", f"/{number * 7919 % 1000}") for number in range(count))


def test_a_lost_answer_destroys_no_catalogue(backend: UseCases, monkeypatch: pytest.MonkeyPatch) -> None:
    original = Connection.transact_write_items

    def lost(self: Connection, *positional: Any, **named: Any) -> None:
        original(self, *positional, **named)
        raise TransactWriteError("no answer", cause=ConnectionError())

    backend.push(snapshot(T0, [], many(20)))
    with monkeypatch.context() as patched:
        patched.setattr(Connection, "transact_write_items", lost)
        with pytest.raises(TransactWriteError):
            backend.push(snapshot(T0 + 60, [], many(25)))
    backend.push(snapshot(T0 + 120, [], many(25)))
    assert len(backend.catalogue().routes) == 25


def test_a_catalogue_leaves_no_parts_behind(backend: UseCases) -> None:
    """Replaced and refused versions leave no parts."""
    for count in (20, 30, 10):
        backend.push(snapshot(T0 + count, [], many(count)))
        with pytest.raises(WriteConflictError):
            backend.catalogues.put(CLUSTER, backend.catalogue())
    client = boto3.client("dynamodb", region_name=backend.region, endpoint_url=backend.host)
    found = client.scan(TableName=backend.names["CATALOGUE_TABLE"])["Items"]
    (kept,) = [item["parts"]["L"] for item in found if "parts" in item]
    assert len(found) == len(kept) + 2, "the head, its version, and the parts that it names"


def test_books_and_statuses_of_any_size_are_kept(backend: UseCases) -> None:
    counts = {number: Counts({"200": number}, {"GET": number}, [number], number) for number in range(1, 200)}
    book = Book("one.example.com", T0, 300, (Step(True, 1.0, counts),), {f"/{number}": (number,) for number in counts})
    statuses = StatusBook(T0, (), {f"1d|d{number}.example.com|": "healthy" for number in range(200)})
    state = backend.clusters
    backend.push(snapshot(T0, [process([row("r@kubernetescrd", 1)], T0, T0 - 5)]))
    known = state.get(CLUSTER)
    assert known is not None
    generation = state.claim(known)
    for store in (backend.hourly, backend.daily):
        store.put(CLUSTER, book, generation)
        assert list(store.between(CLUSTER, "one.example.com", T0, T0 + 1)) == [book]
        store.delete(CLUSTER, "one.example.com", T0)
        assert not list(store.between(CLUSTER, "one.example.com", T0, T0 + 1))
    backend.statuses.put(CLUSTER, statuses, generation)
    assert backend.statuses.latest(CLUSTER, T0) == statuses


def test_a_slow_worker_clears_nothing_that_a_faster_one_wrote(backend: UseCases) -> None:
    backend.push(snapshot(T0, [process([row("r@kubernetescrd", 1)], T0, T0 - 5)]))
    state = backend.clusters.get(CLUSTER)
    assert state is not None
    slow = backend.clusters.claim(state)
    newer = backend.clusters.get(CLUSTER)
    assert newer is not None
    fast = backend.clusters.claim(newer)
    book = StatusBook(T0, (), {"1d|a.example.com|": "healthy"})
    backend.statuses.put(CLUSTER, book, fast)
    with pytest.raises(LostClaimError):
        backend.statuses.clear(CLUSTER, T0 - 1, slow)
    assert backend.statuses.latest(CLUSTER, T0) == book
    backend.statuses.clear(CLUSTER, T0 - 1, fast)
    assert backend.statuses.latest(CLUSTER, T0) is None
