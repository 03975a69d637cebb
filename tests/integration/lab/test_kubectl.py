"""The real kubectl against the stand-in Kubernetes API."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from unit.agent.test_manifests import MANIFESTS

from lab.cluster.api import StandInApi
from lab.cluster.kubectl import KUBECTL

NAMESPACE = "ingress-slo"

type Kubectl = Callable[..., str]


@pytest.fixture
def kubectl(api: StandInApi, tmp_path: Path) -> Kubectl:
    environment = {"KUBECONFIG": str(api.write_kubeconfig(tmp_path / "kubeconfig")), "KUBECACHEDIR": str(tmp_path)}

    def run(*arguments: str | Path) -> str:
        command = [KUBECTL, *arguments, "--namespace", NAMESPACE]
        done = subprocess.run(command, env=environment, stdout=-1, stderr=-2, text=True, check=False, timeout=60)
        return done.stdout

    return run


def test_a_kustomization_is_applied_and_once_more_without_a_change(api: StandInApi, kubectl: Kubectl) -> None:
    assert "cronjob.batch/ingress-slo-agent created" in kubectl("apply", "-k", MANIFESTS / "example")
    data = api.store.objects["v1", "configmaps", NAMESPACE, "ingress-slo-agent"]["data"]
    assert data["CLUSTER_ID"] == "my-cluster"
    assert "cronjob.batch/ingress-slo-agent unchanged" in kubectl("apply", "-k", MANIFESTS / "example")


def test_a_job_runs_the_agent_as_its_cron_job_says_and_keeps_its_log(api: StandInApi, kubectl: Kubectl) -> None:
    kubectl("apply", "-k", MANIFESTS / "example")
    config_map = api.store.objects["v1", "configmaps", NAMESPACE, "ingress-slo-agent"]
    api.apply([config_map | {"data": config_map["data"] | {"SPREAD_SECONDS": "a while"}}])
    assert kubectl("create", "job", "now", "--from=cronjob/ingress-slo-agent") == "job.batch/now created\n"
    assert "SPREAD_SECONDS" in kubectl("logs", "job/now")
    assert "Failed" in kubectl("get", "pods", "-o", "jsonpath={.items[*].status.phase}")
    assert "already exists" in kubectl("create", "job", "now", "--from=cronjob/ingress-slo-agent")
