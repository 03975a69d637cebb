"""The ledger: one cumulative count per entry that never resets. Any window is the difference of two ledgers.

A cluster's ledger at time `at` holds everything counted up to then for each catalogue entry. It also holds the state
that rollup continues from: the last booked sample of each process, and since when each scope has been watched. Rollup
computes the next ledger from it; readers subtract an earlier one.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from operator import sub
from typing import Any, Self

import msgspec

from slo.counting.columns import NO_ROW, Columns, Table
from slo.counting.counts import Counts
from slo.counting.gaps import Gap, Unreachable
from slo.counting.processes import Sighting
from slo.traefik.snapshots import MeasuredBy


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

    def plus(self, gained: Columns, at: int) -> "LedgerRows":
        """The rows with what was gained until `at`. An entry that has no row begins one."""
        counts = self.counts.plus(gained)
        rows, grown = self.counts.rows_of(counts), set(gained)
        since, changed_at = [*self.since, at], [*self.changed_at, at]
        return LedgerRows(
            counts,
            [since[row] for row in rows],
            [at if entry_id in grown else changed_at[row] for entry_id, row in zip(counts, rows, strict=True)],
        )

    def replaced(self, rows: Mapping[int, LedgerRow]) -> "LedgerRows":
        """The rows with some of them replaced or added."""
        others = LedgerRows.of(rows)
        counts = self.counts.only(self.counts.ids - rows.keys()).plus(others.counts)
        mine, theirs = self.counts.rows_of(counts), others.counts.rows_of(counts)
        pairs = list(zip(mine, theirs, strict=True))
        return LedgerRows(
            counts,
            [self.since[row] if other == NO_ROW else others.since[other] for row, other in pairs],
            [self.changed_at[row] if other == NO_ROW else others.changed_at[other] for row, other in pairs],
        )

    @cached_property
    def tallies(self) -> tuple[list[int], list[int]]:
        """Requests and errors of each row."""
        return self.counts.requests, self.counts.errors

    def tallies_since(self, earlier: "LedgerRows") -> dict[int, tuple[int, int]]:
        """Requests and errors of each entry since the earlier ledger. Faster than a difference.

        A row that began anew counts whole.
        """
        requests, errors = self.tallies
        before = [[*values, 0] for values in earlier.tallies]
        same = [
            known if known != NO_ROW and earlier.since[known] == since else NO_ROW
            for known, since in zip(earlier.counts.rows_of(self), self.since, strict=True)
        ]
        more_requests = map(sub, requests, map(before[0].__getitem__, same))
        more_errors = map(sub, errors, map(before[1].__getitem__, same))
        return dict(zip(self, zip(more_requests, more_errors, strict=True), strict=True))

    def failing_since(self, earlier: "LedgerRows", share: float) -> set[int]:
        """The entries of whose requests since the earlier ledger more than this share failed. Faster than a difference.

        A row that began anew counts whole.
        """
        requests, errors = self.tallies
        before = [[*values, 0] for values in earlier.tallies]
        failing = set()
        for row, (entry_id, known) in enumerate(zip(self, earlier.counts.rows_of(self), strict=True)):
            if not errors[row]:
                continue
            same = known if known != NO_ROW and earlier.since[known] == self.since[row] else NO_ROW
            failed = errors[row] - before[1][same]
            if failed > share * (requests[row] - before[0][same]):
                failing.add(entry_id)
        return failing

    def only(self, entry_ids: Iterable[int]) -> "LedgerRows":
        """The rows of these entries."""
        counts = self.counts.only(entry_ids)
        rows = self.counts.rows_of(counts)
        return LedgerRows(counts, [self.since[row] for row in rows], [self.changed_at[row] for row in rows])


class BookedProcess(Sighting, frozen=True, kw_only=True):
    """The last booked sample of one Traefik process. Its counters are in the raw item."""

    observed_at: float = msgspec.field(name="seen_at")
    sample_key: str
    measured_by: MeasuredBy
    watched_seconds: float = 0.0
    """The ledger's watched seconds up to then."""
    owed: dict[int, dict[str, int]] = msgspec.field(default_factory=dict)
    """What children have counted and their parents not yet: by the family's first entry id and by status code."""


class WatchedScope(msgspec.Struct, frozen=True):
    """One set of scraped targets, watched from `first_at` to `last_at` (Unix seconds, server's clock)."""

    first_at: float
    last_at: float


class Ledger(msgspec.Struct, kw_only=True):
    """Everything counted for one cluster up to `at`. A stored ledger never changes."""

    at: int = 0
    """End of the last booked slot, Unix seconds."""
    changed_at: int = 0
    """End of the last slot in which anything was booked."""
    rows: Mapping[int, LedgerRow] = {}
    """By catalogue entry id."""
    delayed: Mapping[int, LedgerRow] = {}
    """The part of `rows` that was counted at the end of a gap, for a few days."""
    processes: tuple[BookedProcess, ...] = ()
    scopes: dict[str, WatchedScope] = {}
    gaps: tuple[Gap, ...] = ()
    """One for each slot in which one ended."""
    unreachable: dict[str, Unreachable] = {}
    """By pod."""
    watched_since: float = 0.0
    """Time of the first sample ever booked, Unix seconds."""
    watched_at: float = 0.0
    """Time of the last sample booked, Unix seconds."""
    watched_seconds: float = 0.0
    """Time during which at least one agent was working."""
    process_seconds: float = 0.0
    """Lifetime of all processes while an agent was working."""
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


class Difference(msgspec.Struct, frozen=True, dict=True):
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
    """False if nothing was observed."""
    delayed: Columns = Columns(Table())
    """The part of `counts` that was counted at the end of `gaps`."""
    gaps: tuple[Gap, ...] = ()
    """The gaps whose requests are booked in the window."""
    unreachable: Mapping[str, Unreachable] = {}
    """By pod, at the end of the window."""
    excluded_seconds: Mapping[int, float] = {}
    """How much of `observable_seconds` is excluded, by catalogue entry id; entries of which nothing is are left out."""

    @cached_property
    def remembered(self) -> dict[tuple[int, ...], Any]:
        """What has been computed from some of its entries, by their ids: most windows are asked for again and again."""
        return {}

    @cached_property
    def prompt(self) -> Columns:
        """The counts without those of gaps."""
        return self.counts.without(self.delayed) if len(self.delayed) else self.counts

    @property
    def placed(self) -> Columns:
        """The counts that belong to this window: without those of gaps, if a gap is longer than the window."""
        is_too_long = not self.gaps or any(gap.seconds > self.end - self.start for gap in self.gaps)
        return self.prompt if is_too_long else self.counts

    @property
    def delayed_since(self) -> int:
        """When the first of the gaps began; 0 if that is no longer known."""
        return int(min((gap.start for gap in self.gaps), default=0))


def difference(earlier: Ledger, later: Ledger, start: int, end: int) -> Difference:
    """What was counted from `start` to `end`, given the ledgers that hold at these two times."""
    return Difference(
        start=start,
        end=end,
        counts=LedgerRows.of(later.rows).since_earlier(LedgerRows.of(earlier.rows)),
        coverage=_coverage(earlier, later, end - start),
        observable_seconds=min(end - start, max(0.0, end - (later.known_since or end))),
        has_data=_has_data(earlier, later) and not _is_hidden(later.gaps, start, end),
        delayed=LedgerRows.of(later.delayed).since_earlier(LedgerRows.of(earlier.delayed)),
        gaps=tuple(gap for gap in later.gaps if start < gap.booked_at <= end),
        unreachable=later.unreachable,
    )


def _coverage(earlier: Ledger, later: Ledger, seconds: int) -> float:
    if seconds <= 0:
        return 0.0
    alive = later.process_seconds - earlier.process_seconds
    observed = later.observed_seconds - earlier.observed_seconds
    watched = min(1.0, (_watched(earlier, later) + _imported(earlier, later)) / seconds)
    return watched * (min(1.0, observed / alive) if alive > 0 else 1.0)


def _has_data(earlier: Ledger, later: Ledger) -> bool:
    """Whether anything was observed. If no agent saw a process, there was none that could count."""
    is_blind = later.process_seconds > earlier.process_seconds and later.observed_seconds <= earlier.observed_seconds
    return _imported(earlier, later) > 0 or (_watched(earlier, later) > 0 and not is_blind)


def _watched(earlier: Ledger, later: Ledger) -> float:
    return later.watched_seconds - earlier.watched_seconds


def _imported(earlier: Ledger, later: Ledger) -> float:
    """The imported seconds. A running import may have reached the earlier ledger and not yet the later one."""
    return max(0.0, later.imported_seconds - earlier.imported_seconds)


def _is_hidden(gaps: tuple[Gap, ...], start: int, end: int) -> bool:
    """Whether a gap of an earlier version, whose counts are not kept apart, hides when the requests came."""
    return any(gap.start < end and gap.end > start and gap.seconds > end - start for gap in gaps if not gap.booked_at)
