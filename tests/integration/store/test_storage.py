import random

from integration.use_cases import CLUSTER, T0, UseCases, process, route, row, snapshot

from lab.cloud.dynamodb_local import CapacityMeter, every_client
from slo.app.stores import Stores
from slo.counting.books import Book, Step
from slo.counting.catalogue import Route
from slo.counting.counts import Counts
from slo.objectives.status_changes import StatusBook, StatusFigures, Transition
from slo.store.catalogues import CatalogueStore
from slo.store.codec import pack, pack_book
from slo.store.objectives import ObjectiveStore
from slo.store.route_map import RouteMapping, differences, mappings
from slo.traefik.snapshots import IngressRouteInfo

KEY = "ns-shop-80@kubernetes"


def mapping(domain: str, path: str, **changes: object) -> RouteMapping:
    values: dict[str, object] = {
        "cluster_id": CLUSTER,
        "domain": domain,
        "path_prefix": path,
        "ingress_name": "shop",
        "namespace": "ns",
        "tls": True,
        "service_key": KEY,
        "service_name": "shop",
        "service_port": 80,
        "created_at": T0,
        "updated_at": T0,
    }
    return RouteMapping(**{**values, **changes})  # type: ignore[arg-type]


def test_one_service_key_serves_several_routes(backend: UseCases) -> None:
    one, two = mapping("a.example.com", "/"), mapping("b.example.com", "/x", service_port="http")
    backend.route_map.upsert(one)
    backend.route_map.upsert(two)
    assert backend.route_map.by_service_key(CLUSTER, KEY) == [one, two]
    assert backend.route_map.by_service_key("other", KEY) == []


def test_routes_are_found_by_domain_through_the_index(backend: UseCases) -> None:
    for domain, path in (("b.example.com", "/"), ("a.example.com", "/"), ("a.example.com", "/api")):
        backend.route_map.upsert(mapping(domain, path))
    assert [item.path_prefix for item in backend.route_map.by_domain(CLUSTER, "a.example.com")] == ["/", "/api"]
    assert backend.route_map.all_domains(CLUSTER) == ["a.example.com", "b.example.com"]


def test_an_upsert_writes_over_the_mapping_of_the_same_key_and_route(backend: UseCases) -> None:
    backend.route_map.upsert(mapping("a.example.com", "/"))
    backend.route_map.upsert(mapping("a.example.com", "/", tls=False, updated_at=T0 + 60))
    assert [(item.tls, item.updated_at) for item in backend.route_map.by_service_key(CLUSTER, KEY)] == [
        (False, T0 + 60)
    ]


def test_rollup_keeps_the_map_of_what_is_declared(backend: UseCases) -> None:
    both = (route("a.example.com"), route("b.example.com", "/x"))
    backend.push(snapshot(T0, [], both))
    assert backend.route_map.all_domains(CLUSTER) == [], "a push never waits for the map"
    backend.roll_up(T0 + 70)
    assert backend.route_map.all_domains(CLUSTER) == ["a.example.com", "b.example.com"]
    backend.push(snapshot(T0 + 60, [], both[:1]))
    backend.roll_up(T0 + 130)
    assert backend.route_map.all_domains(CLUSTER) == ["a.example.com"]
    found = backend.route_map.by_service_key(CLUSTER, "ns-svc-80@kubernetes")
    assert [(item.domain, item.path_prefix) for item in found] == [("a.example.com", "/")]


def test_five_hundred_routes_are_mapped_at_once(backend: UseCases) -> None:
    routes = [Route(many(number), T0) for number in range(500)]
    for batch in backend.route_map.batches(mappings(CLUSTER, routes, T0), []):
        assert backend.route_map.write(batch)
    assert len(backend.route_map.all_domains(CLUSTER)) == 500
    put, gone = differences(backend.route_map.all(CLUSTER), mappings(CLUSTER, routes[:1], T0 + 60))
    assert put == [], "the time of a mapping alone is no difference"
    for batch in backend.route_map.batches(put, gone):
        assert backend.route_map.write(batch)
    assert backend.route_map.all_domains(CLUSTER) == ["d0.example.com"]


def many(number: int) -> IngressRouteInfo:
    return route(f"d{number}.example.com")


def test_a_sample_is_put_once(backend: UseCases) -> None:
    seen = snapshot(T0, [process([row("r@kubernetescrd", 5)], T0, T0 - 100)])
    assert backend.push(seen).stored == 1
    again = backend.push(seen)
    assert (again.stored, again.duplicates) == (0, 1)


def test_a_catalogue_larger_than_an_item_goes_on_in_others(backend: UseCases) -> None:
    import secrets

    routes = tuple(
        route(f"d{number}.example.com", router_keys=(f"{secrets.token_hex(60)}@kubernetescrd",), service_keys=())
        for number in range(6000)
    )
    backend.push(snapshot(T0, [], routes))
    assert len(list(backend.catalogue().current_routes)) == 6000
    backend.push(snapshot(T0 + 60, [], routes[:5999]))
    assert len(list(backend.catalogue().current_routes)) == 5999


def test_a_catalogue_in_memory_is_used_until_somebody_writes_another(meter: CapacityMeter, real: UseCases) -> None:
    real.push(snapshot(T0, [], (route("a.example.com"),)))
    other = CatalogueStore(real.stores.tables)
    assert other.latest(CLUSTER) == other.latest(CLUSTER) == real.catalogue()
    real.push(snapshot(T0 + 60, [], (route("b.example.com"),)))
    assert other.latest(CLUSTER) == real.catalogue()
    assert [item.info.domain for item in other.latest(CLUSTER).current_routes] == ["b.example.com"]
    meter.reset()
    other.latest(CLUSTER)
    assert meter.read_units == 1, "its version, and not the catalogue"


def test_a_book_and_statuses_larger_than_an_item_are_kept(backend: UseCases) -> None:
    """With the real size of parts, against the engine's own limit of 400 KB."""
    chance = random.Random(1)
    counts: dict[int, Counts] = {}
    for number in range(2000):
        *buckets, requests = sorted(chance.getrandbits(40) for _ in range(5))
        counts[number] = Counts({"200": requests}, {"GET": requests}, [*buckets, requests], 1)
    paths: dict[str, tuple[int, ...]] = {f"/things/{number}": (number,) for number in counts}
    book = Book("one.example.com", T0, 300, (Step(True, 1.0, counts),) * 12, paths)
    figures = StatusFigures("critical", 0.5, 12.5, -9.0)
    keys = [f"30d|{chance.getrandbits(256):x}.example.com|/" for _ in range(20_000)]
    statuses = StatusBook(T0, tuple(Transition(key, "healthy", figures) for key in keys), {})
    assert min(len(pack_book(book)), len(pack(statuses))) > 409_600

    backend.push(snapshot(T0, [process([row("r@kubernetescrd", 1)], T0, T0 - 5)]))
    state = backend.clusters.get(CLUSTER)
    assert state is not None
    generation = backend.clusters.claim(state)
    backend.hourly.put(CLUSTER, book, generation)
    backend.statuses.put(CLUSTER, statuses, generation)
    assert [each.entries() for each in backend.hourly.between(CLUSTER, book.domain, T0, T0 + 1)] == [book.entries()]
    assert backend.statuses.latest(CLUSTER, T0) == statuses


def test_requests_that_come_first_at_the_same_time_make_one_client(real: UseCases) -> None:
    """A client takes most of a cold start to make, and the first reads of a function may be side by side."""
    made: list[object] = []
    with every_client(made.append):
        stores = Stores(real.setting, real.clock)
        assert stores.of(ObjectiveStore).kept(CLUSTER) == ((), ())
    assert len(made) == 1
