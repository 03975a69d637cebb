"""The catalogue of a cluster: the routes it declares, and the routes that each measured series serves.

A **route** is a (domain, path_prefix) pair of one rule. An **entry** gives a short id to a series name, the routes it
served and how it was measured. When a mapping changes, a new entry begins, so earlier counts never move to another
path. Raw rows, ledger rows and books hold only entry ids.

The catalogue is the packed form of the route map: one item per cluster, written only when it changes.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cached_property
from typing import Self

import msgspec

from slo.counting.histograms import Bounds
from slo.counting.increases import SeriesName
from slo.counting.retention import FORGET_SECONDS
from slo.traefik.naming import USUAL_ENTRY_POINTS, declared_names, display_name
from slo.traefik.snapshots import MAX_ROUTES, IngressRouteInfo, MeasuredBy, ProcessMetrics, Snapshot

MAX_ENTRIES = 30_000
"""Series that a cluster may have within 13 months. A cluster with more has router names that keep changing."""
MAX_RETIRED_ROUTES = 10_000
"""The routes that were retired last are kept. As many may be declared (`slo.traefik.snapshots.MAX_ROUTES`)."""

RouteId = tuple[str, str]
"""(domain, path_prefix)."""


class Route(msgspec.Struct, frozen=True):
    """A route as one rule declares it. `retired_at` is the time of the first complete snapshot without it."""

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
    """Empty if measured by service."""
    service: str
    routes: tuple[RouteId, ...]
    """Empty for a series that no route claims."""
    bounds: Bounds
    """Finite upper bounds of the latency buckets, in seconds."""
    retired_at: float | None = None
    imported: bool = False
    """Whether its counts were imported from another system. No sample is ever booked under it."""

    @property
    def name(self) -> SeriesName:
        """(router, service), as Traefik labels the series."""
        return (self.router, self.service)

    @property
    def label(self) -> str:
        """The router, or the service if there is no router, exactly as Traefik writes it."""
        return self.router or self.service

    @property
    def measured_by(self) -> MeasuredBy:
        """Whether it counts responses to clients (router) or of backends (service)."""
        return "router" if self.router else "service"

    @property
    def display_name(self) -> str:
        """The service's name without its provider, to display a series that no route claims."""
        return display_name(self.service or self.router)


class Declaration(msgspec.Struct, frozen=True):
    """A domain and path, with all the routes that declare it."""

    routes: tuple[Route, ...]
    first: Route
    """The route whose names are shown: one that is still declared, if any."""
    tls: bool
    rules: tuple[str, ...]
    """The Traefik routers that serve it."""
    has_retired: bool
    """Whether any of the routes is retired."""
    not_counted: str
    """Why Traefik counts requests of none of its declared routes, and what to change; empty if it counts some."""

    @classmethod
    def of(cls, routes: Iterable[Route]) -> Self:
        """Combine the routes of one domain and path. There must be at least one."""
        routes = tuple(routes)
        return cls(
            routes=routes,
            first=min(routes, key=lambda route: (route.retired_at is not None, route.info.namespace, route.info.name)),
            tls=any(route.info.tls for route in routes),
            rules=tuple(sorted({route.info.router_keys[0] for route in routes})),
            has_retired=any(route.retired_at is not None for route in routes),
            not_counted=_not_counted(routes),
        )


def _not_counted(routes: tuple[Route, ...]) -> str:
    declared = [route.info.not_counted for route in routes if route.retired_at is None]
    return declared[0] if declared and all(declared) else ""


class Catalogue(msgspec.Struct, frozen=True, dict=True):
    """Routes and entries of one cluster. `version` grows with each change; 0 is the empty catalogue.

    Derived values are cached, because readers keep a catalogue from one request to the next.
    """

    version: int = 0
    changed_at: float = 0.0
    """`taken_at` of the last snapshot that changed it. An older snapshot does not change the routes."""
    next_id: int = 1
    routes: tuple[Route, ...] = ()
    entries: tuple[Entry, ...] = ()

    def by_id(self) -> dict[int, Entry]:
        """Entries by their id."""
        return self._by_id

    @cached_property
    def _by_id(self) -> dict[int, Entry]:
        return {entry.id: entry for entry in self.entries}

    @cached_property
    def declarations(self) -> dict[str, dict[str, Declaration]]:
        """By domain (`*` last) and path (`/` first)."""
        routes: dict[str, dict[str, list[Route]]] = {}
        for route in self.routes:
            routes.setdefault(route.info.domain, {}).setdefault(route.info.path_prefix, []).append(route)
        return {
            domain: {path: Declaration.of(paths[path]) for path in sorted(paths)}
            for domain, paths in sorted(routes.items(), key=lambda item: (item[0] == "*", item[0]))
        }

    @cached_property
    def entries_of(self) -> dict[RouteId, tuple[Entry, ...]]:
        """Entries by the routes they served, in order of id."""
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
    """A catalogue with an entry for every row of a snapshot, and the entry id of each series in each process."""

    catalogue: Catalogue
    ids: tuple[dict[SeriesName, int], ...]
    """One dict per process of the snapshot, in order. A series that found no room has no id."""
    is_changed: bool
    dropped: int = 0
    """Series that found no room: the catalogue has MAX_ENTRIES already, or is full."""
    dropped_routes: int = 0
    """Routes that found no room: an incomplete list may add to the known ones up to MAX_ROUTES, or it is full."""


def resolve(catalogue: Catalogue, snapshot: Snapshot, *, is_full: bool = False) -> Resolved:
    """Add a snapshot's routes and series to a catalogue. To one that is full nothing is added.

    A snapshot that arrives after a newer one is resolved by its own routes, and does not change the declared ones.
    """
    declared, left_out = _declared(catalogue, snapshot)
    resolver = _Resolver(declared, catalogue.routes)
    register = _Register(catalogue, entry_points_of(snapshot), 0 if is_full else MAX_ENTRIES)
    ids = tuple(_ids(process, register, resolver) for process in snapshot.ingress_metrics.processes)
    if is_full:
        known = {_identity(route.info) for route in catalogue.current_routes}
        left_out += sum(_identity(info) not in known for info in declared)
        return Resolved(catalogue, ids, is_changed=False, dropped=register.dropped, dropped_routes=left_out)
    is_newest = snapshot.taken_at >= catalogue.changed_at
    routes = _merged(catalogue.routes, declared, snapshot.taken_at) if is_newest else catalogue.routes
    if routes == catalogue.routes and register.next_id == catalogue.next_id:
        return Resolved(catalogue, ids, is_changed=False, dropped=register.dropped, dropped_routes=left_out)
    changed = Catalogue(
        version=catalogue.version + 1,
        changed_at=max(catalogue.changed_at, snapshot.taken_at),
        next_id=register.next_id,
        routes=_remembered(routes, snapshot.taken_at),
        entries=_remembered(register.entries(resolver if is_newest else None, snapshot.taken_at), snapshot.taken_at),
    )
    return Resolved(changed, ids, is_changed=True, dropped=register.dropped, dropped_routes=left_out)


def without_retired_routes(catalogue: Catalogue) -> Catalogue:
    """The catalogue in less room. Counts stay, because entries know their routes themselves."""
    return msgspec.structs.replace(catalogue, routes=tuple(catalogue.current_routes))


def _ids(process: ProcessMetrics, register: "_Register", resolver: "_Resolver") -> dict[SeriesName, int]:
    """The entry id of each series of a process."""
    points = process.entry_points or USUAL_ENTRY_POINTS
    found: dict[SeriesName, int] = {}
    for row in process.rows:
        routes = resolver.routes(row.router, row.service, points)
        entry_id = register.id_of((row.router, row.service), routes, process.bounds)
        if entry_id is not None:
            found[row.router, row.service] = entry_id
    return found


def entry_points_of(snapshot: Snapshot) -> tuple[str, ...]:
    """The entry points that the snapshot's processes name; the usual ones if an old agent names none."""
    named = {name for process in snapshot.ingress_metrics.processes for name in process.entry_points}
    return tuple(sorted(named)) or USUAL_ENTRY_POINTS


def _declared(catalogue: Catalogue, snapshot: Snapshot) -> tuple[tuple[IngressRouteInfo, ...], int]:
    """The snapshot's routes, and how many of them found no room. An incomplete list is joined with the known routes."""
    if snapshot.routes_complete:
        return snapshot.ingress_routes, 0
    known = {_identity(route.info): route.info for route in catalogue.current_routes}
    seen = {_identity(info): info for info in snapshot.ingress_routes}
    added = [info for key, info in seen.items() if key not in known]
    room = max(0, MAX_ROUTES - len(known))
    return (*(known | {key: seen[key] for key in seen if key in known}).values(), *added[:room]), len(added[room:])


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
    kept += sorted(retired, key=lambda route: -(route.retired_at or 0.0))[:MAX_RETIRED_ROUTES]
    return tuple(sorted(kept, key=lambda route: _identity(route.info)))


def _remembered[T: (Route, Entry)](items: Iterable[T], now: float) -> tuple[T, ...]:
    return tuple(item for item in items if item.retired_at is None or item.retired_at > now - FORGET_SECONDS)


_Index = dict[str, tuple[RouteId, ...]]


class _Resolver:
    """Finds the routes of a series by its name: first among declared rules, then among retired ones.

    Each index is made when it is asked for: mostly only that of the declared routers.
    """

    def __init__(self, declared: Iterable[IngressRouteInfo], known: Iterable[Route]) -> None:
        self._declared = list(declared)
        self._known = known

    @cached_property
    def _retired(self) -> list[IngressRouteInfo]:
        current = {_identity(info) for info in self._declared}
        return [route.info for route in self._known if _identity(route.info) not in current]

    @cached_property
    def _routers(self) -> _Index:
        return _index(self._declared, _router_keys)

    @cached_property
    def _retired_routers(self) -> _Index:
        return _index(self._retired, _router_keys)

    @cached_property
    def _own_services(self) -> _Index:
        return _index(self._declared, _own_service_keys)

    @cached_property
    def _borrowed_services(self) -> _Index:
        return _index(self._declared, _borrowed_service_keys)

    @cached_property
    def _retired_services(self) -> _Index:
        return _index(self._retired, _own_service_keys)

    def routes(self, router: str, service: str, entry_points: Collection[str]) -> tuple[RouteId, ...]:
        """Sorted; empty if no rule claims the series."""
        if router in self._routers:  # most are, and a router's own name goes first
            return self._routers[router]
        return _first(self._indexes(router, with_retired=True), router, service, entry_points)

    def declares(self, router: str, service: str, entry_points: Collection[str]) -> tuple[RouteId, ...]:
        """Like `routes`, but only among declared rules."""
        return _first(self._indexes(router, with_retired=False), router, service, entry_points)

    def _indexes(self, router: str, *, with_retired: bool) -> Iterator[_Index]:
        if router:
            yield self._routers
        else:
            yield self._own_services
            yield self._borrowed_services
        if with_retired:
            yield self._retired_routers if router else self._retired_services


def _first(indexes: Iterable[_Index], router: str, service: str, entry_points: Collection[str]) -> tuple[RouteId, ...]:
    """A router may be a copy that Traefik named after one of its entry points: a rule's own name goes first."""
    if not router:
        return next((index[service] for index in indexes if service in index), ())
    names = declared_names(router, entry_points)
    return next((index[name] for index, name in _pairs(indexes, names) if name in index), ())


def _pairs(indexes: Iterable[_Index], names: Iterator[str]) -> Iterator[tuple[_Index, str]]:
    """Every name in the first index, then in the next one. Most names are found at once, so the others are not made."""
    made: list[str] = []
    for position, index in enumerate(indexes):
        yield from ((index, name) for name in made) if position else ()
        for name in names:
            made.append(name)
            yield index, name


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
    """Keys `{ns}-{svc}-{port}@kubernetes`, Traefik's names for services of Ingresses: an Ingress takes precedence."""
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
    """Assigns an id to each (series name, routes, bounds)."""

    def __init__(self, catalogue: Catalogue, entry_points: Collection[str], most: int) -> None:
        self._entry_points = entry_points
        self._most = most
        self.next_id = catalogue.next_id
        self.dropped = 0
        self._imported = [entry for entry in catalogue.entries if entry.imported]
        self._entries = {
            (entry.name, entry.routes, entry.bounds): entry for entry in catalogue.entries if not entry.imported
        }
        self._seen: set[int] = set()

    def id_of(self, name: SeriesName, routes: tuple[RouteId, ...], bounds: Bounds) -> int | None:
        """The id of the series' entry. Adds an entry if there is none; None if there is no room for one."""
        key = (name, routes, bounds)
        if key not in self._entries:
            if len(self._entries) >= self._most:
                self.dropped += 1
                return None
            self._entries[key] = Entry(self.next_id, *name, routes, bounds)
            self.next_id += 1
        entry = self._entries[key]
        self._seen.add(entry.id)
        return entry.id

    def entries(self, resolver: _Resolver | None, now: float) -> Iterator[Entry]:
        """All entries by id. Entries whose mapping no longer holds are marked as retired."""
        for entry in sorted((*self._entries.values(), *self._imported), key=lambda entry: entry.id):
            if entry.imported:
                yield entry
                continue
            is_current = entry.id in self._seen or resolver is None or self._holds(entry, resolver)
            if is_current == (entry.retired_at is None):
                yield entry
            else:
                yield msgspec.structs.replace(entry, retired_at=None if is_current else now)

    def _holds(self, entry: Entry, resolver: _Resolver) -> bool:
        declared = resolver.declares(entry.router, entry.service, self._entry_points)
        return bool(entry.routes) and declared == entry.routes
