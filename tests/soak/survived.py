"""What became of the counts under a fault, and the pushes and rollups that meet it."""

import gzip
from collections import Counter
from dataclasses import dataclass, field

from integration.use_cases import T0, UseCases

from slo.errors import CallerError
from slo.traefik import snapshots
from slo.traefik.snapshots import Snapshot

START = T0 // 3600 * 3600
_ATTEMPTS = 8
"""About the number of attempts that an agent has in its run."""
Codes = dict[str, Counter[str]]
"""Requests by router and status code."""


@dataclass
class Survived:
    """One fault, and what became of the counts."""

    fault: str
    truth: int = 0
    counted: int = 0
    recovery: str = ""
    failed: int = 0
    """Pushes or rollups that failed."""
    differences: list[str] = field(default_factory=list)

    def compare(self, truth: Codes, counted: Codes) -> None:
        """Add the counts of one cluster."""
        self.truth += sum(codes.total() for codes in truth.values())
        self.counted += sum(codes.total() for codes in counted.values())
        self.differences += [
            f"{name}: {counted.get(name)}, in truth {truth.get(name)}"
            for name in sorted(truth.keys() | counted.keys())
            if truth.get(name) != counted.get(name)
        ]


def pushed(backend: UseCases, body: Snapshot, at: float) -> bool:
    """Push as an agent does, until its run ends. Returns whether it was accepted."""
    backend.now = at
    for _ in range(_ATTEMPTS):
        try:
            backend.ingest.accept(body.cluster_id, gzip.compress(snapshots.encode(body), 1))
        except CallerError:
            raise
        except Exception:  # noqa: S112 whatever else: an agent sees a 5xx
            continue
        return True
    return False


def rolled_up(backend: UseCases, cluster_id: str, at: float) -> bool:
    """One message of the rollup function. Returns whether it succeeded."""
    backend.now = at
    try:
        backend.worker().run(cluster_id)
    except Exception:
        return False
    return True
