"""Simulated Traefik processes with known counts: they serve, restart, drop series and are sampled."""

from collections import defaultdict
from dataclasses import dataclass, field

from slo.counting.catalogue import Catalogue, Entry
from slo.counting.counts import Counts
from slo.counting.rollup import Sample

BOUNDS = (0.1, 0.3, 1.2, 5.0)
SCOPE = "scope"


def catalogue(*names: str) -> Catalogue:
    """One entry for each router, numbered from 1. Each serves the root path of a domain of its own."""
    entries = tuple(
        Entry(number, name, f"{name}-service", ((f"{name}.example.com", "/"),), BOUNDS)
        for number, name in enumerate(names, 1)
    )
    return Catalogue(version=1, next_id=len(entries) + 1, entries=entries)


@dataclass
class SimulatedTraefik:
    """One pod; `restart` begins a new process in it."""

    pod: str
    started: float
    rows: dict[int, Counts] = field(default_factory=dict)
    mallocs: float = 1000.0
    unseen: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    restarts: int = 0
    created: dict[int, int] = field(default_factory=dict)
    """When the series of each rule were created: just after the last sample, in milliseconds."""
    creations: int = 0
    sampled_at: float = 0.0

    def serve(self, entry_id: int, code: str = "200", count: int = 1, seconds: float = 0.05) -> None:
        """Serve requests of one rule."""
        buckets = [count if seconds <= bound else 0 for bound in BOUNDS] + [count]
        served = Counts({code: count}, {"GET": count}, buckets, round(seconds * count * 1e6))
        if entry_id not in self.rows:
            self.creations += 1
            self.created[entry_id] = round((max(self.started, self.sampled_at) + 1) * 1000) + self.creations
        self.rows[entry_id] = self.rows.get(entry_id, Counts()).plus(served)
        self.mallocs += 10 * count
        self.unseen[entry_id] += count

    def restart(self, now: float) -> None:
        """Start a new process with empty counters. Requests that no sample saw are lost.

        It starts in other hundredths of a second than the ones before it, as 99 of 100 processes do.
        """
        self.restarts += 1
        self.started, self.rows, self.mallocs = now + self.restarts % 100 / 100, {}, 1000.0
        self.unseen.clear()
        self.created.clear()

    def drop(self, entry_id: int) -> None:
        """Drop the series of a removed rule."""
        self.rows.pop(entry_id, None)
        self.created.pop(entry_id, None)
        self.unseen.pop(entry_id, None)

    def sample(self, now: float, *, skew: float = 0.0, agent: str = "") -> Sample:
        """What a scrape at this time sees. The agent's clock is `skew` seconds ahead."""
        self.mallocs += 1
        self.sampled_at = now
        self.unseen.clear()
        return Sample(
            pod=self.pod,
            date=now,
            process_start=self.started,
            mallocs=self.mallocs,
            sample_key=f"{round((now + skew) * 1000):013d}|{self.pod}{agent}",
            taken_at=now + skew,
            observed_at=now,
            scope=SCOPE,
            measured_by="router",
            rows={entry_id: counts.plus(Counts()) for entry_id, counts in self.rows.items()},
            created=dict(self.created),
            knows_created=True,
        )


def heartbeat(now: float) -> Sample:
    """The sample of a snapshot that scraped no pod."""
    return Sample(
        pod="", date=0, process_start=0, sample_key=f"{round(now * 1000):013d}|", taken_at=now, observed_at=now,
        scope=SCOPE, measured_by="router", rows={},
    )  # fmt: skip
