"""Entry points that do not count, and why an object is left out."""

from typing import Any

from ingress_slo_agent.routes import Observed, routes_from
from ingress_slo_agent.settings import Traefik
from ingress_slo_agent.traefik_options import TraefikOptions
from lab.cluster.builders import ingress_route, route

HOST = "Host(`a.example`)"


def observed(*arguments: str) -> Observed:
    usual = ["--entrypoints.web.address=:80", "--entrypoints.websecure.address=:443", "--providers.kubernetescrd"]
    pod: dict[str, Any] = {"spec": {"containers": [{"args": [*usual, *arguments]}]}}
    return Observed(options=(TraefikOptions.of_pod(pod, Traefik()),))


def test_a_rule_on_silent_entry_points_alone_is_not_counted() -> None:
    item = ingress_route("ns", "x", route(HOST, "web"))
    both = observed("--entrypoints.web.observability.metrics=false", "--entrypoints.websecure.observability.metrics=0")
    (info,) = routes_from([item], both).infos
    assert info.not_counted.startswith("Requests over the entry point web, websecure are not counted")


def test_a_rule_that_is_partly_counted_is_a_warning() -> None:
    item = ingress_route("ns", "x", route(HOST, "web"))
    found = routes_from([item], observed("--entrypoints.web.observability.metrics=false"))
    assert found.infos[0].not_counted == ""
    assert found.warnings[0].startswith("IngressRoute ns/x: requests over the entry point web are not counted")


def test_a_rule_that_asks_for_metrics_is_counted_everywhere() -> None:
    item = ingress_route("ns", "x", route(HOST, "web") | {"observability": {"metrics": True}})
    found = routes_from([item], observed("--entrypoints.web.observability.metrics=false"))
    assert (found.infos[0].not_counted, found.warnings) == ("", ())


def test_what_a_namespace_leaves_out_is_not_blamed_on_its_class() -> None:
    item = ingress_route("far", "x", route(HOST, "web"))
    found = routes_from([item], observed("--providers.kubernetescrd.namespaces=near"))
    assert "Traefik's options (class, namespaces, label selector) do not choose it" in found.warnings[0]
