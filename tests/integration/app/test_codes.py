"""gRPC statuses on their way from a snapshot to the answers."""

from typing import Any

import msgspec
import pytest
from integration.use_cases import BOUNDS, CLUSTER, T0, UseCases, process, route, row, snapshot

from slo.api.parameters import RouteParameters, WindowParameters
from slo.traefik.snapshots import ProcessMetrics

CALLS = route("grpc.example.com")
ROUTER = CALLS.router_keys[0]


def served(minute: int, codes: dict[str, int]) -> ProcessMetrics:
    total = sum(codes.values())
    changes: dict[str, Any] = {"codes": codes, "methods": {"POST": total}, "buckets": (total,) * (len(BOUNDS) + 1)}
    return process([row(ROUTER, total, **changes)], T0 + 60.0 * minute, T0 + 30)


def push(backend: UseCases, minute: int, codes: dict[str, int], version: Any) -> None:
    processes = [served(minute, codes)] if codes else []
    backend.push(snapshot(T0 + 60.0 * minute, processes, (CALLS,), version=version))


def test_failed_calls_are_errors_and_keep_their_status(backend: UseCases) -> None:
    push(backend, 0, {}, 2)
    push(backend, 1, {"grpc:0": 90, "grpc:14": 5, "grpc:2": 1, "grpc:5": 3, "0": 1}, 2)
    backend.roll_up(T0 + 600)
    detail = backend.query.domain(CLUSTER, "grpc.example.com", WindowParameters()).domain
    assert (detail.summary.total_requests, detail.summary.total_errors) == (100, 5)
    answer = backend.query.latency(CLUSTER, "grpc.example.com", RouteParameters())
    assert [(each.code, each.count) for each in answer.codes] == [
        ("0", 1),
        ("grpc:0", 90),
        ("grpc:2", 1),
        ("grpc:5", 3),
        ("grpc:14", 5),
    ]


def test_calls_of_which_traefik_sees_no_status_are_explained(moto_backend: UseCases) -> None:
    push(moto_backend, 0, {}, 2)
    push(moto_backend, 1, {"grpc:2": 9, "0": 1}, 2)
    moto_backend.roll_up(T0 + 361)
    (warning,) = moto_backend.query.domain(CLUSTER, "grpc.example.com", WindowParameters()).warnings
    assert warning.startswith(f"Traefik counts gRPC calls of {ROUTER} as UNKNOWN and none as OK.")
    push(moto_backend, 6, {"grpc:2": 9, "grpc:0": 1, "0": 1}, 2)
    moto_backend.roll_up(T0 + 700)
    assert moto_backend.query.domain(CLUSTER, "grpc.example.com", WindowParameters()).warnings == ()


@pytest.mark.parametrize("last", [1, 2])
def test_an_agent_of_version_1_wrote_the_statuses_without_a_prefix(moto_backend: UseCases, last: int) -> None:
    """Its zeros may be calls that went well, or clients that left. Neither is an error."""
    push(moto_backend, 0, {}, 1)
    push(moto_backend, 1, {"0": 90, "14": 5}, 1)
    newer = {"0": 2, "grpc:0": 93, "grpc:14": 7}
    push(moto_backend, 2, newer if last == 2 else {"0": 95, "14": 7}, last)
    moto_backend.roll_up(T0 + 600)
    assert moto_backend.codes() == {ROUTER: {"0": 95, "grpc:14": 7}}


def test_a_domain_whose_buckets_were_changed_has_the_latencies_of_the_bounds_that_both_have(
    moto_backend: UseCases,
) -> None:
    moto_backend.push(snapshot(T0, [], (CALLS,)))
    moto_backend.push(snapshot(T0 + 60, [served(1, {"200": 10})], (CALLS,)))
    other = process([row(ROUTER, 10, buckets=(4, 10, 10))], T0 + 180.0, T0 + 120, pod="traefik/b")
    moto_backend.push(snapshot(T0 + 180, [msgspec.structs.replace(other, bounds=(0.1, 0.5))], (CALLS,)))
    moto_backend.roll_up(T0 + 900)
    answer = moto_backend.query.latency(CLUSTER, "grpc.example.com", RouteParameters())
    assert (answer.total_requests, answer.observations) == (20, 20)
    assert [(bucket.le, bucket.count) for bucket in answer.buckets] == [("0.1", 14), ("+Inf", 20)]
