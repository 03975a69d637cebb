"""Rollup workers of a large cluster: killed at each of their writes, and two at once."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator

from integration.kills import KilledError, Writes
from integration.use_cases import BOUNDS, CLUSTER, DELAY, SLOT, UseCases, process, route, row, snapshot
from msgspec.structs import replace
from soak.survived import START, Codes, Survived, pushed

from lab.cloud.dynamodb_local import REGION, DynamoDBLocal, every_client
from slo.traefik.snapshots import SeriesRow, Snapshot

_HOST = "api.example.com"
_MINUTES = 70


class _Cluster:
    """One host with many busy paths, so that the book of an hour has several parts."""

    def __init__(self, paths: int) -> None:
        self._routes = tuple(route(_HOST, f"/v1/service-{number}") for number in range(paths))
        self._chance = random.Random(5)
        self._rows: dict[str, SeriesRow] = {}

    def pushes(self) -> Iterator[Snapshot]:
        """A push every five minutes."""
        for minute in range(0, _MINUTES + 1, 5):
            at = START + 60.0 * minute
            yield snapshot(at, [process(list(self._rows.values()), at, START - 4000)], self._routes)
            for info in self._routes:
                name = info.router_keys[0]
                self._rows[name] = self._served(self._rows.get(name, row(name, 0)))

    def _served(self, known: SeriesRow) -> SeriesRow:
        codes = {code: known.codes.get(code, 0) + self._chance.randrange(1, 2000) for code in ("200", "404", "503")}
        requests = sum(codes.values())
        more = requests - known.buckets[-1]
        added = [*sorted(self._chance.randrange(more + 1) for _ in BOUNDS), more]
        buckets = tuple(count + increase for count, increase in zip(known.buckets, added, strict=True))
        return replace(known, codes=codes, methods={"GET": requests}, buckets=buckets)


def _truth(last: Snapshot) -> Codes:
    (traefik,) = last.ingress_metrics.processes
    return {each.router: Counter(each.codes) for each in traefik.rows}


def killed_workers(engine: DynamoDBLocal, paths: int = 2000) -> Survived:
    """The rollup that closes an hour is killed before its first write, the next one after it, and so on."""
    found, writes = Survived(f"workers killed at each write, {paths:,} paths of one host"), Writes()
    with every_client(writes.register):
        backend = UseCases(engine.client(), REGION, engine.endpoint_url)
        last = _pushed(backend, _Cluster(paths))
        started, at = time.monotonic(), START + 3600 + SLOT + DELAY
        while _is_killed(backend, writes, at, found.failed):
            found.failed += 1
        took = time.monotonic() - started
        _compare(found, backend, last)
    found.recovery = f"with the worker after the last of {writes.kills} kills, {took:.0f} s for all of them"
    if writes.kills < _FEWEST_KILLS:
        found.differences.append(f"only {writes.kills} kills: the cluster is not large")
    return found


_FEWEST_KILLS = 30
"""Of the 13 ledgers of an hour with its head and parts, its books and its statuses, before and after each write."""


def _is_killed(backend: UseCases, writes: Writes, at: float, kills: int) -> bool:
    """Run a worker that is killed at one of its writes. Returns whether it got so far."""
    backend.now = at
    writes.kill_at(kills // 2 + 1, after=kills % 2 == 1)
    try:
        backend.worker().run(CLUSTER)
    except KilledError:
        return True
    finally:
        writes.spare()
    return False


def two_workers(engine: DynamoDBLocal, paths: int = 2000) -> Survived:
    """Every message comes twice, and two workers take it at once."""
    found = Survived(f"two workers at once, {paths:,} paths of one host")
    backend = UseCases(engine.client(), REGION, engine.endpoint_url)

    def work() -> None:
        try:
            backend.worker().run(CLUSTER)
        except Exception:
            found.failed += 1

    def roll_up() -> None:
        workers = [threading.Thread(target=work) for _ in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

    last = _pushed(backend, _Cluster(paths), roll_up)
    _compare(found, backend, last)
    found.recovery = "nothing to recover"
    return found


def _pushed(backend: UseCases, cluster: _Cluster, then: Callable[[], None] = lambda: None) -> Snapshot:
    """Push all snapshots, and return the last."""
    for each in cluster.pushes():
        pushed(backend, each, each.taken_at + 1)
        backend.now = each.taken_at + DELAY + 1
        then()
    return each


def _compare(found: Survived, backend: UseCases, last: Snapshot) -> None:
    """Compare the ledger and the closed hours with the truth."""
    for at in (START + 60 * _MINUTES + SLOT + DELAY, START + 7200 + DELAY):
        backend.now = at
        backend.worker().run(CLUSTER)
    truth = _truth(last)
    found.compare(truth, backend.codes())
    found.compare(truth, backend.hourly_codes(int(START), int(START) + 7200))
