"""Pods with Traefik's label in a cluster of many tenants: which ones the agent scrapes and trusts."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from integration.metrics_server import RawServer, always, answer

from ingress_slo_agent.collect import collect
from ingress_slo_agent.kubernetes_api import KubernetesApi
from ingress_slo_agent.settings import from_environment
from lab.cluster.api import StandInApi
from lab.cluster.builders import ingress_class
from lab.cluster.objects import Object
from lab.traefik.families import of_process, text
from slo.traefik.snapshots import MAX_PROCESSES, Snapshot

FRESH = text(of_process(1_795_454_037.0)).encode()
INSTALLED: dict[str, str] = {"meta.helm.sh/release-namespace": "traefik"}


@pytest.fixture(scope="module")
def server() -> Iterator[RawServer]:
    with RawServer(always(answer(FRESH))) as listening:
        yield listening


def pod(namespace: str, name: str, port: int | str) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "namespace": namespace,
            "name": name,
            "labels": {"app.kubernetes.io/name": "traefik"},
            "annotations": {"prometheus.io/port": str(port)},
        },
        "spec": {"containers": []},
        "status": {"phase": "Running", "podIP": "127.0.0.1"},
    }


def snapshot(tmp_path: Path, objects: list[Object], **settings: str) -> Snapshot:
    with StandInApi(objects) as api:
        kubeconfig = str(api.write_kubeconfig(tmp_path / "kubeconfig"))
        configured: Any = {"CLUSTER_ID": "lab", "KUBECONFIG": kubeconfig, "TRAEFIK_API": "off", **settings}
        read = from_environment(configured, needs_server=False)
        return collect(KubernetesApi(read.kubernetes), read, time.time).snapshot


def scraped(seen: Snapshot) -> set[str]:
    return {process.pod for process in seen.ingress_metrics.processes}


def test_a_tenants_pod_with_traefiks_label_counts_nothing(tmp_path: Path, server: RawServer) -> None:
    pods = [pod("traefik", "traefik-a", server.port), pod("tenant", "fake", server.port)]
    seen = snapshot(tmp_path, [*pods, ingress_class("traefik", **INSTALLED)])
    assert scraped(seen) == {"traefik/traefik-a"}
    assert "tenant/fake" in seen.warnings[0]


def test_with_the_namespaces_set_only_their_pods_are_listed(tmp_path: Path, server: RawServer) -> None:
    pods = [pod(name, "traefik-a", server.port) for name in ("traefik", "edge", "tenant")]
    seen = snapshot(tmp_path, pods, TRAEFIK_NAMESPACE="edge,traefik")
    assert scraped(seen) == {"edge/traefik-a", "traefik/traefik-a"}
    assert seen.warnings == ()


def test_an_annotation_that_leads_elsewhere_is_named_and_the_others_are_pushed(
    tmp_path: Path, server: RawServer
) -> None:
    pods = [pod("traefik", "traefik-a", server.port), pod("traefik", "traefik-b", f"9100@127.0.0.1:{server.port}")]
    seen = snapshot(tmp_path, pods)
    assert scraped(seen) == {"traefik/traefik-a"}
    (unreachable,) = seen.ingress_metrics.unreachable
    assert unreachable.pod == "traefik/traefik-b"
    assert "prometheus.io/port" in unreachable.error


def test_more_pods_than_a_push_holds_do_not_make_the_push_fail(tmp_path: Path, server: RawServer) -> None:
    pods = [pod("traefik", f"traefik-{number:03d}", server.port) for number in range(MAX_PROCESSES + 1)]
    seen = snapshot(tmp_path, pods)
    assert len(scraped(seen)) == MAX_PROCESSES
    assert "TRAEFIK_SELECTOR" in seen.warnings[0]
