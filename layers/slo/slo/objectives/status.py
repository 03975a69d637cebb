"""The status of a route or a domain: its availability and latency, judged by a target.

Availability is the share of requests that did not fail with a 5xx. Without requests there is no availability (it is
not 100 %), and the status is `no_traffic`, or `not_counted` where Traefik is told not to count them.
"""

from typing import Literal

import msgspec

from slo.counting.histograms import Histogram
from slo.objectives.targets import LatencyObjective, Target

Status = Literal["healthy", "warning", "critical", "no_traffic", "not_counted", "stale"]

STALE_SECONDS = 300
"""A cluster is stale if it sends no snapshot for longer."""


class LatencyShare(msgspec.Struct, frozen=True):
    """How well a latency objective is met."""

    share: float | None
    """Share of requests that took at most `measured_threshold`, ratio; null without requests."""
    measured_threshold: float | None
    """The bucket bound used as the threshold, milliseconds; null if no bound is low enough."""
    is_met: bool | None


def status(
    availability: float | None,
    p95_latency: float | None,
    target: Target,
    latency: LatencyShare | None = None,
    *,
    is_counted: bool = True,
) -> Status:
    """The status of a route or domain with these figures. `is_counted` is whether Traefik counts its requests."""
    if availability is None:
        return "no_traffic" if is_counted else "not_counted"
    if availability < target.availability:
        return "critical"
    is_slow = p95_latency is not None and p95_latency > target.p95_latency
    return "warning" if is_slow or (latency is not None and latency.is_met is False) else "healthy"


def latency_share(histogram: Histogram, objective: LatencyObjective) -> LatencyShare:
    """The share of requests up to the highest bucket bound that does not exceed the threshold."""
    bounds = [bound for bound in histogram.bounds if bound * 1000 <= objective.threshold]
    if not bounds:
        return LatencyShare(None, None, None)
    measured = bounds[-1] * 1000
    if not histogram.observations:
        return LatencyShare(None, measured, None)
    share = histogram.counts[len(bounds) - 1] / histogram.observations
    return LatencyShare(share, measured, share >= objective.share)
