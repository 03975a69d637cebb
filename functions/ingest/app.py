"""POST /api/v2/clusters/{cluster_id}/snapshots: takes in what an agent saw."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.metrics import MetricUnit

from slo import observability as names
from slo.app.ingest import Ingest
from slo.errors import CallerError
from slo.http import answer, binary_body, grant, resolver
from slo.settings import load
from slo.store.catalogues import CatalogueItem, CatalogueStore
from slo.store.clusters import ClusterItem, ClusterStore
from slo.store.raw import RawItem, RawStore
from slo.store.route_map import RouteMap, RouteMapItem
from slo.store.tables import Tables


@dataclass(frozen=True)
class Settings:
    """Environment of this function."""

    aws_region: str
    catalogue_table: str
    clusters_table: str
    raw_table: str
    route_map_table: str
    cutoff_delay_seconds: int
    aws_endpoint_url: str = ""
    """URL of an emulator; empty for AWS."""


def ingest_of(settings: Settings, clock: Callable[[], float]) -> Ingest:
    """The use case, with its stores."""
    tables = Tables(settings.aws_region, settings.aws_endpoint_url)
    return Ingest(
        catalogues=CatalogueStore(tables.bind(CatalogueItem, settings.catalogue_table)),
        route_map=RouteMap(tables.bind(RouteMapItem, settings.route_map_table)),
        raw=RawStore(tables.bind(RawItem, settings.raw_table)),
        clusters=ClusterStore(tables.bind(ClusterItem, settings.clusters_table)),
        cutoff_delay_seconds=settings.cutoff_delay_seconds,
        clock=clock,
    )


logger = names.logger("ingest")
metrics = names.metrics("ingest")
app = resolver(logger)
ingest = ingest_of(load(Settings, os.environ), time.time)


@app.post("/api/v2/clusters/<cluster_id>/snapshots")
def push(cluster_id: str) -> Response[str]:
    """Keep a snapshot; the same one again is harmless."""
    caller = grant(app)
    caller.require("ingest")
    caller.require_cluster(cluster_id)
    try:
        accepted = ingest.accept(cluster_id, binary_body(app))
    except CallerError:
        metrics.add_metric(names.SNAPSHOTS_REFUSED, MetricUnit.Count, 1)
        raise
    metrics.add_metric(names.SNAPSHOTS_ACCEPTED, MetricUnit.Count, 1)
    # The metric's own line says whose it is: a second one would be half of all that is logged.
    for name, value in (("cluster_id", cluster_id), ("snapshot_id", accepted.snapshot_id), ("stored", accepted.stored)):
        metrics.add_metadata(name, value)
    metrics.add_metadata("request_id", app.current_event.request_context.request_id)
    if accepted.entry_points:
        logger.warning(
            "entry points dropped: update the agent",
            extra={"cluster_id": cluster_id, "snapshot_id": accepted.snapshot_id, "rows": accepted.entry_points},
        )
    if accepted.is_late:
        metrics.add_metric(names.SNAPSHOTS_LATE, MetricUnit.Count, 1)
    return answer(accepted, HTTPStatus.ACCEPTED)


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST)
@names.traced
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Lambda's entry point."""
    return app.resolve(event, context)


names.started()
