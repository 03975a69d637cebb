"""Workers are killed at each of their writes while every body is split into parts, and a second worker goes on."""

import threading

import pytest
from integration.kills import KilledError, Writes
from integration.use_cases import CLUSTER, DELAY, SLOT, T0, UseCases, process, route, row, snapshot

from lab.cloud.dynamodb_local import REGION, DynamoDBLocal, every_client
from slo.traefik.snapshots import Snapshot

HOUR = T0 // 3600 * 3600
ROUTES = tuple(route(f"d{number}.example.com") for number in range(8))
NAMES = [info.router_keys[0] for info in ROUTES]
MINUTES = 70


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each ledger and status book has a few parts, as those of thousands of routes have."""
    monkeypatch.setattr("slo.store.bodies.PART_BYTES", 250)


def minute(number: int) -> Snapshot:
    at = HOUR + 60.0 * number
    rows = [row(name, 9 * number, number) for name in NAMES] if number else []
    return snapshot(at, [process(rows, at, HOUR - 4000)], ROUTES)


def check(backend: UseCases) -> None:
    backend.roll_up(HOUR + 60 * MINUTES + SLOT + DELAY)
    backend.roll_up(HOUR + 7200 + DELAY)
    truth = dict.fromkeys(NAMES, 10 * MINUTES)
    assert backend.requests() == truth
    assert backend.hourly_requests(HOUR, HOUR + 7200) == truth


@pytest.mark.parametrize("is_after", [False, True], ids=["before the write", "after the write"])
def test_a_worker_killed_at_each_write_of_a_large_rollup(dynamodb_local: DynamoDBLocal, is_after: bool) -> None:
    """The rollup that closes an hour is killed at its first write, the next try at its second one, and so on."""
    writes = Writes()
    with every_client(writes.register):
        backend = UseCases(dynamodb_local.client(), REGION, dynamodb_local.endpoint_url)
        for number in range(MINUTES + 1):
            backend.push(minute(number))
        backend.now = HOUR + 60 * 65 + DELAY
        fatal = 1
        while True:
            writes.kill_at(fatal, after=is_after)
            try:
                backend.worker().run(CLUSTER)
            except KilledError:
                fatal += 1
            else:
                break
            finally:
                writes.spare()
        assert writes.kills > 30, "a large rollup has many writes"
        check(backend)


def test_two_workers_at_once_whose_writes_take_turns(dynamodb_local: DynamoDBLocal) -> None:
    backend = UseCases(dynamodb_local.client(), REGION, dynamodb_local.endpoint_url)
    failures: list[BaseException] = []

    def work() -> None:
        try:
            backend.worker().run(CLUSTER)
        except BaseException as error:
            failures.append(error)

    for number in range(MINUTES + 1):
        backend.push(minute(number))
        if number % 5 == 2:
            threads = [threading.Thread(target=work) for _ in range(2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    assert failures == []
    check(backend)
