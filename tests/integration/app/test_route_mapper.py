"""The route map follows the catalogue, behind the pushes, at the pace that DynamoDB takes."""

from typing import Any

import msgspec
import pytest
from integration.use_cases import CLUSTER, T0, UseCases, route, snapshot
from pynamodb.exceptions import PutError

from slo.app.route_mapper import RouteMapper
from slo.store.route_map import RouteMap, mappings

MANY = tuple(route(f"d{number}.example.com") for number in range(60))


class Watch:
    """A clock that the mapper's pauses move."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds

    def monotonic(self) -> float:
        return self.now


def mapped(backend: UseCases) -> int:
    return len(backend.route_map.all(CLUSTER))


def expected(backend: UseCases) -> int:
    return len(list(mappings(CLUSTER, backend.catalogue().current_routes, T0)))


def test_only_a_changed_catalogue_is_mapped(backend: UseCases) -> None:
    mapper = RouteMapper(backend.stores)
    assert mapper.run(CLUSTER) is None, "a cluster that never pushed has no routes"
    backend.push(snapshot(T0, [], MANY))
    first = mapper.run(CLUSTER)
    assert first is not None
    assert (first.added, first.removed, first.left) == (expected(backend), 0, 0)
    assert mapper.run(CLUSTER) is None
    changed = (msgspec.structs.replace(MANY[0], service_name="another"), *MANY[1:-1])
    backend.push(snapshot(T0 + 60, [], changed))
    second = mapper.run(CLUSTER)
    assert second is not None
    per_route = expected(backend) // len(changed)
    assert (second.added, second.removed, second.left) == (per_route, per_route, 0)


def throttled(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """DynamoDB throttles so many batches."""
    real, left = RouteMap.write, [times]

    def write(self: RouteMap, batch: Any) -> bool:
        if left[0]:
            left[0] -= 1
            return False
        return real(self, batch)

    monkeypatch.setattr(RouteMap, "write", write)


def test_a_throttled_batch_is_sent_again_after_a_pause(backend: UseCases, monkeypatch: pytest.MonkeyPatch) -> None:
    backend.push(snapshot(T0, [], MANY))
    throttled(monkeypatch, 4)
    watch = Watch()
    found = RouteMapper(backend.stores, monotonic=watch.monotonic, sleep=watch.sleep).run(CLUSTER)
    assert found is not None
    assert found.left == 0
    assert len(watch.pauses) == 4
    assert mapped(backend) == expected(backend)


def test_what_the_deadline_leaves_is_written_by_the_next_run(
    backend: UseCases, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend.push(snapshot(T0, [], MANY))
    watch = Watch()
    real = RouteMap.write

    def slow(self: RouteMap, batch: Any) -> bool:
        watch.now += 30
        return real(self, batch)

    monkeypatch.setattr(RouteMap, "write", slow)
    mapper = RouteMapper(backend.stores, monotonic=watch.monotonic, sleep=watch.sleep)
    first = mapper.run(CLUSTER)
    assert first is not None
    assert 0 < first.left < first.added
    runs = 1
    while (found := mapper.run(CLUSTER)) is not None:
        assert found.added < first.added, "it goes on where it stopped"
        runs += 1
    assert runs > 1
    assert mapped(backend) == expected(backend)


def test_a_refusal_that_is_no_throttling_is_an_error(backend: UseCases) -> None:
    backend.push(snapshot(T0, [], MANY[:1]))
    mapping = next(mappings(CLUSTER, backend.catalogue().current_routes, T0))
    with pytest.raises(PutError):
        backend.route_map.write(((mapping, True), (mapping, True)))  # DynamoDB refuses the same key twice
