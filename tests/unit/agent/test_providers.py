"""The routes of ingress-nginx' Ingresses, of the Gateway API and of Knative, as Traefik 3.6 and 3.7 name them."""

from typing import Any

from ingress_slo_agent.routes import Observed, Routes, routes_from
from ingress_slo_agent.settings import Traefik
from ingress_slo_agent.traefik_options import TraefikOptions
from lab.cluster.builders import ingress, ingress_class, path

ARGUMENTS = [
    "--entrypoints.web.address=:8000",
    "--entrypoints.websecure.address=:8443",
    "--entrypoints.websecure.http.tls=true",
    "--providers.kubernetesingress",
    "--providers.kubernetesingressnginx",
    "--providers.kubernetesgateway",
    "--providers.knative",
]
OPTIONS = TraefikOptions.of_pod({"spec": {"containers": [{"args": ARGUMENTS}]}}, Traefik())
NGINX = ingress_class("nginx", "k8s.io/ingress-nginx")


def found(*objects: Any) -> Routes:
    return routes_from(objects, Observed(options=(OPTIONS,)))


def places(routes: Routes) -> list[tuple[str, str]]:
    return [(info.domain, info.path_prefix) for info in routes.infos]


def nginx(**changes: Any) -> Any:
    rules = {"a.example": [path("/", "web"), path("/api", "api")]}
    return ingress("ns", "x", rules, class_name="nginx", **changes)


def test_an_ingress_of_nginx_is_served_by_its_provider() -> None:
    routes = found(NGINX, nginx())
    assert places(routes) == [("a.example", "/"), ("a.example", "/api")]
    assert routes.infos[1].router_keys[:2] == (
        "ns-x-rule-0-path-1@kubernetesingressnginx",
        "ns-x-rule-0-path-1-tls@kubernetesingressnginx",
    )
    assert "ns-x-rule-0-path-1-canary-tls@kubernetesingressnginx" in routes.infos[1].router_keys
    assert routes.infos[1].service_key == "ns-x-api-80@kubernetesingressnginx"
    assert not routes.warnings


def test_without_its_provider_an_ingress_of_nginx_is_left_out_and_named() -> None:
    routes = routes_from([NGINX, nginx()])
    assert not routes.infos
    assert "serves the class `nginx`" in routes.warnings[0]


def test_aliases_patterns_and_default_backends_of_nginx_have_places() -> None:
    annotations = {"server-alias": "b.example", "use-regex": "true", "from-to-www-redirect": "true"}
    item = nginx(
        annotations={f"nginx.ingress.kubernetes.io/{name}": value for name, value in annotations.items()},
        defaultBackend={"service": {"name": "other", "port": {"number": 80}}},
    )
    routes = found(NGINX, item)
    assert ("b.example", "{(?i)^/api}") in places(routes)
    (redirect,) = [info for info in routes.infos if "rule-0-path-0-from-to-www" in info.router_keys[0]]
    assert (redirect.domain, redirect.path_prefix) == ("www.a.example", "/")
    defaults = [info for info in routes.infos if "default-backend" in info.router_keys[0]]
    assert [(info.domain, info.path_prefix, info.service_name) for info in defaults] == [("a.example", "/", "other")]


def test_tls_passthrough_has_no_http_metrics() -> None:
    assert not found(NGINX, nginx(annotations={"nginx.ingress.kubernetes.io/ssl-passthrough": "true"})).infos


def gateway_object(kind: str, name: str, spec: Any, **metadata: Any) -> Any:
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": "ns", **metadata},
        "spec": spec,
    }


CLASS = gateway_object("GatewayClass", "traefik", {"controllerName": "traefik.io/gateway-controller"})
OTHER_CLASS = gateway_object("GatewayClass", "other", {"controllerName": "example.com/other"})


def gateway(class_name: str = "traefik", **listener: Any) -> Any:
    listeners = [{"name": "http", "protocol": "HTTP", "port": 8000, **listener}]
    return gateway_object("Gateway", "edge", {"gatewayClassName": class_name, "listeners": listeners})


def http_route(*rules: Any, kind: str = "HTTPRoute", **spec: Any) -> Any:
    return gateway_object(kind, "x", {"parentRefs": [{"name": "edge"}], "rules": list(rules), **spec})


def test_a_rule_of_an_http_route_is_named_after_gateway_and_entry_point() -> None:
    rule = {
        "matches": [{"path": {"type": "PathPrefix", "value": "/api"}}, {"path": {"type": "Exact", "value": "/ok"}}],
        "backendRefs": [{"name": "web", "port": 80}],
    }
    routes = found(CLASS, gateway(), http_route(rule, hostnames=["a.example"]))
    assert places(routes) == [("a.example", "/api"), ("a.example", "/ok")]
    assert routes.infos[0].router_keys == ("httproute-ns-x-gw-ns-edge-ep-web-0-*@kubernetesgateway",)
    assert (routes.infos[0].service_name, routes.infos[0].tls) == ("web", False)


def test_a_listener_narrows_the_hosts_of_a_route() -> None:
    wild = gateway(hostname="*.example")
    assert places(found(CLASS, wild, http_route({}, hostnames=["a.example", "b.other"]))) == [("a.example", "/")]
    assert places(found(CLASS, wild, http_route({}))) == [("*.example", "/")]
    assert places(found(CLASS, gateway(), http_route({}))) == [("*", "/")]
    assert not found(CLASS, wild, http_route({}, hostnames=["b.other"])).infos


def test_only_gateways_of_traefik_and_listeners_that_a_route_names_count() -> None:
    assert not found(OTHER_CLASS, gateway("other"), http_route({})).infos
    elsewhere = http_route({}) | {"spec": {"parentRefs": [{"name": "edge", "sectionName": "https"}], "rules": [{}]}}
    assert not found(CLASS, gateway(), elsewhere).infos


def test_a_secure_listener_serves_tls_on_its_entry_point() -> None:
    routes = found(CLASS, gateway(protocol="HTTPS", port=8443), http_route({}))
    assert (routes.infos[0].tls, routes.infos[0].router_keys[0]) == (
        True,
        "httproute-ns-x-gw-ns-edge-ep-websecure-0-*@kubernetesgateway",
    )


def test_a_method_of_a_grpc_route_is_a_path() -> None:
    exact = {"matches": [{"method": {"service": "shop.Cart", "method": "Add"}}]}
    service = {"matches": [{"method": {"service": "shop.Pay"}}]}
    routes = found(CLASS, gateway(), http_route(exact, service, kind="GRPCRoute", hostnames=["a.example"]))
    assert places(routes) == [("a.example", "/shop.Cart/Add"), ("a.example", "/shop.Pay/")]
    assert routes.infos[0].router_keys[0].startswith("grpcroute-ns-x-gw-ns-edge-ep-web-0-")


def test_an_ingress_of_knative_is_named_by_position() -> None:
    item = {
        "apiVersion": "networking.internal.knative.dev/v1alpha1",
        "kind": "KnativeIngress",
        "metadata": {
            "name": "x",
            "namespace": "ns",
            "annotations": {"networking.knative.dev/ingress.class": "traefik.ingress.networking.knative.dev"},
        },
        "spec": {"rules": [{"hosts": ["a.example"], "http": {"paths": [{"splits": [{"serviceName": "web"}]}]}}]},
    }
    routes = found(item)
    assert places(routes) == [("a.example", "/")]
    assert routes.infos[0].router_keys[0] == "ns-x-rule-0-path-0@knative"
