"""Freshness: when newer figures than those of an answer can be there."""

from datetime import datetime

from slo.app.stores import Stores
from slo.times import floor_to, utc

ROLLUP_SECONDS = 10
"""From the start of rollup's schedule until a cluster is booked: the queue, a cold start and the run itself."""
RETRY_SECONDS = 30
"""Late figures are due at the next multiple of this, not at once. Answers in between are equal, so their ETag is."""


class Freshness:
    """Says when to ask again."""

    def __init__(self, stores: Stores) -> None:
        self._after_watermark = stores.slot_seconds + stores.cutoff_delay_seconds + ROLLUP_SECONDS
        self._clock = stores.clock

    def until(self, watermark: int) -> datetime:
        """When the slot after the watermark should be booked; if that has passed, a moment from now."""
        soon = floor_to(self._clock(), RETRY_SECONDS) + RETRY_SECONDS
        due = watermark + self._after_watermark
        return utc(due if due > self._clock() else soon)
