"""Objectives: targets, status and error budget, as the SRE workbook defines them.

Availability is the share of requests that did not fail with a 5xx. The error budget is the share of failed requests
that the target allows (1 - target); `error_budget_remaining` is what is left of it: 1 untouched, 0 spent, negative
overspent (https://sre.google/workbook/implementing-slos/).
"""

from typing import Literal

import msgspec

Status = Literal["healthy", "warning", "critical", "no_traffic", "stale"]

STALE_SECONDS = 300
"""A cluster without a snapshot for longer is stale."""


class Target(msgspec.Struct, frozen=True):
    """What is promised."""

    availability: float = 0.95
    """Ratio, below 1: a target of 1 would leave no budget to speak of."""
    p95_latency: float = 300.0
    """Milliseconds."""


DEFAULT_TARGET = Target()


def status(availability: float | None, p95_latency: float | None, target: Target) -> Status:
    """How a route or domain stands: nothing seen is not 100 %."""
    if availability is None:
        return "no_traffic"
    if availability < target.availability:
        return "critical"
    return "warning" if p95_latency is not None and p95_latency > target.p95_latency else "healthy"


def error_budget_remaining(availability: float | None, target: Target) -> float | None:
    """The share of the error budget that is left; None without requests."""
    if availability is None:
        return None
    return 1 - (1 - availability) / (1 - target.availability)
