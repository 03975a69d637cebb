"""The ledger: one cumulative count per entry that never resets. Any window is the difference of two ledgers.

A cluster's ledger at time `at` holds everything counted up to then for each catalogue entry. It also holds the state
that rollup continues from: the last booked sample of each process, and since when each scope has been watched. Rollup
computes the next ledger from it; readers subtract an earlier one.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Self

import msgspec

from slo.counting.columns import NO_ROW, Columns
from slo.counting.counts import Counts
from slo.counting.processes import Sighting
from slo.times import DAY_SECONDS
from slo.traefik.snapshots import MeasuredBy

SILENCE_SECONDS = 600
"""A longer time between two samples counts as not observed: short windows have no data there."""
_GAPS_KEPT_SECONDS = 62 * DAY_SECONDS
_GAPS_KEPT = 500


class LedgerRow(msgspec.Struct):
    """Cumulative counts of one catalogue entry."""

    since: int
    """End of the slot in which the row began, Unix seconds."""
    changed_at: int
    """End of the last slot in which it grew."""
    counts: Counts


class LedgerRows(Mapping[int, LedgerRow]):
    """The rows of a stored ledger by entry id, as columns."""

    def __init__(self, counts: Columns, since: list[int], changed_at: list[int]) -> None:
        self.counts = counts
        self.since = since
        self.changed_at = changed_at

    @classmethod
    def of(cls, rows: Mapping[int, LedgerRow]) -> Self:
        """Columns of rows by entry id."""
        if isinstance(rows, cls):
            return rows
        ordered = [rows[entry_id] for entry_id in sorted(rows)]
        counts = Columns.of({entry_id: row.counts for entry_id, row in rows.items()})
        return cls(counts, [row.since for row in ordered], [row.changed_at for row in ordered])

    def __getitem__(self, entry_id: int) -> LedgerRow:
        counts = self.counts[entry_id]
        (row,) = self.counts.rows_of([entry_id])
        return LedgerRow(self.since[row], self.changed_at[row], counts)

    def __iter__(self) -> Iterator[int]:
        return iter(self.counts)

    def __len__(self) -> int:
        return len(self.counts)

    def __contains__(self, entry_id: object) -> bool:
        return entry_id in self.counts

    def since_earlier(self, earlier: "LedgerRows") -> Columns:
        """The increase of each row. A row that began anew counts whole; a row without an increase is left out."""
        known = earlier.counts.rows_of(self)
        grown = [
            (row, before if before != NO_ROW and earlier.since[before] == self.since[row] else NO_ROW)
            for row, before in enumerate(known)
            if before == NO_ROW or earlier.changed_at[before] != self.changed_at[row]
        ]
        return self.counts.minus(earlier.counts, [row for row, _ in grown], [before for _, before in grown])


class BookedProcess(Sighting, frozen=True, kw_only=True):
    """The last booked sample of one Traefik process. Its counters are in the raw item."""

    observed_at: float = msgspec.field(name="seen_at")
    sample_key: str
    measured_by: MeasuredBy
    owed: dict[int, dict[str, int]] = msgspec.field(default_factory=dict)
    """What children have counted and their parents not yet: by the family's first entry id and by status code."""


class WatchedScope(msgspec.Struct, frozen=True):
    """One set of scraped targets, watched from `first_at` to `last_at` (Unix seconds, server's clock)."""

    first_at: float
    last_at: float


class Gap(msgspec.Struct, frozen=True):
    """A time that was not observed (Unix seconds). Its requests were counted at its end."""

    start: float
    end: float

    @property
    def seconds(self) -> float:
        """Its length."""
        return self.end - self.start


class Ledger(msgspec.Struct, kw_only=True):
    """Everything counted for one cluster up to `at`. A stored ledger never changes."""

    at: int = 0
    """End of the last booked slot, Unix seconds."""
    changed_at: int = 0
    """End of the last slot in which anything was booked."""
    rows: Mapping[int, LedgerRow] = {}
    """By catalogue entry id."""
    processes: tuple[BookedProcess, ...] = ()
    scopes: dict[str, WatchedScope] = {}
    gaps: tuple[Gap, ...] = ()
    watched_since: float = 0.0
    """Time of the first sample ever booked, Unix seconds."""
    watched_at: float = 0.0
    """Time of the last sample booked, Unix seconds."""
    watched_seconds: float = 0.0
    """Time during which at least one agent was working."""
    process_seconds: float = 0.0
    """Lifetime of all processes between their samples."""
    observed_seconds: float = 0.0
    """The part of `process_seconds` in which samples were at most SILENCE_SECONDS apart."""
    imported_since: float = 0.0
    """Start of the history imported from another system, Unix seconds; 0 if there is none."""
    imported_seconds: float = 0.0
    """The part of that history, up to `at`, that the other system measured."""

    def last_sample_keys(self, samples: Iterable[Sighting]) -> list[str]:
        """The keys of the last booked samples of the processes in the pods of these samples."""
        pods = {sample.pod for sample in samples}
        return [process.sample_key for process in self.processes if process.pod in pods]

    @property
    def known_since(self) -> float:
        """Start of the first data about the cluster, ours or imported; 0 if there is none."""
        return min((time for time in (self.imported_since, self.watched_since) if time), default=0.0)


class Difference(msgspec.Struct, frozen=True):
    """What was counted between two ledgers."""

    start: int
    end: int
    counts: Columns
    """By catalogue entry id; rows without an increase are left out."""
    coverage: float
    """The observed share of the window, 0..1, over all processes."""
    observable_seconds: float
    """Length of the window, less the time before the cluster was first seen."""
    has_data: bool
    """False if nothing was observed, or if a gap longer than the window hides when its requests came."""


def difference(earlier: Ledger, later: Ledger, start: int, end: int) -> Difference:
    """What was counted from `start` to `end`, given the ledgers that hold at these two times."""
    watched = _watched(earlier, later)
    return Difference(
        start=start,
        end=end,
        counts=LedgerRows.of(later.rows).since_earlier(LedgerRows.of(earlier.rows)),
        coverage=_coverage(earlier, later, end - start),
        observable_seconds=min(end - start, max(0.0, end - (later.known_since or end))),
        has_data=watched > 0 and not _is_hidden(later.gaps, start, end),
    )


def _coverage(earlier: Ledger, later: Ledger, seconds: int) -> float:
    if seconds <= 0:
        return 0.0
    alive = later.process_seconds - earlier.process_seconds
    observed = later.observed_seconds - earlier.observed_seconds
    watched = min(1.0, _watched(earlier, later) / seconds)
    return watched * (min(1.0, observed / alive) if alive > 0 else 1.0)


def _watched(earlier: Ledger, later: Ledger) -> float:
    """The watched seconds. A running import may have reached the earlier ledger and not yet the later one."""
    imported = max(0.0, later.imported_seconds - earlier.imported_seconds)
    return later.watched_seconds - earlier.watched_seconds + imported


def _is_hidden(gaps: tuple[Gap, ...], start: int, end: int) -> bool:
    return any(gap.start < end and gap.end > start and gap.seconds > end - start for gap in gaps)


def with_gap(gaps: tuple[Gap, ...], gap: Gap) -> tuple[Gap, ...]:
    """Add a gap, joined with the gaps it touches. The oldest gaps are dropped."""
    apart = [other for other in gaps if other.end < gap.start or other.start > gap.end]
    touched = [other for other in gaps if other not in apart]
    joined = Gap(min(g.start for g in (*touched, gap)), max(g.end for g in (*touched, gap)))
    kept = [other for other in (*apart, joined) if other.end > joined.end - _GAPS_KEPT_SECONDS]
    return tuple(sorted(kept, key=lambda other: other.start)[-_GAPS_KEPT:])
