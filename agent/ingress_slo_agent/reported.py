"""Rules that Traefik's own API reports. Kubernetes objects only dress them: object, namespace and Service."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import msgspec

from ingress_slo_agent.declared import DeclaredRule
from ingress_slo_agent.traefik_api import ApiRouter, ApiView
from ingress_slo_agent.traefik_options import INTERNAL_ENTRY_POINT
from slo.traefik import naming
from slo.traefik.rules import RuleSyntax
from slo.traefik.snapshots import MAX_ROUTER_KEYS

_INTERNAL = "@internal"
_DISABLED = "disabled"
_MAX_NESTING = 10
_KUBERNETES = ("kubernetescrd", "kubernetes", "kubernetesingressnginx", "kubernetesgateway", "knative")


class _Services(NamedTuple):
    """The children of each service, by qualified name."""

    children: Mapping[str, tuple[str, ...]]

    def leaves(self, name: str, depth: int = 0) -> Iterator[str]:
        """The services whose metrics count requests to this one."""
        children = self.children.get(name, ())
        if not children or depth >= _MAX_NESTING:
            yield name
            return
        for child in children:
            yield from self.leaves(child, depth + 1)


def reported_rules(views: Iterable[ApiView], declared: Iterable[DeclaredRule]) -> list[DeclaredRule]:
    """The rules of all routers in these views, each dressed by the declared rule of the same name."""
    views = tuple(views)
    routers = {router.name: router for view in views for router in view.routers if not _is_internal(router)}
    points = {point.name: point.http.tls is not None for view in views for point in view.entry_points}
    services = _Services({service.name: service.children for view in views for service in view.services})
    dresses = {key: rule for rule in declared for key in rule.router_keys}
    groups = _groups(routers, points, dresses)
    names = {router.name: key for key, members in groups.items() for router in members}
    return [
        *(_rule(key, members, routers, services, points, dresses, names) for key, members in groups.items()),
        *_unlisted(dresses.values(), names.values()),
    ]


def _unlisted(declared: Iterable[DeclaredRule], listed: Iterable[str]) -> Iterator[DeclaredRule]:
    """The declared rules for which Traefik has no router."""
    known = {_dress_key(name) for name in listed} | set(listed)
    for rule in {rule.router_keys: rule for rule in declared}.values():
        if known.isdisjoint(rule.router_keys):
            yield msgspec.structs.replace(
                rule, refused=rule.refused or "its API lists no router for it; Traefik's log says why"
            )


def _is_internal(router: ApiRouter) -> bool:
    """Whether a router is Traefik's own, or serves Traefik's API on its own entry point."""
    is_api = router.qualified_service.endswith(_INTERNAL) and router.entry_points == (INTERNAL_ENTRY_POINT,)
    return is_api or router.name.endswith(_INTERNAL)


def _groups(
    routers: Mapping[str, ApiRouter], points: Mapping[str, bool], dresses: Mapping[str, DeclaredRule]
) -> dict[str, list[ApiRouter]]:
    """The copies of each router by the name that the router has without an entry point's prefix."""
    groups: dict[str, list[ApiRouter]] = {}
    for name in sorted(routers):
        router = routers[name]
        groups.setdefault(_declared_name(router, routers, points, dresses), []).append(router)
    return groups


def _declared_name(
    router: ApiRouter, routers: Mapping[str, ApiRouter], points: Mapping[str, bool], dresses: Mapping[str, DeclaredRule]
) -> str:
    candidates = list(naming.declared_names(router.name, points))
    for name in candidates:
        if name in dresses:
            return router.name if naming.is_any_hash(name) else _unique_name(name, dresses)
    for name in candidates[1:]:
        same = routers.get(name)
        copies = [routers.get(f"{point}-{name}") for point in points]
        twins = [each for each in (same, *copies) if each is not None and each.name != router.name]
        if any((each.rule, each.service) == (router.rule, router.service) for each in twins):
            return name
    return router.name


def _unique_name(name: str, dresses: Mapping[str, DeclaredRule]) -> str:
    """The usual name of the rule that declares this name, unless paths of an Ingress share it."""
    rule = dresses[name]
    usual = rule.router_keys[0]
    return usual if dresses[usual] is rule else name


def _rule(
    key: str,
    members: list[ApiRouter],
    routers: Mapping[str, ApiRouter],
    services: _Services,
    points: Mapping[str, bool],
    dresses: Mapping[str, DeclaredRule],
    names: Mapping[str, str],
) -> DeclaredRule:
    first = next((router for router in members if router.status != _DISABLED), members[0])
    dress = dresses.get(key) or dresses.get(_dress_key(key)) or _undressed(key, first)
    labels = [key, *(router.name for router in members), *dress.router_keys]
    parents = [routers[name] for router in members for name in router.parent_refs if name in routers]
    syntax: RuleSyntax = "v2" if first.rule_syntax == "v2" else "v3"
    return msgspec.structs.replace(
        dress,
        match=first.rule,
        syntax=syntax,
        router_keys=tuple(dict.fromkeys(labels))[:MAX_ROUTER_KEYS],
        service_key=first.qualified_service or dress.service_key,
        service_keys=tuple(dict.fromkeys((*_leaves(members, services), *dress.service_keys))),
        tls=any(router.tls is not None for router in members)
        or any(points.get(point, False) for router in members for point in router.entry_points),
        parent_keys=tuple(dict.fromkeys(each for parent in parents for each in (names[parent.name], parent.name))),
        parent_matches=tuple(dict.fromkeys(parent.rule for parent in parents)),
        not_counted=_not_counted(members, dress),
        refused="; ".join(first.error) or "it is disabled" if first.status == _DISABLED else "",
    )


def _dress_key(name: str) -> str:
    """The name with any hash, under which a Gateway's rule is declared."""
    return next((other for other in naming.declared_names(name, ()) if naming.is_any_hash(other)), name)


def _leaves(members: Iterable[ApiRouter], services: _Services) -> Iterator[str]:
    for router in members:
        if router.service and not router.qualified_service.endswith(_INTERNAL):
            yield from services.leaves(router.qualified_service)


def _not_counted(members: list[ApiRouter], dress: DeclaredRule) -> str:
    if any(router.observability.metrics for router in members):
        return dress.not_counted if members[0].qualified_service.endswith(_INTERNAL) else ""
    return dress.not_counted or "observability.metrics is false for this router. Set it to true, or remove it."


def _undressed(key: str, router: ApiRouter) -> DeclaredRule:
    """A rule that no Kubernetes object declares."""
    name, _, provider = key.rpartition("@")
    service = router.qualified_service
    internal = (
        f"It leads to {service}. Traefik counts its own services only with --metrics.addInternals=true."
        if service.endswith(_INTERNAL)
        else ""
    )
    return DeclaredRule(
        kind="Router",
        namespace=provider,
        name=name,
        match=router.rule,
        router_keys=(key,),
        service_key=service or key,
        service_name="" if provider in _KUBERNETES else service.partition("@")[0],
        not_counted=internal,
    )
