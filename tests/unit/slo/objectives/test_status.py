from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo.counting.histograms import Histogram
from slo.objectives.error_budget import error_budget, error_budget_remaining, expected_requests
from slo.objectives.periods import Period
from slo.objectives.status import LatencyShare, latency_share, status
from slo.objectives.targets import LatencyObjective, Target

TARGET = Target(availability=0.95, p95_latency=300)
DAY = 86_400


@pytest.mark.parametrize(
    ("errors", "p95", "expected"),
    [
        (50, 300.0, "healthy"),
        (51, 10.0, "critical"),
        (51, 900.0, "critical"),
        (40, 300.1, "warning"),
        (0, None, "healthy"),
    ],
)
def test_status_is_availability_first_and_then_latency(errors: int, p95: float | None, expected: str) -> None:
    assert status(1000, errors, p95, TARGET) == expected


def test_without_requests_there_is_no_traffic_or_it_is_not_counted() -> None:
    assert status(0, 0, None, TARGET) == "no_traffic"
    assert status(0, 0, None, TARGET, is_counted=False) == "not_counted"


def test_a_latency_objective_that_is_missed_warns() -> None:
    assert status(10, 0, 10.0, TARGET, LatencyShare(0.9, 100.0, False)) == "warning"
    assert status(10, 0, None, TARGET, LatencyShare(None, 100.0, None)) == "healthy"


def test_a_p95_in_the_open_bucket_below_its_target_is_unknown() -> None:
    """Traefik's highest bound is 5 seconds by default: a P95 above it may be below a target of 10 seconds, or not."""
    patient = Target(p95_latency=10_000)
    assert status(10, 0, 5000.0, patient, is_lower_bound=True) == "unknown"
    assert status(10, 0, 5000.0, patient) == "healthy"
    assert status(10, 0, 5000.0, TARGET, is_lower_bound=True) == "warning"
    assert status(10, 1, 5000.0, patient, is_lower_bound=True) == "critical"


def test_a_latency_objective_below_the_lowest_bound_is_unknown() -> None:
    unmeasured = LatencyShare(None, None, None)
    assert status(10, 0, 50.0, TARGET, unmeasured) == "unknown"
    assert status(10, 0, None, TARGET, unmeasured) == "healthy", "only streams: there is nothing to measure"


@given(st.integers(50_000, 99_999))
def test_exactly_as_many_errors_as_the_target_allows_are_not_critical(availability: int) -> None:
    target, requests = Target(availability=availability / 100_000), 100_000
    errors = requests - availability
    assert status(requests, errors, None, target) == "healthy"
    assert status(requests, errors + 1, None, target) == "critical"
    assert error_budget_remaining(requests, errors, target) == 0
    assert error_budget(requests, 0, target, per_second=1).allowed_errors == errors


@pytest.mark.parametrize(("errors", "left"), [(0, 1.0), (25, 0.5), (50, 0.0), (100, -1.0)])
def test_the_budget_is_the_share_of_allowed_failures_that_is_left(errors: int, left: float) -> None:
    assert error_budget_remaining(1000, errors, TARGET) == left
    assert error_budget_remaining(0, 0, TARGET) is None


@pytest.mark.parametrize("milliseconds", [1001, 2002, 4004, 17_203])
def test_a_bound_that_is_the_threshold_counts(milliseconds: int) -> None:
    seen = Histogram((0.0001, milliseconds / 1000), (0, 100, 100))
    found = latency_share(seen, LatencyObjective(0.99, float(milliseconds)))
    assert found == LatencyShare(1.0, float(milliseconds), True)


def test_a_latency_objective_is_met_by_exactly_its_share() -> None:
    for share in range(1, 100):
        seen = Histogram((0.1,), (share, 100))
        assert latency_share(seen, LatencyObjective(share / 100, 100)).is_met
        assert not latency_share(Histogram((0.1,), (share - 1, 100)), LatencyObjective(share / 100, 100)).is_met


def test_a_threshold_is_snapped_down_to_a_bound_of_traefik() -> None:
    seen = Histogram((0.1, 0.3, 1.2), (50, 90, 99, 100))
    assert latency_share(seen, LatencyObjective(0.9, 500)) == LatencyShare(0.9, 300.0, True)
    assert latency_share(seen, LatencyObjective(0.99, 300)) == LatencyShare(0.9, 300.0, False)
    assert latency_share(seen, LatencyObjective(0.9, 50)) == LatencyShare(None, None, None)
    assert latency_share(Histogram((0.1,), (0, 0)), LatencyObjective(0.9, 100)) == LatencyShare(None, 100.0, None)


def test_the_budget_in_requests_and_time() -> None:
    budget = error_budget(10_000, 200, TARGET, per_second=10_000 / DAY)
    assert (budget.allowed_errors, budget.remaining_requests) == (500, 300)
    assert budget.remaining_seconds == pytest.approx(300 / 10_000 * DAY)


@pytest.mark.parametrize("requests", [1, 10, 19])
def test_a_budget_may_be_of_no_whole_request(requests: int) -> None:
    assert error_budget(requests, 0, TARGET, per_second=1).allowed_errors == 0
    assert error_budget(requests, 1, TARGET, per_second=1).remaining_requests == -1


@pytest.mark.parametrize(("day", "expected"), [(1, 31_000), (15.5, 2_000), (31, 1_000)])
def test_a_calendar_period_expects_its_rate_to_go_on(day: float, expected: int) -> None:
    january = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
    assert expected_requests(1000, Period("month"), january + day * DAY - 1e-6) == pytest.approx(expected)
    assert expected_requests(1000, Period("30d"), january + day * DAY) == 1000
    assert expected_requests(0, Period("month"), january) == 0


@given(st.integers(0, 10**9), st.floats(0.5, 0.99999))
def test_as_many_errors_as_are_allowed_keep_the_target(requests: int, availability: float) -> None:
    target = Target(availability=availability)
    allowed = error_budget(requests, 0, target, per_second=1).allowed_errors
    if requests:
        assert 1 - allowed / requests >= availability - 1e-9
        assert 1 - (allowed + 1) / requests < availability + 1e-9
