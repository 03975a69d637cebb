"""Finds the latency bounds that AtlHyper's twelve bucket columns hold."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Sequence
from math import inf
from typing import NamedTuple

from slo.counting.histograms import Bounds

_COLUMN_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""The bounds in the columns' names, in seconds; the last column is `+Inf`."""
_COLUMN_ENDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 0.5, 1.2, 2.5, 5.0, 10.0)
"""The largest bound that AtlHyper stored in each column, in seconds."""
_OPEN = len(_COLUMN_ENDS)
_TRAEFIK_COLUMNS = (4, 5, 7, 9)
_TRAEFIK_BOUNDS = (0.1, 0.3, 1.2, 5.0)
"""Traefik's default buckets in seconds; _TRAEFIK_COLUMNS are the columns that hold them."""


class Layout(NamedTuple):
    """The columns of one host that hold exactly one bound each, ascending."""

    columns: tuple[int, ...]
    bounds: Bounds
    has_total: bool = True
    """Whether the `+Inf` column holds the total count."""

    def cumulative(self, buckets: Sequence[int]) -> list[int]:
        """Cumulative counts for each bound and `+Inf`. A count below the one before (a restart) is raised to it."""
        if not self.has_total or not buckets:
            return [0] * (len(self.bounds) + 1)
        result, highest = [], 0
        for column in (*self.columns, _OPEN):
            highest = max(highest, buckets[column])
            result.append(highest)
        return result


def layout(scraped: Collection[float], used: Collection[int]) -> Layout:
    """The layout from the scraped bounds in seconds if known, else from the columns that have counts.

    A column that several bounds were added into is left out, because its count is meaningless.
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
