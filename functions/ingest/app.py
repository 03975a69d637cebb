"""POST /api/v2/clusters/{cluster_id}/snapshots: stores an agent's snapshot."""

import os
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.metrics import MetricUnit

from slo.api.http import resolver
from slo.api.operations import Operations
from slo.app.ingest import Accepted, Ingest
from slo.app.stores import Stores
from slo.errors import CallerError
from slo.runtime import observability as names

logger = names.logger("ingest")
metrics = names.metrics("ingest")
app = resolver(logger)
operations = Operations(app)
ingest = Ingest(Stores(os.environ.get))


@operations.declare(
    "POST",
    "/api/v2/clusters/<cluster_id>/snapshots",
    scopes=("ingest",),
    statuses=(HTTPStatus.ACCEPTED,),
    problems=(
        HTTPStatus.NOT_FOUND,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        HTTPStatus.SERVICE_UNAVAILABLE,
    ),
)
def push_snapshot(cluster_id: str, body: bytes) -> Accepted:
    """Push a snapshot; pushing it again has no effect."""
    try:
        accepted = ingest.accept(cluster_id, body)
    except CallerError:
        metrics.add_metric(names.SNAPSHOTS_REFUSED, MetricUnit.Count, 1)
        raise
    metrics.add_metric(names.SNAPSHOTS_ACCEPTED, MetricUnit.Count, 1)
    # The metric's log line carries the ids. A second line for each push would double the log volume.
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
    return accepted


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST)
@names.traced
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Lambda's entry point."""
    return app.resolve(event, context)


names.started()
