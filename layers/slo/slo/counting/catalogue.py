"""The catalogue of a cluster: which routes it declares, and which of them each measured series serves.

A **route** is a (domain, path_prefix) pair of one rule. An **entry** gives a short id to one series name together
with the routes it served and how it was measured. When a mapping changes, a new entry begins, so what was counted
before never moves to another path. Raw rows, ledger rows and books carry entry ids only.

The catalogue is the packed form of the route map: one item a cluster, written only when it changes.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import Self

import msgspec

from slo.counting.histograms import Bounds
from slo.counting.increases import SeriesName
from slo.counting.retention import FORGET_SECONDS
from slo.traefik.naming import display_name
from slo.traefik.snapshots import IngressRouteInfo, MeasuredBy, Snapshot

RouteId = tuple[str, str]
"""(domain, path_prefix)."""


class Route(msgspec.Struct, frozen=True):
    """A route as declared by one rule; `retired_at` once a complete snapshot no longer had it."""

    info: IngressRouteInfo
    created_at: float
    retired_at: float | None = None

    @property
    def id(self) -> RouteId:
        """(domain, path_prefix)."""
        return (self.info.domain, self.info.path_prefix)


class Entry(msgspec.Struct, frozen=True):
    """One series of Traefik and the routes it served, under a short id."""

    id: int
    router: str
    """Empty where measured by service."""
    service: str
    routes: tuple[RouteId, ...]
    """Empty for a series that no route claims."""
    bounds: Bounds
    """Finite upper bounds of its latency buckets, in seconds."""
    retired_at: float | None = None
    imported: bool = False
    """Whether its counts were brought over from another system: no sample is ever booked under it."""

    @property
    def name(self) -> SeriesName:
        """(router, service), as Traefik labels the series."""
        return (self.router, self.service)

    @property
    def label(self) -> str:
        """The router, or the service where only that is known, exactly as Traefik writes it."""
        return self.router or self.service

    @property
    def measured_by(self) -> MeasuredBy:
        """Whether clients (router) or backends (service) were counted."""
        return "router" if self.router else "service"

    @property
    def display_name(self) -> str:
        """What a person sees for a series that no route claims: the service's name without its provider."""
        return display_name(self.service or self.router)


class Declaration(msgspec.Struct, frozen=True):
    """A domain and path as all the rules declare it that have it."""

    routes: tuple[Route, ...]
    first: Route
    """Whose names stand for all: one that is still declared, if any."""
    tls: bool
    rules: tuple[str, ...]
    """The Traefik routers that serve it."""
    has_retired: bool
    """Whether some of the routes are gone."""

    @classmethod
    def of(cls, routes: Iterable[Route]) -> Self:
        """What these routes of one domain and path, of which there is at least one, come to."""
        routes = tuple(routes)
        return cls(
            routes=routes,
            first=min(routes, key=lambda route: (route.retired_at is not None, route.info.namespace, route.info.name)),
            tls=any(route.info.tls for route in routes),
            rules=tuple(sorted({route.info.router_keys[0] for route in routes})),
            has_retired=any(route.retired_at is not None for route in routes),
        )


class Catalogue(msgspec.Struct, frozen=True, dict=True):
    """Routes and entries of one cluster. `version` grows with each change; 0 is the empty one.

    What is derived is kept, as readers keep the catalogue from one request to the next.
    """

    version: int = 0
    changed_at: float = 0.0
    """`taken_at` of the snapshot that changed it last; an older one does not change the routes."""
    next_id: int = 1
    routes: tuple[Route, ...] = ()
    entries: tuple[Entry, ...] = ()

    def by_id(self) -> dict[int, Entry]:
        """Entries by their id."""
        return {entry.id: entry for entry in self.entries}

    @cached_property
    def declarations(self) -> dict[str, dict[str, Declaration]]:
        """By domain, `*` last, and path, `/` first."""
        routes: dict[str, dict[str, list[Route]]] = {}
        for route in self.routes:
            routes.setdefault(route.info.domain, {}).setdefault(route.info.path_prefix, []).append(route)
        return {
            domain: {path: Declaration.of(paths[path]) for path in sorted(paths)}
            for domain, paths in sorted(routes.items(), key=lambda item: (item[0] == "*", item[0]))
        }

    @cached_property
    def entries_of(self) -> dict[RouteId, tuple[Entry, ...]]:
        """Entries by the routes that they served, in order of their ids."""
        found: dict[RouteId, tuple[Entry, ...]] = {}
        for entry in self.entries:
            for route_id in entry.routes:
                found[route_id] = (*found.get(route_id, ()), entry)
        return found

    @property
    def current_routes(self) -> Iterator[Route]:
        """The routes that the cluster declares now."""
        return (route for route in self.routes if route.retired_at is None)


class Resolved(msgspec.Struct, frozen=True):
    """A catalogue that knows every row of a snapshot, and the entry id of each series name in each process."""

    catalogue: Catalogue
    ids: tuple[dict[SeriesName, int], ...]
    """One for each of the snapshot's processes, in order."""
    is_changed: bool


def resolve(catalogue: Catalogue, snapshot: Snapshot) -> Resolved:
    """Take in a snapshot's routes and series.

    A snapshot that was overtaken by a newer one resolves by its own routes but does not change the declared ones.
    """
    declared = _declared(catalogue, snapshot)
    resolver = _Resolver(declared, catalogue.routes)
    is_newest = snapshot.taken_at >= catalogue.changed_at
    routes = _merged(catalogue.routes, declared, snapshot.taken_at) if is_newest else catalogue.routes
    register = _Register(catalogue)
    ids = tuple(
        {
            (row.router, row.service): register.id_of(row.router, row.service, resolver, process.bounds)
            for row in process.rows
        }
        for process in snapshot.ingress_metrics.processes
    )
    if routes == catalogue.routes and register.next_id == catalogue.next_id:
        return Resolved(catalogue, ids, is_changed=False)
    changed = Catalogue(
        version=catalogue.version + 1,
        changed_at=max(catalogue.changed_at, snapshot.taken_at),
        next_id=register.next_id,
        routes=_remembered(routes, snapshot.taken_at),
        entries=_remembered(register.entries(resolver if is_newest else None, snapshot.taken_at), snapshot.taken_at),
    )
    return Resolved(changed, ids, is_changed=True)


def _declared(catalogue: Catalogue, snapshot: Snapshot) -> tuple[IngressRouteInfo, ...]:
    """The snapshot's routes; an incomplete list is joined with what was known."""
    if snapshot.routes_complete:
        return snapshot.ingress_routes
    seen = {_identity(info) for info in snapshot.ingress_routes}
    known = (route.info for route in catalogue.current_routes if _identity(route.info) not in seen)
    return (*snapshot.ingress_routes, *known)


def _identity(info: IngressRouteInfo) -> tuple[str, ...]:
    return (info.domain, info.path_prefix, info.router_keys[0])


def _merged(known: tuple[Route, ...], declared: Iterable[IngressRouteInfo], now: float) -> tuple[Route, ...]:
    before = {_identity(route.info): route for route in known}
    current = {_identity(info): info for info in declared}
    kept = [Route(info, before[key].created_at if key in before else now) for key, info in current.items()]
    retired = [
        route if route.retired_at is not None else msgspec.structs.replace(route, retired_at=now)
        for key, route in before.items()
        if key not in current
    ]
    return tuple(sorted(kept + retired, key=lambda route: _identity(route.info)))


def _remembered[T: (Route, Entry)](items: Iterable[T], now: float) -> tuple[T, ...]:
    return tuple(item for item in items if item.retired_at is None or item.retired_at > now - FORGET_SECONDS)


class _Resolver:
    """Finds the routes of a series: by its own name among declared rules first, then among retired ones."""

    def __init__(self, declared: Iterable[IngressRouteInfo], known: Iterable[Route]) -> None:
        infos = list(declared)
        current = {_identity(info) for info in infos}
        retired = [route.info for route in known if _identity(route.info) not in current]
        self._routers = [_index(infos, _router_keys), _index(retired, _router_keys)]
        self._services = [
            _index(infos, _own_service_keys),
            _index(infos, _borrowed_service_keys),
            _index(retired, _own_service_keys),
        ]

    def routes(self, router: str, service: str) -> tuple[RouteId, ...]:
        """Sorted; empty where nothing claims the series."""
        indexes, key = (self._routers, router) if router else (self._services, service)
        return next((index[key] for index in indexes if key in index), ())

    def declares(self, router: str, service: str) -> tuple[RouteId, ...]:
        """As `routes`, but among declared rules only."""
        indexes, key = (self._routers[:1], router) if router else (self._services[:2], service)
        return next((index[key] for index in indexes if key in index), ())


def _router_keys(info: IngressRouteInfo) -> tuple[str, ...]:
    return info.router_keys


def _own_service_keys(info: IngressRouteInfo) -> tuple[str, ...]:
    provider = "@kubernetes" if info.kind == "Ingress" else "@kubernetescrd"
    return tuple(
        key
        for key in info.service_keys
        if not key.endswith(("@kubernetes", "@kubernetescrd")) or key.endswith(provider)
    )


def _borrowed_service_keys(info: IngressRouteInfo) -> tuple[str, ...]:
    """The task list's `{ns}-{svc}-{port}@kubernetes` of an IngressRoute; an Ingress with that Service owns it."""
    return tuple(set(info.service_keys) - set(_own_service_keys(info)))


def _index(
    infos: Iterable[IngressRouteInfo], keys_of: Callable[[IngressRouteInfo], tuple[str, ...]]
) -> dict[str, tuple[RouteId, ...]]:
    found: dict[str, set[RouteId]] = {}
    for info in infos:
        for key in keys_of(info):
            found.setdefault(key, set()).add((info.domain, info.path_prefix))
    return {key: tuple(sorted(routes)) for key, routes in found.items()}


class _Register:
    """Gives each (series name, routes, bounds) its id."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.next_id = catalogue.next_id
        self._imported = [entry for entry in catalogue.entries if entry.imported]
        self._entries = {
            (entry.name, entry.routes, entry.bounds): entry for entry in catalogue.entries if not entry.imported
        }
        self._seen: set[int] = set()

    def id_of(self, router: str, service: str, resolver: _Resolver, bounds: Bounds) -> int:
        """The id of the entry, a new one if need be."""
        routes = resolver.routes(router, service)
        key = ((router, service), routes, bounds)
        if key not in self._entries:
            self._entries[key] = Entry(self.next_id, router, service, routes, bounds)
            self.next_id += 1
        entry = self._entries[key]
        self._seen.add(entry.id)
        return entry.id

    def entries(self, resolver: _Resolver | None, now: float) -> Iterator[Entry]:
        """All entries by id; those whose mapping no longer holds are marked as retired."""
        for entry in sorted((*self._entries.values(), *self._imported), key=lambda entry: entry.id):
            if entry.imported:
                yield entry
                continue
            is_current = entry.id in self._seen or resolver is None or self._holds(entry, resolver)
            if is_current == (entry.retired_at is None):
                yield entry
            else:
                yield msgspec.structs.replace(entry, retired_at=None if is_current else now)

    @staticmethod
    def _holds(entry: Entry, resolver: _Resolver) -> bool:
        return bool(entry.routes) and resolver.declares(entry.router, entry.service) == entry.routes
