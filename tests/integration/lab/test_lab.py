"""The stage starts, and a real Traefik measures every path of the demo."""

import re
import time
from collections.abc import Iterator
from typing import Any

import kubernetes
import pytest

from lab.cluster.api import StandInApi
from lab.cluster.objects import selects
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


def test_traefik_measures_every_path_of_the_demo(stage: Stage) -> None:
    assert wait_until_measured(stage, 7) == set(stage.pods[0].routers())


def test_the_pod_that_the_api_serves_says_where_its_metrics_are(stage: Stage) -> None:
    client: Any = kubernetes.config.new_client_from_config(str(stage.kubeconfig))  # type: ignore[no-untyped-call]
    pods: Any = kubernetes.client.CoreV1Api(client).list_pod_for_all_namespaces(
        label_selector="app.kubernetes.io/name=traefik"
    )
    assert [pod.status.pod_ip for pod in pods.items] == ["127.0.0.1"]
    assert pods.items[0].metadata.annotations["prometheus.io/port"] == str(stage.pods[0].metrics_port)
    client.close()


def test_a_killed_process_starts_from_nothing_under_the_same_pod(stage: Stage) -> None:
    wait_until_measured(stage, 7)
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
