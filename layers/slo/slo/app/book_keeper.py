"""Keeps the books: rollup writes those of every hour and day that has ended.

A book that DynamoDB refuses blocks nothing. It is owed, and the next rollup writes it. So one item that cannot be
written never stops a cluster.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from time import monotonic as seconds

import msgspec

from slo.app.stores import Stores
from slo.counting.books import Book, close, closing, steps_of
from slo.counting.catalogue import Catalogue
from slo.counting.ledger import Ledger
from slo.store.books import BOOKS
from slo.store.clusters import ClusterState
from slo.store.errors import WriteRefusedError
from slo.store.ledgers import LedgerStore
from slo.store.owed_books import OwedBook, OwedBooks

_PATIENCE_SECONDS = 10.0
"""How long books are tried once one is refused. The others are owed as well then."""


class Kept(msgspec.Struct, frozen=True):
    """What one run did to a cluster's books."""

    written: int
    owed: int
    """Books that are left for the next run."""
    refusal: str = ""
    """Why the first of them was refused."""


class BookKeeper:
    """Writes the books of clusters."""

    def __init__(self, stores: Stores, *, monotonic: Callable[[], float] = seconds) -> None:
        self._books = {period: stores.of(kind) for period, kind in BOOKS.items()}
        self._ledgers = stores.of(LedgerStore)
        self._owed = stores.of(OwedBooks)
        self._slot_seconds = stores.slot_seconds
        self._clock = stores.clock
        self._monotonic = monotonic

    def keep(
        self,
        state: ClusterState,
        catalogue: Catalogue,
        ledgers: list[Ledger],
        booked: tuple[int, int],
        generation: int,
    ) -> Kept:
        """Write the books of all periods that end within `booked`, (after, until], then those that are owed.

        `ledgers` are those of this run and the one before. Raises LostClaimError.
        """
        cluster_id = state.cluster_id
        run = _Run(self._monotonic)
        for period in self._books:
            for start in closing(*booked, period):
                books = close(catalogue, list(self._bounds(cluster_id, ledgers, start, period)))
                self._write(cluster_id, period, books, generation, run)
        before = self._owed.of(cluster_id) if state.owes_books else []
        for (period, start), domains in _by_period(before).items():
            books = close(catalogue, list(self._bounds(cluster_id, ledgers, start, period)))
            self._write(cluster_id, period, (book for book in books if book.domain in domains), generation, run)
        if run.owed:
            self._owed.add(cluster_id, run.owed, self._clock())
        if before:
            self._owed.clear(cluster_id, set(before) - run.owed)
        return Kept(run.written, len(run.owed), run.refusal)

    def _write(self, cluster_id: str, period: int, books: Iterable[Book], generation: int, run: "_Run") -> None:
        for book in books:
            if run.is_over:
                run.owe(period, book)
                continue
            try:
                self._books[period].put(cluster_id, book, generation)
            except WriteRefusedError as error:
                run.owe(period, book, str(error))
            else:
                run.written += 1

    def _bounds(
        self, cluster_id: str, ledgers: list[Ledger], start: int, period_seconds: int
    ) -> Iterator[tuple[int, Ledger]]:
        """The ledgers in effect at the start of the period and at the end of each of its steps."""
        step = steps_of(period_seconds, self._slot_seconds)
        for time in range(start, start + period_seconds + 1, step):
            held = [ledger for ledger in ledgers if ledger.at <= time]
            yield time, held[-1] if held else self._ledgers.at(cluster_id, time, consistent=True)


class _Run:
    """The books that one run wrote, and those that it owes."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self.written = 0
        self.owed: set[OwedBook] = set()
        self.refusal = ""
        self._monotonic = monotonic
        self._deadline: float | None = None

    @property
    def is_over(self) -> bool:
        """Whether refused books have taken so long that it is useless to try more."""
        return self._deadline is not None and self._monotonic() > self._deadline

    def owe(self, period: int, book: Book, refusal: str = "") -> None:
        """Leave a book for the next run."""
        self._deadline = self._deadline or self._monotonic() + _PATIENCE_SECONDS
        self.refusal = self.refusal or refusal
        self.owed.add(OwedBook(period, book.starts_at, book.domain))


def _by_period(owed: Iterable[OwedBook]) -> dict[tuple[int, int], set[str]]:
    found: dict[tuple[int, int], set[str]] = defaultdict(set)
    for book in owed:
        found[book.period_seconds, book.starts_at].add(book.domain)
    return found
