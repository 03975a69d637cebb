"""What a pod's command line says about providers, classes and entry points."""

from typing import Any

import pytest

from ingress_slo_agent.settings import Traefik
from ingress_slo_agent.traefik_options import CRD, GATEWAY, INGRESS, NGINX, EntryPoint, TraefikOptions, options_of

CHART = [
    "--entryPoints.metrics.address=:9100/tcp",
    "--entryPoints.traefik.address=:8080/tcp",
    "--entryPoints.web.address=:8000/tcp",
    "--entryPoints.websecure.address=:8443/tcp",
    "--entryPoints.websecure.http.tls=true",
    "--providers.kubernetescrd",
    "--providers.kubernetescrd.allowEmptyServices=true",
    "--providers.kubernetesingress",
]


def pod(*arguments: str, image: str = "docker.io/traefik:v3.7.11", **environment: str) -> dict[str, Any]:
    variables = [{"name": name, "value": value} for name, value in environment.items()]
    return {"spec": {"containers": [{"image": image, "args": list(arguments), "env": variables}]}}


def options(*arguments: str, **environment: str) -> TraefikOptions:
    return TraefikOptions.of_pod(pod(*CHART, *arguments, **environment), Traefik())


def test_the_arguments_of_the_chart_are_read() -> None:
    found = options()
    assert set(found.providers) == {CRD, INGRESS}
    assert found.entry_points[2:] == (
        EntryPoint("web", 8000, is_default=True),
        EntryPoint("websecure", 8443, tls=True, is_default=True),
    )
    assert [point.is_default for point in found.entry_points[:2]] == [True, False]
    assert (found.version, found.rule_syntax) == ((3, 7), "v3")


def test_one_default_entry_point_leaves_out_the_others() -> None:
    assert [point.name for point in options("--entrypoints.web.asdefault=true").entry_points_of(())] == ["web"]


def test_a_router_that_names_its_entry_points_is_on_these() -> None:
    assert [point.tls for point in options().entry_points_of(["websecure", "web"])] == [False, True]


@pytest.mark.parametrize(
    ("argument", "provider", "field", "value"),
    [
        ("--providers.kubernetescrd.ingressclass=inner", CRD, "ingress_class", "inner"),
        ("--providers.kubernetesIngress.namespaces=b,a", INGRESS, "namespaces", ("a", "b")),
        ("--providers.kubernetescrd.labelselector=a=b", CRD, "label_selector", "a=b"),
        ("--providers.kubernetesingressnginx", NGINX, "controller_class", "k8s.io/ingress-nginx"),
        ("--providers.kubernetesingressnginx.watchingresswithoutclass", NGINX, "without_class", True),
        ("--providers.kubernetesgateway=true", GATEWAY, "namespaces", ()),
    ],
)
def test_the_options_of_a_provider_are_read(argument: str, provider: str, field: str, value: object) -> None:
    assert getattr(options(argument).providers[provider], field) == value


def test_options_may_be_environment_variables() -> None:
    found = options(TRAEFIK_PROVIDERS_KUBERNETESCRD_INGRESSCLASS="inner", TRAEFIK_CORE_DEFAULTRULESYNTAX="v2")
    assert (found.providers[CRD].ingress_class, found.rule_syntax) == ("inner", "v2")


def test_a_provider_that_is_off_serves_nothing() -> None:
    assert INGRESS not in options("--providers.kubernetesingress=false").providers


def test_a_setting_goes_before_the_arguments() -> None:
    settings = Traefik(ingress_class="set", label_selector="c=d", namespaces="z, y")
    found = TraefikOptions.of_pod(pod(*CHART, "--providers.kubernetescrd.ingressclass=shown"), settings)
    chosen = found.providers[CRD]
    assert (chosen.ingress_class, chosen.label_selector, chosen.namespaces) == ("set", "c=d", ("y", "z"))


def test_without_a_command_line_the_providers_are_those_seen_in_the_metrics() -> None:
    (usual,) = options_of([pod()], Traefik())
    assert set(usual.providers) == {CRD, INGRESS}
    (seen,) = options_of([pod()], Traefik(), ["apps-x-rule-0-path-0@kubernetesingressnginx"])
    assert set(seen.providers) == {CRD, INGRESS, NGINX}


def test_pods_with_the_same_options_count_once() -> None:
    assert len(options_of([pod(*CHART), pod(*CHART)], Traefik())) == 1
    assert len(options_of([pod(*CHART), pod(*CHART[:-1])], Traefik())) == 2
