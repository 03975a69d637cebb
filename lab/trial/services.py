"""The Services that manifests name, as Services and endpoints of this machine's stand-in backends."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from lab.cluster.objects import Object

type Port = int | str

_LISTS = frozenset({"services", "mirrors"})
_SINGLE = frozenset({"service", "fallback", "mirroring", "backendRef", "failover"})
_NGINX = "nginx.ingress.kubernetes.io/"
_SCHEME_ANNOTATION = "traefik.ingress.kubernetes.io/service.serversscheme"
_FIRST_NAMED_PORT = 8000
_HTTP_PORT, _HTTPS_PORT = 80, 443
_NOBODY = "127.0.0.1"
"""Traefik speaks to a Service's own address only if a route says so, and is refused at once: it answers 502."""
PLAIN, TLS, HTTP2 = "http", "https", "h2c"
"""How Traefik speaks to a backend."""


class Named(NamedTuple):
    """A port of a Service that an object names."""

    namespace: str
    name: str
    port: Port
    scheme: str = PLAIN


def named_services(objects: Iterable[Object], arguments: Iterable[str] = ()) -> list[Named]:
    """Every Service and port that these objects and Traefik's arguments name, each once."""
    found = [named for item in objects for named in _of_object(item)]
    found += [named for argument in arguments for named in _of_argument(argument)]
    return list(dict.fromkeys(found))


def _of_object(item: Object) -> Iterator[Named]:
    namespace = item["metadata"].get("namespace", "default")
    kind, spec = item["kind"], item.get("spec") or {}
    if kind in ("HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute"):
        scheme = HTTP2 if kind == "GRPCRoute" else PLAIN
        for rule in spec.get("rules") or ():
            for backend in rule.get("backendRefs") or ():
                yield from _reference(backend, namespace, scheme)
    elif kind == "Ingress":
        yield from _of_backends(spec, namespace)
        backend = (item["metadata"].get("annotations") or {}).get(f"{_NGINX}default-backend")
        if backend:
            yield Named(namespace, backend.rpartition("/")[2], _HTTP_PORT)
    yield from _walk(spec, namespace)


def _of_backends(spec: Mapping[str, Any], namespace: str) -> Iterator[Named]:
    """An Ingress' Services: the port is a number or a name."""
    backends = [spec.get("defaultBackend")]
    for rule in spec.get("rules") or ():
        backends += [path.get("backend") for path in (rule.get("http") or {}).get("paths") or ()]
    for backend in backends:
        service = (backend or {}).get("service")
        if service:
            port = service.get("port") or {}
            number_or_name = port.get("number") or port.get("name") or _HTTP_PORT
            yield Named(namespace, service["name"], number_or_name, _with_tls(PLAIN, number_or_name))


def _walk(value: Any, namespace: str) -> Iterator[Named]:
    """References at any depth: `services` of a route, a TraefikService's children, an errors middleware's `service`."""
    if isinstance(value, list):
        for each in value:
            yield from _walk(each, namespace)
    if not isinstance(value, dict):
        return
    for key, inner in value.items():
        if key in _LISTS and isinstance(inner, list):
            for each in inner:
                yield from _reference(each, namespace)
        elif key in _SINGLE and isinstance(inner, dict):
            yield from _reference(inner, namespace)
        yield from _walk(inner, namespace)


def _reference(given: Any, namespace: str, scheme: str = PLAIN) -> Iterator[Named]:
    if not isinstance(given, dict) or not given.get("name") or given.get("kind", "Service") != "Service":
        return
    port = given.get("port") or _HTTP_PORT
    if isinstance(port, dict):  # An Ingress' backend, which `_of_backends` reads.
        return
    scheme = _with_tls(str(given.get("scheme") or scheme), port)
    yield Named(str(given.get("namespace") or namespace), str(given["name"]), port, scheme)


def _with_tls(scheme: str, port: Port) -> str:
    """Traefik speaks TLS to port 443 and to ports named `https...`."""
    return TLS if scheme == PLAIN and (port == _HTTPS_PORT or str(port).startswith(TLS)) else scheme


def _of_argument(argument: str) -> Iterator[Named]:
    name, _, value = argument.partition("=")
    namespace, _, service = value.partition("/")
    if name.lower().endswith("defaultbackendservice") and service:
        yield Named(namespace, service, _HTTP_PORT)


def stand_ins(objects: Iterable[Object], named: Iterable[Named], targets: Mapping[str, int]) -> list[Object]:
    """A Service with endpoints for each named one. Services and endpoints that the manifests have are kept.

    `targets` has the backend's port on 127.0.0.1 for each scheme.
    """
    given = {_key(item): item for item in objects if item["kind"] == "Service"}
    has_endpoints = {_owner(item) for item in objects if item["kind"] in ("Endpoints", "EndpointSlice")}
    by_service: dict[tuple[str, str], list[Named]] = {key: [] for key in given}
    for each in named:
        by_service.setdefault((each.namespace, each.name), []).append(each)
    made: list[Object] = []
    for key, references in by_service.items():
        service = given.get(key) or _service(key, references)
        if key not in given:
            made.append(service)
        if key not in has_endpoints and service["spec"].get("type") != "ExternalName":
            made += _endpoints(key, service, references, targets)
    return made


def _key(item: Object) -> tuple[str, str]:
    return item["metadata"].get("namespace", "default"), item["metadata"]["name"]


def _owner(item: Object) -> tuple[str, str]:
    namespace, name = _key(item)
    labels = item["metadata"].get("labels") or {}
    return namespace, labels.get("kubernetes.io/service-name", name)


def _service(key: tuple[str, str], references: list[Named]) -> Object:
    """A Service with all these ports. One number and one name are one port."""
    numbers = sorted({each.port for each in references if isinstance(each.port, int)})
    names = sorted({each.port for each in references if isinstance(each.port, str)})
    if len(numbers) == 1 and len(names) <= 1:
        ports = [(names[0] if names else "", numbers[0])]
    else:
        ports = [(f"port-{number}", number) for number in numbers]
        free = (number for number in range(_FIRST_NAMED_PORT, 2**16) if number not in numbers)
        ports += [(name, _HTTP_PORT if len(names) == 1 and not numbers else next(free)) for name in names]
    listed = [{"name": name, "port": number, "targetPort": number, "protocol": "TCP"} for name, number in ports]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"namespace": key[0], "name": key[1]},
        "spec": {"type": "ClusterIP", "clusterIP": _NOBODY, "ports": listed},
    }


def _endpoints(
    key: tuple[str, str], service: Object, references: list[Named], targets: Mapping[str, int]
) -> list[Object]:
    """EndpointSlices and Endpoints at 127.0.0.1. Ports of one scheme lead to the same backend."""
    namespace, name = key
    ports = [
        {"name": port.get("name", ""), "port": targets[_scheme(service, port, references)], "protocol": "TCP"}
        for port in service["spec"].get("ports") or ()
    ]
    labels = {"kubernetes.io/service-name": name}
    conditions = {"ready": True, "serving": True, "terminating": False}
    return [
        {
            "apiVersion": "v1",
            "kind": "Endpoints",
            "metadata": {"name": name, "namespace": namespace},
            "subsets": [{"addresses": [{"ip": "127.0.0.1"}], "ports": ports}],
        },
        {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {"name": f"{name}-x1z9k", "namespace": namespace, "labels": labels},
            "addressType": "IPv4",
            "ports": ports,
            "endpoints": [{"addresses": ["127.0.0.1"], "conditions": conditions}],
        },
    ]


def _scheme(service: Object, port: Mapping[str, Any], references: list[Named]) -> str:
    annotated = (service["metadata"].get("annotations") or {}).get(_SCHEME_ANNOTATION)
    if annotated in (PLAIN, TLS, HTTP2):
        return str(annotated)
    if str(port.get("appProtocol", "")).endswith(HTTP2):
        return HTTP2
    named = {each.scheme for each in references if each.port in (port["port"], port.get("name"))}
    return next((scheme for scheme in (HTTP2, TLS) if scheme in named), PLAIN)
