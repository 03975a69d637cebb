"""POST /api/v2/clusters/{cluster_id}/snapshots: takes in what an agent saw."""

import os
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.metrics import MetricUnit

from slo.api.http import answer, binary_body, grant, resolver
from slo.app.ingest import Ingest
from slo.app.stores import Stores
from slo.errors import CallerError
from slo.runtime import observability as names

logger = names.logger("ingest")
metrics = names.metrics("ingest")
app = resolver(logger)
ingest = Ingest(Stores(os.environ.get))


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
