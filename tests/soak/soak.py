"""Many pushes under faults, on the real engine: the final counts are the truth, and no earlier count exceeds it.

    python -m soak.soak [--pushes N] [--seed N]

Agents push side by side, twice, late and out of order through a proxy that throttles, fails, drops and delays requests
(`lab.cloud.faults`). Up to two rollup workers a cluster run at once, and are killed at any of their writes.
"""

import argparse
import gzip
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from unittest import mock

import pynamodb.settings
from integration.kills import KilledError, Writes
from integration.use_cases import DELAY, SLOT, T0, UseCases
from soak.fleet import MINUTE, Arrival, Fleet, Weather

from lab.cloud.dynamodb_local import REGION, DynamoDBLocal, every_client
from lab.cloud.faults import CLIENT_PATIENCE_SECONDS, Storm
from slo.errors import CallerError
from slo.traefik import snapshots

_START = T0 // 3600 * 3600.0
_STEP_SECONDS = MINUTE
_ATTEMPTS = 200
_AT_ONCE = 4
_AGENTS = 2
_PROCESSES = 2
_STORMY_SHARE = 0.4
"""The share of pushes that go through the storm. All rollups do."""
_LAST_WRITE = 10
"""About the number of writes of the longest rollup. A kill hits one of them."""


@dataclass
class Outcome:
    """What happened in a run."""

    pushes: int = 0
    attempts: int = 0
    duplicates: int = 0
    late: int = 0
    rollups: int = 0
    rollups_killed: int = 0
    rollups_failed: int = 0
    """Failed because of a fault."""
    faults: Counter[str] = field(default_factory=Counter)
    truth: int = 0
    counted: int = 0
    differences: list[str] = field(default_factory=list)

    def add(self, other: "Outcome") -> None:
        """Add the figures of another run."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


@contextmanager
def backends(engine: DynamoDBLocal, share: float) -> Iterator[tuple[UseCases, UseCases, Storm, Writes]]:
    """One deployment, reached directly and through the storm; then the storm, and the writes to kill at."""
    writes = Writes()
    anybody = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
    impatient = {"read_timeout_seconds": CLIENT_PATIENCE_SECONDS, "max_retry_attempts": 1, "base_backoff_ms": 1}
    with (
        mock.patch.dict(os.environ, anybody),
        Storm(engine.endpoint_url, share) as storm,
        every_client(writes.register),
    ):
        calm = UseCases(engine.client(), REGION, engine.endpoint_url)
        with mock.patch.dict(pynamodb.settings.default_settings_dict, impatient):
            stormy = UseCases(engine.client(), REGION, storm.endpoint_url, names=calm.names)
        yield calm, stormy, storm, writes


class Soak:
    """Pushes fleets into one deployment until everything has arrived."""

    def __init__(self, calm: UseCases, stormy: UseCases, writes: Writes, fleets: list[Fleet], seed: int) -> None:
        self._calm, self._stormy, self._writes = calm, stormy, writes
        self._fleets = fleets
        self._chance = random.Random(seed)
        self._seen: dict[str, dict[str, Counter[str]]] = {fleet.cluster_id: {} for fleet in fleets}
        self.figures = Outcome()

    def run(self) -> Outcome:
        """Run all pushes and rollups under faults, then finish without faults and compare."""
        arrivals = sorted((each for fleet in self._fleets for each in fleet.arrivals), key=lambda each: each.at)
        steps: dict[int, list[Arrival]] = {}
        for arrival in arrivals:
            steps.setdefault(int((arrival.at - _START) // _STEP_SECONDS) + 1, []).append(arrival)
        last = max(steps)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for step in range(1, last + 1):
                self._step(pool, step, steps.get(step, []))
        self._clear(_START + (last + 1) * _STEP_SECONDS)
        return self.figures

    def _step(self, pool: ThreadPoolExecutor, step: int, arrivals: list[Arrival]) -> None:
        now = _START + step * _STEP_SECONDS
        self._calm.now = self._stormy.now = now
        work: list[Callable[[], Outcome]] = [partial(self._push, arrival, now) for arrival in arrivals]
        if step % (SLOT // int(_STEP_SECONDS)) == 1:
            for fleet in self._fleets:
                work += [partial(self._roll_up, fleet.cluster_id)] * self._chance.choice((1, 1, 2))
        self._chance.shuffle(work)
        for done in [pool.submit(each) for each in work]:
            self.figures.add(done.result())
        if step % 60 == 0:
            self._check_on_the_way()

    def _push(self, arrival: Arrival, now: float) -> Outcome:
        """Push as an agent does, and retry until the push is accepted."""
        body = gzip.compress(snapshots.encode(arrival.sent(now)), 1)
        backend = self._stormy if self._chance.random() < _STORMY_SHARE else self._calm
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                self._maybe_kill(0.05, 4)
                accepted = backend.ingest.accept(arrival.snapshot.cluster_id, body)
            except CallerError:
                raise
            except Exception:  # noqa: S112 whatever else: a fault, which an agent sees as a 5xx
                continue
            finally:
                self._writes.spare()
            return Outcome(
                pushes=1, attempts=attempt, duplicates=int(accepted.duplicates > 0), late=int(accepted.is_late)
            )
        raise AssertionError(f"not taken in {_ATTEMPTS} attempts")

    def _roll_up(self, cluster_id: str) -> Outcome:
        """Run a worker that may be killed. The next worker finishes what it leaves."""
        try:
            self._maybe_kill(0.5, _LAST_WRITE)
            self._stormy.worker().run(cluster_id)
        except KilledError:
            return Outcome(rollups=1, rollups_killed=1)
        except Exception:
            return Outcome(rollups=1, rollups_failed=1)
        finally:
            self._writes.spare()
        return Outcome(rollups=1)

    def _maybe_kill(self, share: float, writes: int) -> None:
        if self._chance.random() < share:
            self._writes.kill_at(self._chance.randint(1, writes), after=self._chance.random() < 0.5)

    def _check_on_the_way(self) -> None:
        """Check that no count falls or exceeds the truth."""
        for fleet in self._fleets:
            codes, truth = self._calm.codes(fleet.cluster_id), fleet.truth
            before = self._seen[fleet.cluster_id]
            for name in before.keys() | codes.keys():
                earlier, now = before.get(name, Counter()), codes.get(name, Counter())
                if not earlier <= now <= truth.get(name, Counter()):
                    self.figures.differences.append(f"{fleet.cluster_id} {name}: {earlier} became {now}")
            self._seen[fleet.cluster_id] = codes

    def _clear(self, now: float) -> None:
        """Roll up without faults. Then the ledger and the hours must hold the truth, and no late marks may be left."""
        end = int(now // 3600 + 2) * 3600
        for at in (now + SLOT + DELAY, end + DELAY, end + SLOT + DELAY):
            self._calm.now = at
            for fleet in self._fleets:
                self._calm.worker().run(fleet.cluster_id)
        for fleet in self._fleets:
            truth = fleet.truth
            sources = {
                "ledger": self._calm.codes(fleet.cluster_id),
                "hours": self._calm.hourly_codes(int(_START) - 7200, end + 3600, fleet.cluster_id),
            }
            for source, codes in sources.items():
                self.figures.differences += [
                    f"{fleet.cluster_id} {source} {name}: {codes.get(name)}, in truth {truth.get(name)}"
                    for name in sorted(codes.keys() | truth.keys())
                    if codes.get(name) != truth.get(name)
                ]
            if left := list(self._calm.raw.late(fleet.cluster_id)):
                self.figures.differences.append(f"{fleet.cluster_id}: {len(left)} late marks are left")
            self.figures.truth += sum(codes.total() for codes in truth.values())
            self.figures.counted += sum(codes.total() for codes in sources["ledger"].values())


def soak(
    engine: DynamoDBLocal, *, pushes: int, seed: int, share: float, clusters: int = 2, weather: Weather | None = None
) -> Outcome:
    """Run at least `pushes` pushes of a few clusters. `share` is the storm's share of each fault."""
    minutes = int(pushes * 1.05) // (clusters * _AGENTS) + 1
    fleets = [
        Fleet(
            f"c{number}",
            seed + number,
            start=_START,
            minutes=minutes,
            agents=_AGENTS,
            pods=1 + number % 2,
            weather=weather,
        )
        for number in range(clusters)
    ]
    with backends(engine, share) as (calm, stormy, storm, writes):
        figures = Soak(calm, stormy, writes, fleets, seed).run()
        figures.faults = storm.fired()
    return figures


def _on_an_engine_of_its_own(pushes: int, seed: int) -> Outcome:
    with DynamoDBLocal() as engine:
        return soak(engine, pushes=pushes, seed=seed, share=0.01)


def main(arguments: list[str]) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(
        prog="soak.soak", description="Counts in bad weather, and compares with the truth."
    )
    parser.add_argument("--pushes", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 2**32, help="any other each time, if not given")
    options = parser.parse_args(arguments)
    sys.stdout.write(f"{'seed':16} {options.seed}\n")
    sys.stdout.flush()
    figures = Outcome()
    with ProcessPoolExecutor(_PROCESSES) as pool:
        parts = [
            pool.submit(_on_an_engine_of_its_own, -(-options.pushes // _PROCESSES), options.seed + 1000 * number)
            for number in range(_PROCESSES)
        ]
        for part in parts:
            figures.add(part.result())
    for name, value in vars(figures).items():
        shown = ", ".join(f"{kind} {count}" for kind, count in value.items()) if isinstance(value, Counter) else value
        sys.stdout.write(f"{name.replace('_', ' '):16} {shown}\n")
    return 1 if figures.differences or figures.pushes < options.pushes else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
