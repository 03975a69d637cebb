"""/api/v2/slo/...: who is told what, what was told, and who looks at an incident."""

import os
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.logging import correlation_paths

from slo.api.http import resolver
from slo.api.incident_answers import IncidentAnswer
from slo.api.notification_answers import (
    ChangesAnswer,
    ChannelAnswer,
    ChannelsAnswer,
    DeliveriesAnswer,
    MuteAnswer,
    MutesAnswer,
    NotificationsAnswer,
    SentAnswer,
)
from slo.api.notification_parameters import (
    ChangesParameters,
    ChannelBody,
    DeliveriesParameters,
    MuteBody,
    NotificationsBody,
)
from slo.api.operations import Operations, Reply
from slo.api.tokens import Grant, Scope
from slo.app.acknowledge import Acknowledge
from slo.app.channel_editor import ChannelEditor
from slo.app.deliveries import Deliveries
from slo.app.mutes import Mutes
from slo.app.notifications import Notifications, etag
from slo.app.stores import Stores
from slo.runtime import observability as names

stores = Stores(os.environ.get)
logger = names.logger("notifications")
app = resolver(logger, cors_origin=stores.cors_origin)
operations = Operations(app)
channels, notifications, mutes = ChannelEditor(stores), Notifications(stores), Mutes(stores)
deliveries, acknowledge = Deliveries(stores), Acknowledge(stores)
_MANAGE: tuple[Scope, ...] = ("manage",)
_NOT_FOUND = (HTTPStatus.NOT_FOUND,)
_NOT_FOUND_OR_CONFLICT = (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)


@operations.declare(
    "POST",
    "/api/v2/slo/incidents/<incident_id>/acknowledge",
    scopes=_MANAGE,
    problems=_NOT_FOUND_OR_CONFLICT,
)
def acknowledge_incident(cluster_id: str, incident_id: str, caller: Grant) -> IncidentAnswer:
    """Acknowledge an incident: someone is looking at it, and no reminders are sent."""
    acknowledged = acknowledge.incident(cluster_id, incident_id, by=caller.label)
    logger.info("incident acknowledged", extra={"cluster_id": cluster_id, "incident_id": incident_id})
    return acknowledged


@operations.declare("GET", "/api/v2/slo/channels")
def list_channels() -> ChannelsAnswer:
    """List the channels and their health."""
    return channels.all()


@operations.declare(
    "PUT",
    "/api/v2/slo/channels/<name>",
    scopes=_MANAGE,
    statuses=(HTTPStatus.OK, HTTPStatus.CREATED),
    problems=(HTTPStatus.UNPROCESSABLE_ENTITY,),
)
def set_channel(name: str, body: ChannelBody, caller: Grant) -> Reply[ChannelAnswer]:
    """Add a channel, or change it."""
    channel, is_new = channels.set(name, body, caller)
    logger.info("channel set", extra={"channel": name, "kind": channel.kind, "set_by": caller.label})
    return Reply(channel, HTTPStatus.CREATED if is_new else HTTPStatus.OK, "")


@operations.declare(
    "DELETE",
    "/api/v2/slo/channels/<name>",
    scopes=_MANAGE,
    statuses=(HTTPStatus.NO_CONTENT,),
    problems=_NOT_FOUND_OR_CONFLICT,
)
def delete_channel(name: str, caller: Grant) -> None:
    """Remove a channel with its address and secrets."""
    channels.remove(name, caller)
    logger.info("channel removed", extra={"channel": name, "set_by": caller.label})


@operations.declare(
    "POST",
    "/api/v2/slo/channels/<name>/test",
    scopes=_MANAGE,
    statuses=(HTTPStatus.ACCEPTED,),
    problems=_NOT_FOUND_OR_CONFLICT,
)
def test_channel(name: str, caller: Grant) -> SentAnswer:
    """Send a test message to a channel."""
    return channels.test(name, caller)


@operations.declare("GET", "/api/v2/slo/notifications")
def get_notifications(caller: Grant) -> Reply[NotificationsAnswer]:
    """Get the rules, quiet hours, digest and thresholds."""
    found = notifications.seen_by(caller)
    return Reply(found, HTTPStatus.OK, etag(found))


@operations.declare(
    "PUT",
    "/api/v2/slo/notifications",
    scopes=_MANAGE,
    problems=(HTTPStatus.PRECONDITION_FAILED, HTTPStatus.PRECONDITION_REQUIRED),
)
def set_notifications(body: NotificationsBody, if_match: str, caller: Grant) -> Reply[NotificationsAnswer]:
    """Replace the rules, quiet hours, digest and thresholds."""
    replaced = notifications.set(body, caller, if_match=if_match)
    logger.info("notifications set", extra={"version": replaced.version, "set_by": caller.label})
    return Reply(replaced, HTTPStatus.OK, etag(replaced))


@operations.declare("GET", "/api/v2/slo/notifications/changes")
def list_changes(asked: ChangesParameters, caller: Grant) -> ChangesAnswer:
    """List who changed channels, rules and mutes, newest first."""
    return notifications.changes(asked, caller)


@operations.declare("GET", "/api/v2/slo/mutes")
def list_mutes(caller: Grant) -> MutesAnswer:
    """List the mutes that hold now."""
    return mutes.seen_by(caller)


@operations.declare("POST", "/api/v2/slo/mutes", scopes=_MANAGE, statuses=(HTTPStatus.CREATED,))
def add_mute(body: MuteBody, caller: Grant) -> MuteAnswer:
    """Mute a subject until an end: nobody is told about it."""
    added = mutes.add(body, caller)
    logger.info("muted", extra={"mute_id": added.mute_id, "set_by": caller.label})
    return added


@operations.declare(
    "DELETE", "/api/v2/slo/mutes/<mute_id>", scopes=_MANAGE, statuses=(HTTPStatus.NO_CONTENT,), problems=_NOT_FOUND
)
def delete_mute(mute_id: str, caller: Grant) -> None:
    """End a mute now."""
    mutes.remove(mute_id, caller)
    logger.info("unmuted", extra={"mute_id": mute_id, "set_by": caller.label})


@operations.declare("GET", "/api/v2/slo/deliveries")
def list_deliveries(asked: DeliveriesParameters, caller: Grant) -> DeliveriesAnswer:
    """List what was told on the channels, newest first."""
    return deliveries.seen_by(asked, caller)


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST)
@names.traced
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Lambda's entry point."""
    return app.resolve(event, context)


names.started()
