"""Faults one after the other, in simulated time, on the real engine. Afterwards the counts must be the truth.

    python -m soak.faults [--hours N]

Each prints what was counted, and how long it took to recover.
"""

import argparse
import io
import json
import logging
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any
from unittest import mock

import pynamodb.settings
from integration.use_cases import DELAY, SLOT, UseCases, process, route, row, snapshot
from soak.clocks import odd_clocks
from soak.fleet import MINUTE, Fleet, Weather
from soak.survived import START, Survived, pushed, rolled_up
from soak.upgrades import upgraded
from soak.workers import killed_workers, two_workers

from bench.synthetic import SyntheticCluster
from lab.cloud.dynamodb_local import REGION, DynamoDBLocal
from lab.cloud.embedded import Embedded
from lab.cloud.functions import LambdaContext
from lab.cloud.gate import Gate
from slo.traefik.snapshots import Snapshot

CALM = Weather(lost=0, late=0, twice=0, restarts=0, outages=0, steps=0)
_RECEIVES = 3
"""SQS gives a message up after so many."""


@contextmanager
def gated(engine: DynamoDBLocal) -> Iterator[tuple[UseCases, UseCases, Gate]]:
    """One deployment, reached directly and through a gate, by clients that do not wait for long."""
    impatient = {"max_retry_attempts": 1, "base_backoff_ms": 1, "read_timeout_seconds": 5}
    with Gate(engine.endpoint_url) as gate:
        calm = UseCases(engine.client(), REGION, engine.endpoint_url)
        with mock.patch.dict(pynamodb.settings.default_settings_dict, impatient):
            through = UseCases(engine.client(), REGION, gate.endpoint_url, names=calm.names)
        yield calm, through, gate


def during(
    engine: DynamoDBLocal, name: str, fleet: Fleet, first: int, last: int, begin: Callable[[Gate], None]
) -> Survived:
    """Push a fleet while a fault holds from one minute to another, and roll up every five minutes."""
    found, end = Survived(name), START + last * MINUTE
    pushes = sorted([*fleet.arrivals, *fleet.failed], key=lambda each: each.at)
    with gated(engine) as (calm, through, gate):
        due, recovered_at = START + DELAY, 0.0
        for arrival in pushes:
            is_over = arrival.at >= end
            if is_over or arrival.at < START + first * MINUTE:
                gate.is_closed, gate.throttled_share = False, 0.0
            else:
                begin(gate)
            found.failed += not pushed(through, arrival.sent(arrival.at), arrival.at)
            while due <= arrival.at:
                found.failed += not rolled_up(through, fleet.cluster_id, due)
                state = calm.clusters.get(fleet.cluster_id, consistent=True)
                if is_over and not recovered_at and state and state.watermark >= end - SLOT:
                    recovered_at = due
                due += SLOT
        for at in (pushes[-1].at + SLOT + DELAY, pushes[-1].at + 2 * SLOT + DELAY):
            rolled_up(calm, fleet.cluster_id, at)
        found.compare(fleet.truth, calm.codes(fleet.cluster_id))
    found.recovery = (
        f"{max(0.0, recovered_at - end) / MINUTE:.0f} min after it ended" if recovered_at else "not in time"
    )
    return found


def unreachable(engine: DynamoDBLocal, seed: int = 1) -> Survived:
    """DynamoDB cannot be reached for 10 minutes. What processes that end meanwhile counted since then is lost."""
    weather = Weather(lost=0, late=0, twice=0, restarts=0.05, outages=0, steps=0.05, unreachable=(10, 20))
    fleet = Fleet("unreachable", seed, start=START, minutes=40, weather=weather)

    def close(gate: Gate) -> None:
        gate.is_closed = True

    return during(engine, "DynamoDB unreachable for 10 minutes", fleet, 10, 20, close)


def throttled(engine: DynamoDBLocal, seed: int = 2) -> Survived:
    """DynamoDB refuses nine of ten requests for an hour."""
    fleet = Fleet("throttled", seed, start=START, minutes=90, agents=1, weather=CALM)

    def throttle(gate: Gate) -> None:
        gate.throttled_share = 0.9

    return during(engine, "throttled to a tenth for an hour", fleet, 15, 75, throttle)


def rollup_failing(engine: DynamoDBLocal, hours: int, routes: int = 300) -> Survived:
    """Rollup fails for hours while two pods push once a minute. Then it catches up, as fast as it can."""
    backend = UseCases(engine.client(), REGION, engine.endpoint_url)
    cluster = SyntheticCluster(routes, now=START, pods=2)
    before = Counter[str]()
    for minute in range(60 * hours + 1):
        cluster.run_until(START + minute * MINUTE)
        before = before or _requests(cluster)
        pushed(backend, cluster.snapshot(), cluster.now + 1)
    started, runs = time.monotonic(), 0
    backend.now = cluster.now + SLOT + DELAY
    while backend.worker().run(cluster.cluster_id) is not None:
        runs += 1
    took = time.monotonic() - started
    found = Survived(f"rollup failing for {hours} hours, {routes} routes")
    counted = {name: Counter({"": codes.total()}) for name, codes in backend.codes(cluster.cluster_id).items()}
    truth = {name: Counter({"": count - before[name]}) for name, count in _requests(cluster).items()}
    found.compare(truth, counted)
    ratio = hours * 3600 / took
    found.recovery = f"{took:.0f} s in {runs} runs, {ratio:,.0f} times real time"
    if ratio < 20:
        found.differences.append("slower than 20 times real time")
    return found


def _requests(cluster: SyntheticCluster) -> Counter[str]:
    counted = Counter[str]()
    for series in cluster.series:
        counted[series.router] += series.requests
    return counted


class Queue:
    """The rollup queue: a message that failed three times becomes a dead letter."""

    def __init__(self, handler: Callable[[dict[str, Any], Any], Any]) -> None:
        self._handler = handler
        self.dead: list[str] = []
        self.failures = 0

    def send(self, cluster_ids: list[str]) -> None:
        """Deliver messages in batches of five, until each succeeds or is dead."""
        waiting = [(cluster_id, 1) for cluster_id in cluster_ids]
        while waiting:
            batch, waiting = waiting[:5], waiting[5:]
            failed = self._failed([cluster_id for cluster_id, _ in batch])
            self.failures += len(failed)
            again = [(cluster_id, received) for cluster_id, received in batch if cluster_id in failed]
            self.dead += [cluster_id for cluster_id, received in again if received == _RECEIVES]
            waiting += [(cluster_id, received + 1) for cluster_id, received in again if received < _RECEIVES]

    def _failed(self, cluster_ids: list[str]) -> set[str]:
        records = [
            {"messageId": cluster_id, "eventSource": "aws:sqs", "body": json.dumps({"cluster_id": cluster_id})}
            for cluster_id in cluster_ids
        ]
        try:
            answer = self._handler({"Records": records}, LambdaContext())
        except Exception:  # the whole batch failed
            return set(cluster_ids)
        return {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}


class _Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record)


@contextmanager
def _logged(service: str) -> Iterator[list[logging.LogRecord]]:
    """What a function logs. Its own handler may write to a stream that was replaced since."""
    logger, handler = logging.getLogger(service), _Lines()
    logger.addHandler(handler)
    try:
        yield handler.lines
    finally:
        logger.removeHandler(handler)


def poisoned(engine: DynamoDBLocal, healthy: int = 50) -> Survived:
    """An item of one cluster cannot be decoded. It is mended, and the dead letters are replayed."""
    found = Survived(f"one poisoned cluster beside {healthy} healthy ones")
    names = ["poisoned", *(f"healthy-{number}" for number in range(healthy))]
    with _logged("rollup") as logs, Embedded(endpoint_url=engine.endpoint_url) as stack:
        for minute in range(8):
            for name in names:
                stack.push(_simple(name, START + minute * MINUTE, minute))
        mend = _poison(stack, engine.client())
        stack.now = START + 8 * MINUTE + SLOT
        queue = Queue(stack.roll_up)
        started = time.monotonic()
        queue.send(names)
        took = time.monotonic() - started
        for name in names[1:]:
            found.compare({name: Counter(all=70)}, {name: Counter(all=_counted(stack, name))})
        if queue.dead != ["poisoned"]:
            found.differences.append(f"dead letters: {queue.dead}")
        failed = [vars(line).get("cluster_id") for line in logs if line.getMessage() == "rollup failed"]
        if set(failed) != {"poisoned"}:
            found.differences.append("the log does not say which cluster failed")
        mend()
        replayed, queue.dead = queue.dead, []
        queue.send(replayed)
        found.compare({"poisoned": Counter(all=70)}, {"poisoned": Counter(all=_counted(stack, "poisoned"))})
        found.differences += [f"still dead: {name}" for name in queue.dead]
        found.failed = queue.failures
    found.recovery = f"the healthy ones in {took:.0f} s; the other at the replay of its dead letter"
    return found


def _simple(cluster_id: str, at: float, minute: int) -> Snapshot:
    info = route(f"{cluster_id}.example.com")
    rows = [row(info.router_keys[0], 9 * minute, minute)] if minute else []
    return snapshot(at, [process(rows, at, START - 900)], (info,), cluster_id=cluster_id)


def _counted(stack: Embedded, cluster_id: str) -> int:
    return sum(counts.requests for counts in stack.ledger_counts(cluster_id).values())


def _poison(stack: Embedded, client: Any) -> Callable[[], None]:
    """Overwrite the body of a raw item. Returns what puts it back."""
    table = stack.names["RAW_TABLE"]
    query = {"KeyConditionExpression": "cluster_id = :id", "ExpressionAttributeValues": {":id": {"S": "poisoned"}}}
    item = client.query(TableName=table, **query)["Items"][3]
    client.put_item(TableName=table, Item={**item, "body": {"B": b"rubbish"}})
    return lambda: client.put_item(TableName=table, Item=item)


def two_stacks(engine: DynamoDBLocal) -> Survived:
    """Two deployments in one account have a cluster of the same name."""
    found = Survived("two stacks in one account, with one cluster id")
    stacks = [UseCases(engine.client(), REGION, engine.endpoint_url) for _ in range(2)]
    for minute in range(8):
        for factor, stack in enumerate(stacks, 1):
            pushed(stack, _simple("same", START + minute * MINUTE, factor * minute), START + minute * MINUTE + 1)
    for factor, stack in enumerate(stacks, 1):
        rolled_up(stack, "same", START + 8 * MINUTE + SLOT)
        found.compare({"same": Counter(all=70 * factor)}, {"same": Counter(all=stack_total(stack))})
    found.recovery = "nothing to recover"
    return found


def stack_total(stack: UseCases) -> int:
    """The requests that a stack has counted for its cluster."""
    return sum(codes.total() for codes in stack.codes("same").values())


def all_faults(engine: DynamoDBLocal, hours: tuple[int, ...]) -> Iterator[Survived]:
    """Every fault, one after the other."""
    yield odd_clocks(engine)
    yield unreachable(engine)
    yield throttled(engine)
    for each in hours:
        yield rollup_failing(engine, each)
    yield poisoned(engine)
    yield killed_workers(engine)
    yield two_workers(engine)
    yield upgraded(engine)
    yield two_stacks(engine)


def main(arguments: list[str]) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="soak.faults", description="Survives faults, and says how fast.")
    parser.add_argument("--hours", type=int, nargs="*", default=[3, 30], help="how long rollup fails")
    options = parser.parse_args(arguments)
    differences, started, out = 0, time.monotonic(), sys.stdout
    with DynamoDBLocal() as engine, redirect_stdout(io.StringIO()) as logs:
        for found in all_faults(engine, tuple(options.hours)):
            differences += len(found.differences)
            out.write(
                f"{found.fault}: counted {found.counted:,} of {found.truth:,}; {found.failed} failures; "
                f"recovered {found.recovery} [{time.monotonic() - started:.0f} s]\n"
                + "".join(f"    {each}\n" for each in found.differences)
            )
            out.flush()
    if differences:
        sys.stderr.write(logs.getvalue())
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
