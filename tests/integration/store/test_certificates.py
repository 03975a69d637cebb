"""The certificates of a cluster: stored when they change, kept while a pod does not answer, never older ones."""

import gzip
import random
from typing import Any

import pytest
from integration.use_cases import CLUSTER, T0, UseCases, process, row, snapshot

from lab.cloud.dynamodb_local import CapacityMeter
from slo.app.ingest import Ingest
from slo.app.stores import Stores
from slo.store.certificates import Certificates, CertificateStore
from slo.traefik import snapshots
from slo.traefik.snapshots import (
    MAX_ALTERNATIVE_NAMES,
    MAX_CERTIFICATES,
    MAX_DOMAIN,
    Certificate,
    IngressMetrics,
    Snapshot,
    UnreachablePod,
)

DAY = 86_400
SHOP = Certificate(common_name="shop.example.com", alternative_names=("shop.example.com",), not_after=T0 + 5.0 * DAY)
BLOG = Certificate(alternative_names=("blog.example.com",), not_after=T0 + 9.0 * DAY)
RENEWED = Certificate(
    **{**{name: getattr(SHOP, name) for name in SHOP.__struct_fields__}, "not_after": T0 + 29.0 * DAY}
)


def seen(at: float, *certificates: Certificate, started: float = T0 - 9000, **metrics: Any) -> Snapshot:
    pushed = snapshot(at, [process([row("r@kubernetescrd", 5)], at, started)], certificates=certificates)
    given = IngressMetrics(processes=pushed.ingress_metrics.processes, **metrics)
    return pushed.__replace__(ingress_metrics=given)


def stored(backend: UseCases) -> Certificates:
    return CertificateStore(backend.stores.tables).of(CLUSTER, consistent=True)


def another_function(backend: UseCases) -> Ingest:
    return Ingest(Stores(backend.setting, backend.clock))


def push_to(function: Ingest, backend: UseCases, pushed: Snapshot) -> None:
    backend.now = pushed.taken_at + 1
    function.accept(CLUSTER, gzip.compress(snapshots.encode(pushed.__replace__(sent_at=backend.now))))


def test_what_a_push_names_is_stored_and_what_it_names_no_more_is_gone(backend: UseCases) -> None:
    assert stored(backend) == Certificates()
    backend.push(seen(T0, SHOP, BLOG))
    assert stored(backend) == Certificates((SHOP, BLOG), T0)
    backend.push(seen(T0 + 60, BLOG))
    assert stored(backend) == Certificates((BLOG,), T0 + 60)
    backend.push(seen(T0 + 120))
    assert stored(backend) == Certificates((), T0 + 120)


def test_nothing_is_written_while_the_list_stays_the_same(meter: CapacityMeter, real: UseCases) -> None:
    real.push(seen(T0, SHOP))
    functions = [another_function(real) for _ in range(3)]
    meter.reset()
    for minute in range(1, 60):
        push_to(functions[minute % 3], real, seen(T0 + 60 * minute, SHOP))
    table = real.names["INCIDENTS_TABLE"]
    assert meter.writes[table] == 0
    assert 0 < meter.reads[table] <= 3 * 6, "one function reads it every ten minutes"
    assert stored(real).seen_at == T0


def test_a_cluster_without_such_certificates_has_no_item(backend: UseCases) -> None:
    for minute in range(3):
        backend.push(seen(T0 + 60 * minute))
    assert backend.client.scan(TableName=backend.names["INCIDENTS_TABLE"])["Items"] == []


@pytest.mark.parametrize(
    "incomplete",
    [
        seen(T0 + 60, unreachable=(UnreachablePod(pod="traefik/b", error="no answer"),)),
        seen(T0 + 60, started=T0 + 30),
        snapshot(T0 + 60, []),
    ],
    ids=["a pod does not answer", "a process has just begun", "no pod"],
)
def test_an_incomplete_look_takes_no_certificate_away(incomplete: Snapshot, backend: UseCases) -> None:
    backend.push(seen(T0, SHOP))
    backend.push(incomplete)
    assert stored(backend).certificates == (SHOP,)
    backend.push(incomplete.__replace__(taken_at=T0 + 120, certificates=(BLOG,)))
    assert stored(backend).certificates == (SHOP, BLOG)
    backend.push(seen(T0 + 180, BLOG))
    assert stored(backend).certificates == (BLOG,)


def test_an_incomplete_look_at_a_renewed_certificate_replaces_the_old_one(backend: UseCases) -> None:
    backend.push(seen(T0, SHOP))
    backend.push(seen(T0 + 60, RENEWED, unreachable=(UnreachablePod(pod="traefik/b", error="no answer"),)))
    assert stored(backend).certificates == (RENEWED,)


@pytest.mark.parametrize("is_same_function", [True, False])
def test_a_late_look_never_replaces_a_newer_one(backend: UseCases, is_same_function: bool) -> None:
    backend.push(seen(T0, SHOP))
    backend.push(seen(T0 + 120, SHOP))
    function = backend.ingest if is_same_function else another_function(backend)
    late = gzip.compress(snapshots.encode(seen(T0 + 60, SHOP, BLOG).__replace__(sent_at=T0 + 200)))
    backend.now = T0 + 200
    assert function.accept(CLUSTER, late).is_late
    assert stored(backend).certificates == (SHOP,)


def test_of_two_functions_the_one_with_the_newer_snapshot_wins(backend: UseCases) -> None:
    first, second = (CertificateStore(Stores(backend.setting).tables) for _ in range(2))
    second.put(CLUSTER, (BLOG,), T0 + 60)
    first.put(CLUSTER, (SHOP,), T0)
    assert stored(backend) == Certificates((BLOG,), T0 + 60)


def test_a_function_finds_out_that_another_one_changed_the_list(backend: UseCases) -> None:
    first, second = another_function(backend), another_function(backend)
    push_to(first, backend, seen(T0, SHOP))
    push_to(second, backend, seen(T0 + 60, SHOP, BLOG))
    for minute in range(2, 12):
        push_to(first, backend, seen(T0 + 60 * minute, SHOP))
    assert stored(backend).certificates == (SHOP,)


def test_names_that_are_as_long_as_they_may_be_leave_out_the_latest(backend: UseCases) -> None:
    chance = random.Random(1)
    longest = [
        Certificate(
            common_name=f"c{number}",
            alternative_names=tuple(
                chance.randbytes(MAX_DOMAIN).hex()[:MAX_DOMAIN] for _ in range(MAX_ALTERNATIVE_NAMES)
            ),
            not_after=T0 + float(number),
        )
        for number in range(MAX_CERTIFICATES)
    ]
    backend.push(seen(T0, *longest))
    kept = stored(backend).certificates
    assert 0 < len(kept) < MAX_CERTIFICATES
    assert list(kept) == longest[: len(kept)]
