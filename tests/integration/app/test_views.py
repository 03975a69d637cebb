"""What a warm function caches between two rollups, and when it reads again."""

from integration.use_cases import CLUSTER, SLOT, T0, UseCases, process, route, row, snapshot

from lab.cloud.dynamodb_local import CapacityMeter
from slo.api.parameters import DomainsParameters, WindowParameters

SHOP = route("shop.example.com")
ROUTER = SHOP.router_keys[0]


def watched(backend: UseCases, slots: int, requests: int = 10) -> None:
    """Push and roll up slots of five minutes. From the second on, each has `requests` more requests."""
    for number in range(slots):
        at = T0 + number * SLOT + 60.0
        backend.push(snapshot(at, [process([row(ROUTER, requests * number)], at, T0 - 5_000)], (SHOP,)))
        backend.roll_up(T0 + (number + 1) * SLOT + 65)


def total(backend: UseCases) -> int:
    return backend.query.domains(CLUSTER, DomainsParameters()).domains[0].summary.total_requests


def test_a_ledger_is_read_once_between_two_rollups(meter: CapacityMeter, real: UseCases) -> None:
    watched(real, 3)
    assert total(real) == 20
    meter.reset()
    assert total(real) == 20
    assert (meter.read_units, meter.requests) == (1.5, 3), (
        "the cluster's state, and that neither it nor all clusters have objectives"
    )
    detail = real.query.domain(CLUSTER, "shop.example.com", WindowParameters())
    assert detail.domain.summary.total_requests == 20


def test_whoever_asked_before_sees_the_next_rollup(backend: UseCases) -> None:
    for slots in (2, 3, 4):
        watched(backend, slots)
        assert total(backend) == 10 * (slots - 1)


def test_a_reader_who_comes_while_a_rollup_works_keeps_nothing_of_it(backend: UseCases) -> None:
    watched(backend, 3)
    state = backend.clusters.get(CLUSTER, consistent=True)
    assert state is not None
    generation = backend.clusters.claim(state)
    assert total(backend) == 20
    at = T0 + 3 * SLOT + 60.0
    backend.push(snapshot(at, [process([row(ROUTER, 30)], at, T0 - 5_000)], (SHOP,)))
    assert total(backend) == 30, "what is pushed is live"
    assert backend.roll_up(T0 + 4 * SLOT + 65) is not None
    current = backend.clusters.get(CLUSTER, consistent=True)
    assert current is not None
    assert current.generation == generation + 1
    assert total(backend) == 30
