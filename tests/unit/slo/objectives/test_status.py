import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo.counting.histograms import Histogram
from slo.objectives.error_budget import error_budget, error_budget_remaining
from slo.objectives.status import LatencyShare, latency_share, status
from slo.objectives.targets import LatencyObjective, Target
from slo.times import utc

TARGET = Target(availability=0.95, p95_latency=300)
DAY = 86_400


@pytest.mark.parametrize(
    ("availability", "p95", "expected"),
    [
        (None, None, "no_traffic"),
        (0.95, 300.0, "healthy"),
        (0.9499, 10.0, "critical"),
        (0.9499, 900.0, "critical"),
        (0.96, 300.1, "warning"),
        (1.0, None, "healthy"),
    ],
)
def test_status_is_availability_first_and_then_latency(
    availability: float | None, p95: float | None, expected: str
) -> None:
    assert status(availability, p95, TARGET) == expected


def test_a_latency_objective_that_is_missed_warns() -> None:
    assert status(1.0, 10.0, TARGET, LatencyShare(0.9, 100.0, False)) == "warning"
    assert status(1.0, 10.0, TARGET, LatencyShare(None, 100.0, None)) == "healthy"


@pytest.mark.parametrize(("availability", "left"), [(None, None), (1.0, 1.0), (0.975, 0.5), (0.95, 0.0), (0.90, -1.0)])
def test_the_budget_is_the_share_of_allowed_failures_that_is_left(
    availability: float | None, left: float | None
) -> None:
    assert error_budget_remaining(availability, TARGET) == (None if left is None else pytest.approx(left))


def test_a_threshold_is_snapped_down_to_a_bound_of_traefik() -> None:
    seen = Histogram((0.1, 0.3, 1.2), (50, 90, 99, 100))
    assert latency_share(seen, LatencyObjective(0.9, 500)) == LatencyShare(0.9, 300.0, True)
    assert latency_share(seen, LatencyObjective(0.99, 300)) == LatencyShare(0.9, 300.0, False)
    assert latency_share(seen, LatencyObjective(0.9, 50)) == LatencyShare(None, None, None)
    assert latency_share(Histogram((0.1,), (0, 0)), LatencyObjective(0.9, 100)) == LatencyShare(None, 100.0, None)


def test_the_budget_in_requests_and_time() -> None:
    budget = error_budget(10_000, 200, TARGET, window_seconds=DAY, errors_last_day=100, now=0)
    assert (budget.allowed_errors, budget.remaining_requests) == (500, 300)
    assert budget.remaining_seconds == pytest.approx(300 / 10_000 * DAY)
    assert budget.exhausted_at == utc(3 * DAY)


@pytest.mark.parametrize(
    ("errors", "errors_last_day", "exhausted_at"), [(500, 10, 0.0), (600, 10, 0.0), (0, 0, None), (0, 1, None)]
)
def test_a_budget_is_spent_or_lasts_beyond_a_year(
    errors: int, errors_last_day: int, exhausted_at: float | None
) -> None:
    budget = error_budget(10_000, errors, TARGET, window_seconds=DAY, errors_last_day=errors_last_day, now=0)
    assert budget.exhausted_at == (None if exhausted_at is None else utc(exhausted_at))


@given(st.integers(0, 10**9), st.floats(0.5, 0.99999))
def test_as_many_errors_as_are_allowed_keep_the_target(requests: int, availability: float) -> None:
    target = Target(availability=availability)
    allowed = error_budget(requests, 0, target, window_seconds=1, errors_last_day=0, now=0).allowed_errors
    if requests:
        assert 1 - allowed / requests >= availability - 1e-9
        assert 1 - (allowed + 1) / requests < availability + 1e-9
