"""Restore: brings the tables of a cluster into agreement after some were restored to an earlier time, or lost.

The ledger decides. Rollup goes on from the last ledger that is stored, and books everything after it again from raw
data, which is kept for 48 hours. A ledger that is lost is computed again from all raw data. Ids of the catalogue that
raw data or ledgers use are never given again. Hours and days that are missing are closed again from the ledgers; those
that are stored stay. After an interruption, the same call resumes.
"""

from collections.abc import Iterator

import msgspec

from slo.api import not_found
from slo.app.stores import Stores
from slo.counting.books import CLUSTER, close, steps_of
from slo.counting.catalogue import Catalogue
from slo.counting.ledger import Ledger
from slo.counting.retention import HOURS_KEPT_SECONDS, RAW_KEPT_SECONDS, SLOTS_KEPT_SECONDS
from slo.counting.rollup import roll_up
from slo.store.books import BOOKS
from slo.store.catalogues import CatalogueStore
from slo.store.clusters import ClusterState, ClusterStore
from slo.store.ledgers import LedgerStore
from slo.store.raw import RawStore
from slo.times import DAY_SECONDS, HOUR_SECONDS, floor_to

_EVER = 2**33
"""Later than all times, Unix seconds."""
_STEPS_KEPT_SECONDS = {HOUR_SECONDS: SLOTS_KEPT_SECONDS, DAY_SECONDS: HOURS_KEPT_SECONDS}
"""How long the ledgers are kept from which a book of this length is closed."""


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """What was changed in one cluster, or would be."""

    cluster_id: str
    watermark: int
    """Rollup had booked everything up to here (Unix seconds; 0 if that is lost)."""
    goes_on_from: int
    """Rollup books everything after this again."""
    raw_since: float
    """The first raw sample after that, Unix seconds; 0 if there is none. What came between is not booked again."""
    ledgers: int
    """Ledgers after that, which were deleted."""
    is_ledger_lost: bool
    """Whether there was no ledger at all. Then ledgers up to `goes_on_from` are computed from raw data."""
    ids: int
    """Ids that raw data or ledgers use and the catalogue does not know."""
    hours: int
    """Hours that had no book and were closed again."""
    days: int

    @property
    def agrees(self) -> bool:
        """Whether there was nothing to do."""
        return self.watermark == self.goes_on_from and not any(self._differences)

    @property
    def _differences(self) -> tuple[int, ...]:
        return self.ledgers, self.is_ledger_lost, self.ids, self.hours, self.days


class Restore:
    """Brings clusters into agreement."""

    def __init__(self, stores: Stores) -> None:
        self._clusters = stores.of(ClusterStore)
        self._catalogues = stores.of(CatalogueStore)
        self._raw = stores.of(RawStore)
        self._ledgers = stores.of(LedgerStore)
        self._books = {period: stores.of(kind) for period, kind in BOOKS.items()}
        self._slot_seconds = stores.slot_seconds
        self._clock = stores.clock

    def run(self, cluster_id: str | None = None, *, dry_run: bool = False) -> Iterator[Restored]:
        """Bring every cluster into agreement, or only `cluster_id`. Lazy: each step does one cluster.

        Raises NotFoundError if nothing is stored of `cluster_id`, and LostClaimError if a rollup begins meanwhile.
        """
        known = {state.cluster_id for state in self._clusters.all()} | set(self._catalogues.cluster_ids())
        for each in [cluster_id] if cluster_id else sorted(known):
            yield self._restore(each, dry_run=dry_run)

    def _restore(self, cluster_id: str, *, dry_run: bool) -> Restored:
        state = self._clusters.get(cluster_id, consistent=True)
        catalogue = self._catalogues.get(cluster_id, consistent=True)
        last = self._ledgers.at(cluster_id, _EVER, consistent=True)
        if state is None and not catalogue.version and not last.at:
            raise not_found.cluster(cluster_id)
        state = state or ClusterState(cluster_id=cluster_id)
        watermark = self._goes_on_from(state, last)
        ledger = self._ledgers.at(cluster_id, watermark, consistent=True)
        unknown = self._unknown_ids(cluster_id, catalogue, ledger, watermark)
        missing = {period: self._missing(cluster_id, ledger, watermark, period) for period in BOOKS}
        after = [stale.at for stale in self._ledgers.between(cluster_id, watermark, _EVER)]
        found = Restored(
            cluster_id=cluster_id,
            watermark=state.watermark,
            goes_on_from=watermark,
            raw_since=self._raw.first_at(cluster_id, watermark) or 0.0,
            ledgers=len(after),
            is_ledger_lost=not last.at and watermark > 0 and self._raw.first_at(cluster_id, 0) is not None,
            ids=len(unknown),
            hours=len(missing[HOUR_SECONDS]),
            days=len(missing[DAY_SECONDS]),
        )
        if not dry_run and not found.agrees:
            self._write(found, state, catalogue, unknown, after)
        return found

    def _write(
        self, found: Restored, state: ClusterState, catalogue: Catalogue, unknown: set[int], after: list[int]
    ) -> None:
        cluster_id, watermark, now = found.cluster_id, found.goes_on_from, self._clock()
        generation = self._clusters.claim(state, now)
        self._clusters.move_watermark(cluster_id, generation, watermark)
        for at in after:
            self._ledgers.delete(cluster_id, at)
        known = self._renewed(cluster_id, catalogue, unknown, max(state.catalogue_version, int(now)))
        if found.is_ledger_lost:
            self._book_again(cluster_id, known, watermark, generation)
        ledger = self._ledgers.at(cluster_id, watermark, consistent=True)
        for period in BOOKS:
            for start in self._missing(cluster_id, ledger, watermark, period):
                self._close(cluster_id, known, start, period, generation)
        self._clusters.finish_import(cluster_id, generation, watermark, ledger.watched_at or now, known.version)

    def _goes_on_from(self, state: ClusterState, last: Ledger) -> int:
        """The watermark at which everything agrees."""
        if not last.at:
            return state.watermark
        reached = min(state.watermark or last.at, last.at)
        unbooked = self._raw.first_at(state.cluster_id, reached)
        is_booked = state.watermark and (unbooked is None or unbooked > state.watermark)
        return state.watermark if is_booked else reached

    def _book_again(self, cluster_id: str, catalogue: Catalogue, until: int, generation: int) -> None:
        """Write the ledgers that all raw data gives, hour by hour. Books stay: the first hour's would be a part."""
        ledger, start = (
            Ledger(),
            floor_to(self._raw.first_at(cluster_id, 0) or until, HOUR_SECONDS) - self._slot_seconds,
        )
        while start < until:
            end = min(until, floor_to(start, HOUR_SECONDS) + HOUR_SECONDS)
            samples = self._raw.between(cluster_id, start, end)
            booked = roll_up(
                ledger,
                catalogue,
                self._raw.get(cluster_id, ledger.last_sample_keys(samples)),
                samples,
                watermark=start,
                cutoff=end,
                slot_seconds=self._slot_seconds,
            )
            for each in booked:
                self._ledgers.put(cluster_id, each, generation)
                ledger = each
            start = end

    def _unknown_ids(self, cluster_id: str, catalogue: Catalogue, ledger: Ledger, watermark: int) -> set[int]:
        """The ids that the catalogue might give again."""
        used = set(ledger.rows)
        oldest = max(int(self._clock()) - RAW_KEPT_SECONDS, watermark - RAW_KEPT_SECONDS)
        for start in range(floor_to(oldest, HOUR_SECONDS), int(self._clock()) + HOUR_SECONDS, HOUR_SECONDS):
            for sample in self._raw.between(cluster_id, start, start + HOUR_SECONDS):
                used |= sample.rows.keys()
        return {entry_id for entry_id in used if entry_id >= catalogue.next_id}

    def _renewed(self, cluster_id: str, catalogue: Catalogue, unknown: set[int], version: int) -> Catalogue:
        """Give the catalogue a version that no function remembers, and no id that is in use."""
        next_id = max({catalogue.next_id - 1, *unknown}) + 1
        renewed = msgspec.structs.replace(catalogue, version=version + 1, next_id=next_id)
        self._catalogues.replace(cluster_id, renewed, catalogue.version)
        return renewed

    def _missing(self, cluster_id: str, ledger: Ledger, watermark: int, period: int) -> list[int]:
        """The starts of closed periods without a book for which the ledgers are still there and hold something."""
        oldest = max(self._clock() - _STEPS_KEPT_SECONDS[period], ledger.known_since or watermark)
        first, end = floor_to(oldest, period), floor_to(watermark, period)
        stored = {
            book.starts_at for book in self._books[period].between(cluster_id, CLUSTER, first, max(first + 1, end))
        }
        starts = [start for start in range(first, end, period) if start not in stored]
        return [start for start in starts if self._is_served(cluster_id, start, start + period)]

    def _is_served(self, cluster_id: str, start: int, end: int) -> bool:
        before, later = (self._ledgers.at(cluster_id, time, consistent=True) for time in (start, end))
        return later.watched_seconds > before.watched_seconds

    def _close(self, cluster_id: str, catalogue: Catalogue, start: int, period: int, generation: int) -> None:
        times = range(start, start + period + 1, steps_of(period, self._slot_seconds))
        bounds = [(time, self._ledgers.at(cluster_id, time, consistent=True)) for time in times]
        for book in close(catalogue, bounds):
            self._books[period].put(cluster_id, book, generation)
