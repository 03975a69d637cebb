"""Dispatch: which clusters have something to roll up."""

import msgspec

from slo.app.stores import Stores
from slo.objectives.status import STALE_SECONDS
from slo.store.clusters import ClusterStore
from slo.store.queue import RollupQueue
from slo.times import DAY_SECONDS

_MOURNED_SECONDS = 7 * DAY_SECONDS
"""A cluster that has been silent for longer is taken for gone: an alarm about it would never end."""


class Dispatched(msgspec.Struct, frozen=True):
    """What one run found."""

    clusters: int
    silent: int
    """Clusters that have not pushed for five minutes, but have within a week."""
    lag_seconds: float
    """How far the slowest working cluster's watermark is behind now."""


class Dispatch:
    """Finds work for rollup."""

    def __init__(self, stores: Stores, queue: RollupQueue) -> None:
        self._clusters = stores.of(ClusterStore)
        self._queue = queue
        self._clock = stores.clock

    def run(self) -> Dispatched:
        """Queue every cluster whose books are open."""
        now = self._clock()
        states = list(self._clusters.all())
        due = [state for state in states if state.has_open_books]
        silent = [state for state in states if STALE_SECONDS < now - state.received_at <= _MOURNED_SECONDS]
        heard = [state for state in due if now - state.received_at <= STALE_SECONDS]
        lag = max((now - state.watermark for state in heard if state.watermark), default=0.0)
        return Dispatched(self._queue.send(state.cluster_id for state in due), len(silent), lag)
