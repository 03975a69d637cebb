"""Rules from Traefik's API, dressed by Kubernetes objects."""

from typing import Any

import msgspec

from ingress_slo_agent.routes import Observed, Routes, routes_from
from ingress_slo_agent.traefik_api import ApiEntryPoint, ApiRouter, ApiService, ApiView
from lab.cluster.builders import ingress_route, route

RULE = "Host(`a.example`)"
ITEM = ingress_route("ns", "x", route(RULE, "web"))
NAME = routes_from([ITEM]).infos[0].router_keys[0]
POINTS = ({"name": "web"}, {"name": "websecure", "http": {"tls": {}}})


def view(*routers: dict[str, Any], services: tuple[dict[str, Any], ...] = ()) -> ApiView:
    return ApiView(
        msgspec.convert(routers, tuple[ApiRouter, ...]),
        msgspec.convert(services, tuple[ApiService, ...]),
        msgspec.convert(POINTS, tuple[ApiEntryPoint, ...]),
    )


def router(name: str, **changes: Any) -> dict[str, Any]:
    provider = name.rpartition("@")[2]
    return {"name": name, "provider": provider, "rule": RULE, "service": "s", "entryPoints": ["web"], **changes}


def found(*views: ApiView, objects: tuple[Any, ...] = (ITEM,)) -> Routes:
    return routes_from(objects, Observed(views=views))


def test_copies_of_a_router_are_one_rule_dressed_by_its_object() -> None:
    copies = (router(NAME), router(f"websecure-{NAME}", entryPoints=["websecure"]))
    (info,) = found(view(*copies)).infos
    assert (info.kind, info.name, info.service_name, info.tls) == ("IngressRoute", "x", "web", True)
    assert info.router_keys[0] == NAME
    assert f"websecure-{NAME}" in info.router_keys


def test_a_router_without_an_object_is_named_by_its_provider() -> None:
    (info,) = found(view(router("shop@file", service="shop-lb")), objects=()).infos
    assert (info.kind, info.namespace, info.name) == ("Router", "file", "shop")
    assert (info.service_key, info.service_name) == ("shop-lb@file", "shop-lb")


def test_copies_that_no_object_declares_are_one_rule_all_the_same() -> None:
    copies = (router("web-shop@docker"), router("websecure-shop@docker", entryPoints=["websecure"]))
    (info,) = found(view(*copies), objects=()).infos
    assert info.router_keys == ("shop@docker", "web-shop@docker", "websecure-shop@docker")


def test_a_router_whose_own_name_begins_like_an_entry_point_keeps_it() -> None:
    (info,) = found(view(router("web-shop@docker")), objects=()).infos
    assert info.router_keys == ("web-shop@docker",)


def test_a_disabled_router_is_no_route_and_the_warning_has_traefiks_reason() -> None:
    routes = found(view(router(NAME, status="disabled", error=["middleware gone does not exist"])))
    assert not routes.infos
    assert routes.warnings == ("IngressRoute ns/x: Traefik does not serve it: middleware gone does not exist.",)


def test_a_declared_rule_without_a_router_is_no_route() -> None:
    routes = found(view(router("other@file")))
    assert [info.name for info in routes.infos] == ["other"]
    assert "its API lists no router" in routes.warnings[0]


def test_a_router_that_is_not_counted_says_so() -> None:
    (info,) = found(view(router(NAME, observability={"metrics": False}))).infos
    assert "observability.metrics is false" in info.not_counted


def test_internal_routers_and_traefiks_own_entry_point_are_no_routes() -> None:
    own = router("api-x@kubernetescrd", service="api@internal", entryPoints=["traefik"])
    assert not found(view(router("dashboard@internal"), own), objects=()).infos


def test_a_dashboard_on_a_site_is_a_route_that_is_not_counted() -> None:
    (info,) = found(view(router("board@file", service="api@internal")), objects=()).infos
    assert "addInternals" in info.not_counted


def test_the_leaves_of_a_service_are_its_labels() -> None:
    services = (
        {"name": "s@file", "provider": "file", "weighted": {"services": [{"name": "a"}, {"name": "b@docker"}]}},
        {"name": "a@file", "provider": "file", "failover": {"service": "c", "fallback": "d"}},
    )
    (info,) = found(view(router("shop@file"), services=services), objects=()).infos
    assert info.service_keys == ("c@file", "d@file", "b@docker")


def test_a_child_is_placed_within_its_parents() -> None:
    parent = router("up@file", service="")
    child = router("down@file", rule="PathPrefix(`/api`)", parentRefs=["up@file"])
    routes = found(view(parent, child), objects=())
    assert [(info.domain, info.path_prefix) for info in routes.infos] == [("a.example", "/"), ("a.example", "/api")]
    assert routes.infos[1].parent_keys == ("up@file",)


def test_two_views_are_joined() -> None:
    routes = found(view(router("a@file")), view(router("b@file", rule="Host(`b`)")), objects=())
    assert [info.name for info in routes.infos] == ["a", "b"]
