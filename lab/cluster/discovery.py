"""Discovery answers of the stand-in Kubernetes API: version, groups, resources and schemas."""

from collections.abc import Set
from typing import Any

from lab.cluster.objects import CLUSTER_SCOPED, KINDS, plural

VERSION = {"major": "1", "minor": "33", "gitVersion": "v1.33.0", "platform": "linux"}
CORE = {"kind": "APIVersions", "versions": ["v1"]}
_VERBS = ("get", "list", "watch", "create", "update", "patch", "delete")


def groups(absent: Set[str]) -> dict[str, Any]:
    """The APIGroupList, without the group versions that are absent."""
    versions: dict[str, list[dict[str, str]]] = {}
    for served in KINDS:
        if "/" in served and served not in absent:
            group, version = served.split("/")
            versions.setdefault(group, []).append({"groupVersion": served, "version": version})
    found = [{"name": name, "versions": each, "preferredVersion": each[0]} for name, each in versions.items()]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": found}


def resources(version: str) -> dict[str, Any]:
    """The APIResourceList of a group version."""
    found = [
        {
            "name": plural(kind),
            "singularName": kind.lower(),
            "kind": kind,
            "namespaced": kind not in CLUSTER_SCOPED,
            "verbs": _VERBS,
        }
        for kind in KINDS[version]
    ]
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": found}


def schemas() -> dict[str, Any]:
    """The path of each group version's schema."""
    roots = [_root(version) for version in KINDS]
    return {"paths": {root: {"serverRelativeURL": f"/openapi/v3/{root}"} for root in roots}}


def schema(version: str) -> dict[str, Any]:
    """The part of a group version's schema that `kubectl apply` reads: PATCH accepts `fieldValidation`.

    It has no fields. A test validates the manifests and the chart against Kubernetes' own schemas.
    """
    group, _, number = version.rpartition("/")
    paths = {
        f"/{_root(version)}/{plural(kind)}/{{name}}": {
            "patch": {
                "parameters": [{"name": "fieldValidation", "in": "query"}],
                "responses": {},
                "x-kubernetes-group-version-kind": {"group": group, "version": number, "kind": kind},
            }
        }
        for kind in KINDS[version]
    }
    return {"openapi": "3.0.0", "info": {"title": "Kubernetes", "version": VERSION["gitVersion"]}, "paths": paths}


def _root(version: str) -> str:
    return f"apis/{version}" if "/" in version else f"api/{version}"
