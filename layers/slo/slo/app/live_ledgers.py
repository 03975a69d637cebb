"""Live ledgers: reads what agents have pushed since the watermark, for readers that want to know now.

Rollup books every five minutes. A reader gets the ledger at the watermark, carried on in memory with the raw samples
since (`slo.counting.live`). A warm function remembers where it was, so each push costs the reader one more item.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import Executor

import msgspec

from slo.app.stores import Stores
from slo.counting.catalogue import Catalogue
from slo.counting.ledger import Ledger
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
_REMEMBERED_ROWS = 60_000
"""Of the samples of a cluster that are kept for the next watermark; about 60 MB."""


class _Memo(msgspec.Struct, frozen=True):
    """Where a cluster's live ledger was at its last snapshot."""

    generation: int
    watermark: int
    received_at: float
    live: Live
    samples: Mapping[str, Sample] | None
    """Those since the watermark, by key; None if they have too many rows."""

    def leads_to(self, state: ClusterState) -> bool:
        """Whether the state is that after the next rollup, and the samples since its watermark are remembered."""
        is_next = state.generation - self.generation in (0, 1) and state.watermark > self.watermark
        return is_next and self.samples is not None


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
        found: _Memo | None
        if memo is not None and (memo.generation, memo.watermark) == (state.generation, state.watermark):
            found = memo if memo.received_at == state.received_at else self._carried_on(memo, state, catalogue)
        elif memo is not None and memo.leads_to(state):
            found = self._from_remembered(memo, state, catalogue)
        else:
            found = self._begun(state, catalogue)
        if found is None:
            return None
        self._memos[state.cluster_id] = found
        while len(self._memos) > _REMEMBERED:
            del self._memos[next(iter(self._memos))]
        return found.live if found.live.at > state.watermark else None

    def _carried_on(self, memo: _Memo, state: ClusterState, catalogue: Callable[[], Catalogue]) -> _Memo:
        fresh = self._raw.between(state.cluster_id, memo.live.taken_at, self._ahead())
        live = memo.live.with_samples(fresh, catalogue(), self._slot_seconds)
        samples = memo.samples
        if samples is not None:
            samples = _remembered([*samples.values(), *fresh], memo.watermark)
        return msgspec.structs.replace(memo, received_at=state.received_at, live=live, samples=samples)

    def _from_remembered(self, memo: _Memo, state: ClusterState, catalogue: Callable[[], Catalogue]) -> _Memo:
        """From the ledger that the rollup has just written, without reading the samples since again."""
        held = self._readers.submit(self._ledgers.at, state.cluster_id, state.watermark, consistent=True)
        fresh = self._raw.between(state.cluster_id, memo.live.taken_at, self._ahead())
        known = {**memo.live.last_samples, **(memo.samples or {}), **{sample.sample_key: sample for sample in fresh}}
        samples = [sample for sample in known.values() if sample.taken_at > state.watermark]
        before = {time: ledger for time, ledger in memo.live.recent.items() if time < state.watermark}
        live = self._live(state.cluster_id, state.watermark, held.result(), samples, known, catalogue, before)
        return _Memo(state.generation, state.watermark, state.received_at, live, _remembered(samples, state.watermark))

    def _begun(self, state: ClusterState, catalogue: Callable[[], Catalogue]) -> _Memo | None:
        begun = self._from(state.cluster_id, state.watermark, self._ahead(), catalogue)
        if begun is None:
            return None
        live, samples = begun
        return _Memo(state.generation, state.watermark, state.received_at, live, _remembered(samples, state.watermark))

    def _ahead(self) -> float:
        return self._clock() + _AHEAD_SECONDS

    def at(self, state: ClusterState, time: int, catalogue: Callable[[], Catalogue]) -> Live | None:
        """The live ledger at an earlier snapshot, for the later pages of an answer."""
        watermark = min(state.watermark, floor_to(time, self._slot_seconds))
        begun = self._from(state.cluster_id, watermark, time, catalogue)
        return None if begun is None else begun[0]

    def _from(
        self, cluster_id: str, watermark: int, until: float, catalogue: Callable[[], Catalogue]
    ) -> tuple[Live, list[Sample]] | None:
        held = self._readers.submit(self._ledgers.at, cluster_id, watermark, consistent=True)
        first = watermark or self._raw.first_at(cluster_id, 0)
        if first is None or self._clock() - first > _LONGEST_SECONDS:
            return None
        samples = self._since(cluster_id, watermark, until)
        if samples is None:
            return None
        return self._live(cluster_id, watermark, held.result(), samples, {}, catalogue), samples

    def _live(
        self,
        cluster_id: str,
        watermark: int,
        ledger: Ledger,
        samples: Collection[Sample],
        known: Mapping[str, Sample],
        catalogue: Callable[[], Catalogue],
        recent: Mapping[int, Ledger] = {},
    ) -> Live:
        """From a ledger and the samples since. Those that the ledger continues from are read unless they are known."""
        needed = ledger.last_sample_keys(samples)
        last = {key: known[key] for key in needed if key in known}
        if len(last) < len(needed):
            last |= self._raw.get(cluster_id, [key for key in needed if key not in last])
        start = Live(watermark, watermark, ledger, ledger, last, recent=recent, taken_at=watermark)
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


def _remembered(samples: Iterable[Sample], watermark: int) -> dict[str, Sample] | None:
    kept = {sample.sample_key: sample for sample in samples if sample.taken_at > watermark}
    return kept if sum(len(sample.rows) for sample in kept.values()) <= _REMEMBERED_ROWS else None
