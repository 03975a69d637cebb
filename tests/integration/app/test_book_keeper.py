"""A book or a change of status that DynamoDB refuses holds nothing up, and a later rollup writes it."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from integration.use_cases import CLUSTER, DELAY, SLOT, T0, UseCases, process, route, row, snapshot

from lab.cloud.dynamodb_local import REGION, DynamoDBLocal, every_client
from slo.app.book_keeper import BookKeeper
from slo.app.remove_cluster import RemoveCluster
from slo.store.owed_books import OwedBook, OwedBooks

HOUR = T0 // 3600 * 3600
POISONED, HEALTHY = "poisoned.example.com", "healthy.example.com"
ROUTES = (route(POISONED), route(HEALTHY))
MINUTES = 130


class Refusals:
    """DynamoDB refuses each write of an item whose hash key contains `key`."""

    def __init__(self) -> None:
        self.key = ""
        self.count = 0

    def register(self, events: Any) -> None:
        events.register("before-call.dynamodb", self._check)

    def _check(self, model: Any, params: dict[str, Any], **_: Any) -> None:
        if self.key and model.name in ("PutItem", "TransactWriteItems") and self.key.encode() in params["body"]:
            self.count += 1
            error = {"Code": "ValidationException", "Message": "Item size has exceeded the maximum allowed size"}
            raise ClientError({"Error": error}, model.name)


@pytest.fixture
def refusals() -> Iterator[Refusals]:
    refusals = Refusals()
    with every_client(refusals.register):
        yield refusals


@pytest.fixture
def backend(refusals: Refusals, dynamodb_local: DynamoDBLocal) -> UseCases:
    assert not refusals.count, "clients that are created now see the refusals"
    backend = UseCases(dynamodb_local.client(), REGION, dynamodb_local.endpoint_url)
    for number in range(MINUTES + 1):
        at = HOUR + 60.0 * number
        rows = [row(info.router_keys[0], 10 * number) for info in ROUTES] if number else []
        backend.push(snapshot(at, [process(rows, at, HOUR - 4000)], ROUTES))
    return backend


def roll_up_to(backend: UseCases, end: int) -> list[int]:
    """Roll up slot by slot; returns how many writes each run left."""
    state = backend.clusters.get(CLUSTER)
    first = state.watermark if state and state.watermark else HOUR
    return [
        booked.refused
        for cutoff in range(first + SLOT, end + 1, SLOT)
        if (booked := backend.roll_up(cutoff + DELAY)) is not None
    ]


def hours(backend: UseCases, domain: str) -> list[int]:
    return [book.starts_at for book in backend.hourly.between(CLUSTER, domain, HOUR, HOUR + 7200)]


def test_the_watermark_moves_and_the_next_run_writes_the_book(backend: UseCases, refusals: Refusals) -> None:
    refusals.key = f"{CLUSTER}#{POISONED}"
    left = roll_up_to(backend, HOUR + 3600 + SLOT)
    assert left[-2:] == [1, 1]
    state = backend.clusters.get(CLUSTER, consistent=True)
    assert state is not None
    assert (state.watermark, state.owes_books) == (HOUR + 3900, True)
    assert (hours(backend, POISONED), hours(backend, HEALTHY)) == ([], [HOUR])
    refusals.key = ""
    assert roll_up_to(backend, HOUR + 7200) == [0] * 11
    assert hours(backend, POISONED) == hours(backend, HEALTHY) == [HOUR, HOUR + 3600]
    assert backend.stores.of(OwedBooks).of(CLUSTER) == []
    assert backend.hourly_requests(HOUR, HOUR + 7200) == {info.router_keys[0]: 1200 for info in ROUTES}


def test_a_book_that_stays_refused_is_tried_once_a_run_and_no_other_is_written_again(
    backend: UseCases, refusals: Refusals
) -> None:
    refusals.key = f"{CLUSTER}#{POISONED}"
    roll_up_to(backend, HOUR + 3600)
    assert refusals.count == 1
    written = backend.roll_up(HOUR + 3900 + DELAY)
    assert written is not None
    assert (written.books, written.refused, refusals.count) == (0, 1, 2)
    assert f"The book of {POISONED}" in written.refusal
    assert "exceeded the maximum allowed size" in written.refusal
    owed = backend.stores.of(OwedBooks).of(CLUSTER)
    assert owed == [OwedBook(3600, HOUR, POISONED)]


def test_when_refusals_take_long_the_rest_is_owed_untried(backend: UseCases, refusals: Refusals) -> None:
    """A throttled table would otherwise use up the whole time of the function."""
    roll_up_to(backend, HOUR + 3600 - SLOT)
    refusals.key = f"{CLUSTER}#"
    backend.now = HOUR + 3600 + DELAY
    worker = backend.worker()
    times = iter(range(0, 1000, 20))
    worker._books = BookKeeper(backend.stores, monotonic=lambda: next(times))
    booked = worker.run(CLUSTER)
    assert booked is not None
    assert (booked.books, booked.refused) == (0, 3)
    assert refusals.count == 1


def test_a_refused_change_of_status_is_found_again_by_the_next_run(backend: UseCases, refusals: Refusals) -> None:
    refusals.key = backend.names["STATUS_HISTORY_TABLE"]
    assert roll_up_to(backend, HOUR + 900) == [1, 1, 1]
    assert backend.statuses.latest(CLUSTER, HOUR + 900) is None
    refusals.key = ""
    roll_up_to(backend, HOUR + 1200)
    latest = backend.statuses.latest(CLUSTER, HOUR + 1200)
    assert latest is not None
    assert (latest.at, len(latest.statuses)) == (HOUR + 1200, 12)


def test_a_removed_cluster_is_owed_nothing(backend: UseCases, refusals: Refusals) -> None:
    refusals.key = f"{CLUSTER}#{POISONED}"
    roll_up_to(backend, HOUR + 3600)
    refusals.key = ""
    backend.now = HOUR + 90 * 86400
    RemoveCluster(backend.stores).run(CLUSTER, lambda *_: None)
    assert backend.stores.of(OwedBooks).of(CLUSTER) == []
