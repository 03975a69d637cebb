"""Which routes Traefik serves, by kind of object."""

from typing import Any

import pytest

from ingress_slo_agent.routes import Routes, routes_from
from lab.cluster.builders import ingress, ingress_class, ingress_route, path, route, traefik_object

TRAEFIK = ingress_class("traefik")
HOST = "Host(`a.example`)"


def places(routes: Routes) -> list[tuple[str, str]]:
    return [(info.domain, info.path_prefix) for info in routes.infos]


def shop(**changes: Any) -> Any:
    return ingress("ns", "shop", {"a.example": [path("/", "web"), path("/api", "api", "http")]}, **changes)


def test_every_place_of_a_rule_is_a_route_of_the_same_router() -> None:
    found = routes_from([ingress_route("ns", "x", route("Host(`a.example`) || Host(`b.example`)", "web"))])
    assert places(found) == [("a.example", "/"), ("b.example", "/")]
    assert len({info.router_keys for info in found.infos}) == 1
    assert {(info.service_name, info.service_port) for info in found.infos} == {("web", 80)}


def test_a_route_answers_to_its_own_name_and_to_the_key_of_its_kubernetes_service() -> None:
    (info,) = routes_from([ingress_route("ns", "x", route(HOST, "web"))]).infos
    assert info.service_key == info.router_keys[0] == info.service_keys[0]
    assert info.service_keys[-1] == "ns-web-80@kubernetes"


def test_several_services_have_a_series_each() -> None:
    (info,) = routes_from([ingress_route("ns", "x", route(HOST, "blue", {"name": "green", "port": "http"}))]).infos
    assert info.service_key == info.router_keys[0]
    assert {"ns-blue-80@kubernetescrd", "ns-green-http@kubernetescrd"} <= set(info.service_keys)


def test_the_leaves_of_a_traefik_service_answer_for_the_rule() -> None:
    inner = traefik_object(
        "TraefikService",
        "ns",
        "inner",
        {"mirroring": {"name": "main", "port": 80, "mirrors": [{"name": "copy", "port": 80}]}},
    )
    outer = traefik_object(
        "TraefikService",
        "ns",
        "outer",
        {"weighted": {"services": [{"name": "inner", "kind": "TraefikService"}, {"name": "web", "port": 80}]}},
    )
    rule = route(HOST, {"name": "outer", "kind": "TraefikService"})
    (info,) = routes_from([inner, outer, ingress_route("ns", "x", rule)]).infos
    assert info.service_key == "ns-outer@kubernetescrd"
    assert {"ns-main-80@kubernetescrd", "ns-web-80@kubernetescrd"} <= set(info.service_keys)
    assert not any("copy" in key for key in info.service_keys), "a mirror's copies are no answers"


def test_traefik_services_in_a_circle_end() -> None:
    one = traefik_object(
        "TraefikService", "ns", "one", {"weighted": {"services": [{"name": "one", "kind": "TraefikService"}]}}
    )
    found = routes_from([one, ingress_route("ns", "x", route(HOST, {"name": "one", "kind": "TraefikService"}))])
    assert places(found) == [("a.example", "/")]


def test_a_rule_that_cannot_be_read_is_kept_under_any_domain_with_a_warning() -> None:
    found = routes_from([ingress_route("ns", "x", route("Host(`a", "web"))])
    assert places(found) == [("*", "/")]
    assert "IngressRoute ns/x" in found.warnings[0]


def test_rules_of_middlewares_without_services_are_routes_too() -> None:
    rule = {"kind": "Rule", "match": HOST}
    assert places(routes_from([ingress_route("ns", "x", rule)])) == [("a.example", "/")]


def test_an_ingress_has_a_route_for_each_path() -> None:
    found = routes_from([TRAEFIK, shop()])
    assert places(found) == [("a.example", "/"), ("a.example", "/api")]
    assert [info.service_keys for info in found.infos] == [("ns-web-80@kubernetes",), ("ns-api-http@kubernetes",)]


def test_a_default_backend_serves_any_domain_where_there_are_no_rules() -> None:
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    found = routes_from([TRAEFIK, ingress("ns", "x", {}, defaultBackend=backend)])
    assert places(found) == [("*", "/")]
    assert found.infos[0].router_keys[0] == "default-router@kubernetes"


@pytest.mark.parametrize(
    ("item", "is_served"),
    [
        (shop(class_name="traefik"), True),
        (shop(class_name="nginx"), False),
        (shop(class_name="nowhere"), False),
        (shop(class_name=None), True),
        (shop(class_name=None, annotations={"kubernetes.io/ingress.class": "traefik"}), True),
        (shop(class_name=None, annotations={"kubernetes.io/ingress.class": "nginx"}), False),
        (shop(class_name="nginx", annotations={"kubernetes.io/ingress.class": "traefik"}), False),
        (ingress_route("ns", "x", route(HOST, "web"), annotations={"kubernetes.io/ingress.class": "nginx"}), False),
        (ingress_route("ns", "x", route(HOST, "web"), annotations={"kubernetes.io/ingress.class": "traefik"}), True),
    ],
)
def test_only_what_traefik_serves_counts(item: Any, is_served: bool) -> None:
    objects = [TRAEFIK, ingress_class("nginx", "k8s.io/ingress-nginx"), item]
    assert bool(routes_from(objects).infos) is is_served


def test_a_traefik_limited_to_a_class_serves_that_class_alone() -> None:
    objects = [TRAEFIK, ingress_class("inner"), shop(class_name="inner")]
    assert routes_from(objects, "inner").infos
    assert not routes_from(objects, "traefik").infos


@pytest.mark.parametrize(
    ("item", "tls"),
    [
        (ingress_route("ns", "x", route(HOST, "web")), False),
        ({**ingress_route("ns", "x", route(HOST, "web")), "spec": {"routes": [route(HOST, "web")], "tls": {}}}, True),
        (
            {
                **ingress_route("ns", "x", route(HOST, "web")),
                "spec": {"routes": [route(HOST, "web")], "entryPoints": ["websecure"]},
            },
            True,
        ),
        (shop(annotations={"traefik.ingress.kubernetes.io/router.tls": "true"}), True),
    ],
)
def test_tls_is_seen_where_it_is_declared(item: Any, tls: bool) -> None:
    assert {info.tls for info in routes_from([TRAEFIK, item]).infos} == {tls}
