"""The domain report: each domain and its routes with current and previous figures, status and error budget."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import msgspec

from slo.counting.catalogue import Catalogue, Declaration, Entry, Route, RouteId
from slo.counting.columns import Figures
from slo.counting.histograms import Percentiles, percentiles
from slo.counting.ledger import Difference
from slo.objectives.burn_rates import Severity
from slo.objectives.error_budget import error_budget_remaining
from slo.objectives.metrics import Metrics, figures, histogram, metrics_of
from slo.objectives.objective import Objectives, ObjectiveSummary
from slo.objectives.status import LatencyShare, Status, latency_share, status
from slo.objectives.targets import Target
from slo.times import DAY_SECONDS, TimeRange, utc
from slo.traefik.naming import is_copy
from slo.traefik.snapshots import IngressRouteInfo, MeasuredBy

RETIRED_GRACE_SECONDS = DAY_SECONDS
"""A retired route with requests in the window stays listed this long. Queries by name find it while history is kept."""


class RuleFigures(msgspec.Struct, frozen=True):
    """What one rule of a route served."""

    rule: str
    """The Traefik router."""
    kind: str
    """Kind of the object that declares it."""
    namespace: str
    ingress_name: str
    service_name: str
    tls: bool
    total_requests: int
    total_errors: int
    availability: float | None


class RouteReport(msgspec.Struct, frozen=True, gc=False):
    """One route of a domain."""

    path_prefix: str
    ingress_name: str
    namespace: str
    service_key: str
    service_name: str
    service_port: int | str
    tls: bool
    rules: tuple[str, ...]
    """The Traefik routers that serve it."""
    not_counted: str
    """Why Traefik does not count its requests, and what to change; empty if it does."""
    measured_by: MeasuredBy | None
    """Null until the route has been measured."""
    shared: bool
    """Whether the figures include requests of other routes, which Traefik does not count separately."""
    shared_with: tuple[RouteId, ...]
    current: Metrics
    previous: Metrics
    targets: dict[str, Target]
    """What the figures are judged by, under the time range that was asked for."""
    objective: ObjectiveSummary | None
    """The objective that is followed; null for the preset, which nobody has promised."""
    latency: LatencyShare | None
    """How well the latency objective is met; null if none is set."""
    status: Status
    error_budget_remaining: float | None
    retired_at: datetime | None = None
    """When the route was retired; null while a rule declares it."""
    burning: Severity | None = None
    """The most severe alert of its burn rates that fires now, whatever the window's status says; null if none does."""


class DomainReport(msgspec.Struct, frozen=True, gc=False):
    """One domain, summed over its routes. A series that several routes share counts once."""

    domain: str
    tls: bool
    status: Status
    error_budget_remaining: float | None
    summary: Metrics
    previous: Metrics
    targets: dict[str, Target]
    """What the figures are judged by, under the time range that was asked for."""
    objective: ObjectiveSummary | None
    """The objective that is followed; null for the preset, which nobody has promised."""
    latency: LatencyShare | None
    routes: tuple[RouteReport, ...]
    burning: Severity | None = None
    """The most severe alert of its burn rates that fires now, whatever the window's status says; null if none does."""


class ServiceReport(msgspec.Struct, frozen=True):
    """A series that no route claims, under its own name."""

    service_key: str
    service_name: str
    measured_by: MeasuredBy
    current: Metrics
    previous: Metrics


class Report(msgspec.Struct, frozen=True):
    """All domains of a cluster, and the series that belong to none of them."""

    domains: tuple[DomainReport, ...]
    unattributed: tuple[ServiceReport, ...]


class Reporter:
    """Computes the reports of one cluster and time range from two differences of its ledger."""

    def __init__(
        self,
        catalogue: Catalogue,
        current: Difference,
        previous: Difference,
        *,
        time_range: TimeRange,
        objectives: Objectives,
        is_stale: bool = False,
        retired_grace_seconds: int = RETIRED_GRACE_SECONDS,
    ) -> None:
        self._entries, self._entries_of = catalogue.entries, catalogue.entries_of
        self._retired_grace_seconds = retired_grace_seconds
        self._current, self._previous = current, previous
        self._counted = current.counts.ids
        self._entries_of_domains: dict[str, tuple[Entry, ...]] = {}
        self._time_range, self._objectives, self._is_stale = time_range, objectives, is_stale
        self._known = catalogue.declarations
        self._listed = {
            domain: listed for domain, paths in self._known.items() if (listed := dict(self._listed_of(paths)))
        }

    @property
    def names(self) -> list[str]:
        """The listed domains by name, `*` last."""
        return list(self._listed)

    @property
    def known_names(self) -> list[str]:
        """The listed domains, and those that have only history left."""
        return list(self._known)

    def paths(self, domain: str) -> list[str]:
        """The paths of a known domain, `/` first."""
        return list(self._declarations(domain))

    def knows(self, domain: str, path_prefix: str) -> bool:
        """Whether a known domain has or had this path."""
        return path_prefix in self._known[domain]

    def _declarations(self, domain: str) -> dict[str, Declaration]:
        """By path: the listed ones, or all that a domain ever had if it is not listed."""
        return self._listed.get(domain) or self._known[domain]

    def entries(self, domain: str, path_prefix: str | None = None) -> Sequence[Entry]:
        """The entries that make up a domain or one of its routes, each once."""
        if path_prefix is not None:
            return self._entries_of.get((domain, path_prefix), ())
        found = self._entries_of_domains.get(domain)
        if found is None:
            parts = [self._entries_of.get((domain, path), ()) for path in self._declarations(domain)]
            found = tuple({entry.id: entry for entries in parts for entry in entries}.values())
            self._entries_of_domains[domain] = found
        return found

    def rules(self, domain: str, path_prefix: str) -> tuple[RuleFigures, ...]:
        """What each rule of a route served, in order of their names. Copies of a rule's router are summed."""
        infos = [route.info for route in self._declarations(domain)[path_prefix].routes]
        seen = figures(self.entries(domain, path_prefix), self._current)
        found = [_rule_figures(info, seen) for info in {info.router_keys[0]: info for info in infos}.values()]
        return tuple(sorted(found, key=lambda rule: rule.rule))

    def percentiles(self) -> Percentiles:
        """The percentiles of all listed domains together. A series that several domains share counts once."""
        entries = {entry.id: entry for domain in self.names for entry in self.entries(domain)}
        return percentiles(histogram(figures(entries.values(), self._current)))

    def report(self) -> Report:
        """All listed domains, and separately the series that no route claims."""
        return Report(
            domains=tuple(self.domain(name) for name in self.names),
            unattributed=tuple(
                self._service(entry) for entry in self._entries if not entry.routes and entry.id in self._counted
            ),
        )

    def domain(self, domain: str) -> DomainReport:
        """One domain with its routes, `/` first. Raises KeyError if the domain is unknown."""
        declarations, entries = self._declarations(domain), self.entries(domain)
        summary, previous = self._metrics(entries)
        target, objective = self._followed(domain)
        latency = self._latency(entries, target)
        return DomainReport(
            domain=domain,
            tls=any(declaration.tls for declaration in declarations.values()),
            status=self._status(
                summary,
                target,
                latency,
                is_counted=not all(declaration.not_counted for declaration in declarations.values()),
            ),
            error_budget_remaining=_remaining(summary, target),
            summary=summary,
            previous=previous,
            targets={self._time_range: target},
            objective=objective,
            latency=latency,
            routes=tuple(self._route(domain, path, declaration) for path, declaration in declarations.items()),
        )

    def _listed_of(self, paths: dict[str, Declaration]) -> Iterator[tuple[str, Declaration]]:
        for path, declaration in paths.items():
            if not declaration.has_retired:
                yield path, declaration
            elif listed := [route for route in declaration.routes if self._is_listed(route)]:
                yield path, Declaration.of(listed)

    def _is_listed(self, route: Route) -> bool:
        if route.retired_at is None:
            return True
        is_recent = route.retired_at > self._current.end - self._retired_grace_seconds
        return is_recent and any(entry.id in self._counted for entry in self.entries(*route.id))

    def _route(self, domain: str, path: str, declaration: Declaration) -> RouteReport:
        entries = self.entries(domain, path)
        current, previous = self._metrics(entries)
        target, objective = self._followed(domain, path)
        latency = self._latency(entries, target)
        is_alone = len(entries) == 1 and len(entries[0].routes) == 1  # as most are
        seen = entries if is_alone else self._counted_of(entries)
        shared_with = () if is_alone else _others(seen, (domain, path))
        first = declaration.first
        return RouteReport(
            path_prefix=path,
            ingress_name=first.info.name,
            namespace=first.info.namespace,
            service_key=first.info.service_key,
            service_name=first.info.service_name,
            service_port=first.info.service_port,
            tls=declaration.tls,
            rules=declaration.rules,
            not_counted=declaration.not_counted,
            measured_by=measured_by(seen),
            shared=bool(shared_with),
            shared_with=shared_with,
            current=current,
            previous=previous,
            targets={self._time_range: target},
            objective=objective,
            latency=latency,
            status=self._status(current, target, latency, is_counted=not declaration.not_counted),
            error_budget_remaining=_remaining(current, target),
            retired_at=None if first.retired_at is None else utc(first.retired_at),
        )

    def _counted_of(self, entries: Sequence[Entry]) -> Sequence[Entry]:
        """Those that served something, else the last one."""
        return [entry for entry in entries if entry.id in self._counted] or entries[-1:]

    def _followed(self, domain: str, path: str = "") -> tuple[Target, ObjectiveSummary | None]:
        followed = self._objectives.followed(domain, path)
        return followed.target, followed.objective

    def _service(self, entry: Entry) -> ServiceReport:
        current, previous = self._metrics([entry])
        return ServiceReport(entry.label, entry.display_name, entry.measured_by, current, previous)

    def _metrics(self, entries: Sequence[Entry]) -> tuple[Metrics, Metrics]:
        return metrics_of(entries, self._current), metrics_of(entries, self._previous)

    def _latency(self, entries: Iterable[Entry], target: Target) -> LatencyShare | None:
        if target.latency_objective is None:
            return None
        return latency_share(histogram(figures(entries, self._current)), target.latency_objective)

    def _status(self, current: Metrics, target: Target, latency: LatencyShare | None, *, is_counted: bool) -> Status:
        if self._is_stale:
            return "stale"
        return status(
            current.total_requests,
            current.total_errors,
            current.p95_latency,
            target,
            latency,
            is_lower_bound="p95_latency" in current.latency_lower_bounds,
            is_counted=is_counted,
        )


def _remaining(metrics: Metrics, target: Target) -> float | None:
    return error_budget_remaining(metrics.total_requests, metrics.total_errors, target)


def _others(seen: Sequence[Entry], own: RouteId) -> tuple[RouteId, ...]:
    """The other routes that some entries count for."""
    return tuple(sorted({route for entry in seen for route in entry.routes if route != own}))


def measured_by(seen: Sequence[Entry]) -> MeasuredBy | None:
    """How the last of these entries is measured. Imported entries matter only if there are no others."""
    if len(seen) == 1:
        return seen[0].measured_by
    latest = [entry for entry in seen if not entry.imported] or seen
    return latest[-1].measured_by if latest else None


def _rule_figures(info: IngressRouteInfo, seen: Iterable[tuple[Entry, Figures]]) -> RuleFigures:
    own = [each for entry, each in seen if _is_of(entry, info)]
    requests, errors = sum(each.requests for each in own), sum(each.errors for each in own)
    return RuleFigures(
        rule=info.router_keys[0],
        kind=info.kind,
        namespace=info.namespace,
        ingress_name=info.name,
        service_name=info.service_name,
        tls=info.tls,
        total_requests=requests,
        total_errors=errors,
        availability=(requests - errors) / requests if requests else None,
    )


def _is_of(entry: Entry, info: IngressRouteInfo) -> bool:
    return is_copy(entry.router, info.router_keys) if entry.router else entry.service in info.service_keys
