"""How the stand-in Kubernetes API stores and patches objects.

Patches are strategic merge patches: maps merge by key, lists of named objects merge by name, anything else is
replaced. (https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/)
"""

import base64
from typing import Any

from lab.cluster.objects import Object

_DIRECTIVE = "$patch"


def stored(item: Object, version: str, kind: str, namespace: str) -> Object:
    """An object as the API stores it: a Secret's `stringData` becomes `data`, and the namespace is set."""
    kept = {**item, "apiVersion": version, "kind": kind, "metadata": dict(item["metadata"])}
    if namespace:
        kept["metadata"]["namespace"] = namespace
    if kind == "Secret" and (texts := kept.pop("stringData", None)):
        kept["data"] = kept.get("data", {}) | {name: encoded(text) for name, text in texts.items()}
    return kept


def encoded(text: str) -> str:
    """Text in base64, as in a Secret's `data`."""
    return base64.b64encode(text.encode()).decode()


def merged(before: Any, patch: Any) -> Any:
    """`before` with `patch` applied. A null removes a key."""
    if isinstance(before, dict) and isinstance(patch, dict):
        result = dict(before)
        for name, value in patch.items():
            if name.startswith("$"):
                continue
            if value is None:
                result.pop(name, None)
            else:
                result[name] = merged(before.get(name), value)
        return result
    if _is_named(before) and _is_named(patch):
        return _merged_by_name(before, patch)
    return patch


def _is_named(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) and "name" in item for item in value)


def _merged_by_name(before: list[Object], patch: list[Object]) -> list[Object]:
    changes = {item["name"]: item for item in patch}
    known = {item["name"] for item in before}
    gone = {name for name, item in changes.items() if item.get(_DIRECTIVE) == "delete"}
    kept = [merged(item, changes.get(item["name"], {})) for item in before if item["name"] not in gone]
    return kept + [item for item in patch if item["name"] not in known | gone]
