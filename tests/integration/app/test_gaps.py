"""A silence belongs to a process: what alerts, history, budgets and coverage say of it."""

import msgspec
import pytest
from integration.use_cases import CLUSTER, T0, UseCases, process, route, row, snapshot

from slo.api.parameters import HistoryParameters, WindowParameters
from slo.traefik.snapshots import ProcessMetrics, UnreachablePod

SHOP = route("shop.example.com")
ROUTER = SHOP.router_keys[0]
START = T0 - T0 % 3600


def failing(minute: int, pod: str) -> ProcessMetrics:
    """A pod that fails a hundred requests a minute."""
    return process([row(ROUTER, 0, 100 * minute)], START + 60.0 * minute, START + 20, pod=f"traefik/{pod}")


def push(backend: UseCases, minute: int, pods: list[ProcessMetrics], missing: tuple[str, ...] = ()) -> None:
    sent = snapshot(START + 60.0 * minute, pods, (SHOP,))
    unreachable = tuple(UnreachablePod(pod=pod, error="no route") for pod in missing)
    metrics = msgspec.structs.replace(sent.ingress_metrics, unreachable=unreachable)
    backend.push(msgspec.structs.replace(sent, ingress_metrics=metrics))


def test_a_page_goes_on_while_the_failing_pod_is_watched(moto_backend: UseCases) -> None:
    """One of two pods comes back after 35 minutes. The other, seen every minute, fails all its requests."""
    push(moto_backend, 0, [])
    for minute in range(1, 131):
        pods = [failing(minute, "a"), *([] if 60 < minute < 95 else [failing(minute, "b")])]
        push(moto_backend, minute, pods)
        if minute % 5 == 1 and minute > 60:
            moto_backend.roll_up(START + 60 * minute + 1)
            answer = moto_backend.query.burn_rates(CLUSTER, "shop.example.com")
            assert answer.burn_rates.state == "page", minute
            assert answer.burn_rates.windows[0].requests <= 2000, "no spike"
    points = moto_backend.trends.history(CLUSTER, "shop.example.com", HistoryParameters()).points
    seen = {(point.timestamp.timestamp() - START) // 60: point for point in points if point.has_data}
    assert [seen[minute].total_requests for minute in (55, 85, 90, 95, 100)] == [1000, 500, 500, 1000, 1000]
    assert sum(point.requests_after_gap for point in seen.values()) == 3500
    detail = moto_backend.query.domain(CLUSTER, "shop.example.com", WindowParameters())
    everything = sum((point.total_requests or 0) + point.requests_after_gap for point in points)
    assert everything == detail.domain.summary.total_requests
    (gap,) = detail.gaps
    assert (gap.pods, gap.start.timestamp(), gap.end and gap.end.timestamp()) == (
        ("traefik/b",),
        START + 60 * 60,
        START + 95 * 60,
    )


@pytest.mark.parametrize("rolled_up_at", [70, 125])
def test_history_burn_down_and_report_agree_after_a_silence(moto_backend: UseCases, rolled_up_at: int) -> None:
    """The agent is away for 40 minutes in which 1000 requests fail. The later rollup has closed the hour."""
    push(moto_backend, 0, [])
    for minute in range(1, 11):
        push(moto_backend, minute, [process([row(ROUTER, 100 * minute)], START + 60.0 * minute, START + 30)])
    for minute in range(51, rolled_up_at - 1):
        push(moto_backend, minute, [process([row(ROUTER, 5000, 1000)], START + 60.0 * minute, START + 30)])
    moto_backend.roll_up(START + rolled_up_at * 60 + 61)
    report = moto_backend.query.domain(CLUSTER, "shop.example.com", WindowParameters()).domain
    points = moto_backend.trends.history(CLUSTER, "shop.example.com", HistoryParameters()).points
    seen = [point for point in points if point.has_data]
    assert seen[-1].error_budget_remaining == report.error_budget_remaining
    assert sum((point.total_errors or 0) + point.errors_after_gap for point in points) == report.summary.total_errors
    assert report.summary.total_errors == 1000
    assert max(point.total_requests or 0 for point in seen) <= 500, "no spike"


def test_a_pod_that_does_not_answer_for_hours_is_named_and_lowers_the_coverage(backend: UseCases) -> None:
    push(backend, 0, [])
    for minute in (*range(1, 6), *range(10, 125, 5)):
        alive = [failing(minute, "a"), *([failing(minute, "b")] if minute <= 5 else [])]
        push(backend, minute, alive, () if minute <= 5 else ("traefik/b",))
    backend.roll_up(START + 125 * 60)
    answer = backend.query.domain(CLUSTER, "shop.example.com", WindowParameters())
    coverage = answer.domain.summary.coverage * 86_400 / (120 * 60)
    assert coverage == pytest.approx((120 + 5) / 240, abs=0.01)
    (warning,) = answer.warnings
    assert warning.startswith("Traefik pod traefik/b has not answered since 2027-01-15 08:05 UTC")
    assert [(gap.pods, gap.end) for gap in answer.gaps] == [(("traefik/b",), None)]
