"""Objectives: targets, status and error budget, as the SRE workbook defines them.

Availability is the share of requests that did not fail with a 5xx. The error budget is the share of failed requests
that the target allows (1 - target); `error_budget_remaining` is what is left of it: 1 untouched, 0 spent, negative
overspent (https://sre.google/workbook/implementing-slos/).
"""

from datetime import datetime
from math import floor
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from slo.histograms import Histogram
from slo.windows import utc

Status = Literal["healthy", "warning", "critical", "no_traffic", "stale"]
TargetSource = Literal["default", "cluster", "domain", "route"]

STALE_SECONDS = 300
"""A cluster without a snapshot for longer is stale."""
_LONGEST_FORECAST_SECONDS = 366 * 86_400

Milliseconds = Annotated[float, Meta(ge=0.1, le=600_000)]
"""A latency that can be promised: Traefik's finest sensible bucket up to ten minutes."""


class LatencyObjective(msgspec.Struct, frozen=True):
    """A share of requests that must be at least this fast: "99 % under 300 ms"."""

    share: Annotated[float, Meta(ge=0.01, le=0.99999)]
    """Ratio."""
    threshold: Milliseconds
    """Milliseconds; snapped down to a bucket bound of Traefik when it is measured."""


class Target(msgspec.Struct, frozen=True):
    """What is promised."""

    availability: Annotated[float, Meta(ge=0.5, le=0.99999)] = 0.95
    """Ratio, below 1: a target of 1 would leave no budget to speak of."""
    p95_latency: Milliseconds = 300.0
    """Milliseconds."""
    latency_objective: LatencyObjective | None = None
    minimum_requests: Annotated[int, Meta(ge=0, le=1_000_000)] = 100
    """Fewer requests than this in a burn-rate window alert nobody."""
    source: TargetSource = "default"
    """Where it was set; the nearest one to the route wins."""


DEFAULT_TARGET = Target()


class LatencyShare(msgspec.Struct, frozen=True):
    """How a latency objective is met."""

    share: float | None
    """Of requests at most as slow as `measured_threshold`, ratio; None without requests."""
    measured_threshold: float | None
    """The bucket bound that stands for the threshold, milliseconds; None where no bound is that low."""
    is_met: bool | None


class ErrorBudget(msgspec.Struct, frozen=True):
    """The error budget in terms that people use."""

    allowed_errors: int
    """Requests of the window that the target lets fail."""
    remaining_requests: int
    """How many more may fail; negative where too many did."""
    remaining_seconds: float
    """The same as time without any answer, at the window's pace of requests."""
    exhausted_at: datetime | None
    """When it is spent at the last day's pace of errors; None if not within a year."""


def status(
    availability: float | None, p95_latency: float | None, target: Target, latency: LatencyShare | None = None
) -> Status:
    """How a route or domain stands: nothing seen is not 100 %."""
    if availability is None:
        return "no_traffic"
    if availability < target.availability:
        return "critical"
    is_slow = p95_latency is not None and p95_latency > target.p95_latency
    return "warning" if is_slow or (latency is not None and latency.is_met is False) else "healthy"


def error_budget_remaining(availability: float | None, target: Target) -> float | None:
    """The share of the error budget that is left; None without requests."""
    if availability is None:
        return None
    return 1 - (1 - availability) / (1 - target.availability)


def latency_share(histogram: Histogram, objective: LatencyObjective) -> LatencyShare:
    """The share of requests under the highest bucket bound that is not above the threshold."""
    bounds = [bound for bound in histogram.bounds if bound * 1000 <= objective.threshold]
    if not bounds:
        return LatencyShare(None, None, None)
    measured = bounds[-1] * 1000
    if not histogram.observations:
        return LatencyShare(None, measured, None)
    share = histogram.counts[len(bounds) - 1] / histogram.observations
    return LatencyShare(share, measured, share >= objective.share)


def error_budget(
    requests: int, errors: int, target: Target, *, window_seconds: float, errors_last_day: int, now: float
) -> ErrorBudget:
    """What is left of a window's budget, and until when at the last day's pace. `now` is Unix time."""
    allowed = floor(requests * (1 - target.availability) + 1e-9)
    remaining = allowed - errors
    per_second = requests / window_seconds if window_seconds else 0.0
    return ErrorBudget(
        allowed_errors=allowed,
        remaining_requests=remaining,
        remaining_seconds=remaining / per_second if per_second else 0.0,
        exhausted_at=_exhausted_at(remaining, errors_last_day, now),
    )


def _exhausted_at(remaining: int, errors_last_day: int, now: float) -> datetime | None:
    if remaining <= 0:
        return utc(now)
    if not errors_last_day:
        return None
    seconds = remaining / errors_last_day * 86_400
    return utc(now + seconds) if seconds <= _LONGEST_FORECAST_SECONDS else None
