"""Reads the documents of a manifest file, as the API server would store them."""

import sys
from collections.abc import Iterator
from typing import Any

import yaml

from lab.cluster.objects import CLUSTER_SCOPED, KINDS, Object
from lab.trial.header import TrialError

_GATEWAY = "gateway.networking.k8s.io"


def objects_of(text: str) -> list[Object]:
    """The objects of all documents, with defaults. Kinds that no provider of Traefik reads are named and left out.

    Raises TrialError.
    """
    try:
        documents = list(yaml.safe_load_all(text))
    except yaml.YAMLError as error:
        raise TrialError(f"the file is not YAML: {error}") from error
    found = [item for document in documents if document for item in _flat(document)]
    return [_with_defaults(item) for item in found if _is_known(item)]


def _flat(document: Any) -> Iterator[Object]:
    """A document, or the items of a List."""
    if not isinstance(document, dict) or not isinstance(document.get("kind"), str):
        raise TrialError(f"a document has no `kind`: {str(document)[:80]}")
    if document["kind"].endswith("List") and isinstance(document.get("items"), list):
        for item in document["items"]:
            yield from _flat(item)
        return
    metadata = document.get("metadata")
    if not isinstance(metadata, dict) or not metadata.get("name") or not document.get("apiVersion"):
        raise TrialError(f"a {document['kind']} needs an `apiVersion` and a `metadata.name`")
    yield _stored(document)


def _stored(item: Object) -> Object:
    """The object in the version that the API server stores, and in a namespace."""
    version, kind = str(item["apiVersion"]), item["kind"]
    if version.startswith(f"{_GATEWAY}/"):
        stored = "v1beta1" if kind == "ReferenceGrant" else "v1" if kind in KINDS[f"{_GATEWAY}/v1"] else None
        version = f"{_GATEWAY}/{stored}" if stored else version
    metadata = dict(item["metadata"])
    if kind not in CLUSTER_SCOPED:
        metadata.setdefault("namespace", "default")
    return {**item, "apiVersion": version, "metadata": metadata}


def _is_known(item: Object) -> bool:
    is_known = item["kind"] in KINDS.get(item["apiVersion"], ())
    if not is_known:
        where = f"{item['apiVersion']} {item['kind']} {item['metadata']['name']}"
        sys.stderr.write(f"left out: {where}, which declares no route\n")
    return is_known


def _with_defaults(item: Object) -> Object:
    kind, spec = item["kind"], item.get("spec") or {}
    if kind == "Gateway":
        listeners = [_listener(each) for each in spec.get("listeners") or []]
        return {**item, "spec": {**spec, "listeners": listeners}}
    if kind in ("HTTPRoute", "GRPCRoute"):
        rules = [_rule(each, kind) for each in spec.get("rules") or [{}]]
        return {**item, "spec": {**spec, "parentRefs": _parents(spec), "rules": rules}}
    if kind in ("TCPRoute", "TLSRoute"):
        return {**item, "spec": {**spec, "parentRefs": _parents(spec)}}
    return item


_PATH = {"type": "PathPrefix", "value": "/"}


def _listener(given: dict[str, Any]) -> dict[str, Any]:
    allowed = {"namespaces": {"from": "Same"}} | (given.get("allowedRoutes") or {})
    listener = {**given, "allowedRoutes": allowed}
    if "tls" in given:
        named: list[dict[str, Any]] = given["tls"].get("certificateRefs") or []
        certificates = [{"group": "", "kind": "Secret", **each} for each in named]
        listener["tls"] = {"mode": "Terminate", **given["tls"], "certificateRefs": certificates}
    return listener


def _parents(spec: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"group": _GATEWAY, "kind": "Gateway", **each} for each in spec.get("parentRefs") or ()]


def _rule(given: dict[str, Any], kind: str) -> dict[str, Any]:
    backends = [{"group": "", "kind": "Service", "weight": 1, **each} for each in given.get("backendRefs") or ()]
    matches = given.get("matches") or ([{}] if kind == "HTTPRoute" else [])
    return {**given, "matches": [_match(each, kind) for each in matches], "backendRefs": backends}


def _match(given: dict[str, Any], kind: str) -> dict[str, Any]:
    match = {**given}
    if kind == "HTTPRoute":
        match["path"] = _PATH | given.get("path", {})
    elif "method" in given:
        match["method"] = {"type": "Exact", **given["method"]}
    for name in ("headers", "queryParams"):
        if name in given:
            match[name] = [{"type": "Exact", **each} for each in given[name]]
    return match
