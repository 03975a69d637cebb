"""Every Secret that an object names is there, unless the manifests have it."""

from pathlib import Path

from lab.cluster.builders import ingress, traefik_object
from lab.cluster.objects import Object
from lab.trial.certificates import Certificate, secrets


def test_secrets_are_made_for_certificates_authorities_and_passwords(tmp_path: Path) -> None:
    pair = Certificate(tmp_path / "crt", tmp_path / "key")
    for file in pair:
        file.write_text(file.name)
    gateway: Object = {
        "kind": "Gateway",
        "metadata": {"name": "g", "namespace": "net"},
        "spec": {"listeners": [{"tls": {"certificateRefs": [{"name": "edge"}]}}]},
    }
    shop = ingress("ns", "shop", {})
    shop["spec"]["tls"] = [{"secretName": "given"}, {"secretName": "shop"}]
    objects = [
        gateway,
        shop,
        traefik_object("TLSOption", "ns", "mutual", {"clientAuth": {"secretNames": ["authority"]}}),
        traefik_object("Middleware", "ns", "private", {"basicAuth": {"secret": "users"}}),
        {"kind": "Secret", "metadata": {"name": "given", "namespace": "ns"}},
    ]
    made = secrets(objects, pair)
    found = {(item["metadata"]["namespace"], item["metadata"]["name"]): item["type"] for item in made}
    assert found == {
        ("net", "edge"): "kubernetes.io/tls",
        ("ns", "shop"): "kubernetes.io/tls",
        ("ns", "authority"): "kubernetes.io/tls",
        ("ns", "users"): "Opaque",
    }
    assert set(made[0]["data"]) >= {"tls.crt", "tls.key", "ca.crt"}
