"""/api/v2/slo/targets: what is promised, read by readers and set by managers."""

import os
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.logging import correlation_paths

from slo.api.http import answer, cluster_of, grant, header, parameters, resolver
from slo.api.parameters import ClusterParameters, TargetBody, TargetParameters, read_body
from slo.app.stores import Stores
from slo.app.targets import TargetEditor, etag
from slo.runtime import observability as names
from slo.runtime.settings import load


@dataclass(frozen=True)
class Settings:
    """Environment of this function."""

    cors_origin: str = ""
    """The origin whose pages may call the API; empty for none but its own."""


settings = load(Settings, os.environ)
logger = names.logger("targets")
app = resolver(logger, cors_origin=settings.cors_origin)
editor = TargetEditor(Stores(os.environ.get))


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
