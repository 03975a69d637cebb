"""Collects one snapshot. Routes and metrics are read in parallel, so a slow Kubernetes API never delays the scrapes."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple
from uuid import uuid4

from ingress_slo_agent import __version__
from ingress_slo_agent.kubernetes_api import KubernetesApi, Object, RouteObjects
from ingress_slo_agent.routes import Routes, routes_from
from ingress_slo_agent.scrape import Scrape, metrics_of, scrape_all, targets_of
from ingress_slo_agent.settings import Settings
from slo.traefik.snapshots import NO_ROUTER_LABELS, IngressMetrics, Snapshot

_MAX_WARNINGS = 32
_MAX_WARNING = 1000


class Collected(NamedTuple):
    """A snapshot and its sources, which `--capture` records."""

    snapshot: Snapshot
    objects: list[Object]
    scrapes: list[Scrape]


def collect(
    api: KubernetesApi, settings: Settings, clock: Callable[[], float], *, keep_texts: bool = False
) -> Collected:
    """Collect one snapshot. With `keep_texts`, the scrapes keep the text of each answer.

    Raises KubernetesError if Traefik's pods cannot be listed.
    """
    taken_at = clock()
    with ThreadPoolExecutor(max_workers=2) as pool:
        listed = pool.submit(api.route_objects)
        scraped = pool.submit(_scrape, api, settings, keep_texts)
        scrapes = scraped.result()
        found = listed.result()
    routes = routes_from(found.objects, settings.traefik.ingress_class)
    metrics = metrics_of(scrapes)
    snapshot = Snapshot(
        cluster_id=settings.server.cluster_id,
        snapshot_id=uuid4().hex,
        agent_version=__version__,
        taken_at=taken_at,
        sent_at=taken_at,
        scope=settings.traefik.scope,
        ingress_routes=routes.infos,
        routes_complete=found.is_complete,
        ingress_metrics=metrics,
        warnings=_warnings(found, routes, metrics, scrapes),
    )
    return Collected(snapshot, found.objects, scrapes)


def _scrape(api: KubernetesApi, settings: Settings, keep_texts: bool) -> list[Scrape]:
    pods = [] if settings.traefik.urls else api.pods(settings.traefik)
    return scrape_all(targets_of(pods, settings.traefik), settings.traefik, keep_texts=keep_texts)


def _warnings(found: RouteObjects, routes: Routes, metrics: IngressMetrics, scrapes: list[Scrape]) -> tuple[str, ...]:
    warnings = [*found.warnings, *routes.warnings]
    if not scrapes:
        warnings.insert(0, "No running Traefik pod was found: check TRAEFIK_NAMESPACE and TRAEFIK_SELECTOR.")
    warnings += [f"Pod {pod.pod} could not be scraped: {pod.error}" for pod in metrics.unreachable]
    if any(process.measured_by == "service" and process.rows for process in metrics.processes):
        warnings.append(NO_ROUTER_LABELS)
    return tuple(warning[:_MAX_WARNING] for warning in warnings[:_MAX_WARNINGS])
