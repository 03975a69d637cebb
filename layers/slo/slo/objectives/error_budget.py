"""The error budget, as the SRE workbook defines it (https://sre.google/workbook/implementing-slos/).

The budget is the share of failed requests that the target allows: 1 - target. `error_budget_remaining` is the part that
is left: 1 is untouched, 0 is spent, negative is overspent.
"""

import msgspec

from slo.objectives.periods import Period
from slo.objectives.targets import Target


class ErrorBudget(msgspec.Struct, frozen=True):
    """The error budget of a window in requests and in time."""

    allowed_errors: int
    """Number of requests in the window that may fail."""
    remaining_requests: int
    """Number of requests that may still fail; negative if too many have failed."""
    remaining_seconds: float
    """`remaining_requests` as seconds of a full outage, at the window's request rate."""


def expected_requests(requests: int, period: Period, now: float) -> float:
    """How many requests a period will have had at its end, at the rate so far. Its budget is a share of them.

    Of a rolling period, which ends now, these are all.
    """
    elapsed = period.elapsed(now)
    return requests if elapsed == 1 else requests / elapsed if elapsed else 0


def error_budget_remaining(requests: float, errors: int, target: Target) -> float | None:
    """The share of the error budget that is left; None without requests. Exactly 0 if as many failed as may."""
    if not requests:
        return None
    allowed, of = target.allowed_errors
    return (requests * allowed - errors * of) / (requests * allowed)


def error_budget(requests: int, errors: int, target: Target, *, per_second: float) -> ErrorBudget:
    """What is left of the budget of so many requests, if so many come per second."""
    share, of = target.allowed_errors
    allowed = requests * share // of
    remaining = allowed - errors
    return ErrorBudget(
        allowed_errors=allowed,
        remaining_requests=remaining,
        remaining_seconds=remaining / per_second if per_second else 0.0,
    )
