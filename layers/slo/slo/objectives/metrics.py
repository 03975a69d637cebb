"""Metrics: what was served in a window, of some entries together.

They are ratios (availability, error_rate, coverage), milliseconds (p50/p95/p99_latency) and counts. What was not seen
is null, never 0 or 100 %.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from slo.counting.catalogue import Entry
from slo.counting.columns import Figures
from slo.counting.counts import Counts
from slo.counting.histograms import Histogram, LatencyRange, merge, percentiles
from slo.counting.ledger import Difference


class Metrics(msgspec.Struct, frozen=True, gc=False):
    """What was served in a window."""

    availability: float | None
    p50_latency: float | None
    p95_latency: float | None
    p99_latency: float | None
    error_rate: float | None
    requests_per_sec: float
    total_requests: int
    total_errors: int
    coverage: float
    latency_lower_bounds: tuple[str, ...] = ()
    """The percentiles that lie in the last, open bucket: the true latency may be longer."""
    p95_latency_range: LatencyRange | None = None
    """Bounds of the bucket that the P95 fell into, milliseconds: the true P95 is somewhere between them. The upper one
    is null in the open bucket."""


def served(entries: Iterable[Entry], window: Difference) -> list[tuple[Entry, Counts]]:
    """What each entry served in a window. Pass each entry once."""
    return [(entry, window.counts[entry.id]) for entry in entries if entry.id in window.counts]


def figures(entries: Iterable[Entry], window: Difference) -> list[tuple[Entry, Figures]]:
    """Like `served`, but without codes and methods, and fast for thousands of entries."""
    found = window.counts.figures
    return [(entry, each) for entry in entries if (each := found.get(entry.id)) is not None]


def histogram(seen: Iterable[tuple[Entry, Counts | Figures]]) -> Histogram:
    """The latencies of several entries, added up."""
    return merge([Histogram(entry.bounds, tuple(each.buckets)) for entry, each in seen])


def metrics_of(entries: Sequence[Entry], window: Difference) -> Metrics:
    """The figures of several entries, added up. A window that is kept remembers them."""
    key = tuple([entry.id for entry in entries])
    found = window.remembered.get(key)
    if found is None:
        seen = figures(entries, window)
        found = _added(seen, window)
        if window.excluded_seconds:
            found = msgspec.structs.replace(found, requests_per_sec=per_second(seen, window))
        window.remembered[key] = found
    return found


def per_second(seen: Sequence[tuple[Entry, Figures]], window: Difference) -> float:
    """The requests of several entries per second of the window that was observed, and is not excluded for them."""
    return rate([(entry.id, each.requests) for entry, each in seen], window.observable_seconds, window.excluded_seconds)


def rate(served: Sequence[tuple[int, int]], seconds: float, excluded: Mapping[int, float]) -> float:
    """Requests per second: the sum of the rates of entries, by their ids, each over the seconds that count for it.

    An entry may come several times. One of which everything is excluded has a rate of 0.
    """
    if excluded.keys().isdisjoint([entry_id for entry_id, _ in served]):
        return sum([requests for _, requests in served]) / seconds if seconds else 0.0
    counted = [(requests, seconds - excluded.get(entry_id, 0.0)) for entry_id, requests in served]
    return sum([requests / left for requests, left in counted if left > 0])


def _added(seen: Sequence[tuple[Entry, Figures]], window: Difference) -> Metrics:
    """Their sum. Most routes have one entry."""
    seconds, coverage = window.observable_seconds, window.coverage
    if len(seen) == 1:
        [(entry, one)] = seen
        return metrics(one.requests, one.errors, Histogram(entry.bounds, one.buckets), seconds, coverage)
    requests = sum([each.requests for _, each in seen])
    errors = sum([each.errors for _, each in seen])
    return metrics(requests, errors, histogram(seen), seconds, coverage)


def metrics(requests: int, errors: int, latencies: Histogram, seconds: float, coverage: float) -> Metrics:
    """The figures of so many requests in so many seconds."""
    found = percentiles(latencies)
    return Metrics(
        availability=(requests - errors) / requests if requests else None,
        p50_latency=found.p50_latency,
        p95_latency=found.p95_latency,
        p99_latency=found.p99_latency,
        error_rate=errors / requests if requests else None,
        requests_per_sec=requests / seconds if seconds else 0.0,
        total_requests=requests,
        total_errors=errors,
        coverage=coverage,
        latency_lower_bounds=found.latency_lower_bounds,
        p95_latency_range=found.p95_latency_range,
    )
