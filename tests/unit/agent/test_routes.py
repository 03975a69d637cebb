"""Which routes Traefik serves, by kind of object."""

from typing import Any

import pytest

from ingress_slo_agent.ingress_routes import Existing
from ingress_slo_agent.routes import Observed, Routes, routes_from
from ingress_slo_agent.settings import Traefik
from ingress_slo_agent.traefik_options import TraefikOptions
from lab.cluster.builders import ingress, ingress_class, ingress_route, path, route, traefik_object
from slo.traefik import naming

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


def test_a_rule_that_traefik_refuses_is_no_route_and_the_warning_says_why() -> None:
    found = routes_from([ingress_route("ns", "x", route("Host(`a`, `b`)", "web"), route(HOST, "web"))])
    assert places(found) == [("a.example", "/")]
    assert found.warnings[0].startswith("IngressRoute ns/x: Traefik does not serve it: Host has 2 arguments")


def test_a_rule_in_the_metrics_is_served_whatever_we_think_of_it() -> None:
    item = ingress_route("ns", "x", route("Host(`a", "web"))
    router = naming.route_router("ns", "x", "Host(`a")
    found = routes_from([item], routers=frozenset({router}))
    assert places(found) == [("*", "/")]
    assert "IngressRoute ns/x" in found.warnings[0]


def test_a_rule_without_a_service_is_refused() -> None:
    found = routes_from([ingress_route("ns", "x", {"kind": "Rule", "match": HOST})])
    assert found.infos == ()
    assert "no service" in found.warnings[0]


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
    objects = [TRAEFIK, ingress_class("nginx", "k8s.io/ingress-nginx"), item]  # Traefik's provider for nginx is off.
    assert bool(routes_from(objects).infos) is is_served


def with_class(name: str) -> Observed:
    return Observed(options=(TraefikOptions.of_settings(Traefik(ingress_class=name)),))


def test_a_traefik_limited_to_a_class_serves_that_class_alone() -> None:
    objects = [TRAEFIK, ingress_class("inner"), shop(class_name="inner")]
    assert routes_from(objects, with_class("inner")).infos
    left_out = routes_from(objects, with_class("traefik"))
    assert not left_out.infos
    assert left_out.warnings[0].startswith("Ingress ns/shop: left out, because no Traefik that is scraped serves")


def test_the_class_field_of_an_ingress_route_decides_before_its_annotation() -> None:
    item = ingress_route("ns", "x", route(HOST, "web"), annotations={"kubernetes.io/ingress.class": "outer"})
    item["spec"]["ingressClassName"] = "inner"
    assert routes_from([item], with_class("inner")).infos
    assert not routes_from([item], with_class("outer")).infos


def test_two_traefiks_serve_the_classes_of_both() -> None:
    items = [ingress_route("ns", name, route(f"Host(`{name}`)", "web")) for name in ("inner", "outer")]
    for item in items:
        item["spec"]["ingressClassName"] = item["metadata"]["name"]
    options = with_class("inner").options + with_class("outer").options
    assert places(routes_from(items, Observed(options=options))) == [("inner", "/"), ("outer", "/")]


def test_an_object_of_the_dead_group_never_hides_its_namesake() -> None:
    current = ingress_route("ns", "x", route("Host(`new`)", "web"))
    old = {**ingress_route("ns", "x", route("Host(`old`)", "web")), "apiVersion": "traefik.containo.us/v1alpha1"}
    alone = {**ingress_route("ns", "y", route("Host(`gone`)", "web")), "apiVersion": "traefik.containo.us/v1alpha1"}
    for objects in ([old, current, alone], [current, old, alone]):
        found = routes_from(objects)
        assert places(found) == [("new", "/")]
        assert "move the object to traefik.io" in found.warnings[0]


def test_a_rule_that_names_what_does_not_exist_is_refused() -> None:
    items = [
        ingress_route("ns", "a", route("Host(`a`)", "gone")),
        ingress_route("ns", "b", route("Host(`b`)", "web", middlewares=("gone",))),
        ingress_route("ns", "c", route("Host(`c`)", "web", middlewares=("here", "other@file"))),
    ]
    existing = Existing(services=frozenset({("ns", "web")}), middlewares=frozenset({("ns", "here")}))
    found = routes_from(items, Observed(existing=existing))
    assert places(found) == [("c", "/")]
    assert [warning.rpartition("the ")[2] for warning in found.warnings] == [
        "Service ns/gone does not exist.",
        "Middleware ns/gone does not exist.",
    ]
    assert len(routes_from(items).infos) == 3, "what could not be listed refuses nothing"


def test_a_child_is_placed_within_its_parents() -> None:
    parent = ingress_route("ns", "parent", {"kind": "Rule", "match": HOST})
    child = ingress_route("ns", "child", route("PathPrefix(`/api`)", "web"))
    child["spec"] |= {"parentRefs": [{"name": "parent"}], "entryPoints": []}
    found = routes_from([parent, child])
    assert places(found) == [("a.example", "/"), ("a.example", "/api")]
    assert found.infos[1].parent_keys == found.infos[0].router_keys
    assert not found.warnings
    assert "does not exist" in routes_from([child]).warnings[0]


@pytest.mark.parametrize(
    "item",
    [
        ingress_route("ns", "x", route(HOST, "web") | {"observability": {"metrics": False}}),
        ingress_route("ns", "x", route(HOST, {"name": "api@internal", "kind": "TraefikService"})),
        shop(annotations={"traefik.ingress.kubernetes.io/router.observability.metrics": "false"}),
    ],
)
def test_a_rule_that_traefik_does_not_count_says_what_to_change(item: Any) -> None:
    assert all(info.not_counted for info in routes_from([TRAEFIK, item]).infos)


def test_a_backend_that_is_a_resource_is_no_route() -> None:
    item = shop()
    item["spec"]["rules"][0]["http"]["paths"][0]["backend"] = {"resource": {"kind": "Bucket", "name": "static"}}
    found = routes_from([TRAEFIK, item])
    assert places(found) == [("a.example", "/api")]
    assert "resource" in found.warnings[0]


def test_a_rule_that_contradicts_itself_is_no_route() -> None:
    found = routes_from([ingress_route("ns", "x", route("Host(`a`) && Host(`b`)", "web"))])
    assert found.infos == ()
    assert "contradicts itself" in found.warnings[0]


@pytest.mark.parametrize(
    ("item", "tls"),
    [
        (
            {
                **ingress_route("ns", "x", route(HOST, "web")),
                "spec": {"routes": [route(HOST, "web")], "entryPoints": ["web"]},
            },
            False,
        ),
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
