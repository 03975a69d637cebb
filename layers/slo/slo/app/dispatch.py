"""Dispatch: which clusters have something to roll up."""

from collections.abc import Callable

import msgspec

from slo.objectives import STALE_SECONDS
from slo.store.clusters import ClusterStore
from slo.store.queue import RollupQueue


class Dispatched(msgspec.Struct, frozen=True):
    """What one run found."""

    clusters: int
    silent: int
    """Clusters that have not pushed for five minutes."""
    lag_seconds: float
    """How far the slowest working cluster's watermark is behind now."""


class Dispatch:
    """Finds work for rollup."""

    def __init__(self, *, clusters: ClusterStore, queue: RollupQueue, clock: Callable[[], float]) -> None:
        self._clusters = clusters
        self._queue = queue
        self._clock = clock

    def run(self) -> Dispatched:
        """Queue every cluster whose books are open."""
        now = self._clock()
        states = list(self._clusters.all())
        due = [state for state in states if state.has_open_books]
        silent = [state for state in states if now - state.received_at > STALE_SECONDS]
        lag = max((now - state.watermark for state in due if state.watermark and state not in silent), default=0.0)
        return Dispatched(self._queue.send(state.cluster_id for state in due), len(silent), lag)
