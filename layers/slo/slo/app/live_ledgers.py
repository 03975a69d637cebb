"""Live ledgers: reads what agents have pushed since the watermark, for readers that want to know now.

Rollup books every five minutes. A reader gets the ledger at the watermark, carried on in memory with the raw samples
since (`slo.counting.live`). A warm function remembers where it was, so each push costs the reader one more item.
"""

from collections.abc import Callable
from concurrent.futures import Executor

import msgspec

from slo.app.stores import Stores
from slo.counting.catalogue import Catalogue
from slo.counting.live import Live
from slo.counting.rollup import Sample
from slo.store.clusters import ClusterState
from slo.store.ledgers import LedgerStore
from slo.store.raw import RawStore
from slo.times import floor_to

_LONGEST_SECONDS = 1800
"""What has not been booked for longer than this waits for rollup: a reader would take too long."""
_MOST_ROWS = 300_000
"""As much as a reader has memory for: about 300 MB of the function's 1,024. Beyond, it waits for rollup, too."""
_AHEAD_SECONDS = 3600
"""More than the clock of an agent may be ahead (`slo.api.snapshot_reader`)."""
_REMEMBERED = 8
"""Clusters."""


class _Memo(msgspec.Struct, frozen=True):
    """Where a cluster's live ledger was at its last snapshot."""

    generation: int
    watermark: int
    received_at: float
    live: Live


class LiveLedgers:
    """The live ledgers of clusters."""

    def __init__(self, stores: Stores, readers: Executor) -> None:
        self._ledgers = stores.of(LedgerStore)
        self._raw = stores.of(RawStore)
        self._slot_seconds = stores.slot_seconds
        self._clock = stores.clock
        self._readers = readers
        self._memos: dict[str, _Memo] = {}

    def of(self, state: ClusterState, catalogue: Callable[[], Catalogue]) -> Live | None:
        """The live ledger at the last snapshot; None if there is nothing since the watermark, or far too much."""
        if state.received_at <= state.watermark:
            return None
        memo = self._memos.pop(state.cluster_id, None)
        if memo is None or (memo.generation, memo.watermark) != (state.generation, state.watermark):
            live = self._from(state.cluster_id, state.watermark, self._clock() + _AHEAD_SECONDS, catalogue)
        elif memo.received_at == state.received_at:
            live = memo.live
        else:
            until = self._clock() + _AHEAD_SECONDS
            samples = self._raw.between(state.cluster_id, memo.live.taken_at, until)
            live = memo.live.with_samples(samples, catalogue(), self._slot_seconds)
        if live is None:
            return None
        self._memos[state.cluster_id] = _Memo(state.generation, state.watermark, state.received_at, live)
        while len(self._memos) > _REMEMBERED:
            del self._memos[next(iter(self._memos))]
        return live if live.at > state.watermark else None

    def at(self, state: ClusterState, time: int, catalogue: Callable[[], Catalogue]) -> Live | None:
        """The live ledger at an earlier snapshot, for the later pages of an answer."""
        return self._from(state.cluster_id, min(state.watermark, floor_to(time, self._slot_seconds)), time, catalogue)

    def _from(self, cluster_id: str, watermark: int, until: float, catalogue: Callable[[], Catalogue]) -> Live | None:
        held = self._readers.submit(self._ledgers.at, cluster_id, watermark, consistent=True)
        first = watermark or self._raw.first_at(cluster_id, 0)
        if first is None or self._clock() - first > _LONGEST_SECONDS:
            return None
        samples = self._since(cluster_id, watermark, until)
        if samples is None:
            return None
        ledger = held.result()
        last = self._raw.get(cluster_id, ledger.last_sample_keys(samples))
        start = Live(watermark, watermark, ledger, ledger, last, taken_at=watermark)
        return start.with_samples(samples, catalogue(), self._slot_seconds)

    def _since(self, cluster_id: str, watermark: int, until: float) -> list[Sample] | None:
        """The samples since the watermark; None if they have far too many rows."""
        samples: list[Sample] = []
        rows = 0
        for _, found in self._raw.slots(cluster_id, watermark, until, self._slot_seconds):
            samples += found.values()
            rows += sum(len(sample.rows) for sample in found.values())
            if rows > _MOST_ROWS:
                return None
        return samples
