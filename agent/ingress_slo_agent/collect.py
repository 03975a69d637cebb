"""Collects one snapshot. Routes and metrics are read in parallel, so a slow Kubernetes API never delays the scrapes."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple
from uuid import uuid4

from ingress_slo_agent import __version__
from ingress_slo_agent.certificates import expiring
from ingress_slo_agent.fetch import Limits
from ingress_slo_agent.fitting import fitting
from ingress_slo_agent.kubernetes_api import KubernetesApi, Object, RouteObjects
from ingress_slo_agent.routes import Observed, Routes, routes_from
from ingress_slo_agent.scrape import Scrape, metrics_of, scrape_all, targets_of
from ingress_slo_agent.settings import Settings, Traefik
from ingress_slo_agent.traefik_api import ApiError, ApiTarget, ApiView, api_targets, read_api
from ingress_slo_agent.traefik_options import options_of, providers_of, selectors_of
from ingress_slo_agent.traefik_pods import TraefikPods, traefik_pods
from slo.traefik.naming import USUAL_ENTRY_POINTS, declared_names
from slo.traefik.snapshots import MAX_WARNINGS, NO_ROUTER_LABELS, IngressMetrics, Snapshot, unreachable_warning
from slo.traefik.texts import with_printable_texts

_MAX_WARNING = 1000
_IN_THE_CLEAR = "The token is sent without TLS: ENDPOINT begins with http://. Use https://, and rotate the token."


class Collected(NamedTuple):
    """A snapshot and its sources, which `--capture` records."""

    snapshot: Snapshot
    objects: tuple[Object, ...]
    observed: Observed
    route_warnings: tuple[str, ...]
    """What the objects say that an operator should fix."""
    scrapes: list[Scrape]
    left_out: tuple[str, ...] = ()
    """What had to be left out, because no push would take it."""
    traefik: TraefikPods = TraefikPods()
    """Traefik's pods, and what an operator should know of others with their labels."""


class _Views(NamedTuple):
    """What Traefik's API told, and why an API that a setting names did not answer."""

    views: tuple[ApiView, ...] = ()
    failures: tuple[str, ...] = ()


def collect(
    api: KubernetesApi | None, settings: Settings, clock: Callable[[], float], *, keep_bodies: bool = False
) -> Collected:
    """Collect one snapshot. With `keep_bodies`, the scrapes keep the body of each answer.

    Without a Kubernetes API the routes come from Traefik's own API. Raises KubernetesError if Traefik's pods cannot be
    listed.
    """
    taken_at = clock()
    listed_pods = traefik_pods(api, settings.traefik) if api and not settings.traefik.urls else TraefikPods()
    pods = listed_pods.pods
    selectors = selectors_of(options_of(pods, settings.traefik))
    with ThreadPoolExecutor(max_workers=3) as pool:
        listed = pool.submit(api.route_objects, selectors) if api else None
        viewed = pool.submit(_views, api_targets(pods, settings.traefik), settings.traefik)
        scraped = pool.submit(scrape_all, targets_of(pods, settings.traefik), settings.traefik, keep_bodies=keep_bodies)
        scrapes, found, views = scraped.result(), listed.result() if listed else RouteObjects(), viewed.result()
    metrics = metrics_of(scrapes)
    routers = routers_in(metrics)
    options = options_of(pods, settings.traefik, routers)
    observed = Observed(options, found.selected, found.existing, views.views)
    routes = routes_from(found.objects, observed, routers)
    failures = (*found.warnings(providers_of(options)), *views.failures)
    advice = (_IN_THE_CLEAR,) if settings.server.shows_token else ()
    snapshot = Snapshot(
        cluster_id=settings.server.cluster_id,
        snapshot_id=uuid4().hex,
        agent_version=__version__,
        taken_at=taken_at,
        sent_at=taken_at,
        scope=settings.traefik.scope,
        ingress_routes=routes.infos,
        routes_complete=not failures,
        ingress_metrics=metrics,
        warnings=_warnings((*advice, *listed_pods.warnings, *failures), routes, metrics, scrapes),
        certificates=expiring(scrape.certificates for scrape in scrapes),
        promises=routes.promises if api else None,
    )
    fitted = fitting(with_printable_texts(snapshot))
    return Collected(fitted.snapshot, found.objects, observed, routes.warnings, scrapes, fitted.left_out, listed_pods)


def _views(targets: Iterable[ApiTarget], settings: Traefik) -> _Views:
    """Read every API at once. The views of those that answer are joined. Together they take as much as one scrape."""
    views: list[ApiView] = []
    failures: list[str] = []
    targets = list(targets)
    if not targets:
        return _Views()
    limits = Limits(settings.scrape_timeout_seconds, settings.max_exposition_bytes // len(targets))
    with ThreadPoolExecutor(max_workers=min(8, len(targets))) as pool:
        for target, read in [(target, pool.submit(read_api, target, limits)) for target in targets]:
            try:
                views.append(read.result())
            except ApiError as error:
                if target.is_asked_for:
                    failures.append(f"Traefik's API cannot be read: {error}. Its routes are kept as they were.")
    return _Views(tuple(views), tuple(failures))


def routers_in(metrics: IngressMetrics) -> frozenset[str]:
    """The routers in the metrics, as they may be declared."""
    return frozenset(
        name
        for process in metrics.processes
        for row in process.rows
        if row.router
        for name in declared_names(row.router, process.entry_points or USUAL_ENTRY_POINTS)
    )


def _warnings(
    failures: Iterable[str], routes: Routes, metrics: IngressMetrics, scrapes: list[Scrape]
) -> tuple[str, ...]:
    warnings = [*failures, *routes.warnings]
    if not scrapes:
        warnings.insert(0, "No running Traefik pod was found: check TRAEFIK_NAMESPACE and TRAEFIK_SELECTOR.")
    warnings += map(unreachable_warning, metrics.unreachable)
    if any(process.measured_by == "service" and process.rows for process in metrics.processes):
        warnings.append(NO_ROUTER_LABELS)
    return tuple(warning[:_MAX_WARNING] for warning in warnings[:MAX_WARNINGS])
