"""Columns: the counts of many entries, as one list per status code, method and bucket instead of one object per entry.

A table of counts has these columns; its rows are sorted by entry id:

    i   entry ids, each as the difference from the previous one
    c   {status code: [count per row]}               0 if a row has none
    m   {method: [count per row]}                    without GET, which is the sum of `c` less the other methods
    b   [[count per row] per finite bound]           not cumulative; rows with fewer bounds are padded with 0
    n   [number of bounds per row]
    x   [requests without a latency per row]         WebSockets and server-sent events, so mostly 0
    d   [duration in microseconds per row]

Values that can be derived are left out, and columns of similar numbers compress well. All columns but `i` and `n` are
sums, so whole tables are subtracted and summed up column by column. That makes reading thousands of routes fast.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from functools import cached_property
from itertools import accumulate, pairwise, repeat, zip_longest
from operator import add, sub
from typing import Self

import msgspec

from slo.counting.codes import is_error
from slo.counting.counts import DURATION_NOISE_MICROSECONDS, Counts

_DERIVED_METHOD = "GET"
NO_ROW = -1
"""Stands for a row that does not exist: nothing is subtracted."""


class Table(msgspec.Struct, omit_defaults=True):
    """Counts by entry id, column by column."""

    i: list[int] = []
    c: dict[str, list[int]] = {}
    m: dict[str, list[int]] = {}
    b: list[list[int]] = []
    n: list[int] = []
    x: list[int] = []
    d: list[int] = []


class Figures(msgspec.Struct, frozen=True, gc=False):
    """The figures of one row that a report needs."""

    requests: int
    errors: int
    buckets: tuple[int, ...]
    """Cumulative, as in Counts."""


class Columns(Mapping[int, Counts]):
    """Counts by entry id, stored as a table. Reading a row creates its Counts."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self._rows = {entry_id: row for row, entry_id in enumerate(accumulate(table.i))}

    @classmethod
    def of(cls, counts: Mapping[int, Counts]) -> Self:
        """Columns of counts by entry id."""
        return counts if isinstance(counts, cls) else cls(_table(counts))

    def __getitem__(self, entry_id: int) -> Counts:
        return _counts(self.table, self._rows[entry_id])

    def __iter__(self) -> Iterator[int]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, entry_id: object) -> bool:
        return entry_id in self._rows

    @property
    def ids(self) -> Set[int]:
        """The entry ids."""
        return self._rows.keys()

    @property
    def values_count(self) -> int:
        """The number of values in the table."""
        table = self.table
        return len(self) * (len(table.c) + len(table.m) + len(table.b) + 4)

    def rows_of(self, entry_ids: Iterable[int]) -> list[int]:
        """The row numbers of these entries; NO_ROW for entries that are not in the table."""
        return list(map(self._rows.get, entry_ids, repeat(NO_ROW)))

    def only(self, entry_ids: Iterable[int]) -> "Columns":
        """The counts of these entries."""
        wanted = self._rows.keys() & entry_ids
        return self._taken(sorted([self._rows[entry_id] for entry_id in wanted]))

    def _taken(self, rows: Sequence[int]) -> "Columns":
        """The counts in these rows, which ascend."""
        table, ids, at = self.table, list(self._rows), _reader(rows, len(self))
        return Columns(
            Table(
                i=_deltas(list(at(ids))),
                c={code: list(at(values)) for code, values in table.c.items()},
                m={method: list(at(values)) for method, values in table.m.items()},
                b=[list(at(values)) for values in table.b],
                n=list(at(table.n)),
                x=list(at(table.x)),
                d=list(at(table.d)),
            )
        )

    def minus(self, earlier: "Columns", rows: Sequence[int], earlier_rows: Sequence[int]) -> "Columns":
        """The increase of each of `rows` over the one in `earlier_rows`, for values that never fall."""
        ids = list(self._rows)
        later, before = self.table, earlier.table
        zeros = [0] * len(earlier)
        at, earlier_at = _reader(rows, len(self)), _reader(earlier_rows, len(earlier))

        def column(values: list[int], earlier_values: list[int]) -> list[int]:
            return list(map(sub, at(values), earlier_at(earlier_values)))

        before_b = [*before.b, *repeat(zeros, len(later.b) - len(before.b))]
        return Columns(
            Table(
                i=_deltas(list(at(ids))),
                c={code: column(values, before.c.get(code, zeros)) for code, values in later.c.items()},
                m={method: column(values, before.m.get(method, zeros)) for method, values in later.m.items()},
                b=[column(values, earlier_values) for values, earlier_values in zip(later.b, before_b, strict=False)],
                n=list(at(later.n)),
                x=column(later.x, before.x),
                d=[max(0, duration) for duration in column(later.d, before.d)],
            )
        )

    def grown_since(self, earlier: "Columns", entry_ids: Iterable[int]) -> tuple["Columns", set[int]]:
        """What these entries of both gained, and those of them that have to be looked at one by one.

        These are the entries with a value that fell or other bounds than before (`Counts.fell_since`; some of them may
        not have fallen). Entries that gained nothing are left out.
        """
        ids = sorted(entry_ids)
        rows, before = self.rows_of(ids), earlier.rows_of(ids)
        gained = self.minus(earlier, rows, before)
        fell = _negative(gained) | self._other_than(earlier, rows, before)
        kept = [
            index
            for index, (requests, duration) in enumerate(zip(gained.requests, gained.table.d, strict=True))
            if (requests or duration) and index not in fell
        ]
        if len(kept) < len(ids):
            gained = gained._taken(kept)
        return gained, {ids[index] for index in fell}

    def _other_than(self, earlier: "Columns", rows: Sequence[int], before: Sequence[int]) -> set[int]:
        """The indexes of rows with other bounds, a code or method that is gone, or a duration that fell."""
        mine, others = self.table, earlier.table
        gone = [values for code, values in others.c.items() if code not in mine.c]
        gone += [values for method, values in others.m.items() if method not in mine.m]
        found = {index for values in gone for index, row in enumerate(before) if values[row]}
        for index, (row, known) in enumerate(zip(rows, before, strict=True)):
            if mine.n[row] != others.n[known] or mine.d[row] < others.d[known] - DURATION_NOISE_MICROSECONDS:
                found.add(index)
        return found

    def plus(self, gained: "Columns") -> "Columns":
        """The sums, with the entries of both. An entry of both has the same bounds in both.

        Columns without a count are left out, as in `of`: equal counts are equal tables, whichever way they came about.
        """
        ids = list(self._rows) if self._rows.keys() >= gained._rows.keys() else sorted({*self._rows, *gained._rows})
        rows, gained_rows = self.rows_of(ids), gained.rows_of(ids)
        mine, others = self.table, gained.table
        none, others_none = [0] * len(self), [0] * len(gained)
        at, gained_at = _reader(rows, len(self)), _reader(gained_rows, len(gained))

        def column(values: list[int], other_values: list[int]) -> list[int]:
            return list(map(add, at(values), gained_at(other_values)))

        def columns(own: dict[str, list[int]], of_other: dict[str, list[int]]) -> dict[str, list[int]]:
            keys = sorted({*own, *of_other})
            sums = ((key, column(own.get(key, none), of_other.get(key, others_none))) for key in keys)
            return {key: values for key, values in sums if any(values)}

        return Columns(
            Table(
                i=_deltas(ids),
                c=columns(mine.c, others.c),
                m=columns(mine.m, others.m),
                b=[column(values or none, more or others_none) for values, more in zip_longest(mine.b, others.b)],
                n=list(map(max, at(mine.n), gained_at(others.n))),
                x=column(mine.x, others.x),
                d=column(mine.d, others.d),
            )
        )

    def combined(self, operation: Callable[[int, int], int], other: "Columns") -> Table:
        """Each value of these entries with the one of `other`, 0 where it has none. Sums may fall below 0."""
        mine, others = self.table, other.table
        other_at, zeros, none = _reader(other.rows_of(self), len(other)), [0] * len(self), [0] * len(other)

        def column(values: list[int], other_values: list[int]) -> list[int]:
            return list(map(operation, values, other_at(other_values)))

        def columns(own: dict[str, list[int]], of_other: dict[str, list[int]]) -> dict[str, list[int]]:
            return {key: column(own.get(key, zeros), of_other.get(key, none)) for key in sorted({*own, *of_other})}

        buckets = zip_longest(mine.b, others.b)
        return Table(
            i=mine.i,
            c=columns(mine.c, others.c),
            m=columns(mine.m, others.m),
            b=[column(values or zeros, other_values or none) for values, other_values in buckets],
            n=mine.n,
            x=column(mine.x, others.x),
            d=column(mine.d, others.d),
        )

    def having(self, code: str, without: str) -> list[int]:
        """The entries with requests of one status code and none of another."""
        zeros = [0] * len(self)
        pairs = zip(self._rows, self.table.c.get(code, zeros), self.table.c.get(without, zeros), strict=True)
        return [entry_id for entry_id, count, other in pairs if count and not other]

    def without(self, part: "Columns") -> "Columns":
        """These counts less those of a part of them."""
        return self.minus(part, range(len(self)), part.rows_of(self))

    @cached_property
    def figures(self) -> dict[int, Figures]:
        """Figures by entry id."""
        table = self.table
        requests, errors = self.requests, self.errors
        within = accumulate(table.b, lambda below, inside: list(map(add, below, inside)))
        buckets: Iterable[tuple[int, ...]] = zip(*within, map(sub, requests, table.x), strict=True)
        if set(table.n) - {len(table.b)}:
            buckets = ((*row[:bounds], row[-1]) for row, bounds in zip(buckets, table.n, strict=True))
        return dict(zip(self._rows, map(Figures, requests, errors, buckets), strict=True))

    @property
    def requests(self) -> list[int]:
        """Requests of each row."""
        return self._sums(self.table.c.values())

    @property
    def errors(self) -> list[int]:
        """Server errors of each row."""
        return self._sums([values for code, values in self.table.c.items() if is_error(code)])

    def _sums(self, columns: Iterable[list[int]]) -> list[int]:
        return list(map(sum, zip(repeat(0, len(self)), *columns, strict=True)))


def _reader(rows: Sequence[int], count: int) -> Callable[[list[int]], Iterable[int]]:
    """How to read these rows of a column of so many: 0 for NO_ROW. Mostly they are all rows, in order."""
    if list(rows) == list(range(count)):
        return lambda values: values
    return lambda values: map([*values, 0].__getitem__, rows)


def _negative(gained: Columns) -> set[int]:
    """The indexes of rows in which any value fell."""
    table, requests = gained.table, gained.requests
    without_get = map(sum, zip(repeat(0, len(gained)), *table.m.values(), strict=True))
    derived = [list(map(sub, requests, without_get)), list(map(sub, requests, table.x))]
    columns = (*table.c.values(), *table.m.values(), *table.b, table.x, *derived)
    return {
        index for values in columns if min(values, default=0) < 0 for index, value in enumerate(values) if value < 0
    }


def _table(counts: Mapping[int, Counts]) -> Table:
    ids = sorted(counts)
    rows = [counts[entry_id] for entry_id in ids]
    codes = sorted({code for row in rows for code in row.codes})
    methods = sorted({method for row in rows for method in row.methods} - {_DERIVED_METHOD})
    bounds = [max(0, len(row.buckets) - 1) for row in rows]
    return Table(
        i=_deltas(ids),
        c={code: [row.codes.get(code, 0) for row in rows] for code in codes},
        m={method: [row.methods.get(method, 0) for row in rows] for method in methods},
        b=[[_inside(row.buckets, index) for row in rows] for index in range(max(bounds, default=0))],
        n=bounds,
        x=[row.requests - (row.buckets[-1] if row.buckets else 0) for row in rows],
        d=[row.duration_microseconds for row in rows],
    )


def _deltas(ids: list[int]) -> list[int]:
    return [after - before for before, after in pairwise([0, *ids])]


def _inside(buckets: list[int], index: int) -> int:
    if index >= len(buckets) - 1:
        return 0
    return buckets[index] - (buckets[index - 1] if index else 0)


def _counts(table: Table, row: int) -> Counts:
    codes = {code: values[row] for code, values in table.c.items() if values[row]}
    methods = {method: values[row] for method, values in table.m.items() if values[row]}
    requests = sum(codes.values())
    if derived := requests - sum(methods.values()):
        methods[_DERIVED_METHOD] = derived
    within = accumulate(values[row] for values in table.b[: table.n[row]])
    return Counts(codes, methods, [*within, requests - table.x[row]], table.d[row])
