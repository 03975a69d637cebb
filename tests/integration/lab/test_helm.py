"""Helm's own engine installs, upgrades and removes a release in the stand-in Kubernetes API."""

import base64
from pathlib import Path

import pytest
from integration.agent.test_chart import CHART, EXAMPLE

from lab.cluster.api import StandInApi
from lab.cluster.helm import ChartError, uninstall, upgrade, values_of

NAMESPACE = "ingress-slo"


def token(api: StandInApi) -> str:
    secret = api.store.objects["v1", "secrets", NAMESPACE, "ingress-slo-agent"]
    return base64.b64decode(secret["data"]["TOKEN"]).decode()


def test_a_release_is_installed_upgraded_with_its_values_and_uninstalled(api: StandInApi, tmp_path: Path) -> None:
    kubeconfig = str(api.write_kubeconfig(tmp_path / "kubeconfig"))
    values = EXAMPLE | {"namespace": {"create": False}}
    upgrade(kubeconfig, "agent", CHART, NAMESPACE, values)
    assert token(api) == "islo_replace_me"
    upgrade(kubeconfig, "agent", CHART, NAMESPACE, {"token": "islo_rotated"}, reuse_values=True)
    assert token(api) == "islo_rotated"
    config_map = api.store.objects["v1", "configmaps", NAMESPACE, "ingress-slo-agent"]
    assert config_map["data"]["CLUSTER_ID"] == "my-cluster"
    uninstall(kubeconfig, "agent", NAMESPACE)
    assert api.store.objects == {}


def test_an_upgrade_that_is_refused_changes_nothing(api: StandInApi, tmp_path: Path) -> None:
    kubeconfig = str(api.write_kubeconfig(tmp_path / "kubeconfig"))
    upgrade(kubeconfig, "agent", CHART, NAMESPACE, EXAMPLE | {"namespace": {"create": False}})
    with pytest.raises(ChartError, match="token"):
        upgrade(kubeconfig, "agent", CHART, NAMESPACE, {"token": "a-password"}, reuse_values=True)
    assert token(api) == "islo_replace_me"


def test_values_are_read_as_helm_reads_them(tmp_path: Path) -> None:
    file = tmp_path / "values.yaml"
    file.write_text("clusterId: a\nimage: {tag: x}\n")
    values = values_of([file], ["image.tag=y", "spreadSeconds=5", r"podLabels.a\.b=c"], ["name=007"])
    assert values == {
        "clusterId": "a",
        "image": {"tag": "y"},
        "spreadSeconds": 5,
        "podLabels": {"a.b": "c"},
        "name": "007",
    }
