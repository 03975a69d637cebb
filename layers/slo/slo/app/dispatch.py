"""Dispatch: queues the clusters that need a rollup."""

import msgspec

from slo.app.stores import Stores
from slo.objectives.status import STALE_SECONDS
from slo.store.clusters import ClusterStore
from slo.store.queue import RollupQueue
from slo.times import DAY_SECONDS

_GONE_SECONDS = 7 * DAY_SECONDS
"""A cluster that is silent for longer counts as removed; otherwise its alarm would never end."""


class Dispatched(msgspec.Struct, frozen=True):
    """The result of one run."""

    clusters: int
    silent: int
    """Clusters whose last push is between five minutes and a week old."""
    lag_seconds: float
    """Age of the oldest watermark among the clusters that push."""


class Dispatch:
    """Finds clusters to roll up."""

    def __init__(self, stores: Stores, queue: RollupQueue) -> None:
        self._clusters = stores.of(ClusterStore)
        self._queue = queue
        self._clock = stores.clock

    def run(self) -> Dispatched:
        """Queue every cluster with open books."""
        now = self._clock()
        states = list(self._clusters.all())
        due = [state for state in states if state.has_open_books]
        silent = [state for state in states if STALE_SECONDS < now - state.received_at <= _GONE_SECONDS]
        pushing = [state for state in due if now - state.received_at <= STALE_SECONDS]
        lag = max((now - state.watermark for state in pushing if state.watermark), default=0.0)
        return Dispatched(self._queue.send(state.cluster_id for state in due), len(silent), lag)
