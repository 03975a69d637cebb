"""Reads fields of Kubernetes objects (plain dicts)."""

from collections.abc import Mapping
from typing import Any

Object = Mapping[str, Any]
ObjectKey = tuple[str, str, str]
"""(kind, namespace, name)."""


def namespace(item: Object) -> str:
    """The object's namespace."""
    return str(item["metadata"].get("namespace") or "default")


def name(item: Object) -> str:
    """The object's name."""
    return str(item["metadata"]["name"])


def key(item: Object) -> ObjectKey:
    """What identifies the object."""
    return (str(item["kind"]), namespace(item), name(item))


def group(item: Object) -> str:
    """The API group; empty if the object does not say it."""
    return str(item.get("apiVersion") or "").rpartition("/")[0]


def annotations(item: Object) -> Mapping[str, str]:
    """The object's annotations."""
    return item["metadata"].get("annotations") or {}


def spec(item: Object) -> Object:
    """The object's specification."""
    return item.get("spec") or {}


def title(item: Object) -> str:
    """How a message names the object: `IngressRoute shop/web`."""
    return f"{item['kind']} {namespace(item)}/{name(item)}"


def one_of(value: object) -> list[Any]:
    """A list field that may be missing or null."""
    return list(value) if isinstance(value, list | tuple) else []
