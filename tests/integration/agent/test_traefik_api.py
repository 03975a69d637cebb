"""Traefik's own API inside Kubernetes, opened by the chart's IngressRoute on the arguments of Traefik's chart."""

import http.client
import time
from collections.abc import Iterator
from typing import Any

import pytest
from integration.agent.test_chart import CHART, EXAMPLE

from ingress_slo_agent.collect import Collected, collect
from ingress_slo_agent.kubernetes_api import KubernetesApi
from ingress_slo_agent.settings import from_environment
from lab.cluster.builders import ingress_route, route
from lab.cluster.helm import render
from lab.cluster.writes import merged
from lab.traefik.process import TraefikPod
from lab.traefik.profiles import API
from lab.traefik.stage import Stage, demo

REFUSED = ingress_route("shop", "refused", route("Host(`a.example`) && ClientIP(`nowhere`)", "web"))


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with Stage(demo(), traffic=False) as running:
        running.api.apply([REFUSED])
        yield running


def run(stage: Stage, **settings: str) -> Collected:
    configured = from_environment(
        {"CLUSTER_ID": "lab", "KUBECONFIG": str(stage.kubeconfig), **settings}, needs_server=False
    )
    return collect(KubernetesApi(configured.kubernetes), configured, time.time)


def opened(stage: Stage) -> dict[str, Any]:
    """Apply what the chart creates, and wait until Traefik serves it."""
    rendered = render(CHART, merged(EXAMPLE, {"traefikApi": {"enabled": True}}))
    (item,) = [each for each in rendered if each["kind"] == "IngressRoute"]
    stage.api.apply([item])
    pod = stage.pods[0]
    pod.wait(lambda: status(pod, "/api/overview") == 200, "its API")
    return item


def closed(stage: Stage, item: dict[str, Any]) -> None:
    """Delete it, and wait until Traefik has noticed, so that whoever opens it again does not see the old one."""
    stage.api.delete([item])
    pod = stage.pods[0]
    pod.wait(lambda: status(pod, "/api/overview") == 404, "the end of its API")


def status(pod: TraefikPod, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", pod.ports[API], timeout=60)
    connection.request("GET", path)
    answer = connection.getresponse().status
    connection.close()
    return answer


def places(collected: Collected) -> set[tuple[str, str]]:
    return {(info.domain, info.path_prefix) for info in collected.snapshot.ingress_routes}


def test_with_the_charts_route_traefik_itself_says_what_it_serves(stage: Stage) -> None:
    without = run(stage)
    assert without.observed.views == (), "the chart of Traefik opens its API to nobody"
    assert ("a.example", "/") in places(without), "the objects alone cannot tell"
    item = opened(stage)
    told = run(stage)
    assert len(told.observed.views) == 1
    assert places(told) == places(without) - {("a.example", "/")}
    assert "invalid CIDR" in told.route_warnings[0] or "ClientIP" in told.route_warnings[0]
    assert {info.kind for info in told.snapshot.ingress_routes} == {"IngressRoute", "Ingress"}
    assert {info.router_keys[0] for info in told.snapshot.ingress_routes} <= {
        info.router_keys[0] for info in without.snapshot.ingress_routes
    }, "a route is the same one, whoever tells of it"
    assert run(stage, TRAEFIK_API="off").observed.views == ()
    closed(stage, item)


def test_the_charts_route_opens_four_paths_and_no_other(stage: Stage) -> None:
    opened(stage)
    pod = stage.pods[0]
    open_paths = ("/api/http/routers", "/api/http/services", "/api/entrypoints", "/api/overview")
    assert {path: status(pod, path) for path in open_paths} == dict.fromkeys(open_paths, 200)
    closed = ("/api/rawdata", "/api/http/middlewares", "/dashboard/", "/")
    assert {path: status(pod, path) for path in closed} == dict.fromkeys(closed, 404)
