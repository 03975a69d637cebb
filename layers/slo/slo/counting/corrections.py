"""Corrections: ledgers without what was counted in times that are excluded. Pure.

A ledger is a sum over time. So the ledger without an excluded time is the ledger less the difference of that time's two
ends, of the entries that are excluded. Every window of such ledgers leaves the time out exactly, be it the five minutes
of a burn rate or a month. Nothing stored changes, so undoing an exclusion gives the same figures as before.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple

import msgspec

from slo.counting.columns import Columns, Table
from slo.counting.ledger import Ledger, LedgerRow, LedgerRows

_NOTHING = Columns(Table())


class Excluded(NamedTuple):
    """Entries that are left out from `start` (exclusive) to `end` (inclusive), Unix seconds."""

    start: int
    end: int
    entry_ids: frozenset[int]


def disjoint(excluded: Iterable[Excluded]) -> tuple[Excluded, ...]:
    """The same as times that do not overlap, ascending: what two exclusions leave out is left out once."""
    every = [each for each in excluded if each.start < each.end and each.entry_ids]
    bounds = sorted({time for each in every for time in (each.start, each.end)})
    coming = deque(sorted(every, key=itemgetter(0)))
    active: list[Excluded] = []
    found: list[Excluded] = []
    for start, end in pairwise(bounds):
        active = [each for each in active if each.end > start]
        while coming and coming[0].start == start:
            active.append(coming.popleft())
        ids = frozenset[int]().union(*(each.entry_ids for each in active))
        if found and found[-1].end == start and found[-1].entry_ids == ids:
            found[-1] = found[-1]._replace(end=end)
        elif ids:
            found.append(Excluded(start, end, ids))
    return tuple(found)


def excluded_seconds(excluded: Iterable[Excluded], start: float, end: float) -> dict[int, float]:
    """How many seconds of a time are excluded, by entry. `excluded` is disjoint; `start` and `end` are Unix seconds."""
    together: dict[frozenset[int], float] = {}
    for each in excluded:
        seconds = min(each.end, end) - max(each.start, start)
        if seconds > 0:
            together[each.entry_ids] = together.get(each.entry_ids, 0.0) + seconds
    found: dict[int, float] = {}
    for ids, seconds in together.items():
        for entry_id in ids:
            found[entry_id] = found.get(entry_id, 0.0) + seconds
    return found


class Corrections:
    """What to leave out of the ledgers of one cluster."""

    def __init__(self, excluded: Sequence[Excluded], ledgers: Mapping[int, Ledger]) -> None:
        """`excluded` is disjoint. `ledgers` has those in effect at their starts and ends, as far as they are past."""
        self._parts = [_Part(each, ledgers) for each in excluded if each.start in ledgers]

    def of(self, ledger: Ledger, time: int) -> Ledger:
        """The ledger that is in effect at a time, without what is excluded up to then."""
        parts = [part for part in self._parts if part.start < time]
        if not parts:
            return ledger
        rows = _without(LedgerRows.of(ledger.rows), [part.rows(ledger, time) for part in parts])
        delayed = _without(LedgerRows.of(ledger.delayed), [part.delayed(ledger, time) for part in parts])
        return msgspec.structs.replace(ledger, rows=rows, delayed=delayed)


class _Gained(NamedTuple):
    """What entries gained in an excluded time, and the rows at its end that hold it."""

    counts: Columns
    rows: LedgerRows


class _Part:
    def __init__(self, excluded: Excluded, ledgers: Mapping[int, Ledger]) -> None:
        """Keeps the rows of its entries alone: there may be one for each night of half a year."""
        self.start, self._end, self._ids = excluded
        began, ended = ledgers[self.start], ledgers.get(self._end)
        self._began = LedgerRows.of(began.rows).only(self._ids)
        self._began_delayed = LedgerRows.of(began.delayed).only(self._ids)
        self._rows = None if ended is None else self._gained(ended.rows, self._began)
        self._delayed = None if ended is None else self._gained(ended.delayed, self._began_delayed)

    def rows(self, ledger: Ledger, time: int) -> _Gained:
        """What the ledger of a time holds of it."""
        if self._rows is not None and time >= self._end:
            return self._rows
        return self._gained(ledger.rows, self._began)

    def delayed(self, ledger: Ledger, time: int) -> _Gained:
        """The same of what was counted at the end of gaps."""
        if self._delayed is not None and time >= self._end:
            return self._delayed
        return self._gained(ledger.delayed, self._began_delayed)

    def _gained(self, later: Mapping[int, LedgerRow], began: LedgerRows) -> _Gained:
        rows = LedgerRows.of(later).only(self._ids)
        return _Gained(rows.since_earlier(began), rows)


def _without(rows: LedgerRows, parts: Iterable[_Gained]) -> LedgerRows:
    """A row that began anew since an excluded time holds nothing of it."""
    total = _NOTHING
    for gained, at_end in parts:
        held = [
            entry_id
            for entry_id, mine, theirs in zip(
                gained, rows.counts.rows_of(gained), at_end.counts.rows_of(gained), strict=True
            )
            if mine >= 0 and rows.since[mine] == at_end.since[theirs]
        ]
        total = total.plus(gained.only(held))
    return LedgerRows(rows.counts.without(total), rows.since, rows.changed_at) if len(total) else rows
