"""The agent's ClusterRole grants exactly what the agent requests from the Kubernetes API."""

import time
from pathlib import Path

import pytest
from integration.agent.test_chart import CHART, EXAMPLE, by_kind
from unit.agent.test_manifests import BASE

from ingress_slo_agent import kubernetes_api
from ingress_slo_agent.collect import collect
from ingress_slo_agent.settings import from_environment
from lab.cluster.api import Access, StandInApi
from lab.cluster.builders import ingress_class
from lab.cluster.helm import render
from lab.cluster.kubectl import kustomize
from lab.cluster.objects import Object
from lab.traefik.stage import demo


def granted(role: Object) -> set[Access]:
    return {
        Access(group, resource, verb)
        for rule in role["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


def asked(folder: Path, **settings: str) -> set[Access]:
    """Every access of one run, in a cluster that serves every API group and lists in several pages."""
    objects = [*demo().objects, ingress_class("traefik")]
    with StandInApi(objects, absent=frozenset(), page_limit=1) as api:
        kubeconfig = api.write_kubeconfig(folder / "kubeconfig")
        read = from_environment({"CLUSTER_ID": "c1", "KUBECONFIG": str(kubeconfig), **settings}, needs_server=False)
        collect(kubernetes_api.KubernetesApi(read.kubernetes), read, time.time)
        return api.accesses


@pytest.mark.parametrize("settings", [{}, {"TRAEFIK_NAMESPACE": "kube-system"}], ids=["everywhere", "one namespace"])
def test_the_role_grants_exactly_what_the_agent_asks_for(settings: dict[str, str], tmp_path: Path) -> None:
    accesses = asked(tmp_path, **settings)
    assert granted(by_kind(kustomize(BASE))["ClusterRole"]) == accesses
    assert granted(by_kind(render(CHART, EXAMPLE))["ClusterRole"]) == accesses


def test_nothing_that_the_role_grants_can_read_a_secret_or_change_anything() -> None:
    accesses = granted(by_kind(kustomize(BASE))["ClusterRole"])
    assert {access.verb for access in accesses} == {"list"}
    assert not {access.resource for access in accesses} & {"secrets", "configmaps", "*"}
