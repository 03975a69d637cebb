"""/api/v2/slo/targets: reads, sets and deletes targets."""

import os
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.logging import correlation_paths

from slo.api.answers import TargetAnswer, TargetsAnswer
from slo.api.http import resolver
from slo.api.operations import Operations, Reply
from slo.api.parameters import TargetBody, TargetParameters
from slo.api.tokens import Grant, Scope
from slo.app.stores import Stores
from slo.app.targets import TargetEditor, etag
from slo.runtime import observability as names

stores = Stores(os.environ.get)
logger = names.logger("targets")
app = resolver(logger, cors_origin=stores.cors_origin)
operations = Operations(app)
editor = TargetEditor(stores)
_MANAGE: tuple[Scope, ...] = ("manage",)
_EDITED = (HTTPStatus.PRECONDITION_FAILED, HTTPStatus.PRECONDITION_REQUIRED)


@operations.declare("GET", "/api/v2/slo/targets")
def list_targets(cluster_id: str) -> TargetsAnswer:
    """List the targets of a cluster."""
    return editor.all(cluster_id)


@operations.declare(
    "PUT", "/api/v2/slo/targets", scopes=_MANAGE, statuses=(HTTPStatus.OK, HTTPStatus.CREATED), problems=_EDITED
)
def set_target(
    cluster_id: str, asked: TargetParameters, body: TargetBody, if_match: str, caller: Grant
) -> Reply[TargetAnswer]:
    """Set a target for a cluster, a domain or a route."""
    target, is_new = editor.set(cluster_id, asked, body, if_match=if_match, set_by=caller.label)
    logger.info("target set", extra={"cluster_id": cluster_id, "set_by": target.set_by, "version": target.version})
    return Reply(target, HTTPStatus.CREATED if is_new else HTTPStatus.OK, etag(target))


@operations.declare(
    "DELETE",
    "/api/v2/slo/targets",
    scopes=_MANAGE,
    statuses=(HTTPStatus.NO_CONTENT,),
    problems=(HTTPStatus.NOT_FOUND, *_EDITED),
)
def delete_target(cluster_id: str, asked: TargetParameters, if_match: str, caller: Grant) -> None:
    """Delete a target; the next more general one applies again."""
    editor.delete(cluster_id, asked, if_match=if_match)
    logger.info("target deleted", extra={"cluster_id": cluster_id, "set_by": caller.label})


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST)
@names.traced
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Lambda's entry point."""
    return app.resolve(event, context)


names.started()
