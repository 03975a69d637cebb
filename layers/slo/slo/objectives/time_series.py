"""History: figures of a domain or route as points on a time axis without holes. What was not seen is null."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from slo.counting.catalogue import Entry
from slo.counting.counts import Span
from slo.counting.histograms import Histogram
from slo.objectives.reports import histogram, metrics
from slo.objectives.targets import Target
from slo.structs import like
from slo.times import DAY_SECONDS, HOUR_SECONDS, utc

_POINT_SECONDS = ((2 * DAY_SECONDS, 300), (8 * DAY_SECONDS, HOUR_SECONDS), (90 * DAY_SECONDS, 6 * HOUR_SECONDS))
"""(Longest window, width of its points), in seconds."""
_STEPS = {"6h": 6 * HOUR_SECONDS, "1d": DAY_SECONDS}


def point_seconds(window_seconds: int, step: str | None = None) -> int:
    """Seconds per point: 5 minutes for a day, an hour for 7 days, 6 hours or a day (`step`) for longer windows."""
    fitting = next((width for longest, width in _POINT_SECONDS if window_seconds <= longest), DAY_SECONDS)
    return max(fitting, _STEPS[step]) if step and fitting > HOUR_SECONDS else fitting


class Point(msgspec.Struct, frozen=True):
    """The figures of one interval; null if nothing was seen."""

    timestamp: datetime
    """Start of the interval."""
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
    """The part of the whole window's error budget that was left at the end of this interval."""


def points(
    spans: Iterable[Span], entries: Sequence[Entry], start: int, end: int, seconds: int, target: Target
) -> list[Point]:
    """One point per `seconds` from `start` (a multiple of `seconds`) to `end`, with the sum of these entries.

    `spans` ascend. Counts that end a silence belong to a point only if the whole silence lies in it.
    """
    by_point = _by_point([span for span in spans if start <= span.start and span.end <= end], start, end, seconds)
    parts = {time: _sums(found, entries) for time, found in by_point.items()}
    budget = sum(requests for requests, _, _ in parts.values()) * (1 - target.availability)
    spent = 0
    result = []
    for time, (requests, errors, latencies) in parts.items():
        spent += errors
        remaining = 1 - spent / budget if budget else None
        found = by_point[time]
        observed = sum(span.end - span.start for span in found)
        if observed:
            figures = metrics(requests, errors, latencies, observed, coverage=1.0)
            own = {"timestamp": utc(time), "seconds": seconds, "has_data": True, "error_budget_remaining": remaining}
            result.append(like(Point, figures, **own))
        else:
            result.append(Point(utc(time), seconds, has_data=False))
    return result


def _by_point(spans: Iterable[Span], start: int, end: int, seconds: int) -> dict[int, list[Span]]:
    by_point: dict[int, list[Span]] = {time: [] for time in range(start, end, seconds)}
    silent_since: int | None = None
    for span in spans:
        point = span.start - span.start % seconds
        if span.has_data:
            by_point[point].append(span)
            silent_since = None
            continue
        silent_since = span.start if silent_since is None else silent_since
        if span.counts and silent_since >= point:
            by_point[point].append(msgspec.structs.replace(span, start=silent_since))
            silent_since = None
    return by_point


def _sums(spans: Iterable[Span], entries: Sequence[Entry]) -> tuple[int, int, Histogram]:
    seen = [(entry, span.counts[entry.id]) for span in spans for entry in entries if entry.id in span.counts]
    return sum(counts.requests for _, counts in seen), sum(counts.errors for _, counts in seen), histogram(seen)
