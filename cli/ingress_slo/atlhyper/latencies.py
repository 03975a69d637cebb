"""Which latency bounds stand behind AtlHyper's twelve bucket columns."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Sequence
from math import inf
from typing import NamedTuple

from slo.counting.histograms import Bounds

_COLUMN_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""What the columns are named for, in seconds; the last column is the open one."""
_COLUMN_ENDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 0.5, 1.2, 2.5, 5.0, 10.0)
"""The largest bound that was put into each."""
_OPEN = len(_COLUMN_ENDS)
_TRAEFIK_COLUMNS = (4, 5, 7, 9)
_TRAEFIK_BOUNDS = (0.1, 0.3, 1.2, 5.0)
"""Traefik's own default buckets, and where they lie."""


class Layout(NamedTuple):
    """The columns of one host that hold a bound each, ascending."""

    columns: tuple[int, ...]
    bounds: Bounds
    has_total: bool = True
    """Whether the open column is the number of latencies."""

    def cumulative(self, buckets: Sequence[int]) -> list[int]:
        """Counts for each bound and +Inf. One that fell below its lower neighbour (a restart) is lifted to it."""
        if not self.has_total or not buckets:
            return [0] * (len(self.bounds) + 1)
        result, highest = [], 0
        for column in (*self.columns, _OPEN):
            highest = max(highest, buckets[column])
            result.append(highest)
        return result


def layout(scraped: Collection[float], used: Collection[int]) -> Layout:
    """From the bounds that were scraped, where they are known; else from the columns that hold anything.

    Where several bounds were added into one column, that column says nothing and is left out.
    """
    finite = [bound for bound in scraped if bound < inf]
    if not finite:
        columns = tuple(sorted(set(used) - {_OPEN}))
        is_traefik = columns == _TRAEFIK_COLUMNS
        return Layout(columns, _TRAEFIK_BOUNDS if is_traefik else tuple(_COLUMN_BOUNDS[index] for index in columns))
    by_column: dict[int, list[float]] = defaultdict(list)
    for bound in finite:
        by_column[bisect_left(_COLUMN_ENDS, bound)].append(bound)
    alone = {column: bounds[0] for column, bounds in sorted(by_column.items()) if len(bounds) == 1 and column != _OPEN}
    has_total = _OPEN not in by_column
    return Layout(tuple(alone), tuple(alone.values()), has_total) if has_total else Layout((), (), has_total)
