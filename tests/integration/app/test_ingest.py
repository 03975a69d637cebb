"""What ingest accepts, and what it refuses with which error. Nothing of a refused snapshot is stored."""

import gzip
import json
import random
import secrets
import zlib
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from integration.use_cases import CLUSTER, T0, UseCases, process, route, row, snapshot

from slo.api.parameters import DomainsParameters
from slo.errors import BadRequestError, CallerError, TooLargeError, UnprocessableError
from slo.traefik import snapshots
from slo.traefik.snapshots import ProcessMetrics, SeriesRow

GOOD = snapshot(T0, [process([row("r@kubernetescrd", 5)], T0, T0 - 100)], (route("a.example.com"),))


def body(change: Callable[[dict[str, Any]], Any]) -> bytes:
    """A good snapshot with one thing changed."""
    document = json.loads(snapshots.encode(GOOD))
    change(document)
    return gzip.compress(json.dumps(document).encode())


def first_row(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["ingress_metrics"]["processes"][0]["rows"][0]
    return found


def many_routes(document: dict[str, Any]) -> None:
    document["ingress_routes"] *= 20_000


REFUSED: list[tuple[str, bytes, type[CallerError], str]] = [
    ("not gzip", b"hello", BadRequestError, "not gzip"),
    ("a truncated body", gzip.compress(snapshots.encode(GOOD))[:-9], BadRequestError, "truncated"),
    ("not JSON", gzip.compress(b"{"), BadRequestError, "not JSON"),
    ("not UTF-8", gzip.compress(b'{"cluster_id": "\xff"}'), BadRequestError, "not JSON"),
    ("a list", gzip.compress(b"[]"), UnprocessableError, "(body)"),
    ("a deep nest", gzip.compress(b'{"scope": ' + b"[" * 100_000), UnprocessableError, "scope"),
    ("too many bytes", b"x" * (snapshots.MAX_BODY_BYTES + 1), TooLargeError, "bytes"),
    ("a gzip bomb", gzip.compress(b" " * (snapshots.MAX_JSON_BYTES + 1)), TooLargeError, "decompresses"),
    ("a missing field", body(lambda d: d.pop("scope")), UnprocessableError, "scope"),
    ("another version", body(lambda d: d.update(version=99)), UnprocessableError, "version"),
    ("another cluster", body(lambda d: d.update(cluster_id="c2")), UnprocessableError, "sent to 'c1'"),
    ("a bad cluster id", body(lambda d: d.update(cluster_id="C_1")), UnprocessableError, "cluster_id"),
    ("a clock 11 minutes ahead", body(lambda d: d.update(sent_at=T0 + 660)), UnprocessableError, "ahead"),
    (
        "a clock 11 minutes behind",
        body(lambda d: d.update(sent_at=T0 - 660, taken_at=T0 - 661)),
        UnprocessableError,
        "behind",
    ),
    ("48 hours old", body(lambda d: d.update(taken_at=T0 - 48 * 3600)), UnprocessableError, "old"),
    ("taken after it was sent", body(lambda d: d.update(taken_at=T0 + 60)), UnprocessableError, "taken_at"),
    ("a negative count", body(lambda d: first_row(d)["codes"].update({"200": -1})), UnprocessableError, "codes"),
    (
        "a fraction of a request",
        body(lambda d: first_row(d)["codes"].update({"200": 0.5})),
        UnprocessableError,
        "codes",
    ),
    (
        "a count beyond 64 bits",
        body(lambda d: first_row(d)["codes"].update({"200": 2**70})),
        UnprocessableError,
        "codes",
    ),
    ("an infinite sum", body(lambda d: first_row(d).update(duration_seconds_sum=1e400)), BadRequestError, "JSON"),
    ("a negative sum", body(lambda d: first_row(d).update(duration_seconds_sum=-1)), UnprocessableError, "duration"),
    ("an unknown code", body(lambda d: first_row(d)["codes"].update({"abc": 1})), UnprocessableError, "codes"),
    ("buckets that fall", body(lambda d: first_row(d).update(buckets=[5, 4, 5, 5, 5])), UnprocessableError, "buckets"),
    ("too few buckets", body(lambda d: first_row(d).update(buckets=[5])), UnprocessableError, "buckets"),
    ("an absurd length", body(lambda d: first_row(d).update(service="x" * 10_000)), UnprocessableError, "service"),
    ("20,000 routes", body(many_routes), UnprocessableError, "ingress_routes"),
    (
        "methods that do not add up",
        body(lambda d: first_row(d)["methods"].update(GET=4)),
        UnprocessableError,
        "methods",
    ),
    (
        "a pod twice",
        body(lambda d: d["ingress_metrics"].update(processes=d["ingress_metrics"]["processes"] * 2)),
        UnprocessableError,
        "twice",
    ),
    (
        "a rule twice",
        body(lambda d: d["ingress_metrics"]["processes"][0].update(rows=[first_row(d), first_row(d)])),
        UnprocessableError,
        "add them up",
    ),
]


@pytest.mark.parametrize(("what", "sent", "kind", "says"), REFUSED, ids=[case[0] for case in REFUSED])
def test_bad_input_is_refused_with_a_sentence_and_nothing_is_kept(
    real: UseCases, what: str, sent: bytes, kind: type[CallerError], says: str
) -> None:
    real.now = T0
    with pytest.raises(kind) as refused:
        real.ingest.accept(CLUSTER, sent)
    said = refused.value.detail + " ".join(f"{error.field} {error.message}" for error in refused.value.errors)
    assert says in said, what
    tables = [real.client.scan(TableName=name, Select="COUNT")["Count"] for name in real.names.values()]
    assert sum(tables) == 0


def test_a_gzip_bomb_is_refused_while_decompressing() -> None:
    import tracemalloc

    from slo.api.snapshot_reader import read

    bomb = zlib.compressobj(9, wbits=31)
    sent = b"".join(bomb.compress(bytes(1 << 20)) for _ in range(1024)) + bomb.flush()
    assert len(sent) < snapshots.MAX_BODY_BYTES
    tracemalloc.start()
    with pytest.raises(TooLargeError):
        read(sent, T0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3 * snapshots.MAX_JSON_BYTES


def test_a_snapshot_47_hours_old_is_taken_and_booked(real: UseCases) -> None:
    taken_at = float(T0 - 47 * 3600 + 60)
    first = snapshot(taken_at - 60, [process([row("r@kubernetescrd", 5)], taken_at - 60, taken_at - 1000)])
    second = snapshot(taken_at, [process([row("r@kubernetescrd", 9)], taken_at, taken_at - 1000)])
    real.push(first, at=T0)
    assert real.push(second, at=T0).is_late
    real.roll_up(T0 + 600)
    assert real.requests() == {"r@kubernetescrd": 4}


def test_a_snapshot_of_300_rules_costs_at_most_12_write_units_a_process(meter: Any, real: UseCases) -> None:
    chance = random.Random(1)
    rules = [f"namespace-application-{number:020x}@kubernetescrd" for number in range(300)]
    routes = tuple(route(f"app{number}.example.com", router_keys=(name,)) for number, name in enumerate(rules))

    def random_row(name: str) -> SeriesRow:
        codes = {
            code: chance.randrange(most) for code, most in (("200", 10**6), ("304", 9999), ("404", 999), ("503", 99))
        }
        requests = sum(codes.values())
        posts = requests // chance.randrange(2, 50)
        return row(
            name,
            0,
            codes=codes,
            methods={"GET": requests - posts, "POST": posts},
            buckets=(*sorted(chance.sample(range(requests), 4)), requests),
            duration_seconds_sum=chance.random() * 10_000,
        )

    def seen(taken_at: float, pod: str) -> ProcessMetrics:
        return process([random_row(name) for name in rules], taken_at, T0 - 5000, pod)

    pods = ["traefik/traefik-7d9c5b6f4-4kq2x", "traefik/traefik-7d9c5b6f4-m8zvt"]
    real.push(snapshot(T0, [seen(T0, pod) for pod in pods], routes))
    meter.reset()
    for number in range(1, 6):
        taken_at = T0 + 60.0 * number
        real.push(snapshot(taken_at, [seen(taken_at, pod) for pod in pods], routes))
    assert 0 < meter.write_units <= 12 * 5 * len(pods)
    real.push(snapshot(T0 + 360, [seen(T0 + 360, pods[0])], routes))
    meter.reset()
    real.push(snapshot(T0 + 420, [seen(T0 + 420, pods[0])], routes))
    assert meter.write_units <= 12


def test_reading_a_month_costs_what_reading_a_day_costs(meter: Any, real: UseCases) -> None:
    names = [f"ns-app-{number:020x}@kubernetescrd" for number in range(60)]
    routes = tuple(route(f"app{number}.example.com", router_keys=(name,)) for number, name in enumerate(names))
    for day in range(62):
        taken_at = T0 + 86_400.0 * day
        rows = [row(name, 1000 * day + number, day) for number, name in enumerate(names)]
        real.push(snapshot(taken_at, [process(rows, taken_at, T0 - 5000)], routes))
        real.roll_up(taken_at + 600)
    units = {}
    for time_range in ("1d", "7d", "30d"):
        meter.reset()
        answer = real.query.domains(CLUSTER, DomainsParameters(time_range=time_range))
        assert answer.domains[0].summary.total_requests
        units[time_range] = meter.read_units
    assert units["30d"] <= 1.2 * units["1d"]
    assert units["7d"] <= 1.2 * units["1d"]


def test_an_unknown_service_keeps_its_name_apart_from_the_domains(backend: UseCases) -> None:
    key = "default-shop-80@kubernetes"
    for number in (0, 1, 2):
        taken_at = T0 + 60.0 * number
        rows = [row("", 10 * number, service=key)] if number else []
        backend.push(snapshot(taken_at, [process(rows, taken_at, T0 - 100)]))
    backend.roll_up(T0 + 600)
    answer = backend.query.domains(CLUSTER, DomainsParameters())
    assert answer.domains == ()
    assert [(item.service_name, item.current.total_requests) for item in answer.unattributed] == [
        ("default-shop-80", 20)
    ]


def test_the_route_that_turns_up_later_gets_what_follows(backend: UseCases) -> None:
    key = "ns-shop-80@kubernetes"
    shop = route("shop.example.com", kind="Ingress", service_key=key, service_keys=(key,))
    for number in range(4):
        taken_at = T0 + 60.0 * number
        rows = [row("", 10 * number, service=key)] if number else []
        backend.push(snapshot(taken_at, [process(rows, taken_at, T0 - 100)], (shop,) if number >= 2 else ()))
    backend.roll_up(T0 + 600)
    answer = backend.query.domains(CLUSTER, DomainsParameters())
    assert [(item.domain, item.summary.total_requests) for item in answer.domains] == [("shop.example.com", 20)]
    assert [item.current.total_requests for item in answer.unattributed] == [10]


def test_a_silent_cluster_is_stale(backend: UseCases) -> None:
    backend.push(GOOD)
    backend.roll_up(T0 + 200)
    assert not backend.query.domains(CLUSTER, DomainsParameters()).stale
    backend.now = T0 + 400
    answer = backend.query.domains(CLUSTER, DomainsParameters())
    assert answer.stale
    assert answer.domains[0].status == "stale"


def test_a_stored_sample_is_a_duplicate_under_another_snapshot_id_too(backend: UseCases) -> None:
    later = msgspec.structs.replace(GOOD, snapshot_id="another")
    backend.push(GOOD)
    assert backend.push(later, at=T0 + 20).duplicates == 1


def test_routers_that_no_rule_declares_are_named_in_a_warning(backend: UseCases) -> None:
    rows = [row("ns-other-1@kubernetescrd", 5), row(route("a.example").router_keys[0], 5)]
    backend.push(snapshot(T0, [process(rows, T0, T0 - 60)], (route("a.example"),)))
    state = backend.clusters.get(CLUSTER)
    assert state is not None
    warning = state.warnings[0]
    assert warning.startswith("Traefik serves routers that no rule declares: ns-other-1@kubernetescrd. ")
    assert "INGRESS_CLASS" in warning


def test_a_copy_named_after_an_entry_point_is_booked_under_its_rule(backend: UseCases) -> None:
    declared = route("a.example").router_keys[0]
    for minute in (0, 1):
        rows = [row(declared, 5 * minute), row(f"websecure-{declared}", 3 * minute, 2 * minute)]
        backend.push(snapshot(T0 + 60 * minute, [process(rows, T0 + 60 * minute, T0 - 60)], (route("a.example"),)))
    backend.roll_up(T0 + 600)
    backend.now = T0 + 600
    (domain,) = backend.query.domains(CLUSTER, DomainsParameters()).domains
    assert (domain.summary.total_requests, domain.summary.total_errors) == (10, 2)
    assert [item.rules for item in domain.routes] == [(declared,)], "both copies are one rule"
    state = backend.clusters.get(CLUSTER)
    assert state is not None
    assert state.warnings == ()


def test_a_flood_of_names_is_refused_and_the_known_routes_are_booked_all_the_same(
    backend: UseCases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("slo.counting.catalogue.MAX_ENTRIES", 3)
    known = route("a.example")
    name = known.router_keys[0]
    backend.push(snapshot(T0, [process([row(name, 5)], T0, T0 - 60)], (known,)))
    for minute in range(1, 5):
        taken_at = T0 + 60.0 * minute
        flood = [row(f"ns-x{minute}-{number}@kubernetescrd", 1) for number in range(3)]
        with pytest.raises(TooLargeError, match="names change with each deployment"):
            backend.push(snapshot(taken_at, [process([row(name, 5 + minute), *flood], taken_at, T0 - 60)], (known,)))
    backend.roll_up(T0 + 600)
    assert backend.requests()[name] == 4
    assert len(backend.catalogue().entries) == 3


def test_names_that_take_too_much_room_are_refused_and_the_known_routes_go_on(
    backend: UseCases, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else pushes with the agent's token: each time as many new routes as fit. Then he stops."""
    monkeypatch.setattr("slo.app.ingest.MAX_CATALOGUE_BYTES", 30_000)
    known = route("a.example")
    name = known.router_keys[0]
    backend.push(snapshot(T0, [process([row(name, 5)], T0, T0 - 60)], (known,)))
    for minute in range(1, 6):
        taken_at = T0 + 60.0 * minute
        flood = tuple(route(f"{secrets.token_hex(60)}.example") for _ in range(100))
        backend.push(snapshot(taken_at, [], flood))
        assert stored_bytes(backend) < 60_000
        with pytest.raises(TooLargeError, match="uses the agent's token"):
            backend.push(snapshot(taken_at + 5, [], flood + tuple(route(secrets.token_hex(100)) for _ in range(300))))
        backend.push(snapshot(taken_at + 10, [process([row(name, 5 + minute)], taken_at + 10, T0 - 60)], (known,)))
        assert [item.info.domain for item in backend.catalogue().current_routes] == ["a.example"]
    backend.roll_up(T0 + 900)
    assert backend.requests()[name] == 5


def stored_bytes(backend: UseCases) -> int:
    items = backend.client.scan(TableName=backend.names["CATALOGUE_TABLE"])["Items"]
    return sum(len(item["body"]["B"]) for item in items)
