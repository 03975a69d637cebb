"""History: figures of a domain or route as points on a time axis without holes. What was not seen is null."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from slo.counting.catalogue import Entry
from slo.counting.corrections import Excluded, excluded_seconds
from slo.counting.counts import Counts, Span
from slo.counting.histograms import Histogram
from slo.objectives.error_budget import error_budget_remaining
from slo.objectives.metrics import histogram, metrics, rate
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


class Totals(NamedTuple):
    """The requests and errors of the whole window, as its report has them."""

    requests: int
    errors: int


class Point(msgspec.Struct, frozen=True):
    """The figures of one interval; null if nothing was seen."""

    timestamp: datetime
    """Start of the interval."""
    seconds: int
    """Its length. The last interval ends with the window."""
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
    requests_after_gap: int = 0
    """Requests that were counted in this interval, but came at some time in a gap that began before it. The other
    figures leave them out."""
    errors_after_gap: int = 0
    """Errors among these."""
    excluded_seconds: int = 0
    """How much of the interval is excluded from objectives, of all or of a part. The figures leave it out."""


class _Part:
    """What belongs to one point."""

    def __init__(self) -> None:
        self.placed: list[tuple[Entry, Counts]] = []
        self.after_gap: list[Counts] = []
        self.observed: list[tuple[int, int]] = []
        """Start and end of what was observed."""
        self._unobserved: list[Span] = []

    def add(self, span: Span, entries: Sequence[Entry], *, starts_at: int) -> None:
        """Add what these entries counted in a span."""
        if span.has_data:
            self.observed.append((span.start, span.end))
        else:
            self._unobserved.append(span)
        counted = [(entry, span.counts[entry.id]) for entry in entries if entry.id in span.counts]
        if not span.delayed:
            self.placed += counted
            return
        delayed = [(entry, span.delayed.get(entry.id, Counts())) for entry, _ in counted]
        self.placed += [(entry, each.minus(late)) for (entry, each), (_, late) in zip(counted, delayed, strict=True)]
        if span.delayed_since >= starts_at:
            self.placed += delayed
            self._observe_since(span.delayed_since)
        else:
            self.after_gap += [counts for _, counts in delayed]

    def _observe_since(self, time: int) -> None:
        """What was counted at the end of a gap covers the spans in it."""
        self.observed += [(span.start, span.end) for span in self._unobserved if span.start >= time]
        self._unobserved = [span for span in self._unobserved if span.start < time]

    @property
    def observed_seconds(self) -> int:
        return sum(end - start for start, end in self.observed)

    def rate(self, excluded: Sequence[Excluded]) -> float:
        """Requests per observed second that is not excluded."""
        gone: dict[int, float] = {}
        for start, end in self.observed:
            for entry_id, seconds in excluded_seconds(excluded, start, end).items():
                gone[entry_id] = gone.get(entry_id, 0.0) + seconds
        return rate([(entry.id, counts.requests) for entry, counts in self.placed], self.observed_seconds, gone)

    @property
    def requests(self) -> int:
        return sum(counts.requests for _, counts in self.placed)

    @property
    def errors(self) -> int:
        return sum(counts.errors for _, counts in self.placed)

    @property
    def latencies(self) -> Histogram:
        return histogram(self.placed)


def points(
    spans: Iterable[Span],
    entries: Sequence[Entry],
    start: int,
    end: int,
    seconds: int,
    target: Target,
    totals: Totals,
    excluded: Sequence[Excluded] = (),
) -> list[Point]:
    """One point per `seconds` from `start` (a multiple of `seconds`) to `end`, with the sum of these entries.

    `spans` ascend, and so do the times that are `excluded`, which do not overlap. Counts that end a gap belong to a
    point only if the whole gap lies in it. The budget is that of `totals`, so the last point has what the report has.
    """
    parts = _parts([span for span in spans if start <= span.start and span.end <= end], entries, start, end, seconds)
    spent = totals.errors
    found = []
    for time, part in reversed(parts.items()):
        until = min(time + seconds, end)
        touching = [each for each in excluded if each.start < until and each.end > time]
        own: dict[str, Any] = {
            "timestamp": utc(time),
            "seconds": until - time,
            "requests_after_gap": sum(counts.requests for counts in part.after_gap),
            "errors_after_gap": sum(counts.errors for counts in part.after_gap),
            "excluded_seconds": sum(min(until, each.end) - max(time, each.start) for each in touching),
        }
        found.append(_point(part, own, error_budget_remaining(totals.requests, spent, target), touching))
        spent -= part.errors + own["errors_after_gap"]
    return found[::-1]


def _point(part: _Part, own: dict[str, Any], remaining: float | None, excluded: Sequence[Excluded]) -> Point:
    if not part.observed_seconds:
        return Point(**own, has_data=False)
    figures = metrics(part.requests, part.errors, part.latencies, part.observed_seconds, coverage=1.0)
    if excluded:
        figures = msgspec.structs.replace(figures, requests_per_sec=part.rate(excluded))
    return like(Point, figures, **own, has_data=True, error_budget_remaining=remaining)


def _parts(spans: Iterable[Span], entries: Sequence[Entry], start: int, end: int, seconds: int) -> dict[int, _Part]:
    parts = {time: _Part() for time in range(start, end, seconds)}
    for span in _with_delayed(spans):
        time = span.start - span.start % seconds
        parts[time].add(span, entries, starts_at=time)
    return parts


def _with_delayed(spans: Iterable[Span]) -> Iterator[Span]:
    """Books of an earlier version did not keep the counts of gaps apart: there, what has no data ends a gap."""
    gap_began: int | None = None
    for span in spans:
        if span.has_data or span.delayed:
            gap_began = None
            yield span
            continue
        gap_began = span.start if gap_began is None else gap_began
        yield msgspec.structs.replace(span, delayed=span.counts, delayed_since=gap_began)
        gap_began = None if span.counts else gap_began
