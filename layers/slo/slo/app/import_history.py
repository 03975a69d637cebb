"""Import history: adds another system's counts to a cluster's ledgers and books.

An import can be interrupted at any point and run again; it skips what is already stored. In a new cluster, readers see
the history only after all of it is written; in a cluster that is already monitored, day by day.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import batched

import msgspec

from slo.app.stores import Stores
from slo.counting.books import Book, close, steps_of
from slo.counting.catalogue import Catalogue
from slo.counting.imported import (
    SPAN_SECONDS,
    ImportedDay,
    ImportedHistory,
    combined,
    imported_days,
    open_periods,
    register,
)
from slo.counting.ledger import Ledger
from slo.counting.retention import kept_seconds
from slo.errors import SloError
from slo.store.books import BOOKS, BookStore
from slo.store.catalogues import CatalogueStore
from slo.store.clusters import ClusterState, ClusterStore
from slo.store.codec import pack_ledger
from slo.store.errors import LostClaimError, WriteConflictError
from slo.store.ledgers import LedgerStore
from slo.store.raw import RawStore
from slo.times import DAY_SECONDS, HOUR_SECONDS, floor_to, utc

_ATTEMPTS = 5
_WRITERS = 4
_BATCH = 100
Progress = Callable[[int], None]
"""Called with the number of days finished since the last call."""


class ImportRefusedError(SloError):
    """Raised if the history conflicts with stored data or with concurrent writes; `detail` says how."""


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What a run wrote, or a dry run would write."""

    days: int
    days_written: int
    """All other days were stored already."""
    ledgers: int
    books: int
    watched_ledgers: int
    """Rollup's own ledgers that were changed to include the imported counts."""


class ImportHistory:
    """Imports into one deployment."""

    def __init__(self, stores: Stores) -> None:
        self._clusters = stores.of(ClusterStore)
        self._catalogues = stores.of(CatalogueStore)
        self._raw = stores.of(RawStore)
        self._ledgers = stores.of(LedgerStore)
        self._books = {period: stores.of(kind) for period, kind in BOOKS.items()}
        self._slot_seconds = stores.slot_seconds
        self._cutoff_delay_seconds = stores.cutoff_delay_seconds
        self._clock = stores.clock

    def ends_at(self, cluster_id: str) -> int:
        """The latest time that an import may reach: the first sample's time, or now if there is none (Unix seconds)."""
        state = self._clusters.get(cluster_id, consistent=True)
        watermark = state.watermark if state else 0
        ledger = self._ledgers.at(cluster_id, watermark, consistent=True)
        first = ledger.watched_since or self._raw.first_at(cluster_id, watermark) or self._clock()
        end = min(first, self._clock() - self._cutoff_delay_seconds)
        return floor_to(end, SPAN_SECONDS)

    def run(self, cluster_id: str, history: ImportedHistory, progress: Progress, *, dry_run: bool = False) -> Imported:
        """Import a history that ends at `ends_at` or earlier. Raises ImportRefusedError."""
        self._check(cluster_id, history)
        if dry_run:
            catalogue, ids = register(self._catalogues.get(cluster_id, consistent=True), history)
            return self._write(self._state(cluster_id), history, catalogue, ids, None, progress)
        catalogue, ids = self._register(cluster_id, history)
        for attempt in range(_ATTEMPTS):
            state = self._state(cluster_id)
            try:
                generation = self._clusters.claim(state)
                found = self._write(state, history, catalogue, ids, generation, progress if attempt == 0 else _ignore)
                self._clusters.finish_import(
                    cluster_id,
                    generation,
                    max(state.watermark, history.until),
                    float(history.until),
                    catalogue.version,
                )
            except LostClaimError:
                continue
            return found
        raise ImportRefusedError("Rollup kept changing this cluster during the import. Try again in a minute.")

    def _check(self, cluster_id: str, history: ImportedHistory) -> None:
        state = self._state(cluster_id)
        known = self._ledgers.at(cluster_id, state.watermark, consistent=True).imported_since
        begins = history.spans[0].start if history.spans else 0
        if known and begins - DAY_SECONDS > known:
            raise ImportRefusedError(
                f"An earlier import of {cluster_id!r} reaches back to {utc(known).isoformat()}. This history begins "
                f"only at {utc(begins).isoformat()} and would replace it. Import a file with the whole history."
            )

    def _state(self, cluster_id: str) -> ClusterState:
        return self._clusters.get(cluster_id, consistent=True) or ClusterState(cluster_id=cluster_id)

    def _register(self, cluster_id: str, history: ImportedHistory) -> tuple[Catalogue, tuple[int, ...]]:
        for _ in range(_ATTEMPTS):
            before = self._catalogues.get(cluster_id, consistent=True)
            after, ids = register(before, history)
            if after is before:
                return before, ids
            try:
                self._catalogues.put(cluster_id, after)
            except WriteConflictError:
                continue
            return after, ids
        raise ImportRefusedError("The cluster's routes kept changing during the import. Try again in a minute.")

    def _write(
        self,
        state: ClusterState,
        history: ImportedHistory,
        catalogue: Catalogue,
        ids: tuple[int, ...],
        generation: int | None,
        progress: Progress,
    ) -> Imported:
        """Write everything except the watermark. Without a generation, only count what would be written."""
        imported_ids = frozenset(entry.id for entry in catalogue.entries if entry.imported)
        writer = _Writer(self._ledgers, self._books, state.cluster_id, generation, self._clock())
        last = Ledger()
        days = days_written = 0
        for day in imported_days(history, ids, catalogue):
            days_written += writer.write_day(day, imported_ids, catalogue)
            last = day.ledgers[-1]
            days += 1
            progress(1)
        watched = writer.carry(last, history.until, state.watermark, imported_ids)
        if generation is not None:
            self._close_again(state, history.until, catalogue, generation)
        return Imported(
            days=days,
            days_written=days_written,
            ledgers=writer.ledgers,
            books=writer.books,
            watched_ledgers=watched,
        )

    def _close_again(self, state: ClusterState, until: int, catalogue: Catalogue, generation: int) -> None:
        """Close the hour and the day again that contain both imported and own counts, if rollup closed them before."""
        for start, period in open_periods(until, state.watermark):
            step = steps_of(period, self._slot_seconds)
            times = range(start, start + period + 1, step)
            bounds = [(time, self._ledgers.at(state.cluster_id, time, consistent=True)) for time in times]
            for book in close(catalogue, bounds):
                self._books[period].put(state.cluster_id, book, generation)


@dataclass
class _Writer:
    """Writes and counts the items that differ. Without a generation, it only counts them."""

    _store: LedgerStore
    _book_stores: Mapping[int, BookStore]
    _cluster_id: str
    _generation: int | None
    _now: float
    ledgers: int = 0
    books: int = 0

    def write_day(self, day: ImportedDay, imported_ids: frozenset[int], catalogue: Catalogue) -> bool:
        """Write a day; False if all of it is stored already. Ledgers come last: a stored ledger implies its books."""
        stored = {
            ledger.at: ledger
            for ledger in self._store.between(self._cluster_id, day.starts_at, day.starts_at + DAY_SECONDS)
        }
        wanted = self._wanted(day, stored, imported_ids)
        differing = [ledger for ledger in wanted if not _is_same(stored.get(ledger.at), ledger)]
        if not differing:
            return False
        books = [(HOUR_SECONDS, day.hourly), (DAY_SECONDS, day.daily)]
        if self._generation is not None:
            if stored:
                self._drop_stale(day, catalogue)
            self._put_books(books, self._generation)
            self._put(differing, self._generation)
        self.ledgers += len(differing)
        self.books += sum(len(closed) for _, closed in books)
        return True

    def carry(self, last: Ledger, after: int, watermark: int, imported_ids: frozenset[int]) -> int:
        """Add the imported rows to rollup's own later ledgers; returns how many ledgers lacked them.

        The order is oldest first. If a reader then finds a row in only one of two ledgers, it is in the earlier one and
        does not count.
        """
        changed = 0
        if not last.rows:
            return changed
        for ledger in self._store.between(self._cluster_id, after, watermark):
            wanted = combined(ledger, last, imported_ids)
            if _is_same(ledger, wanted):
                continue
            changed += 1
            if self._generation is not None:
                self._store.put(self._cluster_id, wanted, self._generation)
        return changed

    def _wanted(self, day: ImportedDay, stored: dict[int, Ledger], imported_ids: frozenset[int]) -> Iterator[Ledger]:
        """The ledgers that should be stored: those of the history, and existing ones with the history added."""
        own = {ledger.at: ledger for ledger in day.ledgers if ledger.at + kept_seconds(ledger.at) > self._now}
        times = [ledger.at for ledger in day.ledgers]
        for time in sorted({*own, *(time for time in stored if times[0] <= time <= times[-1])}):
            holding = day.ledgers[bisect_right(times, time) - 1]
            yield combined(stored.get(time), holding, imported_ids)

    def _put_books(self, books: list[tuple[int, tuple[Book, ...]]], generation: int) -> None:
        with ThreadPoolExecutor(max_workers=_WRITERS) as pool:
            written = [
                pool.submit(self._book_stores[period].put_history, self._cluster_id, part, generation)
                for period, closed in books
                for part in batched(closed, _BATCH, strict=False)
            ]
        for future in written:
            future.result()

    def _put(self, ledgers: list[Ledger], generation: int) -> None:
        watched = [ledger for ledger in ledgers if ledger.watched_since]
        self._store.put_history(
            self._cluster_id, (ledger for ledger in ledgers if not ledger.watched_since), generation
        )
        for ledger in watched:
            self._store.put(self._cluster_id, ledger, generation)

    def _drop_stale(self, day: ImportedDay, catalogue: Catalogue) -> None:
        """Delete books of an earlier import that are not in this one."""
        domains = {domain for entry in catalogue.entries if entry.imported for domain, _ in entry.routes}
        for period, closed in ((HOUR_SECONDS, day.hourly), (DAY_SECONDS, day.daily)):
            kept = {(book.domain, book.starts_at) for book in closed}
            for domain in domains:
                for book in self._stored_books(period, domain, day.starts_at):
                    if (domain, book.starts_at) not in kept and book.starts_at + period <= day.ledgers[-1].at:
                        self._book_stores[period].delete(self._cluster_id, domain, book.starts_at)

    def _stored_books(self, period: int, domain: str, day: int) -> Iterator[Book]:
        return self._book_stores[period].between(self._cluster_id, domain, day, day + DAY_SECONDS)


def _is_same(stored: Ledger | None, wanted: Ledger) -> bool:
    return stored is not None and pack_ledger(stored) == pack_ledger(wanted)


def _ignore(_days: int) -> None:
    """Reports nothing: a second attempt must not count the days again."""
