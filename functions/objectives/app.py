"""/api/v2/slo/objectives and /api/v2/slo/exclusions: reads and changes what is promised, and what does not count."""

import os
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.logging import correlation_paths

from slo.api.http import resolver
from slo.api.objective_answers import (
    ExclusionAnswer,
    ExclusionsAnswer,
    ObjectiveAnswer,
    ObjectiveChangesAnswer,
    ObjectivesAnswer,
)
from slo.api.operations import Operations, Reply
from slo.api.parameters import (
    ExclusionBody,
    ObjectiveBody,
    ObjectiveChangesParameters,
    ObjectiveParameters,
    OneOrAllClusters,
)
from slo.api.tokens import Grant, Scope
from slo.app.exclusions import ExclusionEditor
from slo.app.objectives import ObjectiveEditor, etag
from slo.app.stores import Stores
from slo.runtime import observability as names

stores = Stores(os.environ.get)
logger = names.logger("objectives")
app = resolver(logger, cors_origin=stores.cors_origin)
operations = Operations(app)
editor, exclusions = ObjectiveEditor(stores), ExclusionEditor(stores)
_MANAGE: tuple[Scope, ...] = ("manage",)
_EDITED = (HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED, HTTPStatus.PRECONDITION_REQUIRED)
_ONE = "/api/v2/slo/objectives/<objective>"


@operations.declare("GET", "/api/v2/slo/objectives", clusters=OneOrAllClusters)
def list_objectives(cluster_id: str) -> ObjectivesAnswer:
    """List the objectives that hold in a cluster: its own, and those of all clusters."""
    return editor.all(cluster_id)


@operations.declare("GET", "/api/v2/slo/objective-changes")
def list_objective_changes(cluster_id: str, asked: ObjectiveChangesParameters) -> ObjectiveChangesAnswer:
    """List who set which objective, newest first."""
    return editor.changes(cluster_id, asked)


@operations.declare("PUT", _ONE, scopes=_MANAGE, statuses=(HTTPStatus.OK, HTTPStatus.CREATED), problems=_EDITED)
def set_objective(
    cluster_id: str, objective: str, asked: ObjectiveParameters, body: ObjectiveBody, if_match: str, caller: Grant
) -> Reply[ObjectiveAnswer]:
    """Set an objective for all clusters, a cluster, a domain or a route."""
    saved, is_new = editor.set(cluster_id, objective, asked, body, if_match=if_match, set_by=caller.label)
    logger.info("objective set", extra={"cluster_id": cluster_id, "objective": objective, "set_by": saved.set_by})
    return Reply(saved, HTTPStatus.CREATED if is_new else HTTPStatus.OK, etag(saved))


@operations.declare(
    "DELETE",
    _ONE,
    scopes=_MANAGE,
    statuses=(HTTPStatus.NO_CONTENT,),
    problems=(HTTPStatus.NOT_FOUND, *_EDITED),
)
def delete_objective(cluster_id: str, objective: str, asked: ObjectiveParameters, if_match: str, caller: Grant) -> None:
    """Delete an objective; another one of the subject, or of the next more general one, is followed then."""
    editor.delete(cluster_id, objective, asked, if_match=if_match, set_by=caller.label)
    logger.info("objective deleted", extra={"cluster_id": cluster_id, "objective": objective, "set_by": caller.label})


@operations.declare("GET", "/api/v2/slo/exclusions", clusters=OneOrAllClusters)
def list_exclusions(cluster_id: str) -> ExclusionsAnswer:
    """List the times that do not count for objectives in a cluster: its own, and those of all clusters."""
    return exclusions.all(cluster_id)


@operations.declare("POST", "/api/v2/slo/exclusions", scopes=_MANAGE, statuses=(HTTPStatus.CREATED,))
def add_exclusion(cluster_id: str, asked: ObjectiveParameters, body: ExclusionBody, caller: Grant) -> ExclusionAnswer:
    """Exclude a time from the objectives of all clusters, a cluster, a domain or a route."""
    made = exclusions.add(cluster_id, asked, body, set_by=caller.label)
    logger.info("excluded", extra={"cluster_id": cluster_id, "id": made.exclusion_id, "set_by": made.set_by})
    return made


@operations.declare(
    "DELETE",
    "/api/v2/slo/exclusions/<exclusion_id>",
    scopes=_MANAGE,
    clusters=OneOrAllClusters,
    statuses=(HTTPStatus.NO_CONTENT,),
    problems=(HTTPStatus.NOT_FOUND,),
)
def delete_exclusion(cluster_id: str, exclusion_id: str, caller: Grant) -> None:
    """Undo an exclusion: the figures are what they were before."""
    exclusions.delete(cluster_id, exclusion_id, set_by=caller.label)
    logger.info("included", extra={"cluster_id": cluster_id, "id": exclusion_id, "set_by": caller.label})


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST)
@names.traced
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Lambda's entry point."""
    return app.resolve(event, context)


names.started()
