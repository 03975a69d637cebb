"""The status of a route or a domain: its availability and latency, judged by a target.

Availability is the share of requests that did not fail with a 5xx. Nothing seen is not 100 %: without requests there is
no availability, and the status is `no_traffic`.
"""

from typing import Literal

import msgspec

from slo.counting.histograms import Histogram
from slo.objectives.targets import LatencyObjective, Target

Status = Literal["healthy", "warning", "critical", "no_traffic", "stale"]

STALE_SECONDS = 300
"""A cluster without a snapshot for longer is stale."""


class LatencyShare(msgspec.Struct, frozen=True):
    """How a latency objective is met."""

    share: float | None
    """Of requests at most as slow as `measured_threshold`, ratio; None without requests."""
    measured_threshold: float | None
    """The bucket bound that stands for the threshold, milliseconds; None where no bound is that low."""
    is_met: bool | None


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
