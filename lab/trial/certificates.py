"""Self-signed certificates, and the Secrets that manifests name."""

import base64
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from lab.cluster.objects import Object

_HTPASSWD = "lab:{SHA}" + base64.b64encode(bytes(20)).decode()
"""A user whose password nobody knows: what asks for it answers 401."""


class Certificate(NamedTuple):
    """Files in PEM."""

    certificate: Path
    key: Path


def self_signed(
    folder: Path, *, common_name: str = "lab", names: Iterable[str] = ("lab.invalid",), days: int = 30
) -> Certificate:
    """A new certificate for these DNS names. Raises CalledProcessError if OpenSSL fails."""
    made = Certificate(folder / "tls.crt", folder / "tls.key")
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    served = ",".join(f"DNS:{name}" for name in names)
    contents = ["-days", str(days), "-subj", f"/CN={common_name}", "-addext", f"subjectAltName={served}"]
    files = ["-keyout", str(made.key), "-out", str(made.certificate)]
    subprocess.run([*command, *contents, *files], check=True, capture_output=True)
    return made


def secrets(objects: Iterable[Object], certificate: Certificate) -> list[Object]:
    """A Secret for each one that these objects name and do not contain."""
    listed = list(objects)
    given = {(_namespace(item), item["metadata"]["name"]) for item in listed if item["kind"] == "Secret"}
    own = _encoded(certificate.certificate)
    pair = {"tls.crt": own, "tls.key": _encoded(certificate.key), "tls.ca": own, "ca.crt": own}
    made = {}
    for item in listed:
        for name in _tls_names(item.get("spec")):
            made[_namespace(item), name] = ("kubernetes.io/tls", pair)
        for name in _password_names(item):
            made[_namespace(item), name] = ("Opaque", {"users": base64.b64encode(_HTPASSWD.encode()).decode()})
    return [
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"namespace": namespace, "name": name},
            "type": kind,
            "data": data,
        }
        for (namespace, name), (kind, data) in made.items()
        if (namespace, name) not in given
    ]


def _namespace(item: Object) -> str:
    return str(item["metadata"].get("namespace", "default"))


def _encoded(file: Path) -> str:
    return base64.b64encode(file.read_bytes()).decode()


def _tls_names(value: Any) -> Iterator[str]:
    """Every `secretName`, the `secretNames` of authorities, and a Gateway's `certificateRefs`, at any depth."""
    if isinstance(value, list):
        for each in value:
            yield from _tls_names(each)
    if isinstance(value, dict):
        if isinstance(value.get("secretName"), str):
            yield value["secretName"]
        yield from map(str, value.get("secretNames") or ())
        for each in value.get("certificateRefs") or ():
            yield str(each["name"])
        for inner in value.values():
            yield from _tls_names(inner)


def _password_names(item: Object) -> Iterator[str]:
    if item["kind"] == "Middleware":
        for name in ("basicAuth", "digestAuth"):
            secret = ((item.get("spec") or {}).get(name) or {}).get("secret")
            if secret:
                yield str(secret)
