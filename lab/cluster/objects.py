"""Kubernetes objects in memory: kinds, versions, selectors and the history that watches replay."""

import copy
import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import yaml

type Object = dict[str, Any]
type Key = tuple[str, str, str, str]
"""(apiVersion, plural, namespace, name); the namespace of cluster-scoped objects is empty."""
type EventType = Literal["ADDED", "MODIFIED", "DELETED"]

_TRAEFIK_KINDS = (
    "IngressRoute",
    "IngressRouteTCP",
    "IngressRouteUDP",
    "Middleware",
    "MiddlewareTCP",
    "TLSOption",
    "TLSStore",
    "TraefikService",
    "ServersTransport",
    "ServersTransportTCP",
)

KINDS: dict[str, tuple[str, ...]] = {
    "v1": ("Pod", "Service", "Endpoints", "Namespace", "Node", "Secret", "ConfigMap", "ServiceAccount"),
    "apps/v1": ("Deployment",),
    "batch/v1": ("CronJob", "Job"),
    "discovery.k8s.io/v1": ("EndpointSlice",),
    "gateway.networking.k8s.io/v1": (
        "GatewayClass",
        "Gateway",
        "HTTPRoute",
        "GRPCRoute",
        "TLSRoute",
        "BackendTLSPolicy",
    ),
    "gateway.networking.k8s.io/v1beta1": ("ReferenceGrant",),
    "gateway.networking.k8s.io/v1alpha3": ("BackendTLSPolicy",),
    "gateway.networking.k8s.io/v1alpha2": ("TCPRoute", "TLSRoute", "UDPRoute"),
    "helm.cattle.io/v1": ("HelmChartConfig",),
    "networking.internal.knative.dev/v1alpha1": ("Ingress",),
    "networking.k8s.io/v1": ("Ingress", "IngressClass", "NetworkPolicy"),
    "rbac.authorization.k8s.io/v1": ("ClusterRole", "ClusterRoleBinding"),
    "traefik.io/v1alpha1": _TRAEFIK_KINDS,
    "traefik.io/v1": _TRAEFIK_KINDS,
    "traefik.containo.us/v1alpha1": _TRAEFIK_KINDS,
}
"""Every kind that the API serves, by apiVersion."""

CLUSTER_SCOPED = frozenset({"Namespace", "Node", "IngressClass", "GatewayClass", "ClusterRole", "ClusterRoleBinding"})


def plural(kind: str) -> str:
    """The resource name of a kind: `IngressClass` is `ingressclasses`, `Endpoints` stays as it is."""
    name = kind.lower()
    if name == "endpoints":
        return name
    if name.endswith("y") and name[-2] not in "aeiou":
        return name.removesuffix("y") + "ies"
    return name + ("es" if name.endswith("s") else "s")


def load(folder: Path) -> list[Object]:
    """Read every object of every `*.yaml` file below a folder, in the order of the file names."""
    found: list[Object] = []
    for file in sorted(folder.rglob("*.yaml")):
        found += [document for document in yaml.safe_load_all(file.read_text()) if document]
    return found


def key_of(item: Object) -> Key:
    """The key of an object. Raises KeyError if its kind is unknown."""
    version, kind = item["apiVersion"], item["kind"]
    if kind not in KINDS[version]:
        raise KeyError(f"{version} {kind}")
    namespace = "" if kind in CLUSTER_SCOPED else item["metadata"].get("namespace", "default")
    return version, plural(kind), namespace, item["metadata"]["name"]


_SET_TERM = re.compile(r"^\s*(\S+)\s+(in|notin)\s+\(([^)]*)\)\s*$")


def selects(selector: str, labels: dict[str, str]) -> bool:
    """Whether a label selector (`a=b,c!=d,e in (f,g),!h`) matches the labels."""
    return all(_term_selects(term.strip(), labels) for term in re.split(r",(?![^(]*\))", selector) if term.strip())


def _term_selects(term: str, labels: dict[str, str]) -> bool:
    if found := _SET_TERM.match(term):
        inside = labels.get(found[1]) in [value.strip() for value in found[3].split(",")]
        return inside if found[2] == "in" else not inside
    if "!=" in term:
        name, value = term.split("!=", 1)
        return labels.get(name.strip()) != value.strip()
    if "=" in term:
        name, value = re.split("==?", term, maxsplit=1)
        return labels.get(name.strip()) == value.strip()
    return term[1:] not in labels if term.startswith("!") else term in labels


@dataclass(frozen=True)
class WatchEvent:
    """One change, at its resource version."""

    version: int
    type: EventType
    key: Key
    item: Object


@dataclass
class ObjectStore:
    """All objects and the history of their changes. Safe to use from several threads."""

    objects: dict[Key, Object] = field(default_factory=dict)
    history: list[WatchEvent] = field(default_factory=list)
    version: int = 1
    lock: threading.RLock = field(default_factory=threading.RLock)

    def apply(self, items: Iterable[Object]) -> None:
        """Create or replace objects, one event each."""
        with self.lock:
            for item in items:
                key = key_of(item)
                self._record("MODIFIED" if key in self.objects else "ADDED", key, copy.deepcopy(item))

    def delete(self, items: Iterable[Object]) -> None:
        """Delete objects, by kind, namespace and name. Absent objects are ignored."""
        with self.lock:
            for key in map(key_of, items):
                if key in self.objects:
                    self._record("DELETED", key, copy.deepcopy(self.objects[key]))

    def _record(self, kind: EventType, key: Key, item: Object) -> None:
        self.version += 1
        before = self.objects.get(key, {}).get("metadata", {})
        metadata = item.setdefault("metadata", {})
        if key[2]:
            metadata.setdefault("namespace", key[2])
        metadata["uid"] = before.get("uid", f"00000000-0000-4000-8000-{self.version:012d}")
        metadata.setdefault("creationTimestamp", before.get("creationTimestamp", "2026-01-01T00:00:00Z"))
        metadata["resourceVersion"] = str(self.version)
        self.history.append(WatchEvent(self.version, kind, key, item))
        if kind == "DELETED":
            del self.objects[key]
        else:
            self.objects[key] = item

    def listed(self, version: str, resource: str, namespace: str = "", selector: str = "") -> list[Object]:
        """The objects of one resource, by namespace and name; an empty namespace means all of them."""
        with self.lock:
            return [
                item
                for key, item in sorted(self.objects.items(), key=lambda entry: entry[0])
                if matches(key, item, version, resource, namespace, selector)
            ]


def matches(key: Key, item: Object, version: str, resource: str, namespace: str, selector: str) -> bool:
    """Whether an object belongs to a list or watch of a resource."""
    if key[:2] != (version, resource) or (namespace and key[2] != namespace):
        return False
    return selects(selector, item["metadata"].get("labels") or {})
