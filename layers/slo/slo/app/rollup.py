"""Rollup of one cluster: books the samples since the watermark, then moves the watermark.

A rollup can be repeated, run by two workers at once, or be killed between any two writes. Every derived item is written
on the condition that no newer worker has written it. Readers never read past the watermark, which moves last.
"""

from collections.abc import Callable
from time import monotonic as seconds

import msgspec

from slo.app.book_keeper import BookKeeper
from slo.app.status_history import StatusKeeper
from slo.app.stores import Stores
from slo.counting.rollup import Sample, roll_up
from slo.store.catalogues import CatalogueStore
from slo.store.clusters import ClusterState, ClusterStore
from slo.store.errors import LostClaimError
from slo.store.ledgers import LedgerStore
from slo.store.raw import RawStore, taken_at
from slo.times import HOUR_SECONDS, floor_to

_PART_SECONDS = 2 * HOUR_SECONDS
_PART_ROWS = 200_000
"""Of the samples that are booked at once, but at least those of one slot; about 200 MB of the function's 1,024 MB."""
_PATIENCE_SECONDS = 20.0
"""Of one cluster: a message of the queue brings up to five, and the function has 120 seconds."""


class Booked(msgspec.Struct, frozen=True):
    """The result of one run."""

    cluster_id: str
    watermark: int
    samples: int
    late: int
    ledgers: int
    books: int
    status_changes: int
    refused: int = 0
    """Books and changes of status that DynamoDB refused. The next run writes them."""
    refusal: str = ""
    """What was refused first, and why."""

    def plus(self, following: "Booked") -> "Booked":
        """The result of two parts of one run."""
        return Booked(
            cluster_id=following.cluster_id,
            watermark=following.watermark,
            samples=self.samples + following.samples,
            late=self.late + following.late,
            ledgers=self.ledgers + following.ledgers,
            books=self.books + following.books,
            status_changes=self.status_changes + following.status_changes,
            refused=self.refused + following.refused,
            refusal=self.refusal or following.refusal,
        )


class RollUp:
    """Rolls clusters up."""

    def __init__(self, stores: Stores, *, monotonic: Callable[[], float] = seconds) -> None:
        self._clusters = stores.of(ClusterStore)
        self._catalogues = stores.of(CatalogueStore)
        self._raw = stores.of(RawStore)
        self._ledgers = stores.of(LedgerStore)
        self._books = BookKeeper(stores, monotonic=monotonic)
        self._statuses = StatusKeeper(stores)
        self._slot_seconds = stores.slot_seconds
        self._cutoff_delay_seconds = stores.cutoff_delay_seconds
        self._clock = stores.clock
        self._monotonic = monotonic

    def run(self, cluster_id: str) -> Booked | None:
        """Book everything up to the cut-off. None if there is nothing to do or another worker does it.

        A long backlog is booked part by part, so that it fits into memory and a worker that is killed has not worked in
        vain. What is left when time runs out, the next run books.
        """
        deadline, total = self._monotonic() + _PATIENCE_SECONDS, None
        while (booked := self._book_part(cluster_id)) is not None:
            total = booked if total is None else total.plus(booked)
            if booked.watermark >= self._cutoff() or self._monotonic() > deadline:
                break
        return total

    def _cutoff(self) -> int:
        return floor_to(self._clock() - self._cutoff_delay_seconds, self._slot_seconds)

    def _book_part(self, cluster_id: str) -> Booked | None:
        state, cutoff = self._clusters.get(cluster_id, consistent=True), self._cutoff()
        if state is None or cutoff <= state.watermark:
            return None
        if cutoff - state.watermark > _PART_SECONDS:
            cutoff = min(cutoff, self._end_of_part(state) or cutoff)
        try:
            return self._book_claimed(state, cutoff)
        except LostClaimError:
            return None

    def _book_claimed(self, state: ClusterState, cutoff: int) -> Booked | None:
        """Claim and book. Raises LostClaimError if another worker does it.

        Items may outrank a claim that nobody else has outdated: the cluster's own item was brought back to an earlier
        time, or a rollup wrote them while the cluster was removed. Then a claim of the present outranks them.
        """
        generation = self._clusters.claim(state)
        try:
            return self._book(state, generation, cutoff)
        except LostClaimError:
            known = self._clusters.get(state.cluster_id, consistent=True)
            if known is None or known.generation != generation:
                raise
            return self._book(known, self._clusters.claim(known, self._clock()), cutoff)

    def _end_of_part(self, state: ClusterState) -> int | None:
        """The end of a slot some hours after the first sample that is not booked; None if all are booked."""
        first = self._raw.first_at(state.cluster_id, state.watermark)
        if first is None:
            return None
        return floor_to(first + max(_PART_SECONDS, self._slot_seconds), self._slot_seconds)

    def _samples(self, state: ClusterState, cutoff: int) -> tuple[dict[str, Sample], int]:
        """The samples since the watermark, slot by slot while they fit into memory, and the end of the last slot."""
        samples: dict[str, Sample] = {}
        rows = 0
        for end, found in self._raw.slots(state.cluster_id, state.watermark, cutoff, self._slot_seconds):
            samples |= found
            rows += sum(len(sample.rows) for sample in found.values())
            if rows >= _PART_ROWS:
                return samples, end
        return samples, cutoff

    def _book(self, state: ClusterState, generation: int, cutoff: int) -> Booked:
        cluster_id = state.cluster_id
        samples, cutoff = self._samples(state, cutoff)
        late = [key for key in self._raw.late(cluster_id) if taken_at(key) <= cutoff]
        late_samples = self._raw.get(cluster_id, [key for key in late if key not in samples])
        samples |= late_samples
        catalogue = self._catalogues.latest(cluster_id)
        ledger = self._ledgers.at(cluster_id, state.watermark, consistent=True)
        ledgers = roll_up(
            ledger,
            catalogue,
            self._raw.get(cluster_id, ledger.last_sample_keys(samples.values())),
            list(samples.values()),
            watermark=state.watermark,
            cutoff=cutoff,
            slot_seconds=self._slot_seconds,
        )
        since = state.watermark or min((int(sample.taken_at) for sample in samples.values()), default=cutoff)
        for booked in ledgers:
            self._ledgers.put(cluster_id, booked, generation)
        known = [ledger, *ledgers]
        books = self._books.keep(state, catalogue, known, (since, cutoff), generation)
        statuses = self._statuses.keep(cluster_id, catalogue, known[-1], state.watermark, cutoff, generation)
        self._clusters.move_watermark(cluster_id, generation, cutoff, owes_books=books.owed > 0)
        self._raw.clear_late(cluster_id, [key for key in late if key in samples])
        return Booked(
            cluster_id=cluster_id,
            watermark=cutoff,
            samples=len(samples),
            late=len(late_samples),
            ledgers=len(ledgers),
            books=books.written,
            status_changes=statuses.changes,
            refused=books.owed + bool(statuses.refusal),
            refusal=books.refusal or statuses.refusal,
        )
