"""The rules of IngressRoutes, as Traefik's provider `kubernetesCRD` reads them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from ingress_slo_agent.declared import DeclaredRule, Notes
from ingress_slo_agent.objects import Object, group, key, name, namespace, one_of, spec
from ingress_slo_agent.serving import Serving, partly_silent_entry_points, silent_entry_points, tls_of
from ingress_slo_agent.traefik_options import CRD, INTERNAL_ENTRY_POINT, EntryPoint, TraefikOptions
from slo.traefik import naming
from slo.traefik.matchers import refusal
from slo.traefik.rules import RuleSyntax

OLD_GROUP = "traefik.containo.us"
_FIRST_WITHOUT_OLD_GROUP = (3, 0)
_MAX_NESTING = 10
_CHILDREN = {"weighted": "wrr", "highestRandomWeight": "hrw"}
"""Kinds of TraefikServices with several children, and how `safeNaming` names these."""
_INTERNAL = "@internal"


class Backend(NamedTuple):
    """A Kubernetes Service that serves a rule."""

    namespace: str
    name: str
    port: int | str
    safe_parent: str = ""
    """With `safeNaming`: the router or TraefikService that this is a child of."""
    safe_kind: str = ""
    """With `safeNaming`: `wrr_{index}` or `mirroring`."""


class _Child(NamedTuple):
    """One service that a rule or a TraefikService refers to."""

    declared: Object
    safe_parent: str
    safe_kind: str


class Existing(NamedTuple):
    """The Services and Middlewares of the cluster, as (namespace, name); None if they could not be listed."""

    services: frozenset[tuple[str, str]] | None = None
    middlewares: frozenset[tuple[str, str]] | None = None


class IngressRoutes:
    """Reads IngressRoutes with the TraefikServices, Services and Middlewares that they name."""

    def __init__(self, objects: Mapping[str, list[Object]], serving: Serving, existing: Existing) -> None:
        self._routes = {key(item)[1:]: item for item in objects.get("IngressRoute", ())}
        self._items = objects.get("IngressRoute", [])
        self._services = {(namespace(item), name(item)): spec(item) for item in objects.get("TraefikService", ())}
        self._parents = {
            _reference(parent, namespace(item))
            for item in self._items
            for parent in one_of(spec(item).get("parentRefs"))
        }
        self._serving = serving
        self._existing = existing

    def rules(self, notes: Notes) -> Iterator[DeclaredRule]:
        """The rules of every IngressRoute that Traefik serves."""
        for item in self._items:
            if served := self._serving.ingress_route(item, notes):
                yield from self._rules_of(item, served)

    def _rules_of(self, item: Object, served: tuple[TraefikOptions, ...]) -> Iterator[DeclaredRule]:
        own = spec(item)
        parents = [self._routes.get(_reference(parent, namespace(item))) for parent in one_of(own.get("parentRefs"))]
        for index, rule in enumerate(one_of(own.get("routes"))):
            match = str(rule.get("match") or "")
            if match and not _is_traefiks_own(rule, own):
                yield self._rule(item, index, rule, match, served, parents)

    def _rule(
        self,
        item: Object,
        index: int,
        rule: Object,
        match: str,
        served: tuple[TraefikOptions, ...],
        parents: list[Object | None],
    ) -> DeclaredRule:
        space, title = namespace(item), name(item)
        points = self._serving.entry_points(served, one_of(spec(item).get("entryPoints")))
        router = naming.route_router(space, title, match)
        safe_router = naming.safe_route_router(space, title, index)
        declared = one_of(rule.get("services"))
        backends = list(_backends(_weighted(declared, safe_router), space, self._services))
        first = backends[0] if backends else Backend(space, "", 0)
        own_syntax: RuleSyntax = rule["syntax"] if rule.get("syntax") in ("v2", "v3") else served[0].rule_syntax
        known = [parent for parent in parents if parent is not None]
        return DeclaredRule(
            kind="IngressRoute",
            namespace=space,
            name=title,
            match=match,
            syntax=own_syntax,
            router_keys=(router, safe_router),
            service_key=_service_key(declared, space, router),
            service_keys=tuple(_service_keys(declared, backends, router, safe_router)),
            service_name=first.name,
            service_port=first.port,
            tls=spec(item).get("tls") is not None or tls_of(points),
            parent_keys=tuple(router_key for parent in known for router_key in _routers(parent)),
            parent_matches=tuple(str(each["match"]) for parent in known for each in _matches(parent)),
            not_counted=_not_counted(rule, declared, points, self._serving.by(CRD)),
            note="" if (rule.get("observability") or {}).get("metrics") else partly_silent_entry_points(points),
            refused=self._refused(item, rule, match, own_syntax, declared, parents, served),
        )

    def _refused(
        self,
        item: Object,
        rule: Object,
        match: str,
        syntax: RuleSyntax,
        declared: list[Object],
        parents: list[Object | None],
        served: tuple[TraefikOptions, ...],
    ) -> str:
        if group(item) == OLD_GROUP and all(options.version >= _FIRST_WITHOUT_OLD_GROUP for options in served):
            return f"Traefik 3 does not read the group {OLD_GROUP}; move the object to traefik.io"
        if None in parents:
            return "an IngressRoute in its parentRefs does not exist"
        if not declared and key(item)[1:] not in self._parents:
            return "the rule has no service, and no IngressRoute names it in its parentRefs"
        return refusal(match, syntax=syntax) or self._missing(item, rule, declared)

    def _missing(self, item: Object, rule: Object, declared: list[Object]) -> str:
        space = namespace(item)
        for service in self._named(declared, space):
            if self._existing.services is not None and service not in self._existing.services:
                return f"the Service {'/'.join(service)} does not exist"
        for middleware in one_of(rule.get("middlewares")):
            wanted = _reference(middleware, space)
            known = self._existing.middlewares
            if known is not None and "@" not in wanted[1] and wanted not in known:
                return f"the Middleware {'/'.join(wanted)} does not exist"
        return ""

    def _named(self, declared: list[Object], space: str) -> Iterator[tuple[str, str]]:
        for service in declared:
            if service.get("kind", "Service") == "Service" and "@" not in str(service.get("name")):
                yield _reference(service, space)


def _reference(named: Object, space: str) -> tuple[str, str]:
    return str(named.get("namespace") or space), str(named.get("name"))


def _is_traefiks_own(rule: Object, own: Object) -> bool:
    """Whether a rule serves Traefik's API on its own entry point, where no site is."""
    names = [str(service.get("name")) for service in one_of(rule.get("services"))]
    return own.get("entryPoints") == [INTERNAL_ENTRY_POINT] and bool(names) and names[0].endswith(_INTERNAL)


def _matches(item: Object) -> list[Object]:
    return [rule for rule in one_of(spec(item).get("routes")) if rule.get("match")]


def _routers(item: Object) -> Iterator[str]:
    for index, rule in enumerate(one_of(spec(item).get("routes"))):
        if rule.get("match"):
            yield naming.route_router(namespace(item), name(item), str(rule["match"]))
            yield naming.safe_route_router(namespace(item), name(item), index)


def _not_counted(
    rule: Object, declared: list[Object], points: tuple[EntryPoint, ...], options: Iterable[TraefikOptions]
) -> str:
    """Why Traefik does not count a rule's requests (`shouldMeter` in `pkg/server/middleware/observability.go`)."""
    internal = next((str(each.get("name")) for each in declared if str(each.get("name")).endswith(_INTERNAL)), "")
    if internal and not any(each.counts_internals for each in options):
        return f"It leads to {internal}. Traefik counts its own services only with --metrics.addInternals=true."
    asked = (rule.get("observability") or {}).get("metrics")
    if asked is False:
        return "observability.metrics is false on this rule. Set it to true, or remove it."
    return "" if asked else silent_entry_points(points)


def _weighted(declared: Iterable[Object], safe_parent: str, kind: str = "wrr") -> list[_Child]:
    return [_Child(service, safe_parent, f"{kind}_{index}") for index, service in enumerate(declared)]


def _backends(
    children: Iterable[_Child], space: str, services: Mapping[tuple[str, str], Object], depth: int = 0
) -> Iterator[Backend]:
    """The Services that answer clients, at any depth. The targets of a mirror are not among them."""
    for declared, safe_parent, safe_kind in children:
        own_space, title = _reference(declared, space)
        if declared.get("kind", "Service") == "Service":
            yield Backend(own_space, title, declared.get("port") or 0, safe_parent, safe_kind)
        elif depth < _MAX_NESTING:
            found = services.get((own_space, title)) or {}
            yield from _backends(_children(found, f"{own_space}_{title}"), own_space, services, depth + 1)


def _children(declared: Object, safe_parent: str) -> list[_Child]:
    if "mirroring" in declared:
        return [_Child(declared["mirroring"], safe_parent, "mirroring")]
    if "failover" in declared:
        both = [declared["failover"].get(part) for part in ("service", "fallback")]
        return [_Child(each, safe_parent, "failover") for each in both if each]
    for kind, safe_kind in _CHILDREN.items():
        if kind in declared:
            return _weighted(one_of(declared[kind].get("services")), safe_parent, safe_kind)
    return []


def _is_one_service(declared: list[Object]) -> bool:
    return len(declared) == 1 and declared[0].get("kind", "Service") == "Service"


def _service_key(declared: list[Object], space: str, router: str) -> str:
    """The `service` label of the rule's router metrics."""
    if len(declared) == 1 and not _is_one_service(declared):
        return naming.traefik_service(*_reference(declared[0], space))
    return router


def _service_keys(declared: list[Object], backends: Iterable[Backend], router: str, safe_router: str) -> Iterator[str]:
    """Every `service` label under which Traefik may count the rule.

    The last ones are `{namespace}-{service}-{port}@kubernetes`, so a route is also found by its Kubernetes Service.
    """
    names = dict.fromkeys(_own_service_keys(declared, backends, router, safe_router))
    yield from names
    yield from dict.fromkeys(naming.path_service(backend.namespace, backend.name, backend.port) for backend in backends)


def _own_service_keys(
    declared: list[Object], backends: Iterable[Backend], router: str, safe_router: str
) -> Iterator[str]:
    if _is_one_service(declared):
        yield from (router, naming.safe_own_service(safe_router))
        return
    for space, title, port, safe_parent, safe_kind in backends:
        yield naming.child_service(space, title, port)
        yield naming.safe_child_service(safe_parent, safe_kind, space, title, port)
