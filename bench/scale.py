"""Many clusters at once, on paper and in simulation: what each table, queue and function bears, and what gives first.

    python -m bench.scale        prints docs/scale.md, and writes it

Demand is counted (docs/benchmarks.json) and multiplied. Supply is AWS's quotas. What depends on time (how many
functions run at once, how long the queue gets, how late rollup is) is simulated second by second over two hours, with
the agents spread over the minute as they spread themselves, and one rollup in twelve closing an hour.
"""

import heapq
from collections import Counter
from collections.abc import Iterator
from math import ceil
from pathlib import Path
from typing import NamedTuple

from bench import cost
from bench.capacity import Capacity
from bench.counts import Counts, load
from bench.handlers import Load

PAGE = Path(__file__).resolve().parent.parent / "docs" / "scale.md"
CLUSTERS = 10_000
ROUTES = 300
SPREAD_SECONDS = 20
"""Over how many seconds of a minute agents push, as their manifests set it; each has its own by a hash of its id."""
MINUTE, SLOT, HOUR = 60, 300, 3600
DISPATCHED_PER_SECOND = 1000
"""Messages: ten in a request to SQS of 10 ms, one request after the other."""
FIRST_WORKERS, WORKERS_ADDED_PER_SECOND = 5, 5
"""How Lambda begins with a queue, and goes on: 300 more in a minute."""
CLAIM_WRITES = 2
"""Of a rollup: its claim, and the watermark."""
CLUSTER_ITEM_BYTES = 600
READ_UNIT_BYTES = 8192
"""Of an eventually consistent read."""


class Quota(NamedTuple):
    """What AWS gives an account or a table at first; most are raised on request."""

    name: str
    limit: float
    is_raised: bool


PARTITION_WRITES = Quota("write units a second of one partition", 1000, False)
PARTITION_READS = Quota("read units a second of one partition", 3000, False)
TABLE_UNITS = Quota("units a second of one table, writes and reads each", 40_000, True)
CONCURRENCY = Quota("functions at once, in an account", 1000, True)
API_RATE = Quota("requests a second of the API: ours, by template.yaml", 200, True)
ACCOUNT_API_RATE = Quota("requests a second of all APIs, in an account and region", 10_000, True)
SCANNED = Quota("bytes of one page of a scan", 1_000_000, False)
PAGES_PER_SECOND = 20
"""Of a scan, one after the other: at most so many read units a second fall on one partition of the clusters table."""
ANSWER_BYTES = Quota("bytes of a function's answer", 6_000_000, False)
CLUSTER_ANSWER_BYTES = 420
"""Of one cluster in `GET /api/v2/slo/clusters`."""


class Service(NamedTuple):
    """How long functions take, seconds."""

    ingest: float
    authorize: float
    rollup: float
    hour_close: float
    """A rollup that closes an hour."""


class Simulated(NamedTuple):
    """The most that was seen of each."""

    ingest_concurrency: int
    authorize_concurrency: int
    rollup_concurrency: int
    queue_depth: int
    """Messages waiting."""
    lag_seconds: float
    """From a slot's end to the last cluster's new watermark."""
    pushes_per_second: int


def service(capacity: Capacity, loads: dict[str, Load], memory: dict[str, float]) -> Service:
    """From what was counted, as the cost page reckons it."""
    rollup = cost.seconds(memory["rollup"], loads["rollup"], capacity.rollup.requests)
    return Service(
        cost.seconds(memory["ingest"], loads["ingest"], capacity.push.requests),
        cost.seconds(memory["authorize"], loads["authorize"], 1),
        rollup,
        rollup + cost.seconds(memory["rollup"], loads["close"], capacity.hour_close.requests),
    )


def simulate(clusters: int, times: Service, *, workers: int, spread_seconds: int = SPREAD_SECONDS) -> Simulated:
    """A minute of pushes, and the twelve rollups of an hour; `workers` of these run at once at most."""
    pushes = Counter(number % spread_seconds for number in range(clusters))
    rollups = [_rolled_up(clusters, times.rollup, workers), _rolled_up(clusters, times.hour_close, workers)]
    return Simulated(
        _at_once(pushes, times.ingest),
        _at_once(pushes, times.authorize),
        max(rollup.workers for rollup in rollups),
        max(rollup.depth for rollup in rollups),
        max(rollup.seconds for rollup in rollups),
        max(pushes.values()),
    )


def _at_once(starts: Counter[int], seconds: float) -> int:
    """The most that run at once, if each second's begin evenly spread over it."""
    running: list[float] = []
    most = 0
    for second in sorted(starts):
        for number in range(starts[second]):
            now = second + number / starts[second]
            while running and running[0] <= now:
                heapq.heappop(running)
            heapq.heappush(running, now + seconds)
            most = max(most, len(running))
    return most


class _Rollup(NamedTuple):
    workers: int
    depth: int
    seconds: float


def _rolled_up(clusters: int, seconds: float, workers: int) -> _Rollup:
    """One slot, second by second: dispatch fills the queue a minute after the slot's end, and Lambda empties it."""
    unsent, waiting, done = clusters, 0.0, 0.0
    busiest, deepest, second = 0, 0.0, 0
    while done < clusters - 1e-9:
        sent = min(unsent, DISPATCHED_PER_SECOND)
        unsent, waiting = unsent - sent, waiting + sent
        deepest = max(deepest, waiting)
        at_once = min(workers, FIRST_WORKERS + WORKERS_ADDED_PER_SECOND * second, ceil(waiting))
        finished = min(waiting, at_once / seconds)
        waiting, done = waiting - finished, done + finished
        busiest, second = max(busiest, at_once), second + 1
    return _Rollup(busiest, round(deepest), MINUTE + max(second, seconds))


class Demand(NamedTuple):
    """Units a second of one table, and of the busiest partition of it."""

    table: str
    writes: float
    reads: float
    partition_writes: float
    partition_reads: float


def demands(clusters: int, capacity: Capacity) -> Iterator[Demand]:
    """Every table that pushes and rollups touch, evenly over time.

    The busiest partition is that of one cluster in the second of its push or its rollup, as a cluster's items have one
    partition key; of the clusters table it is the one that dispatch scans.
    """
    raw = capacity.raw_item_writes * capacity.pods
    catalogue = capacity.push.reads
    ledger = capacity.rollup.writes - CLAIM_WRITES
    raw_reads = max(0.0, capacity.rollup.reads - catalogue - ledger)
    scan = clusters * CLUSTER_ITEM_BYTES / READ_UNIT_BYTES
    page = SCANNED.limit / READ_UNIT_BYTES * PAGES_PER_SECOND
    pushes, slots, hours = clusters / MINUTE, clusters / SLOT, clusters / HOUR
    yield Demand("raw", pushes * raw, slots * raw_reads, raw, raw_reads)
    yield Demand("ledger", slots * ledger, slots * ledger, ledger, ledger)
    yield Demand("catalogue", 0.0, (pushes + slots) * catalogue, 0.0, catalogue)
    yield Demand("clusters", pushes + CLAIM_WRITES * slots, slots + scan / SLOT, 1.0, min(page, scan))
    yield Demand("hourly", hours * capacity.hour_close.writes, 0.0, 1.0, 0.0)
    yield Demand("tokens", 0.0, pushes, 0.0, 1.0)


def main() -> None:
    """Print and write the page."""
    from bench.scale_page import render

    page = render(load())
    PAGE.write_text(page)
    print(page)


def at_scale(counts: Counts) -> tuple[Capacity, Service]:
    """What a cluster of the simulation demands, and how long its functions take."""
    capacity = counts.of(ROUTES, 1)
    return capacity, service(capacity, counts.loads[ROUTES], counts.stack.memory_megabytes)


if __name__ == "__main__":
    main()
