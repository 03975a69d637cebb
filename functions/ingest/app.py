"""POST /api/v2/clusters/{cluster_id}/snapshots: stores an agent's snapshot."""

import os
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.logging import correlation_paths

from slo.api.http import resolver
from slo.api.operations import Operations
from slo.app.ingest import Accepted, Ingest
from slo.app.stores import Stores
from slo.runtime import observability as names

logger = names.logger("ingest")
app = resolver(logger, prefixes=("/push",))
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
    accepted = ingest.accept(cluster_id, body)
    said = {"cluster_id": cluster_id, "snapshot_id": accepted.snapshot_id}
    logger.info("accepted", extra={**said, "stored": accepted.stored, "late": accepted.is_late})
    if accepted.entry_points:
        logger.warning("entry points dropped: update the agent", extra={**said, "rows": accepted.entry_points})
    return accepted


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST)
@names.traced
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Lambda's entry point."""
    return app.resolve(event, context)


names.started()
