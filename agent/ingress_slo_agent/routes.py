"""Computes the routes that Traefik serves from Kubernetes objects (plain dicts). Pure: no I/O."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from slo.traefik import naming
from slo.traefik.rules import Place, RuleSyntaxError, places
from slo.traefik.snapshots import MAX_PATH, MAX_ROUTES, MAX_SERVICE_KEYS, IngressRouteInfo

Object = Mapping[str, Any]

INGRESS_CONTROLLER = "traefik.io/ingress-controller"
_CLASS_ANNOTATION = "kubernetes.io/ingress.class"
_TLS_ANNOTATION = "traefik.ingress.kubernetes.io/router.tls"
_MATCHER_ANNOTATION = "traefik.ingress.kubernetes.io/router.pathmatcher"
_TLS_ENTRY_POINT = "websecure"
_MAX_NESTING = 10


class Routes(NamedTuple):
    """Routes, and warnings about rules that an operator should fix."""

    infos: tuple[IngressRouteInfo, ...]
    warnings: tuple[str, ...]


class _Backend(NamedTuple):
    """A Kubernetes Service that serves a rule."""

    namespace: str
    name: str
    port: int | str
    safe_parent: str = ""
    """With `safeNaming`: the router or TraefikService that this is a child of."""
    safe_kind: str = ""
    """With `safeNaming`: `wrr_{index}` or `mirroring`."""


def routes_from(objects: Iterable[Object], ingress_class: str = "") -> Routes:
    """The routes that the IngressRoutes and Ingresses among these objects declare, sorted.

    `ingress_class` is Traefik's option of the same name: the only class that Traefik serves. Empty means every class
    whose controller is Traefik.
    """
    by_kind: dict[str, list[Object]] = {}
    for item in objects:
        by_kind.setdefault(item["kind"], []).append(item)
    services = {(_namespace(item), _name(item)): item["spec"] for item in by_kind.get("TraefikService", ())}
    classes = {_name(item): item for item in by_kind.get("IngressClass", ())}
    warnings: list[str] = []
    infos = [
        info
        for item in by_kind.get("IngressRoute", ())
        if _serves_route(item, ingress_class)
        for info in _of_ingress_route(item, services, warnings)
    ]
    infos += [
        info
        for item in by_kind.get("Ingress", ())
        if _serves_ingress(item, classes, ingress_class)
        for info in _of_ingress(item)
    ]
    fitting = [fitted for info in infos if (fitted := _fitted(info, warnings))]
    unique = {(info.domain, info.path_prefix, info.router_keys[0]): info for info in fitting}
    if len(unique) > MAX_ROUTES:
        warnings.append(f"Of {len(unique)} routes only {MAX_ROUTES} are sent; the others are shown without a domain.")
    return Routes(tuple(unique[key] for key in sorted(unique)[:MAX_ROUTES]), tuple(warnings))


def _fitted(info: IngressRouteInfo, warnings: list[str]) -> IngressRouteInfo | None:
    """The route cut to the snapshot's limits, or None with a warning: one bad rule must not fail the whole snapshot.

    A truncated path is still a prefix of the original.
    """
    fitted = msgspec.structs.replace(
        info,
        path_prefix=info.path_prefix[:MAX_PATH],
        service_key=naming.bounded(info.service_key),
        router_keys=tuple(map(naming.bounded, info.router_keys)),
        service_keys=tuple(map(naming.bounded, info.service_keys))[:MAX_SERVICE_KEYS],
    )
    try:
        return msgspec.convert(msgspec.to_builtins(fitted), IngressRouteInfo)
    except msgspec.ValidationError as error:
        warnings.append(f"{info.kind} {info.namespace}/{info.name}: {error}; its requests are shown without a domain.")
        return None


def _namespace(item: Object) -> str:
    return str(item["metadata"].get("namespace", "default"))


def _name(item: Object) -> str:
    return str(item["metadata"]["name"])


def _annotations(item: Object) -> Mapping[str, str]:
    return item["metadata"].get("annotations") or {}


def _serves_route(item: Object, ingress_class: str) -> bool:
    """Without the option `ingressClass`, Traefik serves objects with no class or the class `traefik`."""
    annotated = _annotations(item).get(_CLASS_ANNOTATION, "")
    return annotated == ingress_class if ingress_class else annotated in ("", "traefik")


def _serves_ingress(item: Object, classes: Mapping[str, Object], ingress_class: str) -> bool:
    """Traefik's own rule: the IngressClass's controller decides; without `ingressClassName`, the old annotation."""
    named = (item.get("spec") or {}).get("ingressClassName")
    if named is None:
        return _serves_route(item, ingress_class)
    declared = classes.get(named)
    is_ours = declared is not None and declared["spec"].get("controller") == INGRESS_CONTROLLER
    return is_ours and (not ingress_class or named == ingress_class)


def _of_ingress_route(
    item: Object, services: Mapping[tuple[str, str], Any], warnings: list[str]
) -> Iterator[IngressRouteInfo]:
    namespace, name = _namespace(item), _name(item)
    spec = item.get("spec") or {}
    tls = spec.get("tls") is not None or _TLS_ENTRY_POINT in (spec.get("entryPoints") or ())
    for index, rule in enumerate(spec.get("routes") or ()):
        match = str(rule.get("match") or "")
        if not match:
            continue
        router = naming.route_router(namespace, name, match)
        safe_router = naming.safe_route_router(namespace, name, index)
        declared = list(rule.get("services") or ())
        backends = list(_backends(_weighted(declared, safe_router), namespace, services))
        first = backends[0] if backends else _Backend(namespace, "", 0)
        for place in _places(match, f"IngressRoute {namespace}/{name}", warnings):
            yield IngressRouteInfo(
                name=name,
                namespace=namespace,
                kind="IngressRoute",
                domain=place.domain,
                path_prefix=place.path_prefix,
                service_key=_service_key(declared, namespace, router),
                service_name=first.name,
                service_port=first.port,
                tls=tls,
                router_keys=(router, safe_router),
                service_keys=tuple(_service_keys(declared, backends, router, safe_router)),
            )


def _places(match: str, where: str, warnings: list[str]) -> tuple[Place, ...]:
    """The domains and paths of a rule. A rule that cannot be parsed gets `*` and `/`, so its requests still count."""
    try:
        return places(match)
    except RuleSyntaxError as error:
        warnings.append(f"{where}: the rule cannot be parsed: {error}. Its requests are shown under the domain `*`.")
        return (Place("*", "/"),)


class _Child(NamedTuple):
    """One service that a rule or a TraefikService refers to."""

    declared: Object
    safe_parent: str
    safe_kind: str


def _weighted(declared: Iterable[Object], safe_parent: str) -> list[_Child]:
    return [_Child(service, safe_parent, f"wrr_{index}") for index, service in enumerate(declared)]


def _backends(
    children: Iterable[_Child], namespace: str, services: Mapping[tuple[str, str], Any], depth: int = 0
) -> Iterator[_Backend]:
    """The Services that answer clients, at any depth. The targets of a mirror are not among them."""
    for declared, safe_parent, safe_kind in children:
        own_namespace, name = str(declared.get("namespace") or namespace), str(declared["name"])
        if declared.get("kind", "Service") == "Service":
            yield _Backend(own_namespace, name, declared.get("port") or 0, safe_parent, safe_kind)
        elif depth < _MAX_NESTING:
            spec = services.get((own_namespace, name)) or {}
            yield from _backends(_children(spec, f"{own_namespace}_{name}"), own_namespace, services, depth + 1)


def _children(spec: Object, safe_parent: str) -> list[_Child]:
    if "mirroring" in spec:
        return [_Child(spec["mirroring"], safe_parent, "mirroring")]
    for kind in ("weighted", "highestRandomWeight"):
        if kind in spec:
            return _weighted(spec[kind].get("services") or (), safe_parent)
    return []


def _is_one_service(declared: list[Object]) -> bool:
    return len(declared) == 1 and declared[0].get("kind", "Service") == "Service"


def _service_key(declared: list[Object], namespace: str, router: str) -> str:
    """The `service` label of the rule's router metrics."""
    if len(declared) == 1 and not _is_one_service(declared):
        return naming.traefik_service(str(declared[0].get("namespace") or namespace), str(declared[0]["name"]))
    return router


def _service_keys(declared: list[Object], backends: Iterable[_Backend], router: str, safe_router: str) -> Iterator[str]:
    """Every `service` label under which Traefik may count the rule.

    The last ones are `{namespace}-{service}-{port}@kubernetes`, so a route is also found by its Kubernetes Service.
    """
    names = dict.fromkeys(_own_service_keys(declared, backends, router, safe_router))
    yield from names
    yield from dict.fromkeys(naming.path_service(backend.namespace, backend.name, backend.port) for backend in backends)


def _own_service_keys(
    declared: list[Object], backends: Iterable[_Backend], router: str, safe_router: str
) -> Iterator[str]:
    if _is_one_service(declared):
        yield from (router, naming.safe_own_service(safe_router))
        return
    for namespace, name, port, safe_parent, safe_kind in backends:
        yield naming.child_service(namespace, name, port)
        yield naming.safe_child_service(safe_parent, safe_kind, namespace, name, port)


def _of_ingress(item: Object) -> Iterator[IngressRouteInfo]:
    namespace, name = _namespace(item), _name(item)
    spec = item.get("spec") or {}
    tls = bool(spec.get("tls")) or _annotations(item).get(_TLS_ANNOTATION) == "true"
    rules = spec.get("rules") or ()
    if not rules and spec.get("defaultBackend"):
        backend = _ingress_backend(spec["defaultBackend"], namespace)
        yield _ingress_info(item, "", "", backend, tls, (naming.DEFAULT_ROUTER,), naming.DEFAULT_BACKEND)
    for rule in rules:
        host = str(rule.get("host") or "")
        for path in (rule.get("http") or {}).get("paths") or ():
            text = str(path.get("path") or "")
            backend = _ingress_backend(path["backend"], namespace)
            routers = (
                naming.path_router(namespace, name, host, text),
                *naming.colliding_path_routers(namespace, name, host, text, _path_type(item, path)),
            )
            yield _ingress_info(
                item, host, text, backend, tls, routers, naming.path_service(namespace, backend.name, backend.port)
            )


def _path_type(item: Object, path: Object) -> str:
    path_type = str(path.get("pathType") or "ImplementationSpecific")
    if path_type == "ImplementationSpecific":
        return "Exact" if _annotations(item).get(_MATCHER_ANNOTATION) == "Path" else "Prefix"
    return path_type


def _ingress_backend(backend: Object, namespace: str) -> _Backend:
    service = backend.get("service") or {}
    port = service.get("port") or {}
    return _Backend(namespace, str(service.get("name") or ""), port.get("number") or port.get("name") or 0)


def _ingress_info(
    item: Object, host: str, path: str, backend: _Backend, tls: bool, routers: tuple[str, ...], service: str
) -> IngressRouteInfo:
    return IngressRouteInfo(
        name=_name(item),
        namespace=_namespace(item),
        kind="Ingress",
        domain=host.lower() or "*",
        path_prefix=path or "/",
        service_key=service,
        service_name=backend.name,
        service_port=backend.port,
        tls=tls,
        router_keys=routers,
        service_keys=(service,),
    )
