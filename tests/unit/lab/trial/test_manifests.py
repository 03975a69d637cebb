"""Documents become objects as an API server would store them."""

import pytest

from lab.trial.header import TrialError
from lab.trial.manifests import objects_of

GATEWAY = "apiVersion: gateway.networking.k8s.io/v1beta1\n"


def test_lists_are_taken_apart_and_objects_get_a_namespace(capsys: pytest.CaptureFixture[str]) -> None:
    text = (
        "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Service, metadata: {name: a}}\n---\n---\n"
        "{apiVersion: v1, kind: Namespace, metadata: {name: b}}\n---\n"
        "{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: c}}\n"
    )
    assert [item["metadata"] for item in objects_of(text)] == [{"name": "a", "namespace": "default"}, {"name": "b"}]
    assert "DaemonSet c" in capsys.readouterr().err


def test_a_gateway_listens_to_its_own_namespace_by_default() -> None:
    (gateway,) = objects_of(
        GATEWAY + "kind: Gateway\nmetadata: {name: g}\nspec: {listeners: [{tls: {certificateRefs: [{name: s}]}}]}"
    )
    assert gateway["apiVersion"] == "gateway.networking.k8s.io/v1"
    assert gateway["spec"]["listeners"] == [
        {
            "allowedRoutes": {"namespaces": {"from": "Same"}},
            "tls": {"mode": "Terminate", "certificateRefs": [{"group": "", "kind": "Secret", "name": "s"}]},
        }
    ]


def test_an_http_route_has_a_rule_for_every_path_by_default_and_a_grpc_route_has_no_path() -> None:
    (http,) = objects_of(GATEWAY + "kind: HTTPRoute\nmetadata: {name: r}\nspec: {parentRefs: [{name: g}]}")
    assert http["spec"]["parentRefs"] == [{"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "g"}]
    assert http["spec"]["rules"] == [{"matches": [{"path": {"type": "PathPrefix", "value": "/"}}], "backendRefs": []}]
    (grpc,) = objects_of(
        GATEWAY + "kind: GRPCRoute\nmetadata: {name: r}\nspec: {rules: [{matches: [{method: {service: s}}]}]}"
    )
    assert grpc["spec"]["rules"][0]["matches"] == [{"method": {"type": "Exact", "service": "s"}}]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: [", "not YAML"),
        ("a: 1", "no `kind`"),
        ("kind: Service\napiVersion: v1", "metadata.name"),
        ("- 1", "no `kind`"),
    ],
)
def test_what_is_no_manifest_is_explained(text: str, told: str) -> None:
    with pytest.raises(TrialError, match=told):
        objects_of(text)
