"""Whoever may create a pod can give it Traefik's label. Which of them are scraped is not theirs to decide."""

from typing import Any

from ingress_slo_agent.settings import Traefik
from ingress_slo_agent.traefik_pods import release_namespaces, told_apart


def pod(namespace: str, name: str = "traefik-a") -> dict[str, Any]:
    return {"metadata": {"namespace": namespace, "name": name}, "status": {"phase": "Running", "podIP": "10.0.0.1"}}


def ingress_class(namespace: str, controller: str = "traefik.io/ingress-controller") -> dict[str, Any]:
    annotations = {"meta.helm.sh/release-namespace": namespace} if namespace else {}
    return {"metadata": {"name": "traefik", "annotations": annotations}, "spec": {"controller": controller}}


def test_a_pod_of_a_namespace_without_traefik_is_left_out_and_named() -> None:
    found = told_apart([pod("kube-system"), pod("tenant", "fake")], frozenset({"kube-system"}))
    assert found.pods == (pod("kube-system"),)
    (warning,) = found.warnings
    assert "tenant/fake" in warning
    assert "TRAEFIK_NAMESPACE=kube-system,tenant" in warning


def test_a_hundred_foreign_pods_make_one_short_warning() -> None:
    many = [pod("tenant", f"fake-{number}") for number in range(100)]
    found = told_apart([pod("traefik"), *many], frozenset({"traefik"}))
    assert len(found.pods) == 1
    assert len(found.warnings[0]) < 400


def test_several_releases_of_traefik_are_all_scraped() -> None:
    pods = (pod("traefik"), pod("edge"), pod("edge", "traefik-b"))
    assert told_apart(pods, frozenset({"traefik", "edge", "elsewhere"})) == (pods, ())


def test_without_an_ingress_class_of_helms_all_are_scraped_with_a_warning() -> None:
    pods = (pod("edge"), pod("traefik"))
    found = told_apart(pods, frozenset())
    assert found.pods == pods
    assert "edge,traefik" in found.warnings[0]
    assert "TRAEFIK_NAMESPACE" in found.warnings[0]


def test_only_an_ingress_class_of_traefik_that_helm_installed_names_a_namespace() -> None:
    others = [ingress_class("tenant", "k8s.io/ingress-nginx"), ingress_class(""), {"metadata": {"name": "bare"}}]
    assert release_namespaces([*others, ingress_class("traefik")]) == {"traefik"}


def test_several_namespaces_are_written_with_commas() -> None:
    assert Traefik(traefik_namespace="kube-system, edge").pod_namespaces == ("kube-system", "edge")
    assert Traefik().pod_namespaces == ()
