"""The counts of a benchmark run, stored in docs/benchmarks.json. The pages on cost and scale use them."""

import msgspec

from bench.capacity import Capacity
from bench.handlers import Load
from bench.stack import StackContents
from lab.paths import ROOT

FILE = ROOT / "docs" / "benchmarks.json"


class BenchmarkCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that costs money, by the number of routes where it depends on them."""

    capacity: list[Capacity]
    loads: dict[int, dict[str, Load]]
    """By routes and function, with one Traefik pod."""
    old_writes: dict[int, float]
    """Write units of one push in the old layout, with one Traefik pod."""
    series: dict[int, int]
    """Time series that Prometheus would store for the same cluster, with one Traefik pod."""
    stack: StackContents

    def of(self, routes: int, pods: int, active_share: float = 1.0) -> Capacity:
        """The counts of a cluster of this size."""
        return next(
            each
            for each in self.capacity
            if (each.routes, each.pods, each.active_share) == (routes, pods, active_share)
        )


def load() -> BenchmarkCounts:
    """The counts of the last run."""
    return msgspec.json.decode(FILE.read_bytes(), type=BenchmarkCounts)


def save(counts: BenchmarkCounts) -> None:
    """Store the counts."""
    FILE.write_bytes(msgspec.json.format(msgspec.json.encode(counts), indent=1) + b"\n")
