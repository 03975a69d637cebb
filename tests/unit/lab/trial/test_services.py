"""Every Service that an object names has a stand-in."""

from typing import Any

from lab.cluster.builders import ingress, ingress_route, path, route, traefik_object
from lab.cluster.objects import Object
from lab.trial.services import Named, named_services, stand_ins

TARGETS = {"http": 1, "https": 2, "h2c": 3}


def ports(objects: list[Object], kind: str) -> dict[str, list[tuple[str, int]]]:
    return {
        item["metadata"]["name"]: [(port["name"], port["port"]) for port in (item.get("spec") or item)["ports"]]
        for item in objects
        if item["kind"] == kind
    }


def made(*objects: Object) -> list[Object]:
    return stand_ins(objects, named_services(objects), TARGETS)


def test_services_are_found_wherever_they_are_named() -> None:
    spec: dict[str, Any] = {
        "weighted": {"services": [{"name": "c", "port": 81}, {"name": "t", "kind": "TraefikService"}]}
    }
    mirror = {"mirroring": {"name": "d", "port": 82, "mirrors": [{"name": "e", "port": 83}]}}
    errors = {"errors": {"service": {"name": "f", "port": 84, "namespace": "far"}}}
    objects = [
        ingress_route("ns", "r", route("Host(`a`)", "a", {"name": "b", "port": "http"})),
        traefik_object("TraefikService", "ns", "t", spec),
        traefik_object("TraefikService", "ns", "m", mirror),
        traefik_object("Middleware", "ns", "e", errors),
        ingress(
            "ns", "i", {"h": [path("/", "g", "web")]}, defaultBackend={"service": {"name": "h", "port": {"number": 9}}}
        ),
    ]
    assert set(named_services(objects)) == {
        Named("ns", "a", 80),
        Named("ns", "b", "http"),
        Named("ns", "c", 81),
        Named("ns", "d", 82),
        Named("ns", "e", 83),
        Named("far", "f", 84),
        Named("ns", "g", "web"),
        Named("ns", "h", 9),
    }
    argument = "--providers.kubernetesingressnginx.defaultbackendservice=ns/j"
    assert named_services([], [argument, "--ping=true"]) == [Named("ns", "j", 80)]


def test_a_name_and_a_number_are_one_port_and_others_get_names() -> None:
    one = made(ingress_route("ns", "r", route("Host(`a`)", "a", {"name": "a", "port": "http"})))
    assert ports(one, "Service") == {"a": [("http", 80)]}
    several = made(
        ingress_route("ns", "r", route("Host(`a`)", "a", {"name": "a", "port": 81}, {"name": "a", "port": "x"}))
    )
    assert ports(several, "Service") == {"a": [("port-80", 80), ("port-81", 81), ("x", 8000)]}
    assert ports(several, "EndpointSlice") == {"a-x1z9k": [("port-80", 1), ("port-81", 1), ("x", 1)]}


def test_traefik_reaches_a_backend_in_the_way_it_speaks_to_it() -> None:
    objects = made(
        ingress_route(
            "ns", "r", route("Host(`a`)", {"name": "a", "port": 443}, {"name": "b", "port": 80, "scheme": "h2c"})
        ),
        ingress("ns", "i", {"h": [path("/", "c", "https")]}),
    )
    assert ports(objects, "EndpointSlice") == {"a-x1z9k": [("", 2)], "b-x1z9k": [("", 3)], "c-x1z9k": [("https", 2)]}


def test_a_service_of_the_manifests_is_kept_and_gets_endpoints_unless_it_has_some() -> None:
    spec = {"ports": [{"port": 80}]}
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a", "namespace": "ns"}, "spec": spec}
    rules = ingress_route("ns", "r", route("Host(`a`)", "a"))
    assert [item["kind"] for item in made(service, rules)] == ["Endpoints", "EndpointSlice"]
    endpoints = {"apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": "a", "namespace": "ns"}}
    assert made(service, rules, endpoints) == []
