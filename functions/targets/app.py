"""/api/v2/slo/targets: what is promised, read by readers and set by managers."""

import os
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.logging import correlation_paths

from slo import observability as names
from slo.app.targets import TargetEditor, etag
from slo.http import answer, cluster_of, grant, header, parameters, resolver
from slo.parameters import ClusterParameters, TargetBody, TargetParameters, read_body
from slo.settings import load
from slo.store.tables import Tables
from slo.store.targets import TargetItem, TargetStore


@dataclass(frozen=True)
class Settings:
    """Environment of this function."""

    aws_region: str
    targets_table: str
    cors_origin: str = ""
    """The origin whose pages may call the API; empty for none but its own."""
    aws_endpoint_url: str = ""
    """URL of an emulator; empty for AWS."""


settings = load(Settings, os.environ)
logger = names.logger("targets")
app = resolver(logger, cors_origin=settings.cors_origin)
tables = Tables(settings.aws_region, settings.aws_endpoint_url)
editor = TargetEditor(TargetStore(tables.bind(TargetItem, settings.targets_table)), time.time)


@app.get("/api/v2/slo/targets")
def targets() -> Response[str]:
    """All targets of a cluster."""
    asked = parameters(app, ClusterParameters)
    return answer(editor.all(cluster_of(app, asked, "read", "manage")))


@app.put("/api/v2/slo/targets")
def set_target() -> Response[str]:
    """Set a target; over an existing one only with its version."""
    asked = parameters(app, TargetParameters)
    cluster_id = cluster_of(app, asked, "manage")
    body = read_body(TargetBody, (app.current_event.decoded_body or "").encode())
    target, is_new = editor.set(cluster_id, asked, body, if_match=header(app, "If-Match"), set_by=grant(app).label)
    logger.info("target set", extra={"cluster_id": cluster_id, "set_by": target.set_by, "version": target.version})
    return answer(target, HTTPStatus.CREATED if is_new else HTTPStatus.OK, etag=etag(target))


@app.delete("/api/v2/slo/targets")
def delete_target() -> Response[str]:
    """Delete a target; the next one up holds again."""
    asked = parameters(app, TargetParameters)
    cluster_id = cluster_of(app, asked, "manage")
    editor.delete(cluster_id, asked, if_match=header(app, "If-Match"))
    logger.info("target deleted", extra={"cluster_id": cluster_id, "set_by": grant(app).label})
    return Response(int(HTTPStatus.NO_CONTENT), None, "", headers={"Cache-Control": "no-store"})


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST)
@names.traced
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Lambda's entry point."""
    return app.resolve(event, context)


names.started()
