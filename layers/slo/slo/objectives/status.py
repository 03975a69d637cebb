"""The status of a route or a domain: its availability and latency, judged by a target.

Availability is the share of requests that did not fail with a 5xx. Without requests there is no availability (it is
not 100 %), and the status is `no_traffic`, or `not_counted` where Traefik is told not to count them. Where the buckets
do not tell whether a latency target is met, the status is `unknown`.
"""

from typing import Literal

import msgspec

from slo.counting.counts import MICROSECONDS
from slo.counting.histograms import Histogram
from slo.objectives.targets import LatencyObjective, Target, ratio

Status = Literal["healthy", "warning", "critical", "unknown", "no_traffic", "not_counted", "stale"]

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
    requests: int,
    errors: int,
    p95_latency: float | None,
    target: Target,
    latency: LatencyShare | None = None,
    *,
    is_lower_bound: bool = False,
    is_counted: bool = True,
) -> Status:
    """The status of a route or domain with these figures.

    `is_lower_bound` is whether the P95 lies in the last, open bucket, `is_counted` whether Traefik counts the requests.
    """
    if not requests:
        return "no_traffic" if is_counted else "not_counted"
    allowed, of = target.allowed_errors
    if errors * of > requests * allowed:
        return "critical"
    highest = target.p95_latency
    is_slow = p95_latency is not None and highest is not None and p95_latency > highest
    if is_slow or (latency is not None and latency.is_met is False):
        return "warning"
    is_unmeasured = latency is not None and latency.measured_threshold is None and p95_latency is not None
    return "unknown" if (is_lower_bound and highest is not None) or is_unmeasured else "healthy"


def latency_share(histogram: Histogram, objective: LatencyObjective) -> LatencyShare:
    """The share of requests up to the highest bucket bound that does not exceed the threshold."""
    threshold = round(objective.threshold * 1000)
    bounds = [bound for bound in histogram.bounds if round(bound * MICROSECONDS) <= threshold]
    if not bounds:
        return LatencyShare(None, None, None)
    measured = round(bounds[-1] * MICROSECONDS) / 1000
    if not histogram.observations:
        return LatencyShare(None, measured, None)
    fast = histogram.counts[len(bounds) - 1]
    wanted, of = ratio(objective.share)
    return LatencyShare(fast / histogram.observations, measured, fast * of >= histogram.observations * wanted)
