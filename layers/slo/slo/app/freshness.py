"""Freshness: when newer figures than those of an answer can be there."""

from datetime import datetime

from slo.app.stores import Stores
from slo.store.clusters import ClusterState
from slo.times import floor_to, utc

ROLLUP_SECONDS = 10
"""From the time of rollup's schedule until a cluster is booked: the queue, a cold start and the run itself.

EventBridge Scheduler starts a schedule within a minute of its time ("60 second precision"). The dashboard learns how
late it is.
"""
RETRY_SECONDS = 30
"""Late figures are due at the next multiple of this, not at once. Answers in between are equal, so their ETag is."""


class Freshness:
    """Says when to ask again."""

    def __init__(self, stores: Stores) -> None:
        self._slot_seconds = stores.slot_seconds
        self._delay_seconds = stores.cutoff_delay_seconds + ROLLUP_SECONDS
        self._clock = stores.clock

    def until(self, state: ClusterState) -> datetime:
        """When the slot after the watermark should be booked; if that has passed, a moment from now.

        Before the first rollup it is the slot of the last snapshot.
        """
        booked = state.watermark or floor_to(state.received_at, self._slot_seconds)
        due = booked + self._slot_seconds + self._delay_seconds
        soon = floor_to(self._clock(), RETRY_SECONDS) + RETRY_SECONDS
        return utc(due if due > self._clock() else soon)
