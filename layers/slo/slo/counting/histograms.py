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


class Quantile(msgspec.Struct, frozen=True, gc=False):
    """A latency in seconds, interpolated within the bucket that it fell into."""

    seconds: float
    lower: float
    """The bucket's lower bound, seconds."""
    upper: float | None
    """Its upper bound, seconds; None for the last, open bucket."""

    @property
    def is_lower_bound(self) -> bool:
        """Whether it lies in the open bucket, so that the true latency is longer."""
        return self.upper is None


def merge(histograms: Sequence[Histogram]) -> Histogram:
    """Add histograms. If their bounds differ, the result has only the bounds that all share.

    Histograms without observations are ignored, unless all are empty.
    """
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


def quantile(q: float, histogram: Histogram) -> Quantile | None:
    """The latency below which the share `q` (0..1) of the observations lies; None without observations.

    Interpolates linearly within a bucket, from 0 in the first one. Returns the highest finite bound if the latency
    lies in the last, open bucket. This is PromQL's `histogram_quantile`
    (https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile).
    """
    bounds, counts = histogram.bounds, histogram.counts
    if not counts[-1] or not bounds:
        return None
    rank = q * counts[-1]
    index = bisect_left(counts, rank)
    if index >= len(bounds):
        return Quantile(bounds[-1], bounds[-1], None)
    upper = bounds[index]
    lower, below = (bounds[index - 1], counts[index - 1]) if index else (0.0, 0)
    inside = counts[index] - below
    return Quantile(lower + (upper - lower) * (rank - below) / inside if inside else upper, lower, upper)


class Percentiles(msgspec.Struct, frozen=True, gc=False):
    """Latencies in milliseconds; None without observations."""

    p50_latency: float | None = None
    p95_latency: float | None = None
    p99_latency: float | None = None
    latency_lower_bounds: tuple[str, ...] = ()
    """Names of those that lie in the last, open bucket: the true latency may be longer."""
    p95_latency_range: LatencyRange | None = None
    """The bucket that the P95 fell into: the true P95 is somewhere in it."""


def percentiles(latencies: Histogram) -> Percentiles:
    """The 50th, 95th and 99th percentile of a histogram."""
    p50, p95, p99 = quantile(0.50, latencies), quantile(0.95, latencies), quantile(0.99, latencies)
    if p50 is None or p95 is None or p99 is None:
        return Percentiles()
    return Percentiles(
        _milliseconds(p50.seconds),
        _milliseconds(p95.seconds),
        _milliseconds(p99.seconds),
        () if p99.upper is not None else _lower_bounds(p50, p95, p99),
        _range(p95.lower, p95.upper),
    )


def _lower_bounds(*found: Quantile) -> tuple[str, ...]:
    return tuple(name for name, each in zip(_NAMES, found, strict=True) if each.is_lower_bound)


@lru_cache(maxsize=1024)
def _range(lower: float, upper: float | None) -> LatencyRange:
    """The bounds of a bucket in milliseconds. Thousands of routes share a few."""
    return (_milliseconds(lower), None if upper is None else _milliseconds(upper))


def _milliseconds(seconds: float) -> float:
    return round(seconds * MICROSECONDS) / 1000
