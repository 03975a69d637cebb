"""The agent's Helm chart, rendered by Helm's own engine and compared with the kustomize base."""

import copy
import json
import re
import shutil
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from unit.agent.test_manifests import KUBERNETES_VERSIONS, MANIFESTS

from ingress_slo_agent.settings import Traefik, from_environment
from lab.cluster.helm import ChartError, Values, lint, render
from lab.cluster.kubectl import kustomize
from lab.cluster.objects import Object
from lab.cluster.writes import merged
from slo.traefik.snapshots import CLUSTER_ID_PATTERN

CHART = MANIFESTS.parent / "chart"
EXAMPLE: Values = {
    "clusterId": "my-cluster",
    "endpoint": "https://def456.execute-api.eu-central-1.amazonaws.com",
    "token": "islo_replace_me",
    "namespace": {"create": True},
}
"""The values of the kustomize example."""
EVERYTHING: Values = {
    "clusterId": "c1",
    "endpoint": "https://slo.example.com",
    "existingSecret": "from-a-vault",
    "name": "second-agent",
    "image": {"digest": f"sha256:{'0' * 64}", "pullPolicy": "Always", "pullSecrets": ["registry"]},
    "spreadSeconds": 0,
    "deadlineSeconds": 40,
    "traefik": {
        "namespace": "kube-system,edge",
        "maxExpositionMib": 64,
        "selector": "app=edge,tier=web",
        "metricsPort": 8082,
        "metricsPath": "/stats",
        "metricsUrls": ["http://10.0.0.1:9100/metrics", "http://10.0.0.2:9100/metrics"],
        "ingressClass": "edge",
        "labelSelector": "edge=yes",
        "namespaces": ["shop", "blog"],
    },
    "traefikApi": {"enabled": True, "port": 8081},
    "networkPolicy": {"extraEgress": [{"ports": [{"port": 3128, "protocol": "TCP"}]}]},
    "namespace": {"create": True},
    "env": {"HTTPS_PROXY": "http://proxy.example.com:3128"},
    "resources": {"requests": {"cpu": "10m"}, "limits": {"memory": "128Mi"}},
    "nodeSelector": {"kubernetes.io/arch": "arm64"},
    "tolerations": [{"operator": "Exists"}],
    "affinity": {"nodeAffinity": {}},
    "priorityClassName": "low",
    "podAnnotations": {"a": "b"},
    "podLabels": {"team": "edge"},
}
INSTALLED: Values = {"namespace": {"create": False}}
HELMS_OWN = {"app.kubernetes.io/managed-by", "app.kubernetes.io/version", "helm.sh/chart"}
"""Labels that only the chart sets."""


def by_kind(objects: list[Object]) -> dict[str, Object]:
    kinds = {item["kind"]: item for item in objects}
    assert len(kinds) == len(objects)
    return kinds


def without_helms_labels(item: Object) -> Object:
    plain = copy.deepcopy(item)
    labels = plain["metadata"]["labels"]
    assert set(labels) >= HELMS_OWN
    plain["metadata"]["labels"] = {name: value for name, value in labels.items() if name not in HELMS_OWN}
    return plain


@pytest.mark.parametrize("values", [EXAMPLE, EVERYTHING], ids=["example", "everything"])
def test_helm_lint_finds_nothing(values: Values) -> None:
    """Without the Namespace, which is named after a release: a lint has none."""
    assert lint(CHART, merged(values, INSTALLED)) == []


def test_helm_lint_finds_a_template_that_is_no_object(tmp_path: Path) -> None:
    broken = shutil.copytree(CHART, tmp_path / "chart")
    (broken / "templates" / "secret.yaml").write_text("kind: [Secret\n")
    assert lint(broken, merged(EXAMPLE, INSTALLED)) == ["templates/secret.yaml"]


def test_the_chart_and_the_kustomize_example_make_the_same_objects() -> None:
    rendered = {kind: without_helms_labels(item) for kind, item in by_kind(render(CHART, EXAMPLE)).items()}
    assert rendered == by_kind(kustomize(MANIFESTS / "example"))


def test_both_open_traefiks_api_in_the_same_way(tmp_path: Path) -> None:
    folder = shutil.copytree(MANIFESTS, tmp_path / "manifests")
    example = folder / "example" / "kustomization.yaml"
    example.write_text(f"{example.read_text()}components: [../traefik-api]\n")
    values = merged(EXAMPLE, {"traefikApi": {"enabled": True}})
    rendered = {kind: without_helms_labels(item) for kind, item in by_kind(render(CHART, values)).items()}
    assert rendered == by_kind(kustomize(folder / "example"))
    assert rendered["ConfigMap"]["data"]["TRAEFIK_API"] == "auto"
    assert by_kind(render(CHART, EXAMPLE))["ConfigMap"]["data"]["TRAEFIK_API"] == "off"


@pytest.mark.parametrize("version", KUBERNETES_VERSIONS)
@pytest.mark.parametrize("values", [EXAMPLE, EVERYTHING], ids=["example", "everything"])
def test_kubernetes_accepts_what_the_chart_makes(values: Values, version: str) -> None:
    for item in render(CHART, values):
        if item["apiVersion"] != "traefik.io/v1alpha1":  # a real Traefik checks this one (test_traefik_api)
            kubernetes_validate.validate(item, version, strict=True)


@pytest.mark.parametrize("folder", ["base", "example"])
@pytest.mark.parametrize("version", KUBERNETES_VERSIONS)
def test_kubernetes_accepts_what_kustomize_makes(folder: str, version: str) -> None:
    for item in kustomize(MANIFESTS / folder):
        kubernetes_validate.validate(item, version, strict=True)


def test_every_value_reaches_the_objects() -> None:
    objects = by_kind(render(CHART, EVERYTHING))
    assert "Secret" not in objects
    own = {item["metadata"]["name"] for kind, item in objects.items() if kind not in ("Namespace", "IngressRoute")}
    assert own == {"second-agent"}
    route = objects["IngressRoute"]["metadata"]
    assert (route["name"], route["annotations"]) == (
        "second-agent-traefik-api",
        {"kubernetes.io/ingress.class": "edge"},
    )
    pod = objects["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]
    container = pod["spec"]["containers"][0]
    assert container["image"] == f"ghcr.io/ingress-slo/ingress-slo-agent@{EVERYTHING['image']['digest']}"
    assert container["envFrom"][1] == {"secretRef": {"name": "from-a-vault"}}
    assert container["env"] == [{"name": "HTTPS_PROXY", "value": "http://proxy.example.com:3128"}]
    assert pod["metadata"]["annotations"] == {"a": "b"}
    assert pod["metadata"]["labels"]["team"] == "edge"
    assert pod["spec"]["imagePullSecrets"] == [{"name": "registry"}]
    for name in ("nodeSelector", "tolerations", "affinity", "priorityClassName"):
        assert pod["spec"][name] == EVERYTHING[name]
    egress = objects["NetworkPolicy"]["spec"]["egress"]
    assert egress[2]["to"][0]["podSelector"] == {"matchLabels": {"app": "edge", "tier": "web"}}
    (expression,) = egress[2]["to"][0]["namespaceSelector"]["matchExpressions"]
    assert expression == {"key": "kubernetes.io/metadata.name", "operator": "In", "values": ["kube-system", "edge"]}
    assert egress[2]["ports"] == [{"port": 8082, "protocol": "TCP"}, {"port": 8081, "protocol": "TCP"}]
    assert egress[3] == {"ports": [{"port": 3128, "protocol": "TCP"}]}


def test_where_traefiks_selector_is_more_than_labels_the_network_policy_opens_its_port_to_all_pods() -> None:
    policy = by_kind(render(CHART, merged(EXAMPLE, {"traefik": {"selector": "app in (edge,traefik),!canary"}})))
    assert policy["NetworkPolicy"]["spec"]["egress"][2]["to"] == [{"namespaceSelector": {}}]


def test_the_agent_reads_the_settings_that_the_chart_writes() -> None:
    data = by_kind(render(CHART, EVERYTHING))["ConfigMap"]["data"]
    settings = from_environment({**data, "TOKEN": "islo_x"})
    assert settings.traefik == Traefik(
        traefik_namespace="kube-system,edge",
        max_exposition_mib=64,
        traefik_selector="app=edge,tier=web",
        metrics_port=8082,
        metrics_path="/stats",
        metrics_urls="http://10.0.0.1:9100/metrics,http://10.0.0.2:9100/metrics",
        ingress_class="edge",
        label_selector="edge=yes",
        namespaces="shop,blog",
    )
    assert (settings.server.cluster_id, settings.server.endpoint) == ("c1", "https://slo.example.com")
    assert (settings.run.spread_seconds, settings.server.deadline_seconds) == (0, 40)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"clusterId": ""}, "clusterId"),
        ({"clusterId": "My_Cluster"}, "clusterId"),
        ({"endpoint": "slo.example.com"}, "endpoint"),
        ({"token": ""}, "token"),
        ({"token": "a-password"}, "token"),
        ({"imagee": {}}, "imagee"),
        ({"image": {"digest": "latest"}}, "digest"),
        ({"traefik": {"metricsPort": "http"}}, "metricsPort"),
        ({"traefik": {"selector": ""}}, "selector"),
        ({"traefik": {"namespace": "kube-system, edge"}}, "namespace"),
        ({"traefik": {"maxExpositionMib": 0}}, "maxExpositionMib"),
        ({"spreadSeconds": 20, "deadlineSeconds": 30}, "58 seconds"),
    ],
    ids=str,
)
def test_a_value_that_cannot_be_right_is_refused_with_its_name(change: Values, says: str) -> None:
    with pytest.raises(ChartError, match=says):
        render(CHART, merged(EXAMPLE, change))


def paths(values: Any, prefix: str = "") -> set[str]:
    if not isinstance(values, dict) or not values or prefix == "resources.":
        return {prefix.rstrip(".")}
    return set().union(*(paths(value, f"{prefix}{name}.") for name, value in values.items()))


def test_every_value_is_documented_and_in_the_schema() -> None:
    values = paths(yaml.safe_load((CHART / "values.yaml").read_text()))
    table = (CHART / "README.md").read_text().partition("\n## ")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    documented = {name for row in rows for name in re.findall(r"`([\w.]+)`", row)}
    assert values == documented
    schema = json.loads((CHART / "values.schema.json").read_text())
    for path in values:
        known = schema
        for part in path.split("."):
            known = known["properties"][part]
    assert schema["properties"]["clusterId"]["pattern"] == CLUSTER_ID_PATTERN


def test_the_chart_carries_the_agents_version() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    pyproject = (MANIFESTS.parents[1] / "pyproject.toml").read_text()
    assert f'version = "{chart["version"]}"' in pyproject
    assert chart["appVersion"] == chart["version"]


@pytest.mark.parametrize("file", ["k3s-helm-chart-config.yaml", "values.yaml"])
def test_the_values_for_traefik_turn_on_router_labels(file: str) -> None:
    document = yaml.safe_load((MANIFESTS / "traefik" / file).read_text())
    values = yaml.safe_load(document["spec"]["valuesContent"]) if "kind" in document else document
    assert values == {"metrics": {"prometheus": {"entryPoint": "metrics", "addRoutersLabels": True}}}
