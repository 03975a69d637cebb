"""The stage starts, and a real Traefik measures every path of the demo."""

import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import kubernetes
import pytest

from lab.cluster.api import StandInApi
from lab.cluster.objects import selects
from lab.traefik.profiles import API, PROFILES, WEBSECURE, TraefikOptions
from lab.traefik.stage import Stage, demo


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with Stage(demo(load_factor=2)) as running:
        yield running


def measured_routers(stage: Stage) -> set[str]:
    text = stage.pods[0].scrape()[1]
    return set(re.findall(r'^traefik_router_requests_total\{.*router="([^"]+)"', text, re.MULTILINE))


def wait_until_measured(stage: Stage, count: int) -> set[str]:
    deadline = time.monotonic() + 60
    while len(found := measured_routers(stage)) < count and time.monotonic() < deadline:
        time.sleep(0.2)
    return found


def test_traefik_measures_every_path_of_the_demo_over_http_and_https(stage: Stage) -> None:
    """The entry point `websecure` has TLS, so Traefik serves a copy of each router there."""
    routers = set(stage.pods[0].routers())
    assert wait_until_measured(stage, 14) == routers
    assert {f"websecure-{name}" for name in stage.pods[0].declared_routers()} <= routers


def test_traefiks_api_answers_only_the_stage_as_the_chart_routes_nothing_to_it(stage: Stage) -> None:
    port = stage.pods[0].ports[API]
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/api/overview")


def test_the_pod_has_the_arguments_and_ports_of_the_chart_and_not_those_of_the_stage(stage: Stage) -> None:
    (container,) = stage.pods[0].pod()["spec"]["containers"]
    assert f"--entryPoints.websecure.address=127.0.0.1:{stage.pods[0].ports[WEBSECURE]}/tcp" in container["args"]
    assert "--entryPoints.websecure.http.tls=true" in container["args"]
    assert not [argument for argument in container["args"] if "accesslog" in argument or "file" in argument]
    assert {port["name"]: port["containerPort"] for port in container["ports"]} == stage.pods[0].ports


def test_traefik_writes_the_address_of_its_service_into_the_status_of_an_ingress(stage: Stage) -> None:
    shop = stage.api.store.objects["networking.k8s.io/v1", "ingresses", "shop", "shop"]
    assert shop["status"]["loadBalancer"]["ingress"][0]["ip"] == "127.0.0.1"
    assert shop["spec"]["rules"]


@pytest.mark.parametrize("name", ["k3s", "plain2", "lab"])
def test_every_profile_starts_and_serves_the_demo(name: str) -> None:
    profile = PROFILES[name]
    whole = demo(load_factor=2)
    flows = [flow for flow in whole.flows if flow.entry_point in profile.entry_points and not flow.tls]
    with Stage(replace(whole, flows=flows, options=TraefikOptions(profile=profile))) as stage:
        assert {router for router in wait_until_measured(stage, 7) if not router.startswith("websecure-")} == {
            router for router in stage.pods[0].routers() if not router.startswith("websecure-")
        }
        assert stage.pods[0].pod()["metadata"]["namespace"] == ("kube-system" if name == "k3s" else "traefik")


def test_the_pod_that_the_api_serves_says_where_its_metrics_are(stage: Stage) -> None:
    client: Any = kubernetes.config.new_client_from_config(str(stage.kubeconfig))  # type: ignore[no-untyped-call]
    pods: Any = kubernetes.client.CoreV1Api(client).list_pod_for_all_namespaces(
        label_selector="app.kubernetes.io/name=traefik"
    )
    assert [pod.status.pod_ip for pod in pods.items] == ["127.0.0.1"]
    assert pods.items[0].metadata.annotations["prometheus.io/port"] == str(stage.pods[0].metrics_port)
    client.close()


def test_a_killed_process_starts_from_nothing_under_the_same_pod(stage: Stage) -> None:
    wait_until_measured(stage, 14)
    stage.traffic.pause()
    stage.restart_pod(stage.pods[0])
    assert measured_routers(stage) == set()
    stage.traffic.resume()


def test_the_python_client_pages_through_custom_objects_and_sees_what_is_denied() -> None:
    objects = demo().objects
    denied = frozenset({"networking.k8s.io/v1"})
    with StandInApi(objects, forbidden=denied, page_limit=1) as api:
        configuration = kubernetes.client.Configuration(host=api.url)
        with kubernetes.client.ApiClient(configuration) as client:
            custom: Any = kubernetes.client.CustomObjectsApi(client)
            first = custom.list_cluster_custom_object("traefik.io", "v1alpha1", "ingressroutes")
            token = first["metadata"]["continue"]
            second = custom.list_cluster_custom_object("traefik.io", "v1alpha1", "ingressroutes", _continue=token)
            names = [item["metadata"]["name"] for page in (first, second) for item in page["items"]]
            with pytest.raises(kubernetes.client.ApiException) as error:
                kubernetes.client.NetworkingV1Api(client).list_ingress_for_all_namespaces()
            with pytest.raises(kubernetes.client.ApiException) as absent:
                custom.list_cluster_custom_object("traefik.containo.us", "v1alpha1", "ingressroutes")
    assert names == ["atlantis", "atlhyper"]
    assert (error.value.status, absent.value.status) == (403, 404)


@pytest.mark.parametrize(
    ("selector", "matches"),
    [("", True), ("a=b", True), ("a!=b", False), ("a in (b,c),!d", True), ("a notin (b)", False), ("d", False)],
)
def test_label_selectors_mean_what_kubernetes_means(selector: str, matches: bool) -> None:
    assert selects(selector, {"a": "b"}) is matches
