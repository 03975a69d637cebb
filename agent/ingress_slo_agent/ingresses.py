"""The paths of Ingresses, as Traefik's providers `kubernetesIngress` and `kubernetesIngressNGINX` read them."""

from collections.abc import Iterator
from typing import NamedTuple

from ingress_slo_agent.declared import DeclaredRule, Notes
from ingress_slo_agent.objects import Object, annotations, name, namespace, one_of, spec
from ingress_slo_agent.serving import Serving, partly_silent_entry_points, silent_entry_points, tls_of
from ingress_slo_agent.traefik_options import EntryPoint, TraefikOptions
from slo.traefik import naming

_ROUTER = "traefik.ingress.kubernetes.io/router."
_TLS = f"{_ROUTER}tls"
_MATCHER = f"{_ROUTER}pathmatcher"
_ENTRY_POINTS = f"{_ROUTER}entrypoints"
_METRICS = f"{_ROUTER}observability.metrics"
_NGINX = "nginx.ingress.kubernetes.io/"
_NEW_NGINX = (3, 7)
"""Traefik 3.7 rewrote the provider: with canaries, redirects and other names."""
_PATTERN_FLAGS = {False: "^", True: "(?i)^"}
"""What Traefik puts before a path that is a pattern, before and since 3.7."""


class _Backend(NamedTuple):
    name: str
    port: int | str


class _Path(NamedTuple):
    """One path of an Ingress with a Service behind it."""

    rule_index: int
    path_index: int
    host: str
    text: str
    path_type: str
    backend: _Backend


class Ingresses:
    """Reads Ingresses. One of them may be served by both providers."""

    def __init__(self, items: list[Object], serving: Serving) -> None:
        self._items = items
        self._serving = serving

    def rules(self, notes: Notes) -> Iterator[DeclaredRule]:
        """The rules of every Ingress that Traefik serves."""
        default: Object | None = None
        for item in self._items:
            if nginx := self._serving.nginx_ingress(item):
                yield from self._nginx_rules(item, nginx)
            elif served := self._serving.ingress(item, notes):
                yield from self._path_rules(item, served, notes)
                if _has_only_default(item) and default is None:
                    default = item
                    yield from self._default_rule(item, served)

    def _path_rules(self, item: Object, served: tuple[TraefikOptions, ...], notes: Notes) -> Iterator[DeclaredRule]:
        """Rules named after host and path."""
        points = self._points(item, served)
        for path in _paths(item, notes):
            matcher = _matcher(item, path)
            backend = path.backend
            names = (namespace(item), name(item), path.host, path.text)
            service = naming.path_service(namespace(item), backend.name, backend.port)
            yield DeclaredRule(
                kind="Ingress",
                namespace=namespace(item),
                name=name(item),
                match=_match([path.host], path.text, is_pattern=matcher == "Regexp"),
                router_keys=(naming.path_router(*names), *naming.colliding_path_routers(*names, matcher)),
                service_key=service,
                service_keys=(service,),
                service_name=backend.name,
                service_port=backend.port,
                tls=_has_tls(item, points),
                not_counted=_not_counted(item, points),
                note=partly_silent_entry_points(points),
            )

    def _default_rule(self, item: Object, served: tuple[TraefikOptions, ...]) -> Iterator[DeclaredRule]:
        """Only one default backend of all Ingresses is served."""
        backend = _backend(spec(item)["defaultBackend"])
        points = self._points(item, served)
        if backend is not None:
            yield DeclaredRule(
                kind="Ingress",
                namespace=namespace(item),
                name=name(item),
                match=_match([""], ""),
                router_keys=(naming.DEFAULT_ROUTER,),
                service_key=naming.DEFAULT_BACKEND,
                service_keys=(naming.DEFAULT_BACKEND,),
                service_name=backend.name,
                service_port=backend.port,
                tls=_has_tls(item, points),
                not_counted=_not_counted(item, points),
                note=partly_silent_entry_points(points),
            )

    def _points(self, item: Object, served: tuple[TraefikOptions, ...]) -> tuple[EntryPoint, ...]:
        named = annotations(item).get(_ENTRY_POINTS, "")
        return self._serving.entry_points(served, [part.strip() for part in named.split(",") if part.strip()])

    def _nginx_rules(self, item: Object, served: tuple[TraefikOptions, ...]) -> Iterator[DeclaredRule]:
        """Rules named after the index of host and path."""
        asked = {key.removeprefix(_NGINX): value for key, value in annotations(item).items() if key.startswith(_NGINX)}
        is_new = served[0].version >= _NEW_NGINX
        if asked.get("ssl-passthrough") == "true" or (is_new and asked.get("canary") == "true"):
            return  # a TCP router has no HTTP metrics, and a canary has no router of its own
        aliases = [alias.strip().lower() for alias in asked.get("server-alias", "").split(",") if alias.strip()]
        is_pattern = asked.get("use-regex") == "true" or "rewrite-target" in asked
        points = self._serving.entry_points(served, ())
        space, title = namespace(item), name(item)
        for path in _paths(item, Notes()):
            text, has_pattern = path.text, is_pattern and path.path_type != "Exact"
            if has_pattern:
                text = f"{_PATTERN_FLAGS[is_new]}{text}"
            match = _match([path.host, *aliases], text, is_pattern=has_pattern)
            routers = naming.nginx_routers(space, title, path.rule_index, path.path_index)
            services = naming.nginx_services(space, title, path.backend.name, path.backend.port)
            yield self._nginx_rule(item, match, routers, services, path.backend, points)
            if is_new and asked.get("from-to-www-redirect") == "true" and path.host:
                routers = naming.nginx_redirect_routers(space, title, path.rule_index, path.path_index)
                yield self._nginx_rule(item, _match([_other_www(path.host)], ""), routers, (), path.backend, points)
        default = _backend(spec(item).get("defaultBackend") or {})
        if default is not None:
            hosts = [str(rule.get("host")) for rule in one_of(spec(item).get("rules")) if rule.get("host")]
            routers = naming.nginx_default_routers(space, title) if hosts else naming.nginx_default_routers()
            yield self._nginx_rule(item, _match(hosts or [""], ""), routers, routers[:1], default, points)

    def _nginx_rule(
        self,
        item: Object,
        match: str,
        routers: tuple[str, ...],
        services: tuple[str, ...],
        backend: _Backend,
        points: tuple[EntryPoint, ...],
    ) -> DeclaredRule:
        return DeclaredRule(
            kind="Ingress",
            namespace=namespace(item),
            name=name(item),
            match=match,
            router_keys=routers,
            service_key=(services or routers)[0],
            service_keys=services,
            service_name=backend.name,
            service_port=backend.port,
            tls=_has_tls(item, points),
            not_counted=silent_entry_points(points),
            note=partly_silent_entry_points(points),
        )


def _match(hosts: list[str], path: str, *, is_pattern: bool = False) -> str:
    """The rule that Traefik makes of hosts and a path, in our words: it is parsed, never compared."""
    named = " || ".join(f"Host(`{host}`)" for host in hosts if host)
    parts = [f"({named})"] if named else []
    if path or not parts:
        parts.append(f"{'PathRegexp' if is_pattern else 'PathPrefix'}(`{path or '/'}`)")
    return " && ".join(parts)


def _other_www(host: str) -> str:
    return host.removeprefix("www.") if host.startswith("www.") else f"www.{host}"


def _paths(item: Object, notes: Notes) -> Iterator[_Path]:
    for rule_index, rule in enumerate(one_of(spec(item).get("rules"))):
        for path_index, path in enumerate(one_of((rule.get("http") or {}).get("paths"))):
            backend = _backend(path.get("backend") or {})
            if backend is None:
                notes.add(
                    "Traefik does not serve a path whose backend is a resource.",
                    f"Ingress {namespace(item)}/{name(item)}",
                )
                continue
            path_type = str(path.get("pathType") or "ImplementationSpecific")
            yield _Path(
                rule_index, path_index, str(rule.get("host") or ""), str(path.get("path") or ""), path_type, backend
            )


def _backend(declared: Object) -> _Backend | None:
    """The Service of a backend; None if it is a resource, which Traefik does not serve."""
    service = declared.get("service")
    if not service:
        return None
    port = service.get("port") or {}
    return _Backend(str(service.get("name") or ""), port.get("number") or port.get("name") or 0)


def _has_only_default(item: Object) -> bool:
    return not spec(item).get("rules") and bool((spec(item).get("defaultBackend") or {}).get("service"))


def _matcher(item: Object, path: _Path) -> str:
    """`Exact`, `Prefix` or `Regexp`."""
    if path.path_type != "ImplementationSpecific":
        return path.path_type
    return {"Path": "Exact", "PathRegexp": "Regexp"}.get(annotations(item).get(_MATCHER, ""), "Prefix")


def _has_tls(item: Object, points: tuple[EntryPoint, ...]) -> bool:
    return bool(spec(item).get("tls")) or annotations(item).get(_TLS) == "true" or tls_of(points)


def _not_counted(item: Object, points: tuple[EntryPoint, ...]) -> str:
    asked = annotations(item).get(_METRICS)
    if asked == "false":
        return f"The annotation {_METRICS} is false. Set it to true, or remove it."
    return "" if asked == "true" else silent_entry_points(points)
