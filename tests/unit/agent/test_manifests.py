"""The agent's manifests are valid for Kubernetes and match what the agent reads."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from ingress_slo_agent.kubernetes_api import EXISTING_RESOURCES, ROUTE_RESOURCES
from ingress_slo_agent.settings import Kubernetes, Run, Server, Traefik, from_environment
from lab.paths import ROOT

MANIFESTS = ROOT / "agent" / "manifests"
BASE = MANIFESTS / "base"
FILES = [BASE / name for name in yaml.safe_load((BASE / "kustomization.yaml").read_text())["resources"]]
KUBERNETES_VERSIONS = ("1.30", "1.37")


def manifest(name: str) -> Any:
    return yaml.safe_load((BASE / f"{name}.yaml").read_text())


def settable() -> set[str]:
    return {field.name.upper() for kind in (Server, Traefik, Kubernetes, Run) for field in fields(kind)}


def test_the_kustomization_lists_every_file_of_its_folder() -> None:
    assert {file.name for file in FILES} == {file.name for file in BASE.iterdir()} - {"kustomization.yaml"}


@pytest.mark.parametrize("version", KUBERNETES_VERSIONS)
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_kubernetes_accepts_each_manifest(file: Path, version: str) -> None:
    kubernetes_validate.validate(yaml.safe_load(file.read_text()), version, strict=True)


def test_the_role_grants_list_on_what_the_agent_reads_and_nothing_else() -> None:
    granted = {
        (group, resource, verb)
        for rule in manifest("cluster-role")["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }
    listed = {(item.group, item.plural, "list") for item in (*ROUTE_RESOURCES, *EXISTING_RESOURCES)}
    assert granted == listed | {("", "pods", "list")}


def test_the_binding_ties_the_role_to_the_account_that_the_pod_runs_as() -> None:
    binding, account = manifest("cluster-role-binding"), manifest("service-account")
    pod = manifest("cron-job")["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert binding["roleRef"]["name"] == manifest("cluster-role")["metadata"]["name"]
    assert [subject["name"] for subject in binding["subjects"]] == [account["metadata"]["name"]]
    assert pod["serviceAccountName"] == account["metadata"]["name"]


def test_a_run_ends_within_its_minute() -> None:
    spec, data = manifest("cron-job")["spec"], manifest("config-map")["data"]
    job = spec["jobTemplate"]["spec"]
    assert (spec["schedule"], spec["concurrencyPolicy"], job["backoffLimit"]) == ("* * * * *", "Forbid", 0)
    assert job["activeDeadlineSeconds"] < 60
    scrape_seconds = Traefik().scrape_timeout_seconds
    assert int(data["SPREAD_SECONDS"]) + scrape_seconds + int(data["DEADLINE_SECONDS"]) < job["activeDeadlineSeconds"]


def test_the_pod_meets_the_restricted_standard() -> None:
    pod = manifest("cron-job")["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    container = pod["containers"][0]["securityContext"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["readOnlyRootFilesystem"]
    assert not container["allowPrivilegeEscalation"]
    assert container["capabilities"] == {"drop": ["ALL"]}
    assert manifest("namespace")["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_the_network_policy_lets_nobody_in_and_the_agent_out_only_to_what_it_needs() -> None:
    """Names, the Kubernetes API, the endpoint, and Traefik's metrics. Egress without `to` is to any address."""
    spec = manifest("network-policy")["spec"]
    assert spec["policyTypes"] == ["Ingress", "Egress"]
    assert "ingress" not in spec
    labels = yaml.safe_load((BASE / "kustomization.yaml").read_text())["labels"][0]["pairs"]
    assert spec["podSelector"]["matchLabels"] == labels, "the agent's pods and no others"
    anywhere = [rule["ports"] for rule in spec["egress"] if "to" not in rule]
    allowed = {(port["port"], port["protocol"]) for ports in anywhere for port in ports}
    assert allowed == {(53, "UDP"), (53, "TCP"), (443, "TCP"), (6443, "TCP")}
    (traefik,) = [rule for rule in spec["egress"] if "to" in rule]
    assert traefik["ports"] == [{"port": Traefik().metrics_port, "protocol": "TCP"}]
    (pods,) = traefik["to"]
    name, _, value = Traefik().traefik_selector.partition("=")
    assert pods["podSelector"] == {"matchLabels": {name: value}}


def test_every_setting_in_the_manifests_is_one_that_the_agent_reads() -> None:
    written = (BASE / "config-map.yaml").read_text().partition("\ndata:\n")[2].splitlines()
    names = {line.strip().removeprefix("# ").partition(":")[0] for line in written}
    assert names | set(manifest("secret")["stringData"]) <= settable()


def test_the_example_makes_the_base_complete() -> None:
    data: dict[str, str] = dict(manifest("config-map")["data"])
    for patch in yaml.safe_load((MANIFESTS / "example" / "kustomization.yaml").read_text())["patches"]:
        document = yaml.safe_load(patch["patch"])
        base = manifest({"ConfigMap": "config-map", "Secret": "secret"}[document["kind"]])
        assert document["metadata"]["name"] == base["metadata"]["name"]
        data |= document.get("data", {}) | document.get("stringData", {})
    assert from_environment(data).server.cluster_id == "my-cluster"


def test_the_image_runs_as_the_user_of_the_pod_and_installs_by_hash() -> None:
    dockerfile = (MANIFESTS.parent / "Dockerfile").read_text()
    pod = manifest("cron-job")["spec"]["jobTemplate"]["spec"]["template"]["spec"]["securityContext"]
    assert f"USER {pod['runAsUser']}:{pod['runAsGroup']}\n" in dockerfile
    assert "--require-hashes" in dockerfile


def test_the_image_is_built_for_both_architectures_under_the_version_of_the_manifests() -> None:
    bake = (MANIFESTS.parent / "docker-bake.hcl").read_text()
    image = manifest("cron-job")["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]["image"]
    assert '["linux/amd64", "linux/arm64"]' in bake
    assert f'tags       = ["{image}"]' in bake
