"""History: a domain's or a route's figures as points on a time axis without holes; what was not seen is null."""

from collections.abc import Iterable, Sequence

import msgspec

from slo.catalogue import Entry
from slo.counts import Counts
from slo.histograms import Histogram, merge
from slo.objectives import Target
from slo.reports import percentiles
from slo.rollup import DAY_SECONDS, HOUR_SECONDS
from slo.windows import TimeRange

POINT_SECONDS: dict[TimeRange, int] = {"1d": 300, "7d": HOUR_SECONDS, "30d": 6 * HOUR_SECONDS}
"""Width of a point; `30d` may be asked for by the day, too."""
DAILY_POINT_SECONDS = DAY_SECONDS


class Span(msgspec.Struct, frozen=True):
    """What was counted from `start` to `end` (Unix seconds); `counts` by catalogue entry id."""

    start: int
    end: int
    has_data: bool
    counts: dict[int, Counts]


class Point(msgspec.Struct, frozen=True):
    """The figures of one width of time. Null where nothing was seen."""

    timestamp: int
    """Its start, Unix seconds."""
    seconds: int
    has_data: bool
    availability: float | None = None
    p50_latency: float | None = None
    p95_latency: float | None = None
    p99_latency: float | None = None
    error_rate: float | None = None
    requests_per_sec: float | None = None
    total_requests: int | None = None
    total_errors: int | None = None
    error_budget_remaining: float | None = None
    """What was left of the whole window's budget at the end of this point."""


def points(
    spans: Iterable[Span], entries: Sequence[Entry], start: int, end: int, seconds: int, target: Target
) -> list[Point]:
    """One point for each `seconds` from `start` to `end`, over the sum of these entries."""
    by_point: dict[int, list[Span]] = {time: [] for time in range(start - start % seconds, end, seconds)}
    for span in spans:
        if span.has_data and start <= span.start and span.end <= end:
            by_point[span.start - span.start % seconds].append(span)
    parts = {time: _sums(found, entries) for time, found in by_point.items()}
    budget = sum(requests for requests, _, _ in parts.values()) * (1 - target.availability)
    spent = 0
    result = []
    for time, (requests, errors, histogram) in parts.items():
        spent += errors
        remaining = 1 - spent / budget if budget else None
        found = by_point[time]
        observed = sum(span.end - span.start for span in found)
        result.append(_point(time, seconds, requests, errors, histogram, observed, remaining))
    return result


def _sums(spans: Iterable[Span], entries: Sequence[Entry]) -> tuple[int, int, Histogram]:
    seen = [(entry, span.counts[entry.id]) for span in spans for entry in entries if entry.id in span.counts]
    histogram = merge([Histogram(entry.bounds, tuple(counts.buckets)) for entry, counts in seen])
    return sum(counts.requests for _, counts in seen), sum(counts.errors for _, counts in seen), histogram


def _point(
    time: int, seconds: int, requests: int, errors: int, histogram: Histogram, observed: int, remaining: float | None
) -> Point:
    if not observed:
        return Point(time, seconds, has_data=False)
    error_rate = errors / requests if requests else None
    latencies = percentiles(histogram)
    return Point(
        timestamp=time,
        seconds=seconds,
        has_data=True,
        availability=None if error_rate is None else 1 - error_rate,
        **{name: latencies[name][0] for name in latencies},
        error_rate=error_rate,
        requests_per_sec=requests / observed,
        total_requests=requests,
        total_errors=errors,
        error_budget_remaining=remaining,
    )
