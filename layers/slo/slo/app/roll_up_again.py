"""Roll up again: recomputes ledgers and books from the raw data that is still stored.

Operators use it to repair figures after a bug is fixed. `plan` computes everything and writes nothing. If anything
differs, `run` moves the watermark back to the first difference and lets rollup book everything after it again. Readers
see less data for a moment, but never inconsistent data. After an interruption, the scheduled rollup finishes the work.
"""

from collections.abc import Callable, Iterator

import msgspec

from slo.api import not_found
from slo.app.rollup import RollUp
from slo.app.stores import Stores
from slo.counting.books import CLUSTER, UNATTRIBUTED
from slo.counting.catalogue import Catalogue
from slo.counting.imported import SPAN_SECONDS
from slo.counting.ledger import Ledger
from slo.counting.processes import find_process
from slo.counting.retention import RAW_KEPT_SECONDS
from slo.counting.rollup import Sample, roll_up
from slo.errors import SloError
from slo.store.books import BOOKS
from slo.store.catalogues import CatalogueStore
from slo.store.clusters import ClusterState, ClusterStore
from slo.store.codec import pack_ledger
from slo.store.errors import LostClaimError
from slo.store.ledgers import LedgerStore
from slo.store.raw import RawStore
from slo.times import HOUR_SECONDS, ceil_to, floor_to, utc

_EXPIRY_MARGIN_SECONDS = 900
"""Raw data that expires within this time may be gone before the work is done."""
Progress = Callable[[int], None]
"""Called with the number of seconds of the span finished since the last call."""


class RawGoneError(SloError):
    """Raised if the raw data of the span has expired; `detail` gives the earliest possible start."""


class RowChange(msgspec.Struct, frozen=True):
    """Requests of one series up to the watermark: the stored count and the recomputed one."""

    series: str
    stored: int
    recomputed: int


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The differences between stored and recomputed ledgers."""

    cluster_id: str
    start: int
    watermark: int
    differing: tuple[int, ...]
    """Times of ledgers that differ, are missing or should not exist (Unix seconds)."""
    changes: tuple[RowChange, ...]

    def differs_until(self, end: float) -> bool:
        """Whether anything differs up to `end`."""
        return bool(self.differing) and self.differing[0] <= end


class RollUpAgain:
    """Books clusters again."""

    def __init__(self, stores: Stores) -> None:
        self._time = 0.0
        self._rollup = RollUp(stores.at(lambda: self._time))
        self._clusters = stores.of(ClusterStore)
        self._catalogues = stores.of(CatalogueStore)
        self._raw = stores.of(RawStore)
        self._ledgers = stores.of(LedgerStore)
        self._books = {period: stores.of(kind) for period, kind in BOOKS.items()}
        self._slot_seconds = stores.slot_seconds
        self._cutoff_delay_seconds = stores.cutoff_delay_seconds
        self._clock = stores.clock

    def earliest(self) -> int:
        """The earliest time whose raw data cannot expire during the work, Unix seconds."""
        oldest = int(self._clock()) - RAW_KEPT_SECONDS + _EXPIRY_MARGIN_SECONDS
        return ceil_to(oldest, self._slot_seconds)

    def watermark(self, cluster_id: str) -> int:
        """The cluster's watermark. Raises NotFoundError."""
        return self._state(cluster_id).watermark

    def plan(self, cluster_id: str, start: float, progress: Progress) -> Plan:
        """Recompute everything from `start` to the watermark. Raises NotFoundError or RawGoneError."""
        state = self._state(cluster_id)
        since = floor_to(start, self._slot_seconds)
        if since < self.earliest():
            raise RawGoneError(
                f"Raw data is kept for {RAW_KEPT_SECONDS // HOUR_SECONDS} hours: begin at "
                f"{utc(self.earliest()).isoformat()} or later."
            )
        stored = self._ledgers.at(cluster_id, state.watermark, consistent=True)
        since = max(since, _watched_from(stored, state.watermark))
        catalogue = self._catalogues.get(cluster_id, consistent=True)
        pending = set(self._raw.late(cluster_id))
        ledger = self._ledgers.at(cluster_id, since, consistent=True)
        differing: list[int] = []
        for first, last in _hours(since, state.watermark):
            samples = [item for item in self._raw.between(cluster_id, first, last) if item.sample_key not in pending]
            booked = roll_up(
                ledger,
                catalogue,
                self._last_samples(cluster_id, ledger, samples),
                samples,
                watermark=first,
                cutoff=last,
                slot_seconds=self._slot_seconds,
            )
            differing += _differing(booked, self._ledgers.between(cluster_id, first, last))
            ledger = booked[-1] if booked else ledger
            progress(last - first)
        return Plan(
            cluster_id=cluster_id,
            start=since,
            watermark=state.watermark,
            differing=tuple(differing),
            changes=tuple(_changes(stored, ledger, catalogue)),
        )

    def run(self, plan: Plan, progress: Progress) -> None:
        """Book everything from the plan's first difference on. Raises LostClaimError if a rollup is running."""
        cluster_id = plan.cluster_id
        since = floor_to(plan.differing[0] - 1, self._slot_seconds)
        generation = self._clusters.claim(self._state(cluster_id))
        self._clusters.move_watermark(cluster_id, generation, since)
        self._clear(cluster_id, since, plan.watermark)
        for cutoff in range(since + self._slot_seconds, plan.watermark + 1, self._slot_seconds):
            self._roll_up_to(cluster_id, cutoff)
            progress(self._slot_seconds)
        if self._state(cluster_id).watermark < plan.watermark:
            raise LostClaimError(cluster_id)

    def _roll_up_to(self, cluster_id: str, cutoff: int) -> None:
        """Run rollup as scheduled for this cut-off. It does nothing if the schedule has booked the slot already."""
        self._time = cutoff + self._cutoff_delay_seconds
        self._rollup.run(cluster_id)

    def _clear(self, cluster_id: str, since: int, until: int) -> None:
        """Delete everything after the new watermark, which readers do not read. Rollup writes it again."""
        for at in [ledger.at for ledger in self._ledgers.between(cluster_id, since, until)]:
            self._ledgers.delete(cluster_id, at)
        entries = self._catalogues.get(cluster_id, consistent=True).entries
        domains = {domain for entry in entries for domain, _ in entry.routes} | {CLUSTER, UNATTRIBUTED}
        for period, store in self._books.items():
            first = floor_to(since, period)
            for domain in domains:
                for starts_at in [book.starts_at for book in store.between(cluster_id, domain, first, until)]:
                    store.delete(cluster_id, domain, starts_at)

    def _state(self, cluster_id: str) -> ClusterState:
        state = self._clusters.get(cluster_id, consistent=True)
        if state is None:
            raise not_found.cluster(cluster_id)
        return state

    def _last_samples(self, cluster_id: str, ledger: Ledger, samples: list[Sample]) -> dict[str, Sample]:
        """The last booked sample of each process that appears again. Without it, its increase is unknown."""
        found = self._raw.get(cluster_id, ledger.last_sample_keys(samples))
        if _continued(ledger, samples) - found.keys():
            raise RawGoneError(
                f"The last raw data before {utc(ledger.at).isoformat()} has expired already; begin at "
                f"{utc(self.earliest()).isoformat()} or later."
            )
        return found


def _continued(ledger: Ledger, samples: list[Sample]) -> set[str]:
    """The keys of the last samples of processes that these samples continue, and that rollup still found."""
    pairs = [(find_process(ledger.processes, sample), sample) for sample in samples if sample.pod]
    return {
        known.sample_key
        for known, sample in pairs
        if known is not None and sample.observed_at - known.observed_at <= RAW_KEPT_SECONDS
    }


def _watched_from(ledger: Ledger, watermark: int) -> int:
    """The first sample's time if the ledger holds imported history, which has no raw data; else 0."""
    if not ledger.imported_since:
        return 0
    return min(watermark, floor_to(ledger.watched_since or watermark, SPAN_SECONDS))


def _hours(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Split a span at full hours, so that the raw data of one part fits in memory."""
    while start < end:
        following = min(end, floor_to(start, HOUR_SECONDS) + HOUR_SECONDS)
        yield start, following
        start = following


def _differing(booked: list[Ledger], stored: Iterator[Ledger]) -> list[int]:
    wanted = {ledger.at: pack_ledger(ledger) for ledger in booked}
    actual = {ledger.at: pack_ledger(ledger) for ledger in stored}
    return [at for at in sorted({*wanted, *actual}) if wanted.get(at) != actual.get(at)]


def _changes(stored: Ledger, recomputed: Ledger, catalogue: Catalogue) -> Iterator[RowChange]:
    entries = catalogue.by_id()
    for entry_id in sorted({*stored.rows, *recomputed.rows}):
        before, after = (
            ledger.rows[entry_id].counts.requests if entry_id in ledger.rows else 0 for ledger in (stored, recomputed)
        )
        if before != after:
            yield RowChange(entries[entry_id].label if entry_id in entries else f"entry {entry_id}", before, after)
