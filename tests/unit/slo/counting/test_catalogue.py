from collections.abc import Sequence

import msgspec
import pytest

from slo.counting.catalogue import Catalogue, Resolved, resolve
from slo.traefik.snapshots import IngressMetrics, IngressRouteInfo, ProcessMetrics, SeriesRow, Snapshot

BOUNDS = (0.1, 5.0)


def route(
    domain: str, path: str = "/", *, router: str = "", keys: tuple[str, ...] = (), kind: str = "IngressRoute"
) -> IngressRouteInfo:
    router = router or f"ns-{domain}-{path}@kubernetescrd"
    return IngressRouteInfo(
        name=domain, namespace="ns", kind=kind, domain=domain, path_prefix=path, service_key=router,
        router_keys=(router,), service_keys=keys or (router,),
    )  # fmt: skip


def snapshot(
    *routes: IngressRouteInfo,
    rows: Sequence[tuple[str, str]] = (),
    taken_at: float = 1000.0,
    complete: bool = True,
) -> Snapshot:
    by_router = any(router for router, _ in rows)
    process = ProcessMetrics(
        pod="ns/traefik", date=taken_at, process_start_time_seconds=1.0, bounds=BOUNDS,
        measured_by="router" if by_router else "service",
        rows=tuple(
            SeriesRow(
                router=router, service=service, codes={"200": 1}, methods={"GET": 1}, buckets=(1, 1, 1),
                duration_seconds_sum=0.1,
            )
            for router, service in rows
        ),
    )  # fmt: skip
    return Snapshot(
        cluster_id="c", snapshot_id="1", taken_at=taken_at, sent_at=taken_at, scope="s", ingress_routes=routes,
        routes_complete=complete, ingress_metrics=IngressMetrics(processes=(process,)),
    )  # fmt: skip


def served(resolved: Resolved, router: str, service: str) -> tuple[tuple[str, str], ...]:
    return resolved.catalogue.by_id()[resolved.ids[0][router, service]].routes


def test_a_router_finds_its_rule_by_its_own_name() -> None:
    resolved = resolve(Catalogue(), snapshot(route("a", router="r@kubernetescrd"), rows=[("r@kubernetescrd", "s")]))
    assert served(resolved, "r@kubernetescrd", "s") == (("a", "/"),)


def test_a_shared_service_serves_all_of_its_routes_under_one_entry() -> None:
    routes = [route("a", keys=("s@kubernetes",), kind="Ingress"), route("b", keys=("s@kubernetes",), kind="Ingress")]
    resolved = resolve(Catalogue(), snapshot(*routes, rows=[("", "s@kubernetes")]))
    assert served(resolved, "", "s@kubernetes") == (("a", "/"), ("b", "/"))


def test_an_ingress_owns_the_key_that_an_ingressroute_only_answers_to() -> None:
    key = "ns-svc-80@kubernetes"
    routes = [route("crd", keys=("own@kubernetescrd", key)), route("ing", keys=(key,), kind="Ingress")]
    resolved = resolve(Catalogue(), snapshot(*routes, rows=[("", key)]))
    assert served(resolved, "", key) == (("ing", "/"),)
    alone = resolve(Catalogue(), snapshot(routes[0], rows=[("", key)]))
    assert served(alone, "", key) == (("crd", "/"),)


def test_an_unchanged_snapshot_changes_nothing() -> None:
    first = resolve(Catalogue(), snapshot(route("a"), rows=[("r", "s")]))
    again = resolve(first.catalogue, snapshot(route("a"), rows=[("r", "s")], taken_at=1060.0))
    assert first.is_changed
    assert not again.is_changed
    assert again.ids == first.ids


def test_a_swap_of_two_rules_begins_new_entries_and_moves_no_history() -> None:
    a0, b1 = route("a", router="ns_ir_0@kubernetescrd"), route("b", router="ns_ir_1@kubernetescrd")
    b0, a1 = route("b", router="ns_ir_0@kubernetescrd"), route("a", router="ns_ir_1@kubernetescrd")
    rows = [("ns_ir_0@kubernetescrd", "x"), ("ns_ir_1@kubernetescrd", "y")]
    before = resolve(Catalogue(), snapshot(a0, b1, rows=rows))
    after = resolve(before.catalogue, snapshot(b0, a1, rows=rows, taken_at=1060.0))
    assert served(after, *rows[0]) == (("b", "/"),)
    assert set(before.ids[0].values()).isdisjoint(after.ids[0].values())


def test_a_late_snapshot_resolves_by_its_own_routes_and_declares_none() -> None:
    a0 = route("a", router="ns_ir_0@kubernetescrd")
    b0 = route("b", router="ns_ir_0@kubernetescrd")
    rows = [("ns_ir_0@kubernetescrd", "x")]
    now = resolve(Catalogue(), snapshot(b0, rows=rows, taken_at=2000.0))
    late = resolve(now.catalogue, snapshot(a0, rows=rows, taken_at=1000.0))
    assert served(late, *rows[0]) == (("a", "/"),)
    assert [item.info.domain for item in late.catalogue.current_routes] == ["b"]


def test_the_last_series_of_a_deleted_route_are_still_its_own() -> None:
    first = resolve(Catalogue(), snapshot(route("a", router="r"), route("b"), rows=[("r", "s")]))
    after = resolve(first.catalogue, snapshot(route("b"), rows=[("r", "s")], taken_at=1060.0))
    assert served(after, "r", "s") == (("a", "/"),)
    assert [item.info.domain for item in after.catalogue.current_routes] == ["b"]


def test_an_incomplete_list_is_joined_with_the_one_before_and_retires_nothing() -> None:
    a, b = route("a", keys=("s@kubernetes",), kind="Ingress"), route("b", keys=("s@kubernetes",), kind="Ingress")
    first = resolve(Catalogue(), snapshot(a, b, rows=[("", "s@kubernetes")]))
    after = resolve(first.catalogue, snapshot(a, rows=[("", "s@kubernetes")], taken_at=1060.0, complete=False))
    assert not after.is_changed
    assert served(after, "", "s@kubernetes") == (("a", "/"), ("b", "/"))


def test_a_route_that_returns_is_back_at_once() -> None:
    first = resolve(Catalogue(), snapshot(route("a"), route("b")))
    gone = resolve(first.catalogue, snapshot(route("b"), taken_at=1060.0))
    back = resolve(gone.catalogue, snapshot(route("a"), route("b"), taken_at=1120.0))
    assert [(item.info.domain, item.created_at) for item in back.catalogue.current_routes] == [("a", 1000), ("b", 1000)]


def test_an_unknown_series_keeps_its_own_name_without_a_domain() -> None:
    resolved = resolve(Catalogue(), snapshot(rows=[("", "default-shop-80@kubernetes")]))
    entry = resolved.catalogue.entries[0]
    assert (entry.routes, entry.label, entry.display_name) == ((), "default-shop-80@kubernetes", "default-shop-80")


def test_what_retired_long_ago_is_forgotten() -> None:
    first = resolve(Catalogue(), snapshot(route("a"), rows=[("ns-a-/@kubernetescrd", "s")]))
    gone = resolve(first.catalogue, snapshot(route("b"), taken_at=1060.0)).catalogue
    much_later = resolve(gone, snapshot(route("c"), taken_at=1060.0 + 402 * 86_400)).catalogue
    assert [item.info.domain for item in much_later.routes] == ["b", "c"]
    assert much_later.entries == ()
    assert msgspec.structs.replace(much_later, version=0) != gone


def test_only_the_routes_that_were_retired_last_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("slo.counting.catalogue.MAX_RETIRED_ROUTES", 2)
    found = Catalogue()
    for minute in range(5):
        found = resolve(found, snapshot(route(f"d{minute}.example"), taken_at=60.0 * minute)).catalogue
    assert [item.info.domain for item in found.routes] == ["d2.example", "d3.example", "d4.example"]


def test_incomplete_lists_add_up_to_no_more_routes_than_a_complete_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise a stolen token adds routes with each push, and none is ever retired."""
    monkeypatch.setattr("slo.counting.catalogue.MAX_ROUTES", 3)
    known = route("known.example")
    found = resolve(Catalogue(), snapshot(known)).catalogue
    for minute in range(1, 4):
        flood = [route(f"d{minute}-{number}.example") for number in range(2)]
        resolved = resolve(found, snapshot(*flood, known, taken_at=1000.0 + minute, complete=False))
        found = resolved.catalogue
        assert resolved.dropped_routes == (0 if minute == 1 else 2)
    assert [item.info.domain for item in found.current_routes] == ["d1-0.example", "d1-1.example", "known.example"]


def test_to_a_full_catalogue_nothing_is_added_and_known_series_keep_their_id() -> None:
    known = resolve(Catalogue(), snapshot(route("a"), rows=[("ns-a-/@kubernetescrd", "s")])).catalogue
    rows = [("ns-a-/@kubernetescrd", "s"), ("ns-b-/@kubernetescrd", "s")]
    resolved = resolve(known, snapshot(route("a"), route("b"), rows=rows, taken_at=1060.0), is_full=True)
    assert (resolved.is_changed, resolved.catalogue) == (False, known)
    assert resolved.ids == ({rows[0]: known.entries[0].id},)
    assert (resolved.dropped, resolved.dropped_routes) == (1, 1)


def test_a_copy_named_after_an_entry_point_finds_the_rule() -> None:
    """An old agent names no entry points; then they are those of Traefik's chart."""
    rows = [("r@kubernetescrd", "s"), ("websecure-r@kubernetescrd", "s"), ("other-r@kubernetescrd", "s")]
    resolved = resolve(Catalogue(), snapshot(route("a", router="r@kubernetescrd"), rows=rows))
    assert served(resolved, "websecure-r@kubernetescrd", "s") == (("a", "/"),)
    assert served(resolved, "other-r@kubernetescrd", "s") == ()


def test_a_rule_that_is_called_like_a_copy_keeps_its_requests() -> None:
    routes = [route("a", router="r@kubernetes"), route("b", router="web-r@kubernetes")]
    resolved = resolve(Catalogue(), snapshot(*routes, rows=[("web-r@kubernetes", "s")]))
    assert served(resolved, "web-r@kubernetes", "s") == (("b", "/"),)


def test_a_rule_of_a_gateway_is_found_whatever_its_hash_is() -> None:
    any_hash = "httproute-ns-x-gw-ns-y-ep-web-0-*@kubernetesgateway"
    router = any_hash.replace("*", "0123456789abcdef0123")
    resolved = resolve(Catalogue(), snapshot(route("a", router=any_hash, kind="HTTPRoute"), rows=[(router, "s")]))
    assert served(resolved, router, "s") == (("a", "/"),)
