"""Freshness: when newer figures than those of an answer can be there."""

from datetime import datetime

from slo.app.stores import Stores
from slo.store.clusters import ClusterState
from slo.times import floor_to, utc

PUSH_SECONDS = 60
"""Agents push every minute. A CronJob starts within a few seconds of it."""
ARRIVAL_SECONDS = 5
"""By how much later than the one before a snapshot mostly arrives at most."""
RETRY_SECONDS = 30
"""Late figures are due at the next multiple of this, not at once. Answers in between are equal, so their ETag is."""


class Freshness:
    """Says when to ask again."""

    def __init__(self, stores: Stores) -> None:
        self._clock = stores.clock

    def until(self, state: ClusterState) -> datetime:
        """When the next snapshot should be there; if that has passed, a moment from now."""
        due = int(state.received_at) + PUSH_SECONDS + ARRIVAL_SECONDS
        soon = floor_to(self._clock(), RETRY_SECONDS) + RETRY_SECONDS
        return utc(due if due > self._clock() else soon)
