"""Latency histograms: merged by adding buckets, read by interpolation. Percentiles are never averaged.

A histogram has ascending finite upper bounds in seconds, and cumulative counts: one per bound, then one for +Inf.
"""

from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache

import msgspec

from slo.counting.counts import MICROSECONDS

Bounds = tuple[float, ...]
LatencyRange = tuple[float, float | None]
"""Lower and upper bound in milliseconds; the upper one is None in the last, open bucket."""

_NAMES = ("p50_latency", "p95_latency", "p99_latency")


class Histogram(msgspec.Struct, frozen=True, gc=False):
    """Cumulative counts over upper bounds; `counts[-1]` is +Inf, the number of observations."""

    bounds: Bounds = ()
    counts: tuple[int, ...] = (0,)

    @property
    def observations(self) -> int:
        """The number of latencies in it."""
        return self.counts[-1]


def merge(histograms: Sequence[Histogram]) -> Histogram:
    """Add histograms. If their bounds differ, the result has only the bounds that all share.

    Histograms without observations are ignored, unless all are empty.
    """
    if len(histograms) == 1:
        return histograms[0]
    seen = [histogram for histogram in histograms if histogram.counts[-1]] or histograms
    if not seen:
        return Histogram()
    first = seen[0]
    if len(seen) == 1:
        return first
    if any(histogram.bounds != first.bounds for histogram in seen):
        shared = set(first.bounds).intersection(*(histogram.bounds for histogram in seen[1:]))
        seen = [_on_bounds(histogram, tuple(sorted(shared))) for histogram in seen]
    columns = [histogram.counts for histogram in seen]
    return Histogram(seen[0].bounds, tuple(map(sum, zip(*columns, strict=True))))


def _on_bounds(histogram: Histogram, bounds: Bounds) -> Histogram:
    at = dict(zip(histogram.bounds, histogram.counts, strict=False))
    return Histogram(bounds, (*(at[bound] for bound in bounds), histogram.observations))


def quantile(q: float, bounds: Bounds, counts: tuple[int, ...]) -> tuple[float, int]:
    """The latency in seconds below which the share `q` (0..1) of the observations lies, and the index of its bucket.

    Takes the fields of a histogram with bounds and observations: thousands are read for one answer. Interpolates
    linearly within a bucket, from 0 in the first one. Returns the highest finite bound if the latency lies in the last,
    open bucket. This is PromQL's `histogram_quantile`
    (https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile).
    """
    rank = q * counts[-1]
    index = bisect_left(counts, rank)
    if index >= len(bounds):
        return bounds[-1], index
    upper = bounds[index]
    lower, below = (bounds[index - 1], counts[index - 1]) if index else (0.0, 0)
    inside = counts[index] - below
    return lower + (upper - lower) * (rank - below) / inside if inside else upper, index


class Percentiles(msgspec.Struct, frozen=True, gc=False):
    """Latencies in milliseconds; None without observations."""

    p50_latency: float | None = None
    p95_latency: float | None = None
    p99_latency: float | None = None
    latency_lower_bounds: tuple[str, ...] = ()
    """Names of those that lie in the last, open bucket: the true latency may be longer."""
    p95_latency_range: LatencyRange | None = None
    """The bucket that the P95 fell into: the true P95 is somewhere in it."""


_UNKNOWN = Percentiles()


def percentiles(latencies: Histogram) -> Percentiles:
    """The 50th, 95th and 99th percentile of a histogram."""
    bounds, counts = latencies.bounds, latencies.counts
    if not counts[-1] or not bounds:
        return _UNKNOWN
    p50, in_p50 = quantile(0.50, bounds, counts)
    p95, in_p95 = quantile(0.95, bounds, counts)
    p99, in_p99 = quantile(0.99, bounds, counts)
    return Percentiles(
        _milliseconds(p50),
        _milliseconds(p95),
        _milliseconds(p99),
        () if in_p99 < len(bounds) else _lower_bounds(len(bounds), in_p50, in_p95, in_p99),
        _range(bounds, in_p95),
    )


def _lower_bounds(finite: int, *indexes: int) -> tuple[str, ...]:
    return tuple(name for name, index in zip(_NAMES, indexes, strict=True) if index >= finite)


@lru_cache(maxsize=1024)
def _range(bounds: Bounds, index: int) -> LatencyRange:
    """The bounds of a bucket in milliseconds. Thousands of routes share a few."""
    if index >= len(bounds):
        return (_milliseconds(bounds[-1]), None)
    return (_milliseconds(bounds[index - 1]) if index else 0.0, _milliseconds(bounds[index]))


def _milliseconds(seconds: float) -> float:
    return round(seconds * MICROSECONDS) / 1000
