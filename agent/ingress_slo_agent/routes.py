"""Computes the routes that Traefik serves from Kubernetes objects (plain dicts). Pure: no I/O.

Each provider of Traefik has a module that turns objects into rules; `declared` turns rules into routes. Rules that
Traefik's own API reports take their place if it is read (`reported`).
"""

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from ingress_slo_agent.declared import DeclaredRule, Notes, infos_of
from ingress_slo_agent.gateway_routes import GatewayRoutes
from ingress_slo_agent.ingress_routes import OLD_GROUP, Existing, IngressRoutes
from ingress_slo_agent.ingresses import Ingresses
from ingress_slo_agent.knative_routes import knative_rules
from ingress_slo_agent.objects import Object, group, key
from ingress_slo_agent.promises import promises_of
from ingress_slo_agent.reported import reported_rules
from ingress_slo_agent.serving import Selected, Serving
from ingress_slo_agent.settings import Traefik
from ingress_slo_agent.traefik_api import ApiView
from ingress_slo_agent.traefik_options import TraefikOptions
from slo.traefik.snapshots import MAX_PROMISES, MAX_ROUTES, IngressRouteInfo, Promise

_KNATIVE = "KnativeIngress"


class Routes(NamedTuple):
    """Routes, and warnings about rules that an operator should fix."""

    infos: tuple[IngressRouteInfo, ...]
    warnings: tuple[str, ...]
    promises: tuple[Promise, ...] = ()
    """What annotations promise, one for each place."""


class Observed(msgspec.Struct, frozen=True):
    """What the agent knows besides the objects. A recording keeps it."""

    options: tuple[TraefikOptions, ...] = ()
    """Empty if Traefik's usual options hold."""
    selected: tuple[Selected, ...] = ()
    existing: Existing = Existing()
    views: tuple[ApiView, ...] = ()
    """What Traefik's API tells. Empty if it is not read."""


NOTHING_OBSERVED = Observed()


def routes_from(
    objects: Iterable[Object], observed: Observed = NOTHING_OBSERVED, routers: frozenset[str] = frozenset()
) -> Routes:
    """The routes that Traefik serves, sorted. `routers` are those in its metrics, without entry points' prefixes."""
    notes = Notes()
    newest = _newest(objects)
    rules = declared_rules(newest, observed, notes)
    if observed.views:
        rules = reported_rules(observed.views, rules)
    return _routes_of(rules, routers, notes, newest)


def declared_rules(objects: Iterable[Object], observed: Observed, notes: Notes) -> list[DeclaredRule]:
    """The rules that these objects declare and Traefik's options choose."""
    by_kind: dict[str, list[Object]] = {}
    for item in _newest(objects):
        by_kind.setdefault(str(item["kind"]), []).append(item)
    options = observed.options or (TraefikOptions.of_settings(Traefik()),)
    serving = Serving(options, by_kind.get("IngressClass", ()), observed.selected)
    return [
        *IngressRoutes(by_kind, serving, observed.existing).rules(notes),
        *Ingresses(by_kind.get("Ingress", []), serving).rules(notes),
        *GatewayRoutes(by_kind, serving).rules(),
        *knative_rules(by_kind.get(_KNATIVE, []), serving),
    ]


def _routes_of(rules: list[DeclaredRule], routers: frozenset[str], notes: Notes, objects: Iterable[Object]) -> Routes:
    unique: dict[tuple[str, str, str], IngressRouteInfo] = {}
    for info in infos_of(rules, routers, notes):
        unique[info.domain, info.path_prefix, info.router_keys[0]] = info
    promises = promises_of(objects, rules, notes)
    warnings = list(notes.warnings())
    if len(unique) > MAX_ROUTES:
        warnings.append(f"Of {len(unique)} routes only {MAX_ROUTES} are sent; the others are shown without a domain.")
    if len(promises) > MAX_PROMISES:
        warnings.append(f"Annotations promise something for {len(promises)} routes; only {MAX_PROMISES} are in force.")
    routes = tuple(unique[key] for key in sorted(unique)[:MAX_ROUTES])
    return Routes(routes, tuple(warnings), promises[:MAX_PROMISES])


def _newest(objects: Iterable[Object]) -> list[Object]:
    """Each object once. Several versions of a group may serve it, and the last one listed wins.

    Traefik 3 does not read the old group, so its objects never take the place of others.
    """
    found: dict[tuple[str, str, str], Object] = {}
    for item in objects:
        if group(item) != OLD_GROUP or found.get(key(item)) is None or group(found[key(item)]) == OLD_GROUP:
            found[key(item)] = item
    return list(found.values())
