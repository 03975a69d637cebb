"""The rules of HTTPRoutes and GRPCRoutes, as Traefik's provider `kubernetesGateway` reads them.

Traefik serves each rule on each listener of each Gateway that the route names. Kubernetes fills in a rule's missing
`matches`, so a rule without them is the path `/`.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ingress_slo_agent.declared import DeclaredRule
from ingress_slo_agent.objects import Object, name, namespace, one_of, spec
from ingress_slo_agent.serving import Serving, silent_entry_points
from ingress_slo_agent.traefik_options import GATEWAY, EntryPoint
from slo.traefik import naming

CONTROLLER = "traefik.io/gateway-controller"
_HTTP, _HTTPS = "HTTP", "HTTPS"


class _Listener(NamedTuple):
    """One listener of a Gateway that Traefik serves."""

    gateway: tuple[str, str]
    """(namespace, name)."""
    name: str
    port: int
    protocol: str
    hostname: str


class GatewayRoutes:
    """Reads HTTPRoutes and GRPCRoutes with their Gateways and GatewayClasses."""

    def __init__(self, objects: Mapping[str, list[Object]], serving: Serving) -> None:
        classes = {
            name(item) for item in objects.get("GatewayClass", ()) if spec(item).get("controllerName") == CONTROLLER
        }
        self._listeners = [
            listener
            for item in objects.get("Gateway", ())
            if spec(item).get("gatewayClassName") in classes
            for listener in _listeners(item)
        ]
        self._routes = [*objects.get("HTTPRoute", ()), *objects.get("GRPCRoute", ())]
        self._serving = serving

    def rules(self) -> Iterator[DeclaredRule]:
        """The rules of every route on every listener."""
        for item in self._routes:
            if served := self._serving.others(GATEWAY, item):
                points = tuple(point for options in served for point in options.entry_points)
                for listener in self._attached(item):
                    yield from _rules(item, listener, points)

    def _attached(self, item: Object) -> Iterator[_Listener]:
        for parent in one_of(spec(item).get("parentRefs")):
            gateway = (str(parent.get("namespace") or namespace(item)), str(parent.get("name")))
            for listener in self._listeners:
                section, port = parent.get("sectionName"), parent.get("port")
                if listener.gateway == gateway and section in (None, listener.name) and port in (None, listener.port):
                    yield listener


def _listeners(item: Object) -> Iterator[_Listener]:
    for listener in one_of(spec(item).get("listeners")):
        if listener.get("protocol") in (_HTTP, _HTTPS):
            yield _Listener(
                (namespace(item), name(item)),
                str(listener.get("name")),
                int(listener.get("port") or 0),
                str(listener.get("protocol")),
                str(listener.get("hostname") or ""),
            )


def _rules(item: Object, listener: _Listener, points: tuple[EntryPoint, ...]) -> Iterator[DeclaredRule]:
    hosts = _hosts(one_of(spec(item).get("hostnames")), listener.hostname)
    if hosts is None:
        return
    bound = _entry_points(listener, points)
    for index, rule in enumerate(one_of(spec(item).get("rules"))):
        yield _rule(item, listener, index, rule, hosts, bound)


def _rule(
    item: Object, listener: _Listener, index: int, rule: Object, hosts: list[str], bound: tuple[EntryPoint, ...]
) -> DeclaredRule:
    route = (namespace(item), name(item))
    paths = [_path(str(item["kind"]), match) for match in one_of(rule.get("matches")) or [{}]]
    backend: Object = next(iter(one_of(rule.get("backendRefs"))), {})
    routers = tuple(
        naming.gateway_router(str(item["kind"]), route, listener.gateway, point.name, index) for point in bound
    )
    return DeclaredRule(
        kind=str(item["kind"]),
        namespace=route[0],
        name=route[1],
        match=_match(hosts, paths),
        router_keys=routers,
        service_key=routers[0],
        service_name=str(backend.get("name") or ""),
        service_port=backend.get("port") or 0,
        tls=listener.protocol == _HTTPS,
        not_counted=silent_entry_points(bound),
    )


def _entry_points(listener: _Listener, points: tuple[EntryPoint, ...]) -> tuple[EntryPoint, ...]:
    """Traefik binds a listener to the entry point with its port. Without the ports it may be any of them."""
    same = tuple(point for point in points if point.port == listener.port)
    unknown = points or tuple(EntryPoint(usual) for usual in naming.USUAL_ENTRY_POINTS)
    return same or unknown


def _hosts(declared: list[str], listener: str) -> list[str] | None:
    """The hosts of a route on a listener, empty for any; None if the two exclude each other."""
    if not declared:
        return [listener] if listener else []
    if not listener:
        return declared
    shared = [narrow for host in declared if (narrow := _narrower(host, listener))]
    return shared or None


def _narrower(one: str, other: str) -> str:
    if one == other or (other.startswith("*.") and one.endswith(other[1:])):
        return one
    return other if one.startswith("*.") and other.endswith(one[1:]) else ""


def _path(kind: str, match: Object) -> str:
    """One match as a matcher of Traefik."""
    if kind == "GRPCRoute":
        return _grpc_path(match.get("method") or {})
    path = match.get("path") or {}
    value = str(path.get("value") or "/")
    matcher = {"Exact": "Path", "RegularExpression": "PathRegexp"}.get(str(path.get("type")), "PathPrefix")
    return f"{matcher}(`{value.removesuffix('/') or '/' if matcher == 'PathPrefix' else value}`)"


def _grpc_path(method: Object) -> str:
    service, call = method.get("service"), method.get("method")
    if method.get("type") == "RegularExpression":
        return f"PathRegexp(`/{service or '[^/]+'}/{call or '[^/]+'}`)"
    if service and call:
        return f"Path(`/{service}/{call}`)"
    return (
        f"PathPrefix(`/{service}/`)"
        if service
        else f"PathRegexp(`/[^/]+/{re.escape(call)}`)"
        if call
        else "PathPrefix(`/`)"
    )


def _match(hosts: list[str], paths: list[str]) -> str:
    """The rule in our words: it is parsed, never compared."""
    parts = [f"({' || '.join(f'Host(`{host}`)' for host in hosts)})"] if hosts else []
    return " && ".join([*parts, f"({' || '.join(dict.fromkeys(paths))})"])
